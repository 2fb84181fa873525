"""The queue may lose, double or forget anything; posts go out once all the same."""

import asyncio
import pickle
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis
from taskiq import InMemoryBroker

from models.database import TARGET, Wakeups
from models.post import Post
from scheduling.broker import build_broker
from scheduling.engine import Engine
from scheduling.streams import QUEUE_NAME, StreamBroker
from scheduling.tasks import Kick, register_tasks
from tests.support.clock import SettableClock
from tests.support.engine_world import World
from tests.support.redis import RedisServer, redis_server
from tests.support.waiting import wait_until

SOON = timedelta(seconds=1)


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


def broker_at(redis: RedisServer, consumer: str, clock: SettableClock) -> StreamBroker:
    return StreamBroker(SecretStr(redis.url), consumer=consumer, clock=clock)


@asynccontextmanager
async def running(*loops) -> AsyncIterator[list[asyncio.Task]]:
    """Run loops until the end of the block, then cancel them as wiring does."""
    tasks = [asyncio.create_task(loop) for loop in loops]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


def listening(world: World, redis: RedisServer | None, name: str) -> tuple[Engine, Wakeups]:
    broker = broker_at(redis, name, world.clock) if redis else InMemoryBroker()
    wakeups = Wakeups(world.url, (TARGET,))
    engine = world.engine(name, broker=broker, wakeups=wakeups)
    return engine, wakeups


async def all_published(posts: list[Post]) -> None:
    async def done() -> bool:
        found = await Post.filter(id__in=[one.id for one in posts]).prefetch_related("targets")
        return all(target.state == "published" for post in found for target in post.targets)

    await wait_until(done, what="all posts published", seconds=30)


async def test_without_an_address_the_queue_is_in_this_process(clock: SettableClock) -> None:
    assert isinstance(build_broker(None, consumer="w", clock=clock), InMemoryBroker)
    assert isinstance(build_broker(SecretStr(""), consumer="w", clock=clock), InMemoryBroker)


async def test_the_embedded_engine_publishes_on_time_by_itself(world: World) -> None:
    engine, wakeups = listening(world, None, "up")
    async with running(wakeups.run(world.clock.pause), engine.run_embedded()):
        posts = [await world.scheduled(SOON) for _ in range(5)]

        await all_published(posts)

    targets = [await world.target(post) for post in posts]
    lateness = [target.published_at - target.due_at for target in targets]
    assert all(timedelta(0) <= late < timedelta(seconds=3) for late in lateness)
    assert len(world.platform.public) == 5
    assert engine.unexpected_errors == 0


async def test_a_clock_and_two_workers_publish_each_post_once(
    world: World, redis: RedisServer
) -> None:
    one, wakeups = listening(world, redis, "w1")
    two, _ = listening(world, redis, "w2")
    clock, _ = listening(world, redis, "c1")
    accounts = [await world.connected(f"acc{number}") for number in range(10)]
    loops = (
        wakeups.run(world.clock.pause),
        one.run_worker(),
        two.run_worker(),
        clock.run_clock(),
    )
    async with running(*loops):
        posts = [await world.scheduled(SOON, account=accounts[n % 10]) for n in range(30)]

        await all_published(posts)

    assert len(world.platform.public) == 30
    assert max(world.platform.calls_per_container.values()) == 1
    assert one.unexpected_errors + two.unexpected_errors + clock.unexpected_errors == 0


async def test_kicks_that_come_twice_or_late_publish_once(
    world: World, redis: RedisServer
) -> None:
    engine, _ = listening(world, redis, "w1")
    rival, _ = listening(world, redis, "w2")
    posts = [await world.scheduled() for _ in range(5)]
    targets = [await world.target(post) for post in posts]
    await engine.store.claim_due(10, owner="queue", lease=timedelta(seconds=30))
    async with kicking(redis, world.clock) as kick:
        for _ in range(4):
            await kick([target.id for target in targets])
        async with running(engine.run_worker(), rival.run_worker()):
            await all_published(posts)
            await kick([target.id for target in targets])
            await wait_until(lambda: _is_read(redis), what="every message read")

    assert len(world.platform.public) == 5
    assert set(world.platform.calls_per_container.values()) == {1}


@asynccontextmanager
async def kicking(redis: RedisServer, clock: SettableClock) -> AsyncIterator[Kick]:
    """Give what a process has that only sends."""
    broker = broker_at(redis, "c1", clock)
    await broker.startup()
    try:
        yield register_tasks(broker, None)
    finally:
        await broker.shutdown()


async def _is_read(redis: RedisServer) -> bool:
    async with Redis.from_url(redis.url) as client:
        groups = await client.xinfo_groups(QUEUE_NAME)
        return bool(groups) and all(
            group["lag"] == 0 and group["pending"] == 0 for group in groups
        )


