"""A process dies at each named point; another one goes on from what was committed."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from models.account import Account
from models.failpoints import CLOCK, WORKER, armed, fp
from models.post import Target
from platforms.errors import Trouble, TryAgainLater
from scheduling.engine import Engine
from scheduling.job import Change
from tests.support.engine_world import QUICK, World

SECOND = timedelta(seconds=1)
LONG = QUICK.settle + timedelta(minutes=3)
SOON = timedelta(minutes=3)
IN_THE_PUBLISHER = (
    "C12", "C13", "C13b", "C14", "C15", "C15b", "C16", "C17", "C18", "C19", "C20", "C20b", "C20c",
    "C29", "Q1", "W1", "W2",
)  # fmt: skip
AFTER_A_LOST_ANSWER = ("R1",)
IN_THE_QUEUE = ("K1", "K2")
ELSEWHERE = ("C12b", "C17b", "C22", "C23", "C24", "C28", "Q2", "R2", "W3")
IN_HINDSIGHT = ("H1", "H2")


def _kicked(engine: Engine) -> list[asyncio.Task[object]]:
    """The tasks that an engine's queue has begun."""
    return list(engine._broker._running_tasks)


class Died(BaseException):
    """The process is gone: nothing that catches errors may see it."""


class Killer:
    """Dies at the n-th pass of a point, and stays dead."""

    def __init__(self, point: str, nth: int = 1) -> None:
        self.point, self.left, self.is_dead = point, nth, False

    def __call__(self, name: str) -> None:
        if name == self.point:
            self.left -= 1
        if self.is_dead or (self.left == 0 and name == self.point):
            self.is_dead = True
            raise Died(name)


async def test_a_point_that_nobody_armed_does_nothing() -> None:
    fp("C16")
    fp("no such point")


async def test_an_unlisted_point_is_a_fault_as_soon_as_points_are_armed() -> None:
    with armed(lambda _: None), pytest.raises(LookupError):
        fp("no such point")


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("point", IN_THE_PUBLISHER)
async def test_a_worker_that_dies_anywhere_neither_loses_nor_doubles_a_post(
    world: World, point: str, nth: int
) -> None:
    world.platform.digests = 1
    killer = Killer(point, nth)
    post = await world.scheduled(timedelta(seconds=1), kind="carousel", items=2)
    with armed(killer):
        await world.pass_time(world.engine("doomed"), 20 * SECOND)

    await world.expire_leases()
    await world.pass_time(world.engine("heir"), LONG)

    assert killer.is_dead or nth > 1
    assert await world.state(post) == "published"
    assert len(world.platform.public) == 1
    assert await world.notices(post) == ["published"]


@pytest.mark.parametrize("point", [*AFTER_A_LOST_ANSWER, "C18", "C19"])
@pytest.mark.parametrize("fault", ["drop_after", "drop_before"])
async def test_a_worker_that_dies_while_it_looks_leaves_the_looking_to_the_next(
    world: World, fault: str, point: str
) -> None:
    world.platform.faults = [fault]
    killer = Killer(point)
    post = await world.scheduled()
    with armed(killer):
        await world.pass_time(world.engine("doomed"), SOON)

    await world.expire_leases()
    await world.pass_time(world.engine("heir"), LONG)

    assert killer.is_dead
    assert await world.state(post) == "published"
    assert len(world.platform.public) == 1
    assert await world.notices(post) == ["published"]


async def test_a_worker_that_dies_with_the_list_in_its_hand_is_followed(world: World) -> None:
    world.platform.faults = ["drop_before"]
    killer = Killer("R2")
    post = await world.scheduled()
    with armed(killer):
        await world.pass_time(world.engine("doomed"), SOON)

    await world.expire_leases()
    await world.pass_time(world.engine("heir"), LONG)

    assert killer.is_dead
    assert await world.state(post) == "published"
    assert len(world.platform.public) == 1


@pytest.mark.parametrize("point", IN_THE_QUEUE)
async def test_a_clock_that_dies_with_claimed_posts_is_followed_after_its_short_lease(
    world: World, point: str
) -> None:
    killer = Killer(point)
    doomed = world.engine("doomed")
    post = await world.scheduled()
    with armed(killer):
        with pytest.raises(Died):
            await doomed.due.turn()
        # What was kicked before the end is under way too, and ends at the next point it meets.
        await asyncio.gather(*_kicked(doomed), return_exceptions=True)
    await doomed.publisher.idle()

    await world.expire_leases()
    await world.pass_time(world.engine("heir"), LONG)

    assert killer.is_dead
    assert await world.state(post) == "published"
    assert len(world.platform.public) == 1
    assert await world.notices(post) == ["published"]


