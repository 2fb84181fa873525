"""Tell whoever waits that something changed, so that nobody has to look again and again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager


class Bell:
    """Rings with the name of a change; waiters look at the world themselves."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[str]] = set()
        self.count = 0

    def ring(self, change: str) -> None:
        """Wake every listener with *change*."""
        self.count += 1
        for queue in self._listeners:
            queue.put_nowait(change)

    @contextmanager
    def listening(self) -> Iterator["asyncio.Queue[str]"]:
        """Give a queue that receives every change from now on."""
        queue: asyncio.Queue[str] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

    async def changes(self) -> AsyncIterator[str]:
        """Yield every change from now on."""
        with self.listening() as queue:
            while True:
                yield await queue.get()

    async def until(self, claim: Callable[[], bool], seconds: float = 10.0) -> None:
        """Return when *claim* holds; TimeoutError when it does not within *seconds*."""
        with self.listening() as queue:
            async with asyncio.timeout(seconds):
                while not claim():
                    await queue.get()
