"""The door of the reader: a phrase in, a list of readings out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise

from scheduling.when.days import ELAPSED_SECONDS
from scheduling.when.facts import Facts
from scheduling.when.grammar.cursor import Unread
from scheduling.when.grammar.parser import Parser
from scheduling.when.lex import Tables, Token, fold, raw_tokens, with_senses
from scheduling.when.lexicon import LANGUAGES, all_words, lexicon_of, tables_of
from scheduling.when.reading import Profile, Reading, Span, altered
from scheduling.when.reading import Token as Piece
from scheduling.when.resolve import resolve
from scheduling.when.zones import find_city

MAX_CHARS = 200
"""A longer phrase is no answer to "When?"."""
MAX_TOKENS = 60
MAX_TIMES = 6
"""More times than that in one phrase are asked about."""
MAX_SLIPS = 2
MAX_GUESSES = 3
MAX_JOINTS = 12
"""A phrase with more commas and "and" is no list of times, and would take long to part."""
_MAX_STRANGE_WORDS = 3
_AROUND_WORDS = ".,;:!?…()[]\"'“”„«»*_~"
_SPLITTERS = frozenset(",;")
_PASSED_OVER = frozenset({"skip", "filler"})
_TIME_KINDS = """
weekday plural month unit rel daypart part parts group ampm hourword every freq holiday moving
vague now half quarter halfto clockword beside_day day_skipped same_time
"""
_TIME_SENSES = frozenset(_TIME_KINDS.split())
_DENIALS = frozenset(
    {"not", "no", "never", "nicht", "nie", "pas", "non", "jamais", "nunca", "jamas", "nao", "mai"}
    | {"не", "ні", "degil", "without", "ohne", "sans", "sin", "sem", "senza", "без", "haric"}
)
_DAY_KINDS = frozenset({"weekday", "rel", "daypart", "month", "holiday", "ord", "in", "mod"})
_NAMES = ("weekday", "month", "rel", "daypart")
_TELLING_CHARS = 3
"""Shorter words of a table that is not on are taken for chance."""


def read(phrase: str, *, now: datetime, profile: Profile) -> list[Reading]:
    """Read a phrase that is all about time; always at least one reading, mostly one.

    Two readings are two times that were named ("9am tomorrow and 6pm friday"). A phrase that
    is not about time gives one reading with status "none". *now* is aware; nothing is raised
    on any text.
    """
    return _read(phrase, now, profile)


def read_unmarked(phrase: str, *, now: datetime, profile: Profile) -> list[Reading]:
    """As `read`, for words of a message that nothing marks as a phrase.

    Bare digits ("2027", "9.30") and bare stretches of time ("45 min") belong to the caption there.
    """
    if is_number(phrase):
        return [Reading("none", profile.zone, why="unread")]
    return _read(phrase, now, profile, is_marked=False)


def first_that_reads(
    text: str, starts: list[int], end: int, *, now: datetime, profile: Profile
) -> tuple[int, list[Reading]] | None:
    """The first of the ascending *starts* from which an unmarked phrase reads up to *end*.

    Only the tables that are on for the person are tried, and only times count, no questions.
    Places are told from the first of *starts* on.
    """
    begin = starts[0]
    folded, origins = fold(text[begin:end])
    raw = raw_tokens(folded)
    reader = _Reader(_in_utc(now), profile, origins, is_marked=False)
    for start in starts:
        while raw and (raw[0].start if origins is None else origins[raw[0].start]) < start - begin:
            raw = raw[1:]
        if not 0 < len(raw) <= MAX_TOKENS or is_number(text[start:end]):
            continue
        readings, *_ = reader.in_known_languages(raw_copy(raw))
        if readings is not None and all(reading.status == "ok" for reading in readings):
            return start, readings
    return None


def is_number(phrase: str) -> bool:
    """Whether a phrase is nothing but digits and dots: a clock, a price, a year."""
    return phrase.strip(_AROUND_WORDS + " ").replace(".", "").isdigit()


def _in_utc(now: datetime) -> datetime:
    """The instant in UTC, where alone sums of hours are right."""
    return now if now.tzinfo is UTC else now.astimezone(UTC)


def _read(
    phrase: str, now: datetime, profile: Profile, *, is_marked: bool = True
) -> list[Reading]:
    if len(phrase) > MAX_CHARS:
        return [Reading("none", profile.zone, why="unread")]
    folded, origins = fold(phrase)
    raw = raw_tokens(folded)
    if not 0 < len(raw) <= MAX_TOKENS:
        return [Reading("none", profile.zone, why="unread")]
    reader = _Reader(_in_utc(now), profile, origins, is_marked)
    return reader.read(raw)


def reach_of_phrase(text: str, start: int, end: int) -> int:
    """How far back from *end* a phrase may reach, but not before *start*: a cheap look.

    A few words may be strange, because names of cities stand beside "time".
    """
    strange = 0
    reach = end
    words = all_words()
    for word, begin in words_before(text, start, end):
        plain = word.strip(_AROUND_WORDS)
        if plain.isalpha() and fold(plain)[0] not in words:
            strange += 1
            if strange > _MAX_STRANGE_WORDS:
                return reach
        reach = begin
    return start


def starts_of_known_words(text: str, start: int, end: int, profile: Profile) -> list[int]:
    """Where the last words before *end* begin, back to the first that no phrase holds."""
    lexicons = tables_of(*languages_of(profile)).lexicons
    starts: list[int] = []
    for word, begin in words_before(text, start, end):
        plain = word.strip(_AROUND_WORDS)
        if plain.isalpha():
            folded = fold(plain)[0]
            if not any(folded in lexicon.words for lexicon in lexicons):
                break
        starts.append(begin)
    return starts[::-1]


def words_before(text: str, start: int, end: int, most: int = -1) -> Iterator[tuple[str, int]]:
    """The stretches without blanks before *end*, the last first, and where they begin.

    Behind *most* of them what is left comes as one.
    """
    for word in reversed(text[start:end].rsplit(None, most)):
        end = text.rfind(word, start, end)
        yield word, end


def warm_up() -> None:
    """Load every table (a tenth of a second), so that no first message waits for one."""
    now = datetime(2027, 4, 13, tzinfo=UTC)
    all_words()
    find_city("lisbon")
    for language in LANGUAGES:
        read("every day 9:00 or friday 10:00", now=now, profile=Profile("Etc/UTC", language))


async def read_with_fallback(phrase: str, *, now: datetime, profile: Profile) -> list[Reading]:
    """`read`, and where it understood nothing a suggestion of dateparser, off the event loop."""
    readings = read(phrase, now=now, profile=profile)
    if len(readings) > 1 or readings[0].status == "ok" or readings[0].why != "unread":
        return readings
    from scheduling.when.fallback import suggest_in_thread  # noqa: PLC0415 - heavy, rarely needed

    suggestion = await suggest_in_thread(phrase, now=now, profile=profile)
    return readings if suggestion is None else [suggestion]


def languages_of(profile: Profile) -> tuple[str, ...]:
    """The tables that are on for a person: theirs, their team's and English."""
    return _tables(profile.language, profile.team_language or "")


