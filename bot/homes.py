"""Keeping Homes true: what changes for a team is drawn on the Homes its people have opened."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from models.database import db
from models.outbox import Delivery, Outbox, tell
from models.team import Place

GATHER = timedelta(seconds=2)
"""How long changes are gathered before a Home is drawn again."""

_STALE = """
SELECT place.id, place.person_id FROM place
WHERE place.purpose = 'home' AND place.is_open AND place.person_id IS NOT NULL
  AND place.team_id IN (
    SELECT team_id FROM post WHERE id = ANY($1::uuid[])
    UNION SELECT team_id FROM account WHERE id = ANY($1::uuid[]))
  AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.place_id = place.id
    AND delivery.state = 'waiting' AND delivery.lease_until IS NULL)
"""


async def redraw_home_of(member_id: UUID, *, now: datetime) -> None:
    """Have a person's Homes drawn again whose language or zone is another now."""
    for place in await Place.filter(person_id=member_id, purpose="home", is_open=True):
        await tell("home", member_id, "changed", place_id=place.id, now=now)


async def refresh_homes(subjects: Sequence[UUID], *, now: datetime) -> None:
    """Have the Homes drawn again of the teams whose posts or accounts are among *subjects*.

    One that waits to be drawn shows the newest state anyway. Call it in a transaction.
    """
    for row in await db().execute_query_dict(_STALE, [list(subjects)]):
        change = await Outbox.create(
            subject_kind="home",
            subject_id=row["person_id"],
            event="changed",
            place_id=row["id"],
            created_at=now,
            fanned_out_at=now,
        )
        await Delivery.create(
            outbox_id=change.id,
            place_id=row["id"],
            next_attempt_at=now + GATHER,
            created_at=now,
        )
