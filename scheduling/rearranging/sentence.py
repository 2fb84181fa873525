"""Sentences that rearrange what is planned: "move 142 to friday 10", "push everything 2h".

Every word must have a place, or the answer is `Unclear` and names the word that has none. What
does not speak of numbered posts or of everything is no such sentence: it is talk.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal

from scheduling.rearranging.goals import Goal, NoGoal, goals_of, length_of
from scheduling.rearranging.words import PLATFORMS, WORDS
from scheduling.when import Profile
from scheduling.when.lex import Token, fold, raw_tokens, with_senses
from scheduling.when.lexicon import tables_of
from scheduling.when.phrase import languages_of

Action = Literal["move", "swap", "pause", "resume"]
MAX_CHARS = 200
MAX_TOKENS = 40
MAX_NUMBERS = 50

_VERBS = ("earlier", "push", "swap", "pause", "resume", "move")
_ENDS = frozenset(".,;:!?…\"“”„«»'’")
_JOINTS = frozenset(",&+/")
_ANDS = frozenset({"and", "plus", "und", "y", "e", "et", "ed", "и", "і", "та", "ve", "ile"})
"""Joints that list posts; the other ones ("with") only say what is swapped."""

_MARKS = frozenset("#№")
_TALK_WORDS = 3
"""So many words without a place, and none about time, are talk that happens to begin alike."""

_MAX_DIGITS = 7
_TIMELY = frozenset(
    {"weekday", "weekday_part", "month", "unit", "rel", "daypart", "part", "num", "mod", "span"}
    | {"half", "quarter", "article"}
)
_LONG_UNITS = frozenset({"week", "month", "year", "quarter"})


@dataclass(frozen=True, slots=True)
class DayFilter:
    """Which days are meant: `on` a day, `from` it on, or `before` it."""

    kind: Literal["on", "from", "before"]
    day: date


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants changed. Several `goals` are a question; none is one, too.

    `numbers` name posts; with none of them everything is meant, narrowed by `days`.
    """

    action: Action
    numbers: tuple[int, ...] = ()
    goals: tuple[Goal, ...] = ()
    days: DayFilter | None = None

    def chosen(self, goal: Goal) -> "Order":
        """Return the order with one goal, chosen or given later."""
        return replace(self, goals=(goal,))

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "action": self.action,
            "numbers": list(self.numbers),
            "goals": [goal.to_json() for goal in self.goals],
            "days": [self.days.kind, self.days.day.isoformat()] if self.days else None,
        }

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> "Order":
        """Rebuild an order from `to_json`."""
        days = found["days"]
        return cls(
            action=found["action"],
            numbers=tuple(found["numbers"]),
            goals=tuple(Goal.from_json(goal) for goal in found["goals"]),
            days=DayFilter(days[0], date.fromisoformat(days[1])) if days else None,
        )


@dataclass(frozen=True, slots=True)
class Unclear:
    """A sentence that rearranges, but not all of it is understood: `why`, and the first word."""

    why: str
    word: str = ""
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What plain words in answer to a card ask for.

    kind `goal`: move it (`goals`; `phrase` is what of the words is time); `cancel`; `pause`
    (until `goals`); `caption` (`text` replaces it); `tags` (`text` is added); `also` (`text`
    names where).
    """

    kind: Literal["goal", "cancel", "pause", "caption", "tags", "also"]
    goals: tuple[Goal, ...] = ()
    text: str = ""
    phrase: str = ""


Words = tuple["Piece", ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A token with where it stands in what was written."""

    text: str
    kind: str
    start: int
    end: int
    index: int
    glued: bool


@dataclass(frozen=True, slots=True)
class _Written:
    """What was written, in pieces, and for whom it is read."""

    text: str
    now: datetime
    profile: Profile
    languages: tuple[str, ...]
    pieces: Words = field(default=())

    def phrase(self, pieces: Words) -> str:
        """Return what was written there; what stood between is left out."""
        runs: list[list[int]] = []
        for piece in pieces:
            if runs and runs[-1][2] == piece.index - 1:
                runs[-1][1:] = [piece.end, piece.index]
            else:
                runs.append([piece.start, piece.end, piece.index])
        return " ".join(self.text[start:end] for start, end, _ in runs)