@lru_cache(maxsize=256)
def _tables(language: str, team_language: str) -> tuple[str, ...]:
    named = (language[:2].casefold(), team_language[:2].casefold(), "en")
    return tuple(dict.fromkeys(name for name in named if name in LANGUAGES))


class _Reader:
    """Reads one phrase of one person."""

    def __init__(
        self,
        now: datetime,
        profile: Profile,
        origins: list[int] | None,
        is_marked: bool,
    ) -> None:
        self.is_marked = is_marked
        self.now = now
        self.profile = profile
        self.origins = origins
        self.tables: Tables | None = None
        self.unreadable: set[tuple[int, str]] = set()
        """Stretches that do not read in these tables: they come up again behind another start."""

    def read(self, raw: list[Token]) -> list[Reading]:
        """Read a phrase in the tables that are on, then with one further table."""
        readings, tokens, unread = self.in_known_languages(raw)
        readings = readings or self.in_another_language(raw)
        if readings is not None:
            return readings
        if not self.is_marked:
            return [self.not_read(tokens, unread)]
        languages = languages_of(self.profile)
        return self.respelt(raw, languages) or [
            altered(self.not_read(tokens, unread), alternatives=self.guesses(raw, languages))
        ]

    def in_known_languages(
        self, raw: list[Token]
    ) -> tuple[list[Reading] | None, list[Token], int]:
        """Read a phrase in the tables that are on; else tell its tokens and the one unread."""
        languages = languages_of(self.profile)
        if languages[0] != "en" and _is_plain_english(raw, languages[0]):
            # "on friday": a word of another table (Turkish ten) must not get in between.
            tokens = self.with_senses(raw_copy(raw), tables_of("en"))
            readings, _ = self.attempt(tokens)
            if readings is not None:
                return readings, tokens, -1
        tokens = self.with_senses(raw, tables_of(*languages))
        readings, unread = self.attempt(tokens)
        return readings, tokens, unread

    def with_senses(self, raw: list[Token], tables: Tables) -> list[Token]:
        """The tokens with what these tables know of them."""
        if tables is not self.tables:
            self.tables = tables
            self.unreadable.clear()
        return with_senses(raw, tables)

    def attempt(self, tokens: list[Token]) -> tuple[list[Reading] | None, int]:
        """The readings of all the tokens, or None and the token that has no place."""
        for i, token in enumerate(tokens):
            if "or" in token.senses:
                found = self.choice(tokens, i)
                if found is not None:
                    return [found], -1
                break
        parser = self.parser(tokens)
        facts, unread = None, 0
        try:
            facts = parser.parse()
        except Unread as problem:
            unread = problem.index
        if facts is None or facts.is_joined:
            several = self.several(tokens)
            if several is not None:
                return several, -1
        if facts is None or parser.first < 0:
            return None, unread
        if not self.is_marked and _is_content(facts):
            return None, 0
        span, pieces = self.places(tokens, parser)
        return [each.placed(span, pieces) for each in self.resolved(facts)], -1

    def parser(self, tokens: list[Token]) -> Parser:
        """A parser over tokens."""
        return Parser(tokens, self.profile.date_order, self.now.date(), is_answer=self.is_marked)

    def resolved(self, facts: Facts) -> list[Reading]:
        """The readings of facts, for this person and this instant."""
        return resolve(facts, now=self.now, profile=self.profile)

    def part(self, tokens: list[Token], start: int, end: int) -> tuple[Facts, Parser] | None:
        """The facts of a stretch of tokens; None where it does not read."""
        if start >= end:
            return None
        stretch = tokens[start].start, " ".join([each.text for each in tokens[start:end]])
        if stretch in self.unreadable:
            return None
        parser = self.parser(tokens[:end])
        try:
            return parser.parse(start), parser
        except Unread:
            self.unreadable.add(stretch)
            return None

    def choice(self, tokens: list[Token], at: int) -> Reading | None:
        """Read "A or B": both are offered; what one of them lacks is taken from the other."""
        left, right = self.part(tokens, 0, at), self.part(tokens, at + 1, len(tokens))
        if left is None or right is None:
            return None
        one, two = left[0], right[0]
        _lend(one, two)
        _lend(two, one)
        readings = [*self.resolved(one), *self.resolved(two)]
        offered = [
            altered(each, alternatives=(), flags=())
            for reading in readings
            for each in ([reading] if reading.status == "ok" else reading.alternatives)
        ]
        asked = Reading("ask", self.profile.zone, why="ambiguous", alternatives=tuple(offered))
        first = left[1].first if left[1].first >= 0 else at
        return altered(asked, span=self.span(tokens, first, max(right[1].last, at)))

    def several(self, tokens: list[Token]) -> list[Reading] | None:
        """Whole times with "and" or a comma between them are a reading each."""
        joints = [
            i
            for i, token in enumerate(tokens)
            if (token.text in _SPLITTERS or "and" in token.senses) and "or" not in token.senses
        ]
        found = self.parted(tokens, joints) if 0 < len(joints) <= MAX_JOINTS else []
        found = found or self.sharing(tokens, joints)
        if not 1 < len(found) <= MAX_TIMES:
            return None
        recurs = found[0][0].recurs
        for facts, _ in found[1:]:
            facts.is_plural |= recurs and bool(facts.weekdays)
        if any(facts.recurs != recurs for facts, _ in found):
            return None
        span = self.span(tokens, found[0][1].first, found[-1][1].last)
        return [
            each.placed(span, self.places(tokens, parser)[1])
            for facts, parser in found
            for each in self.resolved(facts)
        ]

    def parted(self, tokens: list[Token], joints: list[int]) -> list[tuple[Facts, Parser]]:
        """The two or more whole times that some of *joints* part; none where one is no such time.

        The last time is as short as it can be, so that what lacks a day joins the one before.
        """
        for at in reversed(joints):
            last = self.part(tokens, at + 1, len(tokens))
            if last is not None and _is_whole(last[0]):
                first = tokens[:at]
                before = self.parted(first, [each for each in joints if each < at])
                if not before:
                    only = self.part(first, 0, at)
                    before = [only] if only is not None and _is_whole(only[0]) else []
                return [*before, last] if before else []
        return []

    def sharing(self, tokens: list[Token], joints: list[int]) -> list[tuple[Facts, Parser]]:
        """The days that share the one clock at an end: "today and tomorrow at 5pm"."""
        if not 0 < len(joints) < MAX_TIMES or not any("and" in tokens[i].senses for i in joints):
            return []
        found = []
        for start, end in pairwise([-1, *joints, len(tokens)]):
            each = self.part(tokens, start + 1, end)
            if each is None or not each[0].has_date or each[0].recurs or each[0].is_range:
                return []
            found.append(each)
        lenders = [facts for facts, _ in found if facts.has_clock]
        if len(lenders) != 1 or lenders[0] not in (found[0][0], found[-1][0]):
            return []
        for facts, _ in found:
            _lend(lenders[0], facts)
        return found

    def in_another_language(self, raw: list[Token]) -> list[Reading] | None:
        """Read with one further table that knows every word the tables in use do not."""
        words = [token.text for token in raw if token.kind == "word"]
        languages = languages_of(self.profile)
        tables = tables_of(*languages)
        unknown = [word for word in words if tables[word] is None]
        if not words or not all_words().issuperset(unknown):
            return None
        found: dict[object, list[Reading]] = {}
        for language in LANGUAGES:
            if language in languages:
                continue
            tree = lexicon_of(language).tree
            if not all(word in tree for word in unknown):
                continue
            if not (unknown or any(_tells_more(word, language, languages) for word in words)):
                continue
            tokens = self.with_senses(raw_copy(raw), tables_of(language, *languages))
            readings, _ = self.attempt(tokens)
            if readings is not None and readings[0].status != "none":
                found.setdefault(_outcome(readings), readings)
        if len(found) == 1:
            return next(iter(found.values()))
        booked = [each for each in found.values() if each[0].status == "ok"]
        if not found:
            return None
        if not booked:
            return next(iter(found.values()))
        offered = tuple(altered(each[0], flags=(), alternatives=()) for each in booked)
        return [Reading("ask", self.profile.zone, why="ambiguous", alternatives=offered)]

    def respelt(self, raw: list[Token], languages: tuple[str, ...]) -> list[Reading] | None:
        """Read an answer with the one or two words put right that were mistyped."""
        from scheduling.when.spelling import meant  # noqa: PLC0415 - rarely needed

        tables = tables_of(*languages)
        unknown = [each for each in raw if each.kind == "word" and tables[each.text] is None]
        if not 1 <= len(unknown) <= MAX_SLIPS:
            return None
        right = {}
        for token in unknown:
            name = meant(token.text, names_of_days(languages))
            if name is None or token.text in all_words():
                return None
            right[token.start] = name
        return self.attempt(self.with_senses(_reworded(raw, right), tables))[0]

    def guesses(self, raw: list[Token], languages: tuple[str, ...]) -> tuple[Reading, ...]:
        """What a phrase with a strange word may mean, for buttons: without it, or put right."""
        from scheduling.when.spelling import near  # noqa: PLC0415 - rarely needed

        tables = tables_of(*languages)
        strange = [each for each in raw if each.kind == "word" and tables[each.text] is None]
        if len(strange) != 1 or strange[0].text in _DENIALS:
            return ()
        word = strange[0]
        names = near(word.text, names_of_days(languages))
        tried = [_reworded(raw, {word.start: name}) for name in names[:MAX_GUESSES]]
        tried = tried or [raw_copy([each for each in raw if each is not word])]
        found: list[Reading] = []
        for each in tried:
            readings = self.attempt(self.with_senses(each, tables))[0] if each else None
            if readings is None or len(readings) > 1 or readings[0].status != "ok":
                continue
            # Without the word nothing may be left to say the day: then it was the day.
            if names or any(piece.kind in _DAY_KINDS for piece in readings[0].tokens):
                found.append(readings[0].flagged((), ()))
        return tuple(found)

    def not_read(self, tokens: list[Token], unread: int) -> Reading:
        """Say which word was not understood; "none" where nothing is about time at all."""
        index = max(0, min(unread, len(tokens) - 1))
        about_time = any(
            token.kind in ("clock", "ymd", "dmy", "pair")
            or not _TIME_SENSES.isdisjoint(token.senses)
            for token in tokens
        )
        return Reading(
            "ask" if about_time else "none",
            self.profile.zone,
            why="unread",
            unread=self.span(tokens, index, index),
        )

    def places(self, tokens: list[Token], parser: Parser) -> tuple[Span, tuple[Piece, ...]]:
        """Where a phrase stands, and what was read as what."""
        origins, kinds = self.origins, parser.kinds
        pieces: list[Piece] = []
        for i in range(parser.first, parser.last + 1):
            kind = kinds[i]
            if kind not in _PASSED_OVER:
                start, end = tokens[i].start, tokens[i].end
                if origins is not None:
                    start, end = origins[start], origins[end - 1] + 1
                # As `Piece(…)` does, without a call in Python for every word.
                pieces.append(tuple.__new__(Piece, (start, end, kind or "glue")))
        return self.span(tokens, parser.first, parser.last), tuple(pieces)

    def span(self, tokens: list[Token], first: int, last: int) -> Span:
        start, end = tokens[first].start, tokens[last].end
        if self.origins is None:
            return start, end
        return self.origins[start], self.origins[end - 1] + 1


