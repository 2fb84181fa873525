"""Building and serving the site: the one public door, from parts that are handed in."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from integrations.chat.contract import Chat
from integrations.chat.installing import Installer
from integrations.storage.contract import MediaStore
from models.clock import Clock
from models.database import INBOX
from models.inbox import store_received
from models.installation import Installations
from models.sealed import Keyring
from platforms.contract import Platform
from web_oauth.connect import Connect, redirect_uri
from web_oauth.door import ChatDoor
from web_oauth.forms import origin_of
from web_oauth.guards import access_log, friendly_errors, rate_limit, security_headers
from web_oauth.health import Health
from web_oauth.hooks import GatheringInbox, Hooks, StoreReceived
from web_oauth.installing import Installing
from web_oauth.media import Links, Media
from web_oauth.meta_callbacks import MetaCallbacks
from web_oauth.metrics import SiteMetrics
from web_oauth.pages import Pages, Static, way

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 * 1024
"""For everything that does not read its body with a limit of its own."""

LINGERING_SECONDS = 1.0
"""How long the rest of a body that nobody wants is listened to, so that the answer gets across."""

SLACK_ANSWER_SECONDS = 2.5
"""How long an event of Slack's may take to be stored: Slack waits 3 s for its answer."""

SLACK_PATIENCE_SECONDS = 2.0
"""What is not taken comes again at once, and then only after a minute."""

Environment = Literal["demo", "development", "production"]

_SHUTDOWN_SECONDS = 10.0


def _nobody(_channel: str) -> None:
    """Wake nobody: the database tells whoever listens."""


def _never() -> bool:
    return False


def _nothing() -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteParts:
    """What the site is made of.

    `platforms` and `chats` by name. `deep_links` open the conversation with our bot, by chat;
    `hook_secrets` are the random last parts of webhook addresses, by chat, where there are some.
    `wake` is called with the inbox's channel after an event was stored. `is_stopping` turns
    readiness red before the process ends; `media_trouble` says why a link to our own media was not
    reached from here, "" when it was or nobody looked. `proxy_hops` is how many proxies of ours
    stand in front (their `X-Forwarded-For` is believed, nobody else's).
    `installers` bring chats' apps into workspaces, by chat; what they bring is kept in
    `installations`.
    """

    clock: Clock
    public_url: str
    environment: Environment
    platforms: Mapping[str, Platform]
    chats: Mapping[str, Chat]
    keyring: Keyring
    store: MediaStore
    links: Links
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    deep_links: Mapping[str, str] = field(default_factory=dict)
    hook_secrets: Mapping[str, SecretStr] = field(default_factory=dict)
    store_events: StoreReceived = store_received
    wake: Callable[[str], None] = _nobody
    is_stopping: Callable[[], bool] = _never
    media_trouble: Callable[[], str] = _nothing
    proxy_hops: int = 0
    installers: Mapping[str, Installer] = field(default_factory=dict)
    installations: Installations | None = None
    pages_per_minute: int = 120


def build_site(parts: SiteParts) -> web.Application:
    """Return the site; nothing is opened by it. Serve it with `serve` inside an open database."""
    pages = Pages()
    metrics = SiteMetrics(parts.registry)
    doors = {name: _door(name, chat, parts) for name, chat in parts.chats.items()}
    app = web.Application(
        client_max_size=MAX_BODY_BYTES,
        middlewares=[
            access_log(parts.clock, metrics),
            friendly_errors(pages),
            rate_limit(
                parts.clock,
                per_minute=parts.pages_per_minute,
                proxy_hops=parts.proxy_hops,
                pages=pages,
            ),
        ],
    )
    app.on_response_prepare.append(
        security_headers(
            is_https=parts.public_url.startswith("https://"),
            form_targets=_consent_origins(parts),
        )
    )
    for rooms in (
        _Home(doors, parts.environment, pages),
        Static(),
        Connect(
            clock=parts.clock,
            public_url=parts.public_url,
            platforms=parts.platforms,
            chats=doors,
            keyring=parts.keyring,
            pages=pages,
        ),
        MetaCallbacks(
            clock=parts.clock,
            public_url=parts.public_url,
            platforms=parts.platforms,
            pages=pages,
        ),
        Installing(
            clock=parts.clock,
            public_url=parts.public_url,
            installers=parts.installers,
            installations=parts.installations,
            pages=pages,
        ),
        Media(store=parts.store, links=parts.links),
        Hooks(
            chats=doors,
            inbox=GatheringInbox(parts.store_events, parts.clock),
            wake=lambda: parts.wake(INBOX),
            metrics=metrics,
        ),
        Health(
            clock=parts.clock,
            metrics=metrics,
            is_stopping=parts.is_stopping,
            media_trouble=parts.media_trouble,
        ),
    ):
        app.add_routes(rooms.routes())
    return app


@asynccontextmanager
async def serve(app: web.Application, *, host: str, port: int) -> AsyncIterator[int]:
    """Serve the site and give the port it took (for *port* 0, a free one).

    At the end requests in hand are finished first. The access log of aiohttp stays off: it writes
    whole addresses, and ours hold secrets.
    """
    runner = web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        shutdown_timeout=_SHUTDOWN_SECONDS,
        lingering_time=LINGERING_SECONDS,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        taken: int = runner.addresses[0][1]
        log.info("site.listening", extra={"host": host, "port": taken})
        yield taken
    finally:
        await runner.cleanup()


class _Home:
    """The page at the root: what this is, and the way into the chat."""

    def __init__(
        self, doors: Mapping[str, ChatDoor], environment: Environment, pages: Pages
    ) -> None:
        self._doors = doors
        self._environment = environment
        self._pages = pages

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the routes."""
        return [web.get("/", self.show), web.get("/favicon.ico", self.icon)]

    async def show(self, _request: web.Request) -> web.Response:
        """Return the page."""
        found = [way(f"Open {door.title}", door.link_back("")) for door in self._doors.values()]
        return self._pages.page(
            "home.html",
            ways=[one for one in found if one],
            environment=self._environment,
        )

    async def icon(self, _request: web.Request) -> web.Response:
        """Lead browsers that ask by habit to the icon."""
        return web.Response(status=301, headers={"Location": "/static/mark.svg"})


def _door(name: str, chat: Chat, parts: SiteParts) -> ChatDoor:
    deep_link = parts.deep_links.get(name, "")

    def link_back(start: str) -> str:
        # A link with a query of its own has no room for what the start command is to get.
        return (
            f"{deep_link}?start={start}"
            if start and deep_link and "?" not in deep_link
            else deep_link
        )

    secret = parts.hook_secrets.get(name)
    if name == "slack":
        # Its signature is over the body, it sends forms too, and it waits three seconds.
        return ChatDoor(
            chat,
            name.title(),
            link_back,
            secret,
            is_judged_by_header=False,
            content_types=("application/json", "application/x-www-form-urlencoded"),
            answer_seconds=SLACK_ANSWER_SECONDS,
            patience_seconds=SLACK_PATIENCE_SECONDS,
        )
    return ChatDoor(chat, name.title(), link_back, secret)


def _consent_origins(parts: SiteParts) -> list[str]:
    """Return the origins of the consent pages: the policy holds for a form's redirects too."""
    addresses = (
        platform.authorize_url(state="", redirect_uri=redirect_uri(parts.public_url, name))
        for name, platform in parts.platforms.items()
    )
    consents = (
        installer.consent_url(state="", redirect_uri="") for installer in parts.installers.values()
    )
    return sorted({origin_of(address) for address in (*addresses, *consents)})
