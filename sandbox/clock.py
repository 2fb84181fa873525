"""The clock of the stand-ins: real time plus a shift that a demo or a test may set.

The shift is kept as a number of seconds, in text, in a file named by ``CLOCK_SHIFT_FILE``. Whoever
reads the same file shares the same time, across processes. An absent or empty file means no shift.
"""

import contextlib
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

SHIFT_FILE_VARIABLE = "CLOCK_SHIFT_FILE"


class Clock(Protocol):
    """What the stand-ins need of a clock; a test may hand in its own."""

    def now(self) -> datetime:
        """Tell the time, aware, in UTC."""
        ...


def unix(clock: Clock) -> int:
    """Tell a clock's time in whole seconds since 1970, as chat services write it."""
    return int(clock.now().timestamp())


class ShiftedClock:
    """Tells the time, moved by what the shift file says (re-read whenever the file changes).

    Without a file the shift lives in memory alone.
    """

    def __init__(self, shift_file: Path | None = None) -> None:
        self._shift_file = shift_file
        self._seen: tuple[int, int] | None = None
        self._shift_seconds = 0.0

    @classmethod
    def from_environment(cls) -> "ShiftedClock":
        """Give a clock on the file that the environment names, or an unshifted one in memory."""
        named = os.environ.get(SHIFT_FILE_VARIABLE, "")
        return cls(Path(named) if named else None)

    def now(self) -> datetime:
        """Tell the shifted time, aware, in UTC."""
        return datetime.fromtimestamp(time.time() + self.shift_seconds, UTC)

    @property
    def shift_seconds(self) -> float:
        """How far this clock is ahead of real time."""
        if self._shift_file is not None:
            self._read(self._shift_file)
        return self._shift_seconds

    def set_shift(self, seconds: float) -> None:
        """Put the clock *seconds* ahead of real time, for everyone who reads the same file."""
        self._shift_seconds = seconds
        if self._shift_file is None:
            return
        self._shift_file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._shift_file.with_name(f"{self._shift_file.name}.{os.getpid()}.new")
        fresh.write_text(repr(seconds))
        # Replaced, not rewritten: a reader never meets half a number.
        fresh.replace(self._shift_file)

    def advance(self, by: timedelta) -> None:
        """Move the clock on by *by*."""
        self.set_shift(self.shift_seconds + by.total_seconds())

    def advance_to(self, moment: datetime) -> None:
        """Move the clock to *moment*; it goes on ticking from there."""
        self.set_shift(moment.timestamp() - time.time())

    def _read(self, shift_file: Path) -> None:
        try:
            status = shift_file.stat()
        except FileNotFoundError:
            self._seen, self._shift_seconds = None, 0.0
            return
        seen = (status.st_mtime_ns, status.st_size)
        if seen == self._seen:
            return
        text = ""
        with contextlib.suppress(FileNotFoundError):
            text = shift_file.read_text().strip()
        self._shift_seconds = float(text) if text else 0.0
        self._seen = seen
