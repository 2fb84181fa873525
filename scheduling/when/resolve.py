"""Facts to readings: put on the calendar of a person, seen from now."""
# ruff: noqa: PLR2004 - clocks and calendars are made of these numbers

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from scheduling.when.facts import Clock, Facts
from scheduling.when.monthdays import day_of, month_after, nth_weekday_of, shift_months
from scheduling.when.reading import Hours, Profile, Reading, altered
from scheduling.when.records import TYPE_CHECKING
from scheduling.when.zones import (
    ABBREVIATIONS,
    iana_name,
    instants_of,
    offset_name,
    shifted_out_of_gap,
    wall_clock,
    zone_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduling.when.terms import Flag, Why

HORIZON_YEARS = 2
PAST_DAYS_ASKED = 30
_ELAPSED = {"second": 1, "minute": 60, "hour": 3600}
_HALF_A_MONTH = range(13, 18)
_ROLLED: tuple[Flag, ...] = ("rolled_year",)
_OFFERED_CLOCKS = (time(9), time(12), time(18))


class Ask(Exception):
    """The facts need a question: why, and what to offer."""

    def __init__(
        self, why: Why, offered: tuple[date | datetime, ...] = (), day: date | None = None
    ) -> None:
        super().__init__(why)
        self.why = why
        self.offered = offered
        self.day = day


class Days:
    """The day that was understood, other days it may be, and how sure that is."""

    __slots__ = ("day", "flags", "others")

    def __init__(
        self, day: date | None, others: tuple[date, ...] = (), flags: tuple[Flag, ...] = ()
    ) -> None:
        self.day = day
        self.others = others
        self.flags = flags


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


class Resolver:
    """Resolves facts in one zone, seen from one instant."""

    def __init__(self, now: datetime, profile: Profile, zone_name: str) -> None:
        self.now = now
        self.profile = profile
        self.name = zone_name
        self.zone = zone_of(zone_name)
        self.local = wall_clock(now, self.zone)
        self.today = self.local.date()

    # Readings

    def ok(
        self, local: datetime, at: datetime, fold: int = 0, flags: tuple[Flag, ...] = ()
    ) -> Reading:
        """The reading of an instant that is certain."""
        return Reading("ok", self.name, at, local, fold, flags=flags)

    def ask(self, why: Why, alternatives: list[Reading], day: date | None = None) -> Reading:
        """A question with the readings it offers."""
        kept = tuple(each for each in alternatives if each.status == "ok")
        return Reading("ask", self.name, why=why, alternatives=kept, day=day)

    def at_wall_clock(self, local: datetime, flags: tuple[Flag, ...] = ()) -> Reading:
        """The reading of a wall-clock time; gaps, overlaps and the past are questions."""
        if self.is_too_far(local):
            return self.ask("too_far", [])
        found = instants_of(local, self.zone)
        if len(found) == 1:
            if found[0] <= self.now:
                return self.ask("past", [])
            return Reading("ok", self.name, found[0], local, flags=flags)
        if not found:
            return self.ask(
                "nonexistent", [self.at_wall_clock(shifted_out_of_gap(local, self.zone))]
            )
        if found[1] <= self.now:
            return self.ask("past", [])
        both = [self.ok(local, at, fold) for fold, at in enumerate(found) if at > self.now]
        return self.ask("overlap", both)

    def is_too_far(self, local: datetime) -> bool:
        """Whether a wall-clock time lies beyond the horizon."""
        if local.year - self.today.year < HORIZON_YEARS:
            return False
        return local > shift_months(self.local, 12 * HORIZON_YEARS)

    # One time

    def resolve(self, facts: Facts) -> list[Reading]:
        """The readings of facts that tell one time, or several joined by "and"."""
        if (
            facts.durations
            and not facts.has_clock
            and not facts.is_anchored
            and not self.names_week(facts)
        ):
            return [self.after_duration(facts)]
        if facts.durations and any(unit in _ELAPSED for _, unit in facts.durations):
            raise Ask("conflict")  # "in 2 hours at 9": either of them, not both
        if facts.dot_pair is not None:
            self.settle_dot_pair(facts)
        if len(facts.month_days) + len(facts.doms) > 1 and not facts.nth:
            return self.several_days(facts)
        if not facts.has_clock:
            return [self.day_only(facts)]
        if facts.part is not None and not facts.clocks:
            hour = hour_of_part(facts.part, self.profile.hours)
            times = [Times(time(hour), flags=("default_time",))]
        else:
            times = [self.times(clock, facts) for clock in facts.clocks]
        readings = [self.one(each, facts) for each in times]
        if facts.is_range:
            readings = [self.as_range(readings[0])]
        return readings

    def several_days(self, facts: Facts) -> list[Reading]:
        """Read "9 and 10 april at 9": one reading for each day."""
        found: list[Reading] = []
        for month_day in facts.month_days:
            found += self.resolve(_only(facts, month_days=[month_day], doms=[]))
        for dom in facts.doms:
            found += self.resolve(_only(facts, month_days=[], doms=[dom]))
        return found

    def as_range(self, reading: Reading) -> Reading:
        """Ask for a range; its start is offered."""
        offered = [reading] if reading.status == "ok" else list(reading.alternatives)
        return self.ask("range", [each.flagged((), ()) for each in offered])

    def settle_dot_pair(self, facts: Facts) -> None:
        """Read "wed 9.10": a clock beside a weekday, unless it names that very day."""
        pair, facts.dot_pair = facts.dot_pair, None
        if pair is None:
            return
        first, second = pair
        day = day_of(self.today.year, second, first)
        if day is not None and day < self.today:
            day = day_of(self.today.year + 1, second, first)
        agrees = day is not None and day.weekday() in facts.weekdays
        if facts.clocks or (agrees and day is not None and (day - self.today).days <= 60):
            facts.month_days.append((second, first))
            return
        facts.clocks.append(Clock(first, second))

    def one(self, times: Times, facts: Facts) -> Reading:
        """One time of day on the day that was said."""
        reading = self.place(times.clock, facts, times.shift_days)
        if times.other is None and not (times.flags or facts.is_approximate):
            return reading
        flags = list(times.flags)
        alternatives: list[Reading] = []
        if times.other is not None:
            other = self.place(times.other, facts, times.shift_days)
            flags.append("ambiguous")
            if reading.status == "ok" and reading.why is None:
                alternatives = [other] if other.status == "ok" else list(other.alternatives)
                if "ambiguous" in reading.flags:
                    alternatives += other.alternatives
            elif other.status == "ok" and reading.why == "past":
                offered = [other.flagged((), ()), *reading.alternatives]
                return altered(reading, alternatives=tuple(_distinct(offered)))
            else:
                offered = [
                    *reading.alternatives,
                    *([other] if other.status == "ok" else other.alternatives),
                ]
                return altered(reading, alternatives=tuple(_distinct(offered)))
        if reading.status != "ok":
            return reading
        if facts.is_approximate:
            flags.append("approximate")
        flags += [flag for flag in reading.flags if flag not in flags]
        joined = _distinct([*reading.alternatives, *alternatives], besides=reading)
        return reading.flagged(tuple(dict.fromkeys(flags)), tuple(joined))

    def place(self, clock: time, facts: Facts, shift_days: int = 0) -> Reading:
        """A clock on the day that was said; on the next such day where none was."""
        try:
            days = self.days(facts, clock)
        except Ask as question:
            return self.question(question, clock)
        if days.day is None:
            local = datetime.combine(self.today, clock)
            if local <= self.local:
                local += timedelta(days=1)
            reading = self.at_wall_clock(local)
            if reading.why == "past":
                reading = self.at_wall_clock(local + timedelta(days=1))
            return reading
        day = days.day + timedelta(days=shift_days)
        reading = self.at_wall_clock(datetime.combine(day, clock))
        if reading.why == "past":
            tomorrow = self.at_wall_clock(datetime.combine(self.today + timedelta(days=1), clock))
            return self.ask("past", [tomorrow])
        if not (days.others or days.flags):
            return reading
        others = [self.at_wall_clock(datetime.combine(other, clock)) for other in days.others]
        kept = tuple(each for each in others if each.status == "ok")
        return reading.flagged(days.flags, reading.alternatives + kept)

    def question(self, question: Ask, clock: time | None) -> Reading:
        """The question as a reading, with the clock put on the days it offers."""
        offered: list[Reading] = []
        for each in question.offered:
            local = each
            if not isinstance(local, datetime):
                if clock is None:
                    continue
                local = datetime.combine(local, clock)
            offered.append(self.at_wall_clock(local))
        return self.ask(question.why, offered, question.day if clock is None else None)

    def day_only(self, facts: Facts) -> Reading:
        """A day without a clock: ask for the clock, and say the day."""
        try:
            days = self.days(facts, None)
        except Ask as question:
            if question.day is None and len(question.offered) == 1:
                question.day = question.offered[0]
            return self.question(question, None)
        if days.day is None:
            return Reading("none", self.name, why="no_when")
        if days.day < self.today:
            return self.ask("past", [])
        if self.is_too_far(datetime.combine(days.day, time(0))):
            return self.ask("too_far", [])
        offered = [
            self.at_wall_clock(datetime.combine(days.day, clock)) for clock in _OFFERED_CLOCKS
        ]
        return self.ask("no_time", offered, days.day)

    # Clocks

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
            hour %= 12
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

    # Days

    def days(self, facts: Facts, clock: time | None) -> Days:
        """The day that was said, seen from now, for this clock.

        Raises:
            Ask: the day is impossible, past, in conflict or open.
        """
        if facts.is_anchored and facts.durations:
            return self.anchored(facts, clock)
        if not _fit_together(facts):
            raise Ask("conflict")
        found = self.stated(facts, clock)
        if found is None:
            return Days(None)
        if facts.weekdays and not facts.nth and found.day is not None:
            self.check_weekday(found.day, facts)
        if facts.rel is not None and found.day is not None:
            named = self.today + timedelta(days=facts.rel)
            if named != found.day:
                raise Ask("conflict", (named, found.day))
        return found

    def stated(self, facts: Facts, clock: time | None) -> Days | None:
        """The day by the most exact thing that was said about it."""
        if facts.open_order is not None:
            return self.open_order(facts.open_order, clock)
        if facts.full_date is not None:
            return self.full_date(*facts.full_date)
        if facts.month_days:
            return self.month_day(facts, clock)
        if facts.nth:
            return self.nth_weekday(facts, clock)
        if facts.doms:
            return self.day_of_month(facts, facts.doms[0], clock)
        if facts.edge is not None:
            return self.day_of_month(facts, facts.edge, clock)
        if facts.loose_ordinals:
            return self.day_of_month(facts, facts.loose_ordinals[0], clock)
        if facts.weekdays:
            return self.weekday(facts, clock)
        if facts.rel is not None:
            return Days(self.today + timedelta(days=facts.rel))
        if facts.durations:
            return Days(self.calendar_shift(facts.durations, self.local).date())
        return self.period(facts)

    def period(self, facts: Facts) -> Days | None:
        """Read "weekend", "next week", "next month"."""
        monday = self.today - timedelta(days=self.today.weekday())
        if facts.is_weekend:
            offset = facts.week_offset or 0
            saturday = monday + timedelta(days=5 + 7 * offset)
            if saturday < self.today and offset == 0:
                saturday = (
                    self.today if self.today.weekday() == 6 else saturday + timedelta(days=7)
                )
            return Days(saturday)
        if facts.week_offset is not None:
            if facts.week_offset == 0:
                raise Ask("vague")
            return Days(monday + timedelta(days=7 * facts.week_offset))
        if facts.month is not None and facts.month_offset is None:
            raise Ask("vague")
        if facts.month_offset is not None:
            if facts.month_offset == 0:
                raise Ask("vague")
            return Days(month_after(self.today, facts.month_offset))
        if facts.year_offset is not None:
            raise Ask("vague")
        return None

    def check_weekday(self, day: date, facts: Facts) -> None:
        """Ask when weekday and date disagree."""
        if (
            facts.full_date
            or facts.month_days
            or facts.doms
            or facts.edge
            or facts.rel is not None
        ) and day.weekday() != facts.weekdays[0]:
            ahead = (facts.weekdays[0] - self.today.weekday()) % 7
            raise Ask("conflict", (self.today + timedelta(days=ahead), day))

    def open_order(self, numbers: tuple[int, int, int | None], clock: time | None) -> Days:
        """Ask which number is the day; both are offered."""
        first, second, year = numbers
        offered: list[date] = []
        for month, day in ((second, first), (first, second)):
            facts = Facts(month_days=[(month, day)], year=year)
            try:
                found = self.month_day(facts, clock).day
            except Ask:
                continue
            if found is not None:
                offered.append(found)
        raise Ask("ambiguous", tuple(offered))

    def full_date(self, year: int, month: int, day: int) -> Days:
        """A date with its year."""
        found = day_of(year, month, day)
        if found is None:
            raise Ask("invalid")
        if found < self.today:
            raise Ask("past")
        return Days(found)

    def month_day(self, facts: Facts, clock: time | None) -> Days:
        """A date without a year: the next one."""
        month, day = facts.month_days[0]
        year = facts.year
        if year is None and facts.year_offset is not None:
            year = self.today.year + facts.year_offset
        if year is not None:
            return self.full_date(year, month, day)
        if day_of(2024, month, day) is None:
            raise Ask("invalid")
        found = day_of(self.today.year, month, day)
        if found is not None and self.is_ahead(found, clock):
            return Days(found)
        rolled = next(
            each
            for each in (day_of(self.today.year + years, month, day) for years in range(1, 9))
            if each is not None
        )
        if facts.is_holiday and found is not None and found < self.today:
            return Days(rolled, flags=_ROLLED)
        if found is not None and (self.today - found).days <= PAST_DAYS_ASKED:
            raise Ask("past", (rolled,))
        return Days(rolled, flags=_ROLLED)

    def is_ahead(self, day: date, clock: time | None) -> bool:
        """Whether a day still comes, at this clock if there is one."""
        if clock is None:
            return day >= self.today
        return datetime.combine(day, clock) > self.local

    def day_of_month(self, facts: Facts, dom: int, clock: time | None) -> Days:
        """The 24th, the last day, the end of a month: rolled forward where it is past."""
        if facts.month is not None:
            return self.in_month(facts, clock, lambda year, month: day_of(year, month, dom))
        if facts.month_offset:
            first = month_after(self.today, facts.month_offset)
            found = day_of(first.year, first.month, dom)
            if found is None:
                raise Ask("invalid")
            return Days(found)
        for months in range(13):
            first = month_after(self.today, months)
            found = day_of(first.year, first.month, dom)
            if found is not None and self.is_ahead(found, clock):
                rolled = found.year != self.today.year
                return Days(found, flags=_ROLLED if rolled else ())
        raise Ask("invalid")

    def nth_weekday(self, facts: Facts, clock: time | None) -> Days:
        """The n-th such weekday of a month."""
        number, weekday = facts.nth[0]
        if facts.month is not None:
            return self.in_month(
                facts, clock, lambda year, month: nth_weekday_of(year, month, number, weekday)
            )
        start = facts.month_offset or 0
        for months in range(start, start + 14):
            first = month_after(self.today, months)
            found = nth_weekday_of(first.year, first.month, number, weekday)
            if found is not None and self.is_ahead(found, clock):
                rolled = found.year != self.today.year and facts.month_offset is None
                return Days(found, flags=_ROLLED if rolled else ())
            if start:
                raise Ask("invalid")
        raise Ask("invalid")

    def in_month(
        self, facts: Facts, clock: time | None, find: Callable[[int, int], date | None]
    ) -> Days:
        """A day by its place in a named month, of this year or the next."""
        month = facts.month or 1
        years = (
            [facts.year]
            if facts.year
            else [self.today.year, self.today.year + 1, self.today.year + 2]
        )
        for year in years:
            found = find(year, month)
            if found is not None and self.is_ahead(found, clock):
                rolled = year != self.today.year and not facts.year
                return Days(found, flags=_ROLLED if rolled else ())
        if facts.year and find(facts.year, month) is not None:
            raise Ask("past")
        raise Ask("invalid")

    def names_week(self, facts: Facts) -> bool:
        """Whether a weekday stands beside "in 2 weeks"."""
        return bool(facts.weekdays)

    def weekday(self, facts: Facts, clock: time | None) -> Days:
        """A weekday: bare, this, next, after next, in a named week."""
        weekday = facts.weekdays[0]
        ahead = (weekday - self.today.weekday()) % 7
        nearest = self.today + timedelta(days=ahead)
        mod = facts.weekday_mod
        if ahead and mod is None and not facts.durations and facts.week_offset is None:
            return Days(nearest)
        monday = self.today - timedelta(days=self.today.weekday())
        week = timedelta(days=7)
        if facts.durations:
            weeks = _whole_weeks(facts.durations)
            if weeks is None:
                day = self.calendar_shift(facts.durations, self.local).date()
                if day.weekday() != weekday:
                    raise Ask("conflict", (nearest, day))
                return Days(day)
            day = monday + weeks * week + timedelta(days=weekday)
            if facts.is_week_after and weeks == 1 and day == nearest:
                # "monday in a week" would be a strange name for the coming one.
                return Days(day, (day + week,), ("ambiguous",))
            return Days(day)
        if facts.week_offset is not None:
            day = monday + facts.week_offset * week + timedelta(days=weekday)
            if day < self.today:
                raise Ask("past", (day + week,))
            return Days(day)
        if mod == "next":
            day = monday + week + timedelta(days=weekday)
            if nearest not in (day, self.today):
                return Days(day, (nearest,), ("ambiguous",))
            return Days(day)
        if mod == "after_next":
            day = monday + 2 * week + timedelta(days=weekday)
            return Days(day, (day - week,), ("ambiguous",))
        if mod in ("plus_week", "plus_two"):
            return Days(nearest + (2 if mod == "plus_two" else 1) * week)
        if ahead:
            return Days(nearest)
        if clock is None:
            return Days(nearest, (nearest + week,))
        if self.is_ahead(nearest, clock):
            return Days(nearest, (nearest + week,), ("ambiguous",))
        return Days(nearest + week)

    # Durations

    def anchored(self, facts: Facts, clock: time | None) -> Days:
        """Read "a week from friday": the duration counts from the day that follows it."""
        base = self.stated(_only(facts, durations=[], is_anchored=False), None)
        start = self.today if base is None or base.day is None else base.day
        if any(unit in _ELAPSED for _, unit in facts.durations):
            raise Ask("conflict")
        moved = self.calendar_shift(facts.durations, datetime.combine(start, clock or time(0)))
        if base is None or base.day is None:
            return Days(moved.date())
        if base.day == self.today and facts.weekdays and not facts.weekday_mod:
            # "3 weeks from monday", said on a monday: from this one or the next?
            return Days(moved.date(), (moved.date() + timedelta(days=7),), ("ambiguous",))
        return Days(moved.date(), flags=base.flags)

    def calendar_shift(self, items: list[tuple[float, str]], start: datetime) -> datetime:
        """*start* moved by the calendar units of a duration, the wall clock kept."""
        moved = start
        for amount, unit in items:
            if unit in ("month", "year", "quarter"):
                months = amount * {"month": 1, "year": 12, "quarter": 3}[unit]
                if months != int(months):
                    raise Ask("vague")
                if months > 1200:
                    raise Ask("too_far")
                moved = shift_months(moved, int(months))
        for amount, unit in items:
            if unit in ("day", "week"):
                days = amount * (7 if unit == "week" else 1)
                if days > 36500:
                    raise Ask("too_far")
                moved += timedelta(days=int(days))
        return moved

    def after_duration(self, facts: Facts) -> Reading:
        """Read "in 5 h", "in 3 days": hours count in UTC, days keep the wall clock."""
        seconds = 0.0
        has_calendar = False
        for amount, unit in facts.durations:
            if unit in _ELAPSED:
                seconds += amount * _ELAPSED[unit]
            else:
                has_calendar = True
                days = amount * (7 if unit == "week" else 1)
                if unit in ("day", "week"):
                    seconds += (days - int(days)) * 86400
        if facts.rel or facts.month_days or facts.full_date or facts.doms:
            raise Ask("conflict")
        if seconds > 86400 * 740:
            raise Ask("too_far")
        at = self.now
        flags: tuple[Flag, ...] = ("approximate",) if facts.is_approximate else ()
        if has_calendar:
            local = self.calendar_shift(facts.durations, self.local)
            reading = self.at_wall_clock(local.replace(microsecond=0), flags)
            if seconds < 1 or reading.at_utc is None:
                return reading
            at = reading.at_utc
        elif seconds < 1:
            return self.publish_now()
        # A second is what people count by: what is left of it would only disturb the echo.
        at = (at + timedelta(seconds=round(seconds))).replace(microsecond=0)
        wall = wall_clock(at, self.zone)
        fold = at.astimezone(self.zone).fold
        if self.is_too_far(wall):
            return self.ask("too_far", [])
        reading = self.ok(wall, at, fold, flags)
        return altered(reading, grain="second")

    def publish_now(self) -> Reading:
        """Read "now": offered as a button, never done unasked."""
        at_once = altered(self.ok(self.local, self.now.astimezone(UTC)), grain="now")
        return Reading("ask", self.name, why="past", alternatives=(at_once,), grain="now")


def resolve(facts: Facts, *, now: datetime, profile: Profile) -> list[Reading]:
    """The readings of *facts*; never empty."""
    if facts.zone is None:
        return _in_zone(facts, Resolver(now, profile, profile.zone))
    if facts.zone_kind == "iana":
        name = facts.zone if facts.zone[:1].isupper() else iana_name(facts.zone)
        if name is None:
            return [Reading("ask", profile.zone, why="unread")]
        return _in_zone(facts, Resolver(now, profile, name))
    if facts.zone_kind == "city":
        return _in_city(facts, facts.zone, now, profile)
    if facts.zone_kind == "offset" or facts.zone not in ABBREVIATIONS:
        return _in_zone(facts, Resolver(now, profile, facts.zone))
    homes = ABBREVIATIONS[facts.zone]
    if len(homes) > 1:
        offered: list[Reading] = []
        for name, offset in homes:
            offered += _abbreviated(replace_zone(facts), name, offset, now, profile)
        kept = tuple(each.flagged((), ()) for each in offered if each.status == "ok")
        return [Reading("ask", profile.zone, why="ambiguous", alternatives=kept)]
    return _abbreviated(facts, homes[0][0], homes[0][1], now, profile)


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


def replace_zone(facts: Facts) -> Facts:
    """A copy of *facts*, because resolving settles open pieces in place."""
    return _only(facts)


def _abbreviated(
    facts: Facts, name: str, offset: int | None, now: datetime, profile: Profile
) -> list[Reading]:
    """Readings in the zone of an abbreviation; against the season its offset is literal."""
    readings = _in_zone(_only(facts), Resolver(now, profile, name))
    if offset is None or len(readings) != 1:
        return readings
    reading = readings[0]
    if reading.why == "overlap":
        # The abbreviation itself says which of the two is meant.
        meant = [
            each
            for each in reading.alternatives
            if each.local is not None
            and each.at_utc is not None
            and each.local - each.at_utc.replace(tzinfo=None) == timedelta(minutes=offset)
        ]
        return meant or readings
    if reading.local is None or reading.at_utc is None:
        return readings
    minutes = round((reading.local - reading.at_utc.replace(tzinfo=None)).total_seconds() / 60)
    if minutes == offset:
        return readings
    sign = "-" if offset < 0 else "+"
    fixed = offset_name(sign, abs(offset) // 60, abs(offset) % 60)
    at = (reading.local - timedelta(minutes=offset)).replace(tzinfo=UTC)
    literal = Reading(
        "ok", fixed, at_utc=at, local=reading.local, flags=("ambiguous",), alternatives=(reading,)
    )
    return [literal if at > now else reading]


def _in_city(facts: Facts, name: str, now: datetime, profile: Profile) -> list[Reading]:
    """Read "9am tokyo": by the clocks there; by those here is offered too."""
    there = _in_zone(_only(facts), Resolver(now, profile, name))
    if len(there) != 1 or there[0].status != "ok":
        return there
    here = _in_zone(_only(facts), Resolver(now, profile, profile.zone))
    if [(one.at_utc, one.first) for one in here] == [(there[0].at_utc, there[0].first)]:
        return here
    offered = [altered(one, flags=(), alternatives=()) for one in here if one.status == "ok"]
    flags = tuple(dict.fromkeys((*there[0].flags, "ambiguous")))
    alternatives = (*there[0].alternatives, *offered)
    return [altered(there[0], flags=flags, alternatives=alternatives)]


def _in_zone(facts: Facts, resolver: Resolver) -> list[Reading]:
    try:
        readings = _resolve(facts, resolver)
        return [_doubted(each) for each in readings] if facts.is_unsure else readings
    except Ask as question:
        return [resolver.question(question, None)]
    except (OverflowError, ValueError):
        # A date beyond what the calendar holds.
        return [resolver.ask("too_far", [])]


def _doubted(reading: Reading) -> Reading:
    """A time that was said with "maybe": not to be booked without a tap."""
    if reading.status != "ok" or "ambiguous" in reading.flags:
        return reading
    return reading.flagged((*reading.flags, "ambiguous"), reading.alternatives)


def _resolve(facts: Facts, resolver: Resolver) -> list[Reading]:
    if facts.is_vague:
        return [resolver.ask("vague", [])]
    if facts.is_moving:
        return [resolver.ask("no_date", [])]
    if facts.is_now:
        return [resolver.publish_now()]
    if facts.is_past:
        return [_past(facts, resolver)]
    if _is_recurrence(facts):
        from scheduling.when.recur import recurrences  # noqa: PLC0415 - many phrases need it not

        return recurrences(facts, resolver)
    if facts.count is not None or facts.until or facts.span is not None or facts.except_days:
        raise Ask("ambiguous")
    if len(facts.doms) > 1 and _is_twice_a_month(facts):
        return _twice_a_month(facts, resolver)
    if facts.start is not None:
        return _from_start(facts, resolver)
    if facts.is_open_number:
        raise Ask("ambiguous")
    if facts.is_short_clock:
        return [_lone_hour(facts, resolver)]
    if facts.day_or_about is not None:
        return _day_or_about(facts, resolver)
    if facts.is_hours_said and not facts.has_date and facts.part is None:
        return _hours_or_clock(facts, resolver)
    if facts.is_loose_h and not facts.has_date and facts.part is None and len(facts.clocks) == 1:
        clock = facts.clocks[0]
        later = Facts(durations=[(clock.hour, "hour"), (clock.minute, "minute")])
        return [
            resolver.ask("ambiguous", [resolver.after_duration(later), *resolver.resolve(facts)])
        ]
    if (
        facts.is_loose_hour
        and not facts.has_date
        and facts.part is None
        and not facts.is_approximate
    ):
        return [_lone_hour(facts, resolver)]
    return resolver.resolve(facts)


def _hours_or_clock(facts: Facts, resolver: Resolver) -> list[Reading]:
    """Read "3 часа", "12 heures": the clock, or so many hours from now, so it is tapped first."""
    readings = resolver.resolve(facts)
    reading, clock = readings[0], facts.clocks[0]
    if len(readings) > 1 or reading.status != "ok" or clock.hour > 12 or clock.minute:
        return readings
    later = resolver.after_duration(Facts(durations=[(clock.hour, "hour")]))
    flags = tuple(dict.fromkeys((*reading.flags, "ambiguous")))
    return [reading.flagged(flags, (*reading.alternatives, later))]


def _day_or_about(facts: Facts, resolver: Resolver) -> list[Reading]:
    """Read "so um 9": about nine of the day that is named, or a question."""
    weekday, facts.day_or_about = facts.day_or_about, None
    if facts.has_date or weekday is None:
        return resolver.resolve(facts.changed(is_approximate=True))
    offered = [
        *resolver.resolve(facts.changed(weekdays=[weekday], is_loose_hour=False)),
        *resolver.resolve(facts.changed(is_approximate=True)),
    ]
    return [resolver.ask("ambiguous", _distinct(offered))]


def _from_start(facts: Facts, resolver: Resolver) -> list[Reading]:
    """Read "from monday 9am" without a recurrence is that monday."""
    start = facts.start
    if start is None or facts.has_date:
        raise Ask("ambiguous")
    start.clocks, start.part, start.is_approximate = facts.clocks, facts.part, facts.is_approximate
    return resolver.resolve(start)


def _is_recurrence(facts: Facts) -> bool:
    return bool(facts.freq or facts.is_plural or len(facts.weekdays) > 1)


def _is_twice_a_month(facts: Facts) -> bool:
    """Whether two days of no certain month lie half a month apart, as pay days do."""
    if len(facts.doms) > 2 or not facts.has_clock or facts.weekdays or facts.start is not None:
        return False
    is_bound = facts.month_days or facts.month is not None or facts.month_offset is not None
    return not is_bound and abs(facts.doms[0] - facts.doms[1]) in _HALF_A_MONTH


def _twice_a_month(facts: Facts, resolver: Resolver) -> list[Reading]:
    """Read "the 1st and 15th at noon" as a rule; the next two such days are offered too."""
    from scheduling.when.recur import recurrences  # noqa: PLC0415 - many phrases need it not

    single = resolver.several_days(facts)
    offered = [each for one in single for each in (one, *one.alternatives)]
    rules = recurrences(facts.changed(freq="MONTHLY"), resolver)
    if len(rules) > 1 or rules[0].status != "ok":
        return rules
    flags = tuple(dict.fromkeys((*rules[0].flags, "ambiguous")))
    others = (*rules[0].alternatives, *_distinct(offered))
    return [altered(rules[0], flags=flags, alternatives=others)]


def _past(facts: Facts, resolver: Resolver) -> Reading:
    """Something in the past: refused, with the next such clock."""
    if not facts.clocks:
        return resolver.ask("past", [])
    next_such = _only(Facts(), clocks=facts.clocks, part=facts.part)
    return resolver.ask("past", resolver.resolve(next_such))


def _lone_hour(facts: Facts, resolver: Resolver) -> Reading:
    """Nothing but a number: both halves of the day are asked."""
    reading = resolver.resolve(facts)[0]
    offered = (
        [reading, *reading.alternatives] if reading.status == "ok" else list(reading.alternatives)
    )
    return resolver.ask("ambiguous", [each.flagged((), ()) for each in offered])


def _only(facts: Facts, **changes: object) -> Facts:
    """A copy of *facts* with some of them changed."""
    copy = facts.changed(**changes)
    copy.clocks = list(copy.clocks)
    copy.month_days = list(copy.month_days)
    return copy


def _fit_together(facts: Facts) -> bool:
    """Whether all that was said about the day can be said of one day."""
    has_date = bool(facts.full_date or facts.month_days or facts.open_order)
    has_dom = bool(facts.doms or facts.loose_ordinals)
    has_nth = bool(facts.nth)
    has_edge = facts.edge is not None
    has_month = facts.month is not None or facts.month_offset is not None
    has_week = facts.week_offset is not None
    main = has_date + has_dom + has_nth + has_edge
    if main > 1 or (has_nth and facts.weekdays):
        return False
    has_duration = bool(facts.durations)
    if not (has_month or has_week or has_duration or facts.is_weekend or facts.year_offset):
        return True
    if has_duration and facts.rel is not None:
        return False
    if main:
        if has_duration or has_week or facts.is_weekend:
            return False
        return not (has_month and has_date) and not (facts.year_offset and (has_dom or has_edge))
    if facts.weekdays:
        return not (
            has_month or facts.is_weekend or facts.year_offset or (has_week and has_duration)
        )
    if has_duration:
        return not (has_week or has_month or facts.is_weekend or facts.year_offset)
    return not (has_month and (has_week or facts.year_offset))


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


def _distinct(readings: list[Reading], besides: Reading | None = None) -> list[Reading]:
    seen = set() if besides is None else {besides.at_utc}
    kept: list[Reading] = []
    for reading in readings:
        if reading.status == "ok" and reading.at_utc not in seen:
            seen.add(reading.at_utc)
            kept.append(
                reading.flagged((), ()) if reading.flags or reading.alternatives else reading
            )
    return kept


def _whole_weeks(items: list[tuple[float, str]]) -> int | None:
    if len(items) != 1 or items[0][1] != "week" or items[0][0] != int(items[0][0]):
        return None
    return int(items[0][0])
