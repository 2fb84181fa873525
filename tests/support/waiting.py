"""Waiting for something to become true, with a limit, instead of sleeping."""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any


async def wait_until(probe: Callable[[], Any], *, what: str = "", seconds: float = 15.0) -> Any:
    """Return the first true value of *probe*; fails the test with *what* after *seconds*."""
    limit = time.monotonic() + seconds
    while True:
        found = probe()
        value = await found if inspect.isawaitable(found) else found
        if value:
            return value
        if time.monotonic() > limit:
            raise AssertionError(f"still not so after {seconds:g} s: {what or probe}")
        await asyncio.sleep(0.02)
