"""Installing the app: the authorize page, the exchange of its code, new tokens, the end."""

import base64
import binascii
import html
import secrets
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from sandbox.slack.calling import Ask, Method
from sandbox.slack.errors import SlackError
from sandbox.slack.limits import OAUTH_CODE_SECONDS, ROTATED_TOKEN_SECONDS
from sandbox.slack.request import Params
from sandbox.slack.state import Install, Json, Workspace
from sandbox.slack.world import Code, World

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Add {app} to Slack</title><link rel="icon" href="/page/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page/authorize.css"></head>
<body><main><h1>{app} asks for access to a workspace</h1>{inside}</main></body></html>"""


class Authorize:
    """The page on which someone allows the app in."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Give the routes to mount."""
        return [
            web.get(prefix + "/oauth/v2/authorize", self.show),
            web.post(prefix + "/oauth/v2/authorize", self.decide),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """Show who asks for what, with Allow and Cancel."""
        self._world.learn_origin(f"{request.scheme}://{request.host}")
        asked = dict(request.query)
        problem = self.problem(asked)
        if problem:
            return self._page(f'<p class="error">{html.escape(problem)}</p>', status=400)
        return self._page(self._form(asked))

    async def decide(self, request: web.Request) -> web.Response:
        """Go back to the app with a code, or with a no."""
        form = {
            name: value for name, value in (await request.post()).items() if isinstance(value, str)
        }
        problem = self.problem(form)
        if problem:
            return self._page(f'<p class="error">{html.escape(problem)}</p>', status=400)
        if form.get("answer") != "allow":
            raise web.HTTPFound(self.denied(form))
        people = self._world.state.users.values()
        team = form.get("team", "")
        user = form.get("user") or next(
            (one.id for one in people if one.team == team and not one.is_bot), ""
        )
        if team not in self._world.state.workspaces:
            return self._page('<p class="error">no such workspace</p>', status=400)
        raise web.HTTPFound(self.allowed(form, team, user, is_org=bool(form.get("org"))))

    def problem(self, asked: dict[str, str]) -> str:
        """Tell what is wrong with an authorize address, in Slack's words; empty when nothing."""
        app = self._world.app
        if asked.get("client_id") != app.client_id:
            return "invalid_client_id"
        if not asked.get("scope") and not asked.get("user_scope"):
            return "invalid_scope: no scopes requested"
        unknown = set(_scopes(asked)) - set(app.scopes)
        if unknown:
            return f"invalid_scope: {', '.join(sorted(unknown))}"
        return "" if self._redirect_is_known(asked.get("redirect_uri", "")) else "bad_redirect_uri"

    def allowed(self, asked: dict[str, str], team: str, user: str, *, is_org: bool = False) -> str:
        """Give the address to which the browser goes back with a code."""
        code = Code(
            value=secrets.token_hex(16),
            team=team,
            user=user,
            scopes=_scopes(asked),
            redirect_uri=asked.get("redirect_uri", ""),
            until=self._world.seconds() + OAUTH_CODE_SECONDS,
            is_org=is_org,
        )
        self._world.codes[code.value] = code
        return _back(asked, {"code": code.value}, self._world.app.redirect_urls)

    def denied(self, asked: dict[str, str]) -> str:
        """Give the address to which the browser goes back with a no."""
        return _back(asked, {"error": "access_denied"}, self._world.app.redirect_urls)

    def _redirect_is_known(self, uri: str) -> bool:
        known = self._world.app.redirect_urls
        if not uri:
            return bool(known)
        if not urlsplit(uri).scheme.startswith("http"):
            return False
        return not known or any(uri.startswith(one) for one in known)

    def _form(self, asked: dict[str, str]) -> str:
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(asked.get(name, ""))}">'
            for name in ("client_id", "scope", "redirect_uri", "state")
        )
        teams = "".join(
            f'<option value="{one.id}"{" selected" if one.id == asked.get("team") else ""}>'
            f"{html.escape(one.name)}</option>"
            for one in self._world.state.workspaces.values()
        )
        scopes = "".join(f"<li>{html.escape(one)}</li>" for one in _scopes(asked))
        return (
            f'<form method="post">{hidden}<label>Workspace <select name="team">{teams}</select>'
            f"</label><details><summary>What it may do</summary><ul>{scopes}</ul></details>"
            '<p class="row"><button name="answer" value="cancel">Cancel</button>'
            '<button name="answer" value="allow" class="primary">Allow</button></p></form>'
        )

    def _page(self, inside: str, status: int = 200) -> web.Response:
        page = PAGE.format(app=html.escape(self._world.app.name), inside=inside)
        return web.Response(text=page, content_type="text/html", status=status)


async def access(world: World, params: Params, authorization: str) -> Json:
    """Answer oauth.v2.access: a code, or a refresh token, becomes tokens."""
    _check_client(world, params, authorization)
    if params.text("grant_type") == "refresh_token":
        return _refreshed(world, params.wanted("refresh_token"))
    code = world.codes.get(params.text("code"))
    if code is None or code.until < world.seconds():
        raise SlackError("invalid_code")
    if code.is_used:
        raise SlackError("code_already_used")
    if code.redirect_uri != params.text("redirect_uri", code.redirect_uri):
        raise SlackError("bad_redirect_uri")
    code.is_used = True
    workspace = world.workspace(code.team)
    install = installed(world, workspace, code.user, code.scopes, is_org=code.is_org)
    return _granted(world, install)


