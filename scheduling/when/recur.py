"""Facts to recurrences: the rule that was said, and its first runs."""
# ruff: noqa: PLR2004 - clocks and calendars are made of these numbers

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from scheduling.when.days import Ask
from scheduling.when.reading import Reading, altered
from scheduling.when.records import TYPE_CHECKING
from scheduling.when.resolver import Resolver
from scheduling.when.rule import ELAPSED, Rule, elapsed_runs, instant_of_run
from scheduling.when.times import hour_of_part

if TYPE_CHECKING:
    from scheduling.when.facts import Facts
    from scheduling.when.terms import Flag

_SAID_FOR_WEEKS = (8, 15)
_MOST_WEEKDAYS = 5
"""No month has a sixth Thursday."""

_UNIT_OF = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
RUNS_SHOWN = 4
"""The first run and the three after it."""


def recurrences(facts: Facts, resolver: Resolver) -> list[Reading]:
    """The readings of facts that recur: one rule, or one for each set of unlike clocks.

    Raises:
        Ask: something in the facts does not fit a rule.
    """
    rule = _days_of_rule(facts)
    rule.count = facts.count
    _check(facts, rule)
    flags: list[Flag] = []
    if facts.is_open_interval:
        flags.append("ambiguous")
    if facts.is_approximate:
        flags.append("approximate")
    if rule.freq in ELAPSED:
        if facts.has_clock:
            raise Ask("ambiguous")
        return [_placed(rule, facts, resolver, flags)]
    if not facts.has_clock:
        return [_without_clock(rule, facts, resolver)]
    if facts.part is not None and not facts.clocks:
        hour = hour_of_part(facts.part, resolver.profile.hours)
        flags.append("default_time")
        return [_placed(_at(rule, [time(hour)]), facts, resolver, flags)]
    return _with_clocks(rule, facts, resolver, flags)


def _with_clocks(rule: Rule, facts: Facts, resolver: Resolver, flags: list[Flag]) -> list[Reading]:
    clockless = facts.changed(weekdays=[], month_days=[], doms=[], nth=[], edge=None, rel=None)
    if any(clock.is_midnight for clock in facts.clocks) and rule.freq != "DAILY":
        return [_midnight(rule, facts, resolver)]
    if rule.freq == "MONTHLY" and _may_be_days(rule, facts):
        raise Ask("ambiguous")
    times = [resolver.times(clock, clockless) for clock in facts.clocks]
    times.sort(key=lambda each: each.clock)
    others = [each.other or each.clock for each in times]
    if any(each.other for each in times):
        flags = [*flags, "ambiguous"]
    if facts.is_range:
        start = _placed(_at(rule, [times[0].clock]), facts, resolver, [])
        return [resolver.ask("range", [start])]
    groups = _alike([each.clock for each in times])
    readings = [_placed(_at(rule, group), facts, resolver, flags) for group in groups]
    if others != [each.clock for each in times] and len(groups) == 1:
        other = _placed(_at(rule, sorted(others)), facts, resolver, [])
        if other.status == "ok" and readings[0].status == "ok":
            joined = (*readings[0].alternatives, other)
            readings[0] = altered(readings[0], alternatives=joined)
    return readings


def _may_be_days(rule: Rule, facts: Facts) -> bool:
    """Say whether bare numbers beside a clock may be days ("1 и 15 числа в 09:00")."""
    if len(facts.clocks) == 1:
        return False
    has_day = bool(rule.month_days or rule.days)
    return not has_day or any(one.open_half and not one.minute for one in facts.clocks)


def _midnight(rule: Rule, facts: Facts, resolver: Resolver) -> Reading:
    """Midnight of a weekday is its first or its last one: both are offered."""
    first = _placed(_at(rule, [time(0)]), facts, resolver, [])
    offered = [first]
    if rule.freq == "WEEKLY" and rule.days:
        later = rule.changed(days=[(number, (day + 1) % 7) for number, day in rule.days])
        offered.append(_placed(_at(later, [time(0)]), facts, resolver, []))
    return resolver.ask("ambiguous", offered)