def raw_copy(raw: list[Token]) -> list[Token]:
    """Fresh tokens without senses."""
    return [Token(each.kind, each.text, each.start, each.end, each.glued) for each in raw]


def _reworded(raw: list[Token], right: dict[int, str]) -> list[Token]:
    """Fresh tokens, those that begin at a place in *right* with the word that stands there."""
    copy = raw_copy(raw)
    for token in copy:
        token.text = right.get(token.start, token.text)
    return copy


def _is_plain_english(raw: list[Token], language: str) -> bool:
    """Whether all words are English, and not all of them the person's own language."""
    english, own = lexicon_of("en").words, lexicon_of(language).words
    words = [token.text for token in raw if token.kind == "word"]
    return all(word in english for word in words) and not all(word in own for word in words)


@lru_cache(maxsize=64)
def names_of_days(languages: tuple[str, ...]) -> dict[str, object]:
    """The words for days and months that are long enough to be known when mistyped."""
    from scheduling.when.spelling import MIN_CHARS, is_misspelt  # noqa: PLC0415 - rarely needed

    found: dict[str, object] = {}
    for language in languages:
        for word, node in lexicon_of(language).tree.items():
            senses: dict[str, object] = node.senses or {}
            kind = next((name for name in _NAMES if name in senses), None)
            if kind is None or len(word) < MIN_CHARS - 1:
                continue
            meaning = (kind, senses[kind])
            # The tables hold common slips too: what is near to them is too far from the name.
            if not any(is_misspelt(word, name) for name in found if found[name] == meaning):
                found.setdefault(word, meaning)
    return found


