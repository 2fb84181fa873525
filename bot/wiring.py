"""The one place that builds things: opens what a process needs, and closes it in reverse."""

import asyncio
import hashlib
import logging
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from bot.cards.drawing import Artist
from bot.commands import COMMANDS
from bot.context import House
from bot.courier import Courier
from bot.doctor import Parts as DoctorParts
from bot.fetching import Fetcher
from bot.flows.forms import judge_form, named_accounts
from bot.intake import Intake
from bot.renewing import Renewer
from bot.resuming import Resumer
from bot.settings.fields import Settings
from bot.texts import LANGUAGES, say
from integrations.chat import Chat, ChatError, CommandWords, Introduction, Received, Submitted
from integrations.registry import SlackParts, build_chats, build_installers
from integrations.storage.contract import MediaStore
from integrations.storage.disk import DiskStore
from integrations.storage.links import SignedLinks
from integrations.telegram.chat import TelegramSettings, Webhook
from models.clock import Clock
from models.condition import missing_migrations, unknown_key_ids, wrong_key_ids
from models.database import (
    DATABASE_TROUBLE,
    INBOX,
    MEDIA,
    OUTBOX,
    TARGET,
    Wakeups,
    migrate,
    open_database,
)
from models.embedded import embedded_postgres
from models.inbox import store_received
from models.installation import Installations
from models.sealed import Keyring
from platforms.contract import Platform
from platforms.http import Origin, OutboundClient, build_session
from platforms.instagram.adapter import InstagramSettings
from platforms.registry import build_platforms, origins_of
from scheduling.broker import build_broker
from scheduling.engine import Engine
from scheduling.planner import Planner
from scheduling.reach import Reach
from scheduling.recurrence import Recurrences
from scheduling.timing import PRODUCTION, Timing
from scheduling.when import warm_up
from web_oauth.meta_callbacks import finish_open_deletions
from web_oauth.site import SiteParts, build_site

if TYPE_CHECKING:
    from integrations.slack.chat import SlackSettings
    from integrations.slack.installing import SlackInstallerSettings

log = logging.getLogger(__name__)

STOP_SECONDS = 25.0
_POOL_SIZE = 12
_INTRODUCE_SECONDS = 10.0
_JUDGE_SECONDS = 0.8
_DELETIONS_SECONDS = 300.0
_LINGER_SECONDS = 1.0


class NotFit(Exception):
    """The process must not run as things stand; the text says what to do."""


