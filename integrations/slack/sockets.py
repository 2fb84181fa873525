"""Socket Mode: Bolt's connection to Slack, acknowledging an envelope once it is stored."""

import asyncio
import logging
import time

from pydantic import SecretStr
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import (
    run_async_bolt_app,
    send_async_response,
)
from slack_bolt.app.async_app import AsyncApp
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


async def listen(app_token: SecretStr, client: AsyncWebClient, app: AsyncApp) -> None:
    """Hold a connection until cancelled; it is opened anew by itself when it breaks.

    *app* is handed one envelope after the other; what it answers with 200 is acknowledged.

    Raises:
        SlackApiError, ClientError: it cannot be opened in the first place.
    """
    handler = _Sockets(app_token, client, app)
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
    def __init__(self, app_token: SecretStr, client: AsyncWebClient, app: AsyncApp) -> None:
        super().__init__(
            app,
            app_token.get_secret_value(),
            web_client=client,
            ping_interval=PING_SECONDS,
        )
        self._in_turn = asyncio.Lock()

    async def handle(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:
        """Have what came kept, then acknowledge it; what was not kept comes again."""
        started = time.time()
        if req.type not in _ENVELOPES:
            await client.send_socket_mode_response(SocketModeResponse(req.envelope_id))
            return
        try:
            # One after the other, as they came: what was said first is stored first.
            async with self._in_turn:
                response = await run_async_bolt_app(self.app, req)
        except Exception:
            # Bolt looks for people and places without asking what is there (slack_bolt 1.30.0).
            log.exception("slack.event_not_read")
            return
        await send_async_response(client, req, response, started)
