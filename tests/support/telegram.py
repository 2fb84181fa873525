"""A running stand-in for Telegram, ways to call it plainly, and an outside judge of its shapes."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiogram.methods
import aiohttp
from aiogram.types import Message as AiogramMessage
from aiogram.types import Update as AiogramUpdate
from aiohttp import web

from sandbox.clock import Clock
from sandbox.serving import serving
from sandbox.telegram import TelegramSandbox
from sandbox.telegram.control import Control
from sandbox.telegram.journal import Call

OUT_OF_THEIR_SIGHT = frozenset({"(download)"})


@dataclass
class RunningTelegram:
    """The stand-in behind a port of this machine."""

    box: TelegramSandbox
    origin: str
    session: aiohttp.ClientSession

    @property
    def api(self) -> str:
        return f"{self.origin}/telegram"

    @property
    def control(self) -> str:
        return f"{self.origin}/__sandbox/telegram"

    async def call(self, method: str, token: str | None = None, **parameters: Any) -> Any:
        """Call a method with JSON; give the whole answer."""
        url = f"{self.api}/bot{token or self.box.token}/{method}"
        async with self.session.post(url, json=parameters) as answer:
            body = await answer.json()
            assert answer.status == body.get("error_code", 200)
            return body

    async def result(self, method: str, **parameters: Any) -> Any:
        """Call a method that must succeed; give its result."""
        body = await self.call(method, **parameters)
        assert body["ok"], body
        return body["result"]

    async def refusal(self, method: str, **parameters: Any) -> str:
        """Call a method that must be refused; give the words."""
        body = await self.call(method, **parameters)
        assert not body["ok"], body
        return f"{body['error_code']} {body['description']}"


@asynccontextmanager
async def running_telegram(
    clock: Clock | None = None, folder: Path | None = None
) -> AsyncIterator[RunningTelegram]:
    """Run a stand-in until the block ends."""
    box = TelegramSandbox(clock, folder)
    app = web.Application()
    box.add_to(app)
    app.add_routes(Control(box).routes())
    patience = aiohttp.ClientTimeout(total=30)
    async with serving(app) as origin, aiohttp.ClientSession(timeout=patience) as session:
        yield RunningTelegram(box, origin, session)


def judge_update(update: dict[str, Any]) -> AiogramUpdate:
    """Let aiogram's models read an update; a field unknown to them is an error too."""
    read = AiogramUpdate.model_validate(update)
    _no_strangers(read, "update")
    return read


def judge_message(message: dict[str, Any]) -> AiogramMessage:
    """Let aiogram's models read a message."""
    read = AiogramMessage.model_validate(message)
    _no_strangers(read, "message")
    return read


def judge_call(call: Call) -> None:
    """Let aiogram's method models read what a bot asked: names of parameters and their shapes."""
    if call.method in OUT_OF_THEIR_SIGHT:
        return
    model = getattr(aiogram.methods, call.method[0].upper() + call.method[1:])
    given = {name: _as_text(value) for name, value in call.parameters.items()}
    files = {
        name
        for name, value in call.parameters.items()
        if isinstance(value, dict) and "file" in value
    }
    strangers = {name for name in given.keys() - model.model_fields.keys() if name not in files}
    assert not strangers, f"{call.method} has no parameters {strangers}"
    model.model_validate(given)


def _as_text(value: Any) -> Any:
    return "an upload" if isinstance(value, dict) and set(value) == {"file", "bytes"} else value


# The server still sends the old name beside the new one; aiogram knows the new one only.
OLD_NAMES = frozenset({"thumb"})


def _no_strangers(read: Any, path: str) -> None:
    if isinstance(read, list):
        for number, one in enumerate(read):
            _no_strangers(one, f"{path}[{number}]")
        return
    if not hasattr(read, "model_fields_set"):
        return
    strangers = set(read.model_extra or {}) - OLD_NAMES
    assert not strangers, f"{path} holds {strangers}, unknown to the Bot API"
    for name in read.model_fields_set:
        _no_strangers(getattr(read, name), f"{path}.{name}")


def has_token(text: str) -> bool:
    """Tell whether *text* holds something like a bot token."""
    return bool(re.search(r"\d+:[A-Za-z0-9_-]{20,}", text))
