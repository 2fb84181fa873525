"""Words and presses that could be meant for something else, in any chat."""

import pytest

from models.account import Account
from models.inbox import Inbox
from models.post import Target
from models.series import Occurrence
from tests.support.talking import OnTelegram, Shown, Somebody, a_photo
from tests.support.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODES = ("telegram", "slack-http")
"""What is said comes in by one of Slack's doors as by the other."""


async def a_series(town: Town) -> tuple[Somebody, Shown, Shown]:
    """Have somebody begin a series in the morning; gives them, their message and its card."""
    town.next_clock(9)
    dana = await town.settled()
    sent = await dana.sends(a_photo(), words="Soup\nevery day at 18:30")
    return dana, sent, await dana.sees("🔁 Series S1")


async def runs(town: Town, who: Somebody) -> list[Target]:
    team = (await town.member(who)).team_id
    return await Target.filter(state="scheduled", post__team_id=team).prefetch_related("post")


async def nothing_failed() -> None:
    assert not await Inbox.filter(attempts__gt=0).exists()


# ── commands ─────────────────────────────────────────────────────────────────────────────────


async def test_cancel_takes_a_number_or_the_last_one_also_a_draft(town: Town) -> None:
    dana, _, _ = await town.plans()
    await town.plans("in 3 days", "Other", who=dana, number=2)
    await dana.sends(a_photo(3), words="No time yet")
    await dana.sees("Draft #3")

    await dana.commands("cancel 1")
    await dana.sees("#1 is cancelled")
    await dana.commands("cancel")
    await dana.sees("#3 is cancelled")

    assert [post.stage for post in await town.posts(dana)] == [
        *("cancelled", "committed", "cancelled")
    ]
    await nothing_failed()


async def test_why_tells_the_story_of_a_post(town: Town) -> None:
    dana, _, _ = await town.plans("in 20 seconds")
    town.pass_time(seconds=21)
    await dana.sees("✅ Published #1")

    await dana.commands("why 1")

    story = await dana.sees("What happened to #1")
    assert "preparing: ready in" in story.text
    assert "publishing: published in" in story.text


# ── replies and prompts ──────────────────────────────────────────────────────────────────────


async def test_b17_a_reply_to_one_card_is_no_answer_to_the_question_of_another(
    town: Town,
) -> None:
    dana, _, first = await town.plans()
    _, _, second = await town.plans("in 3 days", "Other", who=dana, number=2)
    await dana.presses(second, "Edit caption")

    await dana.replies(first, "tomorrow 10:30")

    await dana.sees("#1: 09:00 →")
    assert (await town.post(dana, 2)).caption == "Other"
    assert (await town.post(dana, 1)).wall_time.endswith("10:30:00")


async def test_b36_the_question_about_the_zone_lets_other_words_pass(town: Town) -> None:
    dana, _, card = await town.plans()
    await dana.commands("timezone")
    await dana.sees("To change it, type a city")

    await dana.replies(card, "cancel")

    await dana.sees("🗑 Cancelled #1")


async def test_b16_words_after_a_post_was_planned_by_an_edit_do_not_move_it(
    town: Town,
) -> None:
    dana = await town.settled()
    sent = await dana.sends(a_photo(), words="Menu")
    await dana.sees("When should it go out?")
    await dana.edits(sent, "Menu\ntomorrow 9am")
    await dana.sees("🗓 Scheduled #1")

    await dana.writes("18:30")

    await dana.sees("I post photos and videos")
    assert (await town.post(dana)).wall_time.endswith("09:00:00")


async def test_b18_each_offered_caption_keeps_its_own_words(town: Town) -> None:
    dana = await town.settled()
    await dana.sends(a_photo())
    await dana.sees("Draft #1")
    await dana.writes("The first idea we had")
    first = await dana.sees("Is it a caption?")
    await dana.writes("The second idea we had")
    await dana.sees("Is it a caption?", after=first)

    await dana.presses(first, "Use as caption for #1")

    await dana.sees(lambda one: "> The first idea we had" in one.lines)


# ── series ───────────────────────────────────────────────────────────────────────────────────


async def test_b34_words_in_reply_to_a_series_speak_of_all_later_runs(town: Town) -> None:
    dana, _, card = await a_series(town)

    await dana.replies(card, "19:15")
    await dana.sees("at 19:15 Europe/Berlin")
    await dana.replies(card, "caption: Stew")
    await dana.sees(lambda one: "> Stew" in one.lines)
    found = await runs(town, dana)
    assert {run.wall_time[11:] for run in found} == {"19:15:00"}
    assert {run.post.caption for run in found} == {"Stew"}
    await dana.replies(card, "cancel")

    asked = await dana.sees("End S1?")
    await dana.presses(asked, "Yes, end it")
    await dana.sees("🏁 Series S1, ended")
    assert await runs(town, dana) == []


