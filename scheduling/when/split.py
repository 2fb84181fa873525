"""A message parted into caption and when-phrase: the rules S0 to S8.

Only a few places are looked at: what follows a command or a label, a closing separator, the
first and the last line, and the tail after a hard boundary. A caption is never searched for
dates, because almost every caption holds something that looks like one.
"""

from __future__ import annotations

from itertools import islice

from scheduling.when.lex import compiled
from scheduling.when.phrase import (
    MAX_CHARS,
    first_that_reads,
    is_number,
    reach_of_phrase,
    read,
    read_unmarked,
    starts_of_known_words,
    words_before,
)
from scheduling.when.reading import Profile, Reading, Span, Split, Token, altered
from scheduling.when.records import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from scheduling.when.terms import Place

# Every alternative begins where nothing of its kind stands before, or is bounded: no long run of
# letters is gone through twice.
_OPAQUE = (
    r"(?i)https?://\S+|www\.\S+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]+"
    r"|(?<!\w)@(?!(?:noon|mid\w{1,9})\b)[A-Za-z][\w.]*\w|(?<![\w&])#\w+|`[^`\n]{1,400}`"
    r"|(?<![\w.-])[a-z0-9-]{1,63}\.(?:com|org|net|io|app|at|de|shop|store|co)\b(?:/\S*)?"
)
_MAY_BE_OPAQUE = r"(?<!\S)[^\s@#:.]*+(?:[@#]|[:.](?=\S))\S*+"
_COMMAND = r"\s*/[A-Za-z_]+(?:@\w+)?(?=\s|$)[ \t]*"
_SPLITTING_COMMAND = r"(?i)\s*/schedule(?:@\w+)?(?=\s|$)"
_QUOTES = (('"', '"'), ("“", "”"), ("„", "“"), ("«", "»"))
_LABEL_WORDS = (
    r"post(?: (?:it|this))?(?: (?:at|on))?|publish(?: (?:it|this))?(?: (?:at|on))?"
    r"|schedule(?: (?:at|for))?"
    r"|post time|posting time|when|at|time"
    r"|wann|um|zeit|posten(?: um| am)?|termin|planen"
    r"|cuándo|cuando|hora|programar|publicar(?: el| a las)?"
    r"|quand|heure|publier(?: le| à)?|programmer|planifier"
    r"|quando|horário|horario|agendar|publicar(?: em)?"
    r"|ora|orario|programma|pubblica(?:re)?(?: alle| il)?"
    r"|когда|время|опубликовать|публикация"
    r"|коли|час|опублікувати|публікація"
    r"|ne zaman|zaman|saat|yayınla"
)
_LABEL = rf"(?i)(?:(?:{_LABEL_WORDS})\s*:(?!//)|⏰\ufe0f?\s*:?)[ \t]*"
_LABEL_SIGN = "[:⏰]"
_SEPARATOR = r"[ \t]*(?:\|\|?[ \t]*([^|\[\]\n]+?)|\[([^\[\]\n]+)\])\s*\Z"
_EMOJI = "\u203c-\u3299\U0001f000-\U0001faff\u200d\ufe0f\u20e3\U000e0020-\U000e007f"
_BOUNDARY = (
    rf"[.!?…)\]»”\"]+(?=\s)|(?:\s[-–—]{{1,2}}|[–—])(?=\s)|[(\[](?=\S)|[{_EMOJI}©®]+(?=\s|\w)"
)
_EMOJI_SIGN = f"[{_EMOJI}]"
_DASH = r"\s*[-–—]{1,2}\s*\Z"
_CONTENT = """
until till til by since ends end ending starts start starting opens open opening doors
live from to closes closed close between before after
bis ab seit endet beginnt öffnet einlass von
hasta desde termina empieza abre puertas
jusqu'au jusqu'à depuis finit commence ouvre portes
até começa portas fino dal dalle inizia apre porte
до с от начало двери від початок двері kadar başlıyor kapı
"""
_CONTENT_WORDS = frozenset(_CONTENT.split())
"""After these a time belongs to what the caption tells."""
_RULE_KINDS = frozenset({"every", "every_word", "freq", "once", "parts"})
"""What says by itself that something recurs."""
_CLOCK_KINDS = frozenset({"clock", "at", "part", "sharp", "approx", "zone", "glue"})
_OPEN_KINDS = frozenset({"group", "plural_group", "plural"})
"""What may be a rule, and opening hours or a course as well: "mon-fri 9am", "mondays 6pm"."""
_EARLY_HOUR = 7
_CLOCK_END = r"(?i)(?<!\d)\d{1,2}(?:[:.h]\d\d)?\s?(?:am|pm|a\.m\.|p\.m\.|h|uhr)?\s*\Z"
_MAX_LABEL_WORDS = 4
_MAX_COLONS = 12
_LABELS_TRIED = 2
_LOOKED_AT = MAX_CHARS + 80
_MAX_TAIL_CHARS = 120
_MAX_TAIL_TRIES = 6
_SMALL = {"on", "the"}
_ON_THE = 2
"""So many small words may begin a time ("on the 5th"); more belong to what is before it."""
_MAX_OFFERED_WORDS = 6
_MAX_OFFERED_CHARS = 80
MAX_MESSAGE_CHARS = 20_000
"""Longer than any chat sends; beyond it nothing is looked for."""


