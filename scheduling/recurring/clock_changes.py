"""What a change of the clocks does to the runs of a series."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from models.post import Post
from models.series import Series
from scheduling.recurring.runs import walls_of
from scheduling.when.rule import instant_of_run, parse_rule
from scheduling.when.zones import instants_of, zone_of

A_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class ClockChange:
    """A run that the clocks being changed moves (a gap), or that could be one of two moments."""

    wall: datetime
    at: datetime
    is_gap: bool


def clock_changes(
    rule: str, begin: datetime, zone: str, *, after: datetime, within: timedelta = A_YEAR
) -> list[ClockChange]:
    """Return the first run in a gap and the first in an overlap, within a year after *after*."""
    parsed, place = parse_rule(rule), zone_of(zone)
    clocks = [time(hour, minute) for hour in parsed.hours for minute in parsed.minutes]
    days = [
        day
        for day in _days_of_change(place, after, within)
        if any(len(instants_of(datetime.combine(day, clock), place)) != 1 for clock in clocks)
    ]
    found: dict[bool, ClockChange] = {}
    for wall in walls_of(parsed, begin) if days else ():
        if wall.date() > days[-1]:
            break
        change = change_at(wall, zone)
        if change and wall.date() in days and change.at > after:
            found.setdefault(change.is_gap, change)
    return sorted(found.values(), key=lambda change: change.at)


def _days_of_change(place: tzinfo, after: datetime, within: timedelta) -> list[date]:
    days = [after + timedelta(days=number) for number in range(within.days + 2)]
    offsets = [day.astimezone(place).utcoffset() for day in days]
    found: set[date] = set()
    for number, (before, later) in enumerate(pairwise(offsets)):
        if before != later:
            found |= {day.astimezone(place).date() for day in days[number : number + 2]}
    return sorted(found)


def change_at(wall: datetime, zone: str) -> ClockChange | None:
    """Return what a change of the clocks does to a run at *wall*, None where there is none."""
    moments = instants_of(wall, zone_of(zone))
    if len(moments) == 1:
        return None
    return ClockChange(wall, instant_of_run(wall, zone), is_gap=not moments)


def note_change(post: Post, series: Series, slot_at: datetime) -> None:
    """Note on a run that the clocks change then, so that its card can say so."""
    notes = {key: value for key, value in post.notes.items() if key != "clock_change"}
    change = _change_of(series, slot_at)
    if change:
        notes["clock_change"] = {"wall": f"{change.wall:%H:%M}", "is_gap": change.is_gap}
    post.notes = notes


def _change_of(series: Series, slot_at: datetime) -> ClockChange | None:
    """Return the change of the clocks that the run at *slot_at* falls in."""
    rule, day = parse_rule(series.rule), slot_at.astimezone(zone_of(series.zone)).date()
    for hour in rule.hours:
        for minute in rule.minutes:
            wall = datetime.combine(day, time(hour, minute))
            if instant_of_run(wall, series.zone) == slot_at:
                return change_at(wall, series.zone)
    return None
