"""Outages of platforms: who waits for their end, written down once for all processes."""

import logging
from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.transactions import in_transaction

from models.clock import Clock
from models.database import DATABASE_TROUBLE, db
from models.ids import new_id
from models.incident import Incident
from models.outbox import tell
from models.post import WAITING_STATES
from scheduling.breaker import Breaker, is_no_answer
from scheduling.moves import wake_engine

log = logging.getLogger(__name__)

OUTAGE = "outage"
"""Under this key `last_error` of a waiting target keeps which incident it waits for."""

_FORGOTTEN = timedelta(minutes=5)
_TOO_LONG_AGO = timedelta(days=1)

_OPEN = """
INSERT INTO incident (id, platform, app, opened_at, touched_at, "left")
VALUES ($1, $2, '', $3, $3, 0)
ON CONFLICT (platform, app) WHERE closed_at IS NULL
    DO UPDATE SET touched_at = excluded.touched_at RETURNING id
"""
_JOIN = """
INSERT INTO incident_post (id, incident_id, post_id) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING RETURNING id
"""
_CLOSE = """
UPDATE incident SET closed_at = $2 WHERE closed_at IS NULL AND {which} RETURNING id
"""
_WAKE = """
UPDATE target SET next_attempt_at = now() + $2::interval
WHERE last_error->>'outage' = $1 AND state = ANY($3::text[])
    AND (lease_until IS NULL OR lease_until < now())
"""
_LEFT = """
SELECT i.id, i."left" AS before, i.closed_at, (SELECT count(*) FROM incident_post AS p
    WHERE p.incident_id = i.id AND EXISTS (SELECT 1 FROM target AS t
        WHERE t.post_id = p.post_id AND t.state = ANY($1::text[]))) AS now
FROM incident AS i WHERE i.closed_at IS NOT NULL AND i.settled_at IS NULL
FOR UPDATE OF i SKIP LOCKED
"""


class Outages:
    """Holds calls back while a platform is down. The breakers are this process's own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._breakers: defaultdict[str, Breaker] = defaultdict(Breaker)
        self._incidents: dict[str, UUID] = {}
        self._has_answered: set[str] = set()

    def wait(self, platform: str) -> timedelta:
        """Return how long a call to *platform* is held back, nothing when it may go."""
        return self._breakers[platform].wait(self._clock.now())

    def is_down(self, platform: str, err: BaseException | None) -> bool:
        """Say whether *err* is only the outage again: then it costs no try."""
        return self._breakers[platform].is_open and is_no_answer(err)

    async def saw(self, platform: str, err: BaseException | None) -> None:
        """Learn from what became of a call; opens and closes the incident."""
        breaker, now = self._breakers[platform], self._clock.now()
        if is_no_answer(err):
            if breaker.failed(now):
                log.warning("platform.down", extra={"platform": platform})
            if breaker.is_open:
                self._incidents[platform] = await _open(platform, now)
            return
        is_first = platform not in self._has_answered
        self._has_answered.add(platform)
        if breaker.answered() or is_first:
            # After a start nobody here knows what another process, now dead, had opened.
            self._incidents.pop(platform, None)
            await self._close("platform = $1", platform, now)

    async def note(self, platform: str, err: BaseException | None) -> None:
        """Learn as `saw` does; what cannot be written down now stops no post."""
        try:
            await self.saw(platform, err)
        except DATABASE_TROUBLE:
            log.warning("outage.not_noted", exc_info=True)

    async def join(self, platform: str, post_id: UUID) -> UUID:
        """Note that a post waits for *platform* to come back; returns the incident."""
        now = self._clock.now()
        incident = self._incidents.get(platform) or await _open(platform, now)
        async with in_transaction() as connection:
            rows = await connection.execute_query_dict(_JOIN, [new_id(), incident, post_id])
            if rows:
                await tell("incident", incident, "changed", now=now)
        return incident

    async def _close(self, which: str, value: object, now: datetime) -> None:
        async with in_transaction() as connection:
            closed = await connection.execute_query_dict(_CLOSE.format(which=which), [value, now])
            for row in closed:
                waiting = [str(row["id"]), self._clock.shift, list(WAITING_STATES)]
                await connection.execute_query_dict(_WAKE, waiting)
                await tell("incident", row["id"], "changed", now=now)
                log.info("platform.back", extra={"incident": str(row["id"])})
            if closed:
                await wake_engine()

    async def follow(self) -> None:
        """Tell how the posts of ended outages fare, until the last has come to an end.

        An incident that no worker touched for minutes is closed: whoever opened it is gone, or
        nobody waits for that platform any more.
        """
        now = self._clock.now()
        await self._close("touched_at < $1", now - _FORGOTTEN, now)
        async with in_transaction() as connection:
            for row in await connection.execute_query_dict(_LEFT, [list(WAITING_STATES)]):
                is_over = not row["now"] or row["closed_at"] < now - _TOO_LONG_AGO
                if row["now"] == row["before"] and not is_over:
                    continue
                settled_at = now if is_over else None
                await Incident.filter(id=row["id"]).update(left=row["now"], settled_at=settled_at)
                await tell("incident", row["id"], "changed", now=now)


async def _open(platform: str, now: datetime) -> UUID:
    rows = await db().execute_query_dict(_OPEN, [new_id(), platform, now])
    return UUID(str(rows[0]["id"]))
