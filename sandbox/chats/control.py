"""What the control sides of both chats share: how a page asks, and how it is answered."""

import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from sandbox.chats.journal import AnyCall, Call

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.Response]]

LARGEST_MESSAGE_BYTES = 300 * 2**20


def plainly(handler: Handler) -> Handler:
    """Turn what a person cannot do into words the page can show."""

    async def answer(request: web.Request) -> web.Response:
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            # Another site's page in the same browser has no business here.
            return web.json_response({"error": "asked by a foreign page"}, status=403)
        try:
            return await handler(request)
        except LookupError as err:
            status = 409 if request.path.endswith("/press") else 404
            return web.json_response(
                {"error": str(err.args[0] if err.args else err)}, status=status
            )
        except (ValueError, TypeError) as err:
            return web.json_response({"error": str(err)}, status=400)

    return answer


async def read_json(request: web.Request) -> Json:
    """Read a JSON object; nothing sent is an empty one. Files come in forms only."""
    asked = json.loads(await roomy(request).read() or b"{}")
    if not isinstance(asked, dict):
        raise TypeError("a JSON object is expected")
    asked.pop("files", None)
    return asked


def roomy(request: web.Request) -> web.Request:
    """Give *request* with room for the largest message."""
    return request.clone(client_max_size=LARGEST_MESSAGE_BYTES)


def newest_calls(calls: Iterable[AnyCall], request: web.Request, *, last: int) -> list[AnyCall]:
    """Give the calls that ``?method=&last=`` asks for, *last* unless it says how many."""
    method = request.query.get("method")
    asked = [call for call in calls if not method or call.method == method]
    return asked[-int(request.query.get("last", last)) :]


def call_shown(call: Call) -> Json:
    """Give a call as the page reads it."""
    return {
        "method": call.method,
        "parameters": call.parameters,
        "status": call.status,
        "error": call.error,
        "fault": call.fault,
        "at": call.at.isoformat(),
    }
