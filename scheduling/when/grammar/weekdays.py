"""Weekdays, weeks and words such as today; lengths of time as days."""
# ruff: noqa: PLR2004 - clocks and calendars are made of these numbers

from scheduling.when.grammar.cursor import DASHES, END
from scheduling.when.grammar.months import MonthDays

_JOINTS = frozenset(",/&+")


class Weekdays(MonthDays):
    """Reads weekdays and relative days and takes them up."""

    def weekday_part(self, i: int) -> int:
        """Read a weekday and a part of the day in one word ("sonntagabend")."""
        value = self.tokens[i].senses["weekday_part"]
        if not isinstance(value, tuple) or self.facts.weekdays:
            return i
        self.facts.weekdays.append(value[0])
        return self.set_part(str(value[1]), i, i + 1)

    def coming_week(self, i: int) -> int:
        """Read "the coming week", which is the next one."""
        if self.facts.week_offset is not None:
            return i
        self.facts.week_offset = 1
        return i + 1

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
        following = self.at(i + 1)
        if following.text == "week" and "unit" in following.senses and facts.rel >= 0:
            facts.rel += 7
            return i + 2
        return i + 1

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
                self.mark(i, "group")
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
        if facts.weekdays and facts.clocks and facts.is_joined and self.is_clock_between(i):
            # "every monday at 9 and thursday at 18": a time of its own.
            return i
        if facts.loose_ordinals:
            facts.nth.extend((number, day) for number in facts.loose_ordinals for day in days)
            facts.loose_ordinals = []
            return after
        facts.weekdays += [day for day in days if day not in facts.weekdays]
        if self.prev in ("the", "on") and "the_each" in self.at(i - 1).senses:
            facts.is_day_of_habit = True
        self.prev = ""
        return self.after_weekday(after)

    def is_clock_between(self, i: int) -> bool:
        """Whether a clock was said after the weekdays before *i*."""
        for step in range(i - 1, -1, -1):
            kind = self.kinds[step]
            if kind == "clock":
                return True
            if kind in ("weekday", "every", "plural", "group"):
                return False
        return False

    def reads_as_month(self, i: int) -> bool:
        """Whether a word such as "mar" is a month here: beside a day's number, not elsewhere."""
        if self.facts.loose_ordinals:
            return True
        before, after = self.at(i - 1) if i else END, self.at(i + 1)
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
        token = self.tokens[i]
        is_range = "through" in token.senses or token.text in DASHES
        if "weekday" in token.senses and self.is_row_of_weekdays(i):
            is_first = "weekday_from" in self.at(i - 1).senses
            if not is_first and self.is_pair_of_weekdays(i):
                self.facts.is_open_interval = True  # a word between the two may be missing
            return int(str(token.senses["weekday"])), self.past_dot(i + 1), is_first
        if not (is_range or token.text in _JOINTS or "and" in token.senses):
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

    def is_row_of_weekdays(self, i: int) -> bool:
        """Whether weekdays stand side by side ("mon wed fri"), none of them a month as well."""
        token, before = self.at(i), self.at(i - 1) if i else END
        if before.text == "." and before.glued:
            before = self.at(i - 2)
        if "weekday" not in before.senses or "weekday" not in token.senses:
            return False
        if self.facts.weekday_mod:
            return False
        # "do friday" and "so fr" are no lists: short names are words of other meanings too.
        if any(len(each.text) < 3 and each.text.isascii() for each in (before, token)):
            return self.are_three_weekdays(i)
        return not any("month" in each.senses for each in (before, token))

    def are_three_weekdays(self, i: int) -> bool:
        """Whether three weekdays stand in a row around *i*: "mo mi fr"."""
        row = [self.tokens[step] for step in range(max(0, i - 2), i + 2)]
        are = ["weekday" in each.senses and "month" not in each.senses for each in row]
        return any(all(are[step : step + 3]) for step in range(len(are) - 2))

    def is_pair_of_weekdays(self, i: int) -> bool:
        """Whether no more than two weekdays stand side by side at *i*."""
        return not (self.is_row_of_weekdays(i - 1) or self.is_row_of_weekdays(i + 1))

    def after_weekday(self, after: int) -> int:
        """Read "friday week", "friday after next", "viernes próximo", "lundi en huit"."""
        facts = self.facts
        token = self.tokens[after]
        senses = token.senses
        if not senses:
            return after
        if "after_next" in senses:
            facts.weekday_mod = "after_next"
            return after + 1
        if "days_plural" in senses:
            facts.is_plural = True
            return after + 1
        if "alternate" in senses and not facts.freq:
            facts.freq, facts.interval = "WEEKLY", 2
            return after + 1
        if "plus_week" in senses or (token.text == "week" and "unit" in senses):
            facts.weekday_mod = "plus_two" if senses.get("plus_week") == 2 else "plus_week"
            return after + 1
        if "mod" in senses and facts.weekday_mod is None and "post_mod" in senses:
            following = self.at(after + 1).senses
            is_unit = "unit" in following and "hourpre" not in following
            if not (is_unit or "group" in following or "part" in following):
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
            if len(facts.weekdays) == 1 or mod in ("next", "this"):
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
        if mod == "next" and (following.kind == "number" or "num" in senses):
            stretch = self.duration(after)
            if stretch is not None:
                # "in the next 2 hours": some time until then.
                self.facts.is_vague = True
                return stretch[1]
        if "month" in senses and mod in ("this", "next"):
            return after
        if mod in ("this", "next") and (
            "holiday" in senses or "ord" in senses or following.kind in ("number", "pair", "dmy")
        ):
            return after
        return i

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
        if unit in ("day", "week") and self.is_counted_from(i + 1):
            # "week from monday", "day after christmas"
            self.facts.durations = [(1, unit)]
            return self.anchor(i + 1)
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
        group = str(senses.get("group", senses.get("plural_group")))
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

    def month_edge(self, i: int) -> int:
        """Read "eom": an end of this month in one word."""
        if self.facts.has_date and not self.facts.freq:
            return i
        self.facts.edge = int(str(self.tokens[i].senses["month_edge"]))
        self.facts.month_offset = 0
        return i + 1

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
        if self.is_before(i):
            self.facts.is_anchored = True
            self.facts.durations = [(-amount, unit) for amount, unit in self.facts.durations]
            return i + 1
        if "anchor" not in token.senses:
            return i
        following = self.at(i + 1)
        if "now" in following.senses:
            return i + 2
        self.facts.is_anchored = True
        return i + 1

    def is_counted_from(self, i: int) -> bool:
        """Whether "from", "after" or "before" and a day follow, and nothing was counted yet."""
        if self.facts.durations or self.facts.clocks:
            return False
        return self.is_before(i) or ("anchor" in self.at(i).senses and self.is_day_ahead(i + 1))

    def is_before(self, i: int) -> bool:
        """Whether "before" and a day follow."""
        return "anchor_before" in self.at(i).senses and self.is_day_ahead(i + 1)

    def is_day_ahead(self, i: int) -> bool:
        """Whether a day is named at *i*, behind small words."""
        while any(kind in self.at(i).senses for kind in ("the", "on", "mod")):
            if "weekday" in self.at(i).senses:
                return True
            i += 1
        token = self.at(i)
        if token.kind in ("ymd", "dmy", "pair"):
            return True
        if token.kind == "number":
            return self.ordinal_mark(i + 1) > 0 or "month" in self.at(i + 1).senses
        return any(kind in token.senses for kind in ("holiday", "weekday", "month", "rel", "ord"))

    def beside_day(self, i: int) -> int:
        """Read "the day before" and "the day after" a day that is named."""
        if self.facts.durations or not self.is_day_ahead(i + 1):
            return i
        self.facts.durations = [(float(str(self.tokens[i].senses["beside_day"])), "day")]
        self.facts.is_anchored = True
        self.prev = ""
        return i + 1

    def in_duration(self, i: int) -> int:
        """Read "in 3 hours"."""
        step = i + 1
        facts = self.facts
        if self.at(step).kind == "clock" and "at" not in self.tokens[i].senses:
            # "in 1:15" is a quarter past one or an hour and a quarter: asked.
            facts.is_loose_h = True
            return step
        approx = False
        if "approx" in self.at(step).senses:
            approx, step = True, step + 1
        after = self.duration_fact(step)
        if not after:
            if "plus_week" in self.tokens[i].senses:
                return i
            return i
        facts.is_approximate |= approx
        # "within 2 hours" ends then, and "après 9h" is after nine o'clock.
        facts.is_vague |= "in_limit" in self.tokens[i].senses
        facts.is_vague |= "in_after" in self.tokens[i].senses and self.is_hour_sign(after - 1)
        facts.is_week_after = bool(facts.weekdays)
        is_days = all(unit in ("day", "week", "month", "year") for _, unit in facts.durations)
        if facts.rel is not None and is_days and "later" not in self.at(after - 1).senses:
            # "today in a week": counted from the day before it.
            facts.is_anchored = True
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
            facts.is_bare_duration = "narrative" in token.senses
            after += 1
        else:
            facts.is_bare_duration = not ("anchor" in token.senses or self.is_before(after))
            is_one_day = items == [(1, "day")] and "num" in self.tokens[i].senses
            facts.is_vague |= is_one_day and facts.is_bare_duration  # "one day" is some day
        facts.durations = items
        if all(unit == "week" for _, unit in items):
            # "a week tomorrow", "two weeks on friday": counted from that day.
            step = after + 1 if "on" in self.at(after).senses else after
            if "rel" in self.at(step).senses or "weekday" in self.at(step).senses:
                facts.is_anchored = True
                return step
        return self.anchor(after)
