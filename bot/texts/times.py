"""Moments in words: weekday, date, time, zone, and how far away."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = tuple("JanFebMarAprMayJunJulAugSepOctNovDec"[at : at + 3] for at in range(0, 36, 3))


def day(at: datetime, zone: str, *, now: datetime) -> str:
    """Return "Tue 24 Nov", with the year where it is not this one."""
    local = at.astimezone(ZoneInfo(zone))
    year = f" {local.year}" if local.year != now.astimezone(ZoneInfo(zone)).year else ""
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}{year}"


def clock(at: datetime, zone: str, *, seconds: bool = False) -> str:
    """Return "09:00" ("09:00:07" with *seconds*)."""
    return at.astimezone(ZoneInfo(zone)).strftime("%H:%M:%S" if seconds else "%H:%M")


def moment(at: datetime, zone: str, *, now: datetime) -> str:
    """Return "Tue 24 Nov, 09:00 (Europe/Berlin)".

    Seconds are shown while they matter: for a moment that is less than two minutes away.
    """
    close = abs(at - now) < timedelta(minutes=2) and at.second != 0
    return f"{day(at, zone, now=now)}, {clock(at, zone, seconds=close)} ({zone})"


def relative(at: datetime, *, now: datetime) -> str:
    """Return "in 18 h", "in 20 s", "3 min ago"."""
    seconds = (at - now).total_seconds()
    words = span(timedelta(seconds=abs(seconds)))
    return f"in {words}" if seconds >= 0 else f"{words} ago"


def span(length: timedelta) -> str:
    """Return a length of time in its largest fitting unit: "45 s", "12 min", "18 h", "3 days"."""
    seconds = round(length.total_seconds())
    if seconds < 90:  # noqa: PLR2004 - below it seconds say more than "1 min"
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 90:  # noqa: PLR2004
        return f"{minutes} min"
    hours = round(minutes / 60)
    if hours < 48:  # noqa: PLR2004
        return f"{hours} h"
    return f"{round(hours / 24)} days"
