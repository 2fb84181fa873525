"""Lengths of time: amounts of units in a row."""
# ruff: noqa: PLR2004 - clocks and calendars are made of these numbers

from scheduling.when.grammar.clocks import Clocks
from scheduling.when.grammar.cursor import FRACTIONS


class Durations(Clocks):
    """Reads lengths of time."""

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
            amount, unit, after = found
            if any(unit == said for _, said in items):
                break  # "1 hour and 3 hours" are two times, not four hours
            if items and self.is_clock_of_day(step, i, after, items[-1][1]):
                break
            i = after
            items.append((amount, unit))
            more = self.glued_minutes(i, unit)
            if more is not None:
                items.append((more, "minute"))
                i += 1
        return (items, i) if items else None

    def is_clock_of_day(self, step: int, i: int, after: int, unit: str) -> bool:
        """Whether "9h" behind days is a clock: "en 8 días 9h", but not "1d 9h"."""
        if step != i or unit in ("hour", "minute", "second") or len(self.at(i - 1).text) == 1:
            return False
        return self.is_hour_sign(after - 1)

    def is_hour_sign(self, i: int) -> bool:
        """Whether the token there is a sign of clocks: "h", "ч"."""
        return self.at(i).senses.get("hourword") == 24 and len(self.at(i).text) <= 2

    def glued_minutes(self, i: int, unit: str) -> int | None:
        """The minutes of "2h45", "1 hr 20"."""
        token = self.at(i)
        if unit != "hour" or token.kind != "number" or len(token.text) > 2:
            return None
        following = self.at(i + 1)
        if "unit" in following.senses or token.value >= 60:
            return None
        is_last = following.kind in ("end", "sign") or "later" in following.senses
        return token.value if token.glued or (is_last and self.prev != "at") else None

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
            is_half = self.is_half_ahead(i + 1)
            if first and "unit" in senses and ("bare_unit" in senses or is_half):
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
        if token.text in FRACTIONS:
            while "of" in self.at(after).senses or "article" in self.at(after).senses:
                after += 1
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

    def is_half_ahead(self, i: int) -> bool:
        """Whether "and a half" stands at *i*."""
        joint = self.at(i).senses
        step = i + 2 if "article" in self.at(i + 1).senses else i + 1
        return ("and" in joint or "hand" in joint) and "half" in self.at(step).senses

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
        minutes = self.minutes_after_hours(step, unit)
        if minutes is not None:
            return value + minutes[0] / 60, unit, minutes[1]
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

    def minutes_after_hours(self, i: int, unit: str) -> tuple[int, int] | None:
        """Read the "fifteen" of "an hour and fifteen": (minutes, index after it)."""
        number = self.amount(i) if unit == "hour" else None
        if number is None or number[0] != int(number[0]) or not 2 <= number[0] < 60:
            return None
        following = self.at(number[1])
        if following.kind not in ("end", "sign") and "later" not in following.senses:
            return None
        return int(number[0]), number[1]

    def is_followed_up(self, i: int) -> bool:
        """Whether "from now" or "after" follows."""
        senses = self.at(i).senses
        return "later" in senses or "anchor" in senses
