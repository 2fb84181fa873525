"""A pretend Instagram over real HTTP, a house that serves media, and a client that knows Graph."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from sandbox.instagram import InstagramSandbox
from sandbox.instagram.control import Control
from sandbox.instagram.mounting import mount
from sandbox.serving import serving
from tests.sandbox.made_media import jpeg, mp4

CAFE = "cafe.lindenhof"
CAFE_ID = "17841400000000001"


class HandClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 14, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def pass_time(self, **how_long: float) -> None:
        self.moment += timedelta(**how_long)


@dataclass
class MediaHouse:
    """The product's public side: serves files by name."""

    base: str = ""
    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    is_silent: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, name: str, raw: bytes, kind: str) -> str:
        self.files[name] = (raw, kind)
        return f"{self.base}/{name}"

    def photo(self, width: int = 1080, height: int = 1350) -> str:
        return self.put(f"{width}x{height}.jpg", jpeg(width, height), "image/jpeg")

    def film(self, **how) -> str:
        return self.put(f"film{len(self.files)}.mp4", mp4(**how), "video/mp4")

    async def answer(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name == "slow.jpg":
            await self.is_silent.wait()
        if name == "moved.jpg":
            raise web.HTTPFound("/1080x1350.jpg")
        if name not in self.files:
            raise web.HTTPNotFound
        raw, kind = self.files[name]
        return web.Response(body=raw, content_type=kind)


@dataclass
class Answer:
    status: int
    json: dict
    headers: dict[str, str]

    @property
    def code(self) -> tuple[int, int | None]:
        error = self.json["error"]
        return error["code"], error.get("error_subcode")


class Client:
    """Speaks Graph as the product does, and keeps what came back."""

    def __init__(self, session: aiohttp.ClientSession, base: str, token: str) -> None:
        self.session = session
        self.base = base
        self.token = token

    async def ask(self, method: str, path: str, **parameters: str) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}"}
        where = f"{self.base}/instagram/graph/{path}"
        by = "params" if method in {"GET", "DELETE"} else "data"
        async with self.session.request(
            method, where, headers=headers, **{by: parameters}
        ) as answer:
            return Answer(answer.status, await answer.json(), dict(answer.headers))

    async def create(self, **parameters: str) -> Answer:
        return await self.ask("POST", f"v25.0/{CAFE_ID}/media", **parameters)

    async def made(self, **parameters: str) -> str:
        answer = await self.create(**parameters)
        assert answer.status == 200, answer.json
        return answer.json["id"]

    async def status(self, container: str) -> str:
        answer = await self.ask("GET", f"v25.0/{container}", fields="status_code,status")
        return answer.json["status_code"]

    async def publish(self, container: str) -> Answer:
        return await self.ask("POST", f"v25.0/{CAFE_ID}/media_publish", creation_id=container)

    async def control(self, method: str, path: str, json: object = None) -> Answer:
        where = f"{self.base}/__sandbox/instagram/{path}"
        async with self.session.request(method, where, json=json) as answer:
            return Answer(answer.status, await answer.json(), dict(answer.headers))


@dataclass
class Stage:
    box: InstagramSandbox
    client: Client
    house: MediaHouse
    clock: HandClock
    base: str


Opened = Callable[..., object]


@pytest.fixture
async def house() -> AsyncIterator[MediaHouse]:
    house = MediaHouse()
    app = web.Application()
    app.router.add_get("/{name}", house.answer)
    async with serving(app) as base:
        house.base = base
        yield house
        house.is_silent.set()


@pytest.fixture
async def open_stage(house: MediaHouse) -> AsyncIterator[Opened]:
    """Opens stages; with a folder the same world may be opened again."""
    async with AsyncExitStack() as stack:

        async def opened(folder: Path | None = None, clock: HandClock | None = None) -> Stage:
            clock = clock or HandClock()
            box = InstagramSandbox(clock, state_folder=folder)
            app = web.Application()
            mount(box, app)
            Control(box).register(app)
            base = await stack.enter_async_context(serving(app))
            session = await stack.enter_async_context(aiohttp.ClientSession())
            token = box.issue_token(CAFE).value
            return Stage(box, Client(session, base, token), house, clock, base)

        yield opened


@pytest.fixture
async def stage(open_stage: Opened) -> Stage:
    return await open_stage()
