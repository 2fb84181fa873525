"""The product as it runs in production: one process for each role, at the same sandbox."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tests.support.waiting import wait_until
from tests.support.world import World, environment, free_port

ROOT = Path(__file__).resolve().parents[2]
ROLES = ("site", "chat", "worker", "worker", "clock")
_STOP_SECONDS = 30.0
_START_SECONDS = 60.0


class Process:
    """One `python -m bot ROLE`."""

    def __init__(self, role: str, environ: dict[str, str], log: Path) -> None:
        self.role = role
        self._environ = environ
        self._log = log
        self._running: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self._running is not None
        return self._running.pid

    async def start(self) -> None:
        """Begin, or begin again."""
        with self._log.open("ab") as out:
            self._running = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", self.role,
                cwd=ROOT, env=self._environ, stdout=out, stderr=out,
            )  # fmt: skip

    async def kill(self) -> None:
        """End it as `kill -9` does."""
        assert self._running is not None
        with suppress(ProcessLookupError):
            self._running.send_signal(signal.SIGKILL)
        await self._running.wait()

    async def stop(self) -> int:
        """End it as SIGTERM does, and give its exit status; -9 when it had to be killed before."""
        assert self._running is not None
        with suppress(ProcessLookupError):
            self._running.terminate()
        async with asyncio.timeout(_STOP_SECONDS):
            return await self._running.wait()

    def log(self) -> str:
        """Return all it wrote."""
        return self._log.read_text(errors="replace")


class Processes:
    """All of them."""

    def __init__(self, members: Sequence[Process]) -> None:
        self.members = members

    def of(self, role: str) -> list[Process]:
        """Return those of a role."""
        return [one for one in self.members if one.role == role]

    def by_pid(self, pid: int) -> Process:
        """Return the one of that number."""
        return next(one for one in self.members if one.pid == pid)


@asynccontextmanager
async def running_processes(
    world: World, *, redis_url: str, folder: Path
) -> AsyncIterator[Processes]:
    """Run the product of *world* (which must not run itself) as processes of their own."""
    port = world.settings.http_port
    base = dict(os.environ) | environment(
        world.outside, port=port, folder=folder, telegram=world.telegram, instagram=world.instagram
    )
    base |= {"DATABASE_URL": world.database_url, "REDIS_URL": redis_url}
    members = []
    for number, role in enumerate(ROLES):
        own = base if role == "site" else {**base, "HTTP_PORT": str(free_port())}
        members.append(Process(role, own, folder / f"{role}-{number}.log"))
    for one in members:
        await one.start()
    try:
        await wait_until(
            lambda: world.telegram.journal.of("getUpdates"),
            what="the chat process asks for updates",
            seconds=_START_SECONDS,
        )
        await wait_until(
            lambda: all("process.started" in one.log() for one in members),
            what="every process has started",
            seconds=_START_SECONDS,
        )
        yield Processes(members)
    finally:
        for one in members:
            await one.stop()
        for one in members:
            world.log_lines.write(one.log())