def installed(
    world: World, workspace: Workspace, by: str, scopes: list[str], *, is_org: bool = False
) -> Install:
    """Put the app into a workspace; a new installation keeps the token of a live one."""
    known = world.install_for(workspace.id)
    if known is not None and known.is_org == is_org:
        known.scopes = list(dict.fromkeys([*known.scopes, *scopes]))
        known.is_revoked = False
        if world.app.token_rotation:
            _rotate(world, known)
        world.changed()
        return known
    rotates = world.app.token_rotation
    install = Install(
        token=_new_token(world, rotates=rotates),
        team="" if is_org else workspace.id,
        enterprise=workspace.enterprise,
        bot_user=workspace.bot_user,
        bot_id=workspace.bot_id,
        scopes=list(scopes),
        by=by,
        is_org=is_org,
        refresh_token=f"xoxe-1-{secrets.token_hex(32)}" if rotates else "",
        expires_at=int(world.seconds()) + ROTATED_TOKEN_SECONDS if rotates else 0,
    )
    world.state.installs[install.token] = install
    world.feed.tell("install", team=workspace.id)
    world.changed()
    return install


def end(world: World, install: Install, *, is_uninstall: bool) -> None:
    """End an installation; the app hears of it by its last events."""
    for one in [*world.state.installs.values(), install]:
        if (one.team, one.enterprise) == (install.team, install.enterprise):
            one.is_live = False
            one.is_revoked = not is_uninstall
    teams = [install.team] if install.team else [
        one.id for one in world.state.workspaces.values() if one.enterprise == install.enterprise
    ]  # fmt: skip
    for team in teams:
        tokens = {"oauth": [], "bot": [install.bot_user]}
        world.tell_of_end(install, team, {"type": "tokens_revoked", "tokens": tokens})
        if is_uninstall:
            world.tell_of_end(install, team, {"type": "app_uninstalled"})
    world.feed.tell("install", team=teams[0] if teams else "")
    world.changed()


async def revoke(ask: Ask) -> Json:
    """Answer auth.revoke: the token ends."""
    if ask.params.flag("test"):
        return {"revoked": False}
    end(ask.world, ask.install, is_uninstall=False)
    return {"revoked": True}


async def uninstall(ask: Ask) -> Json:
    """Answer apps.uninstall: the app leaves the workspace."""
    app = ask.world.app
    if ask.params.text("client_id") != app.client_id:
        raise SlackError("client_id_token_mismatch")
    if ask.params.text("client_secret") != app.client_secret:
        raise SlackError("bad_client_secret")
    end(ask.world, ask.install, is_uninstall=True)
    return {}


def _granted(world: World, install: Install) -> Json:
    workspace = world.state.workspaces.get(install.team)
    answer: Json = {
        "app_id": world.app.id,
        "authed_user": {"id": install.by},
        "scope": ",".join(install.scopes),
        "token_type": "bot",
        "access_token": install.token,
        "bot_user_id": install.bot_user,
        "team": {"id": workspace.id, "name": workspace.name} if workspace else None,
        "enterprise": {"id": install.enterprise, "name": install.enterprise}
        if install.enterprise
        else None,
        "is_enterprise_install": install.is_org,
    }
    if install.refresh_token:
        answer |= {
            "refresh_token": install.refresh_token,
            "expires_in": max(0, install.expires_at - int(world.seconds())),
        }
    return answer


def _refreshed(world: World, refresh_token: str) -> Json:
    for install in list(world.state.installs.values()):
        if install.refresh_token and install.refresh_token == refresh_token and install.is_live:
            _rotate(world, install)
            return _granted(world, install)
    raise SlackError("invalid_refresh_token")


def _rotate(world: World, install: Install) -> None:
    """Give new tokens; of the old ones the last is good until its own end."""
    installs = world.state.installs
    for token, one in list(installs.items()):
        if one.is_superseded and (one.team, one.enterprise) == (install.team, install.enterprise):
            del installs[token]
    if install.expires_at:
        installs[install.token] = replace(install, refresh_token="", is_superseded=True)
    else:
        del installs[install.token]
    install.token = _new_token(world, rotates=True)
    install.refresh_token = f"xoxe-1-{secrets.token_hex(32)}"
    install.expires_at = int(world.seconds()) + ROTATED_TOKEN_SECONDS
    world.state.installs[install.token] = install
    world.changed()


def _new_token(world: World, *, rotates: bool) -> str:
    start = "xoxe.xoxb" if rotates else "xoxb"
    return f"{start}-{world.state.next('token'):010d}-{secrets.token_hex(12)}"


def _check_client(world: World, params: Params, authorization: str) -> None:
    number, secret = params.text("client_id"), params.text("client_secret")
    if authorization.startswith("Basic "):
        try:
            plain = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        except (binascii.Error, UnicodeDecodeError) as err:
            raise SlackError("invalid_client_id") from err
        number, _, secret = plain.partition(":")
    if number != world.app.client_id:
        raise SlackError("invalid_client_id")
    if not secrets.compare_digest(secret.encode(), world.app.client_secret.encode()):
        raise SlackError("bad_client_secret")


def _scopes(asked: dict[str, str]) -> list[str]:
    return [one for one in asked.get("scope", "").replace(" ", ",").split(",") if one]


def _back(asked: dict[str, str], more: dict[str, str], known: list[str] | None = None) -> str:
    uri = asked.get("redirect_uri") or (known or [""])[0]
    sign = "&" if "?" in uri else "?"
    state = {"state": asked["state"]} if "state" in asked else {}
    return f"{uri}{sign}{urlencode({**more, **state})}"


OAUTH: dict[str, Method] = {
    "auth.revoke": Method(revoke),
    "apps.uninstall": Method(uninstall),
}