class RealClock:
    """The real time, moved by the number of seconds in a file where a demo or a test wants it."""

    def __init__(self, shift_file: Path | None) -> None:
        self._shift_file = shift_file
        self._seen: tuple[int, int] | None = None
        self._shift = timedelta()

    @property
    def shift(self) -> timedelta:
        """How far this clock is moved from the real one."""
        if self._shift_file is not None:
            self._read(self._shift_file)
        return self._shift

    def now(self) -> datetime:
        """Return the present moment."""
        return datetime.now(UTC) + self.shift

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        return time.monotonic()

    async def pause(self, seconds: float) -> None:
        """Wait that long in real time."""
        await asyncio.sleep(seconds)

    def _read(self, path: Path) -> None:
        try:
            status = path.stat()
            seen = (status.st_mtime_ns, status.st_size)
            if seen != self._seen:
                self._shift = timedelta(seconds=float(path.read_text().strip() or 0))
                self._seen = seen
        except (OSError, ValueError):
            self._shift, self._seen = timedelta(), None


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that is built for a process, ready to run."""

    settings: Settings
    database_url: str
    clock: Clock
    wakeups: Wakeups
    keyring: Keyring
    store: MediaStore
    platforms: Mapping[str, Platform]
    chats: Mapping[str, Chat]
    introductions: Mapping[str, Introduction]
    house: House
    engine: Engine
    site: web.Application
    intake: Intake
    courier: Courier
    fetcher: Fetcher
    stopping: asyncio.Event
    resumer: Resumer
    renewer: Renewer


@asynccontextmanager
async def database_of(settings: Settings) -> AsyncIterator[str]:
    """Give the address of the database: the configured one, or an embedded PostgreSQL."""
    configured = settings.database_url.get_secret_value()
    if configured:
        yield configured
        return
    async with embedded_postgres(settings.data_dir.resolve() / "postgres") as url:
        yield url


@asynccontextmanager
async def build(
    settings: Settings,
    *,
    roles: frozenset[str],
    database_url: str,
    is_embedded: bool,
    clock: Clock | None = None,
    timing: Timing = PRODUCTION,
) -> AsyncIterator[Parts]:
    """Open everything that the *roles* of a process need; closed in reverse."""
    clock = clock or RealClock(settings.clock_shift_file)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(open_database(database_url, pool_size=_POOL_SIZE))
        keyring = settings.keyring
        stopping = asyncio.Event()
        registry = CollectorRegistry()
        wakeups = Wakeups(database_url, (INBOX, OUTBOX, MEDIA, TARGET))
        links = SignedLinks(link_secret(settings), settings.public_url, clock.now)
        store = DiskStore(settings.data_dir.resolve() / "media", links)
        platform_settings = instagram_of(settings)
        session = await stack.enter_async_context(build_session(origins_of(platform_settings)))
        platforms = build_platforms(session, platform_settings)
        files = await stack.enter_async_context(build_session(chat_origins(settings)))
        installations = Installations(keyring, clock)
        chats = await _open_chats(settings, files, clock, stack, installations)
        introductions = await _introduce(chats) if roles & {"chat", "site"} else {}
        planner = Planner(timing)
        recurrences = Recurrences(planner, clock)
        house = House(
            chats=chats,
            platforms=platforms,
            planner=planner,
            recurrences=recurrences,
            public_url=settings.public_url,
            ready_platforms=_ready_platforms(settings),
            zone_guesses=_own_zone(),
        )
        reach = Reach(await _own_client(settings, stack), store, clock, timing)
        name = _process_name(roles)
        broker = build_broker(
            None if is_embedded else settings.redis_url, consumer=name, clock=clock
        )
        engine = Engine(
            platforms=platforms,
            keyring=keyring,
            media=store,
            clock=clock,
            wakeups=wakeups,
            broker=broker,
            name=name,
            timing=timing,
            database_url=database_url,
            registry=registry,
            calls_at_once=settings.publish_at_once,
            reach=reach,
        )
        by_source = {chat.source: chat for chat in chats.values()}
        installers = build_installers(slack=slack_installer_of(settings), session=files)
        site = build_site(
            SiteParts(
                clock=clock,
                platforms=platforms,
                keyring=keyring,
                chats=chats,
                registry=registry,
                store=store,
                links=links,
                public_url=settings.public_url,
                environment=settings.postcue_env,
                deep_links={name: found.deep_link for name, found in introductions.items()},
                wake=wakeups.wake,
                is_stopping=stopping.is_set,
                media_trouble=lambda: reach.seen.why if reach.seen else "",
                proxy_hops=settings.proxy_hops,
                installers=installers,
                installations=installations,
            )
        )
        yield Parts(
            settings=settings,
            database_url=database_url,
            clock=clock,
            wakeups=wakeups,
            keyring=keyring,
            store=store,
            platforms=platforms,
            chats=chats,
            introductions=introductions,
            house=house,
            engine=engine,
            site=site,
            intake=Intake(house, by_source, clock, wakeups),
            courier=Courier(Artist(platforms, clock, settings.public_url), chats, clock, wakeups),
            stopping=stopping,
            fetcher=Fetcher(house, by_source, store, clock, wakeups),
            resumer=Resumer(house, clock, wakeups),
            renewer=Renewer(installers, installations, clock, public_url=settings.public_url),
        )


@asynccontextmanager
async def doctor_parts(settings: Settings) -> AsyncIterator[DoctorParts]:
    """Build what the doctor looks at, without running anything."""
    clock = RealClock(settings.clock_shift_file)

    @asynccontextmanager
    async def opened() -> AsyncIterator[None]:
        async with database_of(settings) as url, open_database(url, pool_size=2):
            yield

    async with AsyncExitStack() as stack:
        files = await stack.enter_async_context(build_session(chat_origins(settings)))
        installations = Installations(settings.keyring, clock)
        chats = await _open_chats(settings, files, clock, stack, installations)
        links = SignedLinks(link_secret(settings), settings.public_url, clock.now)
        yield DoctorParts(
            settings=settings,
            clock=clock,
            open_database=opened,
            store=DiskStore(settings.data_dir.resolve() / "media", links),
            chats=tuple(chats.values()),
        )


# ── running ──────────────────────────────────────────────────────────────────────────────────


async def run(settings: Settings, command: str) -> None:
    """Run the roles of *command* until the process is told to stop."""
    is_embedded = command == "up"
    roles = frozenset({"chat", "site", "worker", "clock"}) if is_embedded else frozenset({command})
    stop = _stop_on_signals()
    async with database_of(settings) as database_url:
        if is_embedded:
            await migrate(database_url)
        await _refuse_misfits(settings, database_url)
        async with build(
            settings, roles=roles, database_url=database_url, is_embedded=is_embedded
        ) as parts:
            log.info("process.started", extra={"roles": ",".join(sorted(roles))})
            await serve(parts, roles, stop, is_embedded=is_embedded)
            log.info("process.stopped")


async def _refuse_misfits(settings: Settings, database_url: str) -> None:
    """Refuse to run on a database that does not fit this program or these keys."""
    async with open_database(database_url, pool_size=1):
        missing = await missing_migrations()
        if missing:
            raise NotFit(
                f"the database lacks {', '.join(missing)}: run `python -m bot migrate` first"
            )
        unknown = await unknown_key_ids(settings.keyring)
        if unknown:
            raise NotFit(
                f"ENCRYPTION_KEYS lacks {', '.join(unknown)}, which stored tokens are sealed"
                " under: put it back behind the others"
            )
        wrong = await wrong_key_ids(settings.keyring)
        if wrong:
            raise NotFit(
                f"the key {', '.join(wrong)} in ENCRYPTION_KEYS is another one than stored tokens"
                " are sealed under: put the right one in its place"
            )


async def serve(
    parts: Parts, roles: frozenset[str], stop: asyncio.Event, *, is_embedded: bool
) -> None:
    """Run the loops of *roles* and the site until *stop* is set or one of them fails."""
    if "chat" in roles:
        await asyncio.to_thread(warm_up)
    runner = await _open_site(parts)
    loops = list(_loops(parts, roles, is_embedded=is_embedded))
    tasks = [asyncio.create_task(coroutine, name=name) for name, coroutine in loops]
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        done, _ = await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopping}:
            # A loop that ends is a fault: end the process rather than run on without it.
            task.result()
            raise RuntimeError(f"{task.get_name()} ended")
    finally:
        stopping.cancel()
        await _stop(parts, tasks)
        await runner.cleanup()


def _loops(
    parts: Parts, roles: frozenset[str], *, is_embedded: bool
) -> Iterable[tuple[str, "asyncio._CoroutineLike[None]"]]:
    yield "wakeups", parts.wakeups.run(parts.clock.pause)
    if "chat" in roles:
        yield "intake", parts.intake.run()
        yield "courier", parts.courier.run()
        yield "resumer", parts.resumer.run()
        yield "renewer", parts.renewer.run()
        for name, chat in parts.chats.items():
            if chat.is_polled:
                yield f"poll.{name}", chat.poll(lambda batch: _store(parts, batch))
        yield "announce", _announce(parts)
    if "site" in roles:
        yield "deletions", _finish_deletions(parts)
    if "clock" in roles:
        yield "recurrences", parts.house.recurrences.run()
    if is_embedded:
        yield "engine", parts.engine.run_embedded()
        yield "fetcher", parts.fetcher.run()
        return
    if "worker" in roles:
        yield "worker", parts.engine.run_worker()
        yield "fetcher", parts.fetcher.run()
    if "clock" in roles:
        yield "clock", parts.engine.run_clock()


async def _store(parts: Parts, batch: Sequence[Received]) -> None:
    await store_received(batch, parts.clock.now())
    parts.wakeups.wake(INBOX)


async def _announce(parts: Parts) -> None:
    """Put the commands into the chats' menus; again later while a chat is down."""
    words = [
        CommandWords(
            command.name,
            say(f"command.{command.name}"),
            command.in_groups,
            {code: say(f"command.{command.name}", code) for code in LANGUAGES if code != "en"},
        )
        for command in COMMANDS
    ]
    for name, chat in parts.chats.items():
        while True:
            try:
                await chat.announce(words)
                log.info("chat.announced", extra={"chat": name})
                break
            except ChatError:
                log.warning("chat.not_reached", extra={"chat": name}, exc_info=True)
                await parts.clock.pause(30)
    await asyncio.Event().wait()


