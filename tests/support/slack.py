"""A running stand-in for Slack, ways to call it plainly, and outside judges of its shapes."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import Clock
from sandbox.serving import serving
from sandbox.slack import SlackSandbox
from sandbox.slack.control import Control

# Blocks of which slack_sdk's models know less than Slack does.
BEYOND_THE_MODELS = frozenset({"data_table", "data_visualization"})


@dataclass
class RunningSlack:
    """The stand-in behind a port of this machine."""

    box: SlackSandbox
    origin: str
    session: aiohttp.ClientSession

    @property
    def api(self) -> str:
        """What SLACK_API_URL is set to."""
        return f"{self.origin}/slack/api/"

    def client(self, token: str | None = None) -> AsyncWebClient:
        """Give slack_sdk's own client, pointed here."""
        return AsyncWebClient(token=token or self.box.token, base_url=self.api)

    async def call(self, method: str, token: str | None = None, **parameters: Any) -> Any:
        """Call a method with JSON; give the whole answer."""
        headers = {"Authorization": f"Bearer {token or self.box.token}"}
        url = f"{self.api}{method}"
        async with self.session.post(url, json=parameters, headers=headers) as answer:
            return await answer.json()

    async def result(self, method: str, **parameters: Any) -> Any:
        """Call a method that must succeed; give the answer."""
        body = await self.call(method, **parameters)
        assert body["ok"], body
        return body

    async def refusal(self, method: str, **parameters: Any) -> str:
        """Call a method that must be refused; give the error."""
        body = await self.call(method, **parameters)
        assert not body["ok"], body
        return str(body["error"])


@asynccontextmanager
async def running_slack(
    clock: Clock | None = None, folder: Path | None = None
) -> AsyncIterator[RunningSlack]:
    """Run a stand-in until the block ends."""
    box = SlackSandbox(clock, folder)
    app = web.Application()
    box.add_to(app)
    app.add_routes(Control(box).routes())
    async with serving(app) as origin:
        box.origin = origin
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
            yield RunningSlack(box, origin, session)


@asynccontextmanager
async def serving_bolt(app: AsyncApp, path: str = "/slack/events") -> AsyncIterator[str]:
    """Serve a Bolt app by HTTP as an aiohttp site does; gives its origin."""

    async def receive(request: web.Request) -> web.Response:
        bolt_request = await to_bolt_request(request)
        return await to_aiohttp_response(await app.async_dispatch(bolt_request))

    site = web.Application()
    site.router.add_post(path, receive)
    flow = app.oauth_flow
    if flow is not None:

        async def install(request: web.Request) -> web.Response:
            answer = await flow.handle_installation(await to_bolt_request(request))
            return await to_aiohttp_response(answer)

        async def come_back(request: web.Request) -> web.Response:
            answer = await flow.handle_callback(await to_bolt_request(request))
            return await to_aiohttp_response(answer)

        site.router.add_get(flow.install_path, install)
        site.router.add_get(flow.redirect_uri_path, come_back)
    async with serving(site) as origin:
        yield origin


@asynccontextmanager
async def serving_answers(
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> AsyncIterator[str]:
    """Serve one handler on every path; gives its origin."""
    site = web.Application()
    site.router.add_route("*", "/{path:.*}", answer)
    async with serving(site) as origin:
        yield origin


def judge_blocks(blocks: list[dict[str, Any]]) -> None:
    """Let slack_sdk's models read blocks and check their lengths; nothing may get lost."""
    known = [block for block in blocks if block["type"] not in BEYOND_THE_MODELS]
    for block, read in zip(known, Block.parse_all(known), strict=True):
        again = read.to_dict()
        assert again["type"] == block["type"]
        lost = {name for name in block if name not in again and block[name] not in (None, False)}
        assert not lost, f"{block['type']} holds {lost}, unknown to slack_sdk"


def judge_view(view: dict[str, Any]) -> None:
    """Let slack_sdk's models read a view and check its lengths."""
    read = View(**view)
    assert read.to_dict()["type"] == view["type"]
    judge_blocks(view["blocks"])


def judge_calls(box: SlackSandbox) -> int:
    """Let slack_sdk's models read all blocks and views an app sent; gives how many calls."""
    judged = 0
    for call in box.journal.calls:
        if call.parameters.get("blocks") and not call.error:
            judge_blocks(call.parameters["blocks"])
            judged += 1
        if isinstance(call.parameters.get("view"), dict) and not call.error:
            judge_view(call.parameters["view"])
            judged += 1
    return judged
