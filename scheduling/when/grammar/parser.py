"""Tokens to facts: all of them, or none."""
# ruff: noqa: PLR2004 - clocks and calendars are made of these numbers

from scheduling.when.facts import Facts
from scheduling.when.grammar.cursor import DASHES, Unread
from scheduling.when.grammar.rules import Rules
from scheduling.when.lex import NO_SENSES
from scheduling.when.zones import find_city

_SKIPPED = frozenset(",;!…?\"“”„«»'·•*_")
_PASSED_OVER = frozenset({"filler", "skip"})
MAX_CITY_WORDS = 3
NO_CITIES = frozenset(
    {"british", "center", "christmas", "easter", "french", "german", "reunion", "spanish"}
    | {"general", "indian", "universal"}
)
"""Names in the list of zones that are other words far more often."""
_AFTER_CITY = frozenset({"filler", "rel", "weekday", "daypart"})
REQUEST_SIGNS = frozenset("🙏⏰📅🗓⏱🕐🕑🕒🕓🕔🕕🕖🕗🕘🕙🕚🕛📆👉➡🚀✅📌📣⏳⌛🤞😊🙂👍❤🤗😉🔔🎉")


class Parser(Rules):
    """Reads one list of tokens into `Facts`."""

    def parse(self, start: int = 0) -> Facts:
        """The facts of the tokens from *start* on.

        Raises:
            Unread: a token could not be read.
        """
        index, count, item = start, self.count, self.item
        while index < count:
            self.has_new_glue = False
            after = item(index)
            if after <= index:
                raise Unread(index)
            if not self.has_new_glue:
                self.prev = ""
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
        if after > i and self.kinds[i] not in _PASSED_OVER:
            if self.first < 0:
                if i and self.kinds[i] == "on" and self.kinds[i - 1] == "filler":
                    # "post it on friday": the small word belongs to the asking.
                    return after
                if self.has_new_glue and "filler" in self.tokens[after].senses:
                    return after  # "à publier demain"
                self.first = i
            if after > self.last:
                self.last = after - 1
        return after

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
            return self.joiner(i) if self.facts.clocks and not self.at(i + 1).glued else i
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
        if text in ":/" and self.is_answer and self.facts.has_date and not self.at(i + 1).glued:
            return i + 1  # "friday: 6pm", in an answer only: captions have timetables
        if text in DASHES and i == 0 and not self.at(1).glued:
            return i + 1
        if text in DASHES and i and "in" in self.tokens[i - 1].senses:
            return i  # "in -3 hours"
        if text in DASHES and 0 < i < self.count - 1 and not self.facts.clocks:
            return i + 1
        if text in DASHES and i and self.facts.clocks and not self.facts.has_date:
            return i + 1
        return i

    def word(self, i: int) -> int:
        """Read a word and what belongs to it."""
        token = self.tokens[i]
        senses = token.senses
        if senses is NO_SENSES:
            return self.zone(i)
        readers = senses.readers
        if readers is None:
            readers = senses.readers = [each for each in _READERS if each[0] in senses]
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

    def talk(self, i: int) -> int:
        """Pass over words of an answer ("make it", "maybe"); in a caption they are content."""
        if not self.is_answer and "object" not in self.at(i + 1).senses:
            return i
        return self.filler(i)

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

    def perhaps(self, i: int) -> int:
        """Take up "maybe" of an answer: what was said so is tapped before it counts."""
        if not self.is_answer:
            return i
        self.facts.is_unsure = True
        return i + 1

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

    def same_time(self, i: int) -> int:
        """Pass over "same time": in an answer to a card a day alone keeps the clock."""
        return i + 1 if self.is_answer and self.count > 1 else i

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
        if self.tokens[i].text == "day" and "weekday" in following.senses:
            return i  # "all day friday"
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
        """Read a city: before the word for time, or alone after a clock of an answer."""
        after = self.city_time(i)
        return after if after > i else self.bare_city(i)

    def bare_city(self, i: int) -> int:
        """Read the city of "thursday 9am tokyo", where an answer ends; elsewhere it is content."""
        if not self.is_answer or not self.facts.has_clock or self.facts.zone is not None:
            return i
        words: list[str] = []
        for step in range(i, min(i + MAX_CITY_WORDS, self.count)):
            if self.tokens[step].kind != "word":
                return i
            words.append(self.tokens[step].text)
            following = self.at(step + 1)
            is_end = following.kind == "end" or not _AFTER_CITY.isdisjoint(following.senses)
            name = find_city(" ".join(words)) if is_end else None
            if name is not None and words[0] not in NO_CITIES:
                self.set_zone(name, "city", i)
                return step + 1
        return i

    def city_time(self, i: int) -> int:
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


_READERS = (
    ("vague", Parser.vague),
    ("perhaps", Parser.perhaps),
    ("moving", Parser.moving),
    ("day_skipped", Parser.day_skipped),
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
    ("until_post", Parser.until_before),
    ("range_post", Parser.range_before),
    ("except_post", Parser.except_before),
    ("range_from", Parser.range_from),
    ("rel", Parser.rel),
    ("ord", Parser.ordinal),
    ("mod", Parser.mod),
    ("plural", Parser.plural),
    ("group", Parser.group),
    ("plural_group", Parser.group),
    ("weekday_part", Parser.weekday_part),
    ("coming_week", Parser.coming_week),
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
    ("day_or_about", Parser.day_or_about),
    ("approx", Parser.approx),
    ("ish", Parser.ish),
    ("sharp", Parser.sharp),
    ("same_time", Parser.same_time),
    ("unit", Parser.bare_unit),
    ("ampm", Parser.half_of_day),
    ("beside_day", Parser.beside_day),
    ("deadline", Parser.deadline),
    ("except", Parser.exception),
    ("times", Parser.times_before),
    ("month_edge", Parser.month_edge),
    ("at", Parser.glue_at),
    ("and", Parser.joiner),
    ("the", Parser.glue_the),
    ("on", Parser.glue_on),
    ("of", Parser.glue_on),
    ("timeword", Parser.time_of_city),
    ("filler", Parser.filler),
    ("talk", Parser.talk),
    ("object", Parser.object_word),
)
