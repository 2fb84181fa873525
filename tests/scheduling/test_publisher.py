import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from models.post import Attempt, Target
from platforms.contract import Credentials, Handle, Published, Waiting
from scheduling.engine import Engine
from scheduling.store import QUEUE
from tests.support.engine_world import World
from tests.support.waiting import wait_until

MINUTE = timedelta(minutes=1)


async def test_a_due_post_is_published_once_and_its_people_are_told(world: World) -> None:
    post = await world.scheduled()

    await world.turn(world.engine())

    target = await world.target(post)
    assert target.state == "published"
    assert [one.caption for one in world.platform.public] == [post.caption]
    assert target.platform_media_id == "m1"
    assert target.permalink == "https://fake.example/p/m1"
    assert target.published_at is not None
    assert await world.notices(post) == ["published"]
    assert await world.attempts(post) == [
        ("prepare", "made"),
        ("prepare", "ready"),
        ("publish", "done"),
    ]


async def test_every_attempt_says_how_long_it_took(world: World) -> None:
    post = await world.scheduled()

    await world.turn(world.engine())

    target = await world.target(post)
    attempts = await Attempt.filter(target_id=target.id)
    assert attempts
    assert all(one.duration_ms is not None and one.finished_at is not None for one in attempts)


async def test_a_post_is_prepared_before_its_slot_and_published_not_before_it(
    world: World,
) -> None:
    engine = world.engine()
    post = await world.scheduled(timedelta(hours=3))

    await world.pass_time(engine, timedelta(hours=2, minutes=59))
    before = await world.target(post)
    published_early = list(world.platform.public)
    await world.pass_time(engine, MINUTE)

    assert before.state == "ready"
    assert before.next_attempt_at == before.due_at
    assert not published_early
    assert await world.state(post) == "published"
    assert len(world.platform.public) == 1


async def test_preparing_begins_between_an_hour_and_half_an_hour_before_the_slot(
    world: World,
) -> None:
    posts = [await world.scheduled(timedelta(hours=5)) for _ in range(8)]

    targets = [await world.target(post) for post in posts]

    leads = {target.due_at - target.next_attempt_at for target in targets}
    assert all(timedelta(minutes=30) <= lead <= timedelta(minutes=60) for lead in leads)
    assert len(leads) > 4


async def test_each_child_of_a_carousel_is_saved_before_the_next_is_made(world: World) -> None:
    post = await world.scheduled(kind="carousel", items=3)

    await world.turn(world.engine())

    assert await world.state(post) == "published"
    assert await world.handles(post) == ["c1", "c2", "c3", "c4"]
    assert world.platform.calls["make"] == 4


async def test_what_a_platform_digests_is_looked_at_later_without_holding_anybody(
    world: World,
) -> None:
    world.platform.digests = 3
    engine = world.engine()
    post = await world.scheduled()

    await world.turn(engine)
    waiting = await world.target(post)
    await world.pass_time(engine, timedelta(seconds=30))

    assert waiting.state == "waiting_media"
    assert waiting.lease_owner is None
    assert await world.state(post) == "published"
    assert world.platform.calls["make"] == 1


async def test_media_travel_as_links_that_live_for_six_hours(world: World) -> None:
    await world.scheduled()

    await world.turn(world.engine())

    assert all("lives=21600" in link for link in world.platform.links)
    assert world.platform.links


async def test_ready_posts_go_before_posts_that_are_only_prepared(world: World) -> None:
    engine = world.engine()
    ready = await world.scheduled(timedelta(seconds=30))
    await world.turn(engine)
    for _ in range(3):
        await world.scheduled(timedelta(minutes=20))
    world.clock.pass_time(timedelta(seconds=31))

    claimed = await engine.store.claim_due(1, owner="queue", lease=timedelta(seconds=5))

    target = await world.target(ready)
    assert [one.id for one in claimed] == [target.id]


async def test_posts_of_one_account_go_out_in_the_order_of_their_slots(world: World) -> None:
    engine = world.engine()
    posts = [await world.scheduled(timedelta(seconds=20 - number)) for number in range(4)]
    await world.turn(engine)

    world.clock.pass_time(timedelta(seconds=25))
    await world.turn(engine)

    assert world.platform.order == [post.caption for post in reversed(posts)]


async def test_posts_of_many_accounts_go_out_side_by_side(world: World) -> None:
    engine = world.engine()
    for number in range(6):
        account = await world.connected(f"acc{number}")
        await world.scheduled(timedelta(seconds=5), account=account)
    await world.turn(engine)

    world.clock.pass_time(timedelta(seconds=6))
    await world.turn(engine)

    states = await Target.all().values_list("state", flat=True)
    assert set(states) == {"published"}
    assert len(world.platform.public) == 6


async def test_a_long_preparation_delays_no_post_at_its_slot(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = world.engine(calls_at_once=1)
    await world.scheduled(timedelta(seconds=30))
    await world.turn(engine)
    for number in range(3):
        account = await world.connected(f"acc{number}")
        await world.scheduled(timedelta(minutes=20), account=account)
    answers = asyncio.Event()

    async def slow(*_: object) -> Waiting:
        await answers.wait()
        return Waiting(timedelta(seconds=2))

    monkeypatch.setattr(world.platform, "prepare", slow)
    await _take_all(world, engine)

    world.clock.pass_time(timedelta(seconds=31))
    await _take_all(world, engine)

    await wait_until(lambda: len(world.platform.public) == 1)
    answers.set()
    await engine.publisher.idle()


async def _take_all(world: World, engine: Engine) -> None:
    claimed = await engine.store.claim_due(100, owner=QUEUE, lease=timedelta(seconds=5))
    await engine.publisher.publish([one.id for one in claimed])


async def test_links_wait_until_few_posts_are_at_their_slot(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = world.engine()
    for number in range(13):
        account = await world.connected(f"acc{number}")
        await world.scheduled(timedelta(seconds=20), account=account)
    await world.turn(engine)
    answers, publish = asyncio.Event(), world.platform.publish

    async def slow_after_the_first(who: Credentials, handles: Sequence[Handle]) -> Published:
        if world.platform.calls["asked"]:
            await answers.wait()
        world.platform.calls["asked"] += 1
        return await publish(who, handles)

    monkeypatch.setattr(world.platform, "publish", slow_after_the_first)
    world.clock.pass_time(timedelta(seconds=21))
    await _take_all(world, engine)
    await wait_until(lambda: Target.filter(state="published").exists())
    links_then = world.platform.calls["describe"]

    answers.set()
    await engine.publisher.idle()
    await engine.publisher.links_read()

    assert links_then == 0
    assert await Target.filter(permalink="").count() == 0
