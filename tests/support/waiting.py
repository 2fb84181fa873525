"""Waiting for something to become true, with a limit, instead of sleeping."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def wait_until(
    probe: Callable[[], T | Awaitable[T]], *, what: str = "", seconds: float = 15.0
) -> T:
    """Return the first true value of *probe*; fails the test with *what* after *seconds*."""
    limit = time.monotonic() + seconds
    while True:
        found = probe()
        value: T = await found if inspect.isawaitable(found) else found
        if value:
            return value
        if time.monotonic() > limit:
            raise AssertionError(f"still not so after {seconds:g} s: {what or probe}")
        await asyncio.sleep(0.02)
