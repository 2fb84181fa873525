"""The HTTP doors of Slack: Web API, files, uploads, response addresses, sockets."""

import copy
import json
from http import HTTPStatus
from typing import Any

from aiohttp import web

from sandbox.chats.breaking import break_off, cut, hang, pour
from sandbox.slack.calling import Ask, Method
from sandbox.slack.chatting import CHATTING, said_in
from sandbox.slack.errors import RateLimited, SlackError
from sandbox.slack.filing import FILING
from sandbox.slack.journal import Call
from sandbox.slack.knowing import KNOWING
from sandbox.slack.limits import RESPONSE_URL_USES
from sandbox.slack.oauth import OAUTH, access
from sandbox.slack.request import Params, read_params
from sandbox.slack.state import Install, StoredFile
from sandbox.slack.viewing import VIEWING
from sandbox.slack.world import ResponseUrl, World

DOWNLOAD, UPLOAD, RESPONSE = "(download)", "(upload)", "(response_url)"
"""What the other doors are called in the journal and in faults."""

LOGIN_PAGE = (
    '<!DOCTYPE html><html lang="en-US"><head><title>Slack</title></head>'
    '<body><form id="signin_form" action="/signin">Sign in to your workspace</form></body></html>'
)
LARGEST_UPLOAD = 2**30

METHODS: dict[str, Method] = {**CHATTING, **KNOWING, **VIEWING, **FILING, **OAUTH}
"""The methods that take a bot's token; ``api.test`` and two others are answered beside them."""


