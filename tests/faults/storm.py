"""Trouble of every kind, made at random until it is enough, and counted."""

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import asyncpg

from models.database import connection_values
from models.failpoints import CHAT, CLOCK, DOOR, WORKER
from tests.faults.chats import ChatMode
from tests.faults.house import House, Member

ROUTES = ("create", "container", "publish", "list", "media", "limit")
ACTIONS = ("drop_before", "drop_after", "error", "error_after", "truncate", "html", "delay")
STRIKES: Mapping[str, int] = {
    "platform": 10, "kill": 5, "freeze": 3, "term": 2, "point": 4, "call": 2, "worker": 0,
    "skew": 2, "postgres": 1, "flush": 2, "redis": 1, "telegram": 2, "store": 2,
    "slack": 6, "acknowledgements": 2, "sockets": 2, "slow": 1,
}  # fmt: skip
ONLY_ON: Mapping[str, tuple[ChatMode, ...]] = {
    "telegram": ("telegram", "both"),
    "slack": ("slack-http", "slack-socket", "both"),
    "acknowledgements": ("slack-http", "slack-socket", "both"),
    "sockets": ("slack-socket", "both"),
    "slow": ("slack-http", "slack-socket", "both"),
}
"""Trouble that there is only with some chats."""

POINTS_OF = {"worker": WORKER, "chat": CHAT, "clock": (*CLOCK, "C12b")}
_LIKELY = {"worker": 6, "chat": 2, "clock": 1, "site": 1}
CALL_POINTS = ("C16", "C16", "C17", "C18", "C19")
"""Around the publish call: its intent is committed, its outcome is not."""

SETTLED_SECONDS = 6.0
"""How long a worker must have run to count as one that can take over."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is done to how many posts. *is_quick* shortens what a lost answer has to wait for.

    *retries* are the longest waits in seconds before a failed step is tried again, "" for the
    usual ones.
    """

    posts: int
    seconds: float
    seed: int
    name: str = "mixed"
    chats: ChatMode = "telegram"
    lead: float = 6
    drain: float = 420
    pause: float = 1.0
    batches: int = 12
    chat_pause: float = 0.0
    is_quick: bool = False
    retries: str = ""
    is_pushed: bool = False
    strikes: Mapping[str, int] = field(default_factory=lambda: STRIKES)
    longest_delay: float = 8
    slow_route: str = ""
    limited: str = ""
    dying: tuple[str, ...] = ()


