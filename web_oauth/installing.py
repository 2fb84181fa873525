"""Installing a chat's app in a workspace: our page, the service's consent page, and the way back.

As with accounts, only a press on our page begins it (a link preview burns nothing), the state is
used once, and only in the browser that began.
"""

import hashlib
import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from aiohttp import web

from integrations.chat.errors import ChatBusy, ChatError
from integrations.chat.installing import Installed, Installer
from models.clock import Clock
from models.database import db
from models.installation import Installations, InstallState, NewInstallation
from web_oauth import words
from web_oauth.forms import is_our_form
from web_oauth.pages import Pages, way

log = logging.getLogger(__name__)

LIFE = timedelta(minutes=10)
_SECRET_BYTES = 32
_MAX_CODE_CHARS = 4096
_USE = """
UPDATE install_state SET used_at = $1
WHERE state_hash = $2 AND cookie_hash = $3 AND chat = $4 AND used_at IS NULL AND expires_at > $1
RETURNING id
"""


class _NotTaken(StrEnum):
    DENIED = "denied"
    STATE = "state"
    BUSY = "busy"
    REFUSED = "refused"


class Installing:
    """The pages of installing, one set for each chat that is installed in workspaces."""

    def __init__(
        self,
        *,
        clock: Clock,
        public_url: str,
        installers: Mapping[str, Installer],
        installations: Installations | None,
        pages: Pages,
    ) -> None:
        self._clock = clock
        self._public_url = public_url.rstrip("/")
        self._is_https = public_url.startswith("https://")
        self._installers = installers if installations else {}
        self._installations = installations
        self._pages = pages

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the routes. The callback answers no HEAD: that would use the state up unseen."""
        found: list[web.AbstractRouteDef] = []
        for name in self._installers:
            found += [
                web.get(f"/{name}/install", self.show),
                web.post(f"/{name}/install", self.begin),
                web.get(f"/{name}/oauth_redirect", self.come_back, allow_head=False),
            ]
        return found

    async def show(self, request: web.Request) -> web.Response:
        """Say what happens next; changes nothing."""
        title = self._installer(request).chat.title()
        return self._pages.page("install.html", chat=title)

    async def begin(self, request: web.Request) -> web.Response:
        """Mint state and cookie, and send the browser to the consent page."""
        installer = self._installer(request)
        if not is_our_form(request, self._public_url):
            return self._pages.say(words.FOREIGN_FORM, status=403)
        state, cookie = secrets.token_urlsafe(_SECRET_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
        now = self._clock.now()
        await InstallState.create(
            chat=installer.chat,
            state_hash=_hash(state),
            cookie_hash=_hash(cookie),
            created_at=now,
            expires_at=now + LIFE,
        )
        there = installer.consent_url(state=state, redirect_uri=self._redirect_uri(installer))
        response = web.Response(
            status=303, headers={"Location": there, "Cache-Control": "no-store"}
        )
        response.set_cookie(
            self._cookie(installer),
            cookie,
            max_age=int(LIFE.total_seconds()),
            path="/",
            secure=self._is_https,
            httponly=True,
            samesite="Lax",
        )
        return response

    async def come_back(self, request: web.Request) -> web.Response:
        """Take the way back: use the state up, then the code."""
        installer = self._installer(request)
        cookie = request.cookies.get(self._cookie(installer), "")
        if not await _use(_only(request, "state"), cookie, installer.chat, self._clock.now()):
            return self._refuse(installer, _NotTaken.STATE, 400)
        code = _only(request, "code")
        if _only(request, "error") or not code or len(code) > _MAX_CODE_CHARS:
            return self._refuse(installer, _NotTaken.DENIED, 200)
        try:
            installed = await installer.finish(
                code=code, redirect_uri=self._redirect_uri(installer)
            )
        except ChatBusy as err:
            log.warning("install.busy", extra={"chat": installer.chat, "why": str(err)})
            return self._refuse(installer, _NotTaken.BUSY, 503)
        except ChatError as err:
            log.warning("install.refused", extra={"chat": installer.chat, "why": str(err)})
            return self._refuse(installer, _NotTaken.REFUSED, 400)
        return await self._take(installer, installed)

    async def _take(self, installer: Installer, installed: Installed) -> web.Response:
        if self._installations is None:
            raise web.HTTPNotFound
        number = await self._installations.keep(
            NewInstallation(
                chat=installer.chat,
                workspace=installed.workspace,
                token=installed.token,
                is_org=installed.is_org,
                name=installed.name,
                app_id=installed.app_id,
                bot_user=installed.bot_user,
                scopes=installed.scopes,
                installed_by=installed.installed_by,
                refresh=installed.refresh,
                token_ends_at=self._clock.now() + installed.ends_in if installed.ends_in else None,
            )
        )
        log.info("install.done", extra={"chat": installer.chat, "installation": str(number)})
        title = installer.chat.title()
        button = way(f"Open {title}", installer.link_into(installed))
        response = self._pages.say(words.installed(title, installed.name, button))
        response.del_cookie(
            self._cookie(installer),
            path="/",
            secure=self._is_https,
            httponly=True,
            samesite="Lax",
        )
        return response

    def _refuse(self, installer: Installer, why: _NotTaken, status: int) -> web.Response:
        again = way("Begin again", f"{self._public_url}/{installer.chat}/install")
        message = words.not_installed(why.value, installer.chat.title(), again)
        return self._pages.say(message, status=status)

    def _installer(self, request: web.Request) -> Installer:
        return self._installers[request.path.strip("/").partition("/")[0]]

    def _redirect_uri(self, installer: Installer) -> str:
        return f"{self._public_url}/{installer.chat}/oauth_redirect"

    def _cookie(self, installer: Installer) -> str:
        return f"{'__Host-' if self._is_https else ''}postcue-install-{installer.chat}"


async def _use(state: str, cookie: str, chat: str, now: datetime) -> bool:
    """Use a state up; False where it is unknown, used, expired, or from another browser."""
    if not state or not cookie:
        return False
    return bool(await db().execute_query_dict(_USE, [now, _hash(state), _hash(cookie), chat]))


def _only(request: web.Request, name: str) -> str:
    values = request.query.getall(name, [])
    return values[0] if len(values) == 1 else ""


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
