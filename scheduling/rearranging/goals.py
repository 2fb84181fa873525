"""What a time phrase means for something that is planned already.

"friday" keeps the clock, "10:00" keeps the day, "2 hours" moves by that much; all else names a
moment of its own. Reading is left to `scheduling.when`.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from scheduling.planner import Slot
from scheduling.when import Profile, Reading, read
from scheduling.when.grammar.parser import Parser
from scheduling.when.lex import fold, raw_tokens, with_senses
from scheduling.when.lexicon import tables_of
from scheduling.when.phrase import languages_of
from scheduling.when.rule import instant_of_run

GoalKind = Literal["day", "clock", "moment", "length"]

_CLOCK_KINDS = frozenset({"clock", "glue", "at", "on", "part"})
_MAX_YEARS = 2
_TURKISH_ENDING = re.compile(r"(\d)['’](?:[yn]?[aeıiuü]|[dt][ae]n?)(?!\w)")
_LENGTHS = {"week": "day", "quarter": "month", "year": "month"}
_TIMES = {"week": 7, "quarter": 3, "year": 12}
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}


@dataclass(frozen=True, slots=True)
class Goal:
    """Where something goes: to a day, a clock or a moment, or by a length of time.

    A length has calendar parts (`months`, `days`, which keep the wall clock) and `seconds`, which
    are elapsed time; all are negative where it goes earlier.
    """

    kind: GoalKind
    day: date | None = None
    clock: time | None = None
    at: datetime | None = None
    zone: str = ""
    months: int = 0
    days: int = 0
    seconds: int = 0

    def slot_from(self, slot: Slot) -> Slot:
        """Return where something planned for *slot* goes."""
        wall = datetime.fromisoformat(slot.wall_time)
        match self.kind:
            case "day" if self.day:
                return slot_of_wall(datetime.combine(self.day, wall.time()), slot.zone)
            case "clock" if self.clock:
                return slot_of_wall(datetime.combine(wall.date(), self.clock), slot.zone)
            case "moment" if self.at:
                return slot_of_moment(self.at, self.zone or slot.zone)
            case _:
                return self._later(slot, wall)

    def _later(self, slot: Slot, wall: datetime) -> Slot:
        begin = slot.due_at
        if self.months or self.days:
            moved = wall + relativedelta(months=self.months, days=self.days)
            begin = slot_of_wall(moved, slot.zone).due_at
        return slot_of_moment(begin + timedelta(seconds=self.seconds), slot.zone)

    def moment_from(self, now: datetime, zone: str) -> datetime:
        """Return the moment that is meant when somebody says it at *now*: a day begins at 0:00."""
        if self.kind == "day" and self.day:
            return slot_of_wall(datetime.combine(self.day, time()), zone).due_at
        moved = self.slot_from(slot_of_moment(now, zone)).due_at
        if self.kind == "clock" and moved <= now:
            return Goal("length", days=1).slot_from(slot_of_moment(moved, zone)).due_at
        return moved

    def backwards(self) -> "Goal":
        """Return the same length of time towards the past."""
        return Goal("length", months=-self.months, days=-self.days, seconds=-self.seconds)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "kind": self.kind,
            "day": self.day.isoformat() if self.day else None,
            "clock": self.clock.isoformat() if self.clock else None,
            "at": self.at.isoformat() if self.at else None,
            "zone": self.zone,
            "length": [self.months, self.days, self.seconds],
        }

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> "Goal":
        """Rebuild a goal from `to_json`."""
        months, days, seconds = found["length"]
        return cls(
            kind=found["kind"],
            day=date.fromisoformat(found["day"]) if found["day"] else None,
            clock=time.fromisoformat(found["clock"]) if found["clock"] else None,
            at=datetime.fromisoformat(found["at"]) if found["at"] else None,
            zone=found["zone"],
            months=months,
            days=days,
            seconds=seconds,
        )


@dataclass(frozen=True, slots=True)
class NoGoal:
    """Why words are no goal: the reader's reason, and the first word that has no place."""

    why: str
    word: str = ""


def slot_of_wall(wall: datetime, zone: str) -> Slot:
    """Return the slot of a wall clock: moved out of a gap, the first of two."""
    return slot_of_moment(instant_of_run(wall, zone), zone)


