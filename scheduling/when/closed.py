"""A closed grammar of plain English times: what it reads is certain, the rest it leaves alone."""

# ruff: noqa: PLR2004 - a clock face is made of these numbers

import re
from datetime import UTC, date, datetime, time, timedelta

from scheduling.when.reading import Profile, Reading, Why
from scheduling.when.zones import instants_of, shifted_out_of_gap, zone_of

_CLOCK = (
    r"(?:(?:at\s+|@\s*)?(?:(?P<h>\d{1,2})(?:[:.](?P<m>\d\d))?\s*(?P<half>[ap])\.?m\.?"
    r"|(?P<h24>\d{1,2}):(?P<m24>\d\d)|(?P<bare>\d{1,2})|(?P<noon>noon)))"
)
_DAY = (
    r"(?:on\s+)?(?P<day>today|tomorrow|tmrw|tmr|mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?"
    r"|thu(?:r|rs|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?|\d{4}-\d\d-\d\d)"
)
_PHRASES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?P<next>next\s+)?{_DAY}(?:\s*,)?(?:\s+|t){_CLOCK}",
        rf"{_CLOCK}(?:\s*,)?\s+(?P<next>next\s+)?{_DAY}",
        rf"(?P<next>next\s+)?{_DAY}",
        _CLOCK,
    )
)
_NOW = re.compile(r"(?:right\s+)?now|in\s+0\s+\w+", re.IGNORECASE)
_IN = re.compile(
    r"(?:in\s+|\+\s*)(?P<n>\d{1,6})\s*(?P<unit>s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?"
    r"|h(?:(?:ou)?rs?)?|d(?:ays?)?|w(?:eeks?|ks?)?)",
    re.IGNORECASE,
)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def read_closed(phrase: str, *, now: datetime, profile: Profile) -> Reading | None:
    """Read *phrase* when the closed grammar covers it whole; None otherwise."""
    words = phrase.strip().rstrip(".!")
    zone = zone_of(profile.zone)
    if _NOW.fullmatch(words):
        return _now(now, profile)
    if duration := _IN.fullmatch(words):
        return _after(duration, now, profile)
    for pattern in _PHRASES:
        if found := pattern.fullmatch(words):
            local = now.astimezone(zone).replace(tzinfo=None)
            return _named(found.groupdict(), local, now, profile)
    return None


def at_wall_clock(local: datetime, *, now: datetime, profile: Profile) -> Reading:
    """The reading of a wall-clock time of the person; gaps, overlaps and the past are asked."""
    zone = zone_of(profile.zone)
    found = instants_of(local, zone)
    if not found:
        moved = at_wall_clock(shifted_out_of_gap(local, zone), now=now, profile=profile)
        return _ask("nonexistent", profile, moved)
    readings = [_booked(local, at, fold, profile) for fold, at in enumerate(found)]
    if len(readings) == 2:
        return _ask("overlap", profile, *readings)
    if found[0] <= now:
        later = at_wall_clock(local + timedelta(days=1), now=now, profile=profile)
        return _ask("past", profile, *([later] if later.status == "ok" else []))
    if found[0] > now + timedelta(days=731):
        return _ask("too_far", profile)
    return readings[0]


def _booked(local: datetime, at: datetime, fold: int, profile: Profile) -> Reading:
    return Reading("ok", profile.zone, at_utc=at, local=local, fold=fold)


def _ask(why: Why, profile: Profile, *alternatives: Reading, day: date | None = None) -> Reading:
    return Reading("ask", profile.zone, why=why, alternatives=alternatives, day=day)


def _now(now: datetime, profile: Profile) -> Reading:
    local = now.astimezone(zone_of(profile.zone)).replace(tzinfo=None, fold=0)
    at_once = Reading("ok", profile.zone, at_utc=now, local=local, grain="now")
    return Reading("ask", profile.zone, why="past", alternatives=(at_once,), grain="now")


def _after(found: re.Match[str], now: datetime, profile: Profile) -> Reading:
    amount, unit = int(found["n"]), _UNITS[found["unit"][0].lower()]
    if amount == 0:
        return _now(now, profile)
    span = timedelta(**{unit: amount})
    zone = zone_of(profile.zone)
    if span > timedelta(days=731):
        return _ask("too_far", profile)
    if unit in ("days", "weeks"):
        wall = now.astimezone(zone).replace(tzinfo=None, fold=0) + span
        return at_wall_clock(wall, now=now, profile=profile)
    at = (now + span).replace(microsecond=0).astimezone(UTC)
    local = at.astimezone(zone)
    wall = local.replace(tzinfo=None, fold=0)
    return Reading("ok", profile.zone, at_utc=at, local=wall, fold=local.fold, grain="second")


def _named(
    words: dict[str, str | None], local: datetime, now: datetime, profile: Profile
) -> Reading:
    day_word = (words.get("day") or "").lower()
    try:
        day = _day(day_word, local.date())
        clocks = _clocks(words)
    except ValueError:
        return _ask("invalid", profile)
    if not clocks:
        return _ask("no_time", profile, day=day)
    if words.get("next"):
        day = day + timedelta(days=7) if day else None
        return _ask("ambiguous", profile, day=day)
    readings = [_on(day, clock, day_word, local, now, profile) for clock in clocks]
    if len(readings) == 1:
        return readings[0]
    return _ask("ambiguous", profile, *(each for each in readings if each.status == "ok"))


def _on(
    day: date | None,
    clock: time,
    day_word: str,
    local: datetime,
    now: datetime,
    profile: Profile,
) -> Reading:
    wall = datetime.combine(day or local.date(), clock)
    if wall <= local and day is None:
        wall += timedelta(days=1)
    elif wall <= local and day_word[:3] in _WEEKDAYS:
        wall += timedelta(days=7)
    found = at_wall_clock(wall, now=now, profile=profile)
    if day == local.date() and day_word[:3] in _WEEKDAYS and found.local == wall and wall > local:
        later = at_wall_clock(wall + timedelta(days=7), now=now, profile=profile)
        if wall.date() == day:
            return _ask("ambiguous", profile, found, later)
    return found


def _day(word: str, today: date) -> date | None:
    if not word:
        return None
    if word[0].isdigit():
        return date.fromisoformat(word)
    if word == "today":
        return today
    if word[:3] in _WEEKDAYS:
        return today + timedelta(days=(_WEEKDAYS.index(word[:3]) - today.weekday()) % 7)
    return today + timedelta(days=1)


def _clocks(words: dict[str, str | None]) -> list[time]:
    if words.get("noon"):
        return [time(12)]
    if hour := words.get("h"):
        if not 1 <= int(hour) <= 12:
            raise ValueError(hour)
        afternoon = 12 if (words["half"] or "").lower() == "p" else 0
        return [time(int(hour) % 12 + afternoon, int(words.get("m") or 0))]
    if hour := words.get("h24"):
        return [time(int(hour), int(words["m24"] or 0))]
    if hour := words.get("bare"):
        if 1 <= int(hour) <= 12:
            return sorted({time(int(hour) % 12), time(int(hour) % 12 + 12)})
        return [time(int(hour))]
    return []
