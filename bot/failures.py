"""Tells a team's failures a second time, in its one place for that (`/failures here`).

Whatever pings somebody about a post or an account that did not do as planned is passed on: one
message for each in that place, edited ever after, so that everybody sees how it ended.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from models.database import db
from models.outbox import Outbox, tell

POST_TROUBLES = frozenset({"failed", "unconfirmed", "late", "held"})
"""Notices about a post that are passed on."""

_PLACE_OF = {
    "post": """SELECT f.id FROM place AS f JOIN post AS own ON own.team_id = f.team_id
        WHERE own.id = $1 AND f.tells_failures AND f.is_open""",
    "account": """SELECT f.id FROM place AS f JOIN account AS own ON own.team_id = f.team_id
        WHERE own.id = $1 AND f.tells_failures AND f.is_open""",
    "missed": """SELECT f.id FROM place AS f JOIN place AS own ON own.team_id = f.team_id
        WHERE own.id = $1 AND f.id <> own.id AND f.tells_failures AND f.is_open""",
}
_TOLD = """
SELECT id FROM outbox WHERE subject_kind = $1 AND subject_id = $2
ORDER BY created_at DESC, id DESC LIMIT 1
"""


async def pass_on(row: Outbox, now: datetime) -> UUID | None:
    """Have the team's place for failures told about *row* where it is about one.

    Call it in the transaction that fans *row* out. Returns the place where the failure is told
    from its beginning: there *row* itself need not be said any more.
    """
    match row.subject_kind:
        case "post" if row.purpose == "notice" and row.event in POST_TROUBLES:
            return await _begin("trouble", row, now)
        case "post" if row.purpose == "card":
            await _go_on("trouble", row, now)
        case "account" if row.event == "needs_reconnect":
            return await _begin("account_trouble", row, now)
        case "account":
            await _go_on("account_trouble", row, now)
        case "missed" if row.place_id:
            await _pass_on_missed(row, now)
    return None


async def _place_for(kind: str, subject: UUID) -> UUID | None:
    rows = await db().execute_query_dict(_PLACE_OF[kind], [subject])
    return rows[0]["id"] if rows else None


async def _begin(kind: str, row: Outbox, now: datetime) -> UUID | None:
    place_id = await _place_for(row.subject_kind, row.subject_id)
    if place_id:
        payload: dict[str, object] = {"since": row.created_at.isoformat()}
        await tell(kind, row.subject_id, "began", place_id=place_id, payload=payload, now=now)
    return place_id


async def _go_on(kind: str, row: Outbox, now: datetime) -> None:
    """Have the notice of what once failed redrawn, if there is one."""
    rows = await db().execute_query_dict(_TOLD, [kind, row.subject_id])
    if not rows:
        return
    told = await Outbox.get(id=rows[0]["id"])
    payload: dict[str, Any] = told.payload
    subject = row.subject_id
    if "batch" in payload:
        kind, subject = "missed_told", UUID(payload["batch"])
    await tell(kind, subject, "changed", place_id=told.place_id, payload=payload, now=now)


async def _pass_on_missed(row: Outbox, now: datetime) -> None:
    """Tell of several missed posts in one message; each of them keeps it true from then on."""
    place_id = await _place_for("missed", row.place_id) if row.place_id else None
    if place_id is None:
        return
    posts = row.payload.get("posts")
    payload = {"batch": str(row.subject_id), **row.payload}
    known = {"subject_kind": "missed_told", "subject_id": row.subject_id}
    if not await Outbox.filter(**known).exists():
        for post in posts if isinstance(posts, list) else []:
            await Outbox.create(
                subject_kind="trouble",
                subject_id=UUID(str(post)),
                event="batch",
                place_id=place_id,
                payload=payload,
                created_at=now,
                fanned_out_at=now,
            )
    await tell(
        "missed_told", row.subject_id, "changed", place_id=place_id, payload=payload, now=now
    )