@lru_cache(maxsize=4096)
def _tells_more(word: str, language: str, languages: tuple[str, ...]) -> bool:
    """Whether a further table knows something else about a word that is long enough."""
    there = lexicon_of(language).tree.get(word) if len(word) >= _TELLING_CHARS else None
    if there is None:
        return False
    here = tables_of(*languages)[word]
    return here is None or there.senses != here.senses or there.children is not None


def _is_whole(facts: Facts) -> bool:
    """Whether facts are a time of their own: a clock, and a day or a rule."""
    if facts.is_range:
        return False
    if not facts.has_clock:
        return _is_moment(facts)
    return facts.has_date or facts.freq is not None


def _is_moment(facts: Facts) -> bool:
    """Whether a stretch of hours or minutes says by itself when: "in 3 hours", not "3 hours"."""
    if facts.is_bare_duration or facts.is_anchored or not facts.durations:
        return False
    return all(unit in ELAPSED_SECONDS for _, unit in facts.durations)


def _is_content(facts: Facts) -> bool:
    """Whether a caption says such a thing of its own: "45 min", "starts friday 6pm", "Post 1"."""
    if facts.is_bare_duration and not facts.has_clock:
        return True
    if facts.is_now and facts.recurs:
        return True
    if facts.is_short_clock or (facts.clocks and _is_number_of_caption(facts)):
        return True
    if facts.is_from and not facts.is_range:
        return True
    if facts.part is not None and not (facts.clocks or facts.has_date or facts.recurs):
        return True
    return (facts.start is not None or facts.until is not None) and not facts.recurs