def read_order(text: str, *, now: datetime, profile: Profile) -> Order | Unclear | None:
    """Read a sentence that rearranges the queue; None where it is none.

    The person's language and English are tried first, then each other one.
    """
    if len(text) > MAX_CHARS:
        return None
    best: Unclear | None = None
    own = languages_of(profile)
    for languages in (own, *((one,) for one in WORDS if one not in own)):
        written = _written(text, now, _speaking(profile, languages), languages)
        words = {piece.text for piece in written.pieces}
        if len(written.pieces) > MAX_TOKENS or not any(
            words & _first_words(language) for language in languages
        ):
            continue
        found = _order_in(written)
        if isinstance(found, Order):
            return found
        best = best or found
    return best


def read_reply(text: str, *, now: datetime, profile: Profile) -> Reply | None:
    """Read plain words in answer to a card; None where they are nothing but a time, or talk."""
    label, colon, rest = text.strip().partition(":")
    if colon and _folded(label) in _every("caption"):
        return Reply("caption", text=rest.strip())
    if len(text) > MAX_CHARS:
        return None
    own = languages_of(profile)
    for languages in (own, *((one,) for one in WORDS if one not in own)):
        written = _written(text, now, _speaking(profile, languages), languages)
        # A bare time is read in every language as it is; only the words around it are ours.
        is_own = languages == own
        is_short = 0 < len(written.pieces) <= MAX_TOKENS
        found = _reply_in(written, may_be_bare=is_own) if is_short else None
        if found:
            return found
    return None


def read_until(text: str, *, now: datetime, profile: Profile) -> list[Goal] | NoGoal:
    """Read the answer to "until when?", with or without the word for until."""
    written = _written(text, now, profile, languages_of(profile))
    return _until(written, written.pieces)


# ── orders ───────────────────────────────────────────────────────────────────────────────────


def _order_in(written: _Written) -> Order | Unclear | None:
    problem: Unclear | None = None
    pieces = _bare(written, written.pieces)
    for verb, rest in _verbs_in(written, pieces):
        found = _with_object(written, verb, _bare(written, rest))
        if isinstance(found, Order):
            return found
        problem = problem or found
    return problem


def _with_object(written: _Written, verb: str, rest: Words) -> Order | Unclear | None:
    if verb == "resume":
        return _resume(written, rest)
    numbers, after = _numbers_at(written, rest, has_with=verb == "swap")
    if numbers:
        if verb == "swap":
            return _swap(written, numbers, after)
        return _with_goal(written, verb, numbers, (), after)
    at = _find(written, rest, "all")
    if verb == "swap" or at is None:
        return None
    before, after = rest[: at[0]], rest[at[1] :]
    return _with_goal(written, verb, (), before, after)


def _resume(written: _Written, rest: Words) -> Order | None:
    at = _find(written, rest, "all")
    if at:
        rest = (*rest[: at[0]], *rest[at[1] :])
    rest = _without(written, rest, ("post", "fill", "it"))
    return None if rest else Order("resume")


def _swap(written: _Written, numbers: tuple[int, ...], rest: Words) -> Order | Unclear:
    if rest:
        return Unclear("unread", written.phrase(rest[:1]), numbers)
    if len(set(numbers)) != 2:  # noqa: PLR2004 - a swap is of two
        return Unclear("swap_two", numbers=numbers)
    return Order("swap", numbers)


def _with_goal(
    written: _Written, verb: str, numbers: tuple[int, ...], before: Words, after: Words
) -> Order | Unclear | None:
    action: Action = "pause" if verb == "pause" else "move"
    days: DayFilter | None = None
    if before and after:
        days = _days(written, before)
        if days is None:
            return _unclear(written, NoGoal("unread", written.phrase(before[:1])), numbers, before)
    rest = after or before
    if verb == "pause":
        if days:
            return Unclear("unread", written.phrase(before[:1]), numbers)
        if not rest:
            return Order("pause", numbers)
        found = _until(written, rest)
    elif not rest:
        # "move everything" alone is talk; of a numbered post it is an order that lacks its end.
        is_meant = bool(numbers) or verb in {"push", "earlier"}
        return Unclear("no_goal", numbers=numbers) if is_meant else None
    else:
        days_in, found = _goal_in(written, verb, rest, may_filter=not numbers and days is None)
        days = days or days_in
    if isinstance(found, NoGoal):
        return _unclear(written, found, numbers, rest)
    return Order(action, numbers, tuple(found), days)