def _days_of_rule(facts: Facts) -> Rule:
    """The rule without its clock."""
    freq, interval = facts.freq, facts.interval
    if facts.full_date or facts.open_order or facts.durations or facts.dot_pair:
        raise Ask("conflict")
    if facts.rel is not None and not (facts.rel == 0 and facts.is_named_part):
        raise Ask("conflict")
    if facts.nth:
        if any(number > _MOST_WEEKDAYS for number, _ in facts.nth):
            raise Ask("invalid")
        if facts.month is not None and freq in (None, "YEARLY"):
            return Rule("YEARLY", interval, days=list(facts.nth), months=[facts.month])
        if freq not in (None, "MONTHLY") or facts.weekdays:
            raise Ask("conflict")
        return Rule("MONTHLY", interval, days=list(facts.nth))
    if facts.month_days:
        months = {month for month, _ in facts.month_days}
        if freq not in (None, "YEARLY") or len(months) > 1 or facts.weekdays:
            raise Ask("conflict")
        days = [day for _, day in facts.month_days]
        _check_days(days, months)
        return Rule("YEARLY", interval, month_days=days, months=sorted(months))
    if facts.month is not None or facts.year is not None:
        raise Ask("ambiguous")  # "every saturday in december" has no rule here
    doms = facts.doms + facts.loose_ordinals
    if facts.edge is not None:
        doms = [*doms, facts.edge]
    if doms:
        if freq not in (None, "MONTHLY") or facts.weekdays:
            raise Ask("conflict")
        return Rule("MONTHLY", interval, month_days=doms)
    if facts.except_days:
        return _without_days(facts)
    if facts.weekdays:
        if freq == "DAILY" and (interval % 7 == 0 or interval in _SAID_FOR_WEEKS):
            # "every 14 days on monday"; "tous les 15 jours" are two weeks as well.
            freq, interval = "WEEKLY", interval // 7
        if freq in ("MONTHLY", "YEARLY", *ELAPSED) or (freq == "DAILY" and interval > 1):
            raise Ask("ambiguous")
        ordered = sorted(facts.weekdays)
        return Rule("WEEKLY", interval, days=[(0, day) for day in ordered])
    if freq is None:
        raise Ask("ambiguous")
    if facts.month is not None:
        raise Ask("no_date")
    return Rule(freq, interval)


def _without_days(facts: Facts) -> Rule:
    """A rule of weekdays that leaves some out."""
    is_daily = facts.freq == "DAILY" and facts.interval == 1 and not facts.weekdays
    if not is_daily and facts.freq not in (None, "WEEKLY"):
        raise Ask("ambiguous")
    named = range(7) if is_daily else sorted(facts.weekdays)
    left = [day for day in named if day not in facts.except_days]
    if not left or len(left) == len(named):
        raise Ask("conflict")
    return Rule("WEEKLY", 1 if is_daily else facts.interval, days=[(0, day) for day in left])


def _check_days(days: list[int], months: set[int]) -> None:
    month = next(iter(months))
    longest = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]
    if any(day > longest for day in days):
        raise Ask("invalid")


def _check(facts: Facts, rule: Rule) -> None:
    if not 1 <= rule.interval <= 1000 or (rule.count is not None and not 1 <= rule.count <= 5000):
        raise Ask("invalid")
    if facts.week_offset is not None or facts.is_weekend or facts.year_offset is not None:
        raise Ask("conflict")
    if facts.month_offset:
        raise Ask("conflict")
    if facts.weekday_mod in ("next", "last", "after_next") and facts.start is None:
        raise Ask("ambiguous")
    if facts.per_day > 1:
        named = (
            len(facts.clocks)
            if rule.freq == "DAILY"
            else max(len(rule.days), len(rule.month_days))
        )
        if named not in (0, facts.per_day):
            raise Ask("conflict")
        if not named and rule.freq != "DAILY":
            raise Ask("no_date")


def _at(rule: Rule, times: list[time]) -> Rule:
    hours = sorted({each.hour for each in times})
    minutes = sorted({each.minute for each in times})
    return rule.changed(hours=hours, minutes=minutes)


def _alike(times: list[time]) -> list[list[time]]:
    """Clocks that one rule can hold together; unlike ones get a rule each."""
    if len({each.minute for each in times}) == 1 or len({each.hour for each in times}) == 1:
        return [times]
    return [[each] for each in times]


def _start_day(facts: Facts, resolver: Resolver) -> date | None:
    if facts.start is None:
        return None
    return resolver.days(facts.start, None).day


def _until_day(facts: Facts, resolver: Resolver, start: date | None) -> date | None:
    if facts.until is None:
        return None
    day = resolver.days(facts.until, None).day
    if facts.until.edge is None and facts.until.month is not None and not facts.until.nth:
        raise Ask("ambiguous")
    if day is not None and start is not None and day < start:
        day = day.replace(year=day.year + 1)
    return day


def _without_clock(rule: Rule, facts: Facts, resolver: Resolver) -> Reading:
    """A rule that lacks its clock is asked for it."""
    start = _start_day(facts, resolver)
    until = _until_day(facts, resolver, start)
    rule = rule.changed(until=until)
    base = start or resolver.today
    rule = _with_span(rule, facts, base)
    first = next(rule.runs(datetime.combine(base, time(0)), interval=1), None)
    offered = [
        _placed(_at(rule, [clock]), facts, resolver, []) for clock in (time(9), time(12), time(18))
    ]
    asked = resolver.ask("no_time", offered, None if first is None else first.date())
    started = None if start is None or first is None else instant_of_run(first, resolver.name)
    return altered(asked, rrule=rule.text(), first=started)