async def _finish_deletions(parts: Parts) -> None:
    """Finish what a platform asked us to forget, where a crash cut it off."""
    while True:
        with suppress(*DATABASE_TROUBLE):
            await finish_open_deletions(now=parts.clock.now())
        await parts.clock.pause(_DELETIONS_SECONDS)


async def _open_site(parts: Parts) -> web.AppRunner:
    runner = web.AppRunner(
        parts.site, access_log=None, handle_signals=False, lingering_time=_LINGER_SECONDS
    )
    await runner.setup()
    settings = parts.settings
    try:
        await web.TCPSite(runner, settings.http_host, settings.http_port).start()
    except OSError as err:
        await runner.cleanup()
        raise AddressTaken(settings.http_host, settings.http_port) from err
    return runner


class AddressTaken(NotFit):
    """The address of the site is in use by another program."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"{host}:{port} is in use by another program: set HTTP_PORT")


async def _stop(parts: Parts, tasks: Sequence[asyncio.Task[None]]) -> None:
    """Stop within 25 s: claim nothing new, finish the step in hand, then end."""
    parts.stopping.set()
    for task in tasks:
        task.cancel()
    _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
    for task in late:
        log.warning("process.stop_took_too_long", extra={"loop": task.get_name()})
    for task in tasks:
        if task.done() and not task.cancelled() and task.exception():
            log.error("process.loop_failed", exc_info=task.exception())


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    return stop


# ── parts ────────────────────────────────────────────────────────────────────────────────────


def instagram_of(settings: Settings) -> tuple[InstagramSettings, ...]:
    """Return what the Instagram adapter needs; it is built also before it is set up."""
    return (
        InstagramSettings(
            app_id=settings.instagram_app_id,
            app_secret=settings.instagram_app_secret,
            authorize_url=settings.instagram_authorize_url,
            token_url=settings.instagram_token_url,
            graph_url=settings.instagram_graph_url,
            version=settings.instagram_graph_version,
        ),
    )


def telegram_of(settings: Settings) -> TelegramSettings | None:
    """Return what the Telegram chat needs, None without a token."""
    if not settings.telegram_bot_token:
        return None
    webhook = None
    if settings.telegram_mode == "webhook":
        webhook = Webhook(
            url=f"{settings.public_url.rstrip('/')}/hooks/telegram",
            secret=settings.telegram_webhook_secret,
        )
    return TelegramSettings(
        settings.telegram_bot_token,
        settings.telegram_api_url,
        webhook,
        link_url=settings.telegram_link_url,
    )


def slack_of(settings: Settings) -> "SlackSettings | None":
    """Return what the Slack chat needs, None where there is no whole app."""
    if not settings.has_slack:
        return None
    from integrations.slack.chat import SlackSettings  # noqa: PLC0415 - see the registry

    return SlackSettings(
        api_url=settings.slack_api_url,
        files_url=settings.slack_files_url,
        signing_secret=settings.slack_signing_secret or None,
        app_token=settings.slack_app_token or None,
        bot_token=settings.slack_bot_token or None,
        client_id=settings.slack_client_id,
    )


def slack_installer_of(settings: Settings) -> "SlackInstallerSettings | None":
    """Return what installing in many workspaces needs, None without a client of OAuth."""
    if not settings.has_slack or not settings.slack_client_id:
        return None
    from integrations.slack.installing import SlackInstallerSettings  # noqa: PLC0415

    return SlackInstallerSettings(
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret,
        api_url=settings.slack_api_url,
        authorize_url=settings.slack_authorize_url,
    )


def chat_origins(settings: Settings) -> list[str]:
    """Return where the chats' calls and downloads go."""
    return [settings.telegram_api_url, settings.slack_api_url, settings.slack_files_url]


