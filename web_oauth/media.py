"""Media for the platforms to fetch: one object per signed link, never listed, never by path."""

import logging
import re
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from integrations.storage.contract import MediaStore, ObjectGone
from integrations.storage.kinds import mime_of

log = logging.getLogger(__name__)

_KEY_FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}\Z")
_RANGE_FORM = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")


class Links(Protocol):
    """Judges signed links (`integrations.storage.links.SignedLinks` does)."""

    def is_good(self, token: str, key: str) -> bool:
        """Tell whether *token* opens *key* now."""


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes of an object to send, first and last included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many bytes that are."""
        return self.last - self.first + 1


class Media:
    """Serves objects of the media store by signed link."""

    def __init__(self, *, store: MediaStore, links: Links) -> None:
        self._store = store
        self._links = links

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the one route (HEAD comes with GET)."""
        return [web.get("/m/{token}/{key}", self.serve)]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Stream an object, or one range of it.

        Refused with 403 when the link is not ours, is for another object, or has ended; 404 when
        the object is gone; 416 when it has no such range.
        """
        token, key = request.match_info["token"], request.match_info["key"]
        if not _KEY_FORM.match(key) or not self._links.is_good(token, key):
            raise web.HTTPForbidden(text="this link is not good (any more)")
        try:
            size = await self._store.size(key)
        except ObjectGone as err:
            raise web.HTTPNotFound(text="gone") from err
        response = web.StreamResponse(headers=_headers(key))
        asked = "" if "If-Range" in request.headers else request.headers.get("Range", "")
        part = read_range(asked, size)
        if part is None:
            raise web.HTTPRequestRangeNotSatisfiable(headers={"Content-Range": f"bytes */{size}"})
        if part.length != size:
            response.set_status(206)
            response.headers["Content-Range"] = f"bytes {part.first}-{part.last}/{size}"
        response.content_length = part.length
        await response.prepare(request)
        if request.method != "HEAD" and part.length:
            await self._send(request, response, key, part)
        return response

    async def _send(
        self, request: web.Request, response: web.StreamResponse, key: str, part: Part
    ) -> None:
        try:
            async for chunk in self._store.open(key, start=part.first, end=part.last):
                await response.write(chunk)
            await response.write_eof()
        except (OSError, ObjectGone) as err:
            # The status is out already: only a broken connection can say that this is not all.
            log.info("media.broken_off", extra={"key": key, "error": type(err).__name__})
            if request.transport is not None:
                request.transport.abort()


def read_range(header: str, size: int) -> Part | None:
    """Return what of an object of *size* bytes is asked for, None when it has no such bytes.

    Several ranges, other units and nonsense are answered with the whole (RFC 9110, 14.2).
    """
    whole = Part(0, size - 1)
    found = _RANGE_FORM.match(header.replace(" ", ""))
    if not found or found.group(1) == found.group(2) == "":
        return whole
    first, last = found.groups()
    if not first:
        return Part(max(0, size - int(last)), size - 1) if int(last) and size else None
    if last and int(last) < int(first):
        return whole
    if int(first) >= size:
        return None
    return Part(int(first), min(int(last), size - 1) if last else size - 1)


def _headers(key: str) -> dict[str, str]:
    return {
        "Content-Type": mime_of(key),
        "Content-Disposition": "attachment",
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
    }
