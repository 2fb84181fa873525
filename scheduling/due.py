"""Claims due targets and wakes workers with their ids. Any number of these may run."""

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from models.clock import Clock
from models.database import TARGET, Wakeups
from models.failpoints import fp
from scheduling.store import QUEUE, Claimed, TargetStore
from scheduling.tasks import IDS_PER_MESSAGE, Kick
from scheduling.timing import Timing

if TYPE_CHECKING:
    from uuid import UUID

log = logging.getLogger(__name__)

MAX_KICKED = 200
"""Most targets of ours on their way through the queue; more would outwait the queue's lease."""

_FULL_PAUSE_SECONDS = 0.05
_ERROR_PAUSE_SECONDS = 1.0


class Due:
    """The clock's loop: claim, commit, kick, and sleep until the next slot."""

    def __init__(
        self, store: TargetStore, kick: Kick, wakeups: Wakeups, clock: Clock, timing: Timing
    ) -> None:
        self._store = store
        self._kick = kick
        self._wakeups = wakeups
        self._clock = clock
        self._timing = timing
        self._kicked: set[UUID] = set()
        self.unexpected_errors = 0

    async def run(self) -> None:
        """Claim and kick until cancelled."""
        while True:
            try:
                wait = await self.turn()
            except Exception:
                self.unexpected_errors += 1
                log.exception("due.turn_failed")
                wait = _ERROR_PAUSE_SECONDS
            if wait > 0:
                await self._wakeups.wait(TARGET, at_most=wait)

    async def turn(self) -> float:
        """Claim what is due and kick it; returns the seconds to wait before the next turn."""
        self._kicked = await self._store.queued(self._kicked)
        room = MAX_KICKED - len(self._kicked)
        if room < IDS_PER_MESSAGE:
            # Whatever is behind these waits for them anyhow; many small messages cost the most.
            return min(self._timing.tick.total_seconds(), _FULL_PAUSE_SECONDS)
        claimed = await self._store.claim_due(
            room,
            owner=QUEUE,
            lease=self._timing.queue_lease,
            ahead=self._timing.claim_ahead,
        )
        if claimed:
            fp("K1")
            self._kicked.update(one.id for one in claimed)
            if not await self._kick_all(claimed):
                return self._timing.kick_pause.total_seconds()
        return await self._wait_seconds(len(claimed), room)

    async def _wait_seconds(self, claimed: int, room: int) -> float:
        tick = self._timing.tick.total_seconds()
        if claimed >= room:
            return 0.0
        next_due = await self._store.next_due_in()
        return tick if next_due is None else min(tick, max(next_due, 0.0) + 0.001)

    async def _kick_all(self, claimed: Sequence[Claimed]) -> bool:
        for start in range(0, len(claimed), IDS_PER_MESSAGE):
            some = claimed[start : start + IDS_PER_MESSAGE]
            try:
                async with asyncio.timeout(self._timing.kick_timeout.total_seconds()):
                    await self._kick([one.id for one in some])
            except Exception as err:  # noqa: BLE001 - whatever the queue has: workers claim by themselves
                log.warning("queue.kick_failed", extra={"error": type(err).__name__})
                await self._store.give_back(claimed[start:])
                return False
            fp("K2")
        return True