def _unclear(
    written: _Written, found: NoGoal, numbers: tuple[int, ...], rest: Words
) -> Unclear | None:
    is_long = len(rest) > _TALK_WORDS
    if found.why in {"unread", "none"} and is_long and _is_talk(written, numbers, rest):
        return None
    return Unclear(found.why, found.word or written.phrase(rest[:1]), numbers)


def _is_talk(written: _Written, numbers: tuple[int, ...], rest: Words) -> bool:
    """Say whether nothing there is about time; after "everything" the first word has to be."""
    _, bare = _led_by(written, _bare(written, rest), ("by", "to", "until", "on", "from"))
    bare = _bare(written, bare)
    tokens = [Token(one.kind, one.text, one.start, one.end, one.glued) for one in bare]
    known = [
        token.kind not in {"word", "sign"} or bool(_TIMELY & token.senses.keys())
        for token in with_senses(tokens, tables_of(*written.languages))
    ]
    return not any(known) if numbers else not any(known[:1])


def _goal_in(
    written: _Written, verb: str, rest: Words, *, may_filter: bool
) -> tuple[DayFilter | None, list[Goal] | NoGoal]:
    """Read where it goes; of everything, some days may be named first ("on friday by 2h")."""
    rest = _without_ends(written, rest, ("fill",))
    splits = range(1, len(rest)) if may_filter else range(0)
    unread = ""
    for at in splits:
        joint, _ = _led_by(written, rest[at:], ("by", "to"))
        if "by" not in joint and verb == "move":
            continue
        length = _length(written, verb, rest[at:])
        days = _days(written, rest[:at]) if length else None
        if length and days:
            return days, [length]
        if length and "by" in joint:
            unread = unread or written.phrase(rest[:at])
    led, _ = _led_by(written, rest, ("from", "to"))
    whole = NoGoal("unread") if led == {"from"} and may_filter else _goal(written, verb, rest)
    if isinstance(whole, list):
        return None, whole
    for at in splits:
        joint, _ = _led_by(written, rest[at:], ("to",))
        days = _days(written, rest[:at]) if joint else None
        found = _goal(written, verb, rest[at:]) if days else None
        if isinstance(found, list) and days:
            # "from friday to monday" speaks of friday alone.
            return replace(days, kind="on") if days.kind == "from" else days, found
    return None, NoGoal("unread", unread) if unread else whole


def _goal(written: _Written, verb: str, rest: Words) -> list[Goal] | NoGoal:
    rest = _without_ends(written, rest, ("fill",))
    joint, bare = _led_by(written, rest, ("by", "to"))
    length = None if joint == {"to"} else _length(written, verb, rest)
    if length:
        return [length]
    bare = _without_ends(written, bare, ("instead", "fill"))
    whole = _without_ends(written, rest, ("instead", "fill"))
    if not bare:
        return NoGoal("no_goal")
    if joint == {"by"}:
        return NoGoal("unread", written.phrase(rest[:1]))
    first = _read(written, bare)
    if isinstance(first, list) or bare == whole:
        return first if isinstance(first, list) else _directed(written, bare) or first
    second = _read(written, whole)
    return second if isinstance(second, list) else _directed(written, bare) or first


def _directed(written: _Written, pieces: Words) -> list[Goal] | None:
    """Read "an hour later" where no verb says which way."""
    found = _length(written, "", pieces)
    return [found] if found else None


def _read(written: _Written, pieces: Words) -> list[Goal] | NoGoal:
    return goals_of(written.phrase(pieces), now=written.now, profile=written.profile)


def _length(written: _Written, verb: str, pieces: Words) -> Goal | None:
    """Read by how much; without a verb that says so, a word must tell which way ("later")."""
    _, bare = _led_by(written, pieces, ("by", "to"))
    bare = _without_ends(written, bare, ("instead", "fill"))
    is_later = is_sooner = False
    for role in ("later", "sooner"):
        cut = _cut_end(written, bare, role)
        if cut is not None:
            bare = cut
            is_later, is_sooner = role == "later", role == "sooner"
            break
    _, bare = _led_by(written, bare, ("by",))
    if not bare or (not verb and not is_later and not is_sooner):
        return None
    if is_later and verb == "earlier":
        return None
    found = length_of(written.phrase(bare), written.profile)
    if found is None:
        return None
    return found.backwards() if is_sooner or verb == "earlier" else found


