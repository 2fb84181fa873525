"""What became of every post: the sandbox knows what is public, the database what was said."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from models.post import Attempt, Target
from tests.faults.house import House
from tests.faults.posts import PEOPLE


@dataclass(slots=True)
class Verdict:
    """The counts that matter, and how late posts were (seconds from due to public)."""

    posts: int = 0
    published: int = 0
    failed: int = 0
    open: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    false_success: list[str] = field(default_factory=list)
    false_failure: list[str] = field(default_factory=list)
    unconfirmed: int = 0
    notices_lost: list[str] = field(default_factory=list)
    notices_doubled: list[str] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    late_unknown: list[float] = field(default_factory=list)
    recovery: list[float] = field(default_factory=list)
    recovery_unknown: list[float] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (
            self.lost
            or self.doubled
            or self.early
            or self.false_success
            or self.false_failure
            or self.notices_lost
        )


async def judge(house: House) -> Verdict:
    """Join what is public with what the database says, post by post."""
    public: dict[str, list[datetime]] = {}
    for one in house.instagram.published:
        public.setdefault(one.caption, []).append(one.published_at)
    found = Verdict()
    targets = await Target.all().prefetch_related("post")
    unclear = {
        row.target_id
        for row in await Attempt.filter(step="publish", outcome__in=("unknown", "open"))
    }
    cards = _cards(house)
    for target in targets:
        caption = target.post.caption
        times = public.get(caption, [])
        found.posts += 1
        _count(found, target, caption, times)
        if times:
            late = (times[0] - target.due_at).total_seconds()
            (found.late_unknown if target.id in unclear else found.late).append(late)
        shown = cards[target.post.number]
        if target.state == "published" and not shown["✅ Published"]:
            found.notices_lost.append(caption)
        if sum(shown.values()) > 1:
            found.notices_doubled.append(caption)
    _recoveries(house, found, public)
    return found


def _recoveries(house: House, found: Verdict, public: dict[str, list[datetime]]) -> None:
    """Measure from the kill (or the slot, if that came later) until the post was public."""
    for orphan in house.orphans:
        times = public.get(orphan.caption)
        if times and times[0] > orphan.killed_at:
            took = (times[0] - max(orphan.killed_at, orphan.due_at)).total_seconds()
            (found.recovery_unknown if orphan.may_be_sent else found.recovery).append(took)


def _count(found: Verdict, target: Target, caption: str, times: list[datetime]) -> None:
    match target.state:
        case "published":
            found.published += 1
            if not times:
                found.false_success.append(caption)
        case "failed":
            found.failed += 1
            if times:
                found.false_failure.append(caption)
        case "unconfirmed":
            found.unconfirmed += 1
        case "late":
            found.lost.append(f"{caption} ({target.state})")
        case _:
            found.open += 1
            found.lost.append(f"{caption} ({target.state})")
    if len(times) > 1:
        found.doubled.append(caption)
    if times and times[0] < target.due_at:
        found.early.append(caption)


def _cards(house: House) -> dict[int, Counter[str]]:
    """Count the live cards of every post in the chat, by what their first line says."""
    shown: dict[int, Counter[str]] = {}
    said = [seen for name in PEOPLE for seen in house.telegram.person(name).private.from_bot()]
    for seen in said:
        first = seen.text.split("\n")[0]
        state, hash_sign, number = first.rpartition(" #")
        if hash_sign and number.isdigit() and not state.startswith("↓"):
            shown.setdefault(int(number), Counter())[state] += 1
    return Missing(shown)


class Missing(dict[int, Counter[str]]):
    """No card at all counts as none of any kind."""

    def __missing__(self, key: int) -> Counter[str]:
        return Counter()
