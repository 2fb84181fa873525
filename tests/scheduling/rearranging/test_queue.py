"""Carrying a list out and back on the real queue."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tortoise.transactions import in_transaction

from models.post import Media, Post, Target, lock_post
from models.team import Team
from scheduling.planner import Slot
from scheduling.rearranging.changes import Change
from scheduling.rearranging.goals import Goal
from scheduling.rearranging.queue import apply, draw_up, slot_of_post, take_back
from scheduling.rearranging.sentence import Order
from scheduling.recurrence import Recurrences
from tests.support.engine_world import World

HOUR = Goal("length", seconds=3600)


async def list_of(world: World, order: Order, *, locks: bool = False) -> list[Change]:
    now = world.clock.now()
    found, _ = await draw_up(order, world.team.id, now=now, zone="UTC", locks=locks)
    return found


async def applied(world: World, order: Order) -> list[Change]:
    """Draw a list up and carry it out, as a press of Apply does."""
    async with in_transaction():
        found = await list_of(world, order, locks=True)
        done, _ = await apply(
            found, world.planner, recurrences(world), by=world.member, now=world.clock.now()
        )
    return done


async def undone(world: World, changes: list[Change]) -> list[Change]:
    async with in_transaction():
        done, _ = await take_back(
            changes, world.planner, recurrences(world), by=world.member, now=world.clock.now()
        )
    return done


async def bring(post: Post, state: str) -> None:
    """Take the target of a scheduled post to *state* on a way that is allowed."""
    for step in ("preparing", "ready", "publishing", state):
        await Target.filter(post_id=post.id).update(state=step)


def recurrences(world: World) -> Recurrences:
    return Recurrences(world.planner, world.clock)


async def slots(world: World) -> dict[int, tuple[Slot | None, str]]:
    """The slot of every post, its target's too, and where the target stands."""
    found = {}
    for post in await Post.filter(team_id=world.team.id):
        target = await Target.get(post_id=post.id)
        assert target.due_at == post.due_at
        assert (target.wall_time, target.zone) == (post.wall_time, post.zone)
        found[post.number] = (slot_of_post(post), target.state)
    return found


@given(
    dues=st.lists(st.integers(2, 60 * 24 * 20), min_size=2, max_size=3, unique=True),
    order=st.one_of(
        st.builds(
            lambda days, seconds: Order("move", (), (Goal("length", days=days, seconds=seconds),)),
            st.integers(-3, 40),
            st.integers(-7200, 90_000),
        ),
        st.builds(
            lambda days: Order("pause", (), (Goal("length", days=days),)), st.integers(1, 12)
        ),
        st.just(Order("swap", (1, 2))),
    ),
)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_what_is_applied_and_undone_stands_exactly_where_it_stood(
    world: World, dues: list[int], order: Order
) -> None:
    await Post.filter(team_id=world.team.id).delete()
    for number, minutes in enumerate(dues, start=1):
        post = await world.scheduled(timedelta(minutes=minutes))
        await Post.filter(id=post.id).update(number=number)
    before = await slots(world)

    done = await applied(world, order)
    await undone(world, done)

    assert await slots(world) == before


async def test_a_list_is_drawn_up_and_changes_nothing(world: World) -> None:
    await world.scheduled(timedelta(hours=3))
    before = await slots(world)

    (change,) = await list_of(world, Order("move", (), (HOUR,)))

    assert change.is_change
    assert await slots(world) == before


async def test_what_went_out_or_was_changed_since_is_not_undone_and_said(world: World) -> None:
    gone, changed, kept, past = [
        await world.scheduled(timedelta(hours=hours)) for hours in (30, 31, 32, 1)
    ]
    done = await applied(world, Order("move", (), (HOUR,)))
    await bring(gone, "publishing")
    async with in_transaction():
        post = await lock_post(changed.id)
        assert post is not None
        await world.planner.move(
            post, world.slot(timedelta(days=9)), by=None, now=world.clock.now()
        )
    world.clock.pass_time(timedelta(minutes=70))

    back = await undone(world, done)

    assert {one.number: one.outcome for one in back} == {
        gone.number: "going_out",
        changed.number: "changed",
        kept.number: "back",
        past.number: "past",
    }
    assert (await Post.get(id=kept.id)).due_at == kept.due_at
    assert (await Post.get(id=changed.id)).due_at != changed.due_at


async def test_a_list_waits_for_whoever_holds_a_post_and_then_tells_how_it_is(
    world: World,
) -> None:
    post = await world.scheduled(timedelta(hours=3))
    shown = await list_of(world, Order("move", (post.number,), (HOUR,)))
    holds, may_end = asyncio.Event(), asyncio.Event()

    async def cancel() -> None:
        async with in_transaction():
            mine = await lock_post(post.id)
            assert mine is not None
            await world.planner.cancel(mine, by=None, now=world.clock.now())
            holds.set()
            await may_end.wait()

    async def draw() -> list[Change]:
        async with in_transaction():
            return await list_of(world, Order("move", (post.number,), (HOUR,)), locks=True)

    async with asyncio.TaskGroup() as group:
        group.create_task(cancel())
        await holds.wait()
        drawn = group.create_task(draw())
        may_end.set()

    (change,) = drawn.result()
    assert change.why == "cancelled"
    assert [change.meaning()] != [one.meaning() for one in shown]


@pytest.mark.parametrize("state", ["published", "unconfirmed", "publishing"])
async def test_what_is_out_or_going_out_is_listed_as_staying(world: World, state: str) -> None:
    post = await world.scheduled(timedelta(hours=3))
    await bring(post, state)

    (change,) = await list_of(world, Order("move", (post.number,), (HOUR,)))

    assert change.why in {"published", "going_out"}
    assert not change.is_change


async def test_posts_of_other_teams_are_none_of_its_business(world: World) -> None:
    post = await world.scheduled(timedelta(hours=3))
    now = world.clock.now()
    other = await Team.create(name="Others", created_at=now)

    named, _ = await draw_up(Order("move", (post.number,), (HOUR,)), other.id, now=now, zone="UTC")
    every, _ = await draw_up(Order("move", (), (HOUR,)), other.id, now=now, zone="UTC")

    assert [one.why for one in named] == ["missing"]
    assert every == []


async def test_coming_close_to_a_post_that_looks_the_same_is_warned_of(world: World) -> None:
    one = await world.scheduled(timedelta(hours=3), caption="Soup")
    two = await world.scheduled(timedelta(hours=30), caption="Soup")
    await Media.filter(post_id__in=[one.id, two.id]).update(sha256="abc")
    nearer = Goal("length", seconds=-4 * 3600)

    near, far = [
        (await list_of(world, Order("move", (two.number,), (goal,))))[0] for goal in (nearer, HOUR)
    ]

    assert (near.warning, near.other) == ("twin", one.number)
    assert (far.warning, far.other) == ("", 0)