def _until(written: _Written, pieces: Words) -> list[Goal] | NoGoal:
    _, bare = _led_by(written, pieces, ("until",))
    cut = _cut_end(written, bare, "until")
    bare = _without_ends(written, bare if cut is None else cut, ("fill",))
    length = length_of(written.phrase(bare), written.profile) if bare else None
    if length:
        return [length]
    return _read(written, bare) if bare else NoGoal("no_goal")


def _days(written: _Written, pieces: Words) -> DayFilter | None:
    pieces = _without_ends(written, pieces, ("fill", "post"))
    kind: Literal["on", "from", "before"] = "on"
    for role in ("from", "before"):
        led, bare = _led_by(written, pieces, (role,))
        cut = _cut_end(written, pieces, role)
        if led or cut is not None:
            kind = "from" if role == "from" else "before"
            pieces = bare if led else cut or ()
            break
    else:
        _, pieces = _led_by(written, pieces, ("on",))
        cut = _cut_end(written, pieces, "on")
        pieces = pieces if cut is None else cut
    if not pieces or _names_long_span(written, pieces):
        return None
    found = _read(written, pieces)
    is_day = isinstance(found, list) and len(found) == 1 and found[0].kind == "day"
    return DayFilter(kind, found[0].day) if is_day and found[0].day else None  # type: ignore[index]  # a list of one


def _names_long_span(written: _Written, pieces: Words) -> bool:
    """A week or a month is more than the one day that it would be read as."""
    tokens = [Token(one.kind, one.text, one.start, one.end, one.glued) for one in pieces]
    found = with_senses(tokens, tables_of(*written.languages))
    return any(
        str(token.senses.get("unit")) in _LONG_UNITS or "group" in token.senses for token in found
    )


# ── replies ──────────────────────────────────────────────────────────────────────────────────


def _reply_in(written: _Written, *, may_be_bare: bool) -> Reply | None:
    pieces = _bare(written, written.pieces)
    if not pieces:
        return None
    if any(_matches(pieces, 0, one) == len(pieces) for one in _expressions(written, "cancel")):
        return Reply("cancel")
    return (_tags(written, pieces) or _also(written, pieces) or _pause(written, pieces)) or _moved(
        written, pieces, may_be_bare=may_be_bare
    )


def _tags(written: _Written, pieces: Words) -> Reply | None:
    """Read "add #autumn #cafe": nothing but hashtags is added."""
    for rest in _cuts(written, pieces, "add"):
        left = _without_ends(written, rest, ("tag", "fill"))
        text = written.phrase(left)
        names = text.split()
        if names and all(one.startswith("#") and len(one) > 1 for one in names):
            return Reply("tags", text=text)
    return None


def _also(written: _Written, pieces: Words) -> Reply | None:
    """Read "also on Threads"."""
    for rest in _cuts(written, pieces, "also"):
        left = _without(written, rest, ("and", "fill"))
        left = left[: next((i for i, one in enumerate(left) if one.text in "'’"), len(left))]
        names = [one.text for one in left]
        if names and all(name in _platforms() for name in names):
            return Reply("also", text=", ".join(written.phrase((one,)) for one in left))
    return None


def _pause(written: _Written, pieces: Words) -> Reply | None:
    for rest in _cuts(written, pieces, "pause"):
        left = _without_ends(written, rest, ("it", "fill"))
        if not left:
            return Reply("pause")
        found = _until(written, left)
        if isinstance(found, list):
            return Reply("pause", goals=tuple(found))
    return None


def _moved(written: _Written, pieces: Words, *, may_be_bare: bool) -> Reply | None:
    """Read where the post of the card goes, with or without a verb."""
    bare_one = [("", pieces)] if may_be_bare else []
    for verb, rest in (*_verbs_in(written, pieces), *bare_one):
        if verb not in {"", "move", "push", "earlier"}:
            continue
        left = _without_ends(written, rest, ("it", "fill"))
        found = _goal(written, verb, left) if left else NoGoal("no_goal")
        if isinstance(found, list):
            _, bare = _led_by(written, left, ("by", "to"))
            bare = _without_ends(written, bare, ("instead", "fill"))
            return Reply("goal", tuple(found), phrase=written.phrase(bare))
    return None


