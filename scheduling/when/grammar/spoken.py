"""Clocks as they are spoken: half past, quarter to, hours with their word."""
# ruff: noqa: PLR2004 - clocks and calendars are made of these numbers

from scheduling.when.facts import Clock
from scheduling.when.grammar.cursor import Cursor

_SMALL_HOURS = 5


class SpokenClocks(Cursor):
    """Reads hours that are said in words or with words beside them."""

    def noon_clock(self, i: int, part: str) -> tuple[Clock, int] | None:
        """Noon and midnight, with the minutes that may follow ("midi et demi")."""
        hour = 12 if part == "noon" else 0
        minutes = self.minutes_after(i + 1, worded=True)
        if minutes is None:
            return Clock(hour, is_midnight=hour == 0, has_half=True), i + 1
        value, after = minutes
        total = (hour * 60 + value) % 1440
        return Clock(total // 60, total % 60), after

    def hour(self, value: int, minute: int = 0) -> Clock:
        """A bare hour: between 1 and 12 its half of the day is open."""
        return Clock(value, minute, open_half=1 <= value <= 12)

    def hour_one(self, i: int) -> tuple[Clock, int] | None:
        """Read "час дня", "l'una": the word for one o'clock."""
        if (
            self.prev != "at"
            and " " not in self.tokens[i].text
            and "part" not in self.at(i + 1).senses
            and "ampm" not in self.at(i + 1).senses
        ):
            return None
        if "unit" in self.at(i + 1).senses and "num" in self.tokens[i].senses:
            return None
        minutes = self.minutes_after(i + 1, worded=False)
        if minutes is not None:
            return self.from_minutes(1, minutes, open_half=True)
        return self.with_half(Clock(1, open_half=True), i + 1)

    def is_duration_ahead(self, i: int) -> bool:
        """Whether the number and its unit at *i* are a stretch of time ("3 heures plus tard")."""
        return "later" in self.at(i + 2).senses or "ago" in self.at(i + 2).senses

    def hour_with_word(self, i: int, value: int) -> tuple[Clock, int] | None:
        """An hour and its word, with minutes that may follow."""
        word = self.at(i + 1).senses["hourword"]
        is_open = word == 12 and 1 <= value <= 12
        after = self.past_dot(i + 2) if self.at(i + 1).text != "h" else i + 2
        following = self.at(after)
        if (
            following.kind == "number"
            and "unit" in self.at(after + 1).senses
            and (following.glued or (self.at(i + 1).text == "h" and self.prev != "at"))
        ):
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
            has_open_sense = "h_clock" not in self.at(i + 1).senses and self.prev != "at"
            if following.glued and value <= _SMALL_HOURS and has_open_sense:
                # "1h30" is a length of time more often than a clock in the small hours.
                self.facts.is_loose_h |= len(self.at(i).text) == 1
            return self.with_half(Clock(value, following.value), stop)
        minutes = self.minutes_after(after, worded=word == 24)
        if minutes is not None:
            return self.from_minutes(value, minutes, open_half=is_open)
        token = self.at(i + 1)
        is_length = token.senses.get("unit") == "hour" and self.prev != "at" and not self.between
        if is_length and not self.facts.clocks:
            # "8h" is a clock or a stretch; "24 horas" in a caption is a stretch.
            self.facts.is_hours_said = len(token.text) > 1 or value == 24
            is_clock = "h_clock" in token.senses and value > _SMALL_HOURS  # "9h" in French
            self.facts.is_loose_h |= value <= 12 and token.text == "h" and not is_clock
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
        if "hand" in senses and not self.between:
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
        if is_digits and self.prev == "the" and "at" in senses:
            return None  # "il 20 alle 18": a day and an hour
        # "nine to five" are hours, "ten to five" is a clock; digits tell hours more often.
        tells_hours = value % 5 != 0 or (is_digits and value not in (20, 25, 35))
        if "range_to" in senses and not has_unit and tells_hours:
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
        following = self.at(after).senses
        is_unit = "unit" in following and not ("hourword" in following or "part" in following)
        if value is None or value > 24 or is_unit:
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
        if "halfplus" in senses:
            hour = self.hour_at(step)
            if hour is not None:
                return self.from_minutes(hour[0], (30, hour[1]), open_half=hour[2])
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
        if self.at(after).text == "-" and self.at(after).glued:
            after += 1
            senses = self.at(after).senses
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
        token = self.tokens[after]
        if "hourword" in token.senses and clock.open_half:
            beyond = self.tokens[after + 1]
            if "ampm" in beyond.senses:
                token, after = beyond, after + 1
        half = token.senses.get("ampm")
        if half is None:
            return clock, after
        if "on" in token.senses and self.is_day_ahead(after + 1):
            return clock, after
        if "article" in token.senses and not token.glued:
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
        is_midnight = hour == 0 and not (clock.minute or clock.second)
        return Clock(hour, clock.minute, clock.second, False, is_midnight, True), stop

    def is_day_ahead(self, i: int) -> bool:
        """Whether a day begins at *i* ("um 8 am freitag")."""
        token = self.at(i)
        return token.kind in ("number", "pair", "dmy") or any(
            kind in token.senses for kind in ("weekday", "ord", "group", "part", "mod")
        )
