"""The chain of events of posts that ended badly: what was tried, beside Instagram's calls."""

from collections.abc import Iterable
from datetime import datetime

from models.post import Attempt, Handle, Target
from sandbox.instagram.world import Container
from tests.faults.house import House

TOLD = ("failed", "unconfirmed", "late")
"""Ends that a reader of the table wants to have explained."""


async def stories(house: House) -> list[str]:
    """Return, for each post that failed or is unconfirmed, all that was tried, with times."""
    targets = await Target.filter(state__in=TOLD).order_by("due_at").prefetch_related("post")
    return [await _story(house, one) for one in targets]


async def _story(house: House, target: Target) -> str:
    attempts = await Attempt.filter(target_id=target.id).order_by("created_at")
    handles = await Handle.filter(target_id=target.id).order_by("made_at")
    head = (
        f"{target.post.caption!r} {target.state} ({target.last_error_code or '-'}), "
        f"due {target.due_at:%H:%M:%S}, {target.calls} open calls, {target.reads} reads, "
        f"{target.renewals} renewals"
    )
    lines = [(one.created_at, _tried(one, target.due_at)) for one in attempts]
    lines += [(one.made_at, _made(house, one, target.due_at)) for one in handles]
    return "\n".join([head, *(text for _, text in _in_order(lines))])


def _in_order(lines: Iterable[tuple[datetime, str]]) -> list[tuple[datetime, str]]:
    return sorted(lines, key=lambda one: one[0])


def _tried(one: Attempt, due_at: datetime) -> str:
    code = f" {one.error_code}" if one.error_code else ""
    detail = one.error.get("detail") if one.error else ""
    took = f" in {one.duration_ms} ms" if one.duration_ms is not None else ""
    return (
        f"    {_after(one.created_at, due_at)} {one.step} {one.number}: {one.outcome}{code}{took}"
        f"{f' ({detail})' if detail else ''}"
    )


def _made(house: House, one: Handle, due_at: datetime) -> str:
    kept = house.instagram.world.containers.get(one.external_id)
    what = _container(kept) if kept else "unknown to Instagram"
    dropped = f", dropped at {_after(one.dropped_at, due_at)}" if one.dropped_at else ""
    return f"    {_after(one.made_at, due_at)} container {one.external_id}: {what}{dropped}"


def _container(kept: Container) -> str:
    error = f" {kept.error}" if kept.error else ""
    return f"{kept.work}{error}, {kept.publish_calls} publish calls came in"


def _after(at: datetime, due_at: datetime) -> str:
    return f"{(at - due_at).total_seconds():+8.2f}"