# ── words ────────────────────────────────────────────────────────────────────────────────────


def _written(text: str, now: datetime, profile: Profile, languages: tuple[str, ...]) -> _Written:
    folded, origins = fold(text)
    pieces = []
    for index, token in enumerate(raw_tokens(folded)):
        start, end = token.start, token.end
        if origins is not None:
            start, end = origins[start], origins[end - 1] + 1
        pieces.append(Piece(token.text, token.kind, start, end, index, token.glued))
    return _Written(text, now, profile, languages, tuple(pieces))


def _speaking(profile: Profile, languages: tuple[str, ...]) -> Profile:
    return profile._replace(language=languages[0]) if len(languages) == 1 else profile


def _folded(words: str) -> tuple[str, ...]:
    return tuple(token.text for token in raw_tokens(fold(words)[0]))


Expression = tuple[tuple[str, ...], tuple[str, ...]]


@lru_cache(maxsize=512)
def _table(language: str, role: str) -> tuple[Expression, ...]:
    found = []
    for one in WORDS[language][role].split(","):
        head, _, tail = one.partition("…")
        if head.strip():
            found.append((_folded(head), _folded(tail)))
    return tuple(sorted(found, key=lambda each: -len(each[0])))


def _expressions(written: _Written, role: str) -> Iterator[tuple[str, ...]]:
    for language in written.languages:
        for head, tail in _table(language, role):
            if not tail:
                yield head


@lru_cache(maxsize=16)
def _first_words(language: str) -> frozenset[str]:
    """Return the words that verbs of orders begin with."""
    return frozenset(head[0] for verb in _VERBS for head, _ in _table(language, verb))


@lru_cache(maxsize=4)
def _every(role: str) -> frozenset[tuple[str, ...]]:
    return frozenset(head for language in WORDS for head, _ in _table(language, role))


@lru_cache(maxsize=1)
def _platforms() -> frozenset[str]:
    return frozenset(name.strip() for name in PLATFORMS.split(","))


def _matches(pieces: Words, at: int, expression: Sequence[str]) -> int:
    """Return where *expression* ends that begins at *at*, -1 where it does not stand there."""
    end = at + len(expression)
    stands = end <= len(pieces) and all(
        one.text == word for one, word in zip(pieces[at:end], expression, strict=True)
    )
    return end if stands else -1


def _cuts(written: _Written, pieces: Words, role: str) -> list[Words]:
    """Return what is left without an expression of *role* at either end, the longest first."""
    found: list[tuple[int, bool, Words]] = []
    for language in written.languages:
        for head, tail in _table(language, role):
            size = len(head) + len(tail)
            end = _matches(pieces, 0, head)
            if end > 0 and not tail:
                found.append((size, True, pieces[end:]))
            if end > 0 and tail:
                found += [
                    (size, True, (*pieces[end:at], *pieces[at + len(tail) :]))
                    for at in range(end, len(pieces))
                    if _matches(pieces, at, tail) > 0
                ]
            begin = len(pieces) - len(head)
            if not tail and begin > 0 and _matches(pieces, begin, head) > 0:
                found.append((size, False, pieces[:begin]))
    found.sort(key=lambda one: (-one[0], not one[1]))
    return [rest for _, _, rest in found]


def _verbs_in(written: _Written, pieces: Words) -> list[tuple[str, Words]]:
    """Return what may be the verb, and the words without it; the longest expression first."""
    found = [(verb, rest) for verb in _VERBS for rest in _cuts(written, pieces, verb)]
    return sorted(found, key=lambda one: len(one[1]))


def _bare(written: _Written, pieces: Words) -> Words:
    """Return the pieces without manners and marks at either end."""
    return _without_ends(written, pieces, ("fill",))


def _without_ends(written: _Written, pieces: Words, roles: Sequence[str]) -> Words:
    found: Words | None = pieces
    while found is not None:
        pieces = found
        found = _one_less(written, pieces, roles)
    return pieces


