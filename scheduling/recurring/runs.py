"""When the runs of a series are: pure, by its rule, its zone and what was skipped.

Runs keep their wall clock across clock changes.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.series import Series
from scheduling.when.rule import Rule, parse_rule, runs_after

AHEAD = timedelta(days=8)
"""How long before its slot a run becomes a post."""

LOOKS_BACK = timedelta(days=2)
"""How far back a run may lie whose day, in another zone or at another clock, is not over yet."""


def next_run(series: Series, *, after: datetime) -> datetime | None:
    """Return the first run after *after*, None when there is none."""
    begin = datetime.fromisoformat(series.dtstart)
    runs = runs_after(series.rule, dtstart=begin, tz=series.zone, after=after, count=1)
    return runs[0] if runs else None


def upcoming(series: Series, *, after: datetime, count: int) -> list[datetime]:
    """Return the next *count* runs that were not skipped."""
    begin = datetime.fromisoformat(series.dtstart)
    wanted = count + len(series.skipped)
    runs = runs_after(series.rule, dtstart=begin, tz=series.zone, after=after, count=wanted)
    left = [run for run in runs if wall_text(run, series.zone) not in series.skipped]
    return left[:count]


def clocks_of(rule: str) -> list[time]:
    """Return the times of day of a rule; none where it counts hours."""
    parsed = parse_rule(rule)
    return [time(hour, minute) for hour in parsed.hours for minute in parsed.minutes]


def is_same_but_for_the_clock(rule: str, other: str) -> bool:
    """Say whether two rules speak of the same days."""
    one, two = parse_rule(rule), parse_rule(other)
    for each in (one, two):
        each.hours, each.minutes = [], []
    return one.text() == two.text()


def walls_of(rule: Rule, begin: datetime) -> Iterator[datetime]:
    """Give the runs of *rule* as clock times, until it ends."""
    for index, wall in enumerate(rule.runs(begin)):
        is_over = rule.count is not None and index >= rule.count
        if is_over or (rule.until is not None and wall.date() > rule.until):
            return
        yield wall


def days_of(series: Series, now: datetime) -> dict[date, list[datetime]]:
    """Return the clock times of a series' runs by day, from a little ago to a little ahead."""
    zone = ZoneInfo(series.zone)
    first = (now - LOOKS_BACK).astimezone(zone).date()
    # Whatever was skipped keeps being left out, however far ahead it is.
    walls = [datetime.fromisoformat(wall).date() for wall in series.skipped]
    last = max([(now + 2 * AHEAD).astimezone(zone).date(), *walls])
    days: dict[date, list[datetime]] = {}
    begin = datetime.fromisoformat(series.dtstart)
    for wall in walls_of(parse_rule(series.rule), begin):
        if wall.date() > last:
            break
        if wall.date() >= first:
            days.setdefault(wall.date(), []).append(wall)
    return days


def runs_up_to(rule: Rule, begin: datetime, last: date) -> int:
    """Count the runs until the end of the day *last*."""
    runs = 0
    for wall in walls_of(rule, begin):
        if wall.date() > last:
            break
        runs += 1
    return runs


def wall_text(at: datetime, zone: str) -> str:
    """Return the clock time of a moment in *zone*, as series and slots keep it."""
    return iso(at.astimezone(ZoneInfo(zone)).replace(tzinfo=None))


def iso(wall: datetime) -> str:
    """Return a clock time as it is kept."""
    return wall.isoformat(timespec="seconds")
