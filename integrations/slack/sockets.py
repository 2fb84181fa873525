"""Socket Mode: Bolt's connection to Slack, acknowledging an envelope once it is stored."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping

from pydantic import SecretStr
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

log = logging.getLogger(__name__)

PING_SECONDS = 5.0
"""How often a connection is felt for; a dead one is opened anew."""

_TLS = 443
_ENVELOPES = frozenset({"events_api", "interactive", "slash_commands"})

Take = Callable[[Mapping[str, object]], Awaitable[str]]
"""Stores an envelope and returns what its acknowledgement carries, "" for nothing."""


async def listen(app_token: SecretStr, client: AsyncWebClient, take: Take) -> None:
    """Hold a connection until cancelled; it is opened anew by itself when it breaks.

    Raises:
        SlackApiError, ClientError: it cannot be opened in the first place.
    """
    handler = _Sockets(app_token, client, take)
    socket = handler.client
    issue = socket.issue_new_wss_url

    async def issue_ours() -> str:
        address = await issue()
        if not is_slacks(address, client.base_url):
            raise SlackClientError("a socket that is not Slack's")
        return address

    socket.issue_new_wss_url = issue_ours  # type: ignore[method-assign]  # also when it reconnects
    try:
        # Asked for here: `connect` would try for ever, and never say that the token is wrong.
        socket.wss_uri = await socket.issue_new_wss_url()
        await socket.connect()  # type: ignore[no-untyped-call]
        log.info("slack.connected")
        await asyncio.Event().wait()
    finally:
        await socket.close()  # type: ignore[no-untyped-call]


def is_slacks(address: str, api_url: str) -> bool:
    """Say whether a socket's *address* is on a host of Slack's, or on the API's own host."""
    return _is_there(address, api_url, plain="ws", secure="wss")


def is_slacks_hook(address: str, api_url: str) -> bool:
    """Say whether an *address* that takes answers is on a host of Slack's, or the API's own."""
    return _is_there(address, api_url, plain="http", secure="https")


def _is_there(address: str, api_url: str, *, plain: str, secure: str) -> bool:
    api = URL(api_url)
    try:
        url = URL(address)
    except ValueError:
        return False
    host = url.raw_host or ""
    if url.raw_user is not None or url.raw_password is not None:
        return False
    if api.scheme == "http":
        return (url.scheme, host, url.port) == (plain, api.raw_host, api.port)
    return url.scheme == secure and url.port == _TLS and host.endswith(".slack.com")


class _Sockets(AsyncSocketModeHandler):
    def __init__(self, app_token: SecretStr, client: AsyncWebClient, take: Take) -> None:
        quiet = logging.getLogger("slack_bolt.sockets")
        app = AsyncApp(
            name="postcue",
            logger=quiet,
            client=client,
            authorize=_nobody,
            signing_secret="sockets are not signed",  # noqa: S106
        )
        super().__init__(
            app,
            app_token.get_secret_value(),
            logger=quiet,
            web_client=client,
            ping_interval=PING_SECONDS,
        )
        self._take = take
        self._in_turn = asyncio.Lock()

    async def handle(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:
        """Store what came, then acknowledge it; what was not stored comes again."""
        answer = ""
        if req.type in _ENVELOPES:
            try:
                # One after the other, as they came: what was said first is stored first.
                async with self._in_turn:
                    answer = await self._take({"type": req.type, "payload": req.payload})
            except Exception:
                log.exception("slack.event_not_stored")
                return
        response = SocketModeResponse(
            envelope_id=req.envelope_id, payload=json.loads(answer) if answer else None
        )
        await client.send_socket_mode_response(response)


async def _nobody(**_: object) -> AuthorizeResult:
    """Bolt's listeners are not used: nobody is ever authorized for one."""
    raise PermissionError
