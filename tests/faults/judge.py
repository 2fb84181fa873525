"""What became of every post: the sandbox knows what is public, the database what was said.

`gather` reads both (and the chats), `weigh` judges them: it is pure, so that a test can plant a
doubled, lost or early post and see that it is found.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from models.post import Attempt, Post, Target
from tests.faults.house import House
from tests.faults.posts import CHATTERS, PEOPLE

MARK = re.compile(r"fault run (?:post|chat) \d+")
"""Begins every caption; what follows may be edited."""

PING = re.compile(r"✅ #(\d+) is on Instagram")
_Where = tuple[str, int]
"""A chat and a number of a post."""

QUIET = frozenset({"draft", "awaiting_approval", "cancelled", "blocked"})
"""Nothing goes out from here, and the card says so."""

REQUIRED_ZERO = (
    "lost", "doubled", "early", "false_success", "false_failure", "other_words", "notices_lost",
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
    the messages that say it is published.

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


@dataclass(slots=True)
class Verdict:
    """The counts that matter, and how late posts were (seconds from due to public)."""

    posts: int = 0
    published: int = 0
    failed: int = 0
    unconfirmed: int = 0
    quiet: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    false_success: list[str] = field(default_factory=list)
    false_failure: list[str] = field(default_factory=list)
    other_words: list[str] = field(default_factory=list)
    notices_lost: list[str] = field(default_factory=list)
    notices_doubled: list[str] = field(default_factory=list)
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
        if len(case.public) > 1:
            found.doubled.append(case.name)
        if sum(case.cards.values()) > 1 or case.pings > 1:
            found.notices_doubled.append(f"{case.name} {dict(case.cards)}, {case.pings} pings")
        if case.public:
            _weigh_public(found, case, case.public[0])
    return found


def _weigh_state(found: Verdict, case: Case) -> None:
    match case.state:
        case "published":
            found.published += 1
            if not case.public:
                found.false_success.append(case.name)
            if not case.cards["✅ Published"] or not case.pings:
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


def _weigh_public(found: Verdict, case: Case, public: Public) -> None:
    if case.state == "published" and public.caption != case.caption:
        found.other_words.append(f"{case.name}: {public.caption!r}, said {case.caption!r}")
    if case.due_at is None:
        return
    late = (public.at - case.due_at).total_seconds()
    if late < 0:
        found.early.append(f"{case.name} ({-late:.3f} s)")
    (found.late_unknown if case.is_unclear else found.late).append(late)


async def gather(house: House, sent: tuple[str, ...] = ()) -> list[Case]:
    """Join what is public with what the database says; *sent* are the marks people sent in."""
    public: dict[str, list[Public]] = {}
    for one in house.instagram.published:
        found = MARK.match(one.caption)
        key = found.group() if found else one.caption
        public.setdefault(key, []).append(Public(one.published_at, one.caption))
    unclear = {
        row.target_id
        for row in await Attempt.filter(step="publish", outcome__in=("unknown", "open"))
    }
    cards, pings = _cards(house)
    cases: list[Case] = []
    for target in await Target.all().prefetch_related("post__place", "account"):
        name = _mark(target.post.caption)
        at = (target.post.place.chat_id, target.post.number)
        cases.append(
            Case(
                name, target.state, target.due_at, target.post.caption,
                tuple(public.get(name, ())), target.id in unclear, name not in sent,
                target.account.username, cards.get(at, Counter()), pings[at],
            )
        )  # fmt: skip
    known = {case.name for case in cases}
    for post in await Post.filter(targets__isnull=True):
        name = _mark(post.caption)
        state = "cancelled" if post.stage == "cancelled" else "draft"
        cases.append(Case(name, state, None, post.caption, tuple(public.get(name, ()))))
        known.add(name)
    cases += [Case(name, "", public=tuple(public.get(name, ()))) for name in set(sent) - known]
    twice = [name for name, count in Counter(case.name for case in cases).items() if count > 1]
    cases += [Case(f"{name} (handled twice)", "") for name in twice]
    return cases


async def judge(house: House, sent: tuple[str, ...] = ()) -> Verdict:
    """Return the verdict over everything, recoveries included."""
    found = weigh(await gather(house, sent))
    for orphan in house.orphans:
        if orphan.recovered_at is not None:
            took = orphan.recovered_at - max(orphan.killed_at, orphan.due_at)
            seconds = max(took / timedelta(seconds=1), 0.0)
            (found.recovery_unknown if orphan.may_be_sent else found.recovery).append(seconds)
    return found


def _mark(caption: str) -> str:
    found = MARK.match(caption)
    return found.group() if found else caption


def _cards(house: House) -> tuple[dict[_Where, Counter[str]], Counter[_Where]]:
    """Count the live cards of every post in its chat by what they say, and the messages beside."""
    shown: dict[_Where, Counter[str]] = {}
    pings: Counter[_Where] = Counter()
    for name in (*PEOPLE, *CHATTERS):
        place = house.telegram.person(name).private
        for seen in place.from_bot():
            first = seen.text.split("\n")[0]
            state, hash_sign, number = first.rpartition(" #")
            if hash_sign and number.isdigit() and not state.startswith("↓"):
                shown.setdefault((str(place.id), int(number)), Counter())[state] += 1
            ping = PING.match(first)
            if ping:
                pings[str(place.id), int(ping.group(1))] += 1
    return shown, pings
