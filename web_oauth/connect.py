"""Connecting an account: the page behind the link in the chat, the way out, and the way back.

The link opens a page of ours; only its POST begins a login, so a chat's link preview burns
nothing (K26). On the way back the state is used up before the code is sent anywhere.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta

from aiohttp import web
from tortoise.transactions import in_transaction

from models.account import ConnectState
from models.clock import Clock
from models.ids import short
from models.outbox import tell
from models.sealed import Keyring
from models.team import ChatIdentity
from platforms.contract import Grant, Platform, Profile
from platforms.errors import PlatformError, Rejected, TryAgainLater
from web_oauth import words
from web_oauth.door import ChatDoor
from web_oauth.forms import is_our_form
from web_oauth.linking import Linked, link_account
from web_oauth.pages import Pages, Way, way
from web_oauth.state import LIFE, Why, begin_login, cookie_name, finish_login, look_at_link

log = logging.getLogger(__name__)

EXCHANGE_LIMIT = timedelta(seconds=40)
"""How long the platform may take for code, token and name together, while a browser waits."""

_MAX_CODE_CHARS = 4096
_STATUS_OF = {Why.UNKNOWN: 404, Why.USED: 410, Why.EXPIRED: 410, Why.OTHER_BROWSER: 403}


def redirect_uri(public_url: str, platform: str) -> str:
    """Return the address the platform sends the browser back to: exact, one per platform."""
    return f"{public_url.rstrip('/')}/connect/{platform}/callback"


class Connect:
    """The three steps of connecting, as handlers."""

    def __init__(
        self,
        *,
        clock: Clock,
        public_url: str,
        platforms: Mapping[str, Platform],
        chats: Mapping[str, ChatDoor],
        keyring: Keyring,
        pages: Pages,
    ) -> None:
        self._clock = clock
        self._public_url = public_url.rstrip("/")
        self._is_https = public_url.startswith("https://")
        self._platforms = platforms
        self._chats = chats
        self._keyring = keyring
        self._pages = pages

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the routes. The callback answers no HEAD: that would use the state up unseen."""
        return [
            web.get("/connect/{token}", self.show),
            web.post("/connect/{token}", self.begin),
            web.get("/connect/{platform}/callback", self.come_back, allow_head=False),
        ]

    # ── the page behind the link ─────────────────────────────────────────────────────────────

    async def show(self, request: web.Request) -> web.Response:
        """Say who asked for what; changes nothing."""
        found = await look_at_link(request.match_info["token"], now=self._clock.now())
        if isinstance(found, Why):
            return self._refuse(found)
        platform = self._platforms.get(found.platform)
        if platform is None:
            return self._refuse(Why.UNKNOWN)
        return self._pages.page(
            "start.html",
            platform=platform.card.title,
            purposes=[
                platform.card.scope_meanings.get(scope, scope)
                for scope in platform.card.scopes_needed
            ],
            asker=await _asker(found),
            chat=self._chat_title(found),
            prefix=self._prefix(found),
            minutes=int(LIFE.total_seconds() // 60),
        )

    async def begin(self, request: web.Request) -> web.Response:
        """Mint state and cookie, and send the browser to the platform's consent page."""
        if not is_our_form(request, self._public_url):
            return self._pages.say(words.FOREIGN_FORM, status=403)
        login = await begin_login(
            request.match_info["token"],
            cookies=request.cookies,
            is_https=self._is_https,
            now=self._clock.now(),
        )
        if isinstance(login, Why):
            return self._refuse(login)
        platform = self._platforms.get(login.platform)
        if platform is None:
            return self._refuse(Why.UNKNOWN)
        there = platform.authorize_url(
            state=login.state, redirect_uri=redirect_uri(self._public_url, login.platform)
        )
        response = web.Response(
            status=303, headers={"Location": there, "Cache-Control": "no-store"}
        )
        response.set_cookie(
            login.cookie_name,
            login.cookie_value,
            max_age=int(LIFE.total_seconds()),
            path="/",
            secure=self._is_https,
            httponly=True,
            samesite="Lax",
        )
        return response

    # ── the way back ─────────────────────────────────────────────────────────────────────────

    async def come_back(self, request: web.Request) -> web.Response:
        """Take the platform's redirect: use the state up, then see what was granted."""
        platform = self._platforms.get(request.match_info["platform"])
        if platform is None:
            return self._refuse(Why.UNKNOWN)
        asked = await finish_login(
            _only(request, "state"),
            platform=platform.card.name,
            cookies=request.cookies,
            is_https=self._is_https,
            now=self._clock.now(),
        )
        if isinstance(asked, Why):
            log.info("connect.refused", extra={"why": asked.value})
            return self._refuse(asked)
        response = await self._outcome(platform, asked, request)
        response.del_cookie(
            cookie_name(asked, is_https=self._is_https),
            path="/",
            secure=self._is_https,
            httponly=True,
            samesite="Lax",
        )
        return response

    async def _outcome(
        self, platform: Platform, asked: ConnectState, request: web.Request
    ) -> web.Response:
        code = _only(request, "code")
        if _only(request, "error"):
            why = "denied" if _only(request, "error") == "access_denied" else "refused_there"
            return await self._nothing_connected(platform, asked, why)
        if not code or len(code) > _MAX_CODE_CHARS:
            return await self._nothing_connected(platform, asked, "no_code")
        try:
            async with asyncio.timeout(EXCHANGE_LIMIT.total_seconds()):
                grant, profile = await self._exchange(platform, code)
        except (PlatformError, TimeoutError) as err:
            why = _why_not(err)
            log.warning(
                "connect.exchange_failed",
                extra={
                    "platform": platform.card.name,
                    "connect": str(asked.id),
                    "why": why,
                    "code": getattr(err, "code", ""),
                },
            )
            return await self._nothing_connected(platform, asked, why)
        return await self._take(platform, asked, grant, profile)

    async def _exchange(self, platform: Platform, code: str) -> tuple[Grant, Profile]:
        grant = await platform.exchange_code(
            code=code, redirect_uri=redirect_uri(self._public_url, platform.card.name)
        )
        return grant, await platform.whoami(grant.token)

    async def _take(
        self, platform: Platform, asked: ConnectState, grant: Grant, profile: Profile
    ) -> web.Response:
        """Save the account where everything needed was granted.

        A grant that is not taken is not revoked: platforms revoke per person, which would end
        a connection that this or another team already has.
        """
        card = platform.card
        # A platform that names no scopes at all is taken at its word; `whoami` is asked daily.
        missing = [s for s in card.scopes_needed if grant.scopes and s not in grant.scopes]
        if missing:
            return await self._nothing_connected(
                platform,
                asked,
                "scopes",
                missing=", ".join(missing),
                meaning=", ".join(card.scope_meanings.get(scope, scope) for scope in missing),
            )
        if not profile.can_publish:
            return await self._nothing_connected(
                platform, asked, "personal", username=profile.username
            )
        linked = await link_account(
            asked,
            grant=grant,
            profile=profile,
            scopes=grant.scopes or card.scopes_needed,
            keyring=self._keyring,
            now=self._clock.now(),
        )
        if not isinstance(linked, Linked):
            log.info("connect.owned_elsewhere", extra={"account": str(linked.account_id)})
            message = words.other_team(
                card.title, profile.username, self._back(asked), f"{self._prefix(asked)}connect"
            )
            return self._pages.say(message, status=409)
        log.info(
            "connect.connected",
            extra={"account": str(linked.account_id), "was_known": linked.was_known},
        )
        return self._pages.page(
            "connected.html",
            username=linked.username,
            platform=card.title,
            was_known=linked.was_known,
            expected=linked.expected,
            asker=await _asker(asked),
            chat=self._chat_title(asked),
            way=self._back(asked),
        )

    # ── what went wrong ──────────────────────────────────────────────────────────────────────

    async def _nothing_connected(
        self,
        platform: Platform,
        asked: ConnectState,
        why: str,
        *,
        username: str = "",
        missing: str = "",
        meaning: str = "",
    ) -> web.Response:
        """Tell the chat that nothing was connected and why, and say the same on the page."""
        async with in_transaction():
            await tell(
                "connect",
                asked.id,
                "denied" if why == "denied" else "failed",
                now=self._clock.now(),
                purpose="notice",
                place_id=asked.place_id,
                payload={
                    "why": why,
                    "platform": platform.card.name,
                    "username": username,
                    "missing": missing,
                    "meaning": meaning,
                },
            )
        message, status = words.nothing_connected(
            why,
            platform.card.title,
            self._back(asked),
            username=username,
            missing=missing,
            meaning=meaning,
            command=f"{self._prefix(asked)}connect",
        )
        return self._pages.say(message, status=status)

    def _refuse(self, why: Why) -> web.Response:
        """Say why a link or state is not taken; the way on is a new link, which the bot gives."""
        ways = [
            (
                door.title,
                way(f"New link in {door.title}", door.link_back("connect")),
                f"{door.chat.capabilities.command_prefix}connect",
            )
            for door in self._chats.values()
        ]
        title, button, command = ways[0] if len(ways) == 1 else ("the chat", None, "/connect")
        message = words.refused(why.value, title, button, command)
        return self._pages.say(message, status=_STATUS_OF[why])

    # ── who asked, and where ─────────────────────────────────────────────────────────────────

    def _chat_title(self, asked: ConnectState) -> str:
        door = self._chats.get(asked.place.chat)
        return door.title if door else asked.place.chat

    def _prefix(self, asked: ConnectState) -> str:
        """Return what is typed before a command in the chat it was asked in."""
        door = self._chats.get(asked.place.chat)
        return door.chat.capabilities.command_prefix if door else "/"

    def _back(self, asked: ConnectState) -> Way | None:
        door = self._chats.get(asked.place.chat)
        if door is None:
            return None
        return way(f"Back to {door.title}", door.link_back(f"c_{short(asked.id)}"))


async def _asker(asked: ConnectState) -> str:
    """Return how the person who asked is called in the chat: "Dana (@dana)"."""
    identity = await ChatIdentity.filter(member_id=asked.member_id, chat=asked.place.chat).first()
    handle = f"@{identity.username}" if identity and identity.username else ""
    name = asked.member.name
    return f"{name} ({handle})" if name and handle else name or handle or "somebody"


def _only(request: web.Request, name: str) -> str:
    """Return a query value that is there once; one given twice counts as none."""
    values = request.query.getall(name, [])
    return values[0] if len(values) == 1 else ""


def _why_not(err: PlatformError | TimeoutError) -> str:
    match err:
        case TryAgainLater() | TimeoutError():
            return "platform"
        case Rejected():
            return "code_refused"
        case _:
            return "login_refused"