class Storm:
    """Makes trouble until told to stop."""

    def __init__(self, house: House, trial: Trial) -> None:
        self.house = house
        self.random = random.Random(trial.seed)
        self.trial = trial
        self.count: Counter[str] = Counter()
        self._strikes = {
            name: weight
            for name, weight in trial.strikes.items()
            if trial.chats in ONLY_ON.get(name, (trial.chats,))
        }
        self._points = points_of(trial.chats)

    async def rage(self, until: float) -> None:
        """Strike again and again until that moment of the monotonic clock."""
        while time.monotonic() < until:
            pause = self.random.uniform(0.5, 1.5) * self.trial.pause
            await asyncio.sleep(min(pause, max(until - time.monotonic(), 0.1)))
            if self._strikes:
                await self._strike()
            await self.house.start_all()

    async def _strike(self) -> None:
        strikes = self._strikes
        choice = self.random.choices(tuple(strikes), tuple(strikes.values()))[0]
        self.count[choice] += 1
        await getattr(self, f"_{choice}")()

    def _victim(self) -> Member:
        return self.random.choice(self.house.members)

    def _one_of(self, role: str) -> Member:
        return self.random.choice([one for one in self.house.members if one.role == role])

    async def _platform(self) -> None:
        action = self.random.choice(ACTIONS)
        more: dict[str, object] = {"status": 500} if "error" in action else {}
        if action == "delay":
            more["seconds"] = self.random.uniform(0.5, self.trial.longest_delay)
        self.house.instagram.fault(action, self.random.choice(ROUTES), **more)  # type: ignore[arg-type]

    async def _kill(self) -> None:
        member = self._victim()
        self.count["kill"] -= 1
        self.count[f"kill {member.role}"] += 1
        await member.kill()

    async def _worker(self) -> None:
        """Kill one worker while another one runs that can take over."""
        workers = [one for one in self.house.members if one.role == "worker"]
        now = time.monotonic()
        if all(one.is_up and now - one.started_at > SETTLED_SECONDS for one in workers):
            await self.random.choice(workers).kill()
        else:
            self.count["worker"] -= 1

    async def _call(self) -> None:
        """Have a worker die around its next publish call."""
        member = self._one_of("worker")
        await member.kill()
        await member.start(FAULT_POINT=self.random.choice(CALL_POINTS), FAULT_HIT="1")

    async def _point(self) -> None:
        """Start a process again that will die at a named point."""
        roles = tuple(self._points)
        role = self.random.choices(roles, [_LIKELY[one] for one in roles])[0]
        member = self._one_of(role)
        await member.kill()
        hit = str(self.random.randint(1, 4))
        await member.start(FAULT_POINT=self.random.choice(self._points[role]), FAULT_HIT=hit)

    async def _skew(self) -> None:
        """Start a worker or the clock again on a machine whose own clock is ten minutes off."""
        member = self._one_of(self.random.choice(("worker", "worker", "clock")))
        await member.kill()
        await member.start(FAULT_CLOCK=str(self.random.choice((600, -600))))

    async def _term(self) -> None:
        self._victim().send(signal.SIGTERM)

    async def _freeze(self) -> None:
        member = self._victim()
        member.send(signal.SIGSTOP)
        asyncio.get_running_loop().call_later(
            self.random.uniform(1, 12), member.send, signal.SIGCONT
        )

    async def _postgres(self) -> None:
        await self.house.restart_postgres()

    async def _flush(self) -> None:
        await asyncio.to_thread(self.house.flush_redis)

    async def _redis(self) -> None:
        await asyncio.to_thread(self.house.redis.stop)
        await asyncio.sleep(self.random.uniform(1, 4))
        await asyncio.to_thread(self.house.bring_redis_back)

    async def _store(self) -> None:
        self.house.take_store_away(is_broken=self.random.random() < 0.5)
        await asyncio.sleep(self.random.uniform(0.5, 3))
        self.house.bring_store_back()

    async def _telegram(self) -> None:
        self._note("telegram", self.house.side("telegram").fail(self.random))

    async def _slack(self) -> None:
        self._note("slack", self.house.side("slack").fail(self.random))

    async def _acknowledgements(self) -> None:
        if self.house.slack_side:
            self.house.slack_side.lose_acknowledgements(self.random)

    async def _sockets(self) -> None:
        if self.house.slack_side:
            self._note("sockets", await self.house.slack_side.break_sockets(self.random))

    def _note(self, strike: str, how: str) -> None:
        self.count[strike] -= 1
        self.count[f"{strike}: {how}"] += 1

    async def _slow(self) -> None:
        """Let nothing be written down of what comes in, for longer than Slack waits."""
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            values = connection_values(self.house.database_url)
            connection = await asyncpg.connect(**values, timeout=2)
            try:
                async with connection.transaction():
                    await connection.execute("LOCK TABLE inbox IN EXCLUSIVE MODE", timeout=2)
                    await asyncio.sleep(self.random.uniform(1, 5))
            finally:
                connection.terminate()


def points_of(chats: ChatMode) -> dict[str, tuple[str, ...]]:
    """Return the points to die at by role; what comes from Slack is stored by who hears it."""
    found = dict(POINTS_OF)
    if chats == "slack-http":
        found["site"] = DOOR
    elif chats != "telegram":
        found["chat"] = (*CHAT, *DOOR)
    return found