class _Message:
    """One message while it is split: its text, its opaque spans, and the reader for it."""

    def __init__(
        self, text: str, entities: Sequence[Span], *, now: datetime, profile: Profile
    ) -> None:
        self.text = text
        self._now = now
        self._profile = profile
        self._given = tuple(entities)
        self._opaque: list[Span] | None = None

    @property
    def opaque(self) -> list[Span]:
        """The spans that are never part of a phrase, sorted."""
        if self._opaque is None:
            # A phrase stands near the head or the end; the rest need not be looked at.
            text = self.text
            begin, end = _trimmed(text, 0, len(text))
            head, tail = begin + _LOOKED_AT, end - _LOOKED_AT
            if tail <= head:
                head, tail = len(text), len(text)
            tail = _word_start(text, tail)
            found = [*_opaque_spans(text, 0, head), *_opaque_spans(text, tail, len(text))]
            self._opaque = sorted([*self._given, *found])
        return self._opaque

    def starts_of_known_words(self, start: int, end: int) -> list[int]:
        """Where the words begin that may make a phrase up to *end*."""
        return starts_of_known_words(self.text, start, end, self._profile)

    def read(self, start: int, end: int, *, is_marked: bool = True) -> list[Reading] | None:
        """The readings of a stretch; None where it holds an entity or is not about time."""
        if end - start > MAX_CHARS or start >= end:
            return None
        if any(first < end and start < last for first, last in self.opaque):
            return None
        words, now, profile = self.text[start:end], self._now, self._profile
        if is_marked:
            readings = read(words, now=now, profile=profile)
        else:
            readings = read_unmarked(words, now=now, profile=profile)
        if readings[0].status == "none":
            return None
        return [_moved(reading, start) for reading in readings]

    def first_that_reads(self, starts: list[int], end: int) -> tuple[int, list[Reading]] | None:
        """The first of *starts* from which a time reads up to *end*, and its readings."""
        bound = max((last for first, last in self.opaque if first < end), default=0)
        starts = [start for start in starts if start >= bound]
        if not starts:
            return None
        found = first_that_reads(self.text, starts, end, now=self._now, profile=self._profile)
        if found is None:
            return None
        return found[0], [_moved(reading, starts[0]) for reading in found[1]]

    def unread(self, start: int, end: int) -> Reading:
        """The question about the first word of a stretch that was not understood."""
        found = read(self.text[start:end], now=self._now, profile=self._profile)[0]
        place = _moved(found, start).unread or _trimmed(self.text, start, end)
        return Reading("ask", self._profile.zone, why="unread", unread=place)

    def nothing(self, why: str = "no_when") -> Reading:
        """The reading of a message without a phrase."""
        return Reading("ask" if why == "ask" else "none", self._profile.zone, why="no_when")

    def taken(
        self,
        place: Place,
        readings: list[Reading],
        removed: Span,
        words: Span,
        caption: str | None = None,
        *,
        is_sure: bool = True,
    ) -> Split:
        """The split when a place held a phrase; a question leaves the caption whole."""
        certain = is_sure and place != "tail"
        span = _trimmed(self.text, *words)
        inner = readings[0].span
        if inner is not None and len(readings) == 1:
            span = inner
        when = self.text[span[0] : span[1]]
        if any(reading.status != "ok" for reading in readings):
            return Split(self.text, self.text, place, certain, tuple(readings), when, span)
        if caption is None:
            caption = _without(self.text, removed)
        return Split(self.text, caption, place, certain, tuple(readings), when, span, (removed,))


