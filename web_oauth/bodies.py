"""Reading a request's body with a limit, before anything is done with it."""

import asyncio

from aiohttp import web

BODY_SECONDS = 15.0
"""How long a body may take to arrive."""

_CHUNK_BYTES = 64 * 1024


async def read_body(request: web.Request, *, max_bytes: int) -> bytes:
    """Return the body.

    Raises:
        HTTPRequestEntityTooLarge: announced or found to be longer than *max_bytes*; not read on.
        HTTPRequestTimeout: it trickles.
    """
    announced = request.content_length
    if announced is not None and announced > max_bytes:
        raise web.HTTPRequestEntityTooLarge(max_bytes, announced)
    content = request.content
    if content.is_eof() and content.exception() is None:
        # All of it came with the headers, as nearly everything does.
        whole = content.read_nowait()
        if len(whole) > max_bytes:
            raise web.HTTPRequestEntityTooLarge(max_bytes, len(whole))
        return whole
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in content.iter_chunked(_CHUNK_BYTES):
                body += chunk
                if len(body) > max_bytes:
                    raise web.HTTPRequestEntityTooLarge(max_bytes, len(body))
    except TimeoutError as err:
        raise web.HTTPRequestTimeout from err
    return bytes(body)
