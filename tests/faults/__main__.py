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
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    "worker": 0, "postgres": 1, "flush": 2, "redis": 1, "telegram": 2,
}  # fmt: skip
POINTS_OF = {"worker": WORKER, "chat": CHAT, "clock": (*CLOCK, "C12b")}
FOLDER = Path(__file__).resolve().parents[2] / ".data" / "faults"


@dataclass(frozen=True, slots=True)
class Trial:
    """What is done to how many posts. *is_quick* shortens what a lost answer has to wait for."""

    posts: int
    seconds: float
    seed: int
    lead: float = 15
    drain: float = 420
    pause: float = 1.0
    strikes: Mapping[str, int] = field(default_factory=lambda: STRIKES)
    longest_delay: float = 8
    is_quick: bool = False


@dataclass(slots=True)
class Outcome:
    """What a trial showed."""

    verdict: Verdict
    faults: Counter[str]
    kills: int
    drained_after: float
    logs: Path


class Storm:
    """Makes trouble until told to stop, and counts it."""

    def __init__(self, house: House, trial: Trial) -> None:
        self.house = house
        self.random = random.Random(trial.seed)
        self.pause = trial.pause
        self.strikes = trial.strikes
        self.longest_delay = trial.longest_delay
        self.count: Counter[str] = Counter()

    async def rage(self, until: float) -> None:
        while time.monotonic() < until:
            await asyncio.sleep(self.random.uniform(0.5, 1.5) * self.pause)
            await self._strike()
            for member in self.house.members:
                if not member.is_up:
                    await member.start()

    async def _strike(self) -> None:
        choice = self.random.choices(tuple(self.strikes), tuple(self.strikes.values()))[0]
        self.count[choice] += 1
        await getattr(self, f"_{choice}")()

    def _victim(self) -> Member:
        return self.random.choice(self.house.members)

    async def _platform(self) -> None:
        action = self.random.choice(ACTIONS)
        more: dict[str, object] = {"status": 500} if "error" in action else {}
        if action == "delay":
            more["seconds"] = self.random.uniform(0.5, self.longest_delay)
        self.house.instagram.fault(action, self.random.choice(ROUTES), **more)  # type: ignore[arg-type]

    async def _kill(self) -> None:
        await self.house.kill(self._victim())

    async def _worker(self) -> None:
        """Kill one worker while another one runs."""
        workers = [one for one in self.house.members if one.role == "worker" and one.is_up]
        if len(workers) > 1:
            await self.house.kill(self.random.choice(workers))

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


async def run(trial: Trial, folder: Path = FOLDER) -> Outcome:
    """Do one trial from beginning to end."""
    async with open_house(folder, is_quick=trial.is_quick) as house:
        await house.start_all()
        await house.is_ready()
        async with open_database(house.database_url, pool_size=4):
            now = house.telegram.world.clock.now()
            first = now + timedelta(seconds=trial.lead)
            over = timedelta(seconds=trial.seconds)
            started = time.monotonic()
            await plan_posts(house, count=trial.posts, first=first, over=over)
        storm = Storm(house, trial)
        await storm.rage(started + trial.lead + trial.seconds)
        calm_at = time.monotonic()
        house.instagram.faults.clear()
        house.telegram.heals()
        for member in house.members:
            member.send(signal.SIGCONT)
        await house.start_all()
        drained = await _drain(house, trial.drain)
        async with open_database(house.database_url, pool_size=4):
            await _until_told(house, 60 + 2 * trial.posts)
            verdict = await judge(house)
        kills = sum(member.kills for member in house.members)
        return Outcome(verdict, storm.count, kills, drained - calm_at, house.folder)


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


async def _until_told(house: House, seconds: float) -> None:
    """Wait until the chat heard of everything."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        verdict = await judge(house)
        if not verdict.notices_lost:
            return
        await house.start_all()
        await asyncio.sleep(1)


def report(trial: Trial, outcome: Outcome) -> None:
    """Print the table."""
    found = outcome.verdict
    rows: list[tuple[str, object]] = [
        ("posts", found.posts),
        ("faults made", dict(sorted(outcome.faults.items()))),
        ("SIGKILLs", outcome.kills),
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
        ("drained after the last fault, s", f"{outcome.drained_after:.1f}"),
        ("seed", trial.seed),
    ]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"{name:<{width}}  {value}")
    for name in ("lost", "doubled", "early", "false_success", "false_failure", "notices_lost"):
        for one in getattr(found, name)[:10]:
            print(f"  {name}: {one}")
    if not found.is_clean:
        print(f"logs: {outcome.logs}")


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
    parser.add_argument(
        "--only", nargs="+", choices=STRIKES, default=[], help="the kinds of trouble to make"
    )
    options = vars(parser.parse_args())
    only = options.pop("only")
    strikes = {name: max(STRIKES[name], 1) for name in only} or STRIKES
    trial = Trial(**options, strikes=strikes)
    outcome = asyncio.run(run(trial))
    report(trial, outcome)
    return 0 if outcome.verdict.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
