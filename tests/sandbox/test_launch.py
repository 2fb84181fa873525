"""The demo launcher starts both sides, says where the page is, and stops both cleanly."""

import asyncio
import json
import os
import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Literal

import aiohttp
import pytest

from sandbox.launch import DemoPlan, _readable, choose_ports, run_demo

CHILD = Path(__file__).with_name("demo_child.py")


class Launched:
    """A demo that runs beside the test; a signal to this process is a signal to the demo."""

    def __init__(self, plan: DemoPlan) -> None:
        self.plan = plan
        self.said: list[str] = []
        self._heard = asyncio.Event()
        self.task = asyncio.create_task(run_demo(plan, say=self._say))

    def _say(self, words: str) -> None:
        self.said.append(words)
        self._heard.set()

    async def until_said(self, words: str) -> str:
        async with asyncio.timeout(20):
            while not any(words in one for one in self.said):
                self._heard.clear()
                waiting = asyncio.create_task(self._heard.wait())
                await asyncio.wait({waiting, self.task}, return_when="FIRST_COMPLETED")
                if self.task.done():
                    waiting.cancel()
                    break
        return next(one for one in self.said if words in one)

    async def end(self, number: signal.Signals) -> int:
        os.kill(os.getpid(), number)
        async with asyncio.timeout(20):
            return await self.task


def plan(folder: Path, manner: str, stop_seconds: float = 10) -> DemoPlan:
    return DemoPlan(
        folder / "demo",
        page_port=_free_port(),
        product_port=_free_port(),
        command=(sys.executable, str(CHILD), manner),
        stop_seconds=stop_seconds,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_runs_until_a_signal_and_passes_it_on(
    tmp_path: Path, number: signal.Signals
) -> None:
    launched = Launched(plan(tmp_path, "well"))
    line = await launched.until_said("Open")
    page = line.split()[1]
    async with aiohttp.ClientSession() as session, session.get(page) as answer:
        assert answer.status == 200

    code = await launched.end(number)

    assert code == 0
    assert f"heard {number.name}" in await asyncio.to_thread(launched.plan.log.read_text)


async def test_the_product_is_pointed_at_the_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:real")
    launched = Launched(plan(tmp_path, "well"))
    line = await launched.until_said("Open")
    page = line.split()[1].rstrip("/")
    await launched.end(signal.SIGTERM)

    seen = json.loads(await asyncio.to_thread((tmp_path / "demo" / "seen.json").read_text))
    wanted = {
        "POSTCUE_ENV": "demo",
        "HTTP_HOST": "127.0.0.1",
        "PUBLIC_URL": f"http://127.0.0.1:{seen['HTTP_PORT']}",
        "TELEGRAM_API_URL": f"{page}/telegram",
        "TELEGRAM_LINK_URL": f"{page}/t.me",
        "TELEGRAM_MODE": "polling",
        "SLACK_API_URL": f"{page}/slack/api/",
        "SLACK_FILES_URL": f"{page}/slack",
        "SLACK_AUTHORIZE_URL": f"{page}/slack/oauth/v2/authorize",
        "INSTAGRAM_AUTHORIZE_URL": f"{page}/instagram/oauth/authorize",
        "INSTAGRAM_TOKEN_URL": f"{page}/instagram/oauth/access_token",
        "INSTAGRAM_GRAPH_URL": f"{page}/instagram/graph",
        "LOG_FORMAT": "json",
        "REDIS_URL": "",
    }
    assert {name: seen[name] for name in wanted} == wanted
    assert seen["TELEGRAM_BOT_TOKEN"].endswith("demo-only")
    assert Path(seen["CLOCK_SHIFT_FILE"]).parent == tmp_path / "demo"


async def test_slack_brings_its_events_the_way_that_was_asked_for(tmp_path: Path) -> None:
    seen = {}
    ways: tuple[Literal["http", "socket"], ...] = ("http", "socket")
    for way in ways:
        launched = Launched(replace(plan(tmp_path, "well"), slack=way))
        await launched.until_said("Open")
        await launched.end(signal.SIGTERM)
        told = await asyncio.to_thread((tmp_path / "demo" / "seen.json").read_text)
        seen[way] = json.loads(told)

    assert seen["http"]["SLACK_SIGNING_SECRET"]
    assert seen["http"]["SLACK_APP_TOKEN"] == ""
    assert seen["socket"]["SLACK_SIGNING_SECRET"] == ""
    assert seen["socket"]["SLACK_APP_TOKEN"].startswith("xapp-")


async def test_a_product_that_ends_by_itself_shows_its_last_words(tmp_path: Path) -> None:
    launched = Launched(plan(tmp_path, "broken"))

    code = await asyncio.wait_for(launched.task, 20)

    assert code == 3
    assert any("database.unreachable" in words for words in launched.said)


async def test_a_product_that_does_not_stop_is_ended(tmp_path: Path) -> None:
    launched = Launched(plan(tmp_path, "stubborn", stop_seconds=0.3))
    await launched.until_said("Open")

    code = await launched.end(signal.SIGTERM)

    assert code == 1
    assert any("did not stop in time" in words for words in launched.said)


async def test_a_second_signal_does_not_wait(tmp_path: Path) -> None:
    launched = Launched(plan(tmp_path, "stubborn", stop_seconds=60))
    await launched.until_said("Open")
    os.kill(os.getpid(), signal.SIGINT)
    await launched.until_said("Stopping")

    code = await launched.end(signal.SIGINT)

    assert code == 1


def test_taken_ports_are_passed_over_and_chosen_ones_remembered(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy = taken.getsockname()[1]
        first = choose_ports(DemoPlan(tmp_path, page_port=busy, product_port=busy))

    second = choose_ports(DemoPlan(tmp_path, page_port=busy, product_port=busy))

    assert busy not in first
    assert first[0] != first[1]
    assert second == first


def test_a_spoilt_ports_file_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text("{")
    page, product = _free_port(), _free_port()

    chosen = choose_ports(DemoPlan(tmp_path, page_port=page, product_port=product))

    assert chosen == (page, product)
    assert json.loads((tmp_path / "ports.json").read_text()) == {"page": page, "product": product}


async def test_a_killed_launcher_takes_the_product_with_it(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux tells a child that its parent died")
    told = plan(tmp_path, "well")
    code = (
        "import asyncio, sys; from pathlib import Path; from sandbox.launch import *;"
        f"asyncio.run(run_demo(DemoPlan(Path({str(told.folder)!r}), {told.page_port},"
        f"{told.product_port}, {told.command!r}), say=lambda words: print(words, flush=True)))"
    )
    launcher = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )
    assert launcher.stdout is not None
    async with asyncio.timeout(20):
        while b"Open" not in await launcher.stdout.readline():
            pass
        launcher.kill()
        await launcher.wait()
        # The child has the log open; its last word is written when it heard of the end.
        while "heard SIGTERM" not in await asyncio.to_thread(told.log.read_text):
            pass


async def test_log_lines_are_shown_as_people_read_them() -> None:
    line = json.dumps(
        {
            "time": "T",
            "level": "critical",
            "logger": "x",
            "event": "it.broke",
            "post": 1,
            "error": "a\nb",
        }
    )

    assert _readable(line) == "  T critical it.broke post=1\n    a\n    b"
    assert _readable("plain words") == "  plain words"