async def test_a_worker_that_dies_after_a_refresh_leaves_a_token_that_still_works(
    world: World,
) -> None:
    world.platform.faults = ["auth"]
    killer = Killer("C23")
    post = await world.scheduled()
    with armed(killer):
        await world.turn(world.engine("doomed"))

    await world.expire_leases()
    world.clock.pass_time(timedelta(minutes=2))
    await world.pass_time(world.engine("heir"), LONG)

    assert killer.is_dead
    assert await world.state(post) == "published"
    assert len(world.platform.public) == 1


@pytest.mark.parametrize(
    ("fault", "point"),
    [("refuse", "C17b"), ("auth", "C17b"), ("auth", "C24"), ("restricted", "W3")],
)
async def test_a_worker_that_dies_over_a_refusal_leaves_the_post_to_the_next(
    world: World, fault: str, point: str
) -> None:
    world.platform.faults = [fault]
    killer = Killer(point)
    post = await world.scheduled()
    with armed(killer):
        await world.turn(world.engine("doomed"))

    await world.expire_leases()
    world.clock.pass_time(timedelta(minutes=2))
    await world.pass_time(world.engine("heir"), LONG)

    assert killer.is_dead
    assert await world.state(post) == "published"
    assert len(world.platform.public) == 1
    assert await world.notices(post) == ["published"]


async def test_a_worker_that_dies_while_it_asks_who_owns_a_token_is_followed(
    world: World,
) -> None:
    killer = Killer("Q2")
    post = await world.scheduled()
    await Account.all().update(checked_at=world.clock.now() - timedelta(days=2))
    with armed(killer):
        await world.turn(world.engine("doomed"))

    await world.expire_leases()
    await world.pass_time(world.engine("heir"), LONG)

    assert killer.is_dead
    assert await world.state(post) == "published"


@pytest.mark.parametrize("point", ["C22", "C28"])
async def test_a_worker_that_dies_while_it_renews_or_stops_is_followed(
    world: World, point: str
) -> None:
    killer = Killer(point)
    post = await world.scheduled()
    engine = world.engine("doomed", timing=replace(QUICK, renew_every=timedelta(0)))
    job = await world.take(engine, post)
    engine.publisher._held[job.id] = job
    with armed(killer), pytest.raises(Died):
        await (engine.publisher.keep_leases() if point == "C22" else engine.publisher.drain())

    await world.expire_leases()
    await world.pass_time(world.engine("heir"), LONG)

    assert await world.state(post) == "published"
    assert len(world.platform.public) == 1


@pytest.mark.parametrize("point", IN_HINDSIGHT)
async def test_a_clock_that_dies_while_it_looks_again_leaves_the_next_look_to_another(
    world: World, point: str
) -> None:
    world.platform.faults = ["lands_later"]
    world.platform.check_faults = [TryAgainLater(Trouble.PLATFORM_DOWN) for _ in range(30)]
    post = await world.scheduled()
    await world.pass_time(world.engine(), timedelta(hours=1))
    assert await world.state(post) == "unconfirmed"
    world.platform.check_faults.clear()
    world.platform.land()
    with armed(Killer(point)), pytest.raises(Died):
        await world.engine("doomed").hindsight.look()

    world.clock.pass_time(timedelta(hours=4))
    await world.engine("heir").hindsight.look()

    assert await world.state(post) == "published"
    assert len(world.platform.public) == 1
    assert await world.notices(post) == ["unconfirmed", "published"]


def test_every_point_of_the_engine_is_died_at() -> None:
    died_at = {*IN_THE_PUBLISHER, *AFTER_A_LOST_ANSWER, *IN_THE_QUEUE, *IN_HINDSIGHT, *ELSEWHERE}
    fetching = {"C06", "C07"}
    recurring = {"C25"}

    assert died_at == {*WORKER, *CLOCK} - fetching - recurring


async def test_an_owner_that_was_overtaken_can_neither_write_nor_send(world: World) -> None:
    engine, rival = world.engine("frozen"), world.engine("rival")
    post = await world.scheduled()
    frozen = await world.take(engine, post, owner="frozen")
    await world.expire_leases()
    await world.turn(rival)
    before = await world.target(post)

    engine.publisher._begin([frozen])
    await engine.publisher.idle()

    after = await world.target(post)
    assert before.state == "published"
    assert (after.state, after.epoch, after.rev) == (before.state, before.epoch, before.rev)
    assert len(world.platform.public) == 1
    assert await world.notices(post) == ["published"]


