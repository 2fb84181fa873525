"""Moves on the queue in words: a list of changes first, Apply, and Undo; plain words to a card."""

from datetime import UTC, datetime, timedelta

from models.post import Post, Target
from models.series import Series
from sandbox.telegram.media import a_jpeg
from sandbox.telegram.people import Person
from sandbox.telegram.view import Seen
from tests.support.waiting import wait_until
from tests.support.world import World, plain

TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


async def planned(world: World, *phrases: str) -> None:
    """Have a post for each phrase, numbered from 1, on a Tuesday at ten in Berlin."""
    world.clock.set(TUESDAY)
    await world.settle_in()
    await world.connect()
    for number, phrase in enumerate(phrases, start=1):
        await world.dana.sends_photo(a_jpeg(), f"Menu {number}\n{phrase}")
        await world.card(f"🗓 Scheduled #{number}")


async def walls() -> dict[int, str]:
    """The wall clock of each post that is planned."""
    posts = await Post.filter(stage="committed").order_by("number")
    return {post.number: post.wall_time[:16] for post in posts}


async def asked(world: World, words: str, shown: str, person: Person | None = None) -> Seen:
    """Write *words* and wait for the answer that shows *shown*."""
    who = person or world.dana
    said = await who.writes(words)
    return await who.sees(lambda seen: shown in plain(seen), after=said, seconds=10)


async def until_shown(world: World, message: Seen, words: str) -> Seen:
    """Wait until a message of ours was edited to show *words*."""
    return await world.dana.sees(
        lambda seen: seen.id == message.id and words in plain(seen), seconds=10
    )


async def test_a_move_is_listed_applied_and_undone_after_a_restart(world: World) -> None:
    await planned(world, "tomorrow 9am", "tomorrow 15:00")
    before = await walls()

    shown = await asked(world, "move 1 to friday 10am", "1 post would change")
    assert "#1 Wed 25 Nov 09:00 → Fri 27 Nov 10:00" in shown.text
    assert shown.button_texts == ["Apply", "Cancel"]
    assert await walls() == before

    await world.dana.presses(shown, "Apply")
    await until_shown(world, shown, "Done:")
    assert await walls() == {1: "2026-11-27T10:00", 2: before[2]}
    await world.restart()
    done = await until_shown(world, shown, "Done:")
    await world.dana.presses(done, "Undo")

    await until_shown(world, shown, "#1 is back: Wed 25 Nov 09:00")
    assert await walls() == before


async def test_swap_push_questions_and_what_is_not_understood(world: World) -> None:
    await planned(world, "tomorrow 9am", "tomorrow 15:00")

    swap = await asked(world, "swap 1 and 2", "2 posts would change")
    await world.dana.presses(swap, "Apply")
    await until_shown(world, swap, "Done, 2 changes:")
    assert await walls() == {1: "2026-11-25T15:00", 2: "2026-11-25T09:00"}

    push = await asked(world, "push everything tomorrow by 1 day", "2 posts would change")
    assert "#2 Wed 25 Nov 09:00 → Thu 26 Nov 09:00" in push.text
    await world.dana.presses(push, "Cancel")
    await until_shown(world, push, "nothing was changed")

    which = await asked(world, "move 2 to friday 9", "Which one?")
    assert which.button_texts == ["Fri 27 Nov, 09:00", "Fri 27 Nov, 21:00", "Cancel"]
    await world.dana.presses(which, "Fri 27 Nov, 21:00")
    listed = await until_shown(world, which, "#2 Wed 25 Nov 09:00 → Fri 27 Nov 21:00")
    await world.dana.presses(listed, "Apply")
    await until_shown(world, which, "Done:")

    await asked(world, "move 2 and 99 to 16:00", "#99: I do not know that post.")
    await asked(world, "move 2 to friday 16:00 blurp", "did not understand “blurp”")
    await asked(world, "move all the furniture out of the way please", "I post photos and videos")
    past = await asked(world, "bring everything forward 3 weeks", "Nothing that is planned")
    assert "has passed" in past.text
    assert past.button_texts == []
    assert (await walls())[2] == "2026-11-27T21:00"


