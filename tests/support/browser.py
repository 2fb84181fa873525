"""A browser: cookies of its own, no redirect followed unasked, and a memory of what it saw."""

from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import aiohttp
from yarl import URL

from sandbox.instagram import InstagramSandbox

_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Page:
    """What a browser was answered."""

    status: int
    text: str
    location: str


class Browser:
    """One person's browser; `pages` and `secrets` are lists it adds to."""

    def __init__(
        self, instagram: InstagramSandbox, *, pages: list[str], secrets: set[str]
    ) -> None:
        self._instagram = instagram
        self._pages = pages
        self._secrets = secrets

    async def __aenter__(self) -> Self:
        """Open it."""
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            timeout=aiohttp.ClientTimeout(total=_SECONDS),
        )
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        """Close it, cookies and all."""
        await self._session.close()

    async def ask(self, method: str, address: str, **more: Any) -> Page:
        """Ask for an address as it stands, and show what came."""
        url = URL(address, encoded=True)
        async with self._session.request(method, url, allow_redirects=False, **more) as answer:
            text = await answer.text()
            self._secrets.update(one.value for one in answer.cookies.values() if one.value)
            location = answer.headers.get("Location", "")
        self._pages.append(text)
        return Page(answer.status, text, location)

    async def get(self, address: str) -> Page:
        """Open an address."""
        return await self.ask("GET", address)

    async def begin(self, link: str) -> str:
        """Press the button on the page behind a link; gives the address of the consent page."""
        page = await self.get(link)
        assert page.status == 200, page.text
        answer = await self.ask("POST", link)
        assert answer.status == 303, answer.text
        self._secrets.update(parse_qs(urlsplit(answer.location).query)["state"])
        return answer.location

    async def consent(
        self, link: str, *, username: str, allow: bool = True, scopes: list[str] | None = None
    ) -> str:
        """Go from the link to the consent page and choose; gives the address that leads back."""
        return self._instagram.consent(
            await self.begin(link), username=username, allow=allow, scopes=scopes
        )
