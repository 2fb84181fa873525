"""Who is alive: a worker holds a lock of the database for its life, and others can see it (K32).

A lease whose owner's lock is free is taken over within seconds instead of at its end. Fencing and
the send deadline make that safe even when the owner lives and only lost its connection. Where a
pooler gives no session of one's own, owners carry no mark and the lease alone counts.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import asyncpg

from models.clock import Clock
from models.database import DATABASE_TROUBLE, TARGET, connection_values, db
from models.failpoints import fp
from models.post import WAITING_STATES

log = logging.getLogger(__name__)

MARK = "~"
"""Stands in the name of an owner that holds its lock; no other name has it."""

_CLASS = 7221
_CONNECT_SECONDS = 10.0
_COMMAND_SECONDS = 5.0
_LOOK_SECONDS = 1.0
_FIRST_SECONDS = 3.0

_IS_HELD = f"""EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid = {_CLASS} AND objsubid = 2
    AND objid = (hashtext({{owner}})::bigint & 4294967295)::oid {{more}})"""  # noqa: S608
_MINE = "SELECT " + _IS_HELD.format(owner="$1", more="AND pid = pg_backend_pid()") + " AS mine"
_TAKE_LOCK = "SELECT pg_advisory_lock($1::int, hashtext($2))"
_STATES = ", ".join(f"'{state}'" for state in WAITING_STATES)
_IN_HAND = f"""state IN ({_STATES}) AND next_attempt_at <= now() + $1::interval
    AND lease_until > now()"""
"""What somebody works on is due, or will be in a moment: leases need no index of their own, and
without one taking and renewing them touches no index at all."""

_A_MOMENT = timedelta(seconds=5)
_DEAD = f"""
SELECT owner FROM (SELECT DISTINCT lease_owner AS owner FROM target
    WHERE {_IN_HAND} AND strpos(lease_owner, '{MARK}') > 0) AS owners
WHERE NOT {_IS_HELD.format(owner="owner", more="")}
"""  # noqa: S608 - our own constants
_TAKE_OVER = f"""
UPDATE target SET lease_until = now() - interval '1 millisecond' WHERE id = ANY (ARRAY(
    SELECT id FROM target WHERE {_IN_HAND} AND lease_owner = ANY($2::text[])
    FOR UPDATE SKIP LOCKED)) RETURNING id
"""  # noqa: S608 - our own constants


class Presence:
    """Holds this worker's lock while it lives. `owner` is its name in the leases it takes."""

    def __init__(self, database_url: str, name: str, clock: Clock) -> None:
        """*database_url* may be empty: then there is no lock, and the name carries no mark."""
        self._url = database_url
        self._name = name
        self._marked = f"{name}{MARK}{secrets.token_hex(4)}"
        self._clock = clock
        self._is_held = False
        self._is_refused = False
        self._is_decided = asyncio.Event()

    @property
    def owner(self) -> str:
        """The name to take leases by: marked only while the lock is held."""
        return self._marked if self._is_held else self._name

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Hold the lock as long as the block lasts; it may come and go with the connection.

        The block begins with the lock held, if the database grants it within three seconds: what
        is claimed under the bare name would have to wait for its lease.
        """
        holding = asyncio.create_task(self._run())
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_FIRST_SECONDS):
                    await self._is_decided.wait()
            yield
        finally:
            holding.cancel()
            with suppress(asyncio.CancelledError):
                await holding

    async def _run(self) -> None:
        while self._url and not self._is_refused:
            try:
                await self._hold()
            except DATABASE_TROUBLE:
                log.info("presence.lost")
            finally:
                self._is_held = False
            await self._clock.pause(_LOOK_SECONDS)
        self._is_decided.set()

    async def _hold(self) -> None:
        connection = await asyncpg.connect(
            **connection_values(self._url),
            timeout=_CONNECT_SECONDS,
            command_timeout=_COMMAND_SECONDS,
            statement_cache_size=0,
        )
        try:
            await connection.execute(_TAKE_LOCK, _CLASS, self._marked)
            while await self._is_mine(connection):
                self._is_held = True
                self._is_decided.set()
                await self._clock.pause(_LOOK_SECONDS)
            # The session is shared out by a pooler: a lock in it says nothing about us.
            self._is_refused = True
            log.warning("presence.no_session")
        finally:
            self._is_held = False
            connection.terminate()

    async def _is_mine(self, connection: asyncpg.Connection) -> bool:
        return bool(await connection.fetchval(_MINE, self._marked))


class DeadOwners:
    """Frees the leases of workers that died. Any number may run."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._suspects: set[str] = set()
        self.unexpected_errors = 0

    async def run(self) -> None:
        """Look every second until cancelled."""
        while True:
            try:
                await self.look()
            except DATABASE_TROUBLE:
                self._suspects = set()
            except Exception:
                self.unexpected_errors += 1
                log.exception("presence.look_failed")
            await self._clock.pause(_LOOK_SECONDS)

    async def look(self) -> int:
        """Free what dead owners hold; returns how many targets that were.

        An owner is dead when its lock was free in two looks: one that only lost its connection
        takes it again meanwhile.
        """
        until = self._clock.shift + _A_MOMENT
        dead = {str(row["owner"]) for row in await db().execute_query_dict(_DEAD, [until])}
        gone, self._suspects = dead & self._suspects, dead
        if not gone:
            return 0
        rows = await db().execute_query_dict(_TAKE_OVER, [until, sorted(gone)])
        fp("C12b")
        if rows:
            log.warning("presence.taken_over", extra={"targets": len(rows), "owners": len(gone)})
            await db().execute_query_dict("SELECT pg_notify($1, '')", [TARGET])
        return len(rows)
