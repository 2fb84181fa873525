"""Recurring posts, from the phrase to each run (behaviour 34)."""

from datetime import timedelta

from models.post import Post, Target
from models.series import Occurrence, Series
from sandbox.telegram.media import a_jpeg
from sandbox.telegram.view import Seen
from tests.support.waiting import wait_until
from tests.support.world import World


async def a_series(world: World, phrase: str = "every day at 18:30") -> Seen:
    await world.settle_in()
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), f"Soup of the day\n{phrase}")
    return await world.card("🔁 Series S1")


async def test_b34_a_recurrence_is_echoed_with_its_next_dates(world: World) -> None:
    card = await a_series(world)

    assert "Every day at 18:30 Europe/Berlin" in card.text
    assert "Next: " in card.text
    assert "Soup of the day" in card.text
    series = await Series.get(number=1)
    assert series.rule == "FREQ=DAILY;BYHOUR=18;BYMINUTE=30"
    assert await Occurrence.filter(series_id=series.id).count() in {7, 8, 9}


async def test_b34_a_run_is_published_like_any_post_and_once(world: World) -> None:
    await a_series(world)
    first = await Target.all().order_by("due_at").first()
    assert first is not None

    world.pass_time(first.due_at - world.clock.now() + timedelta(seconds=1))
    (post,) = await world.instagram.until_published(1)

    assert post.caption == "Soup of the day"
    await world.card("✅ Published #2")


async def test_b34_pause_and_go_on(world: World) -> None:
    card = await a_series(world)
    await world.dana.presses(card, "Pause")
    paused = await world.card("⏸ Series S1, paused")
    assert await Target.filter(state="scheduled").count() == 0

    await world.dana.presses(paused, "Go on")

    await world.card("🔁 Series S1")
    assert await Target.filter(state="scheduled").count() >= 7


async def test_b34_skip_next_leaves_one_out(world: World) -> None:
    card = await a_series(world)
    before = await Target.filter(state="scheduled").order_by("due_at")

    await world.dana.presses(card, "Skip next")

    await wait_until(lambda: _first_is(before[1].due_at), what="the first run is the second")


async def _first_is(at: object) -> bool:
    first = await Target.filter(state="scheduled").order_by("due_at").first()
    return first is not None and first.due_at == at


async def test_b34_a_new_time_of_day_is_for_all_later_ones(world: World) -> None:
    card = await a_series(world)
    await world.dana.presses(card, "Change time")
    await world.card("New time of day for all later posts")

    await world.dana.writes("19:15")

    await world.card("at 19:15 Europe/Berlin")
    walls = {target.wall_time[11:] for target in await Target.filter(state="scheduled")}
    assert walls == {"19:15:00"}


async def test_b34_one_run_can_be_changed_alone(world: World) -> None:
    await a_series(world)
    await world.dana.writes("/queue")
    queue = await world.card("Next 7 days")
    await world.dana.presses(queue, "#2")
    card = await world.card("🗓 Scheduled #2")
    assert "for this one only" in card.text

    await world.dana.presses(card, "Edit caption")
    await world.card("Send the new caption as a message")
    await world.dana.writes("Soup is out today")

    await world.card("Soup is out today")
    captions = {post.caption for post in await Post.filter(number__gt=2)}
    assert captions == {"Soup of the day"}


async def test_b34_ending_asks_once_and_takes_back_what_is_ahead(world: World) -> None:
    card = await a_series(world)
    await world.dana.presses(card, "End")
    asked = await world.card("End S1?")

    await world.dana.presses(asked, "Yes, end it")

    await world.card("🏁 Series S1, ended")
    assert await Target.filter(state="scheduled").count() == 0


async def test_b34_a_series_that_is_over_ends_by_itself(world: World) -> None:
    await a_series(world, "every day at 18:30 for 2 days")
    assert await Target.filter(state="scheduled").count() == 2

    for number in (2, 3):
        target = await Target.get(post__number=number)
        world.pass_time(target.due_at - world.clock.now() + timedelta(seconds=1))
        await world.instagram.until_published(number - 1)
    await world.parts.house.recurrences.make_due()

    assert len(world.instagram.published) == 2
