"""Moves on the queue in words, in any chat: a list of changes first, Apply, and Undo."""

from datetime import datetime, timedelta

import pytest

from models.post import Target
from models.series import Series
from tests.support.talking import SEEN, Shown, Somebody, a_photo
from tests.support.town import BERLIN, Town
from tests.support.waiting import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODES = ("telegram", "slack-socket")
"""What is said comes in by one of Slack's doors as by the other."""

TUESDAY = 1


class Week:
    """A week that begins on a Tuesday at ten in Berlin, and who planned something in it."""

    def __init__(self, town: Town, dana: Somebody, tuesday: datetime) -> None:
        self.town = town
        self.dana = dana
        self._tuesday = tuesday

    def day(self, ahead: int, clock: str, between: str = " ") -> str:
        """Return a time of it as it is shown, so many days after Tuesday."""
        day = self._tuesday + timedelta(days=ahead)
        year = f" {day.year}" if day.year != self._tuesday.year else ""
        return f"{day:%a} {day.day} {day:%b}{year}{between}{clock}"

    def wall(self, ahead: int, clock: str) -> str:
        """Return a time of it as it is kept."""
        return f"{self._tuesday + timedelta(days=ahead):%Y-%m-%d}T{clock}"

    async def walls(self) -> dict[int, str]:
        """Return the wall clock of each post that is planned."""
        posts = await self.town.posts(self.dana)
        return {one.number: one.wall_time[:16] for one in posts if one.stage == "committed"}


async def planned(town: Town, *phrases: str, locale: str = "en") -> Week:
    """Have a post for each phrase, numbered from 1, in a week of its own."""
    tuesday = town.next_week(TUESDAY)
    dana = await town.settled(locale=locale)
    state = {"en": "Scheduled", "de": "Geplant"}[locale]
    for number, phrase in enumerate(phrases, start=1):
        await dana.sends(a_photo(number), words=f"Menu {number}\n{phrase}")
        await dana.sees(f"🗓 {state} #{number}")
    return Week(town, dana, tuesday)


async def test_a_move_is_listed_applied_and_undone_after_a_restart(town: Town) -> None:
    week = await planned(town, "tomorrow 9am", "tomorrow 15:00")
    dana, before = week.dana, await week.walls()

    shown = await dana.is_told("move 1 to friday 10am", "1 post would change")
    assert f"#1 {week.day(1, '09:00')} → {week.day(3, '10:00')}" in shown.text
    assert shown.buttons == ("Apply", "Cancel")
    assert await week.walls() == before

    await dana.presses(shown, "Apply")
    done = await dana.sees_at(shown, "Done:")
    assert await week.walls() == {1: week.wall(3, "10:00"), 2: before[2]}
    await town.world.restart()
    await dana.presses(done, "Undo")

    await dana.sees_at(shown, f"#1 is back: {week.day(1, '09:00')}")
    assert await week.walls() == before


async def test_swap_push_questions_and_what_is_not_understood(town: Town) -> None:
    week = await planned(town, "tomorrow 9am", "tomorrow 15:00")
    dana = week.dana

    swap = await dana.is_told("swap 1 and 2", "2 posts would change")
    await dana.presses(swap, "Apply")
    await dana.sees_at(swap, "Done, 2 changes:")
    assert await week.walls() == {1: week.wall(1, "15:00"), 2: week.wall(1, "09:00")}

    push = await dana.is_told("push everything tomorrow by 1 day", "2 posts would change")
    assert f"#2 {week.day(1, '09:00')} → {week.day(2, '09:00')}" in push.text
    await dana.presses(push, "Cancel")
    await dana.sees_at(push, "nothing was changed")

    which = await dana.is_told("move 2 to friday 9", "Which one?")
    friday = [week.day(3, clock, ", ") for clock in ("09:00", "21:00")]
    assert which.buttons == (*friday, "Cancel")
    await dana.presses(which, friday[1])
    listed = await dana.sees_at(which, f"#2 {week.day(1, '09:00')} → {week.day(3, '21:00')}")
    await dana.presses(listed, "Apply")
    await dana.sees_at(which, "Done:")

    await dana.is_told("move 2 and 99 to 16:00", "#99: I do not know that post.")
    await dana.is_told("move 2 to friday 16:00 blurp", "did not understand “blurp”")
    await dana.is_told("move all the furniture out of the way please", "I post photos and videos")
    past = await dana.is_told("bring everything forward 3 weeks", "Nothing that is planned")
    assert "has passed" in past.text
    assert past.buttons == ()
    assert (await week.walls())[2] == week.wall(3, "21:00")


