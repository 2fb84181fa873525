"""The HTTP side of the stand-in: OAuth, Graph, media and permalinks, with faults in between."""

import asyncio
import json
import secrets
from pathlib import Path

from aiohttp import web

from sandbox.instagram.box import InstagramSandbox
from sandbox.instagram.consent_page import avatar, consent_page, refusal_page
from sandbox.instagram.errors import GraphError, OAuthError, refusal
from sandbox.instagram.faults import Action, Fault
from sandbox.instagram.graph import Call, UnknownCall, find_route
from sandbox.instagram.journal import Entry
from sandbox.instagram.oauth import ConsentRefused
from sandbox.instagram.reading import permalink
from sandbox.instagram.world import Published

_BEFORE: tuple[Action, ...] = ("error", "drop_before", "html", "hang_before")
_AFTER: tuple[Action, ...] = ("error_after", "drop_after", "truncate", "hang_after", "delay")
_HANG_SECONDS = 60.0


class Door:
    """Puts a box behind the addresses that the real hosts have."""

    def __init__(self, box: InstagramSandbox, prefix: str) -> None:
        self._box = box
        self._prefix = prefix

    def register(self, app: web.Application) -> None:
        """Add the routes below the prefix."""
        at, router = self._prefix, app.router
        router.add_get(f"{at}/oauth/authorize", self._show_consent, allow_head=False)
        router.add_post(f"{at}/oauth/authorize", self._take_consent)
        router.add_post(f"{at}/oauth/access_token", self._exchange)
        router.add_route("*", f"{at}/graph/{{tail:.*}}", self._graph)
        router.add_get(f"{at}/media/{{file}}", self._media)
        router.add_get(f"{at}/avatar/{{username}}.svg", self._avatar)
        router.add_get(f"{at}/consent.css", self._style)
        router.add_get(f"{at}/p/{{shortcode}}/", self._permalink)
        router.add_get(f"{at}/reel/{{shortcode}}/", self._permalink)
        router.add_get(f"{at}/stories/{{username}}/{{shortcode}}/", self._permalink)
        router.add_route("*", f"{at}/{{tail:.*}}", self._nothing_here)

    def base(self, request: web.Request) -> str:
        """Return this stand-in's own address, as the caller reached it."""
        return f"{request.scheme}://{request.host}{self._prefix}"

    async def _show_consent(self, request: web.Request) -> web.StreamResponse:
        entry = self._entry(request, "authorize")
        try:
            consent = self._box.oauth.read_consent(dict(request.query))
        except ConsentRefused as err:
            self._close(entry, 400, violation=str(err))
            return self._sorry(request, str(err), 400)
        fault = self._box.faults.take("authorize", None, *_BEFORE)
        if fault is not None:
            self._close(entry, fault.status or 503, fault=fault)
            if fault.action == "error":
                # A browser is shown a page, not Graph's JSON.
                return self._sorry(request, "Please try again later.", fault.status or 503)
            return await self._suffer(request, fault)
        self._close(entry, 200)
        accounts = list(self._box.world.accounts.values())
        signed_in = accounts[0].username
        return _html(consent_page(consent, accounts, self.base(request), signed_in))

    async def _take_consent(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        try:
            consent = self._box.oauth.read_consent(dict(request.query))
        except ConsentRefused as err:
            return self._sorry(request, str(err), 400)
        username = str(form.get("account", ""))
        if username not in self._box.world.accounts:
            return self._sorry(request, "Choose an account first.", 400)
        where = self._box.oauth.decide(
            consent,
            username,
            allow=form.get("decision") == "allow",
            scopes=[str(scope) for scope in form.getall("scope", [])],
        )
        raise web.HTTPFound(where)

    def _sorry(self, request: web.Request, reason: str, status: int) -> web.StreamResponse:
        return _html(refusal_page(reason, self.base(request)), status)

    async def _exchange(self, request: web.Request) -> web.StreamResponse:
        entry = self._entry(request, "exchange")
        form = {name: str(value) for name, value in (await request.post()).items()}
        entry.parameters = tuple(sorted(form))
        fault = self._box.faults.take("exchange", None, *_BEFORE)
        if fault is not None:
            self._close(entry, fault.status or 503, fault=fault)
            return await self._suffer(request, fault)
        try:
            answer, status = self._box.oauth.exchange(form), 200
            self._box.bell.ring("tokens")
        except OAuthError as err:
            answer, status = err.envelope(), err.status
        self._close(entry, status)
        return await self._send(request, answer, status, self._after("exchange", None))

    async def _graph(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["tail"]
        entry = self._entry(request, "")
        try:
            route, subject = find_route(request.method, path)
            given, value = await _parameters(request)
            entry.parameters = tuple(sorted(given))
            entry.route = self._box.graph.name_route(route, subject)
            token, account = self._box.graph.who(value)
        except GraphError as err:
            return await self._refuse(request, entry, err, None)
        entry.account = account.username
        fault = self._box.faults.take(entry.route, account.username, *_BEFORE)
        if fault is not None:
            if fault.seconds and fault.action == "error":
                await self._pause(fault.seconds)
            self._close(entry, fault.status or 503, fault=fault)
            return await self._suffer(request, fault)
        call = Call(entry.route, subject, given, token, account, self.base(request))
        try:
            answer = await self._box.graph.answer(route, call)
        except GraphError as err:
            after = self._after(entry.route, account.username)
            return await self._refuse(request, entry, err, after)
        fault = self._after(entry.route, account.username)
        self._close(entry, 200, fault=fault)
        return await self._send(request, answer, 200, fault)

    async def _refuse(
        self, request: web.Request, entry: Entry, err: GraphError, fault: Fault | None
    ) -> web.StreamResponse:
        entry.code, entry.subcode = err.code, err.subcode
        violation = err.message if isinstance(err, UnknownCall) else ""
        self._close(entry, err.status, fault=fault, violation=violation)
        return await self._send(request, err.envelope(secrets.token_hex(8)), err.status, fault)

    def _after(self, route: str, account: str | None) -> Fault | None:
        return self._box.faults.take(route, account, *_AFTER)

    async def _suffer(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        """Answer as the fault says, without any work done."""
        if fault.action == "drop_before":
            return _drop(request)
        if fault.action == "hang_before":
            await self._pause(fault.seconds or _HANG_SECONDS)
            return _drop(request)
        if fault.action == "html":
            return _html("<html><body>We are working on it.</body></html>")
        return self._json(*_fault_error(fault), request)

    async def _send(
        self, request: web.Request, answer: dict[str, object], status: int, fault: Fault | None
    ) -> web.StreamResponse:
        """Send the answer, unless a fault gets in its way; the work is done already."""
        action = fault.action if fault else ""
        if fault and action in {"hang_after", "delay"}:
            await self._pause(fault.seconds or _HANG_SECONDS)
        if action in {"drop_after", "hang_after"}:
            return _drop(request)
        if fault and action == "error_after":
            return self._json(*_fault_error(fault), request)
        if action == "truncate":
            text = json.dumps(answer)
            half = text[: max(1, len(text) // 2)]
            return web.Response(text=half, content_type="application/json", status=status)
        return self._json(answer, status, request)

    async def _pause(self, seconds: float) -> None:
        """Wait, but never past the end of the sandbox."""
        try:
            async with asyncio.timeout(seconds):
                await self._box.closing.wait()
        except TimeoutError:
            return

    def _json(
        self, answer: dict[str, object], status: int, request: web.Request
    ) -> web.StreamResponse:
        used = self._box.settings.usage_percent
        usage = {"call_count": used, "total_cputime": used, "total_time": used}
        business = {"type": "instagram", **usage, "estimated_time_to_regain_access": 0}
        version = request.match_info.get("tail", "").split("/")[0]
        headers = {
            "X-App-Usage": json.dumps(usage),
            "X-Business-Use-Case-Usage": json.dumps({self._box.app.app_id: [business]}),
            "x-fb-trace-id": secrets.token_hex(6),
            "facebook-api-version": version if version.startswith("v") else "v25.0",
        }
        return web.json_response(answer, status=status, headers=headers)

    def _entry(self, request: web.Request, route: str) -> Entry:
        return Entry(self._box.now(), request.method, request.path, route)

    def _close(
        self, entry: Entry, status: int, *, fault: Fault | None = None, violation: str = ""
    ) -> None:
        entry.status, entry.violation = status, violation
        entry.fault = fault.action if fault else ""
        self._box.journal.write(entry)
        self._box.bell.ring("call")

    async def _media(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["file"]
        if name not in self._box.media_names():
            raise web.HTTPNotFound
        return web.FileResponse(self._box.world.media_folder / name)

    async def _avatar(self, request: web.Request) -> web.StreamResponse:
        account = self._box.world.accounts.get(request.match_info["username"])
        if account is None:
            raise web.HTTPNotFound
        return web.Response(text=avatar(account), content_type="image/svg+xml")

    async def _style(self, _request: web.Request) -> web.StreamResponse:
        return web.FileResponse(Path(__file__).with_name("consent.css"))

    async def _permalink(self, request: web.Request) -> web.StreamResponse:
        """Lead from a permalink to the page, which opens the post."""
        wanted = request.match_info["shortcode"]
        post = self._find(wanted)
        if post is None:
            return _html(
                refusal_page(
                    "The link may be broken, or the post was removed.", self.base(request)
                ),
                404,
            )
        raise web.HTTPFound(f"/?post={post.id}")

    def _find(self, wanted: str) -> Published | None:
        for post in self._box.world.published.values():
            if wanted in {post.shortcode, post.id} and not post.is_deleted:
                return post
        return None

    def link(self, post: Published, base: str) -> str:
        """Return the permalink of *post*."""
        return permalink(post, base)

    async def _nothing_here(self, request: web.Request) -> web.StreamResponse:
        entry = self._entry(request, "")
        words = f"no such address: {request.method} {request.path}"
        self._close(entry, 404, violation=words)
        return self._json(UnknownCall(2500, None, words).envelope("-"), 404, request)


async def _parameters(request: web.Request) -> tuple[dict[str, str], str]:
    """Join query, form and JSON, and take the token out: `access_token` or a Bearer header."""
    given = dict(request.query)
    if request.content_type == "application/json" and request.can_read_body:
        try:
            body = json.loads(await request.text())
        except ValueError as err:
            raise UnknownCall(100, None, "(#100) The body is no JSON.") from err
        if not isinstance(body, dict):
            raise UnknownCall(100, None, "(#100) The body must be an object.")
        given |= {str(name): _as_text(value) for name, value in body.items()}
    elif request.method == "POST":
        form = await request.post()
        given |= {name: value for name, value in form.items() if isinstance(value, str)}
    value = given.pop("access_token", "")
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    if not value and scheme == "Bearer":
        value = credential.strip()
    if not value:
        raise refusal(104, None, "An access token is required to request this resource.")
    return given, value


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _fault_error(fault: Fault) -> tuple[dict[str, object], int]:
    err = refusal(fault.code, fault.subcode, fault.message)
    return err.envelope(secrets.token_hex(8)), fault.status or err.status


def _drop(request: web.Request) -> web.StreamResponse:
    """Close the connection without a word."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _html(text: str, status: int = 200) -> web.StreamResponse:
    return web.Response(text=text, content_type="text/html", status=status)