def slot_of_moment(at: datetime, zone: str) -> Slot:
    """Return the slot of a moment, with its wall clock in *zone*."""
    local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return Slot(at.astimezone(UTC), local.isoformat(timespec="seconds"), zone)


def length_of(words: str, profile: Profile) -> Goal | None:
    """Read a length of time ("2h", "an hour and a half", "1 day"); None where it is none."""
    folded, _ = fold(words)
    tokens = with_senses(raw_tokens(folded), tables_of(*languages_of(profile)))
    if not tokens:
        return None
    lone = tokens[0].senses.get("unit") if len(tokens) == 1 else None
    if lone:
        return _as_length([(1, str(lone))])
    found = Parser(tokens, profile.date_order, date.min).duration(0)
    if found is None or found[1] < len(tokens):
        return None
    return _as_length(found[0])


def _as_length(items: list[tuple[float, str]]) -> Goal | None:
    months = days = seconds = 0.0
    for amount, unit in items:
        total = amount * _TIMES.get(unit, 1)
        match _LENGTHS.get(unit, unit):
            case "month":
                months += total
            case "day":
                days += total
            case name if name in _SECONDS:
                seconds += total * _SECONDS[name]
            case _:
                return None
    if days % 1:
        # Half a day is twelve hours.
        days, seconds = days // 1, seconds + days % 1 * 86_400
    if months % 1 or max(months / 12, days / 366, seconds / 31_622_400) > _MAX_YEARS:
        return None
    if not (months or days or seconds):
        return None
    return Goal("length", months=int(months), days=int(days), seconds=round(seconds))


def goals_of(words: str, *, now: datetime, profile: Profile) -> list[Goal] | NoGoal:
    """Read words that say where something goes; several goals are a question."""
    words = _TURKISH_ENDING.sub(r"\1", words)
    readings = list(read(words, now=now, profile=profile))
    clocks = _clocks_alone(words, readings, now, profile)
    if clocks:
        return [Goal("clock", clock=clock) for clock in clocks]
    first = readings[0]
    if any(one.rrule for one in readings):
        return NoGoal("recurring")
    if len(readings) == 1 and first.status == "ask" and first.why == "no_time" and first.day:
        return [Goal("day", day=first.day)]
    asks = "ambiguous" in first.flags or first.status == "ask"
    found = [one for one in readings if one.status == "ok"]
    if asks and first.why != "unread":  # what a strange word may mean is no goal
        found += list(first.alternatives)
    moments = {one.at_utc: _zone_of(one, profile) for one in found if one.at_utc}
    if moments:
        return [Goal("moment", at=at, zone=zone) for at, zone in moments.items() if at]
    word = words[first.unread[0] : first.unread[1]] if first.unread else ""
    return NoGoal(first.why or "unread", word)


def _zone_of(reading: Reading, profile: Profile) -> str:
    return reading.tz if "/" in reading.tz or reading.tz == "UTC" else profile.zone


def _clocks_alone(
    words: str, readings: list[Reading], now: datetime, profile: Profile
) -> list[time]:
    """Return the clock times of words that name no day at all, [] where they do."""
    kinds = {token.kind for token in readings[0].tokens}
    if len(readings) > 1 or "clock" not in kinds or not kinds <= _CLOCK_KINDS:
        return []
    here = now.astimezone(ZoneInfo(profile.zone))
    seen: list[list[time]] = []
    for ahead in (2, 11):
        noon = here.replace(hour=12) + timedelta(days=ahead)
        begin = noon.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(seconds=1)
        one = read(words, now=begin.astimezone(UTC), profile=profile)[0]
        # "2h" is a length as well as a clock; a length has the seconds of our asking.
        found = [each for each in (one, *one.alternatives) if each.local and not each.local.second]
        if one.why not in {None, "ambiguous"} or one.tz != profile.zone:
            return []
        if any(each.local and each.local.date() != noon.date() for each in found):
            return []
        seen.append(sorted({each.local.time() for each in found if each.local}))
    if seen[0] != seen[1] or time() in seen[0]:
        # Midnight belongs to two days.
        return []
    return seen[0]