async def test_a_list_that_is_no_longer_true_is_drawn_again_and_nothing_is_half_done(
    town: Town,
) -> None:
    week = await planned(town, "in 20 minutes", "tomorrow 15:00")
    dana = week.dana
    shown = await dana.is_told("push everything 2h", "2 posts would change")
    before = await week.walls()

    town.pass_time(minutes=21)
    await town.until_published(dana)
    await dana.sees("✅ Published #1")
    told = await dana.presses(shown, "Apply")

    assert "Something changed meanwhile" in told
    fresh = await dana.sees_at(shown, "1 post would change")
    assert "#1" not in fresh.text
    assert await week.walls() == before
    await dana.presses(fresh, "Apply")
    done = await dana.sees_at(shown, "Done:")
    assert (await week.walls())[2] == week.wall(1, "17:00")

    town.pass_time(minutes=11)
    assert "over" in await dana.presses(done, "Undo")
    await dana.sees(lambda one: one.key == shown.key and not one.buttons)
    assert (await week.walls())[2] == week.wall(1, "17:00")


async def test_a_pause_holds_everything_until_its_end_and_resume_ends_it_early(
    town: Town,
) -> None:
    week = await planned(town, "thursday 9:00", "friday 12:00", "next tuesday 9:00")
    dana = week.dana
    await dana.sends(a_photo(4), words="Soup\nevery day at 18:30")
    card = await dana.sees("🔁 Series S1")
    before = await week.walls()
    team = (await town.member(dana)).team_id

    until = await dana.is_told("pause all", "Until when")
    await dana.writes("monday")
    shown = await dana.sees_at(until, f"What is planned before {week.day(6, '00:00', ', ')}")
    assert f"#1 {week.day(2, '09:00')} → {week.day(6, '09:00')}" in shown.text
    assert f"#2 {week.day(3, '12:00')} → {week.day(7, '12:00')}" in shown.text
    assert "S1: 6 posts are left out" in shown.text
    assert f"It goes on {week.day(6, '18:30', ', ')}." in shown.text
    assert "#3 " not in shown.text
    await dana.presses(shown, "Apply")
    await dana.sees_at(until, "Done, 3 changes")
    waiting = Target.filter(state="scheduled", post__team_id=team)
    assert not await waiting.filter(wall_time__lt=week.wall(6, "00:00"))
    assert len((await Series.get(number=1, team_id=team)).skipped) == 6

    town.pass_time(days=2, hours=1)
    back = await dana.is_told("resume", "would change")
    assert f"#1: stays at {week.day(6, '09:00')}, its own time has passed." in back.text
    assert f"#2 {week.day(7, '12:00')} → {week.day(3, '12:00')}" in back.text
    assert "S1: 4 posts go out after all" in back.text
    await dana.presses(back, "Apply")
    await dana.sees_at(back, "Done, 2 changes")

    assert {n: wall for n, wall in (await week.walls()).items() if n <= 3} == {
        1: week.wall(6, "09:00"),
        2: before[2],
        3: before[3],
    }
    assert len((await Series.get(number=1, team_id=team)).skipped) == 2
    assert until.key != back.key
    await dana.sees_at(until, "The pause is over.")
    await dana.commands("resume")
    await dana.sees("Nothing is paused.")
    await dana.presses(card, "End")
    await dana.presses(await dana.sees("End S1?"), "Yes, end it")
    await dana.sees("🏁 Series S1, ended")


async def test_b17_plain_words_to_a_card_change_it_and_can_be_undone(town: Town) -> None:
    week = await planned(town, "thursday 9:00")
    dana = week.dana
    card = await dana.sees("🗓 Scheduled #1")

    async def said(words: str, shown: str) -> Shown:
        reply = await dana.replies(card, words)
        return await dana.sees(shown, after=reply)

    moved = await said("make it 10am", f"#1: 09:00 → {week.day(2, '10:00', ', ')}")
    assert moved.buttons == ("Undo",)
    await dana.presses(moved, "Undo")
    await dana.sees_at(moved, f"#1 is back: {week.day(2, '09:00')}")
    assert await week.walls() == {1: week.wall(2, "09:00")}

    thursday, friday = week.day(2, "09:00", ", "), week.day(3, "09:00", ", ")
    await said("move to friday", f"#1: {thursday} → {friday}")
    await said("half an hour later", f"#1: 09:00 → {week.day(3, '09:30', ', ')}")
    later = datetime.fromisoformat(week.wall(3, "11:30")).replace(tzinfo=BERLIN)
    await dana.sets_time(card, "2 hours later", later)
    await dana.sees(f"#1: 09:30 → {week.day(3, '11:30', ', ')}")
    await said("sat 18:30", f"→ {week.day(4, '18:30', ', ')}")
    await said("also on Threads", "Threads: I cannot post there yet")
    await dana.replies(card, "make it 10")
    asks = await dana.sees_at(card, "That can mean more than one time")
    morning, evening = (week.day(4, clock, ", ") for clock in ("10:00", "22:00"))
    assert {morning, evening} <= set(asks.buttons)
    await dana.presses(asks, morning)
    await dana.sees_at(card, f"{morning} (Europe/Berlin)")

    await dana.replies(card, "add #soup #cafe")
    await dana.sees_at(card, "Menu 1 #soup #cafe")
    await dana.replies(card, "caption: Brand: new\n\nmenu")
    await dana.sees_at(card, "Brand: new\n\nmenu")
    await said("pause until monday", f"What is planned before {week.day(6, '00:00', ', ')}")
    await dana.replies(card, "cancel it")
    await dana.sees_at(card, "🗑 Cancelled #1")


