"""Fetch the media a container names, as Meta's crawler does: from outside, and not for long."""

import asyncio
from urllib.parse import urlsplit

import aiohttp

from sandbox.instagram.errors import refusal

USER_AGENT = "facebookexternalhit/1.1"
_NOT_MEDIA = ("text/", "application/json", "application/xml")


async def fetch(
    session: aiohttp.ClientSession,
    url: str,
    *,
    max_bytes: int,
    seconds: float,
    require_https: bool,
) -> bytes:
    """Return what *url* holds, at most one byte more than *max_bytes*.

    Raises:
        GraphError: 9004/2207052 when it cannot be had, -2/2207003 when it takes too long.
    """
    unreachable = refusal(9004, 2207052)
    scheme = urlsplit(url).scheme
    if (
        not url.isascii()
        or scheme not in {"http", "https"}
        or (require_https and scheme == "http")
    ):
        raise unreachable
    try:
        async with (
            asyncio.timeout(seconds),
            session.get(url, allow_redirects=False, headers={"User-Agent": USER_AGENT}) as answer,
        ):
            kind = answer.content_type
            if answer.status != 200 or kind.startswith(_NOT_MEDIA):  # noqa: PLR2004
                raise unreachable
            return await _read(answer, max_bytes)
    except TimeoutError as err:
        raise refusal(-2, 2207003) from err
    except (aiohttp.ClientError, ValueError, OSError) as err:
        raise unreachable from err


async def _read(answer: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    """Stop one byte past the limit: that is enough to know."""
    whole = bytearray()
    async for chunk in answer.content.iter_chunked(1 << 16):
        whole += chunk
        if len(whole) > max_bytes:
            break
    return bytes(whole)
