"""A recurrence rule by RFC 5545, and its runs on the wall clock of a zone."""

from collections.abc import Iterator
from datetime import MAXYEAR, date, datetime, time, timedelta

from scheduling.when.monthdays import day_of, nth_weekday_of
from scheduling.when.zones import instants_of, shifted_out_of_gap, zone_of

DAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY")
ELAPSED = ("MINUTELY", "HOURLY")


class Rule:
    """A recurrence rule in the making; days of the week as (n-th or 0, weekday)."""

    def __init__(
        self,
        freq: str,
        interval: int = 1,
        *,
        days: list[tuple[int, int]] | None = None,
        month_days: list[int] | None = None,
        months: list[int] | None = None,
    ) -> None:
        self.freq = freq
        self.interval = interval
        self.days = days or []
        self.month_days = month_days or []
        self.months = months or []
        self.hours: list[int] = []
        self.minutes: list[int] = []
        self.count: int | None = None
        self.until: date | None = None

    def changed(self, **changes: object) -> "Rule":
        """A copy with some fields changed."""
        copy = Rule(self.freq)
        copy.__dict__.update(self.__dict__)
        copy.__dict__.update(changes)
        return copy

    def text(self) -> str:
        """The value of an RRULE line."""
        parts = [f"FREQ={self.freq}"]
        if self.interval != 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.months:
            parts.append("BYMONTH=" + ",".join(map(str, self.months)))
        if self.month_days:
            parts.append("BYMONTHDAY=" + ",".join(map(str, self.month_days)))
        if self.days:
            codes = (f"{number or ''}{DAY_CODES[day]}" for number, day in self.days)
            parts.append("BYDAY=" + ",".join(codes))
        if self.hours:
            parts.append("BYHOUR=" + ",".join(map(str, self.hours)))
            parts.append("BYMINUTE=" + ",".join(map(str, self.minutes)))
        if self.count is not None:
            parts.append(f"COUNT={self.count}")
        if self.until is not None:
            parts.append(f"UNTIL={self.until:%Y%m%d}")
        return ";".join(parts)

    def runs(self, start: datetime, *, interval: int | None = None) -> Iterator[datetime]:
        """The runs from the naive *start* on, as naive wall-clock times.

        Count and last day are the caller's. Only what the grammar can say is expanded (the
        tests hold it equal to dateutil): ten times faster than a general expansion, which
        matters because a question about a recurrence offers three of them.
        """
        clocks = sorted(time(hour, minute) for hour in self.hours for minute in self.minutes)
        if not clocks:
            clocks = [start.time().replace(microsecond=0)]
        first = start.date()
        for day in self._days(first, interval or self.interval):
            for clock in clocks:
                run = datetime.combine(day, clock)
                if run >= start:
                    yield run

    def runs_after(
        self, after: datetime, *, dtstart: datetime, tz: str, count: int
    ) -> list[datetime]:
        """The next *count* runs after an instant, in UTC; see `runs_after` of this module."""
        if self.freq in ELAPSED:
            return elapsed_runs(self, instant_of_run(dtstart, tz), tz, after, count)
        found: list[datetime] = []
        for index, local in enumerate(self.runs(dtstart)):
            if self.count is not None and index >= self.count:
                break
            if self.until is not None and local.date() > self.until:
                break
            at = instant_of_run(local, tz)
            if at > after:
                found.append(at)
            if len(found) >= count:
                break
        return found

    def _days(self, first: date, step: int) -> Iterator[date]:
        """The days of the rule, none before *first*."""
        if self.freq == "DAILY":
            return self._daily(first, step)
        if self.freq == "WEEKLY":
            return self._weekly(first, step)
        if self.freq == "MONTHLY":
            return self._monthly(first, step)
        return self._yearly(first, step)

    def _daily(self, first: date, step: int) -> Iterator[date]:
        day = first.toordinal()
        while day <= _LAST_DAY:
            yield date.fromordinal(day)
            day += step

    def _weekly(self, first: date, step: int) -> Iterator[date]:
        weekdays = sorted({day for _, day in self.days}) or [first.weekday()]
        monday, begin = first.toordinal() - first.weekday(), first.toordinal()
        while monday + 6 <= _LAST_DAY:
            for weekday in weekdays:
                if monday + weekday >= begin:
                    yield date.fromordinal(monday + weekday)
            monday += 7 * step

    def _monthly(self, first: date, step: int) -> Iterator[date]:
        index = first.year * 12 + first.month - 1
        while index < _LAST_MONTH:
            yield from self._in_month(index // 12, index % 12 + 1, first)
            index += step

    def _yearly(self, first: date, step: int) -> Iterator[date]:
        for year in range(first.year, MAXYEAR + 1, step):
            for month in sorted(self.months) or [first.month]:
                yield from self._in_month(year, month, first)

    def _in_month(self, year: int, month: int, first: date) -> list[date]:
        """The days of the rule in one month, none before *first*; missing ones are skipped."""
        if self.days:
            found = {nth_weekday_of(year, month, number, day) for number, day in self.days}
        else:
            found = {day_of(year, month, day) for day in self.month_days or [first.day]}
        return sorted(day for day in found if day is not None and day >= first)


_LAST_DAY = date.max.toordinal()
_LAST_MONTH = (MAXYEAR + 1) * 12


def runs_after(
    rule: str, *, dtstart: datetime, tz: str, after: datetime, count: int = 1
) -> list[datetime]:
    """The next *count* runs of a stored rule after the aware instant *after*, in UTC.

    *dtstart* is the naive wall-clock time of the first run in *tz*. Each run keeps the wall
    clock: in a gap it moves by the gap, of two such times it takes the first.
    """
    return parse_rule(rule).runs_after(after, dtstart=dtstart, tz=tz, count=count)


def elapsed_runs(
    rule: Rule, begin: datetime, tz: str, after: datetime, count: int
) -> list[datetime]:
    """The next runs every so many hours or minutes: counted in UTC, none before gone through."""
    unit = timedelta(hours=1) if rule.freq == "HOURLY" else timedelta(minutes=1)
    step = rule.interval * unit
    index = max(0, (after - begin) // step + 1)
    found: list[datetime] = []
    while len(found) < count and (rule.count is None or index < rule.count):
        at = begin + index * step
        if rule.until is not None and at.astimezone(zone_of(tz)).date() > rule.until:
            break
        found.append(at)
        index += 1
    return found


def parse_rule(text: str) -> Rule:
    """The rule of an RRULE value as this module writes it.

    Raises:
        ValueError: the value is no such rule.
    """
    rule = Rule("")
    for part in text.split(";"):
        name, _, value = part.partition("=")
        if name == "FREQ" and value in FREQUENCIES:
            rule.freq = value
        elif name == "INTERVAL":
            rule.interval = int(value)
        elif name == "BYMONTH":
            rule.months = [int(each) for each in value.split(",")]
        elif name == "BYMONTHDAY":
            rule.month_days = [int(each) for each in value.split(",")]
        elif name == "BYDAY":
            rule.days = [
                (int(each[:-2] or 0), DAY_CODES.index(each[-2:])) for each in value.split(",")
            ]
        elif name == "BYHOUR":
            rule.hours = [int(each) for each in value.split(",")]
        elif name == "BYMINUTE":
            rule.minutes = [int(each) for each in value.split(",")]
        elif name == "COUNT":
            rule.count = int(value)
        elif name == "UNTIL":
            rule.until = date(int(value[:4]), int(value[4:6]), int(value[6:8]))
        else:
            raise ValueError(f"no rule: {part}")
    if not rule.freq:
        raise ValueError("no rule")
    return rule


def instant_of_run(local: datetime, tz: str) -> datetime:
    """The instant of a run: moved out of a gap, the first of two."""
    zone = zone_of(tz)
    found = instants_of(local, zone)
    if not found:
        found = instants_of(shifted_out_of_gap(local, zone), zone)
    return found[0]