def split(
    text: str,
    entities: Sequence[Span] = (),
    *,
    now: datetime,
    profile: Profile,
    command: bool = False,
) -> Split:
    """Part *text* into caption and when-phrase; never raises, whatever the text.

    *entities* are (start, end) spans over the string's indices that are never part of a phrase
    (links, mentions, tags, code); the usual ones are found without being told. With *command*
    the text is what was said to a scheduling command, with or without the command's own word.
    Nothing leaves the caption unless every word of the phrase was read.
    """
    message = _Message(text, entities, now=now, profile=profile)
    if len(text) <= MAX_MESSAGE_CHARS:
        if command or ("/" in text[:80] and compiled(_SPLITTING_COMMAND).match(text)):
            return _from_command(message)
        for rule in (_labelled, _separated, _on_own_line, _tail):
            found = rule(message)
            if found is not None:
                return found
    return Split(text, text, "none", False, (message.nothing(),), offered=_offered(message))


def _opaque_spans(text: str, start: int, end: int) -> Iterator[Span]:
    """The spans between *start* and *end* that are never part of a phrase."""
    if text.find("`", start, end) >= 0:
        words = [(start, end)]  # code may hold blanks, all else stands within one word
    else:
        words = [word.span() for word in compiled(_MAY_BE_OPAQUE).finditer(text, start, end)]
    for word in words:
        for found in compiled(_OPAQUE).finditer(text, *word):
            yield found.span()


def _from_command(message: _Message) -> Split:
    """S1: the first line is the phrase, what follows a bar or the line break is the caption."""
    text = message.text
    head = compiled(_COMMAND).match(text)
    start = head.end() if head else 0
    quoted = _quoted(text, start)
    if quoted is not None:
        found = _around_quote(message, start, quoted)
        if found is not None:
            return found
    end = _line_end(text, start)
    bar = text.find(" | ", start, end)
    stop, rest = (bar, bar + 3) if bar >= 0 else (end, end)
    readings = message.read(start, stop)
    if readings is not None:
        caption = text[rest:].strip()
        return message.taken("command", readings, (0, rest), (start, stop), caption)
    for rule in (_labelled, _separated, _on_own_line):
        found = rule(message, start)
        if found is not None and found.removed:
            cut = max(start, _next_text(text, start))
            first, last = found.removed[0]
            taken = (max(first, cut), last)
            caption = _without(text[cut:], _shifted(taken, -cut))
            removed = ((0, cut), taken) if cut else (taken,)
            return Split(
                text, caption, "command", True, found.readings, found.when, found.span, removed
            )
    return Split(text, text, "command", True, (message.nothing("ask"),))


def _around_quote(message: _Message, start: int, quoted: tuple[int, int]) -> Split | None:
    """A command with a quoted caption: the phrase stands before or after the quotation."""
    text = message.text
    first, last = quoted
    before, after = (start, first), (last + 1, len(text))
    has_before, has_after = text[slice(*before)].strip(), text[slice(*after)].strip()
    if bool(has_before) == bool(has_after):
        return None
    place = before if has_before else after
    readings = message.read(*place)
    if readings is None:
        return None
    found = message.taken("command", readings, place, place, text[first + 1 : last])
    if not found.removed:
        return found
    removed = ((0, first + 1), (last, len(text)))
    return Split(
        text, found.caption, "command", True, found.readings, found.when, found.span, removed
    )


def _quoted(text: str, start: int) -> tuple[int, int] | None:
    """Where the first quotation after *start* opens and closes; None where there is none."""
    found: list[tuple[int, int]] = []
    for opening, closing in _QUOTES:
        first = text.find(opening, start)
        last = text.find(closing, first + 1) if first >= 0 else -1
        if last > first + 1:
            found.append((first, last))
    return min(found, default=None)


