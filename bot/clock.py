"""The real clock. Whoever needs the time is handed a clock; this is the one that is built."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path


class RealClock:
    """The real time, moved by the number of seconds in a file where a demo or a test wants it."""

    def __init__(self, shift_file: Path | None) -> None:
        self._shift_file = shift_file
        self._seen: tuple[int, int] | None = None
        self._shift = timedelta()

    @property
    def shift(self) -> timedelta:
        """How far this clock is moved from the real one."""
        if self._shift_file is not None:
            self._read(self._shift_file)
        return self._shift

    def now(self) -> datetime:
        """Return the present moment."""
        return datetime.now(UTC) + self.shift

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        return time.monotonic()

    async def pause(self, seconds: float) -> None:
        """Wait that long in real time."""
        await asyncio.sleep(seconds)

    def _read(self, path: Path) -> None:
        try:
            status = path.stat()
            seen = (status.st_mtime_ns, status.st_size)
            if seen != self._seen:
                self._shift = timedelta(seconds=float(path.read_text().strip() or 0))
                self._seen = seen
        except (OSError, ValueError):
            self._shift, self._seen = timedelta(), None
