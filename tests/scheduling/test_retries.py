from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduling.retries import (
    LONGEST,
    MAX_POLLS,
    MAX_READS,
    MAX_RETRIES,
    poll_wait,
    read_wait,
    retry_wait,
)
from scheduling.timing import PRODUCTION

rolls = st.floats(min_value=0, max_value=1, exclude_max=True)
waits = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2))


@given(failures=st.integers(min_value=1, max_value=50), roll=rolls)
def test_there_are_three_retries_and_no_more(failures: int, roll: float) -> None:
    wait = retry_wait(failures, roll=lambda: roll)

    assert (wait is None) == (failures > MAX_RETRIES)


@given(failures=st.integers(min_value=1, max_value=50), roll=rolls, asked=st.none() | waits)
def test_no_wait_is_longer_than_ten_minutes_nor_shorter_than_asked(failures, roll, asked) -> None:
    wait = retry_wait(failures, roll=lambda: roll, asked=asked, is_counted=False)

    assert wait is not None
    assert timedelta(0) <= wait <= LONGEST
    assert wait >= min(asked or timedelta(0), LONGEST)


@given(failures=st.integers(min_value=1, max_value=3), low=rolls, high=rolls)
def test_the_wait_grows_with_the_roll_up_to_its_ceiling(failures, low, high) -> None:
    low, high = sorted((low, high))
    ceilings = {1: timedelta(seconds=30), 2: timedelta(minutes=2), 3: timedelta(minutes=8)}

    shorter = retry_wait(failures, roll=lambda: low)
    longer = retry_wait(failures, roll=lambda: high)

    assert shorter is not None
    assert longer is not None
    assert shorter <= longer <= ceilings[failures]


def test_the_first_wait_may_be_next_to_nothing() -> None:
    assert retry_wait(1, roll=lambda: 0.0) == timedelta(0)


@given(some=st.tuples(rolls, rolls, rolls))
def test_three_retries_outlast_five_minutes_whatever_the_rolls(some) -> None:
    waits = [
        retry_wait(failures, roll=lambda roll=roll: roll) for failures, roll in enumerate(some, 1)
    ]

    assert sum((wait for wait in waits if wait), timedelta(0)) >= PRODUCTION.grace


@given(polls=st.integers(min_value=0, max_value=200), asked=waits)
def test_a_platform_is_not_asked_faster_than_it_likes_nor_for_ever(polls, asked) -> None:
    wait = poll_wait(polls, asked)

    assert (wait is None) == (polls >= MAX_POLLS)
    assert wait is None or wait >= asked


@given(reads=st.integers(min_value=0, max_value=30))
def test_looking_ends_within_its_budget(reads: int) -> None:
    wait = read_wait(reads)

    assert (wait is None) == (reads >= MAX_READS)
    assert wait is None or timedelta(seconds=60) <= wait <= LONGEST
