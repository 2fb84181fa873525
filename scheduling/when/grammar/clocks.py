"""Clocks in digits, parts of the day, and ranges of hours."""
# ruff: noqa: PLR2004 - clocks and calendars are made of these numbers

from scheduling.when.facts import Clock
from scheduling.when.grammar.cursor import DASHES
from scheduling.when.grammar.spoken import SpokenClocks
from scheduling.when.zones import offset_name


class Clocks(SpokenClocks):
    """Reads clocks and takes them up."""

    def approx(self, i: int) -> int:
        """Take up "about"."""
        self.facts.is_approximate = True
        if i + 1 < self.count:
            self.glue("at")
        return i + 1

    def day_or_about(self, i: int) -> int:
        """Take up "so um", which is "sunday at" or "at about"."""
        if i + 1 >= self.count:
            return i
        self.facts.day_or_about = int(str(self.tokens[i].senses["day_or_about"]))
        self.glue("at")
        return i + 1

    def ish(self, i: int) -> int:
        """Take up "-ish" after a clock."""
        if not (self.facts.has_clock or self.facts.durations):
            return i
        self.facts.is_approximate = True
        return i + 1

    def deadline(self, i: int) -> int:
        """Take up "by", "no later than": a stretch that ends there, so its moment is asked."""
        if i + 1 >= self.count:
            return i
        self.facts.is_range = True
        self.glue("at")
        return i + 1

    def sharp(self, i: int) -> int:
        """Pass over "sharp" and "local time": they tell that a clock was said."""
        self.facts.is_loose_h = self.facts.is_hours_said = False
        return i + 1

    def early_late(self, i: int) -> int:
        """Pass over "early" and "late" before a part of the day, or before a day."""
        following = self.at(i + 1).senses
        if "rel" in following or "weekday" in following:
            return i + 1
        if "part" in following or "daypart" in following:
            self.facts.is_approximate = True
            return i + 1
        return i

    def daypart(self, i: int) -> int:
        """Read a word for a part of a certain day ("tonight")."""
        value = self.tokens[i].senses["daypart"]
        if not isinstance(value, tuple):
            return i
        offset, part = value
        if self.facts.rel not in (None, offset) and offset is not None:
            return i
        if offset is not None:
            self.facts.rel = offset
        self.facts.is_named_part = True
        return self.set_part(str(part), i, i + 1)

    def part(self, i: int) -> int:
        """Read a part of the day."""
        senses = self.tokens[i].senses
        part = str(senses["part"])
        self.facts.is_approximate |= "ish_inside" in senses
        clocks = self.facts.clocks
        if "amnight" in senses and clocks and (clocks[-1].hour <= 5 or clocks[-1].hour == 12):
            # "2 часа ночи" is after midnight of the day that is named.
            part = "morning"
            if clocks[-1].hour == 12:
                clocks[-1] = Clock(0, clocks[-1].minute)
                self.facts.is_loose_hour = self.facts.is_hours_said = False
                return i + 1
        return self.set_part(part, i, i + 1)

    def set_part(self, part: str, i: int, after: int) -> int:
        """Take a part of the day up beside what was said before."""
        facts = self.facts
        if part == "noon" and not facts.clocks and self.is_hour_ahead(after):
            part = "lunch"  # "mittags um 1", "öğlen 12:30"
        if part in ("noon", "midnight"):
            if self.prev == "at" or not facts.clocks:
                clock = self.noon_clock(i, part)
                if clock is None:
                    return i
                value, after = clock
                return self.add_clock(value, i, after)
            if facts.clocks[-1].hour == 12 and part != "midnight":
                facts.clocks[-1] = Clock(12, facts.clocks[-1].minute)
                facts.is_loose_hour = False
                return after
            if facts.clocks[-1].hour == 12 and part == "midnight":
                facts.clocks[-1] = Clock(0, 0, 0, is_midnight=True)
                facts.is_loose_hour = False
                return after
            if not facts.is_joined and part == "noon" and not self.is_comma_before(i):
                facts.part = "afternoon" if facts.clocks[-1].hour < 5 else "morning"
                return after
            clock = self.noon_clock(i, part)
            return i if clock is None else self.add_clock(clock[0], i, clock[1])
        if part == "first":
            facts.clocks = facts.clocks or []
        if facts.part not in (None, part):
            if {facts.part, part} <= {"night", "evening"}:
                part = "evening" if not facts.clocks else part
            elif {facts.part, part} == {"first", "morning"}:
                part = "first"
            elif facts.is_joined and facts.freq:
                return i
            else:
                return i
        facts.part = part
        self.prev = ""
        return after

    def is_hour_ahead(self, i: int) -> bool:
        """Whether an hour in digits follows, that tells what "noon" only says in general."""
        step = i + 1 if "at" in self.at(i).senses else i
        token, following = self.at(step), self.at(step + 1)
        if token.kind == "clock":
            return True
        if token.kind != "number" or not 0 < token.value <= 12:
            return False
        return following.kind == "end" or "hourword" in following.senses

    def clock_range(self, first: int, second: int, i: int) -> int:
        """Take "10-12" up as a range of hours."""
        following = self.at(i + 1)
        half = following.senses.get("ampm")
        self.facts.is_range = True
        clock = self.hour(first)
        if half is not None and first <= second <= 12:
            clock = Clock(first % 12 + int(str(half)))
        return self.add_clock(
            clock,
            i,
            i + 2 if "ampm" in following.senses or "hourword" in following.senses else i + 1,
        )

    def add_clock(self, clock: Clock, i: int, after: int, *, loose: bool = False) -> int:
        """Take a clock up; a second one needs "and" or a range before it."""
        facts = self.facts
        after = self.after_clock(after)
        if clock.hour > 24 or clock.minute > 59 or (clock.hour == 24 and clock.minute):
            clock = Clock(99)
        if facts.clocks and not (facts.is_joined or self.is_comma_before(i)):
            return after if clock[:2] == (12, 0) == facts.clocks[-1][:2] else i
        if facts.clocks and facts.is_range and not facts.freq:
            return i
        facts.is_joined |= bool(facts.clocks)
        facts.clocks.append(clock)
        facts.is_loose_hour |= loose and len(facts.clocks) == 1
        self.mark(i, "clock")
        self.prev = ""
        return self.maybe_range(after)

    def is_comma_before(self, i: int) -> bool:
        """Whether a comma joins this clock to the one before, or to a recurrence."""
        comma = i - 1
        if comma > 0 and "at" in self.at(comma).senses:
            comma -= 1
        if comma < 1 or self.at(comma).text != ",":
            return False
        return bool(self.facts.freq) or self.facts.is_plural or self.is_clock_end(comma - 1)

    def is_clock_end(self, i: int) -> bool:
        """Whether the token at *i* is the last one of a clock."""
        return self.kinds[i] == "clock" or (i > 0 and self.kinds[i - 1] == "clock")

    def after_clock(self, after: int) -> int:
        """Swallow what may be glued to a clock: "uhr", "-ish", an offset."""
        token = self.tokens[after]
        if token.kind == "end":
            return after
        if (
            "hourword" in token.senses or "hourword4" in token.senses
        ) and "ampm" not in token.senses:
            after = self.past_dot(after + 1)
            token = self.at(after)
        if token.text == "-" and "ish" in self.at(after + 1).senses:
            self.facts.is_approximate = True
            return after + 2
        if token.text == "'" and self.is_ending(after + 1):
            return after + 2
        if "clock_suffix" in token.senses or (
            "atmark" in token.senses and "of" not in token.senses
        ):
            return after + 1
        if token.text == "z" and (token.glued or self.at(after + 1).kind == "end"):
            self.set_zone("UTC", "name", after)
            return after + 1
        if token.text in ("+", "-"):
            stop = self.offset(after)
            if stop and (
                token.text == "+"
                or self.is_iso_before(after)
                or (not token.glued and self.at(stop).kind == "end" and self.at(after + 1).glued)
            ):
                return stop
        return after

    def is_iso_before(self, i: int) -> bool:
        """Whether the clock before *i* stood in a timestamp."""
        return any(
            self.kinds[step] == "skip" and self.tokens[step].text == "t"
            for step in range(max(0, i - 3), i)
        )

    def offset(self, i: int) -> int:
        """An offset such as "+2", "+02:00", "-0500" from its sign on; 0 where there is none."""
        sign, token = self.at(i).text, self.at(i + 1)
        if not token.glued:
            return 0
        if token.kind == "clock":
            hours, minutes = (int(part) for part in token.text.split(":")[:2])
        elif token.kind == "number" and len(token.text) == 4:
            hours, minutes = token.value // 100, token.value % 100
        elif token.kind == "number" and len(token.text) <= 2:
            hours, minutes = token.value, 0
        else:
            return 0
        if hours > 14 or minutes > 59:
            return 0
        self.set_zone(offset_name(sign, hours, minutes), "offset", i)
        return i + 2

    def maybe_range(self, after: int) -> int:
        """A second clock after "to", "until" or a dash makes a range."""
        token = self.tokens[after]
        if "range_to" not in token.senses and token.text not in DASHES:
            return after
        if "and" in token.senses and not self.between:
            return after
        facts = self.facts
        step = after + 1
        while "at" in self.at(step).senses or "the" in self.at(step).senses:
            step += 1
        if (
            facts.freq
            and "until" in token.senses
            and not self.between
            and self.at(step).kind != "clock"
        ):
            return after
        found = self.clock_value(step)
        if found is None:
            lone = self.at(step)
            if (
                lone.kind == "number"
                and 0 <= lone.value <= 24
                and "month" not in self.at(step + 1).senses
            ):
                found = self.hour(lone.value), step + 1
            elif (
                "num" in lone.senses
                and "unit" not in self.at(step + 1).senses
                and "article" not in lone.senses
            ):
                found = self.hour(int(str(lone.senses["num"]))), step + 1
            elif lone.senses.get("part") in ("noon", "midnight"):
                found = Clock(12), step + 1
            else:
                return after
        end, stop = found
        facts.is_range = True
        start = facts.clocks[-1]
        if (
            start.open_half
            and not end.open_half
            and start.hour <= (end.hour % 12 or 12)
            and end.hour >= 12
        ):
            facts.clocks[-1] = Clock(start.hour % 12 + 12, start.minute)
            if start.hour == 12 or (end.hour == 12 and start.hour < 12):
                facts.clocks[-1] = Clock(start.hour, start.minute)
        if "hourword" in self.at(stop).senses:
            stop += 1
        return stop

    def clock(self, i: int) -> int:
        """A clock time with its own marks."""
        found = self.clock_value(i)
        if found is None:
            return i
        return self.add_clock(found[0], i, found[1])

    def clock_value(self, i: int) -> tuple[Clock, int] | None:
        """(clock, index after it) where the tokens at *i* tell a clock by themselves."""
        token = self.at(i)
        kind = token.kind
        if kind == "clock":
            parts = token.text.split(":")
            second = int(float(parts[2])) if len(parts) > 2 else 0
            return self.with_half(Clock(int(parts[0]), int(parts[1]), second), i + 1)
        if kind == "pair":
            if "." not in token.text:
                return None
            hour, minute = token.text.split(".")
            if len(minute) != 2:
                return None
            return self.with_half(Clock(int(hour), int(minute)), i + 1)
        if kind == "number":
            found = self.digit_clock(i)
            return found if found is not None else self.minutes_to_hour(i)
        if kind != "word":
            return None
        senses = token.senses
        if "clockword" in senses:
            value = senses["clockword"]
            if isinstance(value, tuple):
                return self.with_half(Clock(value[0], value[1], open_half=True), i + 1)
        if any(kind in senses for kind in ("half", "halfto", "quarter", "before", "fracto")):
            return self.spoken_clock(i)
        if "hourpre" in senses:
            return self.prefixed_clock(i)
        if self.prev == "at" and "hour1" in senses:
            found = self.hour_one(i)
            if found is not None:
                return found
        if "num" in senses and "article" not in senses:
            return self.minutes_to_hour(i) or self.worded_clock(i)
        if "num" in senses:
            return self.minutes_to_hour(i) or self.worded_clock(i, marked=True)
        if "numacc" in senses or "numdat" in senses:
            return self.turkish_clock(i)
        if senses.get("part") in ("noon", "midnight") and (self.prev == "at" or self.between):
            return self.noon_clock(i, str(senses["part"]))
        if "hour1" in senses:
            return self.hour_one(i)
        return None

    def prefixed_clock(self, i: int) -> tuple[Clock, int] | None:
        """Read "saat 8", "ore 8": the hour word in front makes the clock literal."""
        step = i + 1
        token = self.at(step)
        if token.kind in ("clock", "pair"):
            return self.clock_value(step)
        if token.kind == "number" and token.value <= 24:
            found = self.digit_clock(step)
            if found is not None:
                if self.at(step + 1).text == "'":
                    return found[0]._replace(open_half=False), found[1]
                return found
            minutes = self.minutes_after(step + 1, worded=False)
            if minutes is not None:
                return self.with_half(Clock(token.value, minutes[0]), minutes[1])
            return self.with_half(Clock(token.value), step + 1)
        if token.kind == "number" and len(token.text) == 4 and token.value // 100 < 24:
            return Clock(token.value // 100, token.value % 100), step + 1
        if "numacc" in token.senses or "numdat" in token.senses:
            return self.turkish_clock(step)
        found = self.worded_clock(step, marked=True)
        if found is not None:
            return found
        number = self.number_words(step)
        if number is not None and number[0] <= 24 and number[0] == int(number[0]):
            return Clock(int(number[0])), number[1]
        return None

    def digit_clock(self, i: int) -> tuple[Clock, int] | None:
        """Read "9am", "9 h 30", "0845am", "9: 45", "21 uhr"."""
        token = self.at(i)
        value = token.value
        following = self.at(i + 1)
        senses = following.senses
        if len(token.text) in (3, 4) and value >= 0:
            clock = Clock(value // 100, value % 100)
            if "ampm" in senses and (following.glued or "article" not in senses):
                return self.with_half(clock, i + 1)
            is_hour = senses.get("hourword") == 24 or (
                len(token.text) == 4 and "hourword4" in senses
            )
            if is_hour and clock.hour < 24 and clock.minute < 60:
                return clock, i + 2
            return None
        if len(token.text) > 2 or value < 0:
            return None
        if (
            following.text == ":"
            and self.at(i + 2).kind == "number"
            and len(self.at(i + 2).text) == 2
        ):
            return self.with_half(Clock(value, self.at(i + 2).value), i + 3)
        if "ampm" in senses and (following.glued or "article" not in senses):
            return self.with_half(Clock(value, open_half=True), i + 1)
        if "hourword" in senses and not self.is_duration_ahead(i):
            return self.hour_with_word(i, value)
        if "half_after" in senses or "hand" in senses or "minus" in senses or "halfpost" in senses:
            minutes = self.minutes_after(i + 1, worded=True)
            if minutes is not None and value <= 24:
                return self.from_minutes(value, minutes, open_half=1 <= value <= 12)
        if following.text == "'" and value <= 24:
            if "atmark" in self.at(i + 2).senses:
                return Clock(value, open_half=1 <= value <= 12), i + 3
            return self.turkish_clock(i)
        is_minute = (
            following.kind == "number" and len(following.text) == 2 and following.value < 60
        )
        if is_minute and self.at(i + 2).senses.get("hourword") == 24 and value < 24:
            return Clock(value, following.value), i + 3
        if is_minute and "ampm" in self.at(i + 2).senses and self.at(i + 2).text not in ("a", "p"):
            return self.with_half(Clock(value, following.value), i + 2)
        return None

    def half_of_day(self, i: int) -> int:
        """Read "tomorrow am", "fri pm": the half of a day that is named."""
        senses = self.tokens[i].senses
        if len(self.tokens[i].text) == 1 or "on" in senses or not self.facts.has_date:
            return i
        part = "afternoon" if senses["ampm"] == 12 else "morning"
        return self.set_part(part, i, self.past_dot(i + 1))

    def parts(self, i: int) -> int:
        """Read "mornings": every day, or the weekdays that stand beside it."""
        facts = self.facts
        if (
            i
            and self.at(i - 1).kind == "number"
            and len(facts.clocks) == 1
            and facts.is_loose_hour
        ):
            return i  # "3 nights" is a stay
        facts.is_plural = True
        if not facts.weekdays and facts.freq is None:
            facts.freq = "DAILY"
        return self.set_part(str(self.tokens[i].senses["parts"]), i, i + 1)
