"""A clock that a test sets; it goes on by itself from there."""

import asyncio
import time
from datetime import UTC, datetime, timedelta


class SettableClock:
    """Keeps `models.clock.Clock`; `pass_time` and `set` move it, nothing waits for it."""

    def __init__(self) -> None:
        self.shift = timedelta()
        self.pause_share = 1.0
        """How much of a pause is really waited: whoever paces itself may be hurried."""

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift

    def monotonic(self) -> float:
        return time.monotonic()

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds * self.pause_share)

    def pass_time(self, by: timedelta) -> None:
        self.shift += by

    def set(self, moment: datetime) -> None:
        self.shift = moment - datetime.now(UTC)
