"""The main job by separate processes over Redis, and without what dies of them."""

from collections.abc import AsyncIterator, Iterator

import pytest

from models.database import open_database
from models.outbox import Outbox
from sandbox.telegram.media import a_jpeg
from tests.support.clock import SettableClock
from tests.support.processes import Processes, running_processes
from tests.support.redis import RedisServer, redis_server
from tests.support.waiting import wait_until
from tests.support.world import World, running_world

pytestmark = pytest.mark.timeout(240)
PATIENCE = 90.0


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
async def world(empty_database: str, clock: SettableClock, tmp_path) -> AsyncIterator[World]:
    """A world whose product runs in processes of its own, by the real time."""
    async with (
        running_world(
            database_url=empty_database, folder=tmp_path, clock=clock, start=False
        ) as running,
        open_database(empty_database, pool_size=2),
    ):
        yield running


@pytest.fixture
async def processes(world: World, redis: RedisServer, tmp_path) -> AsyncIterator[Processes]:
    async with running_processes(world, redis_url=redis.url, folder=tmp_path) as running:
        yield running


async def published_once(world: World, captions: list[str]) -> None:
    await world.instagram.until_published(len(captions), seconds=PATIENCE)
    number = len(captions)
    await world.dana.sees(lambda seen: f"✅ Published #{number}" in seen.text, seconds=PATIENCE)
    await world.dana.sees(lambda seen: f"#{number} is on Instagram" in seen.text, seconds=PATIENCE)
    assert sorted(post.caption for post in world.instagram.published) == sorted(captions)
    assert await Outbox.filter(event="published").count() == number


async def test_k28_separate_processes_publish_once_with_redis_and_without(
    world: World, processes: Processes, redis: RedisServer
) -> None:
    await world.settle_in()
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), "Menu\nin 2 seconds")
    await published_once(world, ["Menu"])

    redis.stop()
    await world.dana.sends_photo(a_jpeg(label="2"), "Next\nin 2 seconds")

    await published_once(world, ["Menu", "Next"])
    assert [await one.stop() for one in processes.members] == [0] * len(processes.members)


async def test_r6_a_worker_and_the_clock_that_are_killed_in_the_middle_cost_nothing(
    world: World, processes: Processes
) -> None:
    await world.settle_in()
    await world.connect()
    call = world.instagram.fault("hang_after", "publish")
    await world.dana.sends_photo(a_jpeg(), "Menu\nin 2 seconds")
    await wait_until(lambda: call.met, what="the publish call is on its way", seconds=PATIENCE)
    at_work = int((await world.target()).lease_owner.rsplit(":", 1)[-1].partition("~")[0])
    assert processes.by_pid(at_work).role == "worker"

    await processes.by_pid(at_work).kill()
    (clock,) = processes.of("clock")
    await clock.kill()

    await published_once(world, ["Menu"])
    await clock.start()
    await world.dana.sends_photo(a_jpeg(label="2"), "Next\nin 2 seconds")
    await published_once(world, ["Menu", "Next"])
