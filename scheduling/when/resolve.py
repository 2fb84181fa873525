"""Facts to readings: in which zone, and what has to be asked first."""
# ruff: noqa: PLR2004 - clocks and calendars are made of these numbers

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scheduling.when.days import Ask
from scheduling.when.facts import Facts
from scheduling.when.reading import Profile, Reading, altered
from scheduling.when.resolver import Resolver, distinct
from scheduling.when.zones import ABBREVIATIONS, iana_name, offset_name

_HALF_A_MONTH = range(13, 18)


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
            offered += _abbreviated(facts.changed(), name, offset, now, profile)
        kept = tuple(each.flagged((), ()) for each in offered if each.status == "ok")
        return [Reading("ask", profile.zone, why="ambiguous", alternatives=kept)]
    return _abbreviated(facts, homes[0][0], homes[0][1], now, profile)


def _abbreviated(
    facts: Facts, name: str, offset: int | None, now: datetime, profile: Profile
) -> list[Reading]:
    """Readings in the zone of an abbreviation; against the season its offset is literal."""
    readings = _in_zone(facts.changed(), Resolver(now, profile, name))
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
    there = _in_zone(facts.changed(), Resolver(now, profile, name))
    if len(there) != 1 or there[0].status != "ok":
        return there
    here = _in_zone(facts.changed(), Resolver(now, profile, profile.zone))
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
    if facts.is_day_skipped and facts.has_clock:
        return [_day_skipped(facts, resolver)]
    if facts.recurs:
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
    if facts.is_day_of_habit:
        return _day_of_habit(facts, resolver)
    return resolver.resolve(facts)


def _day_skipped(facts: Facts, resolver: Resolver) -> Reading:
    """Ask what "через день" means: every other day, tomorrow, or the day after it."""
    from scheduling.when.recur import recurrences  # noqa: PLC0415 - many phrases need it not

    rules = recurrences(facts, resolver)
    once = [
        reading
        for days in (1, 2)
        for reading in resolver.resolve(facts.changed(freq=None, interval=1, rel=days))
    ]
    return resolver.ask("ambiguous", [*distinct(rules), *distinct(once)])


def _day_of_habit(facts: Facts, resolver: Resolver) -> list[Reading]:
    """Read "le mardi à 18h", "il martedì alle 18" as the next one; each of them is offered too."""
    readings = resolver.resolve(facts)
    is_bare = not (facts.has_date_number or facts.weekday_mod or facts.durations or facts.nth)
    is_bare = is_bare and facts.week_offset is None and facts.month is None
    if not is_bare or len(readings) > 1 or readings[0].status != "ok":
        return readings
    from scheduling.when.recur import recurrences  # noqa: PLC0415 - many phrases need it not

    rules = [rule.flagged((), ()) for rule in recurrences(facts.changed(is_plural=True), resolver)]
    flags = tuple(dict.fromkeys((*readings[0].flags, "ambiguous")))
    return [readings[0].flagged(flags, (*readings[0].alternatives, *rules))]


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
    return [resolver.ask("ambiguous", distinct(offered))]


def _from_start(facts: Facts, resolver: Resolver) -> list[Reading]:
    """Read "from monday 9am" without a recurrence is that monday."""
    start = facts.start
    if start is None or facts.has_date:
        raise Ask("ambiguous")
    start.clocks, start.part, start.is_approximate = facts.clocks, facts.part, facts.is_approximate
    return resolver.resolve(start)


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
    others = (*rules[0].alternatives, *distinct(offered))
    return [altered(rules[0], flags=flags, alternatives=others)]


def _past(facts: Facts, resolver: Resolver) -> Reading:
    """Something in the past: refused, with the next such clock."""
    if not facts.clocks:
        return resolver.ask("past", [])
    next_such = Facts(clocks=facts.clocks, part=facts.part)
    return resolver.ask("past", resolver.resolve(next_such))


def _lone_hour(facts: Facts, resolver: Resolver) -> Reading:
    """Nothing but a number: both halves of the day are asked."""
    reading = resolver.resolve(facts)[0]
    offered = (
        [reading, *reading.alternatives] if reading.status == "ok" else list(reading.alternatives)
    )
    return resolver.ask("ambiguous", [each.flagged((), ()) for each in offered])
