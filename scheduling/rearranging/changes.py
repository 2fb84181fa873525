"""What an order does to each post: pure, so that a list can be drawn up again and compared."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from scheduling.planner import Slot
from scheduling.rearranging.goals import Goal
from scheduling.rearranging.sentence import DayFilter, Order

Standing = Literal["movable", "going_out", "published", "cancelled", "draft", "series"]
HORIZON = timedelta(days=731)
_DAY = timedelta(days=1)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Planned:
    """A post as it stands on the queue; `slot` is None where it has no time."""

    post_id: UUID
    number: int
    slot: Slot | None
    standing: Standing
    account_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of a series that fall into a pause, and the first one after it."""

    series_id: UUID
    number: int
    runs: tuple[datetime, ...]
    next_run: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a list: a post that moves, one that stays (`why`), or runs that are left out.

    `warning` and `other` tell what to look at although it moves. `outcome` is what became of it:
    done, then back or the reason why it could not be taken back. `was_moved` is a note of the
    post's, put back with Undo. `takes_in`: the runs are not left out but come back.
    """

    number: int
    post_id: UUID | None = None
    before: Slot | None = None
    after: Slot | None = None
    why: str = ""
    warning: str = ""
    other: int = 0
    outcome: str = ""
    was_moved: bool = False
    series_id: UUID | None = None
    runs: tuple[datetime, ...] = ()
    next_run: datetime | None = None
    takes_in: bool = False

    @property
    def is_change(self) -> bool:
        """Whether something happens when it is applied."""
        return not self.why and (self.after is not None or bool(self.runs))

    def meaning(self) -> object:
        """What tells two lists apart for the person who presses Apply."""
        runs = (self.series_id, self.runs)
        return (self.number, self.post_id, self.before, self.after, self.why, self.warning, runs)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "number": self.number,
            "post": str(self.post_id) if self.post_id else None,
            "before": _slot_to_json(self.before),
            "after": _slot_to_json(self.after),
            "why": self.why,
            "warning": self.warning,
            "other": self.other,
            "outcome": self.outcome,
            "was_moved": self.was_moved,
            "series": str(self.series_id) if self.series_id else None,
            "runs": [run.isoformat() for run in self.runs],
            "next_run": self.next_run.isoformat() if self.next_run else None,
            "takes_in": self.takes_in,
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "Change":
        """Rebuild a change from `to_json`."""
        return cls(
            number=found["number"],
            post_id=UUID(found["post"]) if found["post"] else None,
            before=_slot_from_json(found["before"]),
            after=_slot_from_json(found["after"]),
            why=found["why"],
            warning=found["warning"],
            other=found["other"],
            outcome=found["outcome"],
            was_moved=found["was_moved"],
            series_id=UUID(found["series"]) if found["series"] else None,
            runs=tuple(datetime.fromisoformat(run) for run in found["runs"]),
            next_run=datetime.fromisoformat(found["next_run"]) if found["next_run"] else None,
            takes_in=found["takes_in"],
        )


@dataclass(frozen=True, slots=True)
class Queue:
    """All that is planned, and what of it an order speaks of.

    `named` are the posts of the order's numbers, `planned` everything that waits for its time.
    """

    planned: Sequence[Planned]
    named: Sequence[Planned] = ()
    runs: Sequence[Runs] = field(default=())


def changes_of(order: Order, queue: Queue, *, now: datetime, zone: str) -> list[Change]:
    """Return what *order* does to each post it speaks of, in the order of time."""
    if order.numbers:
        known = {one.number: one for one in queue.named}
        meant = [known[number] for number in _once(order.numbers) if number in known]
        missing = [number for number in _once(order.numbers) if number not in known]
    else:
        meant = [one for one in queue.planned if _is_meant(one, order.days, zone)]
        missing = []
    match order.action:
        case "swap":
            found = _swapped(meant)
        case "pause":
            found = _paused(meant, order, queue.runs, now=now, zone=zone)
        case _:
            found = [_moved(one, order.goals[0]) for one in meant]
    checked = [_checked(one, now) for one in found]
    lost = [Change(number, why="missing") for number in missing]
    return [*sorted(_warned(checked, queue.planned), key=_in_time), *lost]


def resumed(paused: Iterable[Change], queue: Queue, *, now: datetime) -> list[Change]:
    """Return what goes back to its own time when a pause ends early."""
    standing = {one.post_id: one for one in (*queue.planned, *queue.named)}
    found = []
    for change in paused:
        if change.outcome != "done":
            continue
        if change.series_id:
            runs = tuple(run for run in change.runs if run > now)
            if runs:
                found.append(replace(change, runs=runs, outcome="", takes_in=True))
            continue
        one = standing.get(change.post_id) if change.post_id else None
        if one is None or one.slot != change.after or change.before is None:
            # It was published or moved since: it is no business of the pause any more.
            continue
        back = Change(one.number, one.post_id, before=one.slot, after=change.before)
        has_passed = change.before.due_at <= now
        found.append(replace(back, after=None, why="resumed_late") if has_passed else back)
    return sorted(_warned(found, queue.planned), key=_in_time)


def _once(numbers: Sequence[int]) -> list[int]:
    return list(dict.fromkeys(numbers))


def _is_meant(one: Planned, days: DayFilter | None, zone: str) -> bool:
    if days is None or one.slot is None:
        return days is None
    at = one.slot.due_at.astimezone(ZoneInfo(zone)).date()
    match days.kind:
        case "on":
            return at == days.day
        case "from":
            return at >= days.day
        case _:
            return at < days.day


def _moved(one: Planned, goal: Goal) -> Change:
    stays = _staying(one)
    if stays or one.slot is None:
        return stays or Change(one.number, one.post_id, why="draft")
    return Change(one.number, one.post_id, before=one.slot, after=goal.slot_from(one.slot))


def _staying(one: Planned) -> Change | None:
    if one.standing == "movable" and one.slot is not None:
        return None
    why = "draft" if one.standing == "movable" else one.standing
    return Change(one.number, one.post_id, before=one.slot, why=why)


def _swapped(meant: Sequence[Planned]) -> list[Change]:
    """Both give their time to the other; where one cannot, both stay."""
    slots = [one.slot for one in meant]
    staying = [_staying(one) for one in meant]
    if len(meant) != 2 or any(staying) or None in slots:  # noqa: PLR2004 - a swap is of two
        return [
            found or Change(one.number, one.post_id, before=one.slot, why="no_partner")
            for one, found in zip(meant, staying, strict=True)
        ]
    first, second = meant
    return [
        Change(first.number, first.post_id, before=first.slot, after=second.slot),
        Change(second.number, second.post_id, before=second.slot, after=first.slot),
    ]


def _paused(
    meant: Sequence[Planned], order: Order, runs: Sequence[Runs], *, now: datetime, zone: str
) -> list[Change]:
    """What falls into the pause waits by whole days, as many for all of them, until it is over."""
    end = order.goals[0].moment_from(now, zone)
    falling = [one for one in meant if one.slot and one.slot.due_at < end]
    held = [one for one in falling if not _staying(one)]
    stays = [found for one in falling if (found := _staying(one))]
    if order.numbers:
        stays += [
            _staying(one) or Change(one.number, one.post_id, before=one.slot, why="after_pause")
            for one in meant
            if one not in falling
        ]
    days = _days_until(end, [one.slot for one in held if one.slot])
    wait = Goal("length", days=days)
    left_out = [
        Change(one.number, series_id=one.series_id, runs=one.runs, next_run=one.next_run)
        for one in runs
        if not order.numbers
    ]
    return [*(_moved(one, wait) for one in held), *stays, *left_out]


def _days_until(end: datetime, slots: Sequence[Slot]) -> int:
    """Return the least number of days that brings every slot to *end* or after it."""
    if not slots:
        return 0
    first = min(slot.due_at for slot in slots)
    days = max(1, -((first - end) // _DAY))
    while any(Goal("length", days=days).slot_from(slot).due_at < end for slot in slots):
        days += 1
    while days > 1 and all(
        Goal("length", days=days - 1).slot_from(slot).due_at >= end for slot in slots
    ):
        days -= 1
    return days


def _checked(change: Change, now: datetime) -> Change:
    if change.after is None:
        return change
    if change.after == change.before:
        return replace(change, after=None, why="same")
    if change.after.due_at <= now:
        return replace(change, why="past")
    if change.after.due_at > now + HORIZON:
        return replace(change, why="too_far")
    return change


def _warned(changes: Sequence[Change], planned: Sequence[Planned]) -> list[Change]:
    """Tell which posts would go out on one account in the same minute as another."""
    accounts = {one.post_id: one.account_id for one in planned}
    moving = {one.post_id for one in changes if one.is_change}
    taken: dict[object, list[int]] = {}
    for one in planned:
        if one.post_id not in moving and one.slot:
            taken.setdefault((one.account_id, _minute(one.slot)), []).append(one.number)
    for change in changes:
        if change.is_change and change.after:
            key = (accounts.get(change.post_id), _minute(change.after))  # type: ignore[arg-type]  # None has no account
            taken.setdefault(key, []).append(change.number)
    return [_with_clash(one, accounts, taken) for one in changes]


def _with_clash(
    change: Change, accounts: Mapping[UUID, UUID | None], taken: Mapping[object, list[int]]
) -> Change:
    if not change.is_change or change.after is None or change.post_id is None:
        return change
    there = taken.get((accounts.get(change.post_id), _minute(change.after)), [])
    others = [number for number in there if number != change.number]
    return replace(change, warning="clash", other=others[0]) if others else change


def busiest_day(changes: Sequence[Change], planned: Sequence[Planned]) -> Mapping[UUID, int]:
    """Return for each account how many posts go out within 24 hours at most, after the changes."""
    after = {one.post_id: one.after for one in changes if one.is_change and one.after}
    times: dict[UUID, list[datetime]] = {}
    for one in planned:
        slot = after.get(one.post_id) or one.slot
        if one.account_id and slot:
            times.setdefault(one.account_id, []).append(slot.due_at)
    most: Counter[UUID] = Counter()
    for account, found in times.items():
        found.sort()
        begin = 0
        for at, due in enumerate(found):
            while found[begin] <= due - _DAY:
                begin += 1
            most[account] = max(most[account], at - begin + 1)
    return most


def _minute(slot: Slot) -> datetime:
    return slot.due_at.replace(second=0, microsecond=0)


def _in_time(change: Change) -> tuple[datetime, int]:
    if change.before:
        return change.before.due_at, change.number
    return (change.runs[0] if change.runs else _NEVER), change.number


def _slot_to_json(slot: Slot | None) -> list[str] | None:
    return [slot.due_at.isoformat(), slot.wall_time, slot.zone] if slot else None


def _slot_from_json(found: Sequence[str] | None) -> Slot | None:
    return Slot(datetime.fromisoformat(found[0]), found[1], found[2]) if found else None
