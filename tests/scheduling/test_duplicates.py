"""The same post twice is asked about, never sent twice unasked (K7)."""

from datetime import timedelta

import pytest

from models.post import Media, Post
from models.series import Occurrence, Series
from scheduling.duplicates import allow_twins, twins_of
from tests.support.engine_world import World

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def picture(post: Post, *hashes: str) -> Post:
    for media, sha256 in zip(
        await Media.filter(post_id=post.id).order_by("ordinal"), hashes, strict=True
    ):
        await Media.filter(id=media.id).update(sha256=sha256)
    return post


async def a_scheduled(world: World, due_in: timedelta = HOUR, sha256: str = "a") -> Post:
    return await picture(await world.scheduled(due_in, caption="Menu"), sha256)


async def twin_numbers(world: World, post: Post, due_in: timedelta = HOUR) -> list[int]:
    due = world.clock.now() + due_in
    return [twin.number for twin in await twins_of(post, world.account.id, due_at=due)]


async def test_bad_043_the_same_picture_and_words_within_a_day_are_found(world: World) -> None:
    first = await a_scheduled(world)
    second = await picture(await world.draft("Menu"), "a")

    assert await twin_numbers(world, second, 20 * HOUR) == [first.number]
    assert await twin_numbers(world, second, 26 * HOUR) == []


@pytest.mark.parametrize(("caption", "sha256"), [("Menu!", "a"), ("Menu", "b")])
async def test_another_picture_or_other_words_are_no_twin(
    world: World, caption: str, sha256: str
) -> None:
    await a_scheduled(world)
    second = await picture(await world.draft(caption), sha256)

    assert await twin_numbers(world, second) == []


async def test_the_same_pictures_in_another_order_are_no_twin(world: World) -> None:
    first = await world.scheduled(HOUR, caption="Menu", kind="carousel", items=2)
    await picture(first, "a", "b")
    turned = await picture(await world.draft("Menu", kind="carousel", items=2), "b", "a")
    same = await picture(await world.draft("Menu", kind="carousel", items=2), "a", "b")

    assert await twin_numbers(world, turned) == []
    assert await twin_numbers(world, same) == [first.number]


async def test_a_post_on_another_account_is_no_twin(world: World) -> None:
    other = await world.connected("other")
    await picture(await world.scheduled(HOUR, caption="Menu", account=other), "a")
    second = await picture(await world.draft("Menu"), "a")

    assert await twin_numbers(world, second) == []


async def test_a_cancelled_post_is_no_twin_and_a_published_one_is(world: World) -> None:
    engine = world.engine()
    gone = await a_scheduled(world)
    await world.planner.cancel(gone, by=world.member, now=world.clock.now())
    second = await picture(await world.draft("Menu"), "a")
    assert await twin_numbers(world, second) == []

    published = await a_scheduled(world, timedelta(0))
    await world.turn(engine)

    assert await world.state(published) == "published"
    assert await twin_numbers(world, second) == [published.number]


async def test_what_a_person_said_yes_to_does_not_count_again(world: World) -> None:
    first = await a_scheduled(world)
    second = await picture(await world.draft("Menu"), "a")
    allow_twins(second, await twins_of(second, world.account.id, due_at=world.clock.now() + HOUR))
    await second.save()

    assert await twin_numbers(world, second) == []
    assert await twin_numbers(world, first) == []


async def test_runs_of_one_series_do_not_count_against_each_other(world: World) -> None:
    first, second = await a_scheduled(world), await a_scheduled(world, 20 * HOUR)
    assert await twin_numbers(world, second) == [first.number]
    now = world.clock.now()
    series = await Series.create(
        team=world.team,
        author=world.member,
        account=world.account,
        template=first,
        number=1,
        rule="FREQ=DAILY",
        dtstart="2026-01-01T09:00:00",
        zone="UTC",
        created_at=now,
    )
    for index, post in enumerate((first, second)):
        await Occurrence.create(
            series=series, slot_at=now + index * DAY, post=post, created_at=now
        )

    assert await twin_numbers(world, second) == []


async def test_at_the_claim_only_the_later_of_two_is_held_and_asked_about(world: World) -> None:
    first, second = await a_scheduled(world, timedelta(0)), await a_scheduled(world, timedelta(0))

    await world.turn(world.engine())

    assert await world.state(first) == "published"
    target = await world.target(second)
    assert target.state == "blocked"
    assert target.last_error == {"trouble": "looks_like", "params": {"number": first.number}}
    assert await world.notices(second) == ["held"]
    assert len(world.platform.public) == 1


async def test_a_held_twin_waits_for_its_person_and_for_nobody_else(world: World) -> None:
    await a_scheduled(world, timedelta(0))
    second = await a_scheduled(world, timedelta(0))
    engine = world.engine()
    await world.turn(engine)
    world.clock.pass_time(timedelta(minutes=2))

    assert await engine.sweeper.resume_forgotten() == 0
    await world.pass_time(engine, HOUR)

    assert await world.state(second) == "blocked"


async def test_after_the_yes_a_held_twin_goes_out(world: World) -> None:
    await a_scheduled(world, timedelta(0))
    second = await a_scheduled(world, timedelta(0))
    engine = world.engine()
    await world.turn(engine)
    second = await Post.get(id=second.id)
    allow_twins(second, await twins_of(second, world.account.id, due_at=world.clock.now()))

    await world.planner.retry(second, by=world.member, now=world.clock.now())
    await world.turn(engine)

    assert await world.state(second) == "published"
    assert len(world.platform.public) == 2
