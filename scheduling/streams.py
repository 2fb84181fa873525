"""The queue between processes: a Redis stream."""

import asyncio
import logging
from collections.abc import AsyncGenerator

from pydantic import SecretStr
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError
from taskiq import AckableMessage, BrokerMessage
from taskiq_redis import RedisStreamBroker

from models.clock import Clock

log = logging.getLogger(__name__)

QUEUE_NAME = "postcue"
GROUP = "workers"
_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 5.0
_LONGEST_TASK_MS = 15 * 60 * 1000
_SOCKET_SECONDS = 5
_CONNECT_SECONDS = 2
_OUTLIVED = (RedisConnectionError, RedisTimeoutError, OSError)


class StreamBroker(RedisStreamBroker):
    """A Redis stream whose listener outlives Redis: restarts, FLUSHALL, silence."""

    def __init__(self, url: SecretStr, *, consumer: str, clock: Clock) -> None:
        super().__init__(
            url.get_secret_value(),
            queue_name=QUEUE_NAME,
            consumer_group_name=GROUP,
            consumer_name=consumer,
            # From the first message on, also those sent before the group was made.
            consumer_id="0",
            # One at a time, so that no worker hoards what another could begin.
            xread_count=1,
            xread_block=2000,
            maxlen=10_000,
            # A living worker must never be taken for a dead one.
            idle_timeout=_LONGEST_TASK_MS,
            unacknowledged_lock_timeout=30.0,
            socket_timeout=_SOCKET_SECONDS,
            socket_connect_timeout=_CONNECT_SECONDS,
        )
        self._clock = clock
        self._is_down = False

    @property
    def is_down(self) -> bool:
        """Whether the listener found no Redis when it last looked."""
        return self._is_down

    async def startup(self) -> None:
        """Begin, whether Redis is there or not."""
        try:
            await super().startup()
        except (RedisError, OSError) as err:
            self._is_down = True
            log.warning("queue.away", extra={"error": type(err).__name__})
        _obey_cancellation()

    async def kick(self, message: BrokerMessage) -> None:
        """Put a message into the stream."""
        await super().kick(message)
        _obey_cancellation()

    async def listen(self) -> AsyncGenerator[AckableMessage, None]:
        """Yield messages for ever; what Redis does meanwhile is outlived."""
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                async for message in super().listen():
                    pause = _FIRST_PAUSE_SECONDS
                    yield message
            except _OUTLIVED as err:
                self._note_down(err)
            except ResponseError as err:
                if not _is_about_missing_group(err):
                    raise
                self._note_down(err)
            await self._clock.pause(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            await self._declare_again()

    def _note_down(self, err: Exception) -> None:
        if not self._is_down:
            log.warning("queue.away", extra={"error": type(err).__name__})
        self._is_down = True

    async def _declare_again(self) -> None:
        try:
            await self._declare_consumer_group()
        except (TimeoutError, RedisError, OSError):
            return
        self._is_down = False
        log.info("queue.back")


def _obey_cancellation() -> None:
    """End where the task was told to: redis-py 8.1 may swallow that while it connects."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _is_about_missing_group(err: ResponseError) -> bool:
    """FLUSHALL and a restart into an empty Redis take the group away."""
    return "NOGROUP" in str(err) or "UNBLOCKED" in str(err)
