"""A worker: listens to the queue, claims by itself where the queue is silent, stops gracefully."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta

from taskiq import AsyncBroker, InMemoryBroker
from taskiq.acks import AcknowledgeType
from taskiq.receiver import Receiver

from models.clock import Clock
from models.database import TARGET, Wakeups
from scheduling.broker import is_down
from scheduling.publisher import Publisher
from scheduling.timing import Timing

log = logging.getLogger(__name__)

_MESSAGES_AT_ONCE = 4
"""Few, so that a busy worker does not hoard what another could begin."""

_ERROR_PAUSE_SECONDS = 1.0
_RECEIVER_STOP_SECONDS = 3.0


class Worker:
    """Publishes what the queue names, and what is overdue without the queue having named it."""

    def __init__(
        self,
        broker: AsyncBroker,
        publisher: Publisher,
        wakeups: Wakeups,
        clock: Clock,
        timing: Timing,
    ) -> None:
        self._broker = broker
        self._publisher = publisher
        self._wakeups = wakeups
        self._clock = clock
        self._timing = timing
        self._stop = asyncio.Event()
        self.unexpected_errors = 0

    async def run(self) -> None:
        """Work until cancelled; then finish what is at hand, for 25 seconds at most."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._claim_for_itself())
                if not isinstance(self._broker, InMemoryBroker):
                    group.create_task(self._listen())
        finally:
            # The leases are kept alive until the last step has come to its commit.
            await self._finish()

    async def _finish(self) -> None:
        keeping = asyncio.create_task(self._publisher.keep_leases())
        try:
            await self._publisher.drain()
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping

    async def _listen(self) -> None:
        while True:
            receiver = Receiver(
                self._broker,
                max_async_tasks=_MESSAGES_AT_ONCE,
                ack_type=AcknowledgeType.WHEN_RECEIVED,
                wait_tasks_timeout=_RECEIVER_STOP_SECONDS,
                run_startup=False,
            )
            try:
                await self._receive(receiver)
            except Exception:
                self.unexpected_errors += 1
                log.exception("queue.listener_failed")
            await self._clock.pause(_ERROR_PAUSE_SECONDS)

    async def _receive(self, receiver: Receiver) -> None:
        finished = asyncio.Event()
        listening = asyncio.create_task(receiver.listen(finished))
        try:
            await asyncio.shield(listening)
        except asyncio.CancelledError:
            # A message that was read is still begun; it only takes ids, the rest is the drain's.
            finished.set()
            await asyncio.wait({listening}, timeout=_RECEIVER_STOP_SECONDS)
            listening.cancel()
            # Its connection to Redis goes back before the queue is closed.
            await asyncio.wait({listening}, timeout=_RECEIVER_STOP_SECONDS)
            raise

    async def _claim_for_itself(self) -> None:
        """Claim what the queue had its second for; at once where the queue is known to be down."""
        while True:
            is_away = is_down(self._broker)
            overdue = timedelta(0) if is_away else self._timing.own_claim_after
            try:
                found = await self._publisher.claim(overdue_by=overdue)
            except Exception:
                self.unexpected_errors += 1
                log.exception("worker.claim_failed")
                found = 0
            if not found:
                await self._wakeups.wait(TARGET, at_most=self._timing.tick.total_seconds())
