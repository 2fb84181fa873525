"""Keeps the chats' rates: so many messages a second in a place, and over all."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta

from integrations.chat.contract import Chat
from integrations.chat.incoming import PlaceRef
from models.clock import Clock

_BURST = 3
_EDITS_A_MESSAGE = 3
_OVERALL_A_SECOND = 25.0
_MAX_PLACES = 10_000


@dataclass(slots=True)
class _Bucket:
    """Tokens that come back at a steady rate, up to a burst."""

    rate: float
    burst: float
    tokens: float
    at: float

    def take(self, now: float) -> float:
        """Take one token and return how long to wait for it."""
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        self.tokens -= 1
        return max(0.0, -self.tokens / self.rate)


class Pacer:
    """Hands out places in line, per place and overall; the chat's own "wait" comes on top."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._places: OrderedDict[tuple[str, str, bool], _Bucket] = OrderedDict()
        start = clock.monotonic()
        self._overall = _Bucket(_OVERALL_A_SECOND, _OVERALL_A_SECOND, _OVERALL_A_SECOND, start)

    async def wait(self, chat: Chat, where: PlaceRef, *, is_edit: bool = False) -> None:
        """Return when one more message (or edit, which disturbs nobody) may go to *where*."""
        now = self._clock.monotonic()
        capabilities = chat.capabilities
        gap = capabilities.min_gap_private if where.is_private else capabilities.min_gap_group
        if is_edit:
            gap /= _EDITS_A_MESSAGE
        key = (where.chat, where.chat_id, is_edit)
        here = self._bucket(key, gap, now).take(now) if gap else 0.0
        pause = max(here, self._overall.take(now))
        if pause:
            await self._clock.pause(pause)

    def _bucket(self, key: tuple[str, str, bool], gap: timedelta, now: float) -> _Bucket:
        bucket = self._places.get(key)
        if bucket is None:
            bucket = _Bucket(1 / gap.total_seconds(), _BURST, _BURST, now)
            self._places[key] = bucket
            if len(self._places) > _MAX_PLACES:
                self._places.popitem(last=False)
        else:
            self._places.move_to_end(key)
        return bucket