async def test_b34_a_run_that_was_called_off_does_not_come_back(town: Town) -> None:
    dana, _, card = await a_series(town)
    await dana.commands("cancel 2")
    await dana.sees("#2 is cancelled")
    slot = (await Occurrence.get(post_id=(await town.post(dana, 2)).id)).slot_at

    await dana.presses(card, "Edit caption")
    await dana.sees("Send the new caption for all later posts")
    await dana.writes("Stew")
    await dana.sees(lambda one: "> Stew" in one.lines)

    assert slot not in {run.due_at for run in await runs(town, dana)}


async def test_b34_a_change_for_all_later_ones_makes_no_double_of_a_run(town: Town) -> None:
    dana, _, card = await a_series(town)
    await dana.commands("queue")
    await dana.presses(await dana.sees("Next 7 days"), "#2")
    await dana.sees("🗓 Scheduled #2")
    slot = (await Occurrence.get(post_id=(await town.post(dana, 2)).id)).slot_at

    await dana.presses(card, "Edit caption")
    await dana.sees("Send the new caption for all later posts")
    await dana.writes("Stew")
    await dana.sees(lambda one: one.lines[0] == "🗓 Scheduled #2" and "> Stew" in one.lines)

    assert [run.due_at for run in await runs(town, dana)].count(slot) == 1


async def test_b16_b34_editing_the_message_of_a_series_changes_all_later_runs(
    town: Town,
) -> None:
    dana, sent, _ = await a_series(town)

    await dana.edits(sent, "Stew\nevery day at 18:30")

    await dana.sees(lambda one: "> Stew" in one.lines)
    assert {run.post.caption for run in await runs(town, dana)} == {"Stew"}


# ── cards, people, accounts ──────────────────────────────────────────────────────────────────


async def test_b02_a_card_that_moved_below_leaves_no_second_one_when_edits_fail(
    town: Town,
) -> None:
    dana, _, card = await town.plans()
    await dana.commands("queue")
    queue = await dana.sees("Next 7 days")
    town.chat_fails("server_error", "edit", times=1)

    await dana.presses(queue, "#1")

    below = await dana.sees("🗓 Scheduled #1", after=queue)
    assert below.key != card.key
    town.pass_time(seconds=30)
    moved = await dana.sees("The card of #1 moved below")
    assert (moved.key, moved.buttons) == (card.key, ())


async def test_b47_who_was_forgotten_in_a_team_can_begin_anew(town: Town) -> None:
    dana = await town.settled()
    mia = await town.colleague(dana)
    here, there = town.room("Cafe team", dana, mia)
    await here.commands("queue")
    await here.sees("Nothing is planned")
    await there.commands("queue")
    await mia.commands("forget me")
    await mia.presses(await mia.sees("Forget you"), "Yes, forget me")
    await mia.sees("I know nothing about you")

    await mia.commands("start")

    await mia.sees("Hi Mia")
    assert await town.member(dana)
    await nothing_failed()


async def test_b39_an_old_yes_does_not_disconnect_a_new_login(town: Town) -> None:
    dana, _, _ = await town.plans()
    await dana.commands("accounts")
    listed = await dana.sees("Connected accounts")
    await dana.presses(listed, f"Disconnect @{dana.account}")
    asked = await dana.sees("1 planned post will be on hold")
    account = await Account.get(username=dana.account)
    await Account.filter(id=account.id).update(token_version=account.token_version + 1)

    told = await dana.presses(asked, "Yes, disconnect")

    assert "out of date" in told
    assert (await Account.get(id=account.id)).state == "active"


async def test_b36_zones_can_be_changed_while_a_post_is_going_out(town: Town) -> None:
    dana, _, _ = await town.plans("in 20 seconds")
    box = town.world.instagram
    # Where its answer is lost, it stays on its way for more than a minute.
    box.fault("hang_before", "publish", account=dana.account, times=None, seconds=1)
    town.pass_time(seconds=21)
    await town.in_state(dana, "publishing")
    await dana.commands("timezone Tokyo")
    asked = await dana.sees("Keep its clock time, or the same moment?")

    told = await dana.presses(asked, "Keep the clock times")

    assert told == ("Done" if isinstance(dana, OnTelegram) else "")
    await dana.sees("It keeps its clock time")
    box.faults.clear()
    await nothing_failed()
