"""The whole product beside the sandbox, in one loop: what journeys are told with."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import aiohttp
from aiohttp import web
from yarl import URL

from bot import config, logs
from bot.wiring import Parts, build, serve
from models.account import Account
from models.post import Post, Target
from models.team import ChatIdentity
from sandbox.instagram import InstagramSandbox
from sandbox.instagram.box import APP_ID, APP_SECRET
from sandbox.serving import serving
from sandbox.telegram import TelegramSandbox
from sandbox.telegram.people import Person, Place
from sandbox.telegram.view import Seen
from tests.support.clock import SettableClock
from tests.support.waiting import wait_until

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
        settings: config.Settings,
        database_url: str,
        outside: str,
    ) -> None:
        self.telegram = telegram
        self.instagram = instagram
        self.clock = clock
        self.settings = settings
        self.database_url = database_url
        self.outside = outside
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
        await who.writes("/connect")
        link = await who.sees(
            lambda seen: any(button.url for row in seen.buttons for button in row)
        )
        url = next(button.url for row in link.buttons for button in row if button.url)
        page = await self.allow(url, username=username)
        assert "connected" in page.casefold(), page
        asked = await who.sees(lambda seen: "Is it yours?" in seen.text)
        await who.presses(asked, "Yes, it is mine")
        await who.sees(lambda seen: "✅" in seen.text and "connected" in seen.text)
        return await Account.filter(state="active").order_by("-created_at").first()  # type: ignore[return-value]  # it was just connected

    async def allow(self, link: str, *, username: str = "", deny: bool = False) -> str:
        """Go through link, our page, consent and back, in one browser; returns the last page."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as browser:
            async with browser.get(link) as page:
                assert page.status == 200, await page.text()
            async with browser.post(link, allow_redirects=False) as answer:
                assert answer.status in {302, 303}, await answer.text()
                consent = answer.headers["Location"]
            back = self.instagram.consent(consent, username=username or BRAND, allow=not deny)
            async with browser.get(URL(back, encoded=True)) as page:
                return await page.text()

    # ── posts ───────────────────────────────────────────────────────────────────────────────

    async def card(
        self, words: str | Callable[[Seen], bool], *, person: Person | None = None
    ) -> Seen:
        """Wait until the newest card shows *words*."""
        wanted = words if callable(words) else lambda seen: words in seen.text
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


@asynccontextmanager
async def running_world(
    *, database_url: str, folder: Path, clock: SettableClock, start: bool = True, **extra: str
) -> AsyncIterator[World]:
    """Give a world: sandbox on a free port, the product started unless told otherwise."""
    telegram = TelegramSandbox(clock)
    instagram = InstagramSandbox(clock.now)
    app = web.Application()
    telegram.add_to(app)
    instagram.register(app)
    async with serving(app) as outside:
        port = free_port()
        environ = environment(
            outside, port=port, folder=folder, telegram=telegram, instagram=instagram
        )
        settings = config.load({**environ, "DATABASE_URL": database_url, **extra}, None)
        logs.configure(settings)
        world = World(
            telegram=telegram,
            instagram=instagram,
            clock=clock,
            settings=settings,
            database_url=database_url,
            outside=outside,
        )
        if start:
            await world.start()
        try:
            yield world
        finally:
            if world._parts:
                await world.stop()


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
