"""The clock as everybody is handed it. Only the wiring builds a real one."""

from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time, aware, in UTC.

    `shift` is how far this clock is moved from the real one: zero in production, moved by hand in
    the demo and in tests. SQL that compares with the database's own clock adds it.
    """

    @property
    def shift(self) -> timedelta:
        """How far this clock is moved from the real one."""

    def now(self) -> datetime:
        """Return the present moment."""

    def monotonic(self) -> float:
        """Return seconds that only ever grow, for deadlines within this process."""

    async def pause(self, seconds: float) -> None:
        """Wait that long in real time."""
