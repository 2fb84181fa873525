"""`make faults`: kill, stop, cut and flood the real thing, then count what was lost or doubled.

Prints one table. Exits 1 when anything was lost, doubled, early or told falsely. Seeded: the same
seed makes the same choices (their effect depends on timing).
"""

import argparse
import asyncio
import random
import signal
import statistics
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

from models.database import open_database
from models.failpoints import CHAT, CLOCK, WORKER
from models.post import WAITING_STATES, Target
from tests.faults.house import House, Member, open_house
from tests.faults.judge import Verdict, judge
from tests.faults.posts import plan_posts

ROUTES = ("create", "container", "publish", "list", "media", "limit")
ACTIONS = ("drop_before", "drop_after", "error", "error_after", "truncate", "html", "delay")
STRIKES = {
    "platform": 10, "kill": 6, "freeze": 3, "term": 2, "point": 4,
    "postgres": 1, "flush": 2, "redis": 1, "telegram": 2,
}  # fmt: skip
POINTS_OF = {"worker": WORKER, "chat": CHAT, "clock": (*CLOCK, "C12b")}
FOLDER = Path(__file__).resolve().parents[2] / ".data" / "faults"


class Storm:
    """Makes trouble until told to stop, and counts it."""

    def __init__(self, house: House, seed: int, *, pause: float) -> None:
        self.house = house
        self.random = random.Random(seed)
        self.pause = pause
        self.count: Counter[str] = Counter()

    async def rage(self, until: float) -> None:
        while time.monotonic() < until:
            await asyncio.sleep(self.random.uniform(0.5, 1.5) * self.pause)
            await self._strike()
            for member in self.house.members:
                if not member.is_up:
                    await member.start()

    async def _strike(self) -> None:
        choice = self.random.choices(tuple(STRIKES), tuple(STRIKES.values()))[0]
        self.count[choice] += 1
        await getattr(self, f"_{choice}")()

    def _victim(self) -> Member:
        return self.random.choice(self.house.members)

    async def _platform(self) -> None:
        action = self.random.choice(ACTIONS)
        more: dict[str, object] = {"status": 500} if "error" in action else {}
        if action == "delay":
            more["seconds"] = self.random.uniform(0.5, 8)
        self.house.instagram.fault(action, self.random.choice(ROUTES), **more)  # type: ignore[arg-type]

    async def _kill(self) -> None:
        await self.house.kill(self._victim())

    async def _term(self) -> None:
        self._victim().send(signal.SIGTERM)

    async def _point(self) -> None:
        """Start a process again that will die at a named point."""
        role = self.random.choices(tuple(POINTS_OF), (6, 2, 1))[0]
        member = self.random.choice([one for one in self.house.members if one.role == role])
        await self.house.kill(member)
        hit = str(self.random.randint(1, 4))
        await member.start(FAULT_POINT=self.random.choice(POINTS_OF[role]), FAULT_HIT=hit)

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
        await asyncio.to_thread(self.house.redis.start)

    async def _telegram(self) -> None:
        kind = self.random.choice(("drop", "server"))
        self.house.telegram.fails(kind, self.random.choice(("sendMessage", "editMessageText")))  # type: ignore[arg-type]


async def run(options: argparse.Namespace) -> int:
    async with open_house(FOLDER) as house:
        async with open_database(house.database_url, pool_size=4):
            now = house.telegram.world.clock.now()
            first = now + timedelta(seconds=options.lead)
            over = timedelta(seconds=options.seconds)
            await plan_posts(house, count=options.posts, first=first, over=over)
        await house.start_all()
        started = time.monotonic()
        storm = Storm(house, options.seed, pause=options.pause)
        await storm.rage(started + options.lead + options.seconds)
        calm_at = time.monotonic()
        house.instagram.faults.clear()
        house.telegram.heals()
        for member in house.members:
            member.send(signal.SIGCONT)
        await house.start_all()
        drained = await _drain(house, options.drain)
        async with open_database(house.database_url, pool_size=4):
            await _until_told(house)
            verdict = await judge(house)
        report(options, storm, house, verdict, drained - calm_at)
        return 0 if verdict.is_clean else 1


async def _drain(house: House, seconds: float) -> float:
    """Wait until nothing is under way any more; starts again what is still dying."""
    limit = time.monotonic() + seconds
    async with open_database(house.database_url, pool_size=2):
        while time.monotonic() < limit:
            if not await Target.filter(state__in=WAITING_STATES).exists():
                break
            await house.start_all()
            await asyncio.sleep(0.2)
    return time.monotonic()


async def _until_told(house: House, seconds: float = 120) -> None:
    """Wait until the chat heard of everything."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        verdict = await judge(house)
        if not verdict.notices_lost:
            return
        await asyncio.sleep(1)


def report(
    options: argparse.Namespace, storm: Storm, house: House, found: Verdict, recovery: float
) -> None:
    kills = sum(member.kills for member in house.members)
    rows: list[tuple[str, object]] = [
        ("posts", found.posts),
        ("faults made", dict(sorted(storm.count.items()))),
        ("SIGKILLs", kills),
        ("published", found.published),
        ("failed, nothing public (told so)", found.failed),
        ("unconfirmed (asked)", found.unconfirmed),
        ("lost", len(found.lost)),
        ("doubled", len(found.doubled)),
        ("early", len(found.early)),
        ("false success", len(found.false_success)),
        ("false failure", len(found.false_failure)),
        ("notices lost", len(found.notices_lost)),
        ("notices visibly doubled", len(found.notices_doubled)),
        ("late p50 / p99 / max s", _spread(found.late)),
        ("late after an unclear call, s", _spread(found.late_unknown)),
        ("recovery after SIGKILL, s", _spread(found.recovery)),
        ("… where a call may have been sent", _spread(found.recovery_unknown)),
        ("drained after the last fault, s", f"{recovery:.1f}"),
        ("seed", options.seed),
    ]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"{name:<{width}}  {value}")
    for name in ("lost", "doubled", "early", "false_success", "false_failure", "notices_lost"):
        for one in getattr(found, name)[:10]:
            print(f"  {name}: {one}")
    if not found.is_clean:
        print(f"logs: {house.folder}")


def _spread(values: list[float]) -> str:
    if not values:
        return "–"
    ordered = sorted(values)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"{statistics.median(ordered):.2f} / {p99:.2f} / {ordered[-1]:.2f} ({len(ordered)})"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--posts", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=120, help="how long the posts are due")
    parser.add_argument("--lead", type=float, default=15, help="seconds before the first post")
    parser.add_argument("--drain", type=float, default=420)
    parser.add_argument("--pause", type=float, default=1.0, help="mean seconds between two faults")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    return asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
