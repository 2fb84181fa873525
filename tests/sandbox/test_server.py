"""One port serves both stand-ins, their control side, one stream of news and the page."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from sandbox.clock import ShiftedClock
from sandbox.server import Sandbox
from sandbox.serving import serving


@dataclass
class Served:
    sandbox: Sandbox
    base: str
    session: aiohttp.ClientSession

    async def get(self, path: str) -> tuple[int, dict]:
        async with self.session.get(f"{self.base}{path}") as answer:
            return answer.status, await answer.json()

    async def post(self, path: str, body: object) -> tuple[int, dict]:
        async with self.session.post(f"{self.base}{path}", json=body) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    sandbox = Sandbox(ShiftedClock(tmp_path / "shift"), tmp_path / "state")
    async with serving(sandbox.app) as base, aiohttp.ClientSession() as session:
        yield Served(sandbox, base, session)


async def test_it_says_that_it_is_well(served: Served) -> None:
    assert await served.get("/__sandbox/health") == (200, {"ok": True})


async def test_both_stand_ins_answer_on_the_port(served: Served) -> None:
    _, me = await served.get(f"/telegram/bot{served.sandbox.telegram.token}/getMe")
    status, graph = await served.get("/instagram/graph/v25.0/me")

    assert me["result"]["is_bot"] is True
    assert (status, graph["error"]["code"]) == (400, 104)


async def test_the_state_joins_clock_people_and_posts(served: Served) -> None:
    served.sandbox.telegram.person("Dana")

    _, state = await served.get("/__sandbox/state")

    assert [person["name"] for person in state["telegram"]["people"]] == ["Dana"]
    assert state["clock"]["shift_seconds"] == 0
    assert state["instagram"]["posts"] == []


async def test_advancing_the_clock_writes_the_shared_file(served: Served, tmp_path: Path) -> None:
    before = served.sandbox.instagram.now()

    status, shown = await served.post("/__sandbox/clock", {"advance_seconds": 3600})

    assert (status, shown["shift_seconds"]) == (200, 3600)
    assert float(await asyncio.to_thread((tmp_path / "shift").read_text)) == 3600
    assert served.sandbox.instagram.now() - before >= timedelta(hours=1)
    assert ShiftedClock(tmp_path / "shift").shift_seconds == 3600


async def test_the_clock_moves_to_an_instant(served: Served) -> None:
    _, shown = await served.post("/__sandbox/clock", {"to": "2030-01-01T09:00:00+00:00"})

    moved_to = datetime.fromisoformat(shown["now"])
    assert abs(moved_to - datetime.fromisoformat("2030-01-01T09:00:00+00:00")) < timedelta(
        seconds=5
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"advance_seconds": -1},
        {"advance_seconds": "soon"},
        {"to": "2030-01-01T09:00:00"},
        {"to": "never"},
        {"shift_seconds": 1e12},
    ],
)
async def test_a_wrong_move_of_the_clock_is_refused(served: Served, body: object) -> None:
    status, answer = await served.post("/__sandbox/clock", body)

    assert status == 400
    assert answer["error"]
    assert served.sandbox.clock.shift_seconds == 0


async def test_one_stream_tells_of_chat_posts_and_clock(served: Served) -> None:
    async with served.session.get(f"{served.base}/__sandbox/events") as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        await stream.content.readline()
        dana = served.sandbox.telegram.person("Dana")
        await dana.writes("hello")
        served.sandbox.instagram.go_down()
        served.sandbox.advance(timedelta(seconds=1))

        heard: set[str] = set()
        async with asyncio.timeout(5):
            while heard != {"telegram", "instagram", "clock"}:
                line = await stream.content.readline()
                if line.startswith(b"data: "):
                    heard.add(json.loads(line[6:])["area"])


async def test_an_open_stream_does_not_hold_the_server_up() -> None:
    sandbox = Sandbox()
    async with aiohttp.ClientSession() as session:
        async with asyncio.timeout(2), serving(sandbox.app) as base:
            stream = await session.get(f"{base}/__sandbox/events")
            await stream.content.readline()
        stream.close()


async def test_the_page_and_its_parts_are_served_and_nothing_else(served: Served) -> None:
    async with served.session.get(f"{served.base}/") as answer:
        page = await answer.text()
        policy = answer.headers["Content-Security-Policy"]
    kinds = {}
    for path in ("main.js", "style.css", "icon.svg", "samples/terrace.jpg", "samples/latte.mp4"):
        async with served.session.get(f"{served.base}/page/{path}") as answer:
            kinds[path] = (answer.status, answer.content_type)
    refused = []
    for path in ("../server.py", "..%2fserver.py", "samples/none.jpg", "samples"):
        where = f"{served.base}/page/{path}"
        async with served.session.get(aiohttp.client.URL(where, encoded=True)) as answer:
            refused.append(answer.status)

    assert "<title>Postcue sandbox</title>" in page
    assert "default-src 'self'" in policy
    assert kinds == {
        "main.js": (200, "text/javascript"),
        "style.css": (200, "text/css"),
        "icon.svg": (200, "image/svg+xml"),
        "samples/terrace.jpg": (200, "image/jpeg"),
        "samples/latte.mp4": (200, "video/mp4"),
    }
    assert refused == [404, 404, 404, 404]


async def test_a_link_to_the_bot_opens_the_chat_and_presses_start(served: Served) -> None:
    where = []
    for path in ("/t.me/postcue_demo_bot", "/t.me/postcue_demo_bot?start=c_1"):
        async with served.session.get(f"{served.base}{path}", allow_redirects=False) as answer:
            where.append(answer.headers["Location"])

    assert where == ["/", "/?start=c_1"]


async def test_the_page_asks_no_other_host() -> None:
    folder = Path(__file__).parents[2] / "sandbox" / "page"
    texts = await asyncio.to_thread(
        lambda: [path.read_text() for path in folder.iterdir() if path.is_file()]
    )

    foreign = [
        word
        for text in texts
        for word in text.replace('"', " ").replace("'", " ").split()
        if word.startswith(("http:", "https:", "//")) and word != "//"
        if "www.w3.org" not in word
    ]
    assert foreign == []


async def test_the_samples_are_what_instagram_takes(served: Served) -> None:
    token = served.sandbox.instagram.issue_token("cafe.lindenhof").value
    names = ["autumn-latte", "cherry-cake", "terrace", "new-mugs", "pumpkin-soup"]
    wanted = [{"image_url": f"{served.base}/page/samples/{name}.jpg"} for name in names]
    wanted += [
        {
            "media_type": "STORIES",
            "image_url": f"{served.base}/page/samples/story-latte.jpg",
        },
        {"media_type": "REELS", "video_url": f"{served.base}/page/samples/latte.mp4"},
    ]
    for parameters in wanted:
        status, answer = await served.post(
            "/instagram/graph/me/media", {**parameters, "access_token": token}
        )
        assert status == 200, answer

    box = served.sandbox.instagram
    await box.bell.until(lambda: all(one.work != "fetching" for one in box.containers))

    assert {one.work for one in box.containers} == {"ready"}


async def test_chats_posts_and_ids_go_on_after_a_restart(tmp_path: Path) -> None:
    first = Sandbox(ShiftedClock(), tmp_path)
    async with serving(first.app):
        said = await first.telegram.person("Dana").writes("before")
        token = first.instagram.issue_token("cafe.lindenhof").value

    second = Sandbox(ShiftedClock(), tmp_path)
    async with serving(second.app) as base, aiohttp.ClientSession() as session:
        dana = second.telegram.person("Dana")
        again = await dana.writes("after")
        async with session.get(f"{base}/instagram/graph/me", params={"access_token": token}) as me:
            status = me.status

    assert [one.text for one in dana.messages()] == ["before", "after"]
    assert again.id > said.id
    assert status == 200