async def test_a_list_that_is_no_longer_true_is_drawn_again_and_nothing_is_half_done(
    world: World,
) -> None:
    await planned(world, "in 20 minutes", "tomorrow 15:00")
    shown = await asked(world, "push everything 2h", "2 posts would change")
    before = await walls()

    world.pass_time(timedelta(minutes=21))
    await world.instagram.until_published(1)
    await world.card("✅ Published #1")
    answer = await world.dana.presses(shown, "Apply")

    assert "Something changed meanwhile" in answer.text
    fresh = await until_shown(world, shown, "1 post would change")
    assert "#1" not in fresh.text
    assert await walls() == before
    await world.dana.presses(fresh, "Apply")
    done = await until_shown(world, shown, "Done:")
    assert (await walls())[2] == "2026-11-25T17:00"

    world.pass_time(timedelta(minutes=11))
    answer = await world.dana.presses(done, "Undo")
    assert "over" in answer.text
    await wait_until(
        lambda: not world.dana.messages(lambda seen: seen.id == shown.id)[0].button_texts,
        what="a list without Undo",
    )
    assert (await walls())[2] == "2026-11-25T17:00"


async def test_a_pause_holds_everything_until_its_end_and_resume_ends_it_early(
    world: World,
) -> None:
    await planned(world, "thursday 9:00", "friday 12:00", "next tuesday 9:00")
    await world.dana.sends_photo(a_jpeg(), "Soup\nevery day at 18:30")
    await world.card("🔁 Series S1")
    before = await walls()

    until = await asked(world, "pause all", "Until when")
    shown_id = until.id
    await world.dana.writes("monday")
    shown = await until_shown(world, until, "What is planned before Mon 30 Nov, 00:00")
    assert "#1 Thu 26 Nov 09:00 → Mon 30 Nov 09:00" in shown.text
    assert "#2 Fri 27 Nov 12:00 → Tue 1 Dec 12:00" in shown.text
    assert "S1: 6 posts are left out" in shown.text
    assert "It goes on Mon 30 Nov, 18:30." in shown.text
    assert "#3 " not in shown.text
    await world.dana.presses(shown, "Apply")
    await until_shown(world, until, "Done, 3 changes")
    assert not await Target.filter(
        due_at__lt=datetime(2026, 11, 29, 23, tzinfo=UTC), state="scheduled"
    )
    assert len((await Series.get(number=1)).skipped) == 6

    world.pass_time(timedelta(days=2, hours=1))
    back = await asked(world, "resume", "would change")
    assert "#1: stays at Mon 30 Nov 09:00, its own time has passed." in back.text
    assert "#2 Tue 1 Dec 12:00 → Fri 27 Nov 12:00" in back.text
    assert "S1: 4 posts go out after all" in back.text
    await world.dana.presses(back, "Apply")
    await until_shown(world, back, "Done, 2 changes")

    assert {n: wall for n, wall in (await walls()).items() if n <= 3} == {
        1: "2026-11-30T09:00",
        2: before[2],
        3: before[3],
    }
    assert len((await Series.get(number=1)).skipped) == 2
    assert shown_id != back.id
    await until_shown(world, until, "The pause is over.")
    await asked(world, "/resume", "Nothing is paused.")


async def test_b17_plain_words_to_a_card_change_it_and_can_be_undone(world: World) -> None:
    await planned(world, "thursday 9:00")
    card = await world.card("🗓 Scheduled #1")

    async def said(words: str, shown: str) -> Seen:
        reply = await world.dana.replies(card, words)
        return await world.dana.sees(lambda seen: shown in plain(seen), after=reply, seconds=10)

    moved = await said("make it 10am", "#1: 09:00 → Thu 26 Nov, 10:00")
    assert moved.button_texts == ["Undo"]
    await world.dana.presses(moved, "Undo")
    await until_shown(world, moved, "#1 is back: Thu 26 Nov 09:00")
    assert await walls() == {1: "2026-11-26T09:00"}

    await said("move to friday", "#1: Thu 26 Nov, 09:00 → Fri 27 Nov, 09:00")
    await said("half an hour later", "#1: 09:00 → Fri 27 Nov, 09:30")
    await world.dana.presses(card, "Change time")
    await world.card("New time?")
    await asked(world, "2 hours later", "#1: 09:30 → Fri 27 Nov, 11:30")
    await said("sat 18:30", "→ Sat 28 Nov, 18:30")
    await said("also on Threads", "Threads: I cannot post there yet")
    await world.dana.replies(card, "make it 10")
    asks = await world.card("That can mean more than one time")
    assert asks.id == card.id
    assert {"Sat 28 Nov, 10:00", "Sat 28 Nov, 22:00"} <= set(asks.button_texts)
    await world.dana.presses(asks, "Sat 28 Nov, 10:00")
    await world.card("Sat 28 Nov, 10:00 (Europe/Berlin)")

    await world.dana.replies(card, "add #soup #cafe")
    await world.card("Menu 1 #soup #cafe")
    await world.dana.replies(card, "caption: Brand: new\n\nmenu")
    await world.card("Brand: new\n\nmenu")
    await said("pause until monday", "What is planned before Mon 30 Nov, 00:00")
    await world.dana.replies(card, "cancel it")
    await world.card("🗑 Cancelled #1")


