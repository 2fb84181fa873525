"""Deliveries in hand: claimed place by place, held by a lease, then ended or given back.

Whoever serves a place holds its deliveries by a lease that is renewed while the work goes on.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.transactions import in_transaction

from models.clock import Clock
from models.database import DATABASE_TROUBLE, db
from models.outbox import Delivery, Outbox

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=10)
"""How long a place waits after its courier died; renewed all the while it is served."""

_BATCH = 50
PLACE_WAITS = "the place waits: "
"""Begins the error of a delivery that waits because its whole place does."""

_RENEW_SECONDS = 3.0
_NOTE_TRIES = 16
_NOTE_PAUSE_SECONDS = 0.5

_IS_HELD = f"""
EXISTS (SELECT 1 FROM delivery held WHERE held.place_id = delivery.place_id
    AND held.state = 'waiting'
    AND (held.lease_until >= $1
         OR (held.next_attempt_at > $1 AND starts_with(held.error, '{PLACE_WAITS}'))))
"""  # noqa: S608 - put together from constants
_PLACES = f"""
SELECT place_id FROM delivery
WHERE state = 'waiting' AND next_attempt_at <= $1 AND place_id <> ALL($3::uuid[])
  AND NOT {_IS_HELD}
GROUP BY place_id ORDER BY min(created_at) LIMIT $2
"""  # noqa: S608 - put together from constants
_PLACE_LOCK = "SELECT pg_try_advisory_xact_lock(7219, hashtext($1)) AS mine"
_CLAIM = f"""
UPDATE delivery SET lease_until = $3, attempts = attempts + 1 WHERE id IN (
    SELECT id FROM delivery
    WHERE place_id = $2 AND state = 'waiting' AND next_attempt_at <= $1 AND NOT {_IS_HELD}
    ORDER BY created_at, id LIMIT $4
) RETURNING id
"""  # noqa: S608 - put together from constants
_RENEW = """
UPDATE delivery SET lease_until = $3
WHERE id = ANY($1::uuid[]) AND state = 'waiting' AND lease_until = $2 RETURNING id
"""
_RELEASE = """
UPDATE delivery SET next_attempt_at = $2, lease_until = NULL, error = $3,
    attempts = attempts - $4
WHERE id = ANY($1::uuid[]) AND state = 'waiting'
"""
_NEXT = """
SELECT min(next_attempt_at) AS at FROM delivery WHERE state = 'waiting' AND next_attempt_at > $1
"""


@dataclass(slots=True)
class Hold:
    """The deliveries of a place that one courier has, and until when."""

    ids: list[UUID]
    until: datetime
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def renew(self, until: datetime) -> bool:
        """Hold them longer; False when somebody else took them (we were thought dead)."""
        async with self._one_at_a_time:
            if not self.ids:
                return True
            rows = await db().execute_query_dict(_RENEW, [self.ids, self.until, until])
            self.until = until
            return bool(rows)

    def forget(self, ids: Sequence[UUID]) -> None:
        """Hold these no longer: they are done, or given back."""
        self.ids = [one for one in self.ids if one not in ids]


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to do in a place: the newest delivery, and older ones it makes unneeded."""

    newest: Delivery
    superseded: tuple[Delivery, ...]

    @property
    def outbox(self) -> Outbox:
        """The newest row it is about."""
        return self.newest.outbox

    @property
    def ids(self) -> list[UUID]:
        """The deliveries that are done with it."""
        return [one.id for one in (self.newest, *self.superseded)]


class Deliveries:
    """The deliveries that wait, for couriers to take and to give back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def places(self, *, busy: Collection[UUID]) -> list[UUID]:
        """Give the places with something to send that nobody holds, but for *busy* ones."""
        rows = await db().execute_query_dict(_PLACES, [self._clock.now(), _BATCH, list(busy)])
        return [row["place_id"] for row in rows]

    async def next_at(self) -> datetime | None:
        """Tell when the next delivery that waits for its time is due."""
        rows = await db().execute_query_dict(_NEXT, [self._clock.now()])
        return rows[0]["at"] if rows else None

    async def claim(self, place_id: UUID) -> tuple[Hold, list[Errand]]:
        """Take the waiting deliveries of a place, oldest first, edits of one card as one."""
        now = self._clock.now()
        until = now + LEASE
        async with in_transaction() as connection:
            locked = await connection.execute_query_dict(_PLACE_LOCK, [str(place_id)])
            rows: Sequence[Mapping[str, UUID]] = []
            if locked[0]["mine"]:
                rows = await connection.execute_query_dict(_CLAIM, [now, place_id, until, _BATCH])
        found = await Delivery.filter(id__in=[row["id"] for row in rows]).prefetch_related(
            "outbox", "place"
        )
        found.sort(key=lambda one: (one.created_at, one.id))
        return Hold([one.id for one in found], until), _as_errands(found)

    @asynccontextmanager
    async def kept(self, hold: Hold) -> AsyncIterator[None]:
        """Keep the lease alive while the body runs (a slow chat, a place in line)."""
        async with asyncio.TaskGroup() as group:
            renewing = group.create_task(self._keep_renewing(hold))
            try:
                yield
            finally:
                renewing.cancel()

    async def _keep_renewing(self, hold: Hold) -> None:
        while True:
            await self._clock.pause(_RENEW_SECONDS)
            with suppress(*DATABASE_TROUBLE):
                await self.renew(hold)

    async def renew(self, hold: Hold) -> bool:
        """Hold for another while; False when somebody else took the place."""
        return await hold.renew(self._clock.now() + LEASE)

    async def finish(
        self, errand: Errand, *, state: str, reference: str = "", error: str = ""
    ) -> None:
        """End an errand's deliveries: `sent`, `dropped` or `undeliverable`."""
        now = self._clock.now()
        if state == "undeliverable":
            log.warning("courier.undeliverable", extra={"outbox": str(errand.outbox.id)})
        await note_down(
            self._clock,
            lambda: Delivery.filter(id__in=errand.ids).update(
                state=state,
                message_ref=reference,
                error=error[:200],
                sent_at=now,
                lease_until=None,
            ),
        )

    async def release(
        self, ids: Sequence[UUID], at: datetime, error: str, *, uncount: int
    ) -> None:
        """Give deliveries back until *at*; *uncount* takes tries back that were none."""
        if ids:
            await db().execute_query(_RELEASE, [list(ids), at, error, uncount])


async def note_down(clock: Clock, write: Callable[[], Awaitable[object]]) -> None:
    """Write down what was sent, also where the database is away for a few seconds.

    What is not noted is sent again, and seen twice.
    """
    for tries_left in reversed(range(_NOTE_TRIES)):
        try:
            await write()
        except DATABASE_TROUBLE:
            if not tries_left:
                raise
            await clock.pause(_NOTE_PAUSE_SECONDS)
        else:
            return


def _as_errands(deliveries: Sequence[Delivery]) -> list[Errand]:
    """Group the deliveries of one card; a card is drawn once, where its newest change stands."""
    groups: dict[object, list[Delivery]] = {}
    for one in deliveries:
        row = one.outbox
        is_card = row.purpose == "card"
        groups.setdefault((row.subject_kind, row.subject_id) if is_card else one.id, []).append(
            one
        )
    # A card comes before the notice that speaks of it, at the place of its first change.
    return [Errand(group[-1], tuple(group[:-1])) for group in groups.values()]