async def test_a_worker_held_up_between_intent_and_call_does_not_send(world: World) -> None:
    post = await world.scheduled()
    hold_up = world.clock.monotonic
    ahead = 0.0

    def frozen_at_the_intent(name: str) -> None:
        nonlocal ahead
        if name == "C16" and not ahead:
            ahead = 1.5

    world.clock.monotonic = lambda: hold_up() + ahead  # type: ignore[method-assign]
    engine = world.engine()
    with armed(frozen_at_the_intent):
        await engine.publisher.claim(overdue_by=timedelta(0))
        await engine.publisher.idle()
    stopped = await world.target(post)
    sent = world.platform.calls["publish"]
    await world.pass_time(engine, 10 * SECOND)

    assert sent == 0
    assert stopped.state == "ready"
    assert stopped.calls == 0
    assert await world.state(post) == "published"
    assert world.platform.calls["publish"] == 1


async def test_a_post_whose_workers_died_at_both_calls_is_asked_about_and_sent_no_more(
    world: World,
) -> None:
    post = await world.scheduled()
    for name, lives in (("doomed", SECOND), ("doomed too", QUICK.settle + 65 * SECOND)):
        killer = Killer("C16")
        with armed(killer):
            await world.pass_time(world.engine(name), lives)
        assert killer.is_dead
        await world.expire_leases()

    await world.pass_time(world.engine("heir"), LONG)

    assert await world.state(post) == "unconfirmed"
    assert await world.notices(post) == ["unconfirmed"]
    assert world.platform.calls["publish"] == 0


@pytest.mark.parametrize("is_written", [True, False])
@pytest.mark.parametrize("many", [1, 3])
async def test_an_intent_whose_commit_was_cut_off_is_taken_back_and_not_waited_for(
    world: World, many: int, is_written: bool
) -> None:
    engine = world.engine()
    posts = [
        await world.scheduled(account=await world.connected(f"brand{n}")) for n in range(many)
    ]
    write, cuts = engine.store.write_now, 1

    async def cut_off(changes: Sequence[Change]) -> set[UUID]:
        nonlocal cuts
        if cuts and any(one.facts.state == "publishing" for one in changes):
            cuts -= 1
            if is_written:
                await write(changes)
            raise ConnectionResetError("the answer of the commit got lost")
        return await write(changes)

    engine.store.write_now = cut_off  # type: ignore[method-assign]

    await world.turn(engine)

    assert not cuts
    assert [await world.state(post) for post in posts] == ["published"] * many
    assert world.platform.calls["publish"] == many
    assert world.platform.calls["check"] == 0
    assert [(await world.target(post)).calls for post in posts] == [1] * many


async def test_a_step_that_the_database_cut_off_is_not_waited_for_until_its_lease_ends(
    world: World,
) -> None:
    engine, post = world.engine(), await world.scheduled()
    write, cuts = engine.store.write_now, 1

    async def cut_off(changes: Sequence[Change]) -> set[UUID]:
        nonlocal cuts
        if cuts and any(one.facts.state == "preparing" for one in changes):
            cuts -= 1
            await write(changes)
            raise ConnectionResetError("the answer of the commit got lost")
        return await write(changes)

    engine.store.write_now = cut_off  # type: ignore[method-assign]

    await world.turn(engine)

    assert not cuts
    assert await world.state(post) == "published"
    assert len(world.platform.public) == 1


async def test_a_step_that_the_database_will_never_take_is_not_begun_again_without_a_pause(
    world: World,
) -> None:
    engine, post = world.engine(), await world.scheduled()

    async def refuse(changes: Sequence[Change]) -> set[UUID]:
        raise ConnectionResetError(f"no, not {len(changes)} of them")

    engine.store.write_now = refuse  # type: ignore[method-assign]

    await world.turn(engine)

    target = await world.target(post)
    assert (target.state, target.epoch) == ("scheduled", 4), "claimed and taken twice"
    assert target.lease_until is not None


async def test_a_worker_whose_lease_is_old_stops_before_its_next_step(world: World) -> None:
    post = await world.scheduled()
    engine = world.engine()
    job = await world.take(engine, post)
    job.safe_until = 0.0

    engine.publisher._begin([job])
    await engine.publisher.idle()

    assert world.platform.calls["prepare"] == 0
    assert await world.state(post) == "scheduled"


async def test_the_lease_of_a_long_step_is_renewed_and_a_lost_one_noticed(world: World) -> None:
    post = await world.scheduled()
    engine = world.engine()
    job = await world.take(engine, post)
    ours = await engine.store.renew([job])
    await Target.filter(post_id=post.id).update(epoch=job.epoch + 1)

    lost = await engine.store.renew([job])

    assert ours == {job.id}
    assert lost == set()