async def test_b45_a_german_rearranges_in_german_and_a_team_by_mention_and_command(
    town: Town,
) -> None:
    week = await planned(town, "donnerstag 9:00", "freitag 9:00", locale="de")
    jens = week.dana

    shown = await jens.is_told("tausche 1 und 2", "2 Posts würden sich ändern:")
    assert shown.buttons == ("Anwenden", "Abbrechen")
    await jens.presses(shown, "Anwenden")
    await jens.sees_at(shown, "Erledigt, 2 Änderungen:")
    assert await week.walls() == {1: week.wall(3, "09:00"), 2: week.wall(2, "09:00")}

    await jens.sends(a_photo(3), words="Suppe\njeden Tag um 18:30")
    series = await jens.sees("Jeden Tag um 18:30 (Europe/Berlin) ab Di., ")
    await jens.replies(series, "mach 19:15 draus")
    await jens.sees_at(series, "Jeden Tag um 19:15")
    await jens.replies(series, "pausiere")
    await jens.sees_at(series, "⏸ Serie S1")
    card = await jens.sees("🗓 Geplant #2")
    await jens.replies(card, "sag ab")
    gone = await jens.sees_at(card, "🗑 Abgesagt #2")
    await jens.presses(gone, "Zurücknehmen")
    await jens.sees_at(card, "🗓 Geplant #2")

    (here,) = town.room("Cafe team", jens)
    await here.writes("verschiebe alles um 1 Stunde", is_said_to_us=False)
    listed = await here.is_told("verschiebe alles um 2 Stunden", " 09:00 → ")
    assert " 11:00" in listed.text
    await here.presses(listed, "Anwenden")
    await here.sees_at(listed, "Erledigt, 2 Änderungen:")
    moved = await week.walls()
    assert (moved[1], moved[2]) == (week.wall(3, "11:00"), week.wall(2, "11:00"))
    await here.commands("pause bis Montag")
    await here.sees(", 00:00 (Europe/Berlin) geplant ist, wartet:")
    await here.commands("move 2 auf Samstag")
    await here.sees("→ Sa., ")
    assert len(here.shown()) == 3


async def test_words_in_answer_to_a_note_are_taken_for_its_post_and_marked(town: Town) -> None:
    week = await planned(town, "tomorrow 9am")
    dana = week.dana
    card = await dana.sees("🗓 Scheduled #1")
    said = await dana.replies(card, "make it 10am")
    note = await dana.sees(f"→ {week.day(1, '10:00', ', ')}", after=said)

    words = await dana.replies(note, "caption: Soup of the day")

    await dana.sees_at(card, "Soup of the day")
    assert [one.caption for one in await town.posts(dana)] == ["Soup of the day"]
    await wait_until(lambda: SEEN in dana.receipts(words), what="a sign that they were taken")


async def test_a_draft_that_is_moved_shows_no_words_that_its_time_is_not_from(town: Town) -> None:
    week = await planned(town)
    dana = week.dana
    await dana.sends(a_photo(1), words="Mugs\ntomorrow 9")
    await dana.sees("can mean more than one time")

    words = await dana.writes("move #1 to friday 10:00")

    card = await dana.sees("🗓 Scheduled #1")
    assert week.day(3, "10:00", ", ") in card.text
    assert "from “tomorrow 9”" not in card.text
    await wait_until(lambda: SEEN in dana.receipts(words), what="a sign that they were taken")


async def test_the_word_about_a_cancelled_post_can_undo_it(town: Town) -> None:
    week = await planned(town, "tomorrow 9am")
    dana = week.dana

    await dana.commands("cancel")
    await dana.presses(await dana.sees("#1 is cancelled"), "Undo")

    await dana.sees("🗓 Scheduled #1")
    assert await week.walls() == {1: week.wall(1, "09:00")}
    helped = await dana.is_told("what is this?", "I post photos and videos")
    assert helped.buttons == ("How do I post?", "What is planned?")
