"""Opening the database: address → pool, migrations under a lock, wake-ups by LISTEN."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from tortoise import Tortoise, connections
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import BaseORMException

log = logging.getLogger(__name__)

MODEL_MODULES = (
    "models.team",
    "models.link_code",
    "models.account",
    "models.post",
    "models.series",
    "models.inbox",
    "models.outbox",
    "models.incident",
    "models.rearrangement",
    "models.installation",
)

DATABASE_TROUBLE = (
    BaseORMException,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    OSError,
    TimeoutError,
)
"""What a statement raises while the database is away, restarts, or two of us collide.

Tortoise translates most of what asyncpg raises, but not what comes while a statement is prepared.
"""

INBOX, OUTBOX, MEDIA, TARGET = "postcue_inbox", "postcue_outbox", "postcue_media", "postcue_target"
"""Channels on which the database tells that there is work."""

_MIGRATION_LOCK = 7_218_001
_CONNECT_SECONDS = 10.0
_COMMAND_SECONDS = 30.0


def connection_values(url: str) -> dict[str, Any]:
    """Return host, port, user, password, database of a postgresql:// address.

    Raises:
        ValueError: not an address of PostgreSQL; the text holds no password.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError("DATABASE_URL begins with postgresql://")
    query = parse_qs(parts.query)
    return {
        "host": query.get("host", [parts.hostname or "localhost"])[0],
        "port": int(query.get("port", [parts.port or 5432])[0]),
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password) if parts.password else None,
        "database": unquote(parts.path.lstrip("/")) or "postgres",
    }


async def _keep(_connection: object) -> None:
    """Leave a connection as it is between two users: asyncpg itself ends what is open.

    Its own reset costs a round trip after every statement. Nobody changes a session of the pool:
    no SET, LISTEN or lock that outlives its transaction.
    """


def tortoise_config(url: str, *, pool_size: int = 5) -> dict[str, Any]:
    """Return the configuration that Tortoise wants for the database at *url*."""
    return {
        "connections": {
            "default": {
                "engine": "models.pool",
                "credentials": {
                    **connection_values(url),
                    "minsize": 1,
                    "maxsize": pool_size,
                    "timeout": _CONNECT_SECONDS,
                    "command_timeout": _COMMAND_SECONDS,
                    "application_name": "postcue",
                    "reset": _keep,
                },
            }
        },
        "apps": {
            "models": {
                "models": list(MODEL_MODULES),
                "default_connection": "default",
                "migrations": "models.migrations",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }


MIGRATION_CONFIG = tortoise_config("postgresql://localhost/postgres")
"""What `tortoise makemigrations` reads the models by; no connection is made."""


@asynccontextmanager
async def open_database(url: str, *, pool_size: int = 10) -> AsyncIterator[None]:
    """Open the pool that every model uses; closed at the end."""
    # Values bound to statements (captions, sealed tokens) are printed there at DEBUG.
    logging.getLogger("tortoise").setLevel(logging.INFO)
    await Tortoise.init(
        config=tortoise_config(url, pool_size=pool_size), _enable_global_fallback=True
    )
    try:
        yield
    finally:
        await Tortoise.close_connections()


async def migrate(url: str) -> None:
    """Bring the schema up to date; safe when several processes do it at once."""
    from tortoise.migrations.api import migrate as run_migrations  # noqa: PLC0415 - run once

    lock = await asyncpg.connect(**connection_values(url), timeout=_CONNECT_SECONDS)
    try:
        await lock.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK)
        try:
            await run_migrations(config=tortoise_config(url, pool_size=1))
        finally:
            await Tortoise.close_connections()
    finally:
        await lock.close()


def db() -> BaseDBAsyncClient:
    """Return the pool for statements of our own (`execute_query_dict`, `execute_script`)."""
    pool: BaseDBAsyncClient = connections.get("default")
    return pool


class Wakeups:
    """Tells at once that there is work, so that nobody polls fast.

    A missed word does no harm: everybody who waits also looks by himself now and then.
    """

    def __init__(self, url: str, channels: tuple[str, ...]) -> None:
        self._url = url
        self._events = {channel: asyncio.Event() for channel in channels}

    async def run(self, pause: Callable[[float], Awaitable[None]]) -> None:
        """Listen until cancelled; connects again when the connection breaks."""
        while True:
            with suppress(*DATABASE_TROUBLE):
                await self._listen()
            log.info("wakeups.reconnecting")
            self.wake_all()
            await pause(1.0)

    async def _listen(self) -> None:
        lost = asyncio.Event()
        connection = await asyncpg.connect(
            **connection_values(self._url), timeout=_CONNECT_SECONDS
        )
        try:
            connection.add_termination_listener(lambda _: lost.set())
            for channel in self._events:
                await connection.add_listener(channel, self._heard)
            self.wake_all()
            await lost.wait()
        finally:
            with suppress(*DATABASE_TROUBLE):
                await connection.close(timeout=2)

    def _heard(self, _connection: object, _pid: int, channel: str, _payload: object) -> None:
        self._events[channel].set()

    def wake(self, channel: str) -> None:
        """Wake whoever waits on *channel* in this process."""
        self._events[channel].set()

    def wake_all(self) -> None:
        """Wake everybody in this process."""
        for event in self._events.values():
            event.set()

    async def wait(self, channel: str, *, at_most: float) -> None:
        """Wait until there is work on *channel*, or *at_most* seconds."""
        event = self._events[channel]
        # Not wait_for: before Python 3.12 it swallows a cancellation that comes with the event.
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most):
                await event.wait()
        event.clear()
