"""The pages of the site: templates in, responses out. Everything in them is escaped."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from models.ids import short

_FOLDER = Path(__file__).parent
_STATIC: Mapping[str, str] = {"site.css": "text/css", "mark.svg": "image/svg+xml"}
_LINK_SCHEMES = frozenset({"http", "https", "tg", "slack"})
_MAX_NAME_CHARS = 80
_DIRECTION_MARKS = frozenset(
    chr(code) for code in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)


@dataclass(frozen=True, slots=True)
class Way:
    """A button that leads on: its label and where it goes."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Message:
    """A page that only says something: what happened, what it means, and the way on."""

    title: str
    lines: tuple[str, ...]
    way: Way | None = None
    is_good: bool = False
    reference: str = ""


class Pages:
    """Renders the templates beside this file."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(_FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["plain"] = plain
        self._templates.filters["short"] = short

    def page(self, template: str, *, status: int = 200, **values: object) -> web.Response:
        """Return a page; it is never kept by a cache."""
        body = self._templates.get_template(template).render(**values)
        return web.Response(
            text=body,
            status=status,
            content_type="text/html",
            headers={"Cache-Control": "no-store", "X-Robots-Tag": "noindex"},
        )

    def say(self, message: Message, *, status: int = 200) -> web.Response:
        """Return a page that says *message*."""
        return self.page("message.html", status=status, message=message)


class Static:
    """The few files that pages need, by name; nothing is served by path."""

    def __init__(self) -> None:
        folder = _FOLDER / "static"
        self._files = {name: (folder / name).read_bytes() for name in _STATIC}

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return one route for all of them."""
        return [web.get("/static/{name}", self.serve)]

    async def serve(self, request: web.Request) -> web.Response:
        """Return a file, 404 for every name that is not ours."""
        name = request.match_info["name"]
        if name not in self._files:
            raise web.HTTPNotFound
        return web.Response(
            body=self._files[name],
            content_type=_STATIC[name],
            charset="utf-8",
            headers={"Cache-Control": "public, max-age=3600"},
        )


def plain(name: str) -> str:
    """Return a name without control and direction marks (it cannot turn the words around it)."""
    kept = "".join(
        char
        for char in name
        if unicodedata.category(char) not in {"Cc", "Cs"} and char not in _DIRECTION_MARKS
    )
    return kept if len(kept) <= _MAX_NAME_CHARS else f"{kept[:_MAX_NAME_CHARS]}…"


def way(label: str, url: str) -> Way | None:
    """Return a button, None where there is no address or it is none to click on."""
    return Way(label, url) if urlsplit(url).scheme in _LINK_SCHEMES else None
