"""What became of every post: the sandbox knows what is public, the database what was said.

`gather` reads both (and the chats), `weigh` judges them: it is pure, so that a test can plant a
doubled, lost or early post, or a card that is not true, and see that it is found.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.texts import say
from models.database import db
from models.post import Attempt, Post, Target
from models.team import Place
from tests.faults.chats import Shown
from tests.faults.house import House

MARK = re.compile(r"fault run (?:post|chat) \d+")
"""Begins every caption; what follows may be edited."""

PING = re.compile(r"✅ #(\d+) is on Instagram")
TITLES = {
    state: say(f"state.{state}", number="").strip()
    for state in ("draft", "published", "failed", "late", "blocked", "unconfirmed", "cancelled")
}
"""What a card begins with, by the state that nothing moves on any more by itself."""

_Where = tuple[str, str, int]
"""A chat, a place in it, and a number of a post."""

QUIET = frozenset({"draft", "awaiting_approval", "cancelled", "blocked"})
"""Nothing goes out from here, and the card says so."""

REQUIRED_ZERO = (
    "lost", "doubled", "early", "false_success", "false_failure", "other_words", "notices_lost",
    "words_lost", "cards_untrue", "out_of_thread", "rules_broken",
    "unpunctual", "calls_after_death", "reconnects_not_told_once",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Public:
    """One thing that the world can see."""

    at: datetime
    caption: str


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of one post. *cards* counts its live cards by their first words, *pings*
    the messages that say it is published; *twins* are its cards in each other chat where there
    must be one, *strays* what was said of it outside the thread of the message it came from.
    *said* is the caption it was last given, where that was known well before it was due, else "".

    *state* "" means that nobody knows of it: a message that came in and was never handled.
    """

    name: str
    state: str
    due_at: datetime | None = None
    caption: str = ""
    public: tuple[Public, ...] = ()
    is_unclear: bool = False
    is_planned: bool = True
    account: str = ""
    cards: Counter[str] = field(default_factory=Counter)
    pings: int = 0
    twins: tuple[Counter[str], ...] = ()
    strays: int = 0
    said: str = ""


@dataclass(slots=True)
class Verdict:
    """The counts that matter, and how late posts were (seconds from due to public)."""

    posts: int = 0
    published: int = 0
    failed: int = 0
    unconfirmed: int = 0
    quiet: int = 0
    given_up: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    false_success: list[str] = field(default_factory=list)
    false_failure: list[str] = field(default_factory=list)
    other_words: list[str] = field(default_factory=list)
    notices_lost: list[str] = field(default_factory=list)
    notices_doubled: list[str] = field(default_factory=list)
    words_lost: list[str] = field(default_factory=list)
    cards_untrue: list[str] = field(default_factory=list)
    out_of_thread: list[str] = field(default_factory=list)
    rules_broken: list[str] = field(default_factory=list)
    unpunctual: list[str] = field(default_factory=list)
    calls_after_death: list[str] = field(default_factory=list)
    reconnects_not_told_once: list[str] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    late_unknown: list[float] = field(default_factory=list)
    recovery: list[float] = field(default_factory=list)
    recovery_unknown: list[float] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not any(getattr(self, name) for name in REQUIRED_ZERO)

    def add(self, other: "Verdict") -> None:
        """Count another trial in."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def weigh(cases: list[Case]) -> Verdict:
    """Judge every case by itself."""
    found = Verdict(posts=len(cases))
    for case in cases:
        _weigh_state(found, case)
        _weigh_cards(found, case)
        if len(case.public) > 1:
            found.doubled.append(case.name)
        if case.public:
            _weigh_public(found, case, case.public[0])
    return found


def _weigh_state(found: Verdict, case: Case) -> None:
    match case.state:
        case "published":
            found.published += 1
            if not case.public:
                found.false_success.append(case.name)
            if not case.cards[TITLES["published"]] or not case.pings:
                found.notices_lost.append(case.name)
        case "failed":
            found.failed += 1
            if case.public:
                found.false_failure.append(case.name)
        case "unconfirmed":
            found.unconfirmed += 1
        case "late" if not case.is_planned:
            # Chosen a moment that had passed when it was handled: asked, as it should be.
            found.quiet += 1
        case state if state in QUIET:
            found.quiet += 1
            if case.public:
                found.false_failure.append(f"{case.name} ({state})")
        case state:
            found.lost.append(f"{case.name} ({state or 'never heard of'})")


def _weigh_cards(found: Verdict, case: Case) -> None:
    """Each place where there is a card must have one that says how the post stands.

    More than one is what an answer that got lost makes; the one that is kept must be true.
    """
    places = (case.cards, *case.twins)
    if any(cards.total() > 1 for cards in places) or case.pings > 1:
        shown = [dict(cards) for cards in places]
        found.notices_doubled.append(f"{case.name} {shown}, {case.pings} pings")
    if case.strays:
        found.out_of_thread.append(f"{case.name}: {case.strays}")
    title = TITLES.get(case.state)
    # A published post whose own card does not say so counts as a notice that was lost.
    judged = case.twins if case.state == "published" else places
    for cards in judged if title else ():
        if not cards[title]:
            found.cards_untrue.append(f"{case.name}: {case.state}, but shown as {dict(cards)}")


def _weigh_public(found: Verdict, case: Case, public: Public) -> None:
    if case.state == "published" and public.caption != case.caption:
        found.other_words.append(f"{case.name}: {public.caption!r}, said {case.caption!r}")
    if case.said and public.caption != case.said:
        found.words_lost.append(f"{case.name}: {public.caption!r}, last said {case.said!r}")
    if case.due_at is None:
        return
    late = (public.at - case.due_at).total_seconds()
    if late < 0:
        found.early.append(f"{case.name} ({-late:.3f} s)")
    (found.late_unknown if case.is_unclear else found.late).append(late)


async def gather(
    house: House, sent: tuple[str, ...] = (), said: Mapping[str, str] | None = None
) -> list[Case]:
    """Join what is public with what the database says.

    *sent* are the marks people sent in, *said* the captions they gave these last.
    """
    known_in_time = await _known_in_time(said or {})
    public: dict[str, list[Public]] = {}
    for one in house.instagram.published:
        found = MARK.match(one.caption)
        key = found.group() if found else one.caption
        public.setdefault(key, []).append(Public(one.published_at, one.caption))
    unclear = {
        row.target_id
        for row in await Attempt.filter(step="publish", outcome__in=("unknown", "open"))
    }
    places = await Place.all()
    chats = _Chats(house, places)
    cases: list[Case] = []
    for target in await Target.all().prefetch_related("post__place", "account"):
        name = _mark(target.post.caption)
        cases.append(
            Case(
                name, target.state, target.due_at, target.post.caption,
                tuple(public.get(name, ())), target.id in unclear, name not in sent,
                target.account.username, said=known_in_time(name, target.due_at),
                **chats.said_of(target.post, target.post.place),
            )
        )  # fmt: skip
    known = {case.name for case in cases}
    for post in await Post.filter(targets__isnull=True).prefetch_related("place"):
        name = _mark(post.caption)
        state = "cancelled" if post.stage == "cancelled" else "draft"
        said = chats.said_of(post, post.place)
        cases.append(Case(name, state, None, post.caption, tuple(public.get(name, ())), **said))
        known.add(name)
    cases += [Case(name, "", public=tuple(public.get(name, ()))) for name in set(sent) - known]
    twice = [name for name, count in Counter(case.name for case in cases).items() if count > 1]
    cases += [Case(f"{name} (handled twice)", "") for name in twice]
    return cases


async def judge(
    house: House,
    sent: tuple[str, ...] = (),
    said: Mapping[str, str] | None = None,
    taken_back: Collection[str] = (),
) -> Verdict:
    """Return the verdict over everything, recoveries included."""
    given_up = {mark for side in house.sides for mark in side.given_up(sent)}
    cases = await gather(house, sent, said)
    heard = [one for one in cases if one.state or one.name not in {*given_up, *taken_back}]
    found = weigh(heard)
    found.given_up = sum(not one.state and one.name in given_up for one in cases)
    found.rules_broken = [one for side in house.sides for one in side.broken_rules()]
    for orphan in house.orphans:
        if orphan.recovered_at is not None:
            took = orphan.recovered_at - max(orphan.killed_at, orphan.due_at)
            seconds = max(took / timedelta(seconds=1), 0.0)
            (found.recovery_unknown if orphan.may_be_sent else found.recovery).append(seconds)
    return found


def _mark(caption: str) -> str:
    found = MARK.match(caption)
    return found.group() if found else caption


_HANDLED = """
SELECT substring(convert_from(body, 'UTF8') FROM 'fault run chat [0-9]+') AS mark,
    max(handled_at) AS at
