"""Gives the runs of a series other clocks, or the same ones in another zone."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from models.failpoints import fp
from models.post import lock_post
from models.series import Occurrence, Series
from scheduling.errors import AlreadyGoingOut
from scheduling.planner import Planner, Slot
from scheduling.recurring.clock_changes import note_change
from scheduling.recurring.runs import LOOKS_BACK, days_of, iso, runs_up_to, wall_text
from scheduling.recurring.taking_back import take_back
from scheduling.when.rule import Rule, instant_of_run, parse_rule


async def change_slots(
    planner: Planner, series: Series, rule: Rule, begin: datetime, zone: str, *, now: datetime
) -> list[datetime]:
    """Give every run its new slot: the n-th of a day stays the n-th of that day."""
    before = days_of(series, now)
    today = now.astimezone(ZoneInfo(series.zone)).date()
    if rule.count is not None:
        rule.count += runs_up_to(rule, begin, today) - runs_up_to(
            parse_rule(series.rule), datetime.fromisoformat(series.dtstart), today
        )
    old_zone = series.zone
    series.rule, series.zone = rule.text(), zone
    series.dtstart = begin.isoformat(timespec="seconds")
    after = days_of(series, now)
    moves = {
        instant_of_run(wall, old_zone): after[day][index]
        for day, walls in before.items()
        for index, wall in enumerate(walls)
        if index < len(after.get(day, ()))
    }
    walls = {
        wall_text(old, old_zone): wall_text(instant_of_run(wall, zone), zone)
        for old, wall in moves.items()
    }
    series.skipped = [walls.get(wall, wall) for wall in series.skipped]
    return await _move_runs(planner, series, moves, now=now)


async def _move_runs(
    planner: Planner,
    series: Series,
    moves: Mapping[datetime, datetime],
    *,
    now: datetime,
) -> list[datetime]:
    known = await Occurrence.filter(series_id=series.id, slot_at__gt=now - LOOKS_BACK)
    paired = [one for one in known if one.slot_at in moves]
    # All leave their slots before any takes its new one: a slot may be another's old one.
    await Occurrence.filter(id__in=[one.id for one in paired]).delete()
    kept: list[datetime] = []
    taken: set[datetime] = set()
    for one in paired:
        wall = moves[one.slot_at]
        slot = Slot(instant_of_run(wall, series.zone), iso(wall), series.zone)
        if not await _move_run(planner, series, one, slot, now=now):
            kept.append(one.slot_at)
        # Where the clocks change, two clock times may be one moment.
        slot_at = one.slot_at if slot.due_at in taken else slot.due_at
        taken.add(slot_at)
        fp("C25")
        await Occurrence.create(
            series_id=series.id,
            slot_at=slot_at,
            post_id=one.post_id,
            created_at=one.created_at,
        )
    fp("C26b")
    for one in known:
        if one not in paired and one.slot_at > now:
            await take_back(planner, series, now=now, only=one.slot_at)
    return kept


async def _move_run(
    planner: Planner, series: Series, one: Occurrence, slot: Slot, *, now: datetime
) -> bool:
    """Move the post of a run along; False when it keeps its old time because of the hour."""
    post = await lock_post(one.post_id)
    is_open = post is not None and post.stage in {"draft", "committed"}
    if post is None or not is_open or post.due_at != one.slot_at or one.slot_at <= now:
        # Out already, called off, or moved by somebody: that stays as it is.
        return True
    if slot.due_at <= now:
        return False
    note_change(post, series, slot.due_at)
    if post.stage == "draft":
        post.due_at, post.wall_time, post.zone = slot.due_at, slot.wall_time, slot.zone
        await post.save()
        return True
    with suppress(AlreadyGoingOut):
        await planner.move(post, slot, by=None, now=now)
    return True
