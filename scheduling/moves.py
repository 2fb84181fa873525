"""The one gate that every new state passes; the database holds the same table."""

from datetime import datetime
from uuid import UUID

from models.database import TARGET, db
from models.post import POST_MOVES, TARGET_MOVES, Target
from scheduling.errors import IllegalMove
from scheduling.timing import Timing


def require_target_move(was: str, becomes: str) -> None:
    """Let a target go on from *was* to *becomes*; staying is always allowed.

    Raises:
        IllegalMove: the table of moves does not know it.
    """
    if was != becomes and becomes not in TARGET_MOVES.get(was, frozenset()):
        raise IllegalMove(was, becomes)


def require_post_move(was: str, becomes: str) -> None:
    """Let a post go on from stage *was* to *becomes*; staying is always allowed.

    Raises:
        IllegalMove: the table of moves does not know it.
    """
    if was != becomes and becomes not in POST_MOVES.get(was, frozenset()):
        raise IllegalMove(was, becomes)


def first_step_at(target_id: UUID, due_at: datetime, now: datetime, timing: Timing) -> datetime:
    """Return when the engine begins with a target: up to an hour before its slot, spread out."""
    return max(now, due_at - timing.prepare_lead(target_id))


def start_over(target: Target, *, lateness_allowed: bool) -> None:
    """Forget what was tried for *target*; the next try is its first."""
    target.attempt = target.reads = target.polls = target.calls = target.renewals = 0
    target.intent_at = None
    target.resume_state = ""
    target.lateness_allowed = lateness_allowed
    target.last_error_code = ""
    target.last_error = {}


async def move_target(target: Target, becomes: str, now: datetime) -> None:
    """Save a locked *target* in its next state, out of the hands of whoever worked on it."""
    require_target_move(target.state, becomes)
    target.state = becomes
    target.rev += 1
    target.epoch += 1
    target.lease_owner = None  # type: ignore[assignment]  # the column may be empty
    target.lease_until = None
    target.updated_at = now
    await target.save()


async def wake_engine() -> None:
    """Have the engine look at once when the present transaction commits."""
    await db().execute_query_dict("SELECT pg_notify($1, '')", [TARGET])
