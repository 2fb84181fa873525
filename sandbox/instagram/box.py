"""The pretend Instagram in one object: serve it, look into it, do harm to it."""

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import aiohttp

from sandbox.instagram.accounts import SCOPES, PretendAccount
from sandbox.instagram.bell import Bell
from sandbox.instagram.faults import Action, Fault, FaultBoard
from sandbox.instagram.graph import Graph
from sandbox.instagram.journal import Entry, Journal
from sandbox.instagram.oauth import App, OAuth
from sandbox.instagram.publishing import Publishing
from sandbox.instagram.settings import Settings
from sandbox.instagram.world import Container, Published, Token, World

APP_ID = "1029384756000001"
APP_SECRET = "sandbox-instagram-app-secret"
_DOWN = "down"
_CALLBACK_SECONDS = 15.0


class InstagramSandbox:
    """A strict, stateful stand-in for Instagram with Instagram Login.

    Give it a *now*, mount it on an aiohttp application (`mounting.mount`), and let the application
    run: it starts and closes with it.  Without *state_folder* everything is forgotten at the end.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        state_folder: Path | None = None,
        settings: Settings | None = None,
        app_id: str = APP_ID,
        app_secret: str = APP_SECRET,
    ) -> None:
        self.now = now
        self.app = App(app_id, app_secret)
        self.settings = settings or Settings()
        self.bell = Bell()
        self.faults = FaultBoard(on_spent=lambda: self.bell.ring("faults"))
        self.journal = Journal()
        self.closing = asyncio.Event()
        self._scratch = None if state_folder else tempfile.TemporaryDirectory(prefix="sandbox-")
        folder = state_folder or Path(self._scratch.name if self._scratch else "")
        media = folder / "media"
        media.mkdir(parents=True, exist_ok=True)
        self.world = World(media, state_folder and folder / "instagram.json")
        self.oauth = OAuth(self.world, self.settings, self.app, now)
        self.publishing = Publishing(self.world, self.settings, self.faults, self.bell, now)
        self.graph = Graph(self.world, self.settings, self.oauth, self.publishing, now)
        self._writer: asyncio.Task[None] | None = None

    # What became of it

    @property
    def published(self) -> list[Published]:
        """Everything that ever went public, oldest first, deleted posts too."""
        return list(self.world.published.values())

    @property
    def containers(self) -> list[Container]:
        """Every container, oldest first; `publish_calls` counts the calls each one met."""
        return list(self.world.containers.values())

    @property
    def violations(self) -> list[Entry]:
        """Calls that the real Instagram does not have: each one is a bug of the caller."""
        return self.journal.violations

    async def until_published(self, count: int, seconds: float = 10.0) -> list[Published]:
        """Return what is public as soon as there are *count* posts."""
        await self.bell.until(lambda: len(self.published) >= count, seconds)
        return self.published

    async def until_called(self, route: str, times: int = 1, seconds: float = 10.0) -> list[Entry]:
        """Return the calls of *route* as soon as there are that many."""
        await self.bell.until(lambda: len(self.journal.of(route)) >= times, seconds)
        return self.journal.of(route)

    # What is done to it

    def issue_token(
        self, username: str, scopes: tuple[str, ...] = SCOPES, *, is_long: bool = True
    ) -> Token:
        """Give a token without any consent, for tests that begin connected."""
        return self.world.issue_token(username, list(scopes), self.now(), is_long=is_long)

    def consent(
        self,
        authorize_address: str,
        username: str,
        *,
        allow: bool = True,
        scopes: list[str] | None = None,
    ) -> str:
        """Choose on the consent page as a person would; returns where the browser goes next."""
        query = dict(parse_qsl(urlsplit(authorize_address).query, keep_blank_values=True))
        consent = self.oauth.read_consent(query)
        return self.oauth.decide(consent, username, allow=allow, scopes=scopes)

    def kill_tokens(self, username: str, subcode: int = 458) -> int:
        """Take every token of the account away: 458 revoked, 460 password, 463 expired."""
        found = [one for one in self.world.tokens.values() if one.username == username]
        for token in found:
            token.dead = subcode
        self._changed("tokens")
        return len(found)

    def fault(self, action: Action, route: str | None = None, **more: object) -> Fault:
        """Put up a fault (see `faults.Fault` for what it takes)."""
        return self.put_up(Fault.read({"action": action, "route": route, **more}))

    def put_up(self, fault: Fault) -> Fault:
        """Put up a fault made before."""
        self.faults.add(fault)
        self._changed("faults")
        return fault

    def go_down(self) -> None:
        """Answer every call with 503 until `come_back`."""
        if not self.is_down:
            self.fault("error", None, times=None, status=503, code=2, label=_DOWN)

    def come_back(self) -> None:
        """End what `go_down` began."""
        self.faults.clear(label=_DOWN)
        self._changed("faults")

    @property
    def is_down(self) -> bool:
        """Whether `go_down` holds."""
        return any(fault.label == _DOWN for fault in self.faults.waiting())

    def like(self, media_id: str) -> Published:
        """Like a post, or take the like back; raises KeyError when there is none."""
        post = self.world.published[media_id]
        post.is_liked = not post.is_liked
        post.likes += 1 if post.is_liked else -1
        self._changed("liked")
        return post

    def delete(self, media_id: str) -> Published:
        """Remove a post as its owner does in the app; raises KeyError when there is none."""
        post = self.world.published[media_id]
        post.is_deleted = True
        self._changed("deleted")
        return post

    def account(self, username: str) -> PretendAccount:
        """Return a pretend account; raises KeyError when there is none."""
        return self.world.accounts[username]

    def signed_request(self, username: str) -> str:
        """Return what Meta would send about this person."""
        return self.oauth.signed_request(self.account(username))

    async def call_back(self, username: str, address: str) -> tuple[int, str]:
        """Post the signed_request about this person to *address*; returns status and body."""
        if self.publishing.session is None:
            raise RuntimeError("the sandbox is not started")
        timeout = aiohttp.ClientTimeout(total=_CALLBACK_SECONDS)
        form = {"signed_request": self.signed_request(username)}
        async with self.publishing.session.post(address, data=form, timeout=timeout) as answer:
            return answer.status, await answer.text()

    def media_names(self) -> set[str]:
        """Return the files that a post shows; nothing else in the folder is served."""
        names: set[str] = set()
        for post in self.published:
            names |= {one.file for one in post.media}
            if post.cover is not None:
                names.add(post.cover.file)
        return names

    def _changed(self, what: str) -> None:
        self.world.touch()
        self.bell.ring(what)

    # Its life

    async def start(self) -> None:
        """Go on with what an earlier run kept."""
        await asyncio.to_thread(self.world.load)
        self.publishing.session = aiohttp.ClientSession()
        self._writer = asyncio.create_task(self.world.keep_written())

    def shut(self) -> None:
        """Let go of who is kept waiting."""
        self.closing.set()

    async def close(self) -> None:
        """End all work and write everything down."""
        await self.publishing.close()
        if self.publishing.session is not None:
            await self.publishing.session.close()
        if self._writer is not None:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
        await self.world.write()
        if self._scratch is not None:
            await asyncio.to_thread(self._scratch.cleanup)
