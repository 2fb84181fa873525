"""What recurs: every, daily, until, starting, for four weeks."""
# ruff: noqa: PLR2004 - clocks and calendars are made of these numbers

from scheduling.when.facts import Facts
from scheduling.when.grammar.cursor import FREQ_OF
from scheduling.when.grammar.numbers import Numbers

_COUNTED = ("unit", "weekday", "plural", "group", "span", "every_post")
_SUB_STOPS = ("until", "forspan", "starting", "every", "at", "times", "once", "freq")


class Rules(Numbers):
    """Reads recurrences and takes them up."""

    def every(self, i: int) -> int:
        """Read "every other friday", "each month", "every 3 weeks", "every july 4th"."""
        facts = self.facts
        interval = int(str(self.tokens[i].senses["every"]))
        is_second = "second_of" in self.tokens[i].senses
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
        if facts.freq == "MONTHLY" and facts.doms and senses.get("unit") == "month":
            return after + 1 if interval == 1 else i
        if self.is_one_more_weekday(interval, after):
            self.glue("and")
            return after
        if facts.freq and not (facts.freq == "DAILY" and self.kinds[i - 1] != ""):
            return i
        fraction = self.every_part_of_hour(after)
        if fraction is not None:
            facts.freq, facts.interval = "MINUTELY", fraction[0]
            return fraction[1]
        if "every_post" in senses:
            return self.every_unit(str(senses["every_post"]), interval, after + 1, i)
        if senses.get("unit") == "day" and self.is_day_list(after + 1):
            facts.freq = "MONTHLY"
            self.glue("the")
            return after + 1
        if token.kind == "number" and self.is_marked_day(after):
            facts.freq = "MONTHLY"
            self.glue("the")
            return after
        is_weekday = "weekday" in senses and not counted  # "mo" is short for two things
        if (
            "unit" in senses
            and not is_weekday
            and not ("month" in senses and self.at(after + 1).kind == "number")
        ):
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
            return self.every_weekday(interval, after, i, is_second=is_second)
        if "plural" in senses:
            facts.freq, facts.interval = "WEEKLY", interval
            return after
        if "part" in senses or "parts" in senses:
            part = str(senses.get("part", senses.get("parts")))
            facts.freq, facts.interval = "DAILY", interval
            facts.is_plural = True
            return self.set_part(part, after, after + 1)
        if "weekday_part" in senses:
            facts.freq, facts.interval = "WEEKLY", interval
            return self.weekday_part(after)
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

    def is_one_more_weekday(self, interval: int, after: int) -> bool:
        """Whether "every" said again goes on with the weekdays: "every tue and every thu"."""
        facts = self.facts
        if facts.freq != "WEEKLY" or not facts.is_joined or facts.clocks:
            return False
        return interval == facts.interval and "weekday" in self.at(after).senses

    def is_day_list(self, i: int) -> bool:
        """Whether days of the month and a clock follow "todo dia": "5 às 10h", "1 e 15 às 9h"."""
        step = i
        while 1 <= self.at(step).value <= 31:
            step += 1
            if self.at(step).text != "," and "and" not in self.at(step).senses:
                break
            step += 1
        if step == i:
            return False
        if "of" in self.at(step).senses and self.is_month_of(step + 1):
            return True
        if "at" not in self.at(step).senses:
            return False
        return self.at(step + 1).kind == "number" or self.clock_value(step + 1) is not None

    def is_marked_day(self, i: int) -> bool:
        """Whether days of the month begin at *i* that a word marks: "5 число"."""
        step = i + 1
        while self.at(step).text == "," or "and" in self.at(step).senses:
            step += 2
        return "daymark" in self.at(step).senses or self.is_of_month(step)

    def every_number(self, i: int) -> tuple[int, int]:
        """Read "2", "two", "3rd" before a unit or a weekday: (number, index after it)."""
        number = self.amount(i)
        ordinal = self.every_one(i)
        if ordinal is not None and ordinal[0] > 1:
            senses = self.at(ordinal[1]).senses
            unit = senses.get("unit")
            if unit is not None and not (unit == "day" and self.is_of_month(ordinal[1] + 1)):
                return ordinal
            return 0, i
        if number is None or number[0] != int(number[0]) or number[0] < 1:
            return 0, i
        senses = self.at(number[1]).senses
        if any(kind in senses for kind in _COUNTED):
            if "month" in senses and "weekday" not in senses and "unit" not in senses:
                return 0, i
            if "article" in self.at(i).senses and "unit" not in senses:
                return 0, i
            return int(number[0]), number[1]
        return 0, i

    def every_part_of_hour(self, i: int) -> tuple[int, int] | None:
        """Read "half hour", "1.5 hours" after "every": (minutes, index after it)."""
        senses = self.at(i).senses
        is_word = any(kind in senses for kind in ("half", "quarter", "num", "unit"))
        if not is_word and self.at(i).kind not in ("pair", "number"):
            return None
        if senses.get("unit") == "hour":
            found: tuple[float, str, int] | None = self.and_a_half(1, "hour", i + 1)
        else:
            found = self.duration_item(i, first=True)
        if found is None or found[1] != "hour":
            return None
        minutes = found[0] * 60
        return (int(minutes), found[2]) if minutes == int(minutes) and minutes % 60 else None

    def every_ordinals(self, i: int) -> tuple[list[int], int] | None:
        """Ordinals after "every": "4th and 10th", "first"."""
        values: list[int] = []
        after = i
        while True:
            found = self.every_one(after)
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
            if step == after or self.every_one(step) is None:
                return values, after
            after = step

    def every_one(self, i: int) -> tuple[int, int] | None:
        """An ordinal after "every"; "1." is one where no month's name follows."""
        found = self.one_ordinal(i)
        dot = self.at(i + 1)
        if found is not None or dot.text != "." or not dot.glued:
            return found
        day, following = self.at(i).value, self.at(i + 2)
        if not 1 <= day <= 31 or following.glued or "month" in following.senses:
            return None
        return day, i + 2

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
        freq = FREQ_OF.get(unit)
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
        if is_second and interval > 1:
            facts.is_second_of = interval
        stop = self.weekday(after)
        if stop == after:
            return i
        is_month = self.at(stop).senses.get("unit") == "month" or self.is_of_month(stop)
        if facts.is_second_of and is_month:
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
        if value == ("DAILY", 1) and self.is_day_list(i + 1):
            facts.freq = "MONTHLY"
            self.glue("the")
        if value == ("MONTHLY", 3):
            facts.is_open_interval = True
        return i + 1

    def every_word(self, i: int) -> int:
        """Read a word that says "every day"."""
        if self.facts.freq is not None:
            return i
        self.facts.freq = str(self.tokens[i].senses["every_word"])
        if self.is_day_list(i + 1):
            self.facts.freq = "MONTHLY"
            self.glue("the")
        return i + 1

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

    def until_before(self, i: int) -> int:
        """Read "5 mayısa kadar": the last day stands before its word."""
        facts = self.facts
        if facts.until is not None or not i or not (facts.month_days or facts.edge is not None):
            return i
        facts.until = Facts(
            month_days=facts.month_days,
            year=facts.year,
            edge=facts.edge,
            month=facts.month,
            month_offset=facts.month_offset,
        )
        facts.month_days = []
        facts.year = facts.edge = facts.month = facts.month_offset = None
        return i + 1

    def except_before(self, i: int) -> int:
        """Read "pazar hariç": the days that a rule leaves out stand before their word."""
        facts = self.facts
        if not facts.weekdays or facts.freq or facts.clocks or facts.except_days:
            return i
        facts.except_days, facts.weekdays = facts.weekdays, []
        return i + 1

    def range_before(self, i: int) -> int:
        """Read "10:00-12:00 arası": a stretch that was told is one."""
        return i + 1 if self.facts.is_range else i

    def day_skipped(self, i: int) -> int:
        """Read "через день": every other day, or a day and no more."""
        if self.facts.freq is not None or self.facts.has_date:
            return i
        self.facts.freq, self.facts.interval = "DAILY", 2
        self.facts.is_day_skipped = True
        return i + 1

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
        is_exact = following.kind == "clock" or "ampm" in self.at(i + 2).senses
        is_exact |= len(following.text) == 4 and following.kind == "number"
        self.facts.is_from |= is_exact or "from_word" in self.tokens[i].senses
        self.glue("at")
        return i + 1

    def exception(self, i: int) -> int:
        """Read "except sunday", "but not on weekends": weekdays a rule leaves out."""
        facts = self.facts
        days: list[int] = []
        after = i + 1
        while after < self.count:
            senses = self.at(after).senses
            day = senses.get("weekday", senses.get("plural"))
            if day is not None:
                days.append(int(str(day)))
                after = self.past_dot(after + 1)
            elif "weekend" in (senses.get("group"), senses.get("plural_group")):
                days += [5, 6]
                after += 1
            else:
                is_joint = self.at(after).text in (",", "&", "+") or any(
                    kind in senses for kind in ("and", "or", "on", "the")
                )
                following = self.at(after + 1).senses
                if not is_joint or not any(
                    kind in following for kind in ("weekday", "plural", "group", "the", "on")
                ):
                    break
                after += 1
        if not days or facts.except_days:
            return i
        facts.except_days = days
        return after

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
        if found.clocks or found.part or found.is_joined or found.is_plural or found.freq:
            best = self.sub_date_exact(i, best)
        if best is not None and len(best[0].weekdays) > 1:
            return None  # "from monday to friday" is a list of days
        return best

    def sub_date_exact(self, i: int, best: tuple[Facts, int] | None) -> tuple[Facts, int] | None:
        """Read the date again up to where it was still only a date."""
        if best is None:
            return None
        outer, self.facts = self.facts, Facts()
        outer_prev, self.prev = self.prev, "on"
        outer_tokens = self.tokens[: self.count]
        self.end_at(outer_tokens[: best[1]])
        step = i
        try:
            while step < best[1]:
                after = self.advance(step)
                if after <= step:
                    return None
                step = after
            return self.facts, best[1]
        finally:
            self.facts, self.prev = outer, outer_prev
            self.end_at(outer_tokens)

    def for_span(self, i: int) -> int:
        """Read "for 4 weeks", "for 5 times" of a recurrence."""
        facts = self.facts
        step = i + 1
        while "the" in self.at(step).senses or self.at(step).senses.get("mod") == "next":
            step += 1
        number = self.amount(step)
        is_next = "next" in self.tokens[i].text or self.at(step - 1).senses.get("mod") == "next"
        if number is None and is_next:
            number = 1, step
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
