"""Moments in words: weekday, date, time, zone, and how far away, as a language says them."""

from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_timedelta

from bot.texts.catalogue import ENGLISH, LANGUAGES, locale_of

_Unit = Literal["second", "minute", "hour", "day"]
_SECONDS: dict[_Unit, int] = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
_ENGLISH_UNITS: dict[_Unit, str] = {"second": "s", "minute": "min", "hour": "h", "day": "days"}
_ALWAYS_THIS_UNIT = 1e9


def day(at: datetime, zone: str, *, now: datetime, language: str = ENGLISH) -> str:
    """Return "Tue 24 Nov", with the year where it is not this one."""
    local = at.astimezone(ZoneInfo(zone))
    has_year = local.year != now.astimezone(ZoneInfo(zone)).year
    locale = locale_of(language)
    if locale.language == ENGLISH:
        return format_date(local, "EEE d MMM y" if has_year else "EEE d MMM", locale=locale)
    return format_skeleton("yMMMEd" if has_year else "MMMEd", local, locale=locale)


def clock(at: datetime, zone: str, *, seconds: bool = False) -> str:
    """Return "09:00" ("09:00:07" with *seconds*): twenty-four hours in every language."""
    return at.astimezone(ZoneInfo(zone)).strftime("%H:%M:%S" if seconds else "%H:%M")


def moment(at: datetime, zone: str, *, now: datetime, language: str = ENGLISH) -> str:
    """Return "Tue 24 Nov, 09:00 (Europe/Berlin)".

    Seconds are shown while they matter: for a moment that is less than two minutes away.
    """
    close = abs(at - now) < timedelta(minutes=2) and at.second != 0
    date = day(at, zone, now=now, language=language)
    return f"{date}, {clock(at, zone, seconds=close)} ({zone})"


def relative(at: datetime, *, now: datetime, language: str = ENGLISH) -> str:
    """Return "in 18 h", "in 20 s", "3 min ago"."""
    ahead = (at - now).total_seconds() >= 0
    count, unit = _largest_fitting(abs(at - now))
    if _is_english(language):
        words = f"{count} {_ENGLISH_UNITS[unit]}"
        return f"in {words}" if ahead else f"{words} ago"
    length = timedelta(seconds=count * _SECONDS[unit])
    return format_timedelta(
        length if ahead else -length,
        granularity=unit,
        threshold=_ALWAYS_THIS_UNIT,
        add_direction=True,
        format="short",
        locale=locale_of(language),
    )


def span(length: timedelta, *, language: str = ENGLISH) -> str:
    """Return a length of time in its largest fitting unit: "45 s", "12 min", "18 h", "3 days"."""
    count, unit = _largest_fitting(length)
    if _is_english(language):
        return f"{count} {_ENGLISH_UNITS[unit]}"
    return format_timedelta(
        timedelta(seconds=count * _SECONDS[unit]),
        granularity=unit,
        threshold=_ALWAYS_THIS_UNIT,
        format="short",
        locale=locale_of(language),
    )


def _is_english(language: str) -> bool:
    return language == ENGLISH or language not in LANGUAGES


def _largest_fitting(length: timedelta) -> tuple[int, _Unit]:
    seconds = round(length.total_seconds())
    if seconds < 90:  # noqa: PLR2004 - below it seconds say more than "1 min"
        return seconds, "second"
    minutes = round(seconds / 60)
    if minutes < 90:  # noqa: PLR2004
        return minutes, "minute"
    hours = round(minutes / 60)
    if hours < 48:  # noqa: PLR2004
        return hours, "hour"
    return round(hours / 24), "day"
