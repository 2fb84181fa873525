"""The HTTP door of the Bot API: ``/bot<token>/<method>`` and ``/file/bot<token>/<path>``."""

import copy
from typing import Any

from aiohttp import web

from sandbox.chats.breaking import break_off, cut, hang, pour
from sandbox.clock import unix
from sandbox.telegram.editing import EDITING
from sandbox.telegram.errors import ApiError
from sandbox.telegram.journal import Call
from sandbox.telegram.request import read_params
from sandbox.telegram.sending import SENDING
from sandbox.telegram.settling import SETTLING, Method
from sandbox.telegram.state import Bot, StoredFile
from sandbox.telegram.world import World

DOWNLOAD = "(download)"
"""What the file door is called in the journal and in faults."""

METHODS: dict[str, Method] = {**SENDING, **EDITING, **SETTLING}
"""All the stand-in can do; another name is answered with 404 and written down as unknown."""

UNNAMED = "application/octet-stream"
"""The real server names no type; a bot must look at the bytes."""

_BY_LOWER_NAME = {name.lower(): name for name in METHODS}


class Door:
    """Answers bots."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self, prefix: str = "") -> list[web.RouteDef]:
        """Give the routes to mount."""
        return [
            web.route("*", prefix + "/bot{token:[^/]+}/{method}", self.call),
            web.get(prefix + "/file/bot{token:[^/]+}/{path:.+}", self.download),
        ]

    async def call(self, request: web.Request) -> web.StreamResponse:
        """Answer one call of a method."""
        asked = request.match_info["method"]
        call = self._begun(request, _BY_LOWER_NAME.get(asked.lower(), asked))
        try:
            body: dict[str, Any] = {"ok": True, "result": await self._work(request, call)}
            status = 200
        except ApiError as err:
            status, body = err.status, err.answer()
        if call.fault == "drop":
            # The work is done; only the answer is lost.
            cut(request)
        return self._answer(call, status, body)

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Hand out a file whose link is open."""
        call = self._begun(request, DOWNLOAD)
        call.parameters["path"] = request.match_info["path"]
        try:
            file = await self._granted_file(request, call)
        except ApiError as err:
            return self._answer(call, err.status, err.answer())
        call.status = 200
        if file.serves == "endless":
            return await pour(request, UNNAMED)
        data = self._world.files.data(file)
        if file.serves == "cut" or call.fault == "drop":
            return await break_off(request, data, UNNAMED)
        return web.Response(body=data, content_type=UNNAMED)

    def _begun(self, request: web.Request, method: str) -> Call:
        bot = self._world.state.bots.get(request.match_info["token"])
        call = Call(method=method, at=self._world.clock.now(), bot_id=bot.id if bot else None)
        return self._world.journal.begin(call)

    def _caller(self, request: web.Request) -> Bot:
        bot = self._world.state.bots.get(request.match_info["token"])
        if bot is None:
            raise ApiError(401, "Unauthorized")
        if request.method not in {"GET", "POST"}:
            raise ApiError(405, "Method Not Allowed")
        return bot

    async def _work(self, request: web.Request, call: Call) -> object:
        bot = self._caller(request)
        params = await read_params(request)
        call.parameters = params.for_journal()
        await self._maybe_go_wrong(request, call, params.values.get("chat_id"))
        handler = METHODS.get(call.method)
        if handler is None:
            self._world.journal.unknown.append(call)
            raise ApiError(404, "Not Found")
        return await handler(self._world, bot, params)

    async def _granted_file(self, request: web.Request, call: Call) -> StoredFile:
        self._caller(request)
        await self._maybe_go_wrong(request, call, None)
        file = self._world.files.at(request.match_info["path"])
        if file is None or file.has_expired or file.link_until < unix(self._world.clock):
            raise ApiError(404, "Not Found")
        return file

    async def _maybe_go_wrong(self, request: web.Request, call: Call, chat_id: object) -> None:
        fault = self._world.faults.take(call.method, chat_id)
        if fault is None:
            return
        call.fault = fault.kind
        self._world.feed.tell("faults")
        error = fault.error()
        if error is not None:
            raise error
        if fault.kind == "drop_before":
            cut(request)
        if fault.kind == "hang":
            await hang(self._world.faults, fault, self._world.closing)
            cut(request)

    def _answer(self, call: Call, status: int, body: dict[str, Any]) -> web.Response:
        call.status, call.error = status, str(body.get("description", ""))
        if call.method != "getUpdates":
            call.result = copy.deepcopy(body.get("result"))
            self._world.feed.tell("call", method=call.method, status=status, error=call.error)
        headers = {}
        retry_after = body.get("parameters", {}).get("retry_after")
        if retry_after is not None:
            headers["Retry-After"] = str(retry_after)
        return web.json_response(body, status=status, headers=headers)
