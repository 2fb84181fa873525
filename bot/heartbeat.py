"""A sign of life for processes that have no door: `python -m bot.heartbeat` asks for it."""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

BEAT_SECONDS = 10.0
LATEST_SECONDS = 60.0
"""A loop that did not come round for this long is stuck, and is better started again."""

BEAT_FILE = Path(tempfile.gettempdir()) / "postcue-heartbeat"


async def beat(pause: Callable[[float], Awaitable[None]], path: Path = BEAT_FILE) -> None:
    """Leave a fresh sign of life in *path* again and again, until cancelled."""
    while True:
        await asyncio.to_thread(path.touch)
        await pause(BEAT_SECONDS)


def is_alive(path: Path = BEAT_FILE) -> bool:
    """Say whether the process on this machine that leaves *path* has come round lately."""
    try:
        return time.time() - path.stat().st_mtime < LATEST_SECONDS
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(0 if is_alive() else 1)
