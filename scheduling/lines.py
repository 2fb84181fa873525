"""How many publish calls this process has under way at once."""

import asyncio

CALLS_AT_ONCE = 100


class Lines:
    """So many lines to the platforms.

    Who asks for one has committed an intent, which must be followed by its call within a second:
    it waits *patience* seconds at most, and then goes out beside the others.
    """

    def __init__(self, many: int = CALLS_AT_ONCE, *, patience: float = 0.4) -> None:
        self._free = asyncio.Semaphore(many)
        self._patience = patience

    async def take(self) -> bool:
        """Wait for a line; False when there was none in time. `give` back only what was taken."""
        if not self._free.locked():
            return await self._free.acquire()
        try:
            async with asyncio.timeout(self._patience):
                return await self._free.acquire()
        except TimeoutError:
            return False

    def give(self) -> None:
        """Let the next one have the line."""
        self._free.release()
