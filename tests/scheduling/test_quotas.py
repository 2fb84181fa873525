"""What an account may publish: kept as the platform told it, and reckoned ahead of a slot."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from models.account import Account
from scheduling.quotas import Crowd, crowd_at, crowd_at_runs, crowd_of
from tests.support.engine_world import World

T = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def hours(*numbers: float) -> list[datetime]:
    return [T + HOUR * number for number in sorted(numbers)]


def test_a_slot_with_room_before_and_after_it_fits() -> None:
    assert crowd_of(hours(-30, -20, 5), T, total=3, window=DAY) is None


def test_a_full_day_behind_a_slot_is_told_with_the_moment_it_has_room_again() -> None:
    crowd = crowd_of(hours(-20, -10), T, total=2, window=DAY)

    assert crowd == Crowd(used=2, total=2, window=DAY, free_at=T + 4 * HOUR)


def test_who_waits_goes_behind_those_planned_meanwhile() -> None:
    # At +4 h the oldest is out of sight, but another one is planned for +2 h.
    crowd = crowd_of(hours(-20, -10, 2), T, total=2, window=DAY)

    assert crowd is not None
    assert crowd.free_at == T + 14 * HOUR


def test_one_more_that_takes_the_room_of_a_later_one_is_told_as_well() -> None:
    crowd = crowd_of(hours(-10, 5), T, total=2, window=DAY)

    assert crowd == Crowd(used=2, total=2, window=DAY, free_at=T + 14 * HOUR)


def test_a_post_exactly_one_window_old_takes_no_room() -> None:
    assert crowd_of(hours(-24), T, total=1, window=DAY) is None


@given(st.lists(st.integers(-48, 96), max_size=30), st.integers(1, 6))
def test_what_is_told_agrees_with_counting_every_window(others: list[int], total: int) -> None:
    every = sorted([*hours(*others), T])
    is_too_many = any(
        sum(at - DAY < one <= at for one in every) > total for at in every if T <= at < T + DAY
    )

    crowd = crowd_of(hours(*others), T, total=total, window=DAY)

    assert (crowd is not None) is is_too_many
    if crowd:
        assert crowd.used >= total
        assert crowd.free_at > T


async def test_what_the_platform_told_is_kept_and_used_ahead(world: World) -> None:
    engine = world.engine()
    world.platform.total = 2
    first = await world.scheduled()
    account = await Account.get(id=world.account.id)
    draft = await world.draft()
    slot = world.clock.now() + 2 * HOUR
    assert await crowd_at(account, draft.id, slot) is None, "nothing was told yet"
    await world.turn(engine)
    await world.scheduled(HOUR)

    account = await Account.get(id=world.account.id)

    assert (account.quota_total, account.quota_window_seconds) == (2, 86_400)
    crowd = await crowd_at(account, draft.id, slot)
    assert crowd is not None
    assert crowd.used == 2
    out_at = (await world.target(first)).published_at
    assert out_at is not None
    assert abs(crowd.free_at - (out_at + DAY)) < timedelta(seconds=2)
    assert await crowd_at(account, draft.id, slot + 2 * DAY) is None

    runs = [slot + 2 * DAY + every * 8 * HOUR for every in range(6)]
    crowd = await crowd_at_runs(account, draft.id, runs)
    assert crowd is not None, "runs take room from each other"
    assert (crowd.used, crowd.free_at) == (2, runs[0] + DAY)
    assert await crowd_at_runs(account, draft.id, runs[::2]) is None
    assert await crowd_at_runs(account, draft.id, [slot]) is not None, "and from what is planned"
