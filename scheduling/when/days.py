"""The day that facts say, seen from now."""
# ruff: noqa: PLR2004 - clocks and calendars are made of these numbers

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from scheduling.when.facts import Facts
from scheduling.when.monthdays import day_of, month_after, nth_weekday_of, shift_months
from scheduling.when.records import TYPE_CHECKING
from scheduling.when.zones import wall_clock, zone_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduling.when.reading import Profile
    from scheduling.when.terms import Flag, Why

PAST_DAYS_ASKED = 30
ELAPSED_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
"""The units that run on whatever the clocks do."""
_ROLLED: tuple[Flag, ...] = ("rolled_year",)


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


class DayFinder:
    """Finds days in one zone, seen from one instant."""

    def __init__(self, now: datetime, profile: Profile, zone_name: str) -> None:
        self.now = now
        self.profile = profile
        self.name = zone_name
        self.zone = zone_of(zone_name)
        self.local = wall_clock(now, self.zone)
        self.today = self.local.date()

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

    def anchored(self, facts: Facts, clock: time | None) -> Days:
        """Read "a week from friday": the duration counts from the day that follows it."""
        base = self.stated(facts.changed(durations=[], is_anchored=False), None)
        start = self.today if base is None or base.day is None else base.day
        if any(unit in ELAPSED_SECONDS for _, unit in facts.durations):
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


def _whole_weeks(items: list[tuple[float, str]]) -> int | None:
    if len(items) != 1 or items[0][0] != int(items[0][0]):
        return None
    number, unit = int(items[0][0]), items[0][1]
    if unit == "day" and number and number % 7 == 0:
        return number // 7  # "in 14 tagen"
    return number if unit == "week" else None
