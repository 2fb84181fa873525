"""What became of a post is found out and told, in any chat: lost answers, missed slots, holds."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from models.account import Account
from sandbox.telegram.media import an_mp4
from scheduling.forecast import warn_of_ends
from scheduling.timing import PRODUCTION
from tests.support.talking import Shown, Somebody, a_photo
from tests.support.town import Town
from tests.support.waiting import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def without_a_grudge(town: Town) -> AsyncIterator[None]:
    """Let Instagram be well again after each claim, and us have tried it since."""
    yield
    town.world.instagram.faults.clear()
    town.pass_time(minutes=2)


TIMING = replace(
    PRODUCTION,
    publish_timeout=timedelta(seconds=0.5),
    may_still_act=timedelta(seconds=0.2),
    second_look=timedelta(seconds=0.2),
)
"""Unknown outcomes settle in moments; "drop" and "hang" are over as soon."""


def said(who: Somebody, words: str) -> list[Shown]:
    return [one for one in who.shown() if words in one.text]


async def test_b26_a_lost_answer_says_checking_and_that_no_duplicate_will_be_made(
    town: Town,
) -> None:
    dana, _, _ = await town.plans("in 20 seconds")
    await town.in_state(dana, "ready")
    box, name = town.world.instagram, dana.account
    box.fault("drop_after", "publish", account=name)
    blind = box.fault("error", "container", account=name, status=503, times=None)

    town.pass_time(seconds=21)

    card = await dana.sees("Checking whether it went out")
    assert "no duplicate will be made" in card.text
    box.faults.clear(fault_id=blind.id)
    await town.passes_until(dana, "published")
    await dana.sees("✅ Published #1")
    assert len(town.published(dana)) == 1


@pytest.mark.parametrize("button", ["It's live", "Post again", "Leave it"])
async def test_k4_an_outcome_nobody_could_read_is_asked_with_three_ways_on(
    town: Town, button: str
) -> None:
    box = town.world.instagram
    is_there, is_left = button == "It's live", button == "Leave it"
    dana, _, card = await town.plans("in 20 seconds")
    await town.in_state(dana, "ready")
    box.fault("drop_after" if is_there else "drop_before", "publish", account=dana.account)
    for route in ("container", "list"):
        box.fault("error", route, account=dana.account, times=None, status=500)
    town.pass_time(seconds=21)
    await town.passes_until(dana, "unconfirmed", minutes=15)
    shown = await dana.sees("❔ Outcome unknown #1")
    assert shown.key == card.key
    assert shown.buttons == ("It's live", "Post again", "Leave it")
    box.faults.clear()

    await dana.presses(shown, button)

    done = await dana.sees_at(card, "🗑" if is_left else "✅ Published #1")
    assert ("Outcome unknown" in done.text) is is_left
    await town.until_published(dana, 0 if is_left else 1)
    assert len(town.published(dana)) == (0 if is_left else 1)


async def test_bad_066_what_is_going_out_is_not_cancelled_and_that_is_said(town: Town) -> None:
    dana, _, card = await town.plans("in 20 seconds")
    # Its answer is lost, so it is on its way for more than a second.
    town.world.instagram.fault("hang_after", "publish", account=dana.account)
    town.pass_time(seconds=21)
    await town.in_state(dana, "publishing")

    told = await dana.presses(card, "Cancel post", is_stale=True)

    assert told in {"It is already going out", "It is already published"}
    await town.passes_until(dana, "published")
    await dana.sees("✅ Published #1")
    assert (await town.post(dana)).stage == "committed"


async def test_b22_a_slow_video_says_so_on_its_card_and_how_late_it_was(town: Town) -> None:
    dana = await town.settled()
    town.world.instagram.settings.processing_seconds = 90.0
    try:
        await dana.sends(an_mp4(), words="On the road\nin 20 seconds")
        await dana.sees("Instagram is processing the video")
        await town.passes_until(dana, "published")
    finally:
        town.world.instagram.settings.processing_seconds = 0.0

    card = await dana.sees("✅ Published #1")
    assert "late" in card.text


async def test_k4_what_was_missed_while_we_were_away_is_asked_and_never_posted_unasked(
    town: Town,
) -> None:
    alone, _, _ = await town.plans("in 2 minutes")
    several, _, _ = await town.plans("in 2 minutes", "One")
    await town.plans("in 3 minutes", "Two", who=several, number=2)
    await town.world.stop()
    town.clock.pass_time(timedelta(hours=1))
    await town.world.start()

    card = await alone.sees("⚠️ Missed #1")
    assert card.buttons == ("Post now", "Tomorrow same time", "Pick…", "Drop")
    await alone.sees("missed its time (")
    asked = await several.sees("2 posts missed their time")
    assert said(several, "missed its time (") == []
    assert town.published(alone) == town.published(several) == []

    await alone.presses(card, "Post now")
    await several.presses(asked, "Tomorrow same time")
    await town.until_published(alone)
    await alone.sees("✅ Published #1")
    await several.sees("All of these have their answer")
    for number in (1, 2):
        await town.in_state(several, "scheduled", number)


async def test_b39_disconnecting_names_the_posts_it_touches_and_holds_them(town: Town) -> None:
    dana, _, _ = await town.plans("in 20 minutes", "One")
    await town.plans("in 3 hours", "Two", who=dana, number=2)
    await dana.commands("accounts")
    listed = await dana.sees("Connected accounts")

    await dana.presses(listed, f"Disconnect @{dana.account}")
    sure = await dana.sees("2 planned posts will be on hold: #1, #2.")
    await dana.presses(sure, "Yes, disconnect")

    await dana.sees(f"@{dana.account} is disconnected")
    await dana.sees("⏸ On hold #1")
    await dana.sees("⏸ On hold #2")
    assert (await Account.get(username=dana.account)).sealed_token == ""
    town.pass_time(minutes=30)
    await town.in_state(dana, "blocked")
    assert town.published(dana) == []


async def test_b39_an_access_that_ends_soon_is_told_ahead_with_a_way_to_renew_it(
    town: Town,
) -> None:
    dana, _, _ = await town.plans("in 30 days")
    town.world.instagram.fault("error", "refresh", account=dana.account, times=None, status=400)
    account = await Account.get(username=dana.account)
    soon = town.clock.now() + timedelta(days=2, hours=12)
    await Account.filter(id=account.id).update(
        token_expires_at=soon, token_issued_at=soon - timedelta(days=60)
    )

    await warn_of_ends(town.clock.now())

    notice = await dana.sees("The access to")
    assert "1 post is planned after that: #1" in notice.text
    assert notice.buttons == ("Reconnect",)


async def test_b25_failures_are_told_in_the_teams_room_once_and_how_they_ended(
    town: Town,
) -> None:
    dana = await town.settled()
    (here,) = town.room("Failures", dana)
    await here.commands("failures here")
    await here.sees("is told here too")
    town.world.instagram.fault(
        "error", "publish", account=dana.account, status=400, code=9004, subcode=2207004
    )
    await dana.sends(a_photo(), words="Menu\nin 20 seconds")
    await dana.sees("🗓 Scheduled #1")
    town.pass_time(seconds=21)

    told = await here.sees("#1 was not published")
    card = await dana.sees("❌ Not published #1")
    await dana.presses(card, "Retry now")
    await town.until_published(dana)

    ended = await here.sees(lambda one: one.key == told.key and "published" in one.text)
    await wait_until(lambda: "✅" in here.shown()[-1].text, what="how it ended")
    assert len([one for one in here.shown() if "#1" in one.text]) == 1
    assert ended.key == told.key
