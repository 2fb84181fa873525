"""The queue as orders see it, and carrying a list of changes out and back, all or nothing.

Every function runs inside the caller's transaction. Posts are locked in the order of their ids,
their targets after them, so that what a list says still holds when it is applied.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from models.post import OPEN_STATES, Post, Target, lock_post
from models.rearrangement import Rearrangement
from models.series import Occurrence, Series, lock_series
from models.team import Member
from scheduling.duplicates import twins_of
from scheduling.planner import GOING_OUT, Planner, Slot
from scheduling.rearranging.changes import Change, Planned, Queue, Runs, changes_of, resumed
from scheduling.rearranging.goals import slot_of_moment
from scheduling.rearranging.sentence import Order
from scheduling.recurrence import Recurrences
from scheduling.recurring.runs import next_run, upcoming

MAX_POSTS = 1000
_MAX_TWINS_LOOKED_FOR = 60
_MAX_RUNS = 400


async def draw_up(
    order: Order, team_id: UUID, *, now: datetime, zone: str, locks: bool = False
) -> tuple[list[Change], Queue]:
    """Return what *order* would do to the queue of a team as it stands now.

    With *locks* the posts it changes are held until the transaction ends.
    """
    queue = await read_queue(order, team_id, now=now, zone=zone)
    changes = await _drawn_up(order, team_id, queue, now=now, zone=zone)
    if not locks:
        return changes, queue
    await _lock(changes)
    # What it says is said again of what is held now.
    queue = await read_queue(order, team_id, now=now, zone=zone)
    return await _drawn_up(order, team_id, queue, now=now, zone=zone), queue


async def _drawn_up(
    order: Order, team_id: UUID, queue: Queue, *, now: datetime, zone: str
) -> list[Change]:
    if order.action != "resume":
        return await _with_twins(changes_of(order, queue, now=now, zone=zone), queue)
    paused = await last_pause(team_id)
    return resumed(_changes_in(paused), queue, now=now) if paused else []


async def read_queue(order: Order, team_id: UUID, *, now: datetime, zone: str) -> Queue:
    """Read what is planned, and the posts that *order* names."""
    templates = {series.template_id for series in await Series.filter(team_id=team_id)}
    ahead = (
        await Post.filter(
            team_id=team_id,
            stage="committed",
            due_at__gt=now,
            targets__state__in=OPEN_STATES,
        )
        .distinct()
        .order_by("due_at", "number")
        .limit(MAX_POSTS)
    )
    named = await Post.filter(team_id=team_id, number__in=order.numbers) if order.numbers else []
    targets = await _targets_of([*ahead, *named])
    planned = [_planned(post, targets, templates) for post in ahead if post.id not in templates]
    runs: list[Runs] = []
    if order.action == "pause" and order.goals and not order.numbers:
        end = order.goals[0].moment_from(now, zone)
        runs = await _runs_until(end, team_id, planned, now=now)
        left_out = await _posts_of(runs)
        planned = [one for one in planned if one.post_id not in left_out]
    return Queue(planned, [_planned(post, targets, templates) for post in named], runs)


async def _targets_of(posts: Iterable[Post]) -> Mapping[UUID, list[Target]]:
    found: dict[UUID, list[Target]] = {post.id: [] for post in posts}
    for target in await Target.filter(post_id__in=list(found)).order_by("id"):
        found[target.post_id].append(target)
    return found


def _planned(post: Post, targets: Mapping[UUID, list[Target]], templates: set[UUID]) -> Planned:
    mine = [target for target in targets[post.id] if target.state != "cancelled"]
    states = {target.state for target in mine}
    slot = slot_of_post(post)
    account = mine[0].account_id if mine else None
    if post.id in templates:
        return Planned(post.id, post.number, slot, "series", account)
    if post.stage == "cancelled":
        return Planned(post.id, post.number, slot, "cancelled", account)
    if post.stage != "committed":
        return Planned(post.id, post.number, slot, "draft", account)
    if "published" in states:
        return Planned(post.id, post.number, slot, "published", account)
    if states & GOING_OUT:
        return Planned(post.id, post.number, slot, "going_out", account)
    return Planned(post.id, post.number, slot, "movable", account)


def slot_of_post(post: Post) -> Slot | None:
    """Return the slot a post has, None where it has none."""
    if post.due_at is None:
        return None
    zone = post.zone or "UTC"
    return Slot(post.due_at, post.wall_time or slot_of_moment(post.due_at, zone).wall_time, zone)


async def _runs_until(
    end: datetime, team_id: UUID, planned: Sequence[Planned], *, now: datetime
) -> list[Runs]:
    """Return the runs that a pause leaves out: not moved by hand, and not on their way."""
    moved = {one.post_id: one for one in planned}
    found = []
    for series in await Series.filter(team_id=team_id, state="active").order_by("number"):
        ahead = upcoming(series, after=now, count=_MAX_RUNS)
        made = {
            one.slot_at: moved.get(one.post_id)
            for one in await Occurrence.filter(series_id=series.id, slot_at__in=ahead)
        }
        runs = tuple(run for run in ahead if run < end and _may_leave_out(run, made))
        if runs:
            after = [run for run in ahead if run >= end]
            next_one = after[0] if after else next_run(series, after=max(end, ahead[-1]))
            found.append(Runs(series.id, series.number, runs, next_one))
    return found


def _may_leave_out(run: datetime, made: Mapping[datetime, Planned | None]) -> bool:
    """A run that was called off is left alone; one moved by hand is a post like others."""
    if run not in made:
        return True
    post = made[run]
    is_as_made = post is not None and post.slot is not None and post.slot.due_at == run
    return is_as_made and post is not None and post.standing == "movable"


async def _posts_of(runs: Sequence[Runs]) -> set[UUID]:
    found: set[UUID] = set()
    for one in runs:
        made = Occurrence.filter(series_id=one.series_id, slot_at__in=list(one.runs))
        found |= {occurrence.post_id for occurrence in await made}
    return found


async def _with_twins(changes: list[Change], queue: Queue) -> list[Change]:
    """Tell which posts would come close to one that looks the same (K7)."""
    accounts = {one.post_id: one.account_id for one in (*queue.planned, *queue.named)}
    found = []
    for index, change in enumerate(changes):
        account = accounts.get(change.post_id) if change.post_id else None
        is_looked_at = change.is_change and account and index < _MAX_TWINS_LOOKED_FOR
        post = await Post.get_or_none(id=change.post_id) if is_looked_at else None
        if post is None or account is None or change.after is None:
            found.append(change)
            continue
        twins = await twins_of(post, account, due_at=change.after.due_at)
        twin = replace(change, warning="twin", other=twins[-1].number) if twins else change
        found.append(twin)
    return found


async def _lock(changes: Iterable[Change]) -> None:
    ids = sorted(change.post_id for change in changes if change.post_id)
    for one in ids:
        await lock_post(one)
    await Target.filter(post_id__in=ids).order_by("id").select_for_update()


async def apply(
    changes: Sequence[Change],
    planner: Planner,
    recurrences: Recurrences,
    *,
    by: Member,
    now: datetime,
) -> tuple[list[Change], list[Post]]:
    """Carry a list out that was drawn up with locks; returns it with outcomes, and the posts.

    Raises:
        PlanningError: it was not drawn up with locks; the transaction must end without effect.
    """
    done, posts = [], []
    for change in changes:
        if not change.is_change:
            done.append(change)
            continue
        if change.series_id:
            is_there = await _runs(change, recurrences, takes_in=change.takes_in, now=now)
            done.append(replace(change, outcome="done" if is_there else "changed"))
            continue
        post = await lock_post(change.post_id)
        if post is None or change.after is None:
            done.append(replace(change, outcome="changed"))
            continue
        was_moved = bool(post.notes.get("moved"))
        # The words of the message no longer say when it goes out.
        post.notes = {**post.notes, "moved": True}
        await planner.move(post, change.after, by=by, now=now)
        posts.append(post)
        done.append(replace(change, outcome="done", was_moved=was_moved))
    return done, posts


async def _runs(
    change: Change, recurrences: Recurrences, *, takes_in: bool, now: datetime
) -> bool:
    """Leave the runs of a series out or take them in; False where there is none any more."""
    series = await _hold_series(change)
    ahead = [run for run in change.runs if run > now]
    if series is None or series.state == "ended" or not ahead:
        return False
    if takes_in:
        await recurrences.take_in(series, ahead, now=now)
    else:
        await recurrences.leave_out(series, ahead, now=now)
    return True


async def _hold_series(change: Change) -> Series | None:
    found = await Series.get_or_none(id=change.series_id)
    if found is None:
        return None
    # The template first: whoever presses a button of the series holds it first, too.
    await lock_post(found.template_id)
    return await lock_series(found.id)


async def take_back(
    changes: Sequence[Change],
    planner: Planner,
    recurrences: Recurrences,
    *,
    by: Member,
    now: datetime,
) -> tuple[list[Change], list[Post]]:
    """Undo what was done, of what has not been published or changed since.

    Returns the list with outcomes (`back`, or why it could not be), and drafts that have their
    old time again and are to be settled by the caller.
    """
    await _lock(changes)
    done: list[Change] = []
    drafts: list[Post] = []
    for change in changes:
        if change.outcome != "done":
            done.append(change)
        elif change.series_id:
            is_back = await _runs(change, recurrences, takes_in=not change.takes_in, now=now)
            done.append(replace(change, outcome="back" if is_back else "past"))
        else:
            outcome, post = await _back(change, planner, by=by, now=now)
            done.append(replace(change, outcome=outcome))
            if post is not None and post.stage == "draft":
                drafts.append(post)
    return done, drafts


async def _back(
    change: Change, planner: Planner, *, by: Member, now: datetime
) -> tuple[str, Post | None]:
    post = await lock_post(change.post_id)
    if post is None or change.before is None:
        return "changed", None
    states = {target.state for target in await Target.filter(post_id=post.id)}
    if "published" in states:
        return "published", None
    if states & GOING_OUT:
        return "going_out", None
    if post.stage not in {"committed", "draft"} or slot_of_post(post) != change.after:
        return "changed", None
    if change.before.due_at <= now:
        return "past", None
    post.notes = {**post.notes, "moved": change.was_moved}
    if post.stage == "committed":
        await planner.move(post, change.before, by=by, now=now)
    else:
        # It was asked about meanwhile (it looks like another one): it goes on from its old time.
        post.due_at, post.wall_time = change.before.due_at, change.before.wall_time
        post.zone = change.before.zone
        post.notes["chosen"] = True
        await post.save()
    return "back", post


async def last_pause(team_id: UUID) -> Rearrangement | None:
    """Return the pause that was applied last and neither undone nor ended."""
    return (
        await Rearrangement.filter(team_id=team_id, kind="pause", state="applied")
        .order_by("-applied_at")
        .first()
    )


def _changes_in(kept: Rearrangement) -> list[Change]:
    return [Change.from_json(one) for one in kept.changes]