def _with_span(rule: Rule, facts: Facts, first: date) -> Rule:
    """Read "for 4 weeks" as a count or as a last day."""
    if facts.span is None:
        return rule
    amount, unit = facts.span
    if amount != int(amount) or not 1 <= amount <= 5000:
        raise Ask("invalid")
    number = int(amount)
    if _UNIT_OF.get(rule.freq) == unit and rule.interval == 1:
        per = max(1, len(rule.days)) * max(1, len(rule.month_days)) * max(1, len(rule.hours))
        return rule.changed(count=number * per * max(1, len(rule.minutes)))
    if unit in ("hour", "minute", "second"):
        if rule.freq == "HOURLY" and unit == "hour" and rule.interval == 1:
            return rule.changed(count=number)
        raise Ask("ambiguous")
    moment = datetime.combine(first, time(0))
    shifted = Resolver.calendar_shift(_SHIFTER, [(float(number), unit)], moment)
    return rule.changed(until=shifted.date())


_SHIFTER = Resolver(datetime(2000, 1, 1, tzinfo=UTC), None, "UTC")  # type: ignore[arg-type] # only shifts


def _placed(rule: Rule, facts: Facts, resolver: Resolver, flags: list[Flag]) -> Reading:
    """The rule with its first runs from now, or from the day it starts."""
    start = _start_day(facts, resolver)
    first = _first_run(rule, start, resolver)
    if first is None:
        return resolver.ask("invalid", [])
    if resolver.is_too_far(first):
        return resolver.ask("too_far", [])
    rule = rule.changed(until=_until_day(facts, resolver, start))
    rule = _with_span(rule, facts, first.date())
    if rule.until is not None and first.date() > rule.until:
        return resolver.ask("past", [])
    reading = _reading(rule, first, resolver, flags)
    if facts.is_second_of and rule.freq == "WEEKLY":
        monthly = rule.changed(
            freq="MONTHLY", interval=1, days=[(rule.interval, day) for _, day in rule.days]
        )
        first_monthly = _first_run(monthly, start, resolver)
        if first_monthly is not None:
            other = _reading(monthly, first_monthly, resolver, [])
            marked = tuple(dict.fromkeys([*reading.flags, "ambiguous"]))
            reading = altered(reading, flags=marked, alternatives=(other,))
    return reading


def _first_run(rule: Rule, start: date | None, resolver: Resolver) -> datetime | None:
    """The first slot strictly after now, on or after *start*; naive wall clock."""
    now = resolver.local
    if rule.freq in ELAPSED:
        if start is not None and start > resolver.today:
            raise Ask("ambiguous")
        at = _first_elapsed(rule, resolver)
        return at.astimezone(resolver.zone).replace(tzinfo=None, fold=0)
    base = datetime.combine(start or resolver.today, time(0))
    if base.date() <= now.date() and not (rule.days or rule.month_days):
        last = time(max(rule.hours), max(rule.minutes))
        if datetime.combine(now.date(), last) <= now:
            base = datetime.combine(now.date() + timedelta(days=1), time(0))
    for run in islice(rule.runs(base, interval=1), 400):
        if run > now and instant_of_run(run, resolver.name) > resolver.now:
            return run
    return None


def _first_elapsed(rule: Rule, resolver: Resolver) -> datetime:
    """The first run every so many hours or minutes: one such stretch from now."""
    step = timedelta(minutes=1) if rule.freq == "MINUTELY" else timedelta(hours=1)
    return (resolver.now + rule.interval * step).replace(microsecond=0)


def _reading(rule: Rule, first: datetime, resolver: Resolver, flags: list[Flag]) -> Reading:
    start = instant_of_run(first, resolver.name)
    just_before = start - timedelta(seconds=1)
    if rule.freq in ELAPSED:
        # A wall clock that comes twice would not tell which of the two is meant.
        start = _first_elapsed(rule, resolver)
        runs = elapsed_runs(rule, start, resolver.name, just_before, RUNS_SHOWN)
    else:
        runs = rule.runs_after(just_before, dtstart=first, tz=resolver.name, count=RUNS_SHOWN)
    return Reading(
        "ok",
        resolver.name,
        rrule=rule.text(),
        dtstart=first,
        first=start,
        next3=tuple(runs[1:]),
        flags=tuple(dict.fromkeys(flags)),
    )