async def _open_chats(
    settings: Settings,
    files: aiohttp.ClientSession,
    clock: Clock,
    stack: AsyncExitStack,
    installations: Installations,
) -> Mapping[str, Chat]:
    slack = slack_of(settings)
    parts = None
    if slack is not None:
        parts = SlackParts(
            settings=slack,
            now=clock.now,
            token_of=partial(installations.token_of, "slack"),
            bot_of=partial(installations.bot_of, "slack"),
            judge=partial(_judge_form, clock),
        )
    chats = build_chats(
        telegram=telegram_of(settings), slack=parts, session=files, pause=clock.pause
    )
    for chat in chats.values():
        await stack.enter_async_context(chat)
    return chats


async def _judge_form(clock: Clock, form: Submitted) -> Mapping[str, str]:
    """Say what is wrong with a form, in the moment there is before it must be acknowledged."""
    known = None
    try:
        async with asyncio.timeout(_JUDGE_SECONDS):
            known = await named_accounts(form)
    except DATABASE_TROUBLE as err:
        log.warning("form.not_looked_up", extra={"error": type(err).__name__})
    return judge_form(form, now=clock.now(), known=known)


async def _own_client(settings: Settings, stack: AsyncExitStack) -> OutboundClient | None:
    """Return what goes to PUBLIC_URL as a platform would, None where no platform would."""
    try:
        Origin.read(settings.public_url)
    except ValueError:
        return None
    session = await stack.enter_async_context(build_session([settings.public_url]))
    return OutboundClient(session, allowed_origins=[settings.public_url])


