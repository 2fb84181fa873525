"""Socket Mode: tickets, open sockets, envelopes that go to one socket in turn."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.slack.limits import MAX_SOCKETS
from sandbox.slack.state import App, Json

CONNECTION_SECONDS = 18_060
HEARTBEAT_SECONDS = 10.0


class Socket:
    """One open connection."""

    def __init__(
        self, ws: web.WebSocketResponse, waiting: dict[str, "asyncio.Future[Any]"]
    ) -> None:
        self._ws = ws
        self._waiting = waiting
        self.envelopes: list[str] = []
        self.is_leaving = False

    async def send_envelope(self, kind: str, payload: Json, number: int, reason: str) -> Any:  # noqa: ANN401
        """Send an envelope and wait for its acknowledgement; gives the payload of that."""
        envelope = secrets.token_hex(16)
        self.envelopes.append(envelope)
        waiting: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[envelope] = waiting
        message: Json = {
            "envelope_id": envelope,
            "payload": payload,
            "type": kind,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            message |= {"retry_attempt": number, "retry_reason": reason}
        try:
            await self._ws.send_json(message)
            return await waiting
        finally:
            self._waiting.pop(envelope, None)

    async def tell(self, message: Json) -> None:
        """Send a message that is no envelope."""
        with contextlib.suppress(ConnectionError):
            await self._ws.send_json(message)

    async def end(self) -> None:
        """Close the connection from this side."""
        with contextlib.suppress(ConnectionError):
            await self._ws.close()

    def abort(self) -> None:
        """Break the connection without a word."""
        for envelope in self.envelopes:
            waiting = self._waiting.get(envelope)
            if waiting is not None and not waiting.done():
                waiting.set_exception(ConnectionResetError())
        transport = self._ws._req.transport if self._ws._req else None  # noqa: SLF001
        if transport is not None:
            transport.abort()


class Sockets:
    """All open sockets of the app, up to ten, used in turn."""

    def __init__(self, app: App, told: Callable[..., None]) -> None:
        self._app = app
        self._told = told
        self.open: list[Socket] = []
        self.opened = 0
        self.acknowledged: list[str] = []
        self.mute = 0
        """So many of the next acknowledgements are lost on the way."""
        self._tickets: set[str] = set()
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._turn = 0
        self._arrived = asyncio.Event()

    def ticket(self) -> str:
        """Give the right to connect once."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return ticket

    async def next(self, seconds: float | None) -> Socket | None:
        """Give the socket whose turn it is, waiting for one; None when none comes in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    able = [one for one in self.open if not one.is_leaving]
                    if able:
                        self._turn += 1
                        return able[self._turn % len(able)]
                    self._arrived.clear()
                    await self._arrived.wait()
        return None

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Hold a connection that came with a ticket."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            raise web.HTTPForbidden
        self._tickets.discard(ticket)
        ws = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS)
        await ws.prepare(request)
        socket = Socket(ws, self._waiting)
        if len(self.open) >= MAX_SOCKETS:
            await socket.tell({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.end()
            return ws
        self.open.append(socket)
        self.opened += 1
        await socket.tell(self._hello())
        self._arrived.set()
        self._told("socket", open=len(self.open))
        try:
            async for message in ws:
                if message.type == WSMsgType.TEXT:
                    self._heard(message.data)
        finally:
            self.open.remove(socket)
            self._forsake(socket)
            self._told("socket", open=len(self.open))
        return ws

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask every socket to go; with ``warning`` it may stay a little while."""
        for socket in list(self.open):
            await socket.tell(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}
            )
            if reason != "warning":
                socket.is_leaving = True
                await socket.end()

    async def close(self) -> None:
        """End all."""
        for socket in list(self.open):
            socket.is_leaving = True
            await socket.end()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.open),
            "debug_info": {
                "host": "sandbox",
                "build_number": 1,
                "approximate_connection_time": CONNECTION_SECONDS,
            },
            "connection_info": {"app_id": self._app.id},
        }

    def _heard(self, text: str) -> None:
        try:
            message = json.loads(text)
        except ValueError:
            return
        envelope = message.get("envelope_id") if isinstance(message, dict) else None
        waiting = self._waiting.get(str(envelope))
        if waiting is None or waiting.done():
            return
        if self.mute > 0:
            self.mute -= 1
            return
        self.acknowledged.append(str(envelope))
        waiting.set_result(message.get("payload"))

    def _forsake(self, socket: Socket) -> None:
        for envelope in socket.envelopes:
            waiting = self._waiting.get(envelope)
            if waiting is not None and not waiting.done():
                waiting.set_exception(ConnectionResetError())