def _is_number_of_caption(facts: Facts) -> bool:
    """Whether what reads as a clock is a count or a result: "Post 1", "1:45:30", "24 horas"."""
    if facts.has_date or facts.part or facts.recurs:
        return False
    if facts.clocks[0].second > 0 or facts.is_hours_said:
        return True
    return facts.is_loose_hour and not facts.is_approximate


def _lend(lender: Facts, taker: Facts) -> None:
    """Give one side of "or" the clock or the day that only the other side has."""
    if lender.has_clock and not taker.has_clock:
        taker.clocks, taker.part = list(lender.clocks), lender.part
    if lender.has_date and not taker.has_date:
        for name in (
            "weekdays", "weekday_mod", "nth", "full_date", "month_days", "doms", "month", "year",
            "week_offset", "month_offset", "rel", "durations", "is_weekend", "edge",
        ):  # fmt: skip
            setattr(taker, name, getattr(lender, name))
    if taker.zone is None and lender.zone is not None:
        taker.zone, taker.zone_kind = lender.zone, lender.zone_kind
    taker.is_loose_hour = False


def _outcome(readings: list[Reading]) -> object:
    """What tells two outcomes of reading apart."""
    return tuple((each.status, each.at_utc, each.rrule, each.day, each.why) for each in readings)
