"""dateparser behind its guard: only suggestions, only where all is explained."""

from datetime import UTC, datetime

import pytest

from scheduling.when import Profile, read_with_fallback
from scheduling.when.fallback import suggest

NOW = datetime(2027, 4, 13, 12, 20, tzinfo=UTC)


def profile(language: str) -> Profile:
    return Profile("Europe/Vienna", language, date_order="DMY")


def test_an_absolute_date_of_another_language_is_suggested():
    reading = suggest("15 kwietnia 2027 18:30", now=NOW, profile=profile("pl"))

    assert reading is not None
    assert f"{reading.local:%Y-%m-%d %H:%M}" == "2027-04-15 18:30"
    assert reading.flags == ("fallback",)
    assert reading.confidence == "suggested"


@pytest.mark.parametrize(
    "phrase",
    [
        "15 kwietnia",
        "jutro",
        "15 kwietnia 2035 18:30",
        "15 kwietnia 2027 18:30 99",
        "15 kwietnia 1999 18:30",
        "",
        "9" * 70,
    ],
)
def test_what_the_guard_cannot_explain_is_refused(phrase):
    assert suggest(phrase, now=NOW, profile=profile("pl")) is None


async def test_the_tables_come_first():
    (reading,) = await read_with_fallback("tomorrow 9:15", now=NOW, profile=profile("pl"))

    assert (reading.status, reading.flags) == ("ok", ())


async def test_nonsense_stays_unread():
    (reading,) = await read_with_fallback("blorp", now=NOW, profile=profile("pl"))

    assert reading.status == "none"
