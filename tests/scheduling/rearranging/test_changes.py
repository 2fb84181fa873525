"""What an order does to each post: pure, so it can be drawn up again and compared."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.rearranging.changes import Change, Planned, Queue, Runs, busiest_day, changes_of
from scheduling.rearranging.goals import Goal, slot_of_moment
from scheduling.rearranging.sentence import DayFilter, Order

NOW = datetime(2027, 3, 9, 9, 30, tzinfo=UTC)
ZONE = "Europe/Vienna"
ACCOUNT = uuid4()
HOUR = Goal("length", seconds=3600)


def post(number: int, due_in: timedelta, *, standing: str = "movable") -> Planned:
    slot = slot_of_moment(NOW + due_in, ZONE)
    return Planned(UUID(int=number), number, slot, standing, ACCOUNT)  # type: ignore[arg-type]


def listed(order: Order, *posts: Planned, runs: tuple[Runs, ...] = ()) -> list[Change]:
    named = [one for one in posts if one.number in order.numbers]
    return changes_of(order, Queue(posts, named, runs), now=NOW, zone=ZONE)


def test_a_push_moves_everything_by_the_same_length_in_the_order_of_time() -> None:
    late, soon = post(1, timedelta(days=2)), post(2, timedelta(hours=3))

    found = listed(Order("move", (), (HOUR,)), late, soon)

    assert [one.number for one in found] == [2, 1]
    assert all(
        one.after and one.before and one.after.due_at - one.before.due_at == timedelta(hours=1)
        for one in found
    )


@pytest.mark.parametrize("standing", ["going_out", "published", "cancelled", "draft", "series"])
def test_what_cannot_be_moved_stays_and_says_why(standing: str) -> None:
    (change,) = listed(
        Order("move", (1,), (HOUR,)), post(1, timedelta(hours=3), standing=standing)
    )

    assert (change.why, change.is_change) == (standing, False)


def test_a_number_that_nobody_knows_is_said() -> None:
    found = listed(Order("move", (1, 99), (HOUR,)), post(1, timedelta(hours=3)))

    assert [(one.number, one.why) for one in found] == [(1, ""), (99, "missing")]


def test_nothing_is_moved_into_the_past_or_too_far() -> None:
    earlier = Goal("length", seconds=-4 * 3600)

    (past,) = listed(Order("move", (), (earlier,)), post(1, timedelta(hours=3)))
    (far,) = listed(Order("move", (), (HOUR,)), post(1, timedelta(days=731)))

    assert (past.why, past.is_change) == ("past", False)
    assert (far.why, far.is_change) == ("too_far", False)


def test_the_same_minute_on_one_account_is_warned_of_and_still_moved() -> None:
    found = listed(
        Order("move", (1,), (HOUR,)), post(1, timedelta(hours=3)), post(2, timedelta(hours=4))
    )

    assert [(one.warning, one.other, one.is_change) for one in found] == [("clash", 2, True)]


def test_a_swap_gives_each_the_time_of_the_other() -> None:
    one, two = post(1, timedelta(hours=3)), post(2, timedelta(days=4))

    first, second = listed(Order("swap", (1, 2)), one, two)

    assert (first.after, second.after) == (two.slot, one.slot)


def test_a_swap_with_what_cannot_move_moves_neither() -> None:
    found = listed(
        Order("swap", (1, 2)),
        post(1, timedelta(hours=3)),
        post(2, timedelta(hours=1), standing="going_out"),
    )

    assert {one.number: one.why for one in found} == {1: "no_partner", 2: "going_out"}


def test_days_narrow_everything_down_by_the_persons_calendar() -> None:
    # Half past ten in the evening in UTC is the next day in Vienna.
    tonight, tomorrow = post(1, timedelta(hours=13)), post(2, timedelta(hours=14))
    days = DayFilter("on", date(2027, 3, 10))

    found = listed(Order("move", (), (HOUR,), days), tonight, tomorrow)

    assert [one.number for one in found] == [2]


def test_a_pause_moves_what_falls_into_it_by_whole_days_and_leaves_the_rest() -> None:
    end = Goal("moment", at=datetime(2027, 3, 14, 23, tzinfo=UTC), zone=ZONE)
    within, also, after = (post(n, timedelta(days=n)) for n in (1, 3, 6))

    found = listed(Order("pause", (), (end,)), within, also, after)

    assert [one.number for one in found] == [1, 3]
    waited = {one.after.due_at - one.before.due_at for one in found if one.after and one.before}
    assert waited == {timedelta(days=5)}
    assert all(one.after and one.after.due_at >= datetime(2027, 3, 14, 23, tzinfo=UTC)
               for one in found)  # fmt: skip


def test_a_pause_of_everything_leaves_runs_of_series_out() -> None:
    end = Goal("moment", at=NOW + timedelta(days=3), zone=ZONE)
    runs = Runs(uuid4(), 4, (NOW + timedelta(days=1), NOW + timedelta(days=2)), None)

    (change,) = listed(Order("pause", (), (end,)), runs=(runs,))

    assert (change.series_id, change.runs, change.is_change) == (runs.series_id, runs.runs, True)


lengths = st.builds(
    Goal,
    st.just("length"),
    days=st.integers(-40, 400),
    seconds=st.integers(-90_000, 90_000),
)
moments = st.builds(
    lambda hours: Goal("moment", at=NOW + timedelta(hours=hours), zone=ZONE),
    st.integers(1, 9000),
)
posts = st.lists(st.integers(1, 60 * 24 * 300), min_size=1, max_size=8, unique=True)


@given(posts, st.sampled_from(["move", "pause"]), st.one_of(lengths, moments))
def test_every_post_is_listed_once_moves_to_a_time_to_come_and_keeps_its_length(
    minutes: list[int], action: str, goal: Goal
) -> None:
    queue = [post(n, timedelta(minutes=due)) for n, due in enumerate(minutes, start=1)]
    numbers = tuple(one.number for one in queue)

    found = listed(Order(action, numbers, (goal,)), *queue)  # type: ignore[arg-type]

    assert sorted(one.number for one in found) == list(numbers)
    assert all(one.after and one.after.due_at > NOW for one in found if one.is_change)
    assert [Change.from_json(one.to_json()) for one in found] == found


@given(posts)
def test_the_busiest_day_is_never_more_than_all_and_never_less_than_one(
    minutes: list[int],
) -> None:
    queue = [post(n, timedelta(minutes=due)) for n, due in enumerate(minutes, start=1)]

    assert 1 <= busiest_day([], queue)[ACCOUNT] <= len(queue)


def test_the_busiest_day_counts_where_posts_will_be() -> None:
    one, two = post(1, timedelta(hours=1)), post(2, timedelta(days=5))
    moved = Change(2, two.post_id, before=two.slot, after=one.slot)

    assert busiest_day([], [one, two])[ACCOUNT] == 1
    assert busiest_day([moved], [one, two])[ACCOUNT] == 2
