"""The whole outside world on one port: Telegram, Slack, Instagram, the control side and the page.

`Sandbox` holds the parts for tests that speak Python; its `app` is what is served.
"""

import asyncio
import json
import math
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web

from sandbox.clock import ShiftedClock
from sandbox.instagram import InstagramSandbox
from sandbox.instagram.control import Control as InstagramControl
from sandbox.instagram.mounting import mount
from sandbox.slack import SlackSandbox
from sandbox.slack.control import Control as SlackControl
from sandbox.streaming import stream_events
from sandbox.telegram import TelegramSandbox
from sandbox.telegram.control import Control as TelegramControl

PAGE_FOLDER = Path(__file__).with_name("page")
MAX_SHIFT = timedelta(days=3650)
_QUIET = frozenset({"call", "settled", "socket"})
_PAGE_HEADERS = {
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
}
_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".mp4": "video/mp4",
    ".svg": "image/svg+xml",
}


class Sandbox:
    """Stand-ins that share one clock; with a *folder* they go on tomorrow where they stopped."""

    def __init__(self, clock: ShiftedClock | None = None, folder: Path | None = None) -> None:
        self.clock = clock or ShiftedClock()
        self.telegram = TelegramSandbox(self.clock, folder and folder / "telegram")
        self.slack = SlackSandbox(self.clock, folder and folder / "slack")
        self.instagram = InstagramSandbox(
            self.clock.now, state_folder=folder and folder / "instagram"
        )
        self._instagram_control = InstagramControl(self.instagram)
        self._listeners: set[asyncio.Queue[dict[str, object] | None]] = set()
        self.app = self._build()

    def advance(self, by: timedelta) -> None:
        """Move the clock on, for everyone who reads the same shift file."""
        self.clock.advance(by)
        self._tell({"area": "clock", "kind": "moved"})

    def _build(self) -> web.Application:
        app = web.Application()
        self.telegram.add_to(app)
        app.add_routes(TelegramControl(self.telegram).routes())
        self.slack.add_to(app)
        app.add_routes(SlackControl(self.slack).routes())
        mount(self.instagram, app)
        self._instagram_control.register(app)
        router = app.router
        router.add_get("/", self._index)
        router.add_get("/t.me/{username}", self._chat_link)
        router.add_get(r"/page/{path:[\w./-]+}", self._page_file)
        router.add_get("/__sandbox/health", self._health)
        router.add_get("/__sandbox/clock", self._clock)
        router.add_post("/__sandbox/clock", self._move_clock)
        router.add_get("/__sandbox/state", self._state)
        router.add_get("/__sandbox/events", self._events)
        # Before the stand-ins close: an open stream would hold the server up.
        app.on_shutdown.insert(0, self._end_streams)
        return app

    async def _index(self, _request: web.Request) -> web.StreamResponse:
        return _file(PAGE_FOLDER / "index.html")

    async def _chat_link(self, request: web.Request) -> web.StreamResponse:
        """Do what t.me does: open the chat, with Start pressed when the link says so."""
        payload = request.query.get("start", "")
        raise web.HTTPFound(f"/?{urlencode({'start': payload})}" if payload else "/")

    async def _page_file(self, request: web.Request) -> web.StreamResponse:
        path = (PAGE_FOLDER / request.match_info["path"]).resolve()
        if not path.is_relative_to(PAGE_FOLDER) or path.suffix not in _TYPES or not path.is_file():
            raise web.HTTPNotFound
        return _file(path)

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async def _clock(self, _request: web.Request) -> web.Response:
        return web.json_response(self._clock_shown())

    async def _move_clock(self, request: web.Request) -> web.Response:
        """Take {advance_seconds} (forward only), {to: instant} or {shift_seconds}."""
        try:
            shift = _wanted_shift(json.loads(await request.text()), self.clock)
        except (ValueError, TypeError, KeyError) as err:
            raise web.HTTPBadRequest(
                text=json.dumps({"error": str(err)}), content_type="application/json"
            ) from err
        await asyncio.to_thread(self.clock.set_shift, shift)
        self._tell({"area": "clock", "kind": "moved"})
        return web.json_response(self._clock_shown())

    async def _state(self, _request: web.Request) -> web.Response:
        """Give what a page needs to begin; chats are read by themselves."""
        return web.json_response(
            {
                "clock": self._clock_shown(),
                "telegram": {
                    "token": self.telegram.token,
                    "people": [
                        {"id": person.id, "name": person.name} for person in self.telegram.people()
                    ],
                },
                "instagram": self._instagram_control.state(),
            }
        )

    def _clock_shown(self) -> dict[str, object]:
        return {"now": self.clock.now().isoformat(), "shift_seconds": self.clock.shift_seconds}

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Join the news of all stand-ins and the clock into one stream."""
        queue: asyncio.Queue[dict[str, object] | None] = asyncio.Queue()
        self._listeners.add(queue)
        pumps = [
            asyncio.create_task(self._pump_telegram(queue.put_nowait)),
            asyncio.create_task(self._pump_slack(queue.put_nowait)),
            asyncio.create_task(self._pump_instagram(queue.put_nowait)),
        ]
        try:
            return await stream_events(request, queue.get)
        finally:
            self._listeners.discard(queue)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _pump_telegram(self, put: Callable[[dict[str, object]], None]) -> None:
        async for event in self.telegram.events():
            if event["kind"] not in _QUIET:
                put(event)

    async def _pump_slack(self, put: Callable[[dict[str, object]], None]) -> None:
        async for event in self.slack.events():
            if event["kind"] not in _QUIET:
                put(event)

    async def _pump_instagram(self, put: Callable[[dict[str, object]], None]) -> None:
        async for change in self.instagram.bell.changes():
            if change not in _QUIET:
                put({"area": "instagram", "kind": change})

    def _tell(self, event: dict[str, object] | None) -> None:
        for queue in self._listeners:
            queue.put_nowait(event)

    async def _end_streams(self, _app: web.Application) -> None:
        self._tell(None)


def build_app(clock: ShiftedClock | None = None, folder: Path | None = None) -> web.Application:
    """Return the application of a new `Sandbox`, for who needs nothing but its port."""
    return Sandbox(clock, folder).app


def _file(path: Path) -> web.FileResponse:
    headers = {**_PAGE_HEADERS, "Content-Type": _TYPES[path.suffix]}
    return web.FileResponse(path, headers=headers)


def _wanted_shift(asked: dict[str, object], clock: ShiftedClock) -> float:
    match asked:
        case {"advance_seconds": int() | float() as seconds} if seconds >= 0:
            shift = clock.shift_seconds + seconds
        case {"to": str() as text}:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                raise ValueError("to needs a time zone")
            shift = clock.shift_seconds + (moment - clock.now()).total_seconds()
        case {"shift_seconds": int() | float() as seconds}:
            shift = float(seconds)
        case _:
            raise ValueError("advance_seconds (0 or more), to, or shift_seconds is wanted")
    if not math.isfinite(shift) or abs(shift) > MAX_SHIFT.total_seconds():
        raise ValueError("that is too far")
    return shift
