from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.texts.times import clock, day, moment, relative, span

BERLIN = "Europe/Berlin"
NOW = datetime(2026, 11, 23, 14, 10, tzinfo=UTC)


def test_b4_a_moment_names_weekday_date_time_and_zone() -> None:
    at = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)

    assert moment(at, BERLIN, now=NOW) == "Tue 24 Nov, 09:00 (Europe/Berlin)"


def test_b4_the_day_is_the_one_in_the_zone_not_in_utc() -> None:
    at = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)

    assert moment(at, BERLIN, now=NOW) == "Tue 24 Nov, 00:30 (Europe/Berlin)"
    assert moment(at, "America/New_York", now=NOW) == "Mon 23 Nov, 18:30 (America/New_York)"


def test_b4_another_year_is_named_by_the_year_in_the_zone() -> None:
    at = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)

    assert day(at, BERLIN, now=NOW) == "Fri 1 Jan 2027"
    assert day(at, "UTC", now=NOW) == "Thu 31 Dec"
    assert day(at, BERLIN, now=at) == "Fri 1 Jan"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2027, 3, 28, 0, 59, tzinfo=UTC), "01:59"),
        (datetime(2027, 3, 28, 1, 0, tzinfo=UTC), "03:00"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "02:30"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "02:30"),
    ],
)
def test_b9_the_clock_is_right_around_a_clock_change(at: datetime, said: str) -> None:
    assert clock(at, BERLIN) == said


def test_b4_seconds_are_shown_while_they_matter() -> None:
    soon = NOW + timedelta(seconds=20)

    assert moment(soon, BERLIN, now=NOW) == "Mon 23 Nov, 15:10:20 (Europe/Berlin)"
    later = NOW + timedelta(minutes=3, seconds=20)
    assert moment(later, BERLIN, now=NOW) == "Mon 23 Nov, 15:13 (Europe/Berlin)"
    assert moment(NOW + timedelta(minutes=1), BERLIN, now=NOW).endswith("15:11 (Europe/Berlin)")


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (timedelta(), "in 0 s"),
        (timedelta(seconds=20), "in 20 s"),
        (timedelta(seconds=89), "in 89 s"),
        (timedelta(seconds=89.6), "in 2 min"),
        (timedelta(minutes=12), "in 12 min"),
        (timedelta(hours=18), "in 18 h"),
        (timedelta(hours=47), "in 47 h"),
        (timedelta(hours=49), "in 2 days"),
        (timedelta(days=400), "in 400 days"),
        (timedelta(seconds=-5), "5 s ago"),
        (timedelta(hours=-3), "3 h ago"),
    ],
)
def test_b4_the_distance_is_said_in_its_fitting_unit(ahead: timedelta, said: str) -> None:
    assert relative(NOW + ahead, now=NOW) == said


def test_b4_across_a_clock_change_the_distance_is_the_real_one() -> None:
    berlin = ZoneInfo(BERLIN)
    evening = datetime(2027, 3, 27, 21, 0, tzinfo=berlin).astimezone(UTC)
    morning = datetime(2027, 3, 28, 9, 0, tzinfo=berlin).astimezone(UTC)

    assert relative(morning, now=evening) == "in 11 h"


@given(st.floats(min_value=0, max_value=10**9))
def test_b4_a_length_is_never_said_as_none_when_there_is_some(seconds: float) -> None:
    words = span(timedelta(seconds=seconds))

    number, _, unit = words.partition(" ")
    assert unit in {"s", "min", "h", "days"}
    assert int(number) > 0 or seconds <= 0.5
