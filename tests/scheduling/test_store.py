"""The fence: who does not own a target writes nothing about it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from models.outbox import Outbox
from models.post import Attempt, Target
from scheduling.errors import IllegalMove
from scheduling.job import CARD, Change, Job, Try
from scheduling.store import QUEUE
from tests.support.engine_world import World

SECOND = timedelta(seconds=1)

LEASE = timedelta(seconds=5)


def change_of(job: Job, becomes: str, **more) -> Change:
    facts = replace(job.facts, state=becomes)
    return Change(job.id, job.post_id, job.epoch, job.state, facts, **more)


async def test_a_write_under_an_old_epoch_writes_nothing_at_all(world: World) -> None:
    post = await world.scheduled()
    engine = world.engine()
    job = await world.take(engine, post)
    await Target.filter(id=job.id).update(epoch=job.epoch + 1)
    told_before = await Outbox.filter(subject_id=post.id).count()

    change = change_of(job, "preparing", tries=(Try("prepare", 1),), says=(CARD,))
    is_written = await engine.store.write(change)

    assert not is_written
    assert await world.state(post) == "scheduled"
    assert await Attempt.all().count() == 0
    assert await Outbox.filter(subject_id=post.id).count() == told_before


async def test_a_write_from_another_state_writes_nothing_at_all(world: World) -> None:
    post = await world.scheduled()
    engine = world.engine()
    job = await world.take(engine, post)
    await Target.filter(id=job.id).update(state="preparing")

    is_written = await engine.store.write(change_of(job, "failed"))

    assert not is_written
    assert await world.state(post) == "preparing"


async def test_an_illegal_move_is_refused_before_it_reaches_the_database(world: World) -> None:
    post = await world.scheduled()
    engine = world.engine()
    job = await world.take(engine, post)

    with pytest.raises(IllegalMove):
        await engine.store.write(change_of(job, "published"))


async def test_changes_that_wait_together_are_written_together_each_with_its_own_fence(
    world: World,
) -> None:
    engine = world.engine()
    posts = [await world.scheduled() for _ in range(5)]
    jobs = [await world.take(engine, posts[0])]
    targets = [await world.target(post) for post in posts[1:]]
    jobs += await engine.store.take([target.id for target in targets], owner="w1")
    overtaken = jobs[2]
    await Target.filter(id=overtaken.id).update(epoch=overtaken.epoch + 1)

    written = await asyncio.gather(
        *(engine.store.write(change_of(job, "preparing", lease=LEASE)) for job in jobs)
    )

    assert written == [job is not overtaken for job in jobs]
    states = await Target.filter(state="preparing").count()
    assert states == 4


async def test_one_bad_row_does_not_fail_its_neighbours(world: World) -> None:
    engine = world.engine()
    post, other = await world.scheduled(), await world.scheduled()
    job = await world.take(engine, post)
    target = await world.target(other)
    [second] = await engine.store.take([target.id], owner="w1")
    bad = change_of(second, "preparing", tries=(Try("x", 1, error_code="nul \0 is no text"),))

    good, failure = await asyncio.gather(
        engine.store.write(change_of(job, "preparing")),
        engine.store.write(bad),
        return_exceptions=True,
    )

    assert good is True
    assert isinstance(failure, Exception)
    assert await world.state(post) == "preparing"


async def test_a_target_is_claimed_by_one_of_many_rivals(world: World) -> None:
    for _ in range(30):
        await world.scheduled()
    stores = [world.engine(f"w{number}").store for number in range(6)]

    claimed = await asyncio.gather(
        *(store.claim_due(30, owner="queue", lease=LEASE) for store in stores)
    )

    ids = [one.id for some in claimed for one in some]
    assert len(ids) == len(set(ids)) == 30


async def test_a_target_in_the_queue_is_taken_once_however_often_it_was_sent(
    world: World,
) -> None:
    post = await world.scheduled()
    one, two = world.engine("one"), world.engine("two")
    await one.store.claim_due(10, owner="queue", lease=LEASE)
    target = await world.target(post)

    taken = await asyncio.gather(
        *(engine.store.take([target.id], owner=name) for engine, name in ((one, "a"), (two, "b")))
    )

    assert sorted(len(jobs) for jobs in taken) == [0, 1]


async def test_what_was_given_back_is_claimed_again_at_once(world: World) -> None:
    await world.scheduled()
    store = world.engine().store
    claimed = await store.claim_due(10, owner="queue", lease=LEASE)

    await store.give_back(claimed)

    assert len(await store.claim_due(10, owner="queue", lease=LEASE)) == 1


async def test_giving_back_late_takes_nothing_from_the_next_owner(world: World) -> None:
    post = await world.scheduled()
    store = world.engine().store
    claimed = await store.claim_due(10, owner="queue", lease=LEASE)
    await world.expire_leases()
    await store.claim_due(10, owner="somebody else", lease=LEASE)

    await store.give_back(claimed)

    assert (await world.target(post)).lease_owner == "somebody else"


async def test_the_next_slot_is_known_to_the_moment(world: World) -> None:
    await world.scheduled(timedelta(seconds=40))
    engine = world.engine()
    await world.turn(engine)

    seconds = await engine.store.next_due_in()

    assert seconds is not None
    assert 35 < seconds <= 40


async def test_moving_the_demo_clock_takes_no_work_out_of_living_hands(world: World) -> None:
    await world.scheduled()
    store = world.engine().store
    await store.claim_due(10, owner="queue", lease=LEASE)

    world.clock.pass_time(timedelta(hours=1))

    assert await store.claim_due(10, owner="queue", lease=LEASE) == []


async def test_what_is_ready_is_claimed_a_moment_before_its_slot_and_nothing_else_is(
    world: World,
) -> None:
    engine = world.engine()
    ready, raw = await world.scheduled(SECOND), await world.scheduled(SECOND)
    retried = await world.scheduled(SECOND)
    soon = world.clock.now() + timedelta(seconds=0.5)
    await Target.filter(post_id__in=[ready.id, raw.id]).update(due_at=soon, next_attempt_at=soon)
    await Target.filter(post_id=ready.id).update(state="preparing")
    await Target.filter(post_id=ready.id).update(state="ready")
    await Target.filter(post_id=retried.id).update(state="preparing")
    await Target.filter(post_id=retried.id).update(state="ready", next_attempt_at=soon)

    claimed = await engine.store.claim_due(9, owner=QUEUE, lease=5 * SECOND, ahead=SECOND)
    taken = await engine.store.take([one.id for one in claimed], owner="w1")

    assert [job.post_id for job in taken] == [ready.id]


async def test_plain_and_rare_values_of_a_batch_are_written_each_as_it_is(world: World) -> None:
    engine = world.engine()
    plain, rare = await world.scheduled(), await world.scheduled()
    jobs = [await world.take(engine, plain)]
    jobs += await engine.store.take([(await world.target(rare)).id], owner="w1")
    facts = replace(
        jobs[1].facts,
        state="preparing",
        attempt=2,
        polls=3,
        last_error_code="x",
        last_error={"a": 1},
    )
    one = Change(
        jobs[1].id, jobs[1].post_id, jobs[1].epoch, "scheduled", facts, intent="now", lease=LEASE,
        tries=(
            Try("prepare", 3, outcome="failed", error_code="x", error={"b": 2}, duration_ms=5),
        ),
    )  # fmt: skip
    other = change_of(jobs[0], "preparing", tries=(Try("prepare", 1),), says=(CARD,))

    assert await engine.store.write_now([other, one]) == {jobs[0].id, jobs[1].id}

    first, second = await world.target(plain), await world.target(rare)
    assert (first.attempt, first.polls, first.last_error_code, first.last_error) == (0, 0, "", {})
    assert (second.attempt, second.polls, second.last_error_code) == (2, 3, "x")
    assert second.last_error == {"a": 1}
    assert first.intent_at is None
    assert first.lease_until is None
    assert second.intent_at is not None
    assert second.lease_until is not None
    tries = {one.target_id: one for one in await Attempt.all()}
    assert (tries[first.id].outcome, tries[first.id].finished_at) == ("open", None)
    assert (tries[second.id].outcome, tries[second.id].number) == ("failed", 3)
    assert tries[second.id].error == {"b": 2}
    assert tries[second.id].finished_at is not None


async def test_what_was_sent_counts_as_in_the_queue_until_it_is_taken_or_its_lease_ends(
    world: World,
) -> None:
    store = world.engine().store
    posts = [await world.scheduled() for _ in range(3)]
    ids = [one.id for one in await store.claim_due(9, owner=QUEUE, lease=LEASE)]
    taken = (await world.target(posts[0])).id

    await store.take([taken], owner="w1")

    assert await store.queued([]) == set()
    assert await store.queued(ids) == set(ids) - {taken}
    await world.expire_leases()
    assert await store.queued(ids) == set()
