"""One trial from beginning to end: plan, make trouble, calm down, wait, judge."""

import asyncio
import os
import time
from collections import Counter
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from signal import SIGCONT

from models.account import Account
from models.database import DATABASE_TROUBLE, open_database
from models.outbox import Outbox
from models.post import WAITING_STATES, Target
from sandbox.instagram.faults import Fault
from tests.faults.chatter import Chatter
from tests.faults.house import House, open_house
from tests.faults.judge import Verdict, gather, judge
from tests.faults.posts import BRANDS, Planning, settle_in
from tests.faults.storm import Storm, Trial
from tests.faults.story import stories

FOLDER = Path(__file__).resolve().parents[2] / ".data" / "faults"
PUNCTUAL_SECONDS = 5.0
"""How late a post may be while only another account is in trouble."""

_NOTICED_SECONDS = 5.0


@dataclass(slots=True)
class Outcome:
    """What a trial showed."""

    trial: Trial
    verdict: Verdict
    faults: Counter[str]
    kills: int
    drained_after: float
    logs: Path
    stories: list[str] = field(default_factory=list)


async def run(trial: Trial, folder: Path | None = None) -> Outcome:
    """Do one trial from beginning to end, in a folder of its own unless one is given."""
    folder = folder or FOLDER / str(os.getpid())
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(
            open_house(
                folder,
                chats=trial.chats,
                is_quick=trial.is_quick,
                is_pushed=trial.is_pushed,
                FAULT_RETRIES=trial.retries,
            )
        )
        await house.start_all()
        await house.is_ready()
        await stack.enter_async_context(open_database(house.database_url, pool_size=4))
        crew = await settle_in(house)
        if trial.chat_pause:
            for side in house.sides:
                side.disturb(trial.seed)
        storm = Storm(house, trial)
        chatter = Chatter(house, trial.seed, pause=trial.chat_pause)
        deaths = _Deaths(house, trial)
        talking = asyncio.create_task(chatter.talk()) if trial.chat_pause else None
        watching = [asyncio.create_task(one) for one in deaths.all()]
        scene = _set_the_scene(house, trial)
        await asyncio.gather(
            _plan(Planning(house, crew), trial),
            storm.rage(time.monotonic() + trial.lead + trial.seconds),
        )
        calm_at = time.monotonic()
        for task in (talking, *watching):
            await _end(task)
        await _calm_down(house)
        drained = await _drain(house, trial.drain)
        # A chat is told one thing a second, and each post says two.
        await _until_told(house, chatter, 60 + trial.posts)
        verdict = await judge(house, chatter.marks, chatter.said, chatter.taken_back)
        await _judge_the_scene(house, trial, deaths, verdict, chatter.marks)
        faults = sum((side.count for side in house.sides), storm.count + chatter.count)
        faults += Counter({f"token revoked at {step}": 1 for step in deaths.at})
        if scene:
            faults["calls slowed or refused for long"] += sum(one.met for one in scene)
        kills = sum(member.kills for member in house.members)
        told = await stories(house)
        return Outcome(trial, verdict, faults, kills, drained - calm_at, house.folder, told)


async def _plan(planning: Planning, trial: Trial) -> None:
    """Plan some, a little before they are due, again and again until all are planned."""
    batches = min(trial.batches, max(trial.posts, 1))
    slice_seconds = trial.seconds / batches
    began = time.monotonic()
    for number in range(batches):
        count = trial.posts * (number + 1) // batches - planning.planned
        first = planning.now() + timedelta(seconds=trial.lead)
        await planning.plan(count, first=first, over=timedelta(seconds=slice_seconds))
        rest = began + slice_seconds * (number + 1) - time.monotonic()
        await asyncio.sleep(max(rest, 0))


def _set_the_scene(house: House, trial: Trial) -> list[Fault]:
    """Put up what holds all the time."""
    made = []
    if trial.slow_route:
        made.append(house.instagram.fault("delay", trial.slow_route, times=None, seconds=1.0))
    if trial.limited:
        more = {"account": trial.limited, "times": None, "status": 429, "code": 4}
        made.append(house.instagram.fault("error", None, **more))
    return made


async def _calm_down(house: House) -> None:
    house.instagram.faults.clear()
    house.bring_store_back()
    await asyncio.to_thread(house.bring_redis_back)
    for side in house.sides:
        await side.calm()
    for member in house.members:
        member.send(SIGCONT)
    await house.start_all()
    await house.site_answers()
    for side in house.sides:
        side.hurry()


async def _drain(house: House, seconds: float) -> float:
    """Wait until nothing is under way any more; starts again what is still dying."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        with suppress(*DATABASE_TROUBLE):
            if not await Target.filter(state__in=WAITING_STATES).exists():
                break
        await house.start_all()
        await asyncio.sleep(0.2)
    return time.monotonic()


async def _until_told(house: House, chatter: Chatter, seconds: float) -> None:
    """Wait until the chats heard of everything, and every message was handled."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        verdict = await judge(house, chatter.marks, taken_back=chatter.taken_back)
        if not (verdict.notices_lost or verdict.lost or verdict.cards_untrue):
            return
        await house.start_all()
        await asyncio.sleep(1)


async def _end(task: "asyncio.Task[None] | None") -> None:
    if task:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class _Deaths:
    """Takes accounts their tokens away at a step each, and remembers when."""

    def __init__(self, house: House, trial: Trial) -> None:
        self._house = house
        self._steps = dict(zip(trial.dying, BRANDS, strict=False))
        self.at: dict[str, datetime] = {}

    def all(self):
        return [self._one(step, brand) for step, brand in self._steps.items()]

    def brand(self, step: str) -> str:
        return self._steps[step]

    async def _one(self, step: str, brand: str) -> None:
        """Revoke while the first call of that step is on its way; at once for "before"."""
        if step != "before":
            fault = self._house.instagram.fault("delay", step, account=brand, seconds=0.4)
            while not fault.met:
                await asyncio.sleep(0.02)
        self._house.instagram.kill_tokens(brand)
        self.at[step] = self._house.instagram.now()


async def _judge_the_scene(
    house: House, trial: Trial, deaths: _Deaths, verdict: Verdict, marks: tuple[str, ...]
) -> None:
    """Judge what only holds where nothing but one account (or some) was in trouble."""
    if trial.limited or trial.dying:
        ill = {trial.limited, *(deaths.brand(step) for step in trial.dying)}
        for case in await gather(house, marks):
            if case.account not in ill and case.due_at and case.public:
                late = (case.public[0].at - case.due_at).total_seconds()
                if late > PUNCTUAL_SECONDS:
                    verdict.unpunctual.append(f"{case.name}: {late:.1f} s")
    for step in trial.dying:
        brand = deaths.brand(step)
        if step not in deaths.at:
            verdict.reconnects_not_told_once.append(f"{step}: never came to it")
            continue
        too_late = deaths.at[step] + timedelta(seconds=_NOTICED_SECONDS)
        calls = [one for one in house.instagram.journal.as_json() if one["account"] == brand]
        after = [one for one in calls if str(one["at"]) > too_late.isoformat()]
        verdict.calls_after_death += [f"{step}: {one['route']} {one['status']}" for one in after]
        account = await Account.get(username=brand)
        told = await Outbox.filter(
            subject_kind="account", subject_id=account.id, event="needs_reconnect"
        ).count()
        if told != 1:
            verdict.reconnects_not_told_once.append(f"{step}: {told} notices, {account.state}")
