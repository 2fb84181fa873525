"""Lengths and goals: what is not named stays as it was."""

from datetime import UTC, datetime, time

import pytest

from scheduling.rearranging.goals import Goal, NoGoal, goals_of, length_of, slot_of_wall
from scheduling.when import Profile

NOW = datetime(2027, 3, 9, 9, 30, tzinfo=UTC)
VIENNA = Profile("Europe/Vienna", "en", "DMY")


def slot(wall: str):
    return slot_of_wall(datetime.fromisoformat(wall), VIENNA.zone)


@pytest.mark.parametrize(
    ("words", "months", "days", "seconds"),
    [
        ("2h", 0, 0, 7200),
        ("an hour and a half", 0, 0, 5400),
        ("1 day 3 hours", 0, 1, 10_800),
        ("a week", 0, 7, 0),
        ("2 months", 2, 0, 0),
        ("half a day", 0, 0, 43_200),
    ],
)
def test_a_length_has_calendar_parts_and_elapsed_time(
    words: str, months: int, days: int, seconds: int
) -> None:
    found = length_of(words, VIENNA)

    assert found == Goal("length", months=months, days=days, seconds=seconds)


@pytest.mark.parametrize("words", ["", "2", "10:00", "friday", "2h tomorrow", "0 min", "9 years"])
def test_what_is_no_length_is_none(words: str) -> None:
    assert length_of(words, VIENNA) is None


def test_days_keep_the_wall_clock_across_a_clock_change_and_hours_do_not() -> None:
    before = slot("2027-03-27T18:00:00")

    by_days = Goal("length", days=1).slot_from(before)
    by_hours = Goal("length", seconds=24 * 3600).slot_from(before)

    assert by_days.wall_time == "2027-03-28T18:00:00"
    assert by_hours.wall_time == "2027-03-28T19:00:00"


def test_a_day_keeps_the_clock_and_a_clock_keeps_the_day() -> None:
    before = slot("2027-03-11T18:00:00")
    (day,) = _goals("saturday")
    (clock,) = _goals("16:20")

    assert day.slot_from(before).wall_time == "2027-03-13T18:00:00"
    assert clock.slot_from(before).wall_time == "2027-03-11T16:20:00"


def test_a_clock_that_does_not_exist_that_day_is_moved_by_the_gap() -> None:
    moved = Goal("clock", clock=time(2, 30)).slot_from(slot("2027-03-28T18:00:00"))

    assert moved.wall_time == "2027-03-28T03:30:00"


@pytest.mark.parametrize("words", ["every monday 9am", "someday", "blue", "31 april 10:00"])
def test_what_is_no_goal_says_why(words: str) -> None:
    found = goals_of(words, now=NOW, profile=VIENNA)

    assert isinstance(found, NoGoal)
    assert found.why


def _goals(words: str) -> list[Goal]:
    found = goals_of(words, now=NOW, profile=VIENNA)
    assert isinstance(found, list)
    return found


def test_a_strange_word_is_named_though_the_rest_would_be_a_goal() -> None:
    assert goals_of("friday 16:00 blurp", now=NOW, profile=VIENNA) == NoGoal("unread", "blurp")
