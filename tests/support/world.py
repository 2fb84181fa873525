"""The whole product beside the sandbox, in one loop: what journeys are told with."""

import asyncio
import io
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from bot import config, logs
from bot.processes import serve
from bot.settings.fields import Settings
from bot.wiring import Parts, build
from models.account import Account
from models.post import Post, Target
from models.team import ChatIdentity
from sandbox.instagram import InstagramSandbox
from sandbox.instagram.box import APP_ID, APP_SECRET
from sandbox.instagram.mounting import mount
from sandbox.serving import serving
from sandbox.telegram import TelegramSandbox
from sandbox.telegram.people import Person, Place
from sandbox.telegram.view import Seen
from scheduling.timing import PRODUCTION, Timing
from tests.support.browser import Browser
from tests.support.canaries import leaks
from tests.support.clock import SettableClock
from tests.support.telegram import judge_call
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from sandbox.slack import SlackSandbox

ROLES = frozenset({"chat", "site", "worker", "clock"})
ZONE = "Europe/Berlin"
BRAND = "cafe.lindenhof"


class World:
    """A person, a chat, an Instagram, and Postcue between them."""

    def __init__(
        self,
        *,
        telegram: TelegramSandbox,
        instagram: InstagramSandbox,
        clock: SettableClock,
        settings: Settings,
        database_url: str,
        outside: str,
        timing: Timing = PRODUCTION,
        log_lines: io.StringIO | None = None,
    ) -> None:
        self.telegram = telegram
        self.slack: SlackSandbox | None = None
        """The stand-in of Slack, where the product speaks to one."""
        self.instagram = instagram
        self.clock = clock
        self.settings = settings
        self.database_url = database_url
        self.outside = outside
        self.timing = timing
        self.log_lines = log_lines or io.StringIO()
        self.pages: list[str] = []
        """Every page that a browser was shown."""
        self.secrets: set[str] = set()
        """What only a browser ever held: states and cookies."""
        self.dana = telegram.person("Dana", language="en")
        self._stack = AsyncExitStack()
        self._stop = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None
        self._parts: Parts | None = None

    @property
    def parts(self) -> Parts:
        assert self._parts is not None, "the product is not running"
        return self._parts

    # ── the product ─────────────────────────────────────────────────────────────────────────

    async def start(self) -> None:
        """Start the product, as `up` does."""
        self._stop = asyncio.Event()
        self._stack = AsyncExitStack()
        self._parts = await self._stack.enter_async_context(
            build(
                self.settings,
                roles=ROLES,
                database_url=self.database_url,
                is_embedded=True,
                clock=self.clock,
                timing=self.timing,
            )
        )
        self._serving = asyncio.create_task(
            serve(self._parts, ROLES, self._stop, is_embedded=True)
        )
        await wait_until(self._is_listening, what="the site listens")

    async def stop(self) -> None:
        """Stop the product as SIGTERM does."""
        self._stop.set()
        if self._serving:
            await self._serving
        await self._stack.aclose()
        self._parts, self._serving = None, None

    async def kill(self) -> None:
        """End the product in the middle of whatever it does, without any goodbye."""
        if self._parts:
            # A stop would let the publisher finish; who is killed finishes nothing.
            for task in list(self._parts.engine.publisher._work):
                task.cancel()
        if self._serving:
            self._serving.cancel()
            with suppress(asyncio.CancelledError):
                await self._serving
        await self._stack.aclose()
        self._parts, self._serving = None, None

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def _is_listening(self) -> bool:
        if self._serving and self._serving.done():
            await self._serving
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.settings.http_port)
        except OSError:
            return False
        writer.close()
        return True

    def pass_time(self, by: timedelta) -> None:
        """Let time pass for everybody; whoever waits looks again."""
        self.clock.pass_time(by)
        if self._parts:
            self._parts.wakeups.wake_all()

    # ── people and accounts ─────────────────────────────────────────────────────────────────

    async def settle_in(self, person: Person | None = None, *, zone: str = ZONE) -> None:
        """Have a person say hello and tell their zone."""
        who = person or self.dana
        await who.starts()
        await who.sees(lambda seen: "photo" in seen.text)
        await who.writes(f"/timezone {zone}")
        await who.sees(lambda seen: zone in seen.text)

    async def connect(self, person: Person | None = None, *, username: str = "") -> Account:
        """Connect an account as the person would: link, consent in a browser, yes in the chat."""
        who = person or self.dana
        page = await self.allow(await self.connect_link(who), username=username)
        assert "connected" in page.casefold(), page
        asked = await who.sees(lambda seen: "Is it yours?" in seen.text)
        await who.presses(asked, "Yes, it is mine")
        await who.sees(lambda seen: "✅" in seen.text and "connected" in seen.text)
        found = await Account.filter(state="active").order_by("-updated_at").first()
        assert found is not None
        return found

    async def connect_link(self, person: Person | None = None) -> str:
        """Ask for a link to connect an account, and give it."""
        who = person or self.dana
        asked = await who.writes("/connect")
        offered = await who.sees(
            lambda seen: any("/connect/" in one.url for row in seen.buttons for one in row),
            after=asked,
        )
        return link_of(offered)

    def browser(self) -> Browser:
        """Give a browser that was never here before; close it (`async with`)."""
        return Browser(self.instagram, pages=self.pages, secrets=self.secrets)

    async def allow(self, link: str, *, username: str = "", deny: bool = False) -> str:
        """Go through link, our page, consent and back, in one browser; returns the last page."""
        async with self.browser() as browser:
            back = await browser.consent(link, username=username or BRAND, allow=not deny)
            return (await browser.get(back)).text

    # ── posts ───────────────────────────────────────────────────────────────────────────────

    async def card(
        self, words: str | Callable[[Seen], bool], *, person: Person | None = None
    ) -> Seen:
        """Wait until the newest card shows *words* (hidden joiners in names aside)."""
        wanted = words if callable(words) else lambda seen: words in plain(seen)
        return await (person or self.dana).sees(wanted, seconds=10)

    async def card_in(self, place: Place, words: str) -> Seen:
        """Wait until we said *words* in a group."""
        return await place.sees(lambda seen: words in seen.text, seconds=10)

    async def post(self, number: int = 1) -> Post:
        return await Post.get(number=number)

    async def target(self, number: int = 1) -> Target:
        return await Target.get(post__number=number)

    async def member_of(self, person: Person) -> ChatIdentity:
        return await ChatIdentity.get(external_id=str(person.id))

    # ── what must hold whatever happened ────────────────────────────────────────────────────

    async def assert_clean(self) -> None:
        """Fail where a secret got out, or where a service was asked for what it does not have."""
        assert self.instagram.violations == []
        assert self.telegram.journal.unknown_methods == []
        for call in self.telegram.journal.calls:
            judge_call(call)
        assert await leaks(self) == []


