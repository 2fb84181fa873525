"""Tokens to facts: all of them, or none. Recursive descent by hand, one token ahead mostly."""
# ruff: noqa: PLR2004 - clocks and calendars are made of these numbers

from datetime import date

from scheduling.when.facts import Clock, Facts
from scheduling.when.lex import NO_SENSES, Token
from scheduling.when.zones import find_city, offset_name

_END = Token("end", "", 0, 0, False)
_TENS = (20, 30, 40, 50, 60, 70, 80, 90)
_SKIPPED = frozenset(",;!…?\"“”„«»'·•*_")
_DASHES = frozenset("-–")
_READERS_KEY = " readers"  # No kind has a blank: the readers of a word are kept beside its senses.
REQUEST_SIGNS = frozenset("🙏⏰📅🗓⏱🕐🕑🕒🕓🕔🕕🕖🕗🕘🕙🕚🕛📆👉➡🚀✅📌📣⏳⌛🤞😊🙂👍❤🤗😉🔔🎉")


class Unread(Exception):
    """A token has no place in the phrase."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class Parser:
    """Reads one list of tokens into `Facts`."""

    def __init__(self, tokens: list[Token], order: str | None, today: date) -> None:
        self.tokens = tokens
        self.count = len(tokens)
        self.order = order
        self.today = today
        self.this_year = today.year
        self.facts = Facts()
        self.prev = ""
        self.has_new_glue = False
        self.between = False
        self.first = -1
        self.last = -1
        self.kinds: list[str] = [""] * self.count

    def parse(self, start: int = 0, end: int | None = None) -> Facts:
        """The facts of the tokens from *start* to *end*.

        Raises:
            Unread: a token could not be read.
        """
        if end is not None:
            self.count = end
        index = start
        while index < self.count:
            after = self.advance(index)
            if after <= index:
                raise Unread(index)
            index = after
        if self.prev in ("at", "on", "and"):
            raise Unread(self.count - 1)
        return self.facts

    def advance(self, i: int) -> int:
        """Read one item; a glue word before it has done its work then."""
        self.has_new_glue = False
        after = self.item(i)
        if after > i and not self.has_new_glue:
            self.prev = ""
        return after

    def glue(self, word: str) -> None:
        """Remember a word that tells what the next item is."""
        self.prev = word
        self.has_new_glue = True

    def at(self, index: int) -> Token:
        """The token there, or an empty one past the end."""
        return self.tokens[index] if index < self.count else _END

    def item(self, i: int) -> int:
        """Read what begins at *i*; the index after it, or *i* itself where nothing fits."""
        token = self.tokens[i]
        kind = token.kind
        if kind == "word":
            after = self.word(i)
        elif kind == "clock":
            after = self.clock(i)
        elif kind == "number":
            after = self.number(i)
        elif kind == "pair":
            after = self.pair(i)
        elif kind in ("ymd", "dmy"):
            after = self.digits_date(i)
        elif kind == "iana":
            self.set_zone(token.text, "iana", i)
            after = i + 1
        else:
            return self.sign(i)
        if after > i and self.kinds[i] not in ("filler", "skip"):
            if self.first < 0 and i and self.kinds[i] == "on" and self.kinds[i - 1] == "filler":
                # "post it on friday": the small word belongs to the asking.
                return after
            if self.first < 0:
                self.first = i
            self.last = max(self.last, after - 1)
        return after

    def mark(self, i: int, kind: str) -> None:
        """Note what the token at *i* was read as."""
        self.kinds[i] = kind

    # Signs

    def sign(self, i: int) -> int:
        """Read a sign: most part words only, some mean something."""
        token = self.tokens[i]
        text = token.text
        senses = token.senses
        if "plus" in senses or text == "+":
            after = self.duration_fact(i + 1)
            if after:
                self.touch(i, after)
                return after
            return i
        if "at" in senses:
            self.glue("at")
            self.touch(i, i + 1)
            return i + 1
        if "approx" in senses:
            self.facts.is_approximate = True
            self.glue("at")
            self.touch(i, i + 1)
            return i + 1
        if "and" in senses:
            return self.joiner(i)
        self.mark(i, "skip")
        if text in _SKIPPED or text in REQUEST_SIGNS or _is_emoji(text):
            return i + 1
        if text in "()[]":
            return i + 1
        if text == "." and (token.glued or i == self.count - 1):
            return i + 1
        if text == ":" and i == self.count - 1:
            return i + 1
        if text in "-=" and self.at(i + 1).text == ">":
            return i + 2
        if text == ":" and i and self.kinds[i - 1] == "filler":
            return i + 1
        if text in _DASHES and i == 0 and not self.at(1).glued:
            return i + 1
        if text in _DASHES and 0 < i < self.count - 1 and not self.facts.clocks:
            return i + 1
        if text in _DASHES and i and self.facts.clocks and not self.facts.has_date:
            return i + 1
        return i

    def touch(self, first: int, after: int) -> None:
        """Count the stretch as part of the phrase."""
        if self.first < 0:
            self.first = first
        self.last = max(self.last, after - 1)

    # Words

    def word(self, i: int) -> int:
        """Read a word and what belongs to it."""
        token = self.tokens[i]
        senses = token.senses
        if senses is NO_SENSES:
            return self.zone(i)
        readers = senses.get(_READERS_KEY)
        if readers is None:
            readers = [each for each in _READERS if each[0] in senses]
            senses[_READERS_KEY] = readers
        for kind, reader in readers:  # type: ignore[attr-defined] # put there by the lines above
            after: int = reader(self, i)
            if after > i:
                if not self.kinds[i]:
                    self.kinds[i] = kind
                return after
        return i

    def filler(self, i: int) -> int:
        """Pass over a word of asking and what it speaks of ("post this")."""
        self.mark(i, "filler")
        i += 1
        while i < self.count and "object" in self.tokens[i].senses:
            if self.is_time_ahead(i):
                break
            self.mark(i, "filler")
            i += 1
        return i

    def is_time_ahead(self, i: int) -> bool:
        """Whether "this", "one" … at *i* belongs to a time ("this friday", "one hour")."""
        senses = self.tokens[i].senses
        after = self.at(i + 1).senses
        if "mod" in senses:
            return any(kind in after for kind in ("weekday", "part", "unit", "group", "month"))
        if "num" in senses:
            return "unit" in after or "hourword" in after or "ampm" in after
        return False

    def object_word(self, i: int) -> int:
        """Pronouns count only right after a word of asking."""
        if i and self.kinds[i - 1] == "filler":
            self.mark(i, "filler")
            return i + 1
        return i

    def vague(self, i: int) -> int:
        """Take up words that name no time ("some time")."""
        self.facts.is_vague = True
        after = i + 1
        if "of" in self.at(after).senses:
            after += 1
        if "unit" in self.at(after).senses:
            after += 1
            if "later" in self.at(after).senses:
                after += 1
        return after

    def now(self, i: int) -> int:
        """Take up "now"."""
        after = i + 1
        if "plus" in self.at(after).senses:
            return after
        self.facts.is_now = True
        return after

    def moving(self, i: int) -> int:
        """Take up a holiday whose date moves."""
        self.facts.is_moving = True
        return i + 1

    def glue_at(self, i: int) -> int:
        """Remember that a clock follows."""
        if i + 1 >= self.count:
            return i
        self.glue("at")
        return i + 1

    def glue_on(self, i: int) -> int:
        """Remember that a day follows."""
        if i + 1 >= self.count:
            return i
        self.glue("on")
        return i + 1

    def glue_the(self, i: int) -> int:
        """Remember that a day of the month may follow."""
        following = self.at(i + 1)
        if following.kind in ("end", "sign") and following.text != "~":
            return i
        if self.prev not in ("at", "on") or self.prev == "on":
            self.glue("the")
        return i + 1

    def joiner(self, i: int) -> int:
        """Remember that one more of the same may follow."""
        if i + 1 >= self.count or i == 0:
            return i
        self.facts.is_joined = True
        self.glue("and")
        return i + 1

    def approx(self, i: int) -> int:
        """Take up "about"."""
        self.facts.is_approximate = True
        if i + 1 < self.count:
            self.glue("at")
        return i + 1

    def ish(self, i: int) -> int:
        """Take up "-ish" after a clock."""
        if not self.facts.has_clock:
            return i
        self.facts.is_approximate = True
        return i + 1

    def sharp(self, i: int) -> int:
        """Pass over "sharp" and "local time"."""
        return i + 1

    def early_late(self, i: int) -> int:
        """Pass over "early" and "late" before a part of the day."""
        following = self.at(i + 1).senses
        if "part" in following or "daypart" in following:
            self.facts.is_approximate = True
            return i + 1
        return i

    # Days

    def rel(self, i: int) -> int:
        """Read "today", "tomorrow" and the like."""
        senses = self.tokens[i].senses
        offset = senses["rel"]
        facts = self.facts
        if "part" in senses and (
            facts.weekdays or self.prev in ("on", "the") or facts.rel is not None
        ):
            return i
        if facts.rel is not None and facts.rel != offset:
            return i
        facts.rel = int(str(offset))
        if facts.rel < 0:
            facts.is_past = True
        return i + 1

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
        clocks = self.facts.clocks
        if "amnight" in senses and clocks and (clocks[-1].hour <= 5 or clocks[-1].hour == 12):
            # "2 часа ночи" is after midnight of the day that is named.
            part = "morning"
        return self.set_part(part, i, i + 1)

    def set_part(self, part: str, i: int, after: int) -> int:
        """Take a part of the day up beside what was said before."""
        facts = self.facts
        if part in ("noon", "midnight"):
            if self.prev == "at" or not facts.clocks:
                clock = self.noon_clock(i, part)
                if clock is None:
                    return i
                value, after = clock
                return self.add_clock(value, i, after)
            if facts.clocks[-1].hour == 12 and facts.clocks[-1].open_half and part != "midnight":
                facts.clocks[-1] = Clock(12, facts.clocks[-1].minute)
                facts.is_loose_hour = False
                return after
            if facts.clocks[-1].hour == 12 and part == "midnight":
                facts.clocks[-1] = Clock(0, 0, 0, is_midnight=True)
                facts.is_loose_hour = False
                return after
            if not facts.is_joined and part == "noon":
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

    def noon_clock(self, i: int, part: str) -> tuple[Clock, int] | None:
        """Noon and midnight, with the minutes that may follow ("midi et demi")."""
        hour = 12 if part == "noon" else 0
        minutes = self.minutes_after(i + 1, worded=True)
        if minutes is None:
            return Clock(hour, is_midnight=hour == 0), i + 1
        value, after = minutes
        total = (hour * 60 + value) % 1440
        return Clock(total // 60, total % 60), after

    def weekday(self, i: int) -> int:
        """One weekday, a list of them or a range, with what may follow."""
        facts = self.facts
        token = self.tokens[i]
        senses = token.senses
        if "month" in senses and self.reads_as_month(i):
            return i
        days = [int(str(senses["weekday"]))]
        after = self.past_dot(i + 1)
        while after < self.count:
            stop = self.next_weekday(after)
            if stop is None:
                break
            day, after, is_range = stop
            if is_range:
                step = days[-1]
                while step != day:
                    step = (step + 1) % 7
                    if step != day and step not in days:
                        days.append(step)
            if day not in days:
                days.append(day)
        if facts.weekdays and (not facts.is_joined or facts.weekday_mod):
            if facts.weekdays == days:
                return after
            if not facts.freq and not facts.is_plural:
                return i
        if facts.loose_ordinals:
            facts.nth.extend((number, day) for number in facts.loose_ordinals for day in days)
            facts.loose_ordinals = []
            return after
        facts.weekdays.extend(day for day in days if day not in facts.weekdays)
        self.prev = ""
        return self.after_weekday(after)

    def reads_as_month(self, i: int) -> bool:
        """Whether a word such as "mar" is a month here: beside a day's number, not elsewhere."""
        if self.facts.loose_ordinals:
            return True
        before, after = self.at(i - 1) if i else _END, self.at(i + 1)
        if "month" in after.senses or (
            after.kind == "number" and "month" in self.at(i + 2).senses
        ):
            return False
        if before.kind == "number" and before.value <= 31 and not self.facts.clocks:
            return True
        return after.kind == "number" and 0 < after.value <= 31 and self.looks_like_day(i + 1)

    def looks_like_day(self, i: int) -> bool:
        """Whether the number at *i* is a day of the month: something else tells the clock."""
        following = self.at(i + 1)
        if following.kind == "end":
            return False
        return not any(k in following.senses for k in ("ampm", "hourword", "past", "to", "unit"))

    def next_weekday(self, i: int) -> tuple[int, int, bool] | None:
        """The weekday that a list or range goes on with: (day, index after it, is a range)."""
        token = self.at(i)
        is_range = "through" in token.senses or token.text in _DASHES
        if not (is_range or token.text in (",", "/", "&") or "and" in token.senses):
            return None
        step = i + 1
        while (
            "on" in self.at(step).senses
            or "and" in self.at(step).senses
            or "the" in self.at(step).senses
        ):
            step += 1
        following = self.at(step)
        day = following.senses.get("weekday", following.senses.get("plural"))
        if day is None or ("month" in following.senses and self.at(step + 1).kind == "number"):
            return None
        if "plural" in following.senses:
            self.facts.is_plural = True
        if token.text == "," and self.facts.weekday_mod:
            return None
        return int(str(day)), self.past_dot(step + 1), is_range

    def after_weekday(self, after: int) -> int:
        """Read "friday week", "friday after next", "viernes próximo", "lundi en huit"."""
        facts = self.facts
        token = self.at(after)
        senses = token.senses
        if "after_next" in senses:
            facts.weekday_mod = "after_next"
            return after + 1
        if "plus_week" in senses or (token.text == "week" and "unit" in senses):
            facts.weekday_mod = "plus_two" if senses.get("plus_week") == 2 else "plus_week"
            return after + 1
        if "mod" in senses and facts.weekday_mod is None and "post_mod" in senses:
            following = self.at(after + 1).senses
            if not ("unit" in following or "group" in following or "part" in following):
                facts.weekday_mod = str(senses["mod"])
                self.facts.is_past |= facts.weekday_mod == "last"
                return after + 1
        return after

    def plural(self, i: int) -> int:
        """Read weekdays in the plural: every such day."""
        facts = self.facts
        facts.is_plural = True
        days = [int(str(self.tokens[i].senses["plural"]))]
        after = i + 1
        while after < self.count:
            stop = self.next_weekday(after)
            if stop is None:
                break
            day, after, is_range = stop
            step = days[-1]
            while is_range and (step + 1) % 7 != day:
                step = (step + 1) % 7
                days.append(step)
            days.append(day)
        if facts.loose_ordinals:
            facts.nth.extend((number, day) for number in facts.loose_ordinals for day in days)
            facts.loose_ordinals = []
        else:
            facts.weekdays.extend(day for day in days if day not in facts.weekdays)
        self.prev = ""
        return after

    def mod(self, i: int) -> int:
        """Read "next", "this", "last" before what they speak of."""
        facts = self.facts
        mod = str(self.tokens[i].senses["mod"])
        after = i + 1
        while "the" in self.at(after).senses and "unit" not in self.at(after).senses:
            after += 1
        following = self.at(after)
        senses = following.senses
        if mod == "last" and "ord" in self.tokens[i].senses and self.is_last_of(after):
            return i
        if "weekday" in senses and not ("month" in senses and facts.doms):
            if facts.weekday_mod or facts.weekdays:
                return i
            stop = self.weekday(after)
            if stop == after or (mod != "this" and self.facts.weekday_mod is not None):
                return i
            if len(facts.weekdays) == 1:
                facts.weekday_mod = self.facts.weekday_mod or mod
            facts.is_past |= mod == "last"
            return stop
        if "plural_group" not in senses and senses.get("group") == "weekend":
            facts.is_weekend = True
            facts.week_offset = {"next": 1, "this": 0}.get(mod, -1)
            facts.is_past |= mod == "last"
            return after + 1
        if "unit" in senses:
            return self.shifted_unit(mod, str(senses["unit"]), after + 1, i)
        if "part" in senses and mod == "this":
            facts.rel = facts.rel if facts.rel is not None else 0
            facts.is_named_part = True
            return self.set_part(str(senses["part"]), after, after + 1)
        if "month" in senses and mod in ("this", "next"):
            return after
        if mod in ("this", "next") and (
            "holiday" in senses or "ord" in senses or following.kind in ("number", "pair", "dmy")
        ):
            return after
        return i

    def is_last_of(self, i: int) -> bool:
        """Whether "last" counts within a month ("last friday of may")."""
        after = self.at(i + 1)
        if "unit" in self.at(i).senses and self.at(i).senses["unit"] == "day":
            return True
        if "of" in after.senses or "every" in after.senses or "the" in after.senses:
            return True
        if self.facts.freq is not None:
            return True
        return "month" in after.senses

    def shifted_unit(self, mod: str, unit: str, after: int, i: int) -> int:
        """Read "next week", "this month" and the like."""
        offset = {"next": 1, "this": 0, "after_next": 2}.get(mod, -1)
        facts = self.facts
        if offset < 0:
            facts.is_past = True
        if unit == "week":
            facts.week_offset = offset
        elif unit == "month":
            facts.month_offset = offset
        elif unit == "year":
            facts.year_offset = offset
        elif unit == "day" and offset == 1:
            facts.rel = 1
        elif unit == "day" and offset == 0 and self.at(after).kind == "number":
            self.glue("the")
        elif unit == "weekend":
            facts.is_weekend = True
            facts.week_offset = offset
        elif unit in ("hour", "minute") and offset == 1:
            facts.is_vague = True
        else:
            return i
        return after

    def bare_unit(self, i: int) -> int:
        """Read "week after next", "semana próxima", "of the month"."""
        senses = self.tokens[i].senses
        unit = str(senses["unit"])
        following = self.at(i + 1).senses
        if "after_next" in following and unit in ("week", "month"):
            if unit == "week":
                self.facts.week_offset = 2
            else:
                self.facts.month_offset = 2
            return i + 2
        if "post_mod" in following and unit in ("week", "month", "year"):
            return self.shifted_unit(str(following["mod"]), unit, i + 2, i)
        if unit == "month" and (self.facts.nth or self.facts.doms or self.facts.loose_ordinals):
            if self.facts.freq or self.facts.is_second_of:
                self.facts.freq = "MONTHLY"
                self.facts.is_second_of = 0
            elif self.facts.month_offset is None:
                self.facts.month_offset = 0
            return i + 1
        if unit == "month" and self.facts.edge is not None:
            self.facts.month_offset = self.facts.month_offset or 0
            return i + 1
        if unit == "day" and self.at(i + 1).kind == "number":
            self.glue("the")
            return i + 1
        if unit == "day" and self.facts.doms and self.prev == "" and "suffix" not in senses:
            return i + 1
        if unit == "day" and self.facts.weekdays and "tr_day" in senses:
            return i + 1
        return i

    def group(self, i: int) -> int:
        """Read "weekdays", "weekend"."""
        facts = self.facts
        senses = self.tokens[i].senses
        group = str(senses["group"])
        if group == "weekdays":
            facts.is_plural = True
            facts.weekdays = [0, 1, 2, 3, 4]
            return i + 1
        following = self.at(i + 1).senses
        if facts.freq or facts.is_plural or "plural_group" in senses:
            facts.is_plural = True
            facts.weekdays = [5, 6]
            return i + 1
        facts.is_weekend = True
        if "post_mod" in following:
            facts.week_offset = {"next": 1, "this": 0}.get(str(following["mod"]), -1)
            return i + 2
        if facts.week_offset is None:
            facts.week_offset = 0
        return i + 1

    def month(self, i: int) -> int:
        """A month, with a day before or after it."""
        facts = self.facts
        month = int(str(self.tokens[i].senses["month"]))
        after = self.past_dot(i + 1)
        if facts.loose_ordinals and not facts.nth:
            facts.month_days.extend((month, day) for day in facts.loose_ordinals)
            facts.loose_ordinals = []
            return self.year(after)
        if facts.doms and not facts.nth and not facts.month_days:
            facts.month_days.extend((month, day) for day in facts.doms)
            facts.doms = []
            return self.year(after)
        if facts.nth or facts.edge is not None:
            facts.month = month
            return self.year(after)
        if facts.month_days or facts.full_date or facts.month is not None:
            return i
        step = after
        while (
            "the" in self.at(step).senses
            or "on" in self.at(step).senses
            or self.at(step).text in ("-", "/")
        ):
            if "at" in self.at(step).senses and "the" not in self.at(step).senses:
                break
            step += 1
        if self.at(step).text == "," and self.one_ordinal(step + 1) is not None:
            step += 1
        days, stop = self.days_of_month(step)
        if days:
            facts.month_days.extend((month, day) for day in days)
            return self.year(stop)
        following = self.at(after)
        if following.kind == "number" and 1900 <= following.value <= 2100:
            facts.month, facts.year = month, following.value
            return after + 1
        if facts.freq or self.is_ordinal_ahead(after):
            facts.month = month
            return after
        return i

    def is_ordinal_ahead(self, i: int) -> bool:
        """Whether an ordinal follows ("ekim 2014 birinci çarşambası")."""
        return "ord" in self.at(i).senses and "unit" not in self.at(i).senses

    def days_of_month(self, i: int) -> tuple[list[int], int]:
        """Days of the month that follow a month's name: "9", "9th", "20 and 30"."""
        days: list[int] = []
        while True:
            found = self.day_number(i)
            if found is None:
                return days, i
            day, after, has_mark = found
            if not has_mark and not days and self.is_clock_number(after):
                return days, i
            if days and not has_mark and not self.facts.freq and not self.is_listed:
                return days, i
            days.append(day)
            i = after
            step = i
            token = self.at(step)
            if token.text in (",", "&") or "and" in token.senses:
                step += 1
                while "the" in self.at(step).senses or "and" in self.at(step).senses:
                    step += 1
                ahead = self.day_number(step)
                if ahead and (ahead[2] or self.facts.freq) and not self.is_clock_number(ahead[1]):
                    i = step
                    continue
            return days, i

    is_listed = False

    def day_number(self, i: int) -> tuple[int, int, bool] | None:
        """A day of the month: (day, index after it, whether marked as an ordinal)."""
        token = self.at(i)
        if token.kind == "number" and 1 <= token.value <= 31 and len(token.text) <= 2:
            after = i + 1
            mark = self.ordinal_mark(after)
            if mark:
                return token.value, mark, True
            if self.at(after).text == "." and self.at(after).glued:
                return token.value, after + 1, False
            return token.value, after, False
        found = self.ordinal_words(i)
        if found and 0 < found[0] <= 31:
            return found[0], found[1], True
        if "num" in token.senses and (
            "article" not in token.senses
            or ("of" in self.at(i + 1).senses and "month" in self.at(i + 2).senses)
        ):
            number = self.number_words(i)
            if number and 1 <= number[0] <= 31 and number[0] == int(number[0]):
                return int(number[0]), number[1], False
        if "numacc" in token.senses:
            return int(str(token.senses["numacc"])), i + 1, True
        return None

    def ordinal_mark(self, i: int) -> int:
        """The index after "st", "-е", "'i" … glued to a number, or 0."""
        token = self.at(i)
        if not token.glued:
            return 0
        if token.text in ("-", "'"):
            following = self.at(i + 1)
            return i + 2 if following.glued and "suffix" in following.senses else 0
        return i + 1 if "suffix" in token.senses or token.text == "°" else 0

    def is_clock_number(self, after: int) -> bool:
        """Whether the number before *after* tells a clock: "march 9:15", "may 9 pm"."""
        following = self.at(after)
        senses = following.senses
        if "ampm" in senses or "hourword" in senses or following.text == ":":
            return True
        return following.kind == "number" and following.glued

    def year(self, i: int) -> int:
        """A year right after a date."""
        step = i
        if self.at(step).text in (",", "-", "/", "."):
            step += 1
        if "of" in self.at(step).senses and self.at(step + 1).kind == "number":
            step += 1
        if self.at(step).text == "'" and len(self.at(step + 1).text) == 2:
            value = self.at(step + 1).value
            if value > 0 and self.at(step + 1).glued:
                self.facts.year = 2000 + value
                return step + 2
        token = self.at(step)
        if token.kind != "number":
            return i
        digits = len(token.text)
        if digits == 4 and self.is_year(token.value) and "ampm" not in self.at(step + 1).senses:
            self.facts.year = token.value
            step += 1
            while "yearword" in self.at(step).senses:
                step += 1
            return self.past_dot(step)
        if digits == 2 and self.at(step - 1).text in "-/" and token.glued:
            self.facts.year = 2000 + token.value
            return step + 1
        return i

    def is_year(self, value: int) -> bool:
        """Whether a number of four digits is rather a year than a clock."""
        return self.this_year - 1 <= value <= self.this_year + 12 or not (
            value // 100 < 24 and value % 100 < 60
        )

    def holiday(self, i: int) -> int:
        """Read a holiday with a fixed date."""
        value = self.tokens[i].senses["holiday"]
        if not isinstance(value, tuple) or self.facts.month_days:
            return i
        self.facts.month_days.append((value[0], value[1]))
        self.facts.is_holiday = True
        self.prev = ""
        return self.year(i + 1)

    def edge(self, i: int) -> int:
        """Read "end of the month", "beginning of may", "mid june"."""
        edge = int(str(self.tokens[i].senses["edge"]))
        after = i + 1
        while "of" in self.at(after).senses or "the" in self.at(after).senses:
            after += 1
        following = self.at(after)
        senses = following.senses
        facts = self.facts
        if senses.get("unit") == "month":
            facts.edge = edge
            if facts.freq != "MONTHLY":
                facts.month_offset = 0
            if "post_mod" in self.at(after + 1).senses:
                return self.shifted_unit(
                    str(self.at(after + 1).senses["mod"]), "month", after + 2, i
                )
            return after + 1
        if "month" in senses:
            facts.edge = edge
            facts.month = int(str(senses["month"]))
            return self.year(self.past_dot(after + 1))
        if "mod" in senses and self.at(after + 1).senses.get("unit") == "month":
            facts.edge = edge
            return self.mod(after)
        if "every" in senses and self.is_month_unit_ahead(after):
            facts.edge = edge
            return after
        if facts.freq == "MONTHLY":
            facts.edge = edge
            return i + 1
        return i

    def is_month_unit_ahead(self, i: int) -> bool:
        """Whether the word for month follows soon."""
        return any(self.at(i + step).senses.get("unit") == "month" for step in (1, 2, 3))

    # Ordinals

    def ordinal(self, i: int) -> int:
        """Read "first friday …", "the 4th and 10th", "last day of the month"."""
        hour = self.tokens[i].senses.get("hourord")
        if hour is not None and self.prev == "at":
            after = i + 2 if "hourword" in self.at(i + 1).senses else i + 1
            return self.add_clock(self.hour(int(str(hour))), i, after)
        values: list[int] = []
        after = i
        while True:
            found = self.one_ordinal(after)
            if found is None:
                break
            values.append(found[0])
            after = found[1]
            step = after
            if (
                self.at(step).text == ","
                or "and" in self.at(step).senses
                or self.at(step).text == "&"
            ):
                step += 1
                while "and" in self.at(step).senses or "the" in self.at(step).senses:
                    step += 1
                if self.one_ordinal(step) is not None:
                    after = step
                    continue
            break
        if not values:
            return i
        return self.place_ordinals(values, i, after)

    def one_ordinal(self, i: int) -> tuple[int, int] | None:
        """An ordinal in digits or words: (number, index after it)."""
        token = self.at(i)
        if token.kind == "number" and 1 <= token.value <= 31:
            mark = self.ordinal_mark(i + 1)
            return (token.value, mark) if mark else None
        found = self.ordinal_words(i)
        if found is not None and "unit" in token.senses and "num" in self.at(i - 1).senses:
            return None
        return found

    def ordinal_words(self, i: int) -> tuple[int, int] | None:
        """An ordinal in words: "third", "twenty second", "двадцать четвёртого"."""
        token = self.at(i)
        value = token.senses.get("ord")
        if value is not None:
            base = int(str(value))
            following = self.at(i + 1).senses
            if base in (20, 30) and 0 < int(str(following.get("ord", 0))) < 10:
                return base + int(str(following["ord"])), i + 2
            return base, i + 1
        tens = token.senses.get("num")
        if tens in (20, 30):
            step = i + 1
            if self.at(step).text == "-":
                step += 1
            unit = self.at(step).senses.get("ord")
            if unit is not None and 0 < int(str(unit)) < 10:
                return int(str(tens)) + int(str(unit)), step + 1
        return None

    def place_ordinals(self, values: list[int], i: int, after: int) -> int:
        """Give ordinals their meaning by what follows them."""
        facts = self.facts
        self.prev = ""
        following = self.at(after)
        senses = following.senses
        if "weekday" in senses or "plural" in senses:
            if "mod" in self.at(i).senses and len(values) == 1 and not self.is_last_of(after):
                return i
            day = int(str(senses.get("weekday", senses.get("plural"))))
            facts.nth.extend((value, day) for value in values)
            return self.of_month(self.past_dot(after + 1))
        if senses.get("unit") == "day":
            facts.doms.extend(values)
            return self.of_month(after + 1)
        step = after
        while "of" in self.at(step).senses or "the" in self.at(step).senses:
            step += 1
        senses = self.at(step).senses
        if "month" in senses:
            facts.month_days.extend((int(str(senses["month"])), value) for value in values)
            return self.year(self.past_dot(step + 1))
        if any(value < 0 for value in values) and "every" not in senses and "unit" not in senses:
            return i
        facts.doms.extend(values)
        return self.of_month(after)

    def of_month(self, i: int) -> int:
        """Read "of the month", "in november", "of next month" after an ordinal."""
        step = i
        while (
            "of" in self.at(step).senses
            or "the" in self.at(step).senses
            or "on" in self.at(step).senses
        ):
            step += 1
        senses = self.at(step).senses
        facts = self.facts
        if (
            step > i
            and senses.get("unit") == "month"
            and "post_mod" not in self.at(step + 1).senses
        ):
            if not facts.freq and not facts.is_second_of:
                facts.month_offset = 0
            elif facts.is_second_of or facts.freq == "WEEKLY":
                facts.freq, facts.is_second_of, facts.interval = "MONTHLY", 0, 1
                facts.weekdays = []
            return step + 1
        if step > i and "month" in senses and facts.nth:
            facts.month = int(str(senses["month"]))
            return self.year(self.past_dot(step + 1))
        if (
            step > i
            and ("every" in senses or "mod" in senses)
            and self.is_month_unit_ahead(step - 1)
        ):
            return step
        return i

    # Numbers

    def number_words(self, i: int) -> tuple[float, int] | None:
        """A number in words from *i*: (value, index after it)."""
        value = self.at(i).senses.get("num")
        if not isinstance(value, int | float):
            return None
        after = i + 1
        if value in _TENS or value == 60:
            step = after
            token = self.at(step)
            if token.text == "-" or "numand" in token.senses:
                step += 1
            unit = self.at(step).senses.get("num")
            is_unit = isinstance(unit, int) and 0 < unit < (20 if value in (60, 80) else 10)
            if is_unit and ("article" not in self.at(step).senses or step > after):
                return value + int(str(unit)), step + 1
        return value, after

    def amount(self, i: int) -> tuple[float, int] | None:
        """A number of units: digits, decimals or words."""
        token = self.at(i)
        if token.kind == "number":
            if token.value < 0:
                return None
            comma, digits = self.at(i + 1), self.at(i + 2)
            if comma.text == "," and comma.glued and digits.glued and digits.kind == "number":
                return float(f"{token.value}.{digits.text}"), i + 3
            return token.value, i + 1
        if token.kind == "pair" and "." in token.text:
            return float(token.text), i + 1
        return self.number_words(i)

    def number(self, i: int) -> int:
        """A number in digits, by what stands around it."""
        token = self.tokens[i]
        following = self.at(i + 1)
        if (
            self.ordinal_mark(i + 1)
            and "ampm" not in following.senses
            and self.at(i + 1).text != "h"
        ):
            return self.ordinal(i)
        after = self.counted(i)
        if after > i:
            return after
        after = self.clock(i)
        if after > i:
            return after
        after = self.day_then_month(i)
        if after > i:
            return after
        after = self.dotted_days(i)
        if after > i:
            return after
        after = self.bare_duration(i)
        if after > i:
            return after
        after = self.spaced_pair(i)
        if after > i:
            return after
        if token.value < 0:
            return i
        if len(token.text) == 4:
            after = self.year_first(i)
            return after if after > i else self.four_digits(i)
        if len(token.text) > 2:
            if len(token.text) == 3 and self.prev == "at" and token.value % 100 < 60:
                clock = Clock(token.value // 100, token.value % 100, open_half=True)
                return self.add_clock(clock, i, i + 1)
            return i
        return self.lone_number(i)

    def lone_number(self, i: int) -> int:
        """A small number that nothing explains: an hour, or a day of the month after "the"."""
        token = self.tokens[i]
        value = token.value
        facts = self.facts
        dotted = self.at(i + 1).text == "." and self.at(i + 1).glued
        if dotted and facts.doms and not facts.month_days and 1 <= value <= 12:
            facts.month_days.extend((value, day) for day in facts.doms)
            facts.doms = []
            return i + 2
        if self.is_day_after_weekday(value, i, i + 1):
            facts.doms.append(value)
            return i + 1
        if (
            (self.prev == "the" or (dotted and self.prev == "on"))
            and 1 <= value <= 31
            and not facts.has_date_number
        ):
            facts.doms.append(value)
            self.prev = ""
            return i + 2 if dotted else i + 1
        if self.prev == "and" and facts.doms and not facts.clocks:
            facts.doms.append(value)
            return i + 1
        if value > 24 or (facts.clocks and not (facts.is_joined and self.prev in ("and", "at"))):
            if facts.clocks == [Clock(12)] and value == 12:
                return i + 1
            return i
        minute = self.at(i + 1)
        if (
            self.prev == "at"
            and minute.kind == "number"
            and len(minute.text) == 2
            and minute.value < 60
        ):
            senses = self.at(i + 2).senses
            if self.is_plain(i + 2) and not any(k in senses for k in ("month", "unit", "times")):
                clock, after = self.with_half(
                    Clock(value, minute.value, open_half=value <= 12), i + 2
                )
                return self.add_clock(clock, i, after)
        if self.at(i + 1).text.startswith("day after"):
            return i
        if (
            facts.month_days
            and facts.year is None
            and self.prev == ""
            and 0 <= value + 2001 - self.this_year <= 3
        ):
            facts.is_open_number = True
        return self.add_clock(self.hour(value), i, i + 1, loose=self.prev not in ("at", "and"))

    def is_day_after_weekday(self, value: int, i: int, after: int) -> bool:
        """Whether the number beside a weekday is a day of the month ("friday 23 at 4")."""
        facts = self.facts
        if not i or self.kinds[i - 1] != "weekday" or len(facts.weekdays) != 1 or self.prev:
            return False
        if facts.has_date_number or facts.weekday_mod or not 1 <= value <= 31:
            return False
        following = self.at(after)
        if self.is_part_ahead(after):
            return False
        step = after + 1 if following.text == "," or "at" in following.senses else after
        has_clock = self.clock_value(step) is not None
        has_clock |= step > after and self.at(step).kind == "number"
        if has_clock and "range_to" not in following.senses:
            return True
        if not self.falls_on(value, facts.weekdays[0]):
            return False
        if value <= 12 and not has_clock:
            facts.is_open_number = True
            return False
        return True

    def is_part_ahead(self, i: int) -> bool:
        """Whether a part of the day follows, behind small words."""
        while any(kind in self.at(i).senses for kind in ("at", "on", "in", "the", "of")):
            if "part" in self.at(i).senses:
                return True
            i += 1
        return "part" in self.at(i).senses or "daypart" in self.at(i).senses

    def falls_on(self, dom: int, weekday: int) -> bool:
        """Whether the next such day of the month is that weekday."""
        year, month = self.today.year, self.today.month
        for _ in range(3):
            try:
                day = date(year, month, dom)
            except ValueError:
                day = self.today.replace(day=1)
            if day >= self.today:
                return day.weekday() == weekday
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        return False

    def hour(self, value: int, minute: int = 0) -> Clock:
        """A bare hour: between 1 and 12 its half of the day is open."""
        return Clock(value, minute, open_half=1 <= value <= 12)

    def four_digits(self, i: int) -> int:
        """Read four digits: a clock, a year, or nothing."""
        token = self.tokens[i]
        value = token.value
        facts = self.facts
        is_time = value // 100 < 24 and value % 100 < 60
        follows = self.at(i + 1)
        if "hourword4" in follows.senses or "hourword" in follows.senses:
            return self.add_clock(Clock(value // 100, value % 100), i, i + 2) if is_time else i
        if self.prev == "at" and is_time:
            return self.add_clock(Clock(value // 100, value % 100), i, i + 1)
        if facts.month_days and facts.year is None and self.is_year(value):
            facts.year = value
            return i + 1
        if facts.clocks or not is_time:
            return i
        if self.count == 1 or facts.has_date or self.is_date_ahead(i + 1):
            return self.add_clock(Clock(value // 100, value % 100), i, i + 1)
        return i

    def year_first(self, i: int) -> int:
        """Read "2027/aug/10", "2027 april 9"."""
        value = self.tokens[i].value
        step = i + 1
        if self.at(step).text in ("-", "/", "."):
            step += 1
        if not self.is_year(value) or "month" not in self.at(step).senses:
            return i
        month = int(str(self.at(step).senses["month"]))
        step = self.past_dot(step + 1)
        if self.at(step).text in ("-", "/", "."):
            step += 1
        day = self.day_number(step)
        if day is None or self.facts.has_date_number:
            return i
        self.facts.full_date = (value, month, day[0])
        return day[1]

    def is_date_ahead(self, i: int) -> bool:
        """Whether a day is named after a four-digit number."""
        step = i
        while step < self.count and step < i + 3:
            token = self.tokens[step]
            if token.kind in ("ymd", "dmy", "pair"):
                return True
            if any(
                kind in token.senses for kind in ("weekday", "rel", "daypart", "month", "plural")
            ):
                return True
            step += 1
        return False

    def dotted_days(self, i: int) -> int:
        """Read "27. 11.", "7. vierter", "17 del 11": day and month as numbers apart."""
        day = self.tokens[i].value
        if not 1 <= day <= 31 or self.facts.has_date_number:
            return i
        joint, second = self.at(i + 1), self.at(i + 2)
        month, after = 0, i + 3
        if joint.text == "." and joint.glued and not second.glued:
            if second.kind == "number" and self.at(i + 3).text == "." and self.at(i + 3).glued:
                month, after = second.value, i + 4
            elif "ord" in second.senses and "weekday" not in self.at(i + 3).senses:
                month = int(str(second.senses["ord"]))
        elif "of_number" in joint.senses and second.kind == "number":
            month = second.value
        if not 1 <= month <= 12:
            return i
        self.facts.month_days.append((month, day))
        return self.year(after)

    def spaced_pair(self, i: int) -> int:
        """Read "15 / 2": a date with blanks around its sign."""
        sign, second = self.at(i + 1), self.at(i + 2)
        if sign.text == "/" and second.kind == "number" and len(second.text) <= 2:
            return self.numeric_day(self.tokens[i].value, second.value, None, "/", i, i + 3)
        return i

    def counted(self, i: int) -> int:
        """Read "5 times", "3x": how often."""
        number = self.amount(i)
        if number is None:
            return i
        value, after = number
        following = self.at(after)
        if "times" not in following.senses or value != int(value):
            return i
        return self.set_count(int(value), after + 1)

    def set_count(self, value: int, after: int) -> int:
        """Take up how often; "twice a day" tells a rate."""
        facts = self.facts
        if "per" in self.at(after).senses:
            unit = self.at(after + 1).senses.get("unit")
            freq = _FREQ_OF.get(str(unit))
            if freq is None:
                return 0
            facts.freq, facts.per_day = freq, value
            return after + 2
        facts.count = value
        return after

    def once(self, i: int) -> int:
        """Read "once", "twice" as a count or a rate."""
        is_rate = "per" in self.at(i + 1).senses and "unit" in self.at(i + 2).senses
        if not is_rate and not (self.facts.freq or self.facts.is_plural):
            return i
        return self.set_count(int(str(self.tokens[i].senses["once"])), i + 1) or i

    def word_number(self, i: int) -> int:
        """A number in words, by what stands around it."""
        for reader in (self.counted, self.clock, self.day_then_month, self.bare_duration):
            after = reader(i)
            if after > i:
                return after
        found = self.number_words(i)
        if found is None or "article" in self.tokens[i].senses:
            return i
        value, after = found
        if value != int(value):
            return i
        if self.prev == "the" and 1 <= value <= 31 and not self.facts.has_date_number:
            self.facts.doms.append(int(value))
            self.prev = ""
            return after
        if self.prev == "and" and self.facts.doms and not self.facts.clocks:
            self.facts.doms.append(int(value))
            return after
        if self.is_day_after_weekday(int(value), i, after):
            self.facts.doms.append(int(value))
            return after
        if not 0 <= value <= 24 or " " in self.tokens[i].text:
            return i
        if self.prev in ("at", "and") or self.facts.has_date or self.is_date_or_part_ahead(after):
            if self.facts.clocks and self.prev not in ("and", "at"):
                return i
            return self.add_clock(self.hour(int(value)), i, after)
        return i

    def is_date_or_part_ahead(self, i: int) -> bool:
        """Whether a day or a part of the day follows soon."""
        for step in (i, i + 1, i + 2):
            senses = self.at(step).senses
            if any(
                kind in senses for kind in ("part", "daypart", "rel", "weekday", "every", "zone")
            ):
                return True
        return False

    def day_then_month(self, i: int) -> int:
        """Read "9 april", "9. april", "9-apr", "9/apr/2027", "9 de abril", "9 and 10 april"."""
        facts = self.facts
        found = self.day_number(i)
        if found is None:
            return i
        day, after, _ = found
        step = after
        while (
            self.at(step).text in (".", "-", "/")
            or "of" in self.at(step).senses
            or "the" in self.at(step).senses
        ):
            step += 1
        token = self.at(step)
        if step > after and "of" in self.at(after).senses and self.is_month_of(step):
            facts.doms.append(day)
            self.prev = ""
            return step
        if "month" not in token.senses or facts.month_days or facts.full_date:
            return i
        if "weekday" in token.senses and step > after + 1 and "of" not in self.at(after).senses:
            return i
        if "unit" in token.senses and "month" in token.senses and token.text in ("mo", "m"):
            return i
        facts.month_days.append((int(str(token.senses["month"])), day))
        self.prev = ""
        return self.year(self.past_dot(step + 1))

    def is_month_of(self, i: int) -> bool:
        """Whether "this month", "every month", "the month" begins at *i*."""
        senses = self.at(i).senses
        if senses.get("unit") == "month":
            return True
        return ("mod" in senses or "every" in senses) and self.is_month_unit_ahead(i)

    def digits_date(self, i: int) -> int:
        """A date with its year in digits."""
        token = self.tokens[i]
        sign = next(char for char in token.text if not char.isdigit())
        first, second, third = (int(part) for part in token.text.split(sign))
        after = self.past_dot(i + 1)
        if token.kind == "ymd":
            if self.facts.full_date or self.facts.month_days:
                return i
            self.facts.full_date = (first, second, third)
            joint = self.at(i + 1)
            if joint.text == "t" and joint.glued:
                self.mark(i + 1, "skip")
                return i + 2
        else:
            year = third if third > 99 else 2000 + third
            if sign != "." and self.order == "YMD" and len(token.text.split(sign)[2]) == 2:
                self.facts.full_date = (2000 + first, second, third)
                self.prev = ""
                return after
            after = self.numeric_day(first, second, year, sign, i, after)
        self.prev = ""
        return after

    def numeric_day(
        self, first: int, second: int, year: int | None, sign: str, i: int, after: int
    ) -> int:
        """Day and month in digits, in the order of the person."""
        facts = self.facts
        if facts.full_date or facts.month_days or facts.open_order:
            return i
        if sign == "." or first > 12:
            day, month = first, second
        elif second > 12 or self.order == "MDY" or (self.order == "YMD" and year is None):
            day, month = second, first
        elif self.order == "DMY" or first == second:
            day, month = first, second
        else:
            facts.open_order = (first, second, year)
            return after
        if year is None:
            facts.month_days.append((month, day))
        else:
            facts.full_date = (year, month, day)
        self.prev = ""
        return after

    def pair(self, i: int) -> int:
        """Read "7/8", "7-8", "7.8": a date, a clock, a range or a decimal."""
        token = self.tokens[i]
        text = token.text
        sign = next(char for char in text if not char.isdigit())
        first, second = (int(part) for part in text.split(sign))
        following = self.at(i + 1)
        facts = self.facts
        if sign == ".":
            return self.dotted_pair(i, first, second)
        if sign == "-" and "month" in following.senses:
            return i
        if sign == "-" and (
            "ampm" in following.senses
            or "hourword" in following.senses
            or self.prev == "at"
            or self.between
        ):
            return self.clock_range(first, second, i)
        if (
            sign == "-"
            and (facts.has_date or self.is_date_ahead(i + 1))
            and first <= 24
            and second <= 24
        ):
            return self.clock_range(first, second, i)
        if facts.nth or facts.doms:
            return i
        return self.numeric_day(first, second, None, sign, i, self.past_dot(i + 1))

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

    def dotted_pair(self, i: int, first: int, second: int) -> int:
        """Read "7.8", which may be a date, a clock or a decimal."""
        facts = self.facts
        following = self.at(i + 1)
        senses = following.senses
        is_time = first < 24 and second < 60 and len(self.tokens[i].text.split(".")[1]) == 2
        if "unit" in senses and ("hourword" not in senses or not is_time):
            return self.bare_duration(i)
        if is_time and ("ampm" in senses or "hourword" in senses):
            return self.clock(i)
        if following.text == "." and following.glued:
            return self.numeric_day(first, second, None, ".", i, i + 2)
        if is_time and (
            self.prev == "at" or facts.full_date or facts.month_days or facts.rel is not None
        ):
            return self.clock(i)
        if not 1 <= second <= 12 or not 1 <= first <= 31:
            return self.clock(i) if is_time else i
        if facts.clocks or facts.part is not None or not is_time:
            return self.numeric_day(first, second, None, ".", i, i + 1)
        if "part" in senses or "daypart" in senses or "rel" in senses:
            return self.clock(i)
        if facts.weekdays or facts.doms or facts.freq or facts.is_plural or facts.nth:
            facts.dot_pair = (first, second)
            return i + 1
        return self.numeric_day(first, second, None, ".", i, i + 1)

    def is_ending(self, i: int) -> bool:
        """Whether the word at *i* is an ending that Turkish sets apart."""
        senses = self.at(i).senses
        return "suffix" in senses or "atmark" in senses

    def past_dot(self, i: int) -> int:
        """The index after a full stop glued to an abbreviation, or a Turkish ending."""
        token = self.at(i)
        if token.text == "'" and token.glued and self.is_ending(i + 1):
            return i + 2
        return i + 1 if token.text == "." and token.glued else i

    # Clocks

    def add_clock(self, clock: Clock, i: int, after: int, *, loose: bool = False) -> int:
        """Take a clock up; a second one needs "and" or a range before it."""
        facts = self.facts
        after = self.after_clock(after)
        if clock.hour > 24 or clock.minute > 59 or (clock.hour == 24 and clock.minute):
            clock = Clock(99)
        if facts.clocks and not (facts.is_joined or self.is_comma_before(i)):
            return i
        if facts.clocks and facts.is_range and not facts.freq:
            return i
        facts.clocks.append(clock)
        facts.is_loose_hour |= loose and len(facts.clocks) == 1
        self.mark(i, "clock")
        self.prev = ""
        return self.maybe_range(after)

    def is_comma_before(self, i: int) -> bool:
        """Whether a comma joins this clock of a recurrence to the one before."""
        before = self.at(i - 1) if i else _END
        if "at" in before.senses and i > 1:
            before = self.at(i - 2)
        return before.text == "," and (bool(self.facts.freq) or self.facts.is_plural)

    def after_clock(self, after: int) -> int:
        """Swallow what may be glued to a clock: "uhr", "-ish", an offset."""
        token = self.at(after)
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
        if "clock_suffix" in token.senses:
            return after + 1
        if token.text == "z" and token.glued:
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
        facts = self.facts
        token = self.at(after)
        step = after + 1
        opens = "range_to" in token.senses or token.text in _DASHES
        if not opens or ("and" in token.senses and not self.between):
            return after
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

    def hour_one(self, i: int) -> tuple[Clock, int] | None:
        """Read "час дня", "l'una": the word for one o'clock."""
        if (
            self.prev != "at"
            and "part" not in self.at(i + 1).senses
            and "ampm" not in self.at(i + 1).senses
        ):
            return None
        return self.with_half(Clock(1, open_half=True), i + 1)

    def prefixed_clock(self, i: int) -> tuple[Clock, int] | None:
        """Read "saat 8", "ore 8": the hour word in front makes the clock literal."""
        step = i + 1
        token = self.at(step)
        if token.kind in ("clock", "pair"):
            return self.clock_value(step)
        if token.kind == "number" and token.value <= 24:
            found = self.digit_clock(step)
            if found is not None:
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
            if senses.get("hourword") == 24 and clock.hour < 24 and clock.minute < 60:
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
        return None

    def is_duration_ahead(self, i: int) -> bool:
        """Whether the number and its unit at *i* are a stretch of time ("3 heures plus tard")."""
        return "later" in self.at(i + 2).senses or "ago" in self.at(i + 2).senses

    def hour_with_word(self, i: int, value: int) -> tuple[Clock, int] | None:
        """An hour and its word, with minutes that may follow."""
        word = self.at(i + 1).senses["hourword"]
        is_open = word == 12 and 1 <= value <= 12
        after = self.past_dot(i + 2) if self.at(i + 1).text != "h" else i + 2
        following = self.at(after)
        if following.kind == "number" and following.glued and "unit" in self.at(after + 1).senses:
            return None
        if (
            following.kind == "number"
            and len(following.text) == 2
            and (following.glued or word == 24)
        ) and (
            "month" not in self.at(after + 1).senses
            and following.value < 60
            and self.is_plain(after + 1)
        ):
            stop = after + 1
            if self.at(stop).senses.get("unit") == "minute":
                stop += 1
            return self.with_half(Clock(value, following.value), stop)
        minutes = self.minutes_after(after, worded=word == 24)
        if minutes is not None:
            return self.from_minutes(value, minutes, open_half=is_open)
        self.facts.is_loose_h |= self.at(i + 1).text == "h" and value <= 12 and self.prev != "at"
        return self.with_half(Clock(value, open_half=is_open), after)

    def is_plain(self, i: int) -> bool:
        """Whether what follows a number leaves it the minutes of an hour."""
        token = self.at(i)
        return (
            token.text not in (".", "/", "-") and "suffix" not in token.senses
        ) or not token.glued

    def from_minutes(
        self, hour: int, minutes: tuple[int, int], *, open_half: bool
    ) -> tuple[Clock, int]:
        """The clock that lies some minutes from an hour."""
        total = hour * 60 + minutes[0]
        clock = Clock(total // 60 % 24, total % 60, open_half=open_half)
        if open_half and clock.hour == 0:
            clock = Clock(12, clock.minute, open_half=True)
        return self.with_half(clock, minutes[1])

    def minutes_after(self, i: int, *, worded: bool) -> tuple[int, int] | None:
        """Minutes said after an hour: "y media", "moins le quart", "e quindici", "buçuk"."""
        token = self.at(i)
        senses = token.senses
        if "halfpost" in senses:
            return None if "unit" in self.at(i + 1).senses else (30, i + 1)
        if "hand" in senses:
            step = i + 1
            while "article" in self.at(step).senses and "quarter" in self.at(step + 1).senses:
                step += 1
            return self.some_minutes(step, worded=worded)
        if "minus" in senses:
            step = i + 1
            while "the" in self.at(step).senses or (
                "article" in self.at(step).senses and "quarter" in self.at(step + 1).senses
            ):
                step += 1
            found = self.some_minutes(step, worded=True)
            return None if found is None else (-found[0], found[1])
        if worded and "quarter" in senses and "post_quarter" in senses:
            return 15, i + 1
        if (
            worded
            and "num" in senses
            and "quarter" in self.at(i + 1).senses
            and senses["num"] == 3
        ):
            return 45, i + 2
        if worded and "num" in senses and "article" not in senses:
            number = self.number_words(i)
            if number is not None and 1 <= number[0] < 60 and number[0] == int(number[0]):
                if not self.is_minute_like(number[1]):
                    return None
                return int(number[0]), self.past_minute_word(number[1])
        return None

    def is_minute_like(self, after: int) -> bool:
        """Whether a number before *after* can be minutes."""
        senses = self.at(after).senses
        if "unit" in senses:
            return senses["unit"] == "minute"
        return "month" not in senses and "times" not in senses and "weekday" not in senses

    def some_minutes(self, i: int, *, worded: bool) -> tuple[int, int] | None:
        """A number of minutes in digits or words: (minutes, index after it)."""
        senses = self.at(i).senses
        if "half" in senses:
            return 30, i + 1
        if "quarter" in senses:
            return 15, i + 1
        number = self.amount(i)
        if number is None or number[0] != int(number[0]):
            return None
        value, after = int(number[0]), number[1]
        if "quarter" in self.at(after).senses and value <= 3:
            return value * 15, after + 1
        if self.at(i).kind == "number" and not worded and value % 5:
            return None
        if "hourword" in self.at(after).senses or (
            "unit" in self.at(after).senses and self.at(after).senses["unit"] != "minute"
        ):
            return None
        return (value, self.past_minute_word(after)) if 0 < value < 60 else None

    def past_minute_word(self, i: int) -> int:
        """The index after a word for minutes."""
        return (
            i + 1 if self.at(i).senses.get("unit") == "minute" and len(self.at(i).text) > 1 else i
        )

    def minutes_to_hour(self, i: int) -> tuple[Clock, int] | None:
        """Read "ten to eight", "20 past 6", "5 vor halb neun", "quinze para as oito"."""
        number = self.amount(i)
        if number is None or number[0] != int(number[0]) or not 0 < number[0] < 60:
            return None
        value, after = int(number[0]), number[1]
        has_unit = self.at(after).senses.get("unit") == "minute"
        if has_unit:
            after += 1
        senses = self.at(after).senses
        sign = -1 if "to" in senses else 1 if "past" in senses else 0
        if not sign:
            return None
        is_digits = self.at(i).kind == "number"
        if "range_to" in senses and is_digits and not has_unit and value not in (20, 25, 35):
            return None
        step = after + 1
        while "the" in self.at(step).senses or ("at" in self.at(step).senses and "to" in senses):
            step += 1
        if "halfto" in self.at(step).senses:
            found = self.spoken_clock(step)
            if found is None:
                return None
            clock, stop = found
            total = clock.hour * 60 + clock.minute + sign * value
            return self.with_half(Clock(total // 60 % 24, total % 60, open_half=True), stop)
        if "past" in senses and "in" in senses and has_unit and not self.is_hour_at(step):
            return None
        hour = self.hour_at(step)
        if hour is None:
            return None
        return self.from_minutes(hour[0], (sign * value, hour[1]), open_half=hour[2])

    def is_hour_at(self, i: int) -> bool:
        """Whether an hour stands at *i*."""
        return self.hour_at(i) is not None

    def hour_at(self, i: int) -> tuple[int, int, bool] | None:
        """An hour after "past", "to", "halb": (hour, index after it, whether its half is open)."""
        token = self.at(i)
        value: int | None = None
        after = i + 1
        if token.kind == "number" and token.value <= 24 and len(token.text) <= 2:
            value = token.value
        elif token.senses.get("part") in ("noon", "midnight"):
            return (12 if token.senses["part"] == "noon" else 24), after, False
        elif "ord" in token.senses and "ordhour" in token.senses:
            value = int(str(token.senses["ord"]))
        elif ("num" in token.senses and "article" not in token.senses) or (
            "num" in token.senses and "hourone" in token.senses
        ):
            number = self.number_words(i)
            if number is not None and number[0] == int(number[0]):
                value, after = int(number[0]), number[1]
        elif "hour1" in token.senses:
            value = 1
        if (
            value is None
            or value > 24
            or ("unit" in self.at(after).senses and "hourword" not in self.at(after).senses)
        ):
            return None
        if "month" in self.at(after).senses and "weekday" not in self.at(after).senses:
            return None
        if "hourword" in self.at(after).senses:
            is_open = 1 <= value <= 12
            return value, after + 1, is_open
        return value, after, 1 <= value <= 12

    def spoken_clock(self, i: int) -> tuple[Clock, int] | None:
        """Read "half past seven", "quarter to nine", "halb neun", "без четверти восемь"."""
        senses = self.at(i).senses
        step = i + 1
        if "before" in senses:
            found = self.some_minutes(step, worded=True)
            if found is None:
                return None
            hour = self.hour_at(found[1])
            if hour is None:
                return None
            return self.from_minutes(hour[0], (-found[0], hour[1]), open_half=hour[2])
        if (
            "fracto" in senses
            and "to" not in self.at(step).senses
            and "past" not in self.at(step).senses
        ):
            hour = self.hour_at(step)
            if hour is None:
                return None
            return self.from_minutes(
                hour[0], (-int(str(senses["fracto"])), hour[1]), open_half=hour[2]
            )
        if "halfto" in senses:
            hour = self.hour_at(step)
            if hour is not None:
                return self.from_minutes(hour[0], (-30, hour[1]), open_half=hour[2])
        minutes = 30 if "half" in senses else 15
        joint = self.at(step).senses
        sign = -1 if "to" in joint and minutes == 15 else 1 if "past" in joint else 0
        if "quarter" in senses and "quarter_of_next" in joint:
            hour = self.hour_at(step + 1)
            if hour is not None:
                return self.from_minutes(hour[0], (-45, hour[1]), open_half=hour[2])
        if "quarter" in senses and "ordhour" in joint:
            hour = self.hour_at(step)
            if hour is not None:
                return self.from_minutes(hour[0], (-45, hour[1]), open_half=hour[2])
        if not sign:
            return None
        step += 1
        while "the" in self.at(step).senses or "at" in self.at(step).senses:
            step += 1
        hour = self.hour_at(step)
        if hour is None:
            return None
        return self.from_minutes(hour[0], (sign * minutes, hour[1]), open_half=hour[2])

    def worded_clock(self, i: int, *, marked: bool = False) -> tuple[Clock, int] | None:
        """Read "eight forty-five pm", "eight o'clock", "huit heures et demie", "otto e mezza"."""
        number = self.number_words(i)
        if number is None or number[0] != int(number[0]) or number[0] > 24:
            return None
        value, after = int(number[0]), number[1]
        senses = self.at(after).senses
        if "hourword" in senses and "later" not in self.at(after + 1).senses:
            return self.hour_with_word(after - 1, value)
        if "ampm" in senses and ("article" not in senses or self.at(after).text != "a"):
            return self.with_half(Clock(value, open_half=True), after)
        minutes = self.minutes_after(after, worded=False)
        if minutes is not None:
            return self.from_minutes(value, minutes, open_half=1 <= value <= 12)
        if "oh" in senses and "num" in self.at(after + 1).senses:
            minute = self.number_words(after + 1)
            if minute is not None and minute[0] < 10:
                return self.with_half(
                    Clock(value, int(minute[0]), open_half=value <= 12), minute[1]
                )
        if "num" in senses and "article" not in senses:
            minute = self.number_words(after)
            if (
                minute is not None
                and 10 <= minute[0] < 60
                and "unit" not in self.at(minute[1]).senses
                and "month" not in self.at(minute[1]).senses
            ):
                return self.with_half(
                    Clock(value, int(minute[0]), open_half=value <= 12), minute[1]
                )
        if marked and "article" in self.at(i).senses:
            return None
        if "hourpre" in self.at(i - 1).senses and i:
            return self.with_half(Clock(value), after)
        return None

    def turkish_clock(self, i: int) -> tuple[Clock, int] | None:
        """Read "sekizi çeyrek geçe", "8'e 10 kala": the hour bends, the minutes follow."""
        token = self.at(i)
        step = i + 1
        if token.kind == "number":
            value = token.value
            if self.at(step).text == "'":
                step += 1
                if "suffix" not in self.at(step).senses and "casemark" not in self.at(step).senses:
                    return None
                step += 1
        else:
            value = int(str(token.senses.get("numacc", token.senses.get("numdat"))))
        minutes = self.some_minutes(step, worded=True)
        if minutes is None:
            return None
        word = self.at(minutes[1]).senses
        sign = 1 if "tr_past" in word else -1 if "tr_to" in word else 0
        if not sign:
            return None
        return self.from_minutes(value, (sign * minutes[0], minutes[1] + 1), open_half=value <= 12)

    def with_half(self, clock: Clock, after: int) -> tuple[Clock, int]:
        """Take "am" or "pm" up where it follows."""
        token = self.at(after)
        if "hourword" in token.senses and clock.open_half and "ampm" in self.at(after + 1).senses:
            after += 1
            token = self.at(after)
        half = token.senses.get("ampm")
        if half is not None and "on" in token.senses and self.is_day_ahead(after + 1):
            return clock, after
        if half is None or ("article" in token.senses and not token.glued):
            return clock, after
        if len(token.text) == 1 and token.glued is False and "part" in token.senses:
            return clock, after
        stop = self.past_dot(after + 1)
        offset = int(str(half))
        hour = clock.hour
        if 1 <= hour <= 12:
            hour = hour % 12 + offset
        else:
            return Clock(99), stop
        return Clock(hour, clock.minute, clock.second, has_half=True), stop

    def is_day_ahead(self, i: int) -> bool:
        """Whether a day begins at *i* ("um 8 am freitag")."""
        token = self.at(i)
        return token.kind in ("number", "pair", "dmy") or any(
            kind in token.senses for kind in ("weekday", "ord", "group", "part", "mod")
        )

    # Durations

    def duration_fact(self, i: int) -> int:
        """Take a duration up as a fact; the index after it, 0 where there is none."""
        found = self.duration(i)
        if found is None:
            return 0
        items, after = found
        facts = self.facts
        if facts.durations:
            return 0
        facts.durations = items
        if "later" in self.at(after).senses and "anchor" not in self.at(after).senses:
            after += 1
        self.prev = ""
        return self.anchor(after)

    def anchor(self, i: int) -> int:
        """Read "… from tomorrow", "… after january 12th": what the duration counts from."""
        token = self.at(i)
        if "after_next" in token.senses and "weekday" in self.at(i + 1).senses:
            self.facts.is_anchored = True
            stop = self.weekday(i + 1)
            self.facts.weekday_mod = "next"
            return stop
        if "anchor" not in token.senses:
            return i
        following = self.at(i + 1)
        if "now" in following.senses:
            return i + 2
        self.facts.is_anchored = True
        return i + 1

    def duration(self, i: int) -> tuple[list[tuple[float, str]], int] | None:
        """Amounts of units in a row: "an hour and a half", "1 h 20 min", "2h45"."""
        items: list[tuple[float, str]] = []
        while True:
            step = i
            while items and (
                self.at(step).text == ","
                or "and" in self.at(step).senses
                or "hand" in self.at(step).senses
            ):
                step += 1
            found = self.duration_item(step, first=not items)
            if found is None:
                break
            amount, unit, i = found
            items.append((amount, unit))
            more = self.glued_minutes(i, unit)
            if more is not None:
                items.append((more, "minute"))
                i += 1
        return (items, i) if items else None

    def glued_minutes(self, i: int, unit: str) -> int | None:
        """The minutes of "2h45"."""
        token = self.at(i)
        if unit != "hour" or token.kind != "number" or not token.glued or len(token.text) > 2:
            return None
        return None if "unit" in self.at(i + 1).senses else token.value

    def duration_item(self, i: int, *, first: bool) -> tuple[float, str, int] | None:
        """One amount of one unit: (amount, unit, index after it)."""
        token = self.at(i)
        senses = token.senses
        if "span" in senses and isinstance(senses["span"], tuple):
            amount, unit = senses["span"]
            return self.and_a_half(float(amount), str(unit), i + 1)
        if "half" in senses or "quarter" in senses:
            found = self.fraction(i, 1)
            if found is not None:
                return found
        number = self.amount(i)
        if number is None:
            if first and "unit" in senses and "bare_unit" in senses:
                return self.and_a_half(1, str(senses["unit"]), i + 1)
            return None
        value, after = number
        following = self.at(after).senses
        if ("half" in following and "num" in senses and "of" not in self.at(after + 1).senses) or (
            "half" in following and "article" in senses
        ):
            found = self.fraction(after, value) if "article" in senses else None
            if found is not None:
                return found
        if "quarter" in following and value in (1, 2, 3):
            found = self.fraction(after, value)
            if found is not None:
                return found
        if "halfpost" in following:
            value, after = value + 0.5, after + 1
        step = after
        if "and" in self.at(step).senses or "hand" in self.at(step).senses:
            step += 1
            if "article" in self.at(step).senses:
                step += 1
            if "half" in self.at(step).senses and "unit" in self.at(step + 1).senses:
                value, after = value + 0.5, step + 1
        following = self.at(after).senses
        if "span" in following and isinstance(following["span"], tuple):
            amount, unit = following["span"]
            return self.and_a_half(value * float(amount), str(unit), after + 1)
        if following.get("group") == "weekdays":
            return None
        if "unit" not in following:
            return None
        if self.at(after).text in ("a", "p"):
            return None
        after = self.past_dot(after + 1)
        return self.and_a_half(value, str(following["unit"]), after)

    def fraction(self, i: int, times: float) -> tuple[float, str, int] | None:
        """Read "half an hour", "three quarters of an hour"."""
        part = 0.5 if "half" in self.at(i).senses else 0.25 * times
        step = i + 1
        while (
            "of" in self.at(step).senses
            or "article" in self.at(step).senses
            or ("the" in self.at(step).senses and "unit" not in self.at(step).senses)
        ):
            step += 1
        unit = self.at(step).senses.get("unit")
        if unit is None:
            return None
        return part, str(unit), step + 1

    def and_a_half(self, value: float, unit: str, i: int) -> tuple[float, str, int]:
        """Read "… and a half", "… and three quarters" after a unit."""
        if "and" not in self.at(i).senses and "hand" not in self.at(i).senses:
            if "halfpost" in self.at(i).senses:
                return value + 0.5, unit, i + 1
            return value, unit, i
        step = i + 1
        times = 1.0
        number = self.number_words(step)
        if number is not None:
            times, step = number
        senses = self.at(step).senses
        if ("half" in senses or "quarter" in senses) and "unit" not in self.at(step + 1).senses:
            part = 0.5 if "half" in senses else 0.25 * times
            if "article" not in self.at(step + 1).senses and "of" not in self.at(step + 1).senses:
                return value + part, unit, step + 1
        return value, unit, i

    def in_duration(self, i: int) -> int:
        """Read "in 3 hours"."""
        step = i + 1
        approx = False
        if "approx" in self.at(step).senses:
            approx, step = True, step + 1
        after = self.duration_fact(step)
        if not after:
            if "plus_week" in self.tokens[i].senses:
                return i
            return i
        self.facts.is_approximate |= approx
        return after

    def bare_duration(self, i: int) -> int:
        """Read "25 min", "3 days from now", "a week from friday"."""
        if self.prev == "at" and not self.facts.is_approximate:
            return i
        found = self.duration(i)
        if found is None:
            return i
        items, after = found
        facts = self.facts
        if facts.durations or (facts.clocks and not self.is_followed_up(after)):
            return i
        token = self.at(after)
        if "ago" in token.senses:
            facts.is_past = True
            after += 1
        elif "later" in token.senses:
            after += 1
        else:
            facts.is_bare_duration = "anchor" not in token.senses
        facts.durations = items
        return self.anchor(after)

    def is_followed_up(self, i: int) -> bool:
        """Whether "from now" or "after" follows."""
        senses = self.at(i).senses
        return "later" in senses or "anchor" in senses

    # Recurrences

    def every(self, i: int) -> int:
        """Read "every other friday", "each month", "every 3 weeks", "every july 4th"."""
        facts = self.facts
        interval = int(str(self.tokens[i].senses["every"]))
        is_second = "second" in self.tokens[i].text
        after = i + 1
        while "the" in self.at(after).senses and "unit" not in self.at(after).senses:
            after += 1
        if "other" in self.at(after).senses:
            interval, after = 2, after + 1
        counted, after = self.every_number(after)
        if counted:
            interval = counted
        token = self.at(after)
        senses = token.senses
        self.prev = ""
        if facts.freq and not (facts.freq == "DAILY" and self.kinds[i - 1] != ""):
            return i
        if "unit" in senses and not ("month" in senses and self.at(after + 1).kind == "number"):
            return self.every_unit(str(senses["unit"]), interval, after + 1, i)
        if "span" in senses and isinstance(senses["span"], tuple):
            return self.every_unit(
                str(senses["span"][1]), interval * int(senses["span"][0]), after + 1, i
            )
        ordinals = self.every_ordinals(after)
        if ordinals is not None:
            return self.every_ordinal(*ordinals)
        if "group" in senses:
            return self.every_group(str(senses["group"]), interval, after + 1)
        if "weekday" in senses and not ("month" in senses and self.reads_as_month(after)):
            return self.every_weekday(interval, after, i, is_second=is_second or counted > 1)
        if "plural" in senses:
            facts.freq, facts.interval = "WEEKLY", interval
            return after
        if "part" in senses or "parts" in senses:
            part = str(senses.get("part", senses.get("parts")))
            facts.freq, facts.interval = "DAILY", interval
            facts.is_plural = True
            return self.set_part(part, after, after + 1)
        if "daypart" in senses:
            return i
        if "month" in senses:
            facts.freq, facts.interval = "YEARLY", interval
            return after
        if "holiday" in senses:
            facts.freq, facts.interval = "YEARLY", interval
            return after
        if token.kind == "number" and counted == 0 and "month" in self.at(after + 1).senses:
            facts.freq, facts.interval = "YEARLY", interval
            return after
        return i

    def every_number(self, i: int) -> tuple[int, int]:
        """Read "2", "two", "3rd" before a unit or a weekday: (number, index after it)."""
        number = self.amount(i)
        ordinal = self.one_ordinal(i)
        if ordinal is not None and ordinal[0] > 1:
            senses = self.at(ordinal[1]).senses
            unit = senses.get("unit")
            if unit is not None and not (unit == "day" and self.is_of_month(ordinal[1] + 1)):
                return ordinal
            return 0, i
        if number is None or number[0] != int(number[0]) or number[0] < 1:
            return 0, i
        senses = self.at(number[1]).senses
        if any(kind in senses for kind in ("unit", "weekday", "plural", "group", "span")):
            if "month" in senses and "weekday" not in senses and "unit" not in senses:
                return 0, i
            if "article" in self.at(i).senses and "unit" not in senses:
                return 0, i
            return int(number[0]), number[1]
        return 0, i

    def is_of_month(self, i: int) -> bool:
        """Whether "of the month" or "of may" begins at *i*."""
        step = i
        while "of" in self.at(step).senses or "the" in self.at(step).senses:
            step += 1
        return step > i and (
            "month" in self.at(step).senses or self.at(step).senses.get("unit") == "month"
        )

    def every_ordinals(self, i: int) -> tuple[list[int], int] | None:
        """Ordinals after "every": "4th and 10th", "first"."""
        values: list[int] = []
        after = i
        while True:
            found = self.one_ordinal(after)
            if found is None and not values:
                return None
            if found is None:
                return values, after
            values.append(found[0])
            after = found[1]
            step = after
            while (
                self.at(step).text == ","
                or "and" in self.at(step).senses
                or "the" in self.at(step).senses
            ):
                step += 1
            if step == after or self.one_ordinal(step) is None:
                return values, after
            after = step

    def every_ordinal(self, values: list[int], after: int) -> int:
        """Read what follows "every first", "every 4th"."""
        facts = self.facts
        senses = self.at(after).senses
        day = senses.get("weekday", senses.get("plural"))
        if day is not None:
            stop = self.past_dot(after + 1)
            step = stop
            while (
                "of" in self.at(step).senses
                or "the" in self.at(step).senses
                or "on" in self.at(step).senses
            ):
                step += 1
            ahead = self.at(step).senses
            if step > stop and "month" in ahead:
                facts.freq = "YEARLY"
                facts.month = int(str(ahead["month"]))
                facts.nth.extend((value, int(str(day))) for value in values)
                return self.past_dot(step + 1)
            is_monthly = ahead.get("unit") == "month" or (
                "every" in ahead and self.is_month_unit_ahead(step - 1)
            )
            if is_monthly or len(values) > 1 or values[0] in (1, -1, -2):
                facts.freq = "MONTHLY"
                facts.nth.extend((value, int(str(day))) for value in values)
                if ahead.get("unit") == "month":
                    return step + 1
                return self.every_skip(step) if is_monthly else stop
            facts.freq, facts.interval = "WEEKLY", values[0]
            facts.is_second_of = values[0]
            facts.weekdays = [int(str(day))]
            return stop
        if senses.get("unit") == "day":
            after += 1
        step = after
        while (
            "of" in self.at(step).senses
            or "the" in self.at(step).senses
            or ("on" in self.at(step).senses and "at" not in self.at(step).senses)
        ):
            step += 1
        ahead = self.at(step).senses
        if "month" in ahead and "unit" not in ahead:
            facts.freq = "YEARLY"
            facts.month_days.extend((int(str(ahead["month"])), value) for value in values)
            return self.past_dot(step + 1)
        facts.freq = "MONTHLY"
        facts.doms.extend(values)
        if ahead.get("unit") == "month":
            return step + 1
        return after

    def every_skip(self, i: int) -> int:
        """After "… friday of": "every month", "every 3rd month"."""
        self.facts.freq = None
        return i

    def every_unit(self, unit: str, interval: int, after: int, i: int) -> int:
        """Read "every week", "every 3 days"."""
        facts = self.facts
        if unit == "weekend":
            return self.every_group("weekend", interval, after)
        if unit == "quarter":
            facts.is_open_interval = True
            unit, interval = "month", interval * 3
        freq = _FREQ_OF.get(unit)
        if freq is None:
            return i
        facts.freq, facts.interval = freq, interval
        if interval == 1 and freq == "DAILY" and "part" in self.at(after).senses:
            return self.set_part(str(self.at(after).senses["part"]), after, after + 1)
        return after

    def every_group(self, group: str, interval: int, after: int) -> int:
        """Read "every weekday", "every weekend"."""
        facts = self.facts
        facts.freq, facts.interval, facts.is_plural = "WEEKLY", interval, True
        facts.weekdays = [5, 6] if group == "weekend" else [0, 1, 2, 3, 4]
        return after

    def every_weekday(self, interval: int, after: int, i: int, *, is_second: bool) -> int:
        """Read "every friday", "every other monday and friday"."""
        facts = self.facts
        facts.freq, facts.interval = "WEEKLY", interval
        if is_second and interval > 1 and "second" in self.tokens[i].text:
            facts.is_second_of = interval
        stop = self.weekday(after)
        if stop == after:
            return i
        if facts.is_second_of and self.is_of_month(stop):
            facts.nth = [(facts.is_second_of, day) for day in facts.weekdays]
            facts.weekdays, facts.is_second_of = [], 0
            facts.freq, facts.interval = "MONTHLY", 1
            return self.of_month_rule(stop)
        return stop

    def of_month_rule(self, i: int) -> int:
        """Read "of the month", "of may" after "every second friday"."""
        step = i
        while "of" in self.at(step).senses or "the" in self.at(step).senses:
            step += 1
        senses = self.at(step).senses
        if "month" in senses and senses.get("unit") != "month":
            self.facts.freq, self.facts.month = "YEARLY", int(str(senses["month"]))
        return step + 1

    def freq(self, i: int) -> int:
        """Read "daily", "weekly" and the like."""
        value = self.tokens[i].senses["freq"]
        facts = self.facts
        if not isinstance(value, tuple) or facts.freq is not None:
            return i
        facts.freq, facts.interval = value
        if value == ("MONTHLY", 3):
            facts.is_open_interval = True
        return i + 1

    def every_word(self, i: int) -> int:
        """Read a word that says "every day"."""
        if self.facts.freq is not None:
            return i
        self.facts.freq = str(self.tokens[i].senses["every_word"])
        return i + 1

    def parts(self, i: int) -> int:
        """Read "mornings": every day, or the weekdays that stand beside it."""
        facts = self.facts
        facts.is_plural = True
        if not facts.weekdays and facts.freq is None:
            facts.freq = "DAILY"
        return self.set_part(str(self.tokens[i].senses["parts"]), i, i + 1)

    def until(self, i: int) -> int:
        """Read "until 5 may": the last day of a recurrence."""
        facts = self.facts
        if facts.until is not None:
            return i
        found = self.sub_date(i + 1)
        if found is None:
            return i
        facts.until, after = found
        return after

    def starting(self, i: int) -> int:
        """Read "starting monday": the first day a recurrence may run on."""
        facts = self.facts
        if facts.start is not None:
            return i
        found = self.sub_date(i + 1)
        if found is None:
            return i
        facts.start, after = found
        return after

    def range_from(self, i: int) -> int:
        """Read "from 9 to 11", "between 10 and noon"."""
        following = self.at(i + 1)
        if "the" in following.senses or "at" in following.senses:
            following = self.at(i + 2)
        is_clock = following.kind in ("clock", "number", "pair") or any(
            kind in following.senses for kind in ("num", "part", "half", "quarter", "hourpre")
        )
        if not is_clock:
            if "weekday" in following.senses:
                return i + 1
            return i
        self.between = True
        self.glue("at")
        return i + 1

    def sub_date(self, i: int) -> tuple[Facts, int] | None:
        """A date of its own, as far as it goes; None where none begins at *i*."""
        outer, self.facts = self.facts, Facts()
        outer_prev, self.prev = self.prev, "on"
        best: tuple[Facts, int] | None = None
        step = i
        try:
            while step < self.count:
                token = self.tokens[step]
                if step > i and any(kind in token.senses for kind in _SUB_STOPS):
                    break
                if token.kind == "clock" or self.clock_value(step) is not None:
                    break
                after = self.advance(step)
                if after <= step or self.facts.clocks or self.facts.freq or self.facts.is_plural:
                    break
                if self.facts.has_date and self.prev not in ("at", "on", "and"):
                    best = (self.facts, after)
                if self.facts.part or self.facts.until or self.facts.start or self.facts.is_joined:
                    break
                step = after
        finally:
            found = self.facts
            self.facts, self.prev = outer, outer_prev
        if best is not None and (found.clocks or found.part or found.is_joined):
            return self.sub_date_exact(i, best)
        return best

    def sub_date_exact(self, i: int, best: tuple[Facts, int] | None) -> tuple[Facts, int] | None:
        """Read the date again up to where it was still only a date."""
        if best is None:
            return None
        outer, self.facts = self.facts, Facts()
        outer_prev, self.prev = self.prev, "on"
        outer_count, self.count = self.count, best[1]
        step = i
        try:
            while step < best[1]:
                after = self.advance(step)
                if after <= step:
                    return None
                step = after
            return self.facts, best[1]
        finally:
            self.facts, self.prev, self.count = outer, outer_prev, outer_count

    def for_span(self, i: int) -> int:
        """Read "for 4 weeks", "for 5 times" of a recurrence."""
        facts = self.facts
        step = i + 1
        while "the" in self.at(step).senses or self.at(step).senses.get("mod") == "next":
            step += 1
        number = self.amount(step)
        if number is None:
            return i
        value, after = number
        following = self.at(after).senses
        if "times" in following:
            facts.count = int(value)
            return after + 1
        if "span" in following and isinstance(following["span"], tuple):
            facts.span = (value * following["span"][0], following["span"][1])
            return after + 1
        if "unit" in following and (facts.freq or facts.is_plural or len(facts.weekdays) > 1):
            facts.span = (value, str(following["unit"]))
            return after + 1
        return i

    def up_to(self, i: int) -> int:
        """Read "up to 7 times"."""
        after = self.counted(i + 1)
        return after if after > i + 1 else i

    # Zones

    def set_zone(self, name: str, kind: str, i: int) -> None:
        """Take a zone up."""
        if self.facts.zone is not None and self.facts.zone != name:
            raise Unread(i)
        self.facts.zone, self.facts.zone_kind = name, kind

    def zone_sense(self, i: int) -> int:
        """An abbreviation, after a clock or a part of the day only."""
        senses = self.tokens[i].senses
        if not self.facts.has_clock or ("and" in senses and i + 1 < self.count):
            return i
        name = str(senses["zone"])
        after = i + 1
        if name in ("UTC", "GMT") and self.at(after).text in ("+", "-"):
            stop = self.offset(after)
            if stop:
                return stop
        self.set_zone(name, "abbreviation", i)
        if "timeword" in self.at(after).senses:
            after += 1
        return after

    def zone(self, i: int) -> int:
        """Read "lisbon time", "new york time": a city before the word for time."""
        words: list[str] = []
        for step in range(i, min(i + 4, self.count)):
            token = self.tokens[step]
            if "timeword" in token.senses and words:
                name = find_city(" ".join(words))
                if name is None:
                    return i
                self.set_zone(name, "iana", i)
                return step + 1
            if token.kind != "word" and token.text not in ".'-":
                return i
            if token.text not in ".'":
                words.append(token.text)
        return i

    def time_of_city(self, i: int) -> int:
        """Read "heure de Paris", "по Москве": the word for time before a city."""
        step = i + 1
        while "of" in self.at(step).senses or "the" in self.at(step).senses:
            step += 1
        words: list[str] = []
        for ahead in range(step, min(step + 3, self.count)):
            words.append(self.tokens[ahead].text)
            name = find_city(" ".join(words))
            if name is not None:
                self.set_zone(name, "iana", i)
                return ahead + 1
        return i


def _is_emoji(text: str) -> bool:
    code = ord(text[0]) if text else 0
    return code >= 0x1F000 or 0x2190 <= code <= 0x2BFF or code in (0x203C, 0x2049, 0x20E3)


_FREQ_OF = {
    "minute": "MINUTELY",
    "hour": "HOURLY",
    "day": "DAILY",
    "week": "WEEKLY",
    "month": "MONTHLY",
    "year": "YEARLY",
}
_SUB_STOPS = ("until", "forspan", "starting", "every", "at", "times", "once", "freq")
_READERS = (
    ("vague", Parser.vague),
    ("moving", Parser.moving),
    ("every", Parser.every),
    ("every_word", Parser.every_word),
    ("freq", Parser.freq),
    ("once", Parser.once),
    ("daypart", Parser.daypart),
    ("holiday", Parser.holiday),
    ("in", Parser.in_duration),
    ("upto", Parser.up_to),
    ("forspan", Parser.for_span),
    ("starting", Parser.starting),
    ("until", Parser.until),
    ("range_from", Parser.range_from),
    ("rel", Parser.rel),
    ("ord", Parser.ordinal),
    ("mod", Parser.mod),
    ("plural", Parser.plural),
    ("group", Parser.group),
    ("weekday", Parser.weekday),
    ("month", Parser.month),
    ("edge", Parser.edge),
    ("clockword", Parser.clock),
    ("half", Parser.bare_duration),
    ("quarter", Parser.bare_duration),
    ("span", Parser.bare_duration),
    ("half", Parser.clock),
    ("halfto", Parser.clock),
    ("quarter", Parser.clock),
    ("before", Parser.clock),
    ("fracto", Parser.clock),
    ("hourpre", Parser.clock),
    ("numacc", Parser.clock),
    ("numdat", Parser.clock),
    ("hour1", Parser.clock),
    ("num", Parser.ordinal),
    ("num", Parser.word_number),
    ("part", Parser.part),
    ("parts", Parser.parts),
    ("now", Parser.now),
    ("zone", Parser.zone_sense),
    ("early_late", Parser.early_late),
    ("approx", Parser.approx),
    ("ish", Parser.ish),
    ("sharp", Parser.sharp),
    ("unit", Parser.bare_unit),
    ("at", Parser.glue_at),
    ("and", Parser.joiner),
    ("the", Parser.glue_the),
    ("on", Parser.glue_on),
    ("of", Parser.glue_on),
    ("timeword", Parser.time_of_city),
    ("filler", Parser.filler),
    ("object", Parser.object_word),
)
