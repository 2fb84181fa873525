"""A recurrence rule by RFC 5545, and its runs on the wall clock of a zone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from scheduling.when.zones import instants_of, shifted_out_of_gap, zone_of

DAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY")
ELAPSED = ("MINUTELY", "HOURLY")


@dataclass(slots=True)
class Rule:
    """A recurrence rule in the making; days of the week as (n-th or 0, weekday)."""

    freq: str
    interval: int = 1
    days: list[tuple[int, int]] = field(default_factory=list)
    month_days: list[int] = field(default_factory=list)
    months: list[int] = field(default_factory=list)
    hours: list[int] = field(default_factory=list)
    minutes: list[int] = field(default_factory=list)
    count: int | None = None
    until: date | None = None

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
        """The runs from the naive *start* on, as naive wall-clock times."""
        from dateutil.rrule import rrule, weekday  # noqa: PLC0415 - only recurrences need it

        return iter(
            rrule(
                FREQUENCIES.index(self.freq),  # type: ignore[arg-type] # dateutil counts them so
                dtstart=start,
                interval=self.interval if interval is None else interval,
                bymonth=self.months or None,
                bymonthday=self.month_days or None,
                byweekday=[weekday(day, number or None) for number, day in self.days] or None,
                byhour=self.hours or None,
                byminute=self.minutes or None,
                bysecond=0 if self.hours else None,
            )
        )


def runs_after(
    rule: str, *, dtstart: datetime, tz: str, after: datetime, count: int = 1
) -> list[datetime]:
    """The next *count* runs of a stored rule after the aware instant *after*, in UTC.

    *dtstart* is the naive wall-clock time of the first run in *tz*. Each run keeps the wall
    clock: in a gap it moves by the gap, of two such times it takes the first.
    """
    parsed = parse_rule(rule)
    found: list[datetime] = []
    if parsed.freq in ELAPSED:
        return _elapsed_runs(parsed, instant_of_run(dtstart, tz), tz, after, count)
    for index, local in enumerate(parsed.runs(dtstart)):
        if parsed.count is not None and index >= parsed.count:
            break
        if parsed.until is not None and local.date() > parsed.until:
            break
        at = instant_of_run(local, tz)
        if at > after:
            found.append(at)
        if len(found) >= count:
            break
    return found


def _elapsed_runs(
    rule: Rule, begin: datetime, tz: str, after: datetime, count: int
) -> list[datetime]:
    """Runs every so many hours or minutes: counted in UTC, without going through those before."""
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