async def _introduce(chats: Mapping[str, Chat]) -> dict[str, Introduction]:
    """Ask each chat who we are; a chat that is down now only costs the links back into it."""
    found: dict[str, Introduction] = {}
    for name, chat in chats.items():
        try:
            async with asyncio.timeout(_INTRODUCE_SECONDS):
                found[name] = await chat.introduce()
        except (ChatError, TimeoutError):
            log.warning("chat.not_reached", extra={"chat": name})
    return found


def _ready_platforms(settings: Settings) -> frozenset[str]:
    is_set = bool(settings.instagram_app_id and settings.instagram_app_secret)
    return frozenset({"instagram"} if is_set else ())


def link_secret(settings: Settings) -> SecretStr:
    """Derive the key of signed media links from the first encryption key."""
    first = settings.encryption_keys.get_secret_value().split(",")[0]
    derived = HKDF(hashes.SHA256(), 32, None, b"postcue media links").derive(first.encode())
    return SecretStr(derived.hex())


def _own_zone() -> tuple[str, ...]:
    """Return the zone of this machine as a first guess, unless it says nothing (UTC)."""
    try:
        target = Path("/etc/localtime").resolve().as_posix()
    except OSError:
        return ()
    zone = os.environ.get("TZ") or target.partition("zoneinfo/")[2]
    return (zone,) if "/" in zone and not zone.startswith("Etc/") else ()


def _process_name(roles: frozenset[str]) -> str:
    """Return a name for this process that is its own on all machines: host, roles, number."""
    host = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:6]
    return f"{host}:{'+'.join(sorted(roles))}:{os.getpid()}"