def _labelled(message: _Message, begin: int = 0) -> Split | None:
    """S2: "when: …" at the head of the first or last line, or of a tail of the last."""
    text = message.text
    lines = _outer_lines(text, begin)
    for start, end in reversed(lines):
        if not _may_hold_label(text, start, end):
            continue
        label = compiled(_LABEL).match(text, _next_text(text, start), end)
        if label is not None:
            found = _label_value(message, label, (start, end), (label.end(), end))
            if found is not None:
                return found
    if not lines:
        return None
    start, end = lines[-1]
    start = max(start, end - MAX_CHARS)
    if not _may_hold_label(text, start, end):
        return None
    for label in _last_labels(text, start, end):
        if label.start() > start and not text[label.start() - 1].isspace():
            continue
        found = _label_value(message, label, (label.start(), end), (label.end(), end))
        if found is not None:
            return found
    return None


def _last_labels(text: str, start: int, end: int) -> list[re.Match[str]]:
    """The last two labels of a stretch: looked for before colons only, because that is cheap."""
    found: list[re.Match[str]] = []
    signs = [match.start() for match in compiled(_LABEL_SIGN).finditer(text, start, end)]
    for sign in reversed(signs[-_MAX_COLONS:]):
        for begin in [*_word_starts_before(text, start, sign), sign]:
            label = compiled(_LABEL).match(text, begin, end)
            if label is not None and label.end() > sign:
                found.append(label)
                break
        if len(found) == _LABELS_TRIED:
            break
    return found[::-1]


def _word_starts_before(text: str, start: int, end: int) -> list[int]:
    """Where the last words before *end* begin, the first of them first."""
    words = islice(words_before(text, start, end, _MAX_LABEL_WORDS), _MAX_LABEL_WORDS)
    return [begin for _, begin in words][::-1]


def _may_hold_label(text: str, start: int, end: int) -> bool:
    """Whether one of the signs every label has stands there: a cheap look."""
    return text.find(":", start, end) >= 0 or text.find("⏰", start, end) >= 0


def _label_value(
    message: _Message, label: re.Match[str], removed: Span, value: Span
) -> Split | None:
    text = message.text
    if not text[value[0] : value[1]].strip():
        return None
    readings = message.read(*value)
    if readings is not None:
        return message.taken("label", readings, removed, value)
    if label[0].startswith("⏰") or not _is_plain_label(label[0]):
        return None
    return Split(text, text, "label", True, (message.unread(*value),))


def _is_plain_label(label: str) -> bool:
    """Whether the label says by itself that a time follows."""
    return label.strip().rstrip(":").strip().casefold() not in {"at", "um", "ora", "час", "time"}


def _separated(message: _Message, begin: int = 0) -> Split | None:
    """S3: "… | phrase" or "… [phrase]" at the very end."""
    text = message.text
    tail_start = max(begin, len(text) - MAX_CHARS)
    if text.find("|", tail_start) < 0 and text.find("]", tail_start) < 0:
        return None
    found = compiled(_SEPARATOR).search(text, tail_start)
    if found is None:
        return None
    group = 1 if found[1] is not None else 2
    readings = message.read(*found.span(group))
    if readings is None:
        return None
    is_sure = not is_number(text[slice(*found.span(group))])  # "Slice of cake | 4.50"
    return message.taken("separator", readings, found.span(), found.span(group), is_sure=is_sure)


def _on_own_line(message: _Message, begin: int = 0) -> Split | None:
    """S4 and S7: the last line, else the first, is a phrase with a clock.

    Both, or a phrase on the line beside it (a timetable), are a question.
    """
    text = message.text
    lines = _outer_lines(text, begin)
    found = [each for each in (_phrase_of(message, *line) for line in reversed(lines)) if each]
    if not found:
        return None
    line, words, readings = found[0]
    if len(found) == 1 and len(lines) > 1:
        beside = _line_beside(text, begin, line, is_last=line == lines[-1])
        found += [each for each in (_phrase_of(message, *beside),) if each and each[0] != line]
    if len(found) > 1:
        ordered = sorted(found, key=lambda each: each[0])
        both = tuple(reading for *_, readings in ordered for reading in readings)
        return Split(text, text, "two_places", False, both)
    if not _without(text[begin:], _shifted(line, -begin)):
        return message.taken("own_line", readings, line, words)
    if all(_is_clock_alone(text, words, each) for each in readings):
        found_beside = _with_line_beside(message, begin, line, lines, readings)
        if found_beside is not None:
            return found_beside
    is_sure = all(_is_plain(message, each) for each in readings)
    return message.taken("own_line", readings, line, words, is_sure=is_sure)


