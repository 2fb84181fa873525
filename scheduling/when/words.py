"""A recurrence said in English words that read back as the same rule."""

from __future__ import annotations

from scheduling.when.records import TYPE_CHECKING
from scheduling.when.rule import Rule, parse_rule

if TYPE_CHECKING:
    from datetime import date, datetime

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_PLACES = {
    1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last",
    -2: "second to last", -3: "third to last",
}  # fmt: skip
_UNITS = {
    "MINUTELY": "minute", "HOURLY": "hour", "DAILY": "day", "WEEKLY": "week", "MONTHLY": "month",
    "YEARLY": "year",
}  # fmt: skip


def rule_in_words(rrule: str, *, dtstart: datetime | None, tz: str) -> str:
    """A rule as "every Monday at 09:00 Europe/Vienna starting Mon 19 Apr 2027"."""
    rule = parse_rule(rrule)
    parts = [_days_in_words(rule)]
    if rule.hours:
        clocks = [f"{hour:02d}:{minute:02d}" for hour in rule.hours for minute in rule.minutes]
        parts.append(f"at {_listed(clocks)} {tz}")
    if dtstart is not None and rule.freq not in ("HOURLY", "MINUTELY"):
        parts.append(f"starting {_day_in_words(dtstart.date())}")
    if rule.until is not None:
        parts.append(f"until {_day_in_words(rule.until)}")
    if rule.count is not None:
        parts.append(f"for {rule.count} times")
    return " ".join(parts)


def _days_in_words(rule: Rule) -> str:
    every = _every(rule)
    if rule.freq == "WEEKLY" and rule.days:
        days = _listed([_DAYS[day] for _, day in rule.days])
        return f"every {days}" if rule.interval == 1 else f"{every} on {days}"
    if rule.freq == "YEARLY" and rule.months:
        month = _MONTHS[rule.months[0] - 1]
        if rule.days:
            return f"{every} on the {_places(rule)} in {month}"
        return f"{every} on {month} {_listed([_ordinal(day) for day in rule.month_days])}"
    if rule.days:
        return f"{_places(rule)} of {every}"
    if rule.month_days:
        return f"{_month_days(rule.month_days)} of {every}"
    return every


def _every(rule: Rule) -> str:
    unit = _UNITS[rule.freq]
    return f"every {unit}" if rule.interval == 1 else f"every {rule.interval} {unit}s"


def _places(rule: Rule) -> str:
    return _listed([f"{_PLACES[number]} {_DAYS[day]}" for number, day in rule.days])


def _month_days(days: list[int]) -> str:
    if len(days) == 1 and days[0] < 0:
        return f"{_PLACES[days[0]]} day"
    return "the " + _listed([_PLACES.get(day, "") if day < 0 else _ordinal(day) for day in days])


def _ordinal(day: int) -> str:
    teens = range(11, 14)
    ending = "th" if day in teens else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def _listed(items: list[str]) -> str:
    if len(items) == 1:
        return items[0]
    return ", ".join(items[:-1]) + " and " + items[-1]


def _day_in_words(day: date) -> str:
    weekday, month = _DAYS[day.weekday()][:3], _MONTHS[day.month - 1][:3]
    return f"{weekday} {day.day} {month} {day.year}"
