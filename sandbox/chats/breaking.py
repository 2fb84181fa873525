"""Answers that break off on purpose: cut, endless, half, or never given."""

import asyncio

from aiohttp import web

from sandbox.chats.faults import AnyFault, Faults

_ENDLESS_CHUNK = bytes(2**16)


class Cut(ConnectionResetError):
    """The connection was cut on purpose; aiohttp ends the request without a word."""


def cut(request: web.Request) -> None:
    """Cut the connection of *request*.

    Raises:
        Cut: always, so that nothing is answered.
    """
    if request.transport is not None:
        request.transport.abort()
    raise Cut


async def hang(faults: Faults[AnyFault], fault: AnyFault, closing: asyncio.Event) -> None:
    """Say nothing until *fault* is cleared or the stand-in stops."""
    stopped = asyncio.ensure_future(closing.wait())
    cleared = asyncio.ensure_future(faults.cleared(fault))
    _, left = await asyncio.wait({stopped, cleared}, return_when=asyncio.FIRST_COMPLETED)
    for task in left:
        task.cancel()


async def pour(request: web.Request, kind: str) -> web.StreamResponse:
    """Never stop sending: a file whose size was a lie."""
    response = web.StreamResponse(headers={"Content-Type": kind})
    await response.prepare(request)
    try:
        while True:
            await response.write(_ENDLESS_CHUNK)
    except (ConnectionError, OSError):
        return response


async def break_off(request: web.Request, data: bytes, kind: str) -> web.StreamResponse:
    """Promise everything, send half, hang up."""
    headers = {"Content-Length": str(len(data)), "Content-Type": kind}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    await response.write(data[: len(data) // 2])
    cut(request)
    return response