def _with_line_beside(
    message: _Message, begin: int, line: Span, lines: list[Span], readings: list[Reading]
) -> Split | None:
    """A clock alone may belong to the line beside it: to "Doors", or to "14 may"; so it is tapped.

    None where it does not: after a sentence, a tag or a blank line it is when to publish.
    """
    text = message.text
    is_last = line == lines[-1]
    beside = _line_beside(text, begin, line, is_last=is_last)
    between = text[beside[1] : line[0]] if is_last else text[line[1] : beside[0]]
    if beside[0] >= beside[1] or between.count("\n") != 1:
        return None
    both = (beside[0], line[1]) if is_last else (line[0], beside[1])
    found = message.read(*both, is_marked=False)
    if found is not None and len(found) == 1 and found[0].status == "ok":
        return message.taken("own_line", found, both, both, is_sure=False)
    from scheduling.when.headings import is_heading  # noqa: PLC0415 - rarely needed

    if not is_heading(text[slice(*beside)]):
        return None
    return message.taken("own_line", readings, line, line, is_sure=False)


def _is_clock_alone(text: str, words: Span, reading: Reading) -> bool:
    """Whether nothing but a time of day was said, and nothing was asked for ("6pm please")."""
    if reading.rrule is not None or reading.status != "ok":
        return False
    if not all(each.kind in _CLOCK_KINDS for each in reading.tokens):
        return False
    first, last = reading.span or words
    around = text[words[0] : first] + text[last : words[1]]
    return not any(map(str.isalpha, around))


def _is_plain(message: _Message, reading: Reading) -> bool:
    """Whether a reading can hardly be opening hours, a result ("3:58") or a headline ("Noon")."""
    if reading.rrule is None:
        start, end = reading.span or (0, 0)
        said = message.text[start:end]
        if said.isalpha() and not reading.flags:
            return False
        is_short = len(said) == len("3:58") and reading.tokens[0].kind == "clock"
        return not (is_short and reading.local is not None and reading.local.hour < _EARLY_HOUR)
    kinds = {token.kind for token in reading.tokens}
    return not _RULE_KINDS.isdisjoint(kinds) or _OPEN_KINDS.isdisjoint(kinds)


def _phrase_of(message: _Message, start: int, end: int) -> tuple[Span, Span, list[Reading]] | None:
    """A line that is a phrase with a clock: where it stands, its words, what they say."""
    text = message.text
    stop = end
    while stop > start and text[stop - 1] in " \t\r:":
        stop -= 1
    if reach_of_phrase(text, max(start, stop - MAX_CHARS), stop) > start:
        return None
    readings = message.read(start, stop, is_marked=False)
    if readings is None or not any(map(_has_clock, readings)):
        return None
    return (start, end), (start, stop), readings


def _line_beside(text: str, begin: int, line: Span, *, is_last: bool) -> Span:
    """The line that holds something before the last line, or after the first."""
    if is_last:
        start, end = _trimmed(text, begin, line[0])
        return _trimmed(text, max(text.rfind("\n", start, end) + 1, start), end)
    start, end = _trimmed(text, line[1], len(text))
    return _trimmed(text, start, min(_line_end(text, start), end))


def _tail(message: _Message) -> Split | None:
    """S5: the longest tail of the last line that is a phrase, right after a hard boundary."""
    text = message.text
    for boundary, removed_from, words in _tails(message):
        readings = message.read(*words, is_marked=False)
        if readings is None or not all(map(_has_clock, readings)):
            continue
        if _last_word(text, boundary) in _CONTENT_WORDS:
            return None
        return message.taken("tail", readings, (removed_from, len(text)), words)
    return None


def _tails(message: _Message) -> Iterator[tuple[int, int, Span]]:
    """Where a tail may begin, the longest first: (boundary, start of what goes, phrase)."""
    text = message.text
    last = _outer_lines(text, 0)[-1:]
    if not last:
        return
    line, end = last[0]
    floor = max(line, end - _MAX_TAIL_CHARS)
    reach = reach_of_phrase(text, floor, end)
    places = [
        (found.start(), found.end()) for found in compiled(_BOUNDARY).finditer(text, floor, end)
    ]
    places += [span for span in message.opaque if floor <= span[1] < end]
    for start, stop in sorted(places, key=lambda place: place[1])[-_MAX_TAIL_TRIES:]:
        sign = text[start:stop].strip()
        if sign and sign in "([":
            close = ")" if sign == "(" else "]"
            if text[end - 1] == close:
                yield start, start, (stop, end - 1)
            continue
        begins = _next_text(text, stop)
        if begins < reach:
            continue
        if begins < end and compiled(_EMOJI_SIGN).match(text, begins):
            continue
        if sign and sign[0] in "-–—" and _is_range(text, start, begins):
            continue
        goes = stop
        dash = compiled(_DASH).match(text, stop, end)
        if sign and sign[0] in "-–—":
            goes = start
        elif dash is not None and dash.end() == begins:
            goes = stop
        if begins < end:
            yield start, goes, (begins, end)


