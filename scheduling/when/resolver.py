"""Facts to readings: a day and a time of day put on the calendar of a person."""
# ruff: noqa: PLR2004 - clocks and calendars are made of these numbers

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from scheduling.when.days import ELAPSED_SECONDS, Ask
from scheduling.when.facts import Clock, Facts
from scheduling.when.monthdays import day_of, shift_months
from scheduling.when.reading import Reading, altered
from scheduling.when.records import TYPE_CHECKING
from scheduling.when.times import TimeFinder, Times, hour_of_part
from scheduling.when.zones import instants_of, shifted_out_of_gap, wall_clock

if TYPE_CHECKING:
    from scheduling.when.terms import Flag, Why

HORIZON_YEARS = 2
_OFFERED_CLOCKS = (time(9), time(12), time(18))


class Resolver(TimeFinder):
    """Resolves facts in one zone, seen from one instant."""

    def resolve(self, facts: Facts) -> list[Reading]:
        """The readings of facts that tell one time, or several joined by "and"."""
        if (
            facts.durations
            and not facts.has_clock
            and not facts.is_anchored
            and not facts.weekdays
        ):
            return [self.after_duration(facts)]
        if facts.durations and any(unit in ELAPSED_SECONDS for _, unit in facts.durations):
            raise Ask("conflict")  # "in 2 hours at 9": either of them, not both
        if facts.dot_pair is not None:
            self.settle_dot_pair(facts)
        if len(facts.month_days) + len(facts.doms) > 1 and not facts.nth:
            return self.several_days(facts)
        if len(facts.weekdays) > 1:
            return self.several_weekdays(facts)
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
            found += self.resolve(facts.changed(month_days=[month_day], doms=[]))
        for dom in facts.doms:
            found += self.resolve(facts.changed(month_days=[], doms=[dom]))
        return found

    def several_weekdays(self, facts: Facts) -> list[Reading]:
        """Read "next monday and tuesday at 9": one reading for each of them."""
        if not facts.has_clock:
            raise Ask("no_time")
        each_day = (facts.changed(weekdays=[day]) for day in facts.weekdays)
        return [reading for one in each_day for reading in self.resolve(one)]

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
                return altered(reading, alternatives=tuple(distinct(offered)))
            else:
                offered = [
                    *reading.alternatives,
                    *([other] if other.status == "ok" else other.alternatives),
                ]
                return altered(reading, alternatives=tuple(distinct(offered)))
        if reading.status != "ok":
            return reading
        if facts.is_approximate:
            flags.append("approximate")
        flags += [flag for flag in reading.flags if flag not in flags]
        joined = distinct([*reading.alternatives, *alternatives], besides=reading)
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

    def after_duration(self, facts: Facts) -> Reading:
        """Read "in 5 h", "in 3 days": hours count in UTC, days keep the wall clock."""
        seconds = 0.0
        has_calendar = False
        for amount, unit in facts.durations:
            if unit in ELAPSED_SECONDS:
                seconds += amount * ELAPSED_SECONDS[unit]
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


def distinct(readings: list[Reading], besides: Reading | None = None) -> list[Reading]:
    """The readings that tell a time, each time once and without flags: as buttons offer them."""
    seen = set() if besides is None else {besides.at_utc}
    kept: list[Reading] = []
    for reading in readings:
        if reading.status == "ok" and reading.at_utc not in seen:
            seen.add(reading.at_utc)
            kept.append(
                reading.flagged((), ()) if reading.flags or reading.alternatives else reading
            )
    return kept
