"""Gathers what missed its time into one question for each place (K4)."""

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.transactions import in_transaction

from models.ids import new_id
from models.outbox import Outbox, tell

QUIET = timedelta(seconds=2)
"""So long we wait for more: after a downtime all that was missed is found within moments."""

_LATE = """
SELECT o.id, o.subject_id, o.created_at, p.place_id FROM outbox AS o
JOIN post AS p ON p.id = o.subject_id
WHERE o.fanned_out_at IS NULL AND o.subject_kind = 'post' AND o.event = 'late'
    AND o.purpose = 'notice' AND NOT o.payload ? 'alone'
ORDER BY o.created_at, o.id LIMIT 1000 FOR UPDATE OF o SKIP LOCKED
"""
_LOCK = "SELECT pg_try_advisory_xact_lock(7220, 1) AS mine"


async def gather_missed(now: datetime) -> None:
    """Make one question of several posts that a place missed; a single one speaks for itself."""
    async with in_transaction() as connection:
        mine = await connection.execute_query_dict(_LOCK)
        if not mine[0]["mine"]:
            return
        places: dict[UUID, list[dict[str, object]]] = defaultdict(list)
        for row in await connection.execute_query_dict(_LATE):
            places[row["place_id"]].append(row)
        for place_id, rows in places.items():
            newest: datetime = max(row["created_at"] for row in rows)  # type: ignore[type-var, assignment]  # a moment
            if newest + QUIET <= now:
                await _ask(place_id, rows, now)


async def _ask(place_id: UUID, rows: list[dict[str, object]], now: datetime) -> None:
    ids = [row["id"] for row in rows]
    if len({row["subject_id"] for row in rows}) == 1:
        await Outbox.filter(id__in=ids[1:]).update(fanned_out_at=now)
        await Outbox.filter(id=ids[0]).update(payload={"alone": True})
        return
    posts = list(dict.fromkeys(str(row["subject_id"]) for row in rows))
    await Outbox.filter(id__in=ids).update(fanned_out_at=now)
    await tell_missed(new_id(), posts, place_id=place_id, now=now)


async def tell_missed(batch: UUID, posts: list[str], *, place_id: UUID, now: datetime) -> None:
    """Have the question about *posts* drawn as things stand now."""
    payload: dict[str, object] = {"posts": posts}
    await tell("missed", batch, "changed", place_id=place_id, payload=payload, now=now)