def _is_range(text: str, start: int, begins: int) -> bool:
    """Whether a dash stands between two clocks: "open 9am - 6pm" is a stretch of time."""
    if not text[begins : begins + 1].isdigit():
        return False
    return compiled(_CLOCK_END).search(text, max(0, start - 12), start) is not None


def _offered(message: _Message) -> Split | None:
    """S6: a tail without a boundary that would read, for a second button only."""
    text = message.text
    last = _outer_lines(text, 0)[-1:]
    if not last or len(text) > MAX_MESSAGE_CHARS:
        return None
    line, end = last[0]
    starts = message.starts_of_known_words(max(line, end - _MAX_OFFERED_CHARS), end)
    found = message.first_that_reads(
        [start for start in starts[-_MAX_OFFERED_WORDS:] if start != line], end
    )
    if found is None:
        return None
    start = _past_what_names_something(*found)
    readings = found[1] if start == found[0] else message.read(start, end)
    if readings is None:
        return None
    return message.taken("tail", readings, (start, end), (start, end))


def _past_what_names_something(start: int, readings: list[Reading]) -> int:
    """Where the time begins behind "… of the day": these words belong to the soup before them."""
    tokens = readings[0].tokens
    small = next((i for i, token in enumerate(tokens) if token.kind not in _SMALL), 0)
    is_name = small > _ON_THE or (small == _ON_THE and tokens[small].kind == "rel")
    return tokens[small].start if is_name else start


def _has_clock(reading: Reading) -> bool:
    """Whether a clock or a duration was read, not only a day."""
    if reading.status == "ok":
        return True
    return reading.why not in {"no_time", "unread", "vague", "no_when"}


def _outer_lines(text: str, begin: int) -> list[Span]:
    """The first and the last line that hold something, trimmed; one if they are the same."""
    start, end = _trimmed(text, begin, len(text))
    if start >= end:
        return []
    first = (start, min(_line_end(text, start), end))
    last_break = text.rfind("\n", start, end)
    if last_break < 0:
        return [first]
    return [_trimmed(text, *first), _trimmed(text, last_break + 1, end)]


def _moved(reading: Reading, by: int) -> Reading:
    """The reading with its places counted from the head of the message."""
    if not by:
        return reading
    span, unread = reading.span, reading.unread
    return altered(
        reading,
        span=None if span is None else _shifted(span, by),
        unread=None if unread is None else _shifted(unread, by),
        tokens=tuple(Token(start + by, end + by, kind) for start, end, kind in reading.tokens),
    )


def _word_start(text: str, at: int) -> int:
    """The head of the word that *at* stands in, where it is near."""
    start = at
    while start > 0 and at - start < MAX_CHARS and not text[start - 1].isspace():
        start -= 1
    return start


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _next_text(text: str, start: int) -> int:
    rest = text[start:]
    return start + len(rest) - len(rest.lstrip())


def _trimmed(text: str, start: int, end: int) -> Span:
    inner = text[start:end]
    end = start + len(inner.rstrip())
    return max(start, min(end, start + len(inner) - len(inner.lstrip()))), end


def _without(text: str, removed: Span) -> str:
    """The text without a stretch at its head or tail, and without the blank lines beside it."""
    before, after = text[: removed[0]], text[removed[1] :]
    if not before.strip():
        return after.strip()
    if not after.strip():
        return before.strip()
    return before + after


def _shifted(span: Span, by: int) -> Span:
    return span[0] + by, span[1] + by


def _last_word(text: str, end: int) -> str:
    """The word before *end*, folded, without the signs around it."""
    start = end
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    return text[start:end].strip(".,!?…:;()[]\"'").casefold()
