"""Answers that no well-behaved server gives, put in front of an adapter without a server.

Broken JSON, a web page with status 200, an unlisted error code.  Timeouts, TLS and dropped
connections are not exercised here (the session's `_request` is replaced): for those, start a
server.  An answer is used once unless `repeat=True`; an address nobody announced raises
`ClientConnectionError`.
"""

from types import SimpleNamespace
from typing import Any

from aiohttp import ClientResponse
from aioresponses import aioresponses


class CannedAnswer(ClientResponse):
    """A response that can be made without a socket writer (aioresponses#289)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("stream_writer", SimpleNamespace(output_size=0))
        super().__init__(*args, **kwargs)


class CannedAnswers(aioresponses):
    """`aioresponses` that works with the aiohttp in use; take it as a context manager."""

    def add(self, *args: Any, **answer: Any) -> None:
        """Announce one answer."""
        answer.setdefault("response_class", CannedAnswer)
        super().add(*args, **answer)

    def sent(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return what was sent so far, in order by address: method, address, arguments."""
        return [
            (method, str(url), call.kwargs)
            for (method, url), calls in self.requests.items()
            for call in calls
        ]
