"""Days of a month and clock times are told apart, or asked about."""

from datetime import UTC, datetime

import pytest

from scheduling.when import Profile, read

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ru", "5 и 20 числа каждого месяца в 10:00"),
        ("uk", "5 і 20 числа кожного місяця о 10:00"),
        ("tr", "her ayın 5. ve 20. günü saat 10:00"),
    ],
)
def test_numbers_that_may_be_days_are_never_taken_for_hours(language: str, words: str) -> None:
    (reading,) = read(words, now=NOW, profile=Profile("Europe/Berlin", language))

    assert reading.status == "ask"


def test_two_clocks_on_a_day_of_the_month_are_both_read() -> None:
    profile = Profile("Europe/Berlin", "en")

    readings = read("on the 5th of every month at 10:00 and 18:00", now=NOW, profile=profile)

    assert [one.rrule for one in readings] == ["FREQ=MONTHLY;BYMONTHDAY=5;BYHOUR=10,18;BYMINUTE=0"]
