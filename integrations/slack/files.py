"""Files out of Slack: only from its own file host, and the token goes nowhere else.

A file's address is asked for each time (`files.info`) and judged before a request is made.
Source of the facts: docs.slack.dev, "files.info", "working with files" (2026).
"""

from collections.abc import AsyncIterator
from http import HTTPStatus

import aiohttp
from pydantic import SecretStr
from yarl import URL

from integrations.chat.errors import ChatBusy, FileGone

CHUNK_BYTES = 64 * 1024
FETCH_SECONDS = 300.0
STALLED_SECONDS = 20.0

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_NO_RIGHT = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


class FileHost:
    """The one place that files come from (`SLACK_FILES_URL`, "https://files.slack.com")."""

    def __init__(self, base: str) -> None:
        self._base = URL(base)

    def owns(self, address: str) -> bool:
        """Say whether *address* is on this host: same scheme, host and port, nothing smuggled."""
        if not address.isascii() or any(one in address for one in "\\ \t\r\n"):
            return False
        try:
            url = URL(address, encoded=True)
            same = (url.scheme, url.raw_host, url.port) == (
                self._base.scheme,
                self._base.raw_host,
                self._base.port,
            )
        except ValueError:
            return False
        below = self._base.raw_path.rstrip("/") + "/"
        has_steps = any(part in {".", "..", "%2e", "%2e%2e"} for part in url.raw_path.split("/"))
        is_below = url.raw_path.startswith(below) and not has_steps
        return same and url.raw_user is None and url.raw_password is None and is_below

    async def stream(
        self, session: aiohttp.ClientSession, address: str, token: SecretStr, *, max_bytes: int
    ) -> AsyncIterator[bytes]:
        """Stream the file at *address*.

        Raises:
            FileGone: not on this host, too big, gone, or not ours to read.
            ChatBusy: not now, or the stream broke off.
        """
        if not self.owns(address):
            raise FileGone("gone")
        headers = {"Authorization": f"Bearer {token.get_secret_value()}"}
        timeout = aiohttp.ClientTimeout(total=FETCH_SECONDS, sock_read=STALLED_SECONDS)
        try:
            for _ in range(2):
                async with session.get(
                    URL(address, encoded=True),
                    headers=headers,
                    allow_redirects=False,
                    timeout=timeout,
                ) as answer:
                    if answer.status in _REDIRECTS:
                        # Once, within the same host, and without the token.
                        address = answer.headers.get("Location", "")
                        if not self.owns(address) or not headers:
                            raise FileGone("gone")
                        headers = {}
                        continue
                    _check(answer)
                    received = 0
                    async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
                        received += len(chunk)
                        if received > max_bytes:
                            raise FileGone("too_big")
                        yield chunk
                    return
            raise FileGone("gone")
        except (aiohttp.ClientError, TimeoutError) as err:
            # `from None`: errors of the client show the request with its headers.
            raise ChatBusy(f"the download broke off ({type(err).__name__})") from None


def _check(answer: aiohttp.ClientResponse) -> None:
    if answer.status in _NO_RIGHT:
        raise FileGone("no_right")
    if answer.status in _GONE:
        raise FileGone("gone")
    if answer.status != HTTPStatus.OK:
        raise ChatBusy(f"the file host answered {answer.status}")
    if answer.content_type == "text/html":
        # Without the right to read files Slack answers with its login page, and says 200.
        raise FileGone("no_right")
