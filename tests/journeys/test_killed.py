"""The product is killed at any moment and begins again, in any chat: one post, one card."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.courier import Courier
from bot.fetching import Fetcher
from bot.intake import Intake
from models.inbox import Inbox
from models.outbox import Outbox
from models.post import Media, Post, Target
from scheduling.engine import Engine
from scheduling.timing import PRODUCTION
from tests.support.talking import Shown, Somebody, a_photo
from tests.support.town import Town
from tests.support.waiting import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")

TIMING = replace(
    PRODUCTION,
    # Leases run by the real clock: who is killed must not be waited for half a minute.
    lease=timedelta(seconds=4),
    trust_lease_for=timedelta(seconds=3),
    renew_every=timedelta(seconds=1),
    publish_timeout=timedelta(seconds=2),
    may_still_act=timedelta(seconds=0.2),
    second_look=timedelta(seconds=0.2),
)


async def killed(town: Town) -> None:
    """Kill the product; a Slack that calls in vain tries again soon."""
    if town.slack is not None:
        town.slack.office.retry_pauses = (0.2, 0.8, 2.0)
    await town.world.kill()


def cards(who: Somebody, number: int) -> list[Shown]:
    return [one for one in who.shown() if one.lines[0].endswith(f" #{number}")]


async def assert_published_and_told_once(town: Town, dana: Somebody, *captions: str) -> None:
    await town.until_published(dana, len(captions))
    for number, _ in enumerate(captions, start=1):
        await dana.sees(f"✅ Published #{number}")
        await dana.sees(f"#{number} is on Instagram")
        assert len(cards(dana, number)) == 1
    assert [post.caption for post in town.published(dana)] == list(captions)
    told = [one for one in dana.shown() if "is on Instagram" in one.text]
    assert len(told) == len(captions)
    assert not await Inbox.filter(state="parked").exists()


async def test_what_was_sent_while_we_were_dead_is_handled_once(town: Town) -> None:
    dana = await town.settled()
    await killed(town)
    await dana.sends(a_photo(), words="Menu\nin 20 minutes")

    await town.world.start()

    await dana.sees("🗓 Scheduled #1")
    town.pass_time(minutes=21)
    await assert_published_and_told_once(town, dana, "Menu")


async def _stalls(*_: Any) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("part", "loop"),
    [(Intake, "run"), (Fetcher, "run"), (Courier, "run"), (Engine, "run_embedded")],
    ids=["c03_stored_not_handled", "c06_not_fetched", "c08_card_not_sent", "c11_engine_away"],
)
async def test_what_was_left_undone_at_a_kill_is_done_after_it(
    town: Town, monkeypatch: pytest.MonkeyPatch, part: type, loop: str
) -> None:
    dana = await town.settled()
    team = (await town.member(dana)).team_id
    await killed(town)
    with monkeypatch.context() as patched:
        patched.setattr(part, loop, _stalls)
        await town.world.start()
        await dana.sends(a_photo(), words="Menu\nin 20 minutes")
        what = f"everything before {part.__name__} is done"
        await wait_until(_has_come_to(part, team), what=what)
        await killed(town)

    await town.world.start()

    await dana.sees("🗓 Scheduled #1")
    town.pass_time(minutes=21)
    await assert_published_and_told_once(town, dana, "Menu")


def _has_come_to(part: type, team: object) -> Callable[[], Awaitable[bool]]:
    async def has_come() -> bool:
        if part is Intake:
            return await Inbox.filter(state="waiting").exists()
        if part is Fetcher:
            return await Media.filter(state="pending", post__team_id=team).exists()
        # Where only the courier is away, the engine may have taken it on already.
        return await Target.filter(post__team_id=team).exclude(state="draft").exists()

    return has_come


async def test_c16_c17_a_kill_during_the_publish_call_ends_with_one_post(town: Town) -> None:
    calls = {}
    for action in ("hang_before", "hang_after"):
        dana, _, _ = await town.plans("in 3 minutes")
        calls[dana] = town.world.instagram.fault(action, "publish", account=dana.account)  # type: ignore[arg-type]  # both are
    town.pass_time(minutes=3, seconds=1)
    await wait_until(lambda: all(one.met for one in calls.values()), what="both are on their way")

    await killed(town)
    await town.world.start()

    for dana in calls:
        assert (await town.target(dana)).state in {"publishing", "published"}
        await town.passes_until(dana, "published")
        await assert_published_and_told_once(town, dana, "Menu")
        own = [one for one in town.world.instagram.containers if one.username == dana.account]
        assert len(own) == 1


async def test_a_kill_between_promise_and_slot_changes_nothing(town: Town) -> None:
    dana, _, _ = await town.plans("in 20 minutes", "Soon")
    await town.plans("in 3 hours", "Later", who=dana, number=2)
    await town.in_state(dana, "ready", 1)
    await town.in_state(dana, "scheduled", 2)
    await killed(town)

    await town.world.start()

    town.pass_time(minutes=21)
    await town.until_published(dana)
    town.pass_time(minutes=160)
    await assert_published_and_told_once(town, dana, "Soon", "Later")


async def test_c20_a_kill_between_publishing_and_telling_is_told_after_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Who is killed does not wait for what it is sending.
    monkeypatch.setattr("bot.courier._STOP_SECONDS", 0.1)
    dana, _, _ = await town.plans("in 20 minutes")
    post = await Post.get(id=(await town.post(dana)).id)
    await town.in_state(dana, "ready")
    heal = town.chat_fails("hang", "edit")
    town.pass_time(minutes=21)
    await town.until_published(dana)
    told = Outbox.filter(event="published", subject_id=post.id)
    await wait_until(told.exists, what="it is written down")

    await killed(town)
    heal()
    await town.world.start()
    town.pass_time(seconds=30)

    await assert_published_and_told_once(town, dana, "Menu")


async def test_bad_068_a_press_that_waited_for_us_is_done_once(town: Town) -> None:
    dana, _, card = await town.plans("in 3 days")
    await killed(town)
    pressing = asyncio.create_task(dana.presses(card, "Cancel post"))
    await asyncio.wait({pressing}, timeout=0.1)

    await town.world.start()
    with suppress(AssertionError, LookupError):
        await pressing

    if (await town.post(dana)).stage != "cancelled":
        # Slack tells who pressed at once that nobody answers, and they press again.
        assert dana.chat == "slack"
        await dana.presses(card, "Cancel post")
    await dana.sees("🗑 Cancelled #1")
    assert len(cards(dana, 1)) == 1
