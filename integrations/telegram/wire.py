"""The HTTP client under PTB's `Bot`: every call ends in time, and no error shows the address.

The address of a call holds the bot's token; httpx writes it into logs and into the text of its
errors. Source: measured with python-telegram-bot 22.8 and httpx 0.28.
"""

import asyncio
import json
import logging
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from telegram.error import TelegramError, TimedOut
from telegram.request import HTTPXRequest

from integrations.telegram.errors import NoAnswer, SlowDown

CONNECT_SECONDS = 10.0
CALL_SECONDS = 20.0
MAX_CONNECTIONS = 32
_LONGEST_WAIT = timedelta(hours=1)
_FIRST_WAIT = timedelta(seconds=5)


def silence_client_logs() -> None:
    """Keep the libraries below from logging addresses (they hold the token) and parameters."""
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.WARNING)


class Wire(HTTPXRequest):
    """PTB's request object with a limit on the whole call, and errors fit to be logged."""

    def __init__(self, *, limit_seconds: float = CALL_SECONDS) -> None:
        super().__init__(
            connection_pool_size=MAX_CONNECTIONS,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=limit_seconds,
            write_timeout=limit_seconds,
            pool_timeout=limit_seconds,
            media_write_timeout=limit_seconds,
        )
        self._limit_seconds = limit_seconds

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Call Telegram; gives status and body.

        Raises:
            TelegramError: no answer, or a 429 (`SlowDown`).
        """
        try:
            async with asyncio.timeout(self._limit_seconds):
                status, body = await super().do_request(*args, **kwargs)
        except (TimedOut, TimeoutError):
            raise TimedOut from None
        except TelegramError as err:
            # `from None`: what lies below holds the address, which holds the token.
            raise NoAnswer(type(err.__cause__ or err).__name__) from None
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise SlowDown(_asked_wait(body))
        return status, body


def _asked_wait(body: bytes) -> timedelta:
    try:
        seconds = json.loads(body)["parameters"]["retry_after"]
        return min(timedelta(seconds=float(seconds)), _LONGEST_WAIT)
    except (ValueError, TypeError, KeyError, OverflowError):
        return _FIRST_WAIT