def _one_less(written: _Written, pieces: Words, roles: Sequence[str]) -> Words | None:
    if pieces and _is_mark(pieces[0]):
        return pieces[1:]
    if pieces and _is_mark(pieces[-1]):
        return pieces[:-1]
    for role in roles:
        for one in _expressions(written, role):
            end = _matches(pieces, 0, one)
            if end > 0:
                return pieces[end:]
            cut = len(pieces) - len(one)
            if cut >= 0 and _matches(pieces, cut, one) > 0:
                return pieces[:cut]
    return None


def _is_mark(piece: Piece) -> bool:
    is_emoji = piece.kind == "sign" and ord(piece.text[0]) > 0x2100 and piece.text not in _MARKS  # noqa: PLR2004 - arrows, signs, pictures
    return piece.text in _ENDS or is_emoji


def _without(written: _Written, pieces: Words, roles: Sequence[str]) -> Words:
    """Return the pieces without expressions of *roles*, wherever they stand."""
    left: list[Piece] = []
    at = 0
    while at < len(pieces):
        ends = [_matches(pieces, at, one) for role in roles for one in _expressions(written, role)]
        end = max(ends, default=-1)
        if end > 0:
            at = end
            continue
        text = pieces[at].text
        if text in "'’" or not (_is_mark(pieces[at]) or text in _JOINTS):
            left.append(pieces[at])
        at += 1
    return tuple(left)


def _find(written: _Written, pieces: Words, role: str) -> tuple[int, int] | None:
    """Return where an expression of *role* begins and ends, the longest at the first place."""
    for at in range(len(pieces)):
        ends = [_matches(pieces, at, one) for one in _expressions(written, role)]
        if max(ends, default=-1) > 0:
            return at, max(ends)
    return None


def _led_by(written: _Written, pieces: Words, roles: Sequence[str]) -> tuple[set[str], Words]:
    """Return which of *roles* the first word plays, and the pieces without it."""
    found = {
        role: max((_matches(pieces, 0, one) for one in _expressions(written, role)), default=-1)
        for role in roles
    }
    end = max(found.values(), default=-1)
    if end <= 0:
        return set(), pieces
    return {role for role, at in found.items() if at == end}, pieces[end:]


def _cut_end(written: _Written, pieces: Words, role: str) -> Words | None:
    """Return the pieces without a last expression of *role*; None where they do not end so."""
    for one in _expressions(written, role):
        begin = len(pieces) - len(one)
        if begin > 0 and _matches(pieces, begin, one) > 0:
            return pieces[:begin]
    return None


def _numbers_at(
    written: _Written, pieces: Words, *, has_with: bool
) -> tuple[tuple[int, ...], Words]:
    """Return the numbers of posts that the pieces begin with, and what follows them."""
    numbers: list[int] = []
    rest = pieces
    while len(numbers) < MAX_NUMBERS:
        ahead = rest
        if numbers:
            ahead = _past_joint(written, rest, has_with=has_with)
            if ahead == rest:
                break
        ahead = _past_post(written, ahead)
        is_number = bool(ahead) and ahead[0].kind == "number" and len(ahead[0].text) <= _MAX_DIGITS
        if not is_number:
            break
        numbers.append(int(ahead[0].text))
        rest = _past_ending(ahead[1:])
    return tuple(numbers), rest


def _past_joint(written: _Written, pieces: Words, *, has_with: bool) -> Words:
    if pieces and pieces[0].text in _JOINTS:
        pieces = pieces[1:]
        has_with = True
    for one in _expressions(written, "and"):
        end = _matches(pieces, 0, one)
        if end > 0 and (has_with or one[0] in _ANDS or one[0] in _JOINTS):
            return pieces[end:]
    return pieces


def _past_post(written: _Written, pieces: Words) -> Words:
    while pieces:
        ends = [_matches(pieces, 0, one) for one in _expressions(written, "post")]
        end = max(ends, default=-1)
        if pieces[0].text in _MARKS:
            end = max(end, 1)
        if end <= 0 or end >= len(pieces):
            return pieces
        pieces = pieces[end:]
    return pieces


def _past_ending(pieces: Words) -> Words:
    """Leave out the ending that Turkish glues to a number ("142'yi")."""
    is_ending = len(pieces) > 1 and pieces[0].text in "'’" and pieces[0].glued
    if is_ending and pieces[1].glued and pieces[1].kind == "word":
        return pieces[2:]
    return pieces
