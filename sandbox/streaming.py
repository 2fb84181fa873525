"""Server-sent events, as the page listens to them."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

HEARTBEAT_SECONDS = 15.0

Event = Mapping[str, object]


async def stream_events(
    request: web.Request, next_event: Callable[[], Awaitable[Event | None]]
) -> web.StreamResponse:
    """Send what *next_event* gives until it gives None or the page is gone."""
    stream = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    )
    await stream.prepare(request)
    with contextlib.suppress(ConnectionError):
        await stream.write(b"retry: 1000\n\n")
        while await _pass_on(stream, next_event()):
            pass
    return stream


async def _pass_on(stream: web.StreamResponse, coming: Awaitable[Event | None]) -> bool:
    """Write the event that comes, or a sign of life; False when there will be no more."""
    try:
        async with asyncio.timeout(HEARTBEAT_SECONDS):
            event = await coming
    except TimeoutError:
        await stream.write(b": still here\n\n")
        return True
    if event is None:
        return False
    await stream.write(f"data: {json.dumps(event)}\n\n".encode())
    return True
