"""Fans outbox rows out: one delivery for each place that is to hear of one."""

import logging
from datetime import datetime
from uuid import UUID

from tortoise.transactions import in_transaction

from bot.cards.drawing import Artist
from bot.failures import pass_on
from bot.homes import refresh_homes
from bot.missed import gather_missed
from models.clock import Clock
from models.database import DATABASE_TROUBLE
from models.outbox import Delivery, Outbox

log = logging.getLogger(__name__)

_BATCH = 50
_FAN_OUT = """
SELECT id FROM outbox WHERE fanned_out_at IS NULL
    AND NOT (event = 'late' AND purpose = 'notice' AND NOT payload ? 'alone')
ORDER BY created_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
"""


class FanOut:
    """Makes the deliveries; the *artist* knows which places an outbox row is for."""

    def __init__(self, artist: Artist, clock: Clock, *, has_homes: bool) -> None:
        self._artist = artist
        self._clock = clock
        self._has_homes = has_homes

    async def run(self) -> None:
        """Make the deliveries of every row that has none yet."""
        await gather_missed(self._clock.now())
        while True:
            async with in_transaction() as connection:
                rows = await connection.execute_query_dict(_FAN_OUT, [_BATCH])
                if not rows:
                    return
                now = self._clock.now()
                found = await Outbox.filter(id__in=[one["id"] for one in rows]).order_by(
                    "created_at", "id"
                )
                for row in found:
                    await self._make_deliveries(row, now)
                if self._has_homes:
                    await refresh_homes([row.subject_id for row in found], now=now)

    async def _make_deliveries(self, row: Outbox, now: datetime) -> None:
        told_at = await pass_on(row, now)
        for place_id in await self._places_of(row):
            if place_id == told_at:
                continue
            await Delivery.create(
                outbox_id=row.id,
                place_id=place_id,
                next_attempt_at=now,
                created_at=row.created_at,
            )
        row.fanned_out_at = now
        await row.save(update_fields=["fanned_out_at"])

    async def _places_of(self, row: Outbox) -> list[UUID]:
        try:
            return await self._artist.places_of(row)
        except DATABASE_TROUBLE:
            raise
        except Exception:
            # One row that nobody understands must not keep all others from being said.
            log.exception("courier.no_places", extra={"outbox": str(row.id)})
            return []
