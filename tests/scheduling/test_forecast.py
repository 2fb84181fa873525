"""A login that ends and cannot be renewed is warned of at 7, 3 and 1 days (behaviour 39)."""

from datetime import timedelta

import pytest

from bot.cards.drawing import Artist
from models.account import Account
from models.outbox import Outbox
from scheduling.forecast import step_of, warn_of_ends
from tests.support.engine_world import World

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("days", "step"), [(7.1, None), (7, 7), (3.1, 7), (3, 3), (1.5, 3), (1, 1), (0.1, 1)]
)
def test_the_warning_that_is_due_is_the_most_urgent_one(days: float, step: int | None) -> None:
    assert step_of(timedelta(days=days)) == step


async def ends_in(world: World, left: timedelta) -> None:
    now = world.clock.now()
    await Account.filter(id=world.account.id).update(
        token_expires_at=now + left, token_issued_at=now - 40 * DAY
    )


async def warnings(world: World) -> list[object]:
    rows = await Outbox.filter(subject_id=world.account.id, event="ends").order_by("id")
    return [row.payload["days"] for row in rows]


async def test_b39_each_step_is_told_once(world: World) -> None:
    await ends_in(world, 6.5 * DAY)
    for _ in range(14):
        await warn_of_ends(world.clock.now())
        await warn_of_ends(world.clock.now())
        world.clock.pass_time(0.5 * DAY)

    assert await warnings(world) == [7, 3, 1]


async def test_b39_a_login_that_lasts_or_was_made_today_is_not_warned_of(world: World) -> None:
    await ends_in(world, 8 * DAY)
    assert await warn_of_ends(world.clock.now()) == 0

    now = world.clock.now()
    await Account.filter(id=world.account.id).update(
        token_expires_at=now + 2 * DAY, token_issued_at=now
    )
    assert await warn_of_ends(now) == 0


async def test_b39_the_warning_names_the_posts_at_risk_and_offers_to_reconnect(
    world: World,
) -> None:
    await world.scheduled(2 * DAY)
    at_risk = await world.scheduled(4 * DAY)
    await ends_in(world, 3 * DAY)
    await warn_of_ends(world.clock.now())
    row = await Outbox.get(event="ends")

    drawing = await Artist({}, world.clock, "").draw(row, world.place)

    assert drawing is not None
    words = drawing.card.fallback_text
    assert f"1 post is planned after that: #{at_risk.number}." in words
    assert [button.label for row in drawing.card.buttons for button in row] == ["Reconnect"]


async def test_b39_after_a_new_login_the_warning_says_nothing(world: World) -> None:
    await ends_in(world, 3 * DAY)
    await warn_of_ends(world.clock.now())
    await Account.filter(id=world.account.id).update(token_version=5)
    row = await Outbox.get(event="ends")

    assert await Artist({}, world.clock, "").draw(row, world.place) is None
