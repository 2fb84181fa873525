"""The time of day that facts say, with what a part of the day or a half does to it."""
# ruff: noqa: PLR2004 - clocks and calendars are made of these numbers

from __future__ import annotations

from datetime import datetime, time, timedelta

from scheduling.when.days import Ask, DayFinder
from scheduling.when.records import TYPE_CHECKING

if TYPE_CHECKING:
    from scheduling.when.facts import Clock, Facts
    from scheduling.when.reading import Hours
    from scheduling.when.terms import Flag


class Times:
    """The clock that was understood, and its other half where am or pm is open."""

    __slots__ = ("clock", "flags", "other", "shift_days")

    def __init__(
        self,
        clock: time,
        other: time | None = None,
        flags: tuple[Flag, ...] = (),
        shift_days: int = 0,
    ) -> None:
        self.clock = clock
        self.other = other
        self.flags = flags
        self.shift_days = shift_days


class TimeFinder(DayFinder):
    """Finds times of day; which night or which half is meant may depend on the day."""

    def times(self, clock: Clock, facts: Facts) -> Times:
        """The time of day of one clock, with the part of the day that stands beside it."""
        if clock.hour > 24:
            raise Ask("invalid")
        if clock.hour == 24 or clock.is_midnight:
            return self.midnight(facts)
        part = facts.part
        if part is not None and not clock.has_half and 1 <= clock.hour <= 12:
            return self.in_part(clock, part, facts)
        if part is not None and clock.has_half and not _agrees(clock.hour, part):
            raise Ask("conflict")
        if part == "night" and clock.has_half and clock.hour < 5 and facts.rel != 0:
            self.ask_which_night(clock, facts)
        if part == "morning" and clock.hour > 12 and not clock.has_half:
            raise Ask("conflict")
        moment = time(clock.hour, clock.minute, clock.second)
        shift = 1 if part == "night" and clock.hour < 5 and self.is_night_named(facts) else 0
        if not clock.open_half:
            return Times(moment, shift_days=shift)
        if clock.hour == 12:
            return Times(moment, time(0, clock.minute) if clock.minute else None)
        if clock.hour < 7:
            return Times(time(clock.hour + 12, clock.minute, clock.second), moment)
        return Times(moment, time(clock.hour + 12, clock.minute, clock.second))

    def is_night_named(self, facts: Facts) -> bool:
        """Whether "tonight" (not "tomorrow night") was said: after midnight is the next day."""
        return facts.rel == 0 and self.local.hour >= 5

    def in_part(self, clock: Clock, part: str, facts: Facts) -> Times:
        """The time of an hour beside a part of the day."""
        hour = clock.hour
        shift = 0
        if part in ("morning", "first"):
            if hour == 12:
                # "12 de la mañana" is noon in Madrid and midnight elsewhere.
                return Times(time(12, clock.minute), time(0, clock.minute))
        elif part == "lunch":
            hour += 0 if hour > 10 else 12
        elif part == "night":
            if hour == 12:
                return self.midnight(facts)
            if hour < 5:
                self.ask_which_night(clock, facts)
                shift = 1 if self.is_night_named(facts) else 0
            else:
                hour += 12
        elif part == "evening" and hour == 12:
            return self.midnight(facts)
        elif (part != "end" and hour != 12) or (part == "end" and hour < 12):
            hour += 12
        return Times(time(hour, clock.minute, clock.second), shift_days=shift)

    def ask_which_night(self, clock: Clock, facts: Facts) -> None:
        """Ask whether the small hours of "friday night" are those of friday or saturday."""
        if not facts.has_date or facts.rel == 0:
            return
        early = time(clock.hour, clock.minute)
        day = self.days(facts, early).day or self.today
        offered = (datetime.combine(day, early), datetime.combine(day + timedelta(1), early))
        raise Ask("ambiguous", offered)

    def midnight(self, facts: Facts) -> Times:
        """The coming midnight; with another day it is asked which of the two."""
        is_tonight = facts.rel == 0 and len(facts.weekdays) == 0
        if facts.has_date and not is_tonight:
            day = self.days(facts, None).day
            if day is not None:
                first = datetime.combine(day, time(0))
                raise Ask("ambiguous", (first, first + timedelta(days=1)))
        if is_tonight:
            facts.rel = 1
        return Times(time(0))


def hour_of_part(part: str, hours: Hours) -> int:
    """The hour a part of the day stands for with this team."""
    return {
        "morning": hours.morning,
        "first": hours.morning,
        "lunch": hours.noon,
        "afternoon": hours.afternoon,
        "evening": hours.evening,
        "night": hours.night,
        "end": hours.end_of_day,
    }[part]


def _agrees(hour: int, part: str) -> bool:
    """Whether an hour with am or pm fits the part of the day beside it."""
    if part in ("morning", "first"):
        return hour < 13
    if part == "lunch":
        return 11 <= hour < 15
    if part == "afternoon":
        return 12 <= hour < 20
    if part == "evening":
        return hour >= 15 or hour == 0
    return hour >= 16 or hour < 6
