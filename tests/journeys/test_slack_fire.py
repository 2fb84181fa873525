"""A slice of the fault runs with Slack by HTTP, in one process: kills, lost answers.

Sockets are in the slice with real processes, `tests/faults/test_slice.py`.
"""

import random
from datetime import timedelta

from models.inbox import Inbox
from models.outbox import Delivery
from models.post import WAITING_STATES, Post, Target
from sandbox.telegram.media import a_jpeg
from tests.support.slack_world import SlackWorld, running_slack_world
from tests.support.waiting import wait_until

POSTS = 6
CHAT_FAULTS = ("ratelimited", "server_error", "drop", "drop_before")
PLATFORM_FAULTS = ("drop_after", "drop_before", "error")


async def test_posts_from_slack_survive_kills_and_lost_answers(
    empty_database: str, tmp_path, clock
) -> None:
    dice = random.Random(7)
    async with running_slack_world(
        database_url=empty_database, folder=tmp_path, clock=clock, mode="http"
    ) as world:
        world.slack.office.retry_pauses = (0.1, 0.2, 0.4)
        await world.connect()
        for number in range(1, POSTS + 1):
            trouble(world, dice)
            await world.dana.sends(a_jpeg(), f"Menu {number}\nin {20 + number} minutes")
            if number % 3 == 0:
                await world.world.kill()
                await world.world.start()
        await wait_until(lambda: all_are_planned(world), what="all are planned", seconds=30)

        for number in range(POSTS):
            world.world.instagram.fault(
                dice.choice(PLATFORM_FAULTS), "publish", **({"status": 503} if number % 2 else {})
            )
        for step in range(30):
            await wait_until(lambda: engine_rests(world), what="the engine rests", seconds=60)
            world.world.pass_time(timedelta(minutes=1))
            trouble(world, dice) if step % 4 == 0 else None
            if step % 10 == 5:
                await world.world.kill()
                await world.world.start()
        world.slack.heals()
        world.world.instagram.faults.clear()
        await settled(world)

        public = sorted(one.caption for one in world.world.instagram.published)
        assert public == sorted(f"Menu {number}" for number in range(1, POSTS + 1))
        for number in range(1, POSTS + 1):
            cards = [
                seen
                for seen in world.dana.direct.from_bot()
                if f"Published #{number}\n" in f"{seen.text}\n"
            ]
            assert cards, f"the card of #{number} does not say that it went out"
        assert await Inbox.filter(state="parked").count() == 0
        assert await Delivery.filter(state="undeliverable").count() == 0


def trouble(world: SlackWorld, dice: random.Random) -> None:
    """Make something go wrong with Slack."""
    kind = dice.choice(CHAT_FAULTS)
    method = dice.choice(("chat.postMessage", "chat.update", "files.info"))
    world.slack.fails(kind, method, **({"retry_after": 1} if kind == "ratelimited" else {}))  # type: ignore[arg-type]
    if dice.random() < 0.5:
        world.slack.loses_acks()


async def all_are_planned(world: SlackWorld) -> bool:
    # What was refused is tried again after a while: a while must pass.
    world.world.pass_time(timedelta(seconds=1))
    return await Target.filter(state__not="draft").count() == POSTS == await Post.all().count()


async def engine_rests(world: SlackWorld) -> bool:
    """Say whether nothing is due and nothing is in anybody's hands."""
    waiting = Target.filter(state__in=WAITING_STATES)
    is_due = waiting.filter(next_attempt_at__lte=world.world.clock.now())
    return (
        not await is_due.exists() and not await waiting.filter(lease_until__isnull=False).exists()
    )


async def settled(world: SlackWorld) -> None:
    """Let time pass until everything went out, and then until everything was said."""
    for _ in range(30):
        await wait_until(lambda: engine_rests(world), what="the engine rests", seconds=60)
        if await Target.filter(state="published").count() == POSTS:
            break
        world.world.pass_time(timedelta(seconds=30))

    async def all_is_said() -> bool:
        world.world.pass_time(timedelta(milliseconds=100))
        return not await Delivery.filter(state="waiting").exists()

    await wait_until(all_is_said, what="all was told", seconds=60)
