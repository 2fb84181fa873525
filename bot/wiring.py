"""The one place that builds things: opens what a process needs, and closes it in reverse."""

import asyncio
import hashlib
import logging
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import aiohttp
from aiohttp import web
from prometheus_client import CollectorRegistry

from bot.cards.drawing import Artist
from bot.clock import RealClock
from bot.config import zone_of_this_machine
from bot.context import House
from bot.courier import Courier
from bot.doctor import Parts as DoctorParts
from bot.fetching import Fetcher
from bot.flows.forms import judge_form, named_accounts
from bot.intake import Intake
from bot.renewing import Renewer
from bot.resuming import Resumer
from bot.settings.adapters import (
    chat_origins,
    instagram_of,
    link_secret,
    ready_platforms,
    slack_installer_of,
    slack_of,
    telegram_of,
)
from bot.settings.fields import Settings
from integrations.chat.contract import Chat, Introduction
from integrations.chat.errors import ChatError
from integrations.chat.incoming import Submitted
from integrations.chat.installing import Installer
from integrations.registry import SlackParts, build_chats, build_installers
from integrations.storage.contract import MediaStore
from integrations.storage.disk import DiskStore
from integrations.storage.links import SignedLinks
from models.clock import Clock
from models.database import DATABASE_TROUBLE, INBOX, MEDIA, OUTBOX, TARGET, Wakeups, open_database
from models.embedded import embedded_postgres
from models.installation import Installations
from models.sealed import Keyring
from platforms.contract import Platform
from platforms.http import Origin, OutboundClient, build_session
from platforms.registry import build_platforms, origins_of
from scheduling.broker import build_broker
from scheduling.engine import Engine
from scheduling.planner import Planner
from scheduling.reach import Reach
from scheduling.recurrence import Recurrences
from scheduling.timing import PRODUCTION, Timing
from web_oauth.site import SiteParts, build_site

log = logging.getLogger(__name__)

_POOL_SIZE = 12
_INTRODUCE_SECONDS = 10.0
_JUDGE_SECONDS = 0.8


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


@dataclass(frozen=True, slots=True)
class _Ground:
    """What all other parts stand on."""

    settings: Settings
    clock: Clock
    wakeups: Wakeups
    keyring: Keyring
    links: SignedLinks
    store: MediaStore
    installations: Installations
    registry: CollectorRegistry
    stopping: asyncio.Event


def _ground(settings: Settings, clock: Clock, database_url: str) -> _Ground:
    links = SignedLinks(link_secret(settings), settings.public_url, clock.now)
    return _Ground(
        settings=settings,
        clock=clock,
        wakeups=Wakeups(database_url, (INBOX, OUTBOX, MEDIA, TARGET)),
        keyring=settings.keyring,
        links=links,
        store=DiskStore(settings.data_dir.resolve() / "media", links),
        installations=Installations(settings.keyring, clock),
        registry=CollectorRegistry(),
        stopping=asyncio.Event(),
    )


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
        ground = _ground(settings, clock, database_url)
        platforms = await _open_platforms(settings, stack)
        files = await stack.enter_async_context(build_session(chat_origins(settings)))
        chats = await _open_chats(settings, files, clock, stack, ground.installations)
        introductions = await _introduce(chats) if roles & {"chat", "site"} else {}
        house = _build_house(settings, chats, platforms, Planner(timing), clock)
        reach = Reach(await _own_client(settings, stack), ground.store, clock, timing)
        name = _process_name(roles)
        redis_url = None if is_embedded else settings.redis_url
        engine = Engine(
            platforms=platforms,
            keyring=ground.keyring,
            media=ground.store,
            clock=clock,
            wakeups=ground.wakeups,
            broker=build_broker(redis_url, consumer=name, clock=clock),
            name=name,
            timing=timing,
            database_url=database_url,
            registry=ground.registry,
            calls_at_once=settings.publish_at_once,
            reach=reach,
        )
        installers = build_installers(slack=slack_installer_of(settings), session=files)
        by_source = {chat.source: chat for chat in chats.values()}
        artist = Artist(platforms, clock, settings.public_url)
        yield Parts(
            settings=settings,
            database_url=database_url,
            clock=clock,
            wakeups=ground.wakeups,
            keyring=ground.keyring,
            store=ground.store,
            platforms=platforms,
            chats=chats,
            introductions=introductions,
            house=house,
            engine=engine,
            site=_build_site(ground, platforms, chats, introductions, reach, installers),
            intake=Intake(house, by_source, clock, ground.wakeups),
            courier=Courier(artist, chats, clock, ground.wakeups),
            stopping=ground.stopping,
            fetcher=Fetcher(house, by_source, ground.store, clock, ground.wakeups),
            resumer=Resumer(house, clock, ground.wakeups),
            renewer=Renewer(
                installers, ground.installations, clock, public_url=settings.public_url
            ),
        )


async def _open_platforms(settings: Settings, stack: AsyncExitStack) -> Mapping[str, Platform]:
    wanted = instagram_of(settings)
    session = await stack.enter_async_context(build_session(origins_of(wanted)))
    return build_platforms(session, wanted)


def _build_house(
    settings: Settings,
    chats: Mapping[str, Chat],
    platforms: Mapping[str, Platform],
    planner: Planner,
    clock: Clock,
) -> House:
    return House(
        chats=chats,
        platforms=platforms,
        planner=planner,
        recurrences=Recurrences(planner, clock),
        public_url=settings.public_url,
        ready_platforms=ready_platforms(settings),
        zone_guesses=zone_of_this_machine(),
    )


def _build_site(
    ground: _Ground,
    platforms: Mapping[str, Platform],
    chats: Mapping[str, Chat],
    introductions: Mapping[str, Introduction],
    reach: Reach,
    installers: Mapping[str, Installer],
) -> web.Application:
    return build_site(
        SiteParts(
            clock=ground.clock,
            platforms=platforms,
            keyring=ground.keyring,
            chats=chats,
            registry=ground.registry,
            store=ground.store,
            links=ground.links,
            public_url=ground.settings.public_url,
            environment=ground.settings.postcue_env,
            deep_links={name: found.deep_link for name, found in introductions.items()},
            wake=ground.wakeups.wake,
            is_stopping=ground.stopping.is_set,
            media_trouble=lambda: reach.seen.why if reach.seen else "",
            proxy_hops=ground.settings.proxy_hops,
            installers=installers,
            installations=ground.installations,
        )
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


def _process_name(roles: frozenset[str]) -> str:
    """Return a name for this process that is its own on all machines: host, roles, number."""
    host = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:6]
    return f"{host}:{'+'.join(sorted(roles))}:{os.getpid()}"
