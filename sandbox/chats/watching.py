"""How whoever plays a person waits until something is to be seen."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sandbox.feed import Feed

PATIENCE_SECONDS = 10.0

Shown = TypeVar("Shown")


async def watch(
    feed: Feed,
    find: Callable[[], Shown | None],
    *,
    seconds: float,
    missing: Callable[[], str],
) -> Shown:
    """Look again at every change until *find* gives something; give that.

    Raises:
        AssertionError: nothing came in time; *missing* gives its words.
    """
    with feed.subscribe() as news:
        try:
            async with asyncio.timeout(seconds):
                while True:
                    found = find()
                    if found is not None:
                        return found
                    if await news.next() is None:
                        break
        except TimeoutError:
            pass
    raise AssertionError(missing())
