"""Recurring posts, from the phrase to each run, in any chat (behaviour 34)."""

from datetime import datetime, timedelta

import pytest

from models.post import Target
from models.series import Occurrence, Series
from tests.support.talking import Shown, Somebody, a_photo
from tests.support.town import Town
from tests.support.waiting import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODES = ("telegram", "slack-socket")
"""What is said comes in by one of Slack's doors as by the other."""


async def a_series(town: Town, phrase: str = "every day at 18:30") -> tuple[Somebody, Shown]:
    """Have somebody begin a series in the morning; gives them and its card."""
    town.next_clock(9)
    dana = await town.settled()
    await dana.sends(a_photo(), words=f"Soup of the day\n{phrase}")
    return dana, await dana.sees("🔁 Series S1")


async def series_of(town: Town, who: Somebody) -> Series:
    return await Series.get(number=1, team_id=(await town.member(who)).team_id)


async def runs(town: Town, who: Somebody) -> list[Target]:
    """Give the runs ahead, the next one first."""
    team = (await town.member(who)).team_id
    return await Target.filter(state="scheduled", post__team_id=team).order_by("due_at")


async def ends(town: Town, dana: Somebody) -> None:
    """End a series, so that nothing of it goes out while others have the word."""
    await town.quiet()
    await dana.presses(await dana.sees("🔁 Series S1"), "End")
    await dana.presses(await dana.sees("End S1?"), "Yes, end it")
    await dana.sees("🏁 Series S1, ended")


async def test_b34_a_recurrence_is_echoed_and_its_run_is_published_once_like_any_post(
    town: Town,
) -> None:
    dana, card = await a_series(town)
    assert "Every day at 18:30 Europe/Berlin" in card.text
    assert "Next: " in card.text
    assert "> Soup of the day" in card.lines
    series = await series_of(town, dana)
    assert series.rule == "FREQ=DAILY;BYHOUR=18;BYMINUTE=30"
    assert await Occurrence.filter(series_id=series.id).count() in {7, 8, 9}
    first = (await runs(town, dana))[0]

    town.goes_to(first.due_at + timedelta(seconds=1))
    (post,) = await town.until_published(dana)

    assert post.caption == "Soup of the day"
    await dana.sees("✅ Published #2")
    await ends(town, dana)
    assert len(town.published(dana)) == 1


async def test_b34_pause_go_on_and_skip_next(town: Town) -> None:
    dana, card = await a_series(town)
    before = [run.due_at for run in await runs(town, dana)]
    await dana.presses(card, "Pause")
    paused = await dana.sees("⏸ Series S1, paused")
    assert paused.key == card.key
    assert "Next: " not in paused.text, "nothing goes out until it goes on"
    assert await runs(town, dana) == []

    await dana.presses(paused, "Go on")
    card = await dana.sees("🔁 Series S1")
    await wait_until(lambda: first_is(town, dana, before[0]), what="it goes on as it was")
    await dana.presses(card, "Skip next")

    await wait_until(lambda: first_is(town, dana, before[1]), what="the first is the second")
    await ends(town, dana)


async def first_is(town: Town, who: Somebody, at: datetime) -> bool:
    found = await runs(town, who)
    return bool(found) and found[0].due_at == at


async def test_b34_one_run_is_changed_alone_and_the_clock_for_all_later_ones(
    town: Town,
) -> None:
    dana, card = await a_series(town)
    await dana.commands("queue")
    queue = await dana.sees("Next 7 days")
    await dana.presses(queue, "#2")
    own = await dana.sees("🗓 Scheduled #2")
    assert "for this one only" in own.text
    await dana.sets_caption(own, "Soup is out today")
    await dana.sees("Soup is out today")
    others = {post.caption for post in await town.posts(dana) if post.number != own_number(own)}
    assert others == {"Soup of the day"}

    await dana.presses(card, "Change time")
    await dana.sees("New time of day for all later posts")
    await dana.writes("19:15")

    await dana.sees("at 19:15 Europe/Berlin")
    assert {run.wall_time[11:] for run in await runs(town, dana)} == {"19:15:00"}
    await ends(town, dana)
    assert await runs(town, dana) == []


def own_number(card: Shown) -> int:
    return int(card.lines[0].partition("#")[2])


async def test_b34_a_series_that_is_over_ends_by_itself(town: Town) -> None:
    dana, _ = await a_series(town, "every day at 18:30 for 2 days")
    assert len(await runs(town, dana)) == 2

    for number in (2, 3):
        target = await town.target(dana, number)
        town.goes_to(target.due_at + timedelta(seconds=1))
        await town.until_published(dana, number - 1)
    await town.world.parts.house.recurrences.make_due()

    assert len(town.published(dana)) == 2
