"""Numbers in digits and words, by what stands around them."""
# ruff: noqa: PLR2004 - clocks and calendars are made of these numbers

from datetime import date

from scheduling.when.facts import Clock
from scheduling.when.grammar.cursor import FRACTIONS, FREQ_OF
from scheduling.when.grammar.weekdays import Weekdays

_FIRST_YEAR, _LAST_YEAR = 1900, 2059


class Numbers(Weekdays):
    """Reads a number that may be a clock, a day, a year or a count."""

    def number(self, i: int) -> int:
        """A number in digits, by what stands around it."""
        token, following = self.tokens[i], self.tokens[i + 1]
        if following.glued:
            if "ampm" in following.senses:
                after = self.clock(i)
                if after > i:
                    return after
            elif following.text != "h" and self.ordinal_mark(i + 1):
                return self.ordinal(i)
        if following.kind != "end":
            if "hourpre" in following.senses and self.is_day_after_weekday(token.value, i, i + 1):
                self.facts.doms.append(token.value)  # "ven 14 ore 9"
                return i + 1
            for reader in _BY_WHAT_FOLLOWS:
                after = reader(self, i)
                if after > i:
                    return after
        if token.value < 0:
            return i
        if len(token.text) == 4:
            after = self.year_first(i)
            return after if after > i else self.four_digits(i)
        if len(token.text) > 2:
            if len(token.text) == 3 and self.is_short_clock(i):
                facts = self.facts
                facts.is_short_clock |= self.prev != "at"
                clock = Clock(token.value // 100, token.value % 100, open_half=True)
                return self.add_clock(clock, i, i + 1)
            return i
        return self.lone_number(i)

    def is_short_clock(self, i: int) -> bool:
        """Whether three digits are a clock: "at 930", and in an answer "fri 930"."""
        value = self.tokens[i].value
        if self.prev == "at":
            return value % 100 < 60
        if not self.is_answer or value < 100 or value % 100 > 55 or value % 5:
            return False
        return self.facts.has_date or self.is_date_ahead(i + 1)

    def days_after_article(self, i: int) -> int:
        """Read "los días 1 y 15 de cada mes", which is no quarter past one."""
        if self.prev != "the" or "and" not in self.tokens[i + 1].senses:
            return i
        return self.days_then_month(i)

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
        if "daymark" in self.at(i + 1).senses and 1 <= value <= 31 and not facts.has_date_number:
            facts.doms.append(value)
            self.prev = ""
            return i + 2
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
        if value > 24 or (facts.clocks and not self.is_one_more_hour(i)):
            if value == 12 and [clock[:2] for clock in facts.clocks] == [(12, 0)]:
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

    def is_one_more_hour(self, i: int) -> bool:
        """Whether a number beside other clocks is an hour: "at 8, 12 and 18"."""
        if self.facts.is_joined and self.prev in ("and", "at"):
            return True
        following = self.at(i + 1)
        return self.is_comma_before(i) and (following.text == "," or "and" in following.senses)

    def is_day_after_weekday(self, value: int, i: int, after: int) -> bool:
        """Whether the number beside a weekday is a day of the month ("friday 23 at 4")."""
        facts = self.facts
        if not i or self.kinds[i - 1] != "weekday" or len(facts.weekdays) != 1 or self.prev:
            return False
        if facts.has_date_number or facts.weekday_mod or not 1 <= value <= 31:
            return False
        following = self.at(after)
        if self.is_part_ahead(after) or "ish" in following.senses:
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
        if facts.month_days and _FIRST_YEAR <= value <= _LAST_YEAR:
            facts.is_short_clock = True  # "8 may 1945" is a day of long ago as well
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
        if "every_post" in following.senses and value == int(value) and not self.facts.freq:
            self.facts.freq = FREQ_OF[str(following.senses["every_post"])]
            self.facts.interval = int(value)
            return after + 1
        if "times" not in following.senses or value != int(value):
            return i
        return self.set_count(int(value), after + 1)

    def times_before(self, i: int) -> int:
        """Read "x4", "x 4": how often, the sign first."""
        number = self.at(i + 1)
        if self.tokens[i].text != "x" or not 0 < number.value <= 1000:
            return i
        return self.set_count(number.value, i + 2)

    def set_count(self, value: int, after: int) -> int:
        """Take up how often; "twice a day" tells a rate."""
        facts = self.facts
        if "per" in self.at(after).senses:
            unit = self.at(after + 1).senses.get("unit")
            freq = FREQ_OF.get(str(unit))
            if freq is None:
                return 0
            facts.freq, facts.per_day = freq, value
            return after + 2
        rate = self.at(after).senses.get("freq")
        if isinstance(rate, tuple) and rate[1] == 1 and facts.freq is None:
            facts.freq, facts.per_day = rate[0], value  # "2x daily"
            return after + 1
        facts.count = value
        return after

    def once(self, i: int) -> int:
        """Read "once", "twice" as a count or a rate."""
        after = self.once_every(i)
        if after > i:
            return after
        is_rate = "per" in self.at(i + 1).senses and "unit" in self.at(i + 2).senses
        is_rate |= "freq" in self.at(i + 1).senses
        if not is_rate and not (self.facts.freq or self.facts.is_plural):
            return i
        return self.set_count(int(str(self.tokens[i].senses["once"])), i + 1) or i

    def once_every(self, i: int) -> int:
        """Read the "once" of "once every two weeks", and "раз в две недели"."""
        facts = self.facts
        following = self.at(i + 1).senses
        if self.tokens[i].senses["once"] != 1 or facts.freq is not None:
            return i
        number = self.amount(i + 2) if "per" in following else None
        if number is not None and number[0] == int(number[0]) > 1:
            freq = FREQ_OF.get(str(self.at(number[1]).senses.get("unit")))
            if freq is not None:
                facts.freq, facts.interval = freq, int(number[0])
                return number[1] + 1
        if "every" in following and self.at(i + 2).kind != "end":
            return i + 1
        return i

    def word_number(self, i: int) -> int:
        """A number in words, by what stands around it."""
        for reader in (self.counted, self.clock, self.day_then_month, self.bare_duration):
            after = reader(i)
            if after > i:
                return after
        found = self.number_words(i)
        if found is not None and "alternate" in self.at(i + 2).senses:
            return i + 1
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
        if text in FRACTIONS and ("unit" in following.senses or "of" in following.senses):
            after = self.bare_duration(i)
            if after > i:
                return after
        if sign == "-" and "month" in following.senses:
            return i
        if sign == "-" and self.is_clock_with_dash(text, first, second, i):
            return self.add_clock(Clock(first, second), i, i + 1)
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
            and (first <= 12 or first < second)
        ):
            return self.clock_range(first, second, i)
        if facts.nth or facts.doms:
            return i
        return self.numeric_day(first, second, None, sign, i, self.past_dot(i + 1))

    def is_clock_with_dash(self, text: str, first: int, second: int, i: int) -> bool:
        """Whether "20-30" is a clock as Russian writes it: no hour ends a stretch so."""
        if first > 23 or second > 59 or len(text.rpartition("-")[2]) != 2 or self.between:
            return False
        if not (second > 24 or second == 0 or (first > second > 12)):
            return False
        return self.prev == "at" or self.facts.has_date or self.is_date_ahead(i + 1)

    def dotted_pair(self, i: int, first: int, second: int) -> int:
        """Read "7.8", which may be a date, a clock or a decimal."""
        facts = self.facts
        following = self.at(i + 1)
        senses = following.senses
        is_time = first < 24 and second < 60 and len(self.tokens[i].text.split(".")[1]) == 2
        if "hourpre" in senses and self.at(i + 2).kind in ("clock", "number", "pair"):
            return self.numeric_day(first, second, None, ".", i, i + 1)
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


_BY_WHAT_FOLLOWS = (
    Numbers.counted,
    Numbers.days_after_article,
    Numbers.clock,
    Numbers.day_then_month,
    Numbers.dotted_days,
    Numbers.bare_duration,
    Numbers.spaced_pair,
)
"""Readers of a number, in their order; a number at the end is left to itself."""