async def test_with_redis_away_posts_are_published_all_the_same(world: World) -> None:
    with redis_server() as redis:
        pass
    engine, wakeups = listening(world, redis, "w1")
    clock, _ = listening(world, redis, "c1")
    loops = (wakeups.run(world.clock.pause), engine.run_worker(), clock.run_clock())
    async with running(*loops):
        posts = [await world.scheduled(SOON) for _ in range(3)]

        await all_published(posts)

    assert len(world.platform.public) == 3


async def test_a_worker_outlives_a_redis_that_forgets_everything(
    world: World, redis: RedisServer
) -> None:
    engine, wakeups = listening(world, redis, "w1")
    clock, _ = listening(world, redis, "c1")
    loops = (wakeups.run(world.clock.pause), engine.run_worker(), clock.run_clock())
    async with running(*loops) as tasks:
        before = [await world.scheduled() for _ in range(2)]
        await all_published(before)
        async with Redis.from_url(redis.url) as client:
            await client.flushall()

        after = [await world.scheduled() for _ in range(2)]
        await all_published(after)
        await wait_until(lambda: _has_group(redis), what="the group declared again")

        assert not any(task.done() for task in tasks)
    assert len(world.platform.public) == 4


async def _has_group(redis: RedisServer) -> bool:
    async with Redis.from_url(redis.url) as client:
        if not await client.exists(QUEUE_NAME):
            return False
        return bool(await client.xinfo_groups(QUEUE_NAME))


async def test_a_worker_outlives_a_redis_that_goes_and_comes_back_empty(
    world: World, redis: RedisServer
) -> None:
    engine, wakeups = listening(world, redis, "w1")
    clock, _ = listening(world, redis, "c1")
    loops = (wakeups.run(world.clock.pause), engine.run_worker(), clock.run_clock())
    async with running(*loops) as tasks:
        await wait_until(lambda: _has_group(redis), what="listening")
        redis.stop()
        while_away = [await world.scheduled() for _ in range(2)]
        await all_published(while_away)

        redis.come_back_empty()
        await wait_until(lambda: _has_group(redis), what="the group declared again")
        after = [await world.scheduled() for _ in range(2)]
        await all_published(after)

        assert not any(task.done() for task in tasks)
    assert len(world.platform.public) == 4


class Trap:
    """What runs when somebody unpickles it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


async def test_s19_a_pickled_payload_in_the_queue_is_refused(
    world: World, redis: RedisServer, tmp_path: Path
) -> None:
    sprung = tmp_path / "sprung"
    engine, _ = listening(world, redis, "w1")
    pickle.loads(pickle.dumps(Trap(tmp_path / "works")))
    async with Redis.from_url(redis.url) as client:
        await client.xadd(QUEUE_NAME, {b"data": pickle.dumps(Trap(sprung))})
        await client.xadd(QUEUE_NAME, {b"data": b"\x80\x05 no message at all"})

    async with running(engine.run_worker()):
        await wait_until(lambda: _is_read(redis), what="both messages read")
        post = await world.scheduled()
        await engine.store.claim_due(10, owner="queue", lease=timedelta(seconds=30))
        target = await world.target(post)
        async with kicking(redis, world.clock) as kick:
            await kick([target.id])
        await all_published([post])

    assert (tmp_path / "works").exists()
    assert not sprung.exists()
    assert engine.unexpected_errors == 0


async def test_ids_that_name_nothing_are_ignored(world: World, redis: RedisServer) -> None:
    engine, _ = listening(world, redis, "w1")
    async with kicking(redis, world.clock) as kick, running(engine.run_worker()):
        await kick([uuid4(), UUID(int=0)])
        await wait_until(lambda: _is_read(redis), what="message read")

    assert engine.unexpected_errors == 0


async def test_a_stopping_worker_finishes_the_call_in_flight_and_begins_nothing(
    world: World,
) -> None:
    engine, wakeups = listening(world, None, "w1")
    world.platform.gate = asyncio.Event()
    flying = await world.scheduled()
    other = await world.connected("other")
    worker = asyncio.create_task(engine.run_embedded())
    await wait_until(lambda: world.platform.in_flight == 1, what="the call in flight")
    wakeups.wake(TARGET)
    worker.cancel()
    waiting = await world.scheduled(account=other)

    world.platform.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await worker

    assert await world.state(flying) == "published"
    assert await world.state(waiting) == "scheduled"
    assert world.platform.calls["publish"] == 1


async def test_what_does_not_end_in_time_is_left_to_the_next_worker(world: World) -> None:
    engine, _ = listening(world, None, "w1")
    world.platform.faults = ["slow_after"]
    post = await world.scheduled()
    worker = asyncio.create_task(engine.run_embedded())
    await wait_until(lambda: len(world.platform.public) == 1, what="public")
    worker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await worker

    await world.expire_leases()
    await world.pass_time(world.engine("heir"), timedelta(minutes=5))

    assert await world.state(post) == "published"
    assert len(world.platform.public) == 1