FROM inbox WHERE kind = 'event' AND handled_at IS NOT NULL AND position('bot_id' IN body) = 0
GROUP BY mark
"""
"""When the last of what people said of each post was handled; what we said ourselves aside."""

_WELL_BEFORE = timedelta(seconds=2)


async def _known_in_time(said: Mapping[str, str]) -> Callable[[str, datetime], str]:
    """Return what gives a post its last caption, "" unless all was handled well before."""
    rows = await db().execute_query_dict(_HANDLED) if said else []
    handled_at = {row["mark"]: row["at"] for row in rows}

    def caption(name: str, due_at: datetime) -> str:
        at = handled_at.get(name)
        return said.get(name, "") if at and at < due_at - _WELL_BEFORE else ""

    return caption


class _Chats:
    """What is said of each post in each place, as it stands now."""

    def __init__(self, house: House, places: list[Place]) -> None:
        self._private = [one for one in places if one.purpose == "direct" and one.person_id]
        self._cards: dict[_Where, Counter[str]] = {}
        self._pings: Counter[_Where] = Counter()
        self._threads: dict[_Where, Counter[str]] = {}
        by_chat = {side.chat: side for side in house.sides}
        for place in places:
            if place.chat in by_chat and place.purpose != "home":
                for shown in by_chat[place.chat].shown(place.chat_id):
                    self._note(place, shown)

    def _note(self, place: Place, shown: Shown) -> None:
        state, sign, number = shown.line.rpartition(" #")
        ping = PING.match(shown.line)
        if ping:
            where = (place.chat, place.chat_id, int(ping.group(1)))
            self._pings[where] += 1
        elif sign and number.isdigit() and not state.startswith("↓"):
            where = (place.chat, place.chat_id, int(number))
            self._cards.setdefault(where, Counter())[state] += 1
        else:
            return
        self._threads.setdefault(where, Counter())[shown.answers] += 1

    def said_of(self, post: Post, place: Place) -> dict[str, Any]:
        """Return what `Case` holds of it."""
        where = (place.chat, place.chat_id, post.number)
        others = {
            (one.chat, one.chat_id, post.number)
            for one in self._private
            if one.person_id == post.author_id and one.chat != place.chat
        }
        threads = self._threads.get(where, Counter())
        # Where a chat has threads, everything of a post goes to the one it came from.
        belongs = threads[post.source_ref] if place.chat == "slack" else threads.total()
        return {
            "cards": self._cards.get(where, Counter()),
            "pings": self._pings[where],
            "twins": tuple(self._cards.get(one, Counter()) for one in sorted(others)),
            "strays": threads.total() - belongs,
        }
