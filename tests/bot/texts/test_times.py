"""Dates and distances, as nine languages say them."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import bot
from bot.texts import LANGUAGES
from bot.texts.times import clock, day, moment, relative, span

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def test_english_stands_as_it_always_stood() -> None:
    assert moment(AT, "Europe/Berlin", now=NOW) == "Tue 24 Nov, 09:00 (Europe/Berlin)"
    assert relative(AT, now=NOW) == "in 18 h"
    assert relative(NOW - timedelta(minutes=3), now=NOW) == "3 min ago"
    assert relative(NOW + timedelta(seconds=20), now=NOW) == "in 20 s"
    assert span(timedelta(days=3)) == "3 days"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "Di., 24. Nov., 09:00 (Europe/Berlin)"),
        ("es", "mar, 24 nov, 09:00 (Europe/Berlin)"),
        ("fr", "mar. 24 nov., 09:00 (Europe/Berlin)"),
        ("pt", "ter., 24 de nov., 09:00 (Europe/Berlin)"),
        ("it", "mar 24 nov, 09:00 (Europe/Berlin)"),
        ("ru", "вт, 24 нояб., 09:00 (Europe/Berlin)"),
        ("uk", "вт, 24 лист., 09:00 (Europe/Berlin)"),
        ("tr", "24 Kas Sal, 09:00 (Europe/Berlin)"),
    ],
)
def test_b45_a_moment_is_said_as_the_language_says_it(language: str, said: str) -> None:
    assert moment(AT, "Europe/Berlin", now=NOW, language=language) == said


@pytest.mark.parametrize(
    ("language", "ahead", "ago"),
    [
        ("de", "in 18 Std.", "vor 3 Min."),
        ("es", "dentro de 18 h", "hace 3 min"),
        ("ru", "через 18 ч", "3 мин. назад"),
        ("tr", "18 sa. sonra", "3 dk. önce"),
    ],
)
def test_b45_distances_are_said_as_the_language_says_them(
    language: str, ahead: str, ago: str
) -> None:
    assert relative(AT, now=NOW, language=language).replace("\xa0", " ") == ahead
    assert relative(NOW - timedelta(minutes=3), now=NOW, language=language) == ago


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_year_is_named_where_it_is_another_one(language: str) -> None:
    assert "2026" not in day(AT, "UTC", now=NOW, language=language)
    assert "2027" in day(AT.replace(year=2027), "UTC", now=NOW, language=language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("length", "number"),
    [
        (timedelta(seconds=89), "89"),
        (timedelta(minutes=89), "89"),
        (timedelta(hours=47), "47"),
        (timedelta(days=40), "40"),
    ],
)
def test_the_largest_fitting_unit_is_taken_in_every_language(
    language: str, length: timedelta, number: str
) -> None:
    assert span(length, language=language).startswith(number)
    assert number in relative(NOW + length, now=NOW, language=language)


def test_a_language_we_do_not_speak_gets_english_dates() -> None:
    assert day(AT, "UTC", now=NOW, language="pl") == "Tue 24 Nov"
    assert relative(AT, now=NOW, language="pl") == "in 18 h"


def test_the_clock_has_24_hours() -> None:
    assert clock(AT + timedelta(hours=12), "Europe/Berlin") == "21:00"


def test_b45_whoever_says_a_date_names_the_language() -> None:
    calls = [
        (f"{path.name}:{node.lineno}", {one.arg for one in node.keywords})
        for path in sorted(Path(bot.__file__).parent.rglob("*.py"))
        if "bot.texts.times import" in (source := path.read_text())
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"day", "moment", "relative", "span"}
    ]

    assert len(calls) > 15
    assert [where for where, given in calls if "language" not in given] == []
