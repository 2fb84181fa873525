"""Things that many ask for in the same moment, done together in one statement."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from models.clock import Clock

log = logging.getLogger(__name__)

_STEADY_SECONDS = 0.01
_GATHER_SECONDS = 0.005
_WORTH_A_STATEMENT = 25

Item = TypeVar("Item")
Done = TypeVar("Done")


class Batches(Generic[Item, Done]):
    """Gathers what is asked for while a statement is under way; the next one does all of it.

    `write` gets what waits (*most* at once) and returns an answer for each. Where it fails, each
    is written by itself, so that a bad one fails alone. The first statement after a while goes at
    once; those that would follow each other closely wait a moment, and there are fewer of them.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Item]], Awaitable[Sequence[Done]]],
        *,
        most: int,
        clock: Clock,
    ) -> None:
        self._write = write
        self._most = most
        self._clock = clock
        self._wrote_at = -math.inf
        self._waiting: list[tuple[Item, asyncio.Future[Done]]] = []
        self._flush: asyncio.Task[None] | None = None

    async def add(self, item: Item) -> Done:
        """Return the answer for *item* when it is written; raises what writing it raised."""
        future: asyncio.Future[Done] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._flush is None or self._flush.done():
            self._flush = asyncio.create_task(self._write_waiting())
            self._flush.add_done_callback(_take_note)
        return await future

    async def _write_waiting(self) -> None:
        batch: list[tuple[Item, asyncio.Future[Done]]] = []
        try:
            while self._waiting:
                await self._gather()
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._write_together(batch)
                self._wrote_at = self._clock.monotonic()
        except BaseException:
            for _, future in batch + self._waiting:
                future.cancel()
            self._waiting = []
            raise

    async def _gather(self) -> None:
        is_steady = self._clock.monotonic() - self._wrote_at < _STEADY_SECONDS
        if is_steady and len(self._waiting) < _WORTH_A_STATEMENT:
            await self._clock.pause(_GATHER_SECONDS)

    async def _write_together(self, batch: list[tuple[Item, asyncio.Future[Done]]]) -> None:
        try:
            answers = await self._write([item for item, _ in batch])
        except Exception as err:  # noqa: BLE001 - each one's own error goes to its owner
            await self._write_singly(batch, err)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)

    async def _write_singly(
        self, batch: list[tuple[Item, asyncio.Future[Done]]], err: Exception
    ) -> None:
        """Keep one bad row from failing its neighbours (and deadlocks from lasting)."""
        if len(batch) == 1:
            _fail(batch[0][1], err)
            return
        log.warning("store.batch_failed", extra={"size": len(batch), "error": type(err).__name__})
        for item, future in batch:
            try:
                [answer] = await self._write([item])
            except Exception as own:  # noqa: BLE001
                _fail(future, own)
            else:
                if not future.done():
                    future.set_result(answer)


def _take_note(flush: asyncio.Task[None]) -> None:
    """Take note of how a flush ended: its owners were told, nobody waits for the task itself."""
    if not flush.cancelled() and flush.exception() is not None:
        log.warning("store.flush_ended", extra={"error": type(flush.exception()).__name__})


def _fail(future: "asyncio.Future[Done]", err: Exception) -> None:
    if not future.done():
        future.set_exception(err)
