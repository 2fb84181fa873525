"""Many targets at once, each carried through its steps under a lease that is kept alive.

The targets of one account go one after the other, in the order of their slots; everything else
runs side by side, up to `concurrency`. What is only nice to have (the link of a published post)
waits until there is nothing better to do.
"""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID
from weakref import WeakValueDictionary

from models.database import DATABASE_TROUBLE
from models.failpoints import fp
from scheduling.job import Linkless
from scheduling.lines import CALLS_AT_ONCE
from scheduling.outcomes import LeaseLost

if TYPE_CHECKING:
    from datetime import timedelta

    from models.clock import Clock
    from scheduling.job import Job
    from scheduling.presence import Presence
    from scheduling.steps import Steps
    from scheduling.store import TargetStore
    from scheduling.timing import Timing

log = logging.getLogger(__name__)

_TAKEN_PER_PLACE = 3
"""Targets in hand for each that may be worked on: the next ones are there when one ends."""

_LINKS_AT_ONCE = 10
_LINK_WAITS_SECONDS = 60.0
_LINK_LOOK_SECONDS = 0.25
_LET_GO_TRIES = 6
_LET_GO_PAUSE_SECONDS = 0.25
_IN_A_HURRY = frozenset({"ready", "publishing"})


class Publisher:
    """Works on targets. `presence` names this process in the leases it holds.

    `concurrency` counts targets at their slot, of which only some have their publish call under
    way (`scheduling.lines`): the others write meanwhile what comes before and after it.
    """

    def __init__(
        self,
        store: "TargetStore",
        steps: "Steps",
        clock: "Clock",
        timing: "Timing",
        *,
        presence: "Presence",
        concurrency: int = 2 * CALLS_AT_ONCE,
    ) -> None:
        self._store = store
        self._steps = steps
        self._clock = clock
        self._timing = timing
        self._presence = presence
        self._most_taken = concurrency * _TAKEN_PER_PLACE
        # A long preparation must never delay a post at its slot: each has places of its own.
        self._at_slot = asyncio.Semaphore(concurrency)
        self._before_it = asyncio.Semaphore(max(concurrency // 2, 1))
        self._one_ended = asyncio.Event()
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
        self._held: dict[UUID, Job] = {}
        self._let_go_until: dict[UUID, float] = {}
        self._linkless: deque[tuple[float, Linkless]] = deque()
        self._links: set[asyncio.Task[None]] = set()
        self._work: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self.unexpected_errors = 0

    @property
    def room(self) -> int:
        """How many more targets this publisher would take."""
        return 0 if self._stopping.is_set() else max(self._most_taken - len(self._held), 0)

    async def publish(self, ids: Sequence[UUID]) -> None:
        """Take targets that were claimed for the queue, and begin to work on them.

        A repeated or late call does no harm: what somebody else has is left alone. Without room
        it waits a moment, then takes nothing: what lies in the queue too long is claimed again.
        """
        if await self._has_room(len(ids)):
            self._begin(await self._store.take(ids, owner=self._presence.owner))

    async def _has_room(self, many: int) -> bool:
        until = self._clock.monotonic() + self._timing.queue_lease.total_seconds() / 2
        while self.room < many:
            left = until - self._clock.monotonic()
            if left <= 0 or self._stopping.is_set():
                return False
            self._one_ended.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._one_ended.wait()
        return True

    async def claim(self, *, overdue_by: "timedelta") -> int:
        """Claim due targets without the queue and begin; returns how many there were."""
        jobs = await self._store.claim_jobs(
            min(self.room, 50), owner=self._presence.owner, overdue_by=overdue_by
        )
        self._begin(jobs)
        return len(jobs)

    async def idle(self) -> None:
        """Wait until nothing is at hand."""
        while self._work:
            await asyncio.wait(set(self._work))

    async def keep_leases(self) -> None:
        """Renew the leases of everything at hand; ends when cancelled."""
        while True:
            await self._clock.pause(self._timing.renew_every.total_seconds())
            jobs = list(self._held.values())
            noted = self._clock.monotonic()
            try:
                ours = await self._store.renew(jobs)
                fp("C22")
            except Exception:
                # Not renewed: each job stops by itself when its lease cannot be trusted.
                self.unexpected_errors += 1
                log.exception("lease.not_renewed")
                continue
            for job in jobs:
                if job.id in ours:
                    job.safe_until = noted + self._timing.trust_lease_for.total_seconds()
                else:
                    job.safe_until = 0.0

    async def drain(self) -> None:
        """Take nothing new, let running steps come to their next commit, then give up.

        What does not make it in time is an ordinary crash: its lease runs out, and another worker
        looks before it does anything.
        """
        self._stopping.set()
        fp("C28")
        for task in self._links:
            task.cancel()
        try:
            async with asyncio.timeout(self._timing.drain.total_seconds()):
                await self.idle()
        except TimeoutError:
            log.warning("worker.left_behind", extra={"targets": len(self._held)})

    # Below: one job

    def _begin(self, jobs: "Sequence[Job]") -> None:
        by_account: dict[UUID | None, list[Job]] = defaultdict(list)
        for job in jobs:
            self._held[job.id] = job
            by_account[job.account.id if job.account else None].append(job)
        for account_id, mine in by_account.items():
            task = asyncio.create_task(self._in_turn(account_id, mine))
            self._work.add(task)
            task.add_done_callback(self._work.discard)

    async def _in_turn(self, account_id: UUID | None, jobs: "Sequence[Job]") -> None:
        key = account_id or UUID(int=0)
        turn = self._turns.get(key) or asyncio.Lock()
        self._turns[key] = turn
        for job in jobs:
            places = self._at_slot if job.state in _IN_A_HURRY else self._before_it
            async with turn, places:
                await self._run(job)

    async def _run(self, job: "Job") -> None:
        try:
            fp("C12")
            await self._run_steps(job)
        except LeaseLost:
            log.info("target.taken_over", extra={"target_id": str(job.id)})
            await self._let_go(job)
        except Exception as err:
            # Whatever it was: the lease runs out and the target is taken up again from its facts.
            self.unexpected_errors += 1
            log.exception("target.step_failed", extra={"target_id": str(job.id)})
            if isinstance(err, DATABASE_TROUBLE):
                await self._let_go(job)
        finally:
            if self._held.get(job.id) is job:
                del self._held[job.id]
            self._one_ended.set()

    async def _let_go(self, job: "Job") -> None:
        """Give back what still stands in our name although the database cut its step off.

        Whoever takes it up next goes by its facts, and need not wait for the lease. What somebody
        else has by now is left alone. What is cut off again at once was no hiccup: that waits.
        """
        now = self._clock.monotonic()
        if job.id in self._let_go_until and now < self._let_go_until[job.id]:
            return
        recent = {one: until for one, until in self._let_go_until.items() if until > now}
        self._let_go_until = {**recent, job.id: now + self._timing.lease.total_seconds()}
        for turn in range(_LET_GO_TRIES):
            try:
                await self._store.give_back([job])
            except DATABASE_TROUBLE:
                await self._clock.pause(_LET_GO_PAUSE_SECONDS * 2**turn)
            else:
                return

    async def _run_steps(self, job: "Job") -> None:
        if self._stopping.is_set():
            await self._store.give_back([job])
            return
        self._require_lease(job)
        goes_on = await self._steps.first(job)
        while goes_on:
            if self._stopping.is_set():
                await self._store.give_back([job])
                return
            self._require_lease(job)
            if not job.is_whole and job.state != "ready":
                await self._store.complete([job])
            goes_on = await self._steps.next(job)
        if job.state == "published":
            self._read_link_later(job)

    def _require_lease(self, job: "Job") -> None:
        if self._clock.monotonic() > job.safe_until:
            raise LeaseLost(str(job.id))

    # Links of what is published

    def _read_link_later(self, job: "Job") -> None:
        if job.account is None or not job.facts.platform_media_id or job.facts.permalink:
            return
        one = Linkless(job.id, job.post_id, job.facts.platform_media_id, job.account)
        self._linkless.append((self._clock.monotonic(), one))
        if len(self._links) < _LINKS_AT_ONCE:
            task = asyncio.create_task(self._read_links())
            self._links.add(task)
            task.add_done_callback(self._links.discard)

    async def _read_links(self) -> None:
        while self._linkless and not self._stopping.is_set():
            since, one = self._linkless[0]
            if self._clock.monotonic() - since < _LINK_WAITS_SECONDS and self._is_in_a_hurry():
                await self._clock.pause(_LINK_LOOK_SECONDS)
                continue
            self._linkless.popleft()
            try:
                await self._steps.find_link(one, self._write_link)
            except Exception:
                self.unexpected_errors += 1
                log.exception("link.failed")

    def _is_in_a_hurry(self) -> bool:
        """Say whether more posts are at their slot than there are tasks that read links."""
        hurrying = sum(job.state in _IN_A_HURRY for job in self._held.values())
        return hurrying > _LINKS_AT_ONCE

    async def _write_link(self, one: Linkless, permalink: str) -> None:
        fp("C20c")
        await self._store.write_link(one, permalink)

    async def links_read(self) -> None:
        """Wait until no link is being read."""
        while self._links:
            await asyncio.wait(set(self._links))
