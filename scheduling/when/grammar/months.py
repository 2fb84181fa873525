"""Days by their month: names, numbers, ordinals and holidays."""
# ruff: noqa: PLR2004 - clocks and calendars are made of these numbers

from scheduling.when.grammar.durations import Durations

MAX_DAYS = 12
"""More days than that are no list that a person writes."""


class MonthDays(Durations):
    """Reads days of a month and takes them up."""

    def is_last_of(self, i: int) -> bool:
        """Whether "last" counts within a month ("last friday of may")."""
        after = self.at(i + 1)
        if "unit" in self.at(i).senses and self.at(i).senses["unit"] == "day":
            return True
        if "of" in after.senses or "every" in after.senses or "the" in after.senses:
            return True
        if after.senses.get("unit") == "month" or self.is_month_before(i - 1):
            return True
        if self.facts.freq is not None:
            return True
        return "month" in after.senses

    def is_month_before(self, i: int) -> bool:
        """Whether a month stands before the ordinal at *i*: "ayın son cuması"."""
        before = self.at(i - 1).senses if i else {}
        return "month" in before or "of_month" in before

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

    def month(self, i: int) -> int:
        """A month, with a day before or after it."""
        facts = self.facts
        month = int(str(self.tokens[i].senses["month"]))
        after = self.past_dot(i + 1)
        if facts.loose_ordinals and not facts.nth:
            facts.month_days.extend((month, day) for day in facts.loose_ordinals)
            facts.loose_ordinals = []
            return self.year(after)
        if facts.doms and min(facts.doms) < 0 and facts.month is None:
            facts.month = month
            return self.year(after)
        if facts.doms and not facts.nth and not facts.month_days:
            facts.month_days.extend((month, day) for day in facts.doms)
            facts.doms = []
            return self.year(after)
        if facts.nth or facts.edge is not None:
            facts.month = month
            return self.year(after)
        is_one_more = self.prev == "and" and not facts.clocks
        if (facts.month_days and not is_one_more) or facts.full_date or facts.month is not None:
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
        ordinal = self.one_ordinal(after)
        if ordinal is not None and "weekday" in self.at(ordinal[1]).senses:
            facts.month = month
            return after
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
        is_list = False
        while True:
            found = self.day_number(i)
            if found is None:
                return days, i
            day, after, has_mark = found
            if not has_mark and not days and self.is_clock_number(after):
                return days, i
            if days and not has_mark and not self.facts.freq and not is_list:
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
                is_list = is_list or self.is_list_of_days(after)
                is_day = ahead and (ahead[2] or self.facts.freq or is_list)
                if ahead and is_day and not self.is_clock_number(ahead[1]):
                    i = step
                    continue
            return days, i

    def is_list_of_days(self, after: int) -> bool:
        """Whether more days up to an "at" follow one of them: "20, 21 and 22 at 9"."""
        step, count = after, 1
        while self.at(step).text == "," or "and" in self.at(step).senses:
            step += 1
            while "and" in self.at(step).senses or "the" in self.at(step).senses:
                step += 1
            found = self.day_number(step)
            if found is None or count == MAX_DAYS:
                return False
            count, step = count + 1, found[1]
        return count > 1 and "at" in self.at(step).senses

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

    def ordinal(self, i: int) -> int:
        """Read "first friday …", "the 4th and 10th", "last day of the month"."""
        hour = self.tokens[i].senses.get("hourord")
        if hour is not None and self.prev == "at" and "weekday" not in self.at(i + 1).senses:
            after = i + 2 if "hourword" in self.at(i + 1).senses else i + 1
            minutes = self.minutes_after(after, worded=True)
            if minutes is not None and minutes[0] >= 0:
                clock, after = self.from_minutes(int(str(hour)), minutes, open_half=True)
                return self.add_clock(clock, i, after)
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

    def day_then_month(self, i: int) -> int:
        """Read "9 april", "9. april", "9-apr", "9/apr/2027", "9 de abril", "9 and 10 april"."""
        facts = self.facts
        found = self.day_number(i)
        if found is None:
            return i
        day, after, _ = found
        if self.at(after).text == "," or "and" in self.at(after).senses:
            return self.days_then_month(i)
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

    def days_then_month(self, i: int) -> int:
        """Read "20, 21 and 22 april", "1 и 15 числа"."""
        facts = self.facts
        if facts.has_date_number or facts.clocks:
            return i
        days: list[int] = []
        step = i
        while len(days) < MAX_DAYS:
            found = self.day_number(step)
            if found is None:
                return i
            days.append(found[0])
            step = found[1]
            if self.at(step).text != "," and "and" not in self.at(step).senses:
                break
            step += 1
            while "and" in self.at(step).senses or "the" in self.at(step).senses:
                step += 1
        if "daymark" in self.at(step).senses or "tr_day" in self.at(step).senses:
            facts.doms.extend(days)
            self.prev = ""
            return step + 1
        if "of" in self.at(step).senses and "month" in self.at(step + 1).senses:
            step += 1
        is_any_month = "of" in self.at(step).senses and self.is_month_of(step + 1)
        if len(days) > 1 and (is_any_month or (self.prev == "the" and self.is_at(step))):
            facts.doms.extend(days)
            self.prev = ""
            return step
        senses = self.at(step).senses
        if "month" not in senses or "weekday" in senses or "unit" in senses:
            return i
        facts.month_days.extend((int(str(senses["month"])), day) for day in days)
        self.prev = ""
        return self.year(self.past_dot(step + 1))

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