async def test_a_german_rearranges_in_german_and_a_team_by_mention_and_command(
    world: World,
) -> None:
    await planned(world, "thursday 9:00", "friday 9:00")
    await world.dana.writes("/language german")
    await world.dana.sees(lambda seen: "auf Deutsch" in seen.text)

    shown = await asked(world, "tausche 1 und 2", "2 Posts würden sich ändern:")
    assert shown.button_texts == ["Anwenden", "Abbrechen"]
    await world.dana.presses(shown, "Anwenden")
    await until_shown(world, shown, "Erledigt, 2 Änderungen:")
    assert await walls() == {1: "2026-11-27T09:00", 2: "2026-11-26T09:00"}

    await world.dana.sends_photo(a_jpeg(), "Suppe\njeden Tag um 18:30")
    series = await world.card("Jeden Tag um 18:30 (Europe/Berlin) ab Di., 24. Nov. 2026")
    await world.dana.replies(series, "mach 19:15 draus")
    await until_shown(world, series, "Jeden Tag um 19:15")
    await world.dana.replies(series, "pausiere")
    await until_shown(world, series, "⏸ Serie S1")
    card = await world.card("🗓 Geplant #2")
    await world.dana.replies(card, "sag ab")
    await until_shown(world, card, "🗑 Abgesagt #2")
    await world.dana.presses(card, "Zurücknehmen")
    await until_shown(world, card, "🗓 Geplant #2")

    group = world.telegram.group("Café team", [world.dana])
    group.adds_bot(world.dana)
    await world.dana.writes("verschiebe alles um 1 Stunde", chat=group)
    name = world.telegram.bot.username
    await world.dana.writes(f"@{name} verschiebe alles um 2 Stunden", chat=group)
    listed = await world.card_in(group, "#1 Fr., 27. Nov. 09:00 → Fr., 27. Nov. 11:00")
    await world.dana.presses(listed, "Anwenden")
    await world.card_in(group, "Erledigt, 2 Änderungen:")
    moved = await walls()
    assert (moved[1], moved[2]) == ("2026-11-27T11:00", "2026-11-26T11:00")
    await world.dana.writes("/pause bis Montag", chat=group)
    await world.card_in(group, "Was vor Mo., 30. Nov., 00:00 (Europe/Berlin) geplant ist, wartet:")
    await world.dana.writes("/move 2 auf Samstag", chat=group)
    await world.card_in(group, "→ Sa., 28. Nov. 11:00")
    assert len(group.from_bot()) == 3


async def test_words_in_answer_to_a_note_are_taken_for_its_post_and_marked(world: World) -> None:
    await planned(world, "tomorrow 9am")
    card = await world.card("🗓 Scheduled #1")
    said = await world.dana.writes("make it 10am", reply_to=card)
    note = await world.dana.sees(lambda seen: "→ Wed 25 Nov, 10:00" in plain(seen), after=said)

    words = await world.dana.writes("caption: Soup of the day", reply_to=note)

    await world.card("Soup of the day")
    assert [one.caption for one in await Post.all()] == ["Soup of the day"]
    await wait_until(lambda: "👀" in words.reactions, what="a sign that the words were taken")


async def test_the_word_about_a_cancelled_post_can_undo_it(world: World) -> None:
    await planned(world, "tomorrow 9am")

    word = await asked(world, "/cancel", "#1 is cancelled")
    await world.dana.presses(word, "Undo")

    await world.card("🗓 Scheduled #1")
    assert await walls() == {1: "2026-11-25T09:00"}
    helped = await asked(world, "what is this?", "I post photos and videos")
    assert helped.button_texts == ["How do I post?", "What is planned?"]