class Door:
    """Answers apps."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self, prefix: str = "/slack") -> list[web.RouteDef]:
        """Give the routes to mount."""
        file = prefix + "/files-pri/{ids:[A-Z0-9]+-[A-Z0-9]+}"
        return [
            web.route("*", prefix + "/api/{method:[^/]+}", self.call),
            web.get(file + "/{name}", self.download),
            web.get(file + "/download/{name}", self.download),
            web.get(prefix + "/files-tmb/{ids:[A-Z0-9]+-[A-Z0-9]+}/{side}", self.download),
            web.post(prefix + "/upload/v1/{ticket}", self.upload),
            web.post(prefix + "/response/{team}/{id}", self.respond),
            web.get(prefix + "/link", self.link),
            web.get(prefix + "/link/", self.link),
        ]

    # the Web API

    async def call(self, request: web.Request) -> web.StreamResponse:
        """Answer one call of a method."""
        self._world.learn_origin(f"{request.scheme}://{request.host}")
        call = self._begun(request, request.match_info["method"])
        headers: dict[str, str] = {}
        status = HTTPStatus.OK
        try:
            body: dict[str, Any] = {"ok": True, **await self._work(request, call, headers)}
        except SlackError as err:
            status, body = HTTPStatus(err.status), err.answer()
            call.error = err.error
            if isinstance(err, RateLimited):
                headers["Retry-After"] = str(err.retry_after)
        except _Wordless as err:
            return self._wordless(call, err.status)
        if call.fault == "drop":
            # The work is done; only the answer is lost.
            cut(request)
        call.status = int(status)
        call.result = copy.deepcopy(body)
        self._world.feed.tell("call", method=call.method, error=call.error)
        return web.json_response(body, status=status, headers=headers)

    async def _work(
        self, request: web.Request, call: Call, headers: dict[str, str]
    ) -> dict[str, Any]:
        if request.method not in {"GET", "POST"}:
            raise _Wordless(HTTPStatus.METHOD_NOT_ALLOWED)
        params = await read_params(request)
        call.parameters = params.for_journal()
        place = params.values.get("channel") or params.values.get("channel_id")
        await self._maybe_go_wrong(request, call, place)
        token = _token(request, params)
        match call.method:
            case "api.test":
                return {"args": call.parameters}
            case "oauth.v2.access":
                return await access(self._world, params, request.headers.get("Authorization", ""))
            case "apps.connections.open":
                return self._socket(token)
        method = METHODS.get(call.method)
        if method is None:
            self._world.journal.unknown.append(call)
            raise _Wordless(HTTPStatus.NOT_FOUND)
        install = self._caller(token)
        call.team = install.team
        headers["x-oauth-scopes"] = ",".join(install.scopes)
        if method.scopes and not set(method.scopes) & set(install.scopes):
            headers["x-accepted-oauth-scopes"] = ",".join(method.scopes)
            raise SlackError(
                "missing_scope", needed=method.scopes[0], provided=",".join(install.scopes)
            )
        return await method.handler(Ask(self._world, install, params))

    def _socket(self, token: str) -> dict[str, Any]:
        if token != self._world.app.app_token:
            if not token:
                raise SlackError("not_authed")
            known = token in self._world.state.installs
            raise SlackError("not_allowed_token_type" if known else "invalid_auth")
        if not self._world.app.socket_mode:
            raise SlackError("socket_mode_not_enabled")
        ticket = self._world.office.sockets.ticket()
        origin = self._world.origin.replace("http", "ws", 1)
        return {"url": f"{origin}/slack/link/?ticket={ticket}&app_id={self._world.app.id}"}

    def _caller(self, token: str) -> Install:
        if not token:
            raise SlackError("not_authed")
        if token == self._world.app.app_token:
            raise SlackError("not_allowed_token_type")
        install = self._world.state.installs.get(token)
        if install is None:
            raise SlackError("invalid_auth")
        if not install.is_live:
            raise SlackError("token_revoked" if install.is_revoked else "account_inactive")
        if install.is_revoked:
            raise SlackError("token_revoked")
        if install.expires_at and install.expires_at < self._world.seconds():
            raise SlackError("token_expired")
        return install

    # files

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Hand out a file to who brings a token; else a login page with status 200."""
        self._world.learn_origin(f"{request.scheme}://{request.host}")
        call = self._begun(request, DOWNLOAD)
        call.parameters["path"] = request.path
        try:
            await self._maybe_go_wrong(request, call, None)
        except RateLimited as err:
            call.status, call.error = int(HTTPStatus.TOO_MANY_REQUESTS), "ratelimited"
            return web.Response(status=429, headers={"Retry-After": str(err.retry_after)})
        except (SlackError, _Wordless) as err:
            return self._wordless(call, HTTPStatus(getattr(err, "status", 500)))
        file = self._file(request)
        call.status = int(HTTPStatus.OK)
        if file is None or file.serves == "login":
            call.error = "no rights"
            return web.Response(text=LOGIN_PAGE, content_type="text/html")
        if file.is_deleted or file.serves == "missing":
            return self._wordless(call, HTTPStatus.NOT_FOUND)
        if file.redirects_to:
            raise web.HTTPFound(file.redirects_to)
        return await self._serve(request, call, file)

    def _file(self, request: web.Request) -> StoredFile | None:
        team, _, number = request.match_info["ids"].partition("-")
        file = self._world.state.files.get(number)
        token = _bearer(request)
        install = self._world.state.installs.get(token)
        if file is None or install is None or not install.is_live or file.team != team:
            return None
        if install.team not in {"", team} or "files:read" not in install.scopes:
            return None
        sees = any(
            install.bot_user in self._world.state.channels[place].members for place in file.shares
        )
        return file if sees or file.user == install.bot_user or not file.shares else None

    async def _serve(
        self, request: web.Request, call: Call, file: StoredFile
    ) -> web.StreamResponse:
        if file.serves == "endless":
            return await pour(request, file.mimetype)
        data = self._world.files.data(file)
        if file.serves == "cut" or call.fault == "drop":
            return await break_off(request, data, file.mimetype)
        return web.Response(body=data, content_type=file.mimetype)

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Take the bytes of a file that was announced; no token is asked for."""
        call = self._begun(request, UPLOAD)
        try:
            await self._maybe_go_wrong(request, call, None)
        except (SlackError, _Wordless) as err:
            return self._wordless(call, HTTPStatus(max(400, getattr(err, "status", 500))))
        file = self._world.uploads.get(request.match_info["ticket"])
        if file is None:
            return self._wordless(call, HTTPStatus.NOT_FOUND)
        data = await _uploaded(request)
        if len(data) != file.size:
            return self._wordless(call, HTTPStatus.BAD_REQUEST)
        self._world.files.fill(file, data)
        del self._world.uploads[request.match_info["ticket"]]
        call.status = int(HTTPStatus.OK)
        return web.Response(text=f"OK - {len(data)}")

    # answers to interactions

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """Take an answer to an interaction or a command: five of them, for half an hour."""
        call = self._begun(request, RESPONSE)
        url = self._world.response_urls.get(request.match_info["id"])
        try:
            await self._maybe_go_wrong(request, call, url.channel if url else None)
            params = await read_params(request)
            call.parameters = params.for_journal()
            self.answer(url, params)
        except SlackError as err:
            call.error = err.error
            status = 429 if isinstance(err, RateLimited) else 404
            call.status = status
            return web.json_response(err.answer(), status=status)
        except _Wordless as err:
            return self._wordless(call, err.status)
        if call.fault == "drop":
            cut(request)
        call.status = int(HTTPStatus.OK)
        return web.Response(text="ok")

    def answer(self, url: ResponseUrl | None, params: Params) -> None:
        """Do what an answer to an interaction asks for.

        Raises:
            SlackError: the address is used up or too old, or the message is wrong.
        """
        world = self._world
        if url is None or url.until < world.seconds():
            raise SlackError("expired_url")
        if url.uses >= RESPONSE_URL_USES:
            raise SlackError("used_url")
        url.uses += 1
        channel = world.state.channels[url.channel]
        install = world.install_for(channel.team)
        if install is None:
            raise SlackError("expired_url")
        target = channel.find(url.message_ts) if url.message_ts else None
        if params.flag("delete_original"):
            if target is not None:
                world.delete(channel, target)
            return
        said = said_in(Ask(world, install, params))
        if not said.get("text") and not said.get("blocks"):
            raise SlackError("no_text")
        if params.flag("replace_original") and target is not None:
            world.edit(channel, target, said, install.bot_user)
            return
        is_open = params.text("response_type") == "in_channel"
        world.post(
            channel,
            install.bot_user,
            said,
            thread_ts=params.text("thread_ts"),
            bot_id=install.bot_id,
            only_for="" if is_open else url.user,
        )

    async def link(self, request: web.Request) -> web.StreamResponse:
        """Hold a socket."""
        return await self._world.office.sockets.serve(request)

    # what all share

    def _begun(self, request: web.Request, method: str) -> Call:
        call = Call(method=method, at=self._world.clock.now(), verb=request.method)
        return self._world.journal.begin(call)

    async def _maybe_go_wrong(self, request: web.Request, call: Call, channel: object) -> None:
        fault = self._world.faults.take(call.method, channel)
        if fault is None:
            return
        call.fault = fault.kind
        self._world.feed.tell("faults")
        refusal = fault.refusal()
        if refusal is not None:
            raise refusal
        if fault.kind == "server_error":
            raise _Wordless(HTTPStatus(fault.status))
        if fault.kind == "drop_before":
            cut(request)
        if fault.kind == "hang":
            await hang(self._world.faults, fault, self._world.closing)
            cut(request)

    def _wordless(self, call: Call, status: HTTPStatus) -> web.Response:
        call.status, call.error = int(status), call.error or str(int(status))
        self._world.feed.tell("call", method=call.method, error=call.error)
        return web.Response(text=f"<html><h1>{status.phrase}</h1></html>", status=int(status),
                            content_type="text/html")  # fmt: skip


class _Wordless(Exception):
    """An answer without JSON: a status and a page."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


def _bearer(request: web.Request) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind == "Bearer" else ""


def _token(request: web.Request, params: Params) -> str:
    return _bearer(request) or params.text("token")


async def _uploaded(request: web.Request) -> bytes:
    roomy = request.clone(client_max_size=LARGEST_UPLOAD)
    if request.content_type != "multipart/form-data":
        return await roomy.read()
    for value in (await roomy.post()).values():
        if isinstance(value, web.FileField):
            with value.file as file:
                return file.read()
    return b""


def as_params(answer: object) -> Params:
    """Read an answer that rode in an acknowledgement: JSON, or bare text."""
    if isinstance(answer, dict):
        return Params(dict(answer))
    return Params({"text": answer if isinstance(answer, str) else json.dumps(answer)})