def plain(seen: Seen) -> str:
    """Return what a message says as people read it: without joiners that cannot be seen."""
    return seen.text.replace("\u2060", "")


def link_of(seen: Seen) -> str:
    """Return the link to our site on a message's buttons."""
    return next(one.url for row in seen.buttons for one in row if "/connect/" in one.url)


@asynccontextmanager
async def running_world(
    *,
    database_url: str,
    folder: Path,
    clock: SettableClock,
    start: bool = True,
    timing: Timing = PRODUCTION,
    settings: Mapping[str, str] | None = None,
    **extra: str,
) -> AsyncIterator[World]:
    """Give a world: sandbox on a free port, the product started unless told otherwise."""
    clock.pause_share = 0.2
    telegram = TelegramSandbox(clock)
    instagram = InstagramSandbox(clock.now)
    app = web.Application()
    telegram.add_to(app)
    mount(instagram, app)
    async with serving(app) as outside:
        port = free_port()
        environ = environment(
            outside, port=port, folder=folder, telegram=telegram, instagram=instagram
        )
        environ |= {"DATABASE_URL": database_url, **(settings or {}), **extra}
        loaded = config.load(environ, None)
        log_lines = io.StringIO()
        logs.configure(loaded, log_lines)
        world = World(
            telegram=telegram,
            instagram=instagram,
            clock=clock,
            settings=loaded,
            database_url=database_url,
            outside=outside,
            timing=timing,
            log_lines=log_lines,
        )
        if start:
            await world.start()
        try:
            yield world
        finally:
            if world._parts:
                await world.stop()
        await world.assert_clean()


def environment(
    outside: str,
    *,
    port: int,
    folder: Path,
    telegram: TelegramSandbox,
    instagram: InstagramSandbox,
) -> dict[str, str]:
    """Return the settings of a product beside this sandbox, as environment variables."""
    return {
        "POSTCUE_ENV": "demo",
        "DATA_DIR": str(folder),
        "HTTP_HOST": "127.0.0.1",
        "HTTP_PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "LOG_FORMAT": "json",
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "TELEGRAM_API_URL": f"{outside}/telegram",
        "TELEGRAM_MODE": "polling",
        "INSTAGRAM_APP_ID": APP_ID,
        "INSTAGRAM_APP_SECRET": APP_SECRET,
        "INSTAGRAM_AUTHORIZE_URL": f"{outside}/instagram/oauth/authorize",
        "INSTAGRAM_TOKEN_URL": f"{outside}/instagram/oauth/access_token",
        "INSTAGRAM_GRAPH_URL": f"{outside}/instagram/graph",
    }


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
