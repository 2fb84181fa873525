"""A worker that died is noticed by its lock, long before its lease ends (K32)."""

import asyncio
import signal
import sys
import time
from datetime import timedelta

import pytest

from models.database import db
from models.post import Target
from scheduling.presence import MARK, DeadOwners, Presence
from tests.support.engine_world import World
from tests.support.waiting import wait_until

RECOVERY_SECONDS = 5.0

_WORKER = """
import asyncio, sys
from models.database import open_database
from scheduling.presence import Presence
from tests.support.clock import SettableClock

async def main(url):
    presence = Presence(url, "other-process", SettableClock())
    async with open_database(url, pool_size=1), presence.held():
        print(presence.owner, flush=True)
        await asyncio.Event().wait()

asyncio.run(main(sys.argv[1]))
"""


async def is_marked(presence: Presence) -> None:
    await wait_until(lambda: MARK in presence.owner, what="the lock is held")


async def taken_over(dead: DeadOwners) -> None:
    """Look until the server has noticed that the session is gone."""

    async def one() -> bool:
        return await dead.look() == 1

    await wait_until(one, what="the lease is free")


async def test_a_killed_workers_target_is_published_within_five_seconds(world: World) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _WORKER, world.url, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    owner = (await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip()
    engine = world.engine(database_url=world.url)
    post = await world.scheduled()
    await world.take(engine, post, owner=owner)

    process.send_signal(signal.SIGKILL)
    await process.wait()
    killed_at = time.monotonic()
    running = asyncio.create_task(engine.run_embedded())

    async def is_out() -> bool:
        return await world.state(post) == "published"

    try:
        await wait_until(is_out, what="it is published")
        took = time.monotonic() - killed_at
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert took <= RECOVERY_SECONDS
    assert len(world.platform.public) == 1


async def test_a_worker_that_begins_holds_its_lock_before_it_claims(world: World) -> None:
    presence = Presence(world.url, "w1", world.clock)

    async with presence.held():
        assert MARK in presence.owner


async def test_without_a_session_of_its_own_a_worker_begins_all_the_same(world: World) -> None:
    presence = Presence("", "w1", world.clock)

    async with asyncio.timeout(1), presence.held():
        assert presence.owner == "w1"


async def test_a_living_workers_lease_is_left_alone(world: World) -> None:
    presence = Presence(world.url, "w1", world.clock)
    engine, dead = world.engine(), DeadOwners(world.clock)
    post = await world.scheduled()

    async with presence.held():
        await is_marked(presence)
        await world.take(engine, post, owner=presence.owner)

        assert [await dead.look() for _ in range(3)] == [0, 0, 0]

    await taken_over(dead)


async def test_a_worker_that_lost_its_connection_takes_its_lock_again(world: World) -> None:
    presence = Presence(world.url, "w1", world.clock)

    async with presence.held():
        await is_marked(presence)
        await db().execute_query_dict(
            "SELECT pg_terminate_backend(pid) FROM pg_locks"
            " WHERE locktype = 'advisory' AND classid = 7221"
        )
        await wait_until(lambda: MARK not in presence.owner, what="the lock is lost")

        await is_marked(presence)


@pytest.mark.parametrize("owner", ["w1", "queue"])
async def test_an_owner_without_a_lock_keeps_its_lease_to_the_end(
    world: World, owner: str
) -> None:
    engine, dead = world.engine(), DeadOwners(world.clock)
    post = await world.scheduled()
    await engine.store.claim_due(100, owner="queue", lease=timedelta(seconds=30))
    await Target.filter(post_id=post.id).update(lease_owner=owner)

    assert [await dead.look() for _ in range(3)] == [0, 0, 0]


async def test_an_overtaken_worker_that_lives_writes_nothing(world: World) -> None:
    presence = Presence(world.url, "w1", world.clock)
    engine, dead = world.engine(), DeadOwners(world.clock)
    post = await world.scheduled()
    async with presence.held():
        await is_marked(presence)
        job = await world.take(engine, post, owner=presence.owner)
    await taken_over(dead)
    await world.turn(world.engine("w2"))

    assert await world.state(post) == "published"
    assert job.id not in await engine.store.renew([job])
