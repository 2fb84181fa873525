"""How fast a bot may talk in one channel: about one message a second, with a short burst."""

import asyncio
import math

from sandbox.slack.errors import RateLimited
from sandbox.slack.limits import POSTS_A_SECOND_IN_A_CHANNEL

BURST = 4.0


class Tempo:
    """Counts messages by channel; lets everything pass unless ``is_kept``."""

    def __init__(self) -> None:
        self.is_kept = False
        self._left: dict[str, tuple[float, float]] = {}

    def count(self, channel: str) -> None:
        """Count a message.

        Raises:
            RateLimited: it comes too early.
        """
        if not self.is_kept:
            return
        now = asyncio.get_running_loop().time()
        left, at = self._left.get(channel, (BURST, now))
        left = min(BURST, left + (now - at) * POSTS_A_SECOND_IN_A_CHANNEL)
        if left < 1:
            raise RateLimited(math.ceil((1 - left) / POSTS_A_SECOND_IN_A_CHANNEL))
        self._left[channel] = (left - 1, now)
