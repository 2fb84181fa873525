"""How fast a bot may talk; off unless switched on. Counts real time, not the shifted clock."""

import time
from collections import defaultdict, deque

from sandbox.telegram.errors import flood
from sandbox.telegram.limits import MESSAGES_A_MINUTE_IN_A_GROUP, MESSAGES_A_SECOND_OVERALL

SMALL_BURST = 3
"""A chat bears a few messages in one second before it is refused."""


class Tempo:
    """Counts what is sent and refuses what is too fast."""

    def __init__(self) -> None:
        self.is_kept = False
        self._sent: dict[str, deque[float]] = defaultdict(deque)

    def note(self, bot_id: int, chat_key: str, *, is_group: bool) -> None:
        """Count one message.

        Raises:
            ApiError: 429 with the seconds to wait, when tempo is kept and this one is too fast.
        """
        if not self.is_kept:
            return
        now = time.monotonic()
        rules = [
            (f"bot {bot_id}", MESSAGES_A_SECOND_OVERALL, 1.0),
            (f"{bot_id} in {chat_key}", SMALL_BURST, 1.0),
        ]
        if is_group:
            rules.append((f"{bot_id} in group {chat_key}", MESSAGES_A_MINUTE_IN_A_GROUP, 60.0))
        for name, most, seconds in rules:
            sent = self._sent[name]
            while sent and sent[0] <= now - seconds:
                sent.popleft()
            if len(sent) >= most:
                raise flood(max(1, round(sent[0] + seconds - now)))
        for name, _, _ in rules:
            self._sent[name].append(now)
