"""Where the grammar stands in the tokens, and the small things all of it needs."""
# ruff: noqa: PLR2004 - clocks and calendars are made of these numbers

from datetime import date

from scheduling.when.facts import Facts
from scheduling.when.lex import Token

END = Token("end", "", 0, 0, False)
_BEHIND = [END] * 8
"""What stands behind the last token: as far as any rule looks ahead."""
TENS = (20, 30, 40, 50, 60, 70, 80, 90)
FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "1/2": 0.5, "1/4": 0.25, "3/4": 0.75}
DASHES = frozenset("-–")
FREQ_OF = {
    "minute": "MINUTELY",
    "hour": "HOURLY",
    "day": "DAILY",
    "week": "WEEKLY",
    "month": "MONTHLY",
    "year": "YEARLY",
}
"""The frequency of a rule by the unit that was said."""


class Unread(Exception):
    """A token has no place in the phrase."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class Cursor:
    """The tokens, the facts so far, and numbers wherever they stand."""

    def __init__(
        self, tokens: list[Token], order: str | None, today: date, *, is_answer: bool = True
    ) -> None:
        self.count = len(tokens)
        self.tokens = tokens + _BEHIND
        self.order = order
        self.today = today
        self.this_year = today.year
        self.facts = Facts()
        self.is_answer = is_answer
        self.prev = ""
        self.has_new_glue = False
        self.between = False
        self.first = -1
        self.last = -1
        self.kinds: list[str] = [""] * self.count

    def glue(self, word: str) -> None:
        """Remember a word that tells what the next item is."""
        self.prev = word
        self.has_new_glue = True

    def end_at(self, tokens: list[Token]) -> None:
        """Take *tokens* for all there are; past their end stand empty ones."""
        self.count = len(tokens)
        self.tokens = tokens + _BEHIND

    def at(self, index: int) -> Token:
        """The token there, or an empty one past the end."""
        return self.tokens[index]

    def mark(self, i: int, kind: str) -> None:
        """Note what the token at *i* was read as."""
        self.kinds[i] = kind

    def touch(self, first: int, after: int) -> None:
        """Count the stretch as part of the phrase."""
        if self.first < 0:
            self.first = first
        self.last = max(self.last, after - 1)

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

    def is_month_unit_ahead(self, i: int) -> bool:
        """Whether the word for month follows soon."""
        return any(self.at(i + step).senses.get("unit") == "month" for step in (1, 2, 3))

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

    def number_words(self, i: int) -> tuple[float, int] | None:
        """A number in words from *i*: (value, index after it)."""
        value = self.at(i).senses.get("num")
        if not isinstance(value, int | float):
            return None
        after = i + 1
        if value in TENS or value == 60:
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
        token = self.tokens[i]
        if token.kind == "number":
            if token.value < 0:
                return None
            following = self.tokens[i + 1]
            if following.text in FRACTIONS and following.kind != "number":
                return token.value + FRACTIONS[following.text], i + 2
            if following.text == "," and following.glued:
                digits = self.tokens[i + 2]
                if digits.glued and digits.kind == "number":
                    return float(f"{token.value}.{digits.text}"), i + 3
            return token.value, i + 1
        if token.text in FRACTIONS:
            return FRACTIONS[token.text], i + 1
        if token.kind == "pair" and "." in token.text:
            return float(token.text), i + 1
        return self.number_words(i)

    def is_month_of(self, i: int) -> bool:
        """Whether "this month", "every month", "the month" begins at *i*."""
        senses = self.at(i).senses
        if senses.get("unit") == "month":
            return True
        return ("mod" in senses or "every" in senses) and self.is_month_unit_ahead(i)

    def is_at(self, i: int) -> bool:
        """Whether the phrase ends at *i*, or a word for "at" stands there."""
        return "at" in self.at(i).senses or self.at(i).kind == "end"

    def is_ending(self, i: int) -> bool:
        """Whether the word at *i* is an ending that Turkish sets apart."""
        senses = self.at(i).senses
        return "suffix" in senses or "atmark" in senses

    def past_dot(self, i: int) -> int:
        """The index after a full stop glued to an abbreviation, or a Turkish ending."""
        token = self.tokens[i]
        if not token.glued:
            return i
        if token.text == "'" and self.is_ending(i + 1):
            return i + 2
        return i + 1 if token.text == "." else i

    def is_of_month(self, i: int) -> bool:
        """Whether "of the month" or "of may" begins at *i*."""
        step = i
        while "of" in self.at(step).senses or "the" in self.at(step).senses:
            step += 1
        return step > i and (
            "month" in self.at(step).senses or self.at(step).senses.get("unit") == "month"
        )

    def set_zone(self, name: str, kind: str, i: int) -> None:
        """Take a zone up."""
        if self.facts.zone is not None and self.facts.zone != name:
            raise Unread(i)
        self.facts.zone, self.facts.zone_kind = name, kind

    def advance(self, i: int) -> int:
        """Read one item from *i* on; the index after it (the whole parser knows how)."""
        raise NotImplementedError
