"""The one way in for chats that push: judge, store to the inbox, then answer.

Nothing is understood here. A 200 means the event is committed; while the database is away the
chat is told to come again, and it does.
"""

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from aiohttp import web

from integrations.chat.incoming import Received, Refused
from models.clock import Clock
from web_oauth.bodies import read_body
from web_oauth.door import ChatDoor
from web_oauth.metrics import SiteMetrics
from web_oauth.trouble import DATABASE_DOWN

log = logging.getLogger(__name__)

MAX_EVENT_BYTES = 1_000_000
MAX_BATCH = 500
STORE_SECONDS = 10.0
RETRY_AFTER_SECONDS = 5
AGAIN_SECONDS = 0.25

StoreReceived = Callable[[Sequence[Received], datetime], Awaitable[int]]
"""`models.inbox.store_received`."""


class GatheringInbox:
    """Stores events one by one as they come, and together when they come faster than that.

    One task writes for all who wait: what came during a statement is stored by the next one, up to
    500 events at once. All of them hear of its commit in the same turn of the loop.
    """

    def __init__(self, store: StoreReceived, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._waiting: list[tuple[Received, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def put(self, received: Received, *, patience_seconds: float = 0.0) -> None:
        """Return when the event is committed; raises what storing raised.

        While the database is away it is tried again for *patience_seconds*.
        """
        until = self._clock.monotonic() + patience_seconds
        while True:
            try:
                await self._put_once(received)
            except DATABASE_DOWN:
                if self._clock.monotonic() + AGAIN_SECONDS > until:
                    raise
                await self._clock.pause(AGAIN_SECONDS)
            else:
                return

    async def _put_once(self, received: Received) -> None:
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((received, stored))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        await stored

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
            try:
                async with asyncio.timeout(STORE_SECONDS):
                    await self._store([received for received, _ in batch], self._clock.now())
            except asyncio.CancelledError:
                _tell([*batch, *self._waiting], TimeoutError("the writing was cancelled"))
                self._waiting = []
                raise
            except Exception as err:  # noqa: BLE001 - handed to each who waits
                _tell(batch, err)
            else:
                _tell(batch, None)


def _tell(batch: Sequence[tuple[Received, "asyncio.Future[None]"]], err: Exception | None) -> None:
    """Tell those who still wait that their events are stored, or why they are not."""
    for _, stored in batch:
        if stored.done():
            continue
        if err is None:
            stored.set_result(None)
        else:
            stored.set_exception(err)


class Hooks:
    """The webhook door of every chat that takes webhooks."""

    def __init__(
        self,
        *,
        chats: Mapping[str, ChatDoor],
        inbox: GatheringInbox,
        wake: Callable[[], None],
        metrics: SiteMetrics,
    ) -> None:
        self._doors = chats
        self._inbox = inbox
        self._wake = wake
        self._metrics = metrics

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the routes, with and without the random last part."""
        return [
            web.post("/hooks/{chat}", self.take),
            web.post("/hooks/{chat}/{path_secret}", self.take),
        ]

    async def take(self, request: web.Request) -> web.Response:
        """Judge an event, commit it, answer 200. Refusals say nothing but their status."""
        name = request.match_info["chat"]
        door = self._doors.get(name)
        if door is None or not _is_right_path(door, request.match_info.get("path_secret", "")):
            raise web.HTTPNotFound
        body = await _body(door, request)
        try:
            verdict = (
                body
                if isinstance(body, Refused)
                else await door.chat.receive(request.headers, body, partial(self._store, door))
            )
        except DATABASE_DOWN as err:
            self._metrics.hook_refused(name, 503)
            log.warning("hook.not_stored", extra={"chat": name, "error": type(err).__name__})
            return web.Response(status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
        if isinstance(verdict, Refused):
            self._metrics.hook_refused(name, verdict.status)
            log.warning("hook.refused", extra={"chat": name, "status": verdict.status})
            return web.Response(status=verdict.status)
        return _answer(verdict.body)

    async def _store(self, door: ChatDoor, events: Sequence[Received]) -> None:
        async with asyncio.timeout(door.answer_seconds):
            for one in events:
                await self._inbox.put(one, patience_seconds=door.patience_seconds)
        for _ in events:
            self._metrics.hook_stored(door.chat.name)
        self._wake()


async def _body(door: ChatDoor, request: web.Request) -> bytes | Refused:
    """Read the body of what may be from the chat, and be in its form."""
    if door.is_judged_by_header:
        early = await door.chat.receive(request.headers, b"", _nowhere)
        if isinstance(early, Refused) and early.status in {401, 403}:
            return early
    if request.content_type not in door.content_types or "Content-Encoding" in request.headers:
        return Refused(415)
    try:
        return await read_body(request, max_bytes=MAX_EVENT_BYTES)
    except web.HTTPClientError as err:
        return Refused(err.status)


async def _nowhere(events: Sequence[Received]) -> None:
    """Store nothing: there is no body yet that could bring anything."""


def _answer(body: str) -> web.Response:
    return web.Response(text=body, content_type="application/json") if body else web.Response()


def _is_right_path(door: ChatDoor, shown: str) -> bool:
    secret = door.path_secret.get_secret_value() if door.path_secret else ""
    return hmac.compare_digest(shown.encode(errors="surrogatepass"), secret.encode())
