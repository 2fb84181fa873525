"""One post in two chats: linked people, presses at once, and Slack when it does not keep up."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from models.account import Account
from models.inbox import Inbox
from models.outbox import Delivery
from models.post import Post
from models.team import Member
from sandbox.slack.view import Seen
from sandbox.telegram.media import a_jpeg
from tests.support.clock import SettableClock
from tests.support.slack_world import SlackWorld, running_slack_world
from tests.support.waiting import wait_until


@pytest.fixture
async def world(empty_database: str, tmp_path, clock: SettableClock) -> AsyncIterator[SlackWorld]:
    async with running_slack_world(
        database_url=empty_database, folder=tmp_path, clock=clock, with_telegram=True
    ) as found:
        yield found


async def linked(world: SlackWorld) -> None:
    """Dana settles in on Telegram, and shows in Slack that she is the same person."""
    await world.world.settle_in()
    await world.world.connect()
    asked = await world.world.dana.writes("/link")
    told = await world.world.dana.sees(lambda seen: "within 15 minutes" in seen.text, after=asked)
    await world.dana.writes(next(line for line in told.text.split("\n") if "link " in line))
    question = await world.card("Is that you?")
    await world.dana.presses(question, "Yes, that is me")
    await world.card("Linked.")


async def test_b48_a_post_has_a_card_in_both_chats_and_a_change_in_one_shows_in_the_other(
    world: SlackWorld,
) -> None:
    await linked(world)
    assert await Member.all().count() == 1

    await world.world.dana.sends_photo(a_jpeg(), "Menu\ntomorrow 9am")
    there = await world.card("Scheduled #1")
    await world.dana.presses(there, "Change time")
    form = await world.modal("Time of #1")
    when = world.world.clock.now() + timedelta(days=3)
    await form.fills("When", when.replace(minute=45, second=0, microsecond=0))
    await form.submits()

    await world.world.card(":45 (Europe/Berlin)")
    # The note about the move names the new time, too.
    await world.dana.sees(lambda seen: seen.ts == there.ts and ":45 (Europe/Berlin)" in seen.text)

    await world.dana.sends(a_jpeg(), "From Slack\ntomorrow 10am")
    await world.world.card("Scheduled #2")


async def test_b14_the_same_button_in_both_chats_at_once_has_one_effect(
    world: SlackWorld,
) -> None:
    await linked(world)
    await world.world.dana.sends_photo(a_jpeg(), "Menu\ntomorrow 9am")
    here = await world.world.card("Scheduled #1")
    there = await world.card("Scheduled #1")
    before = (await Post.get(number=1)).rev

    await asyncio.gather(
        world.world.dana.presses(here, "Cancel post"), world.dana.presses(there, "Cancel post")
    )

    await world.world.card("Cancelled #1")
    await world.card("Cancelled #1")
    post = await Post.get(number=1)
    assert (post.stage, post.rev) == ("cancelled", before + 1)


async def test_a_storm_of_refusals_coalesces_edits_and_loses_nothing(world: SlackWorld) -> None:
    await linked(world)
    await world.dana.sends(a_jpeg(), "Menu\ntomorrow 9am")
    card = await world.card("Scheduled #1")
    before = len(edits_of(world, card))

    world.slack.fails("ratelimited", method="chat.update", times=3, retry_after=1)
    for hour in (10, 11, 12, 13, 14):
        await world.dana.replies(await first_of(world), f"make it {hour}:00")
    world.world.pass_time(timedelta(seconds=3))
    await world.card("14:00 (Europe/Berlin)")
    world.world.pass_time(timedelta(seconds=3))

    await wait_until(nothing_waits, what="all was said")
    assert len(edits_of(world, card)) - before < 5 + 3
    assert await Delivery.filter(state="undeliverable").count() == 0


async def test_words_come_in_while_the_database_is_away_and_are_handled_once(
    world: SlackWorld,
) -> None:
    await linked(world)
    await world.dana.sends(a_jpeg(), "Menu\ntomorrow 9am")
    await world.card("Scheduled #1")

    await world.world.kill()
    await world.dana.replies(await first_of(world), "make it 11:00")
    await world.world.start()

    await world.card("11:00 (Europe/Berlin)")
    keys = await Inbox.all().values_list("source", "external_id")
    assert len(keys) == len(set(keys))
    assert await Account.all().count() == 1


async def first_of(world: SlackWorld) -> Seen:
    """Give Dana's own message with the file."""
    return next(seen for seen in world.dana.direct.messages() if seen.files)


def edits_of(world: SlackWorld, card: Seen) -> list[object]:
    calls = world.slack.world.journal.of("chat.update")
    return [one for one in calls if one.parameters.get("ts") == card.ts]


async def nothing_waits() -> bool:
    return not await Delivery.filter(state="waiting").exists()
