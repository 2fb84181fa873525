"""A platform that answers every publish call after a fixed time, in a process of its own."""

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator

import aiohttp
from aiohttp import web

from tests.support.world import free_port


class Platform:
    """Notes when each publish call arrived; a second one for the same container is a double."""

    def __init__(self, answer_after: float) -> None:
        self.answer_after = answer_after
        self.arrived: dict[str, list[float]] = {}

    def application(self) -> web.Application:
        """Return the routes: publishing, reading, and the figures."""
        app = web.Application()
        app.router.add_get("/figures", self._figures)
        app.router.add_post("/begin", self._begin)
        app.router.add_post("/{version}/{account}/media_publish", self._publish)
        app.router.add_get("/{version}/{account}/content_publishing_limit", self._limit)
        app.router.add_get("/{version}/{media}", self._read)
        return app

    async def _begin(self, request: web.Request) -> web.Response:
        self.arrived = {}
        self.answer_after = float(request.query["after"])
        return web.json_response({})

    async def _publish(self, request: web.Request) -> web.Response:
        container = str((await request.post()).get("creation_id"))
        self.arrived.setdefault(container, []).append(time.time())
        if self.answer_after:
            await asyncio.sleep(self.answer_after)
        return web.json_response({"id": f"9{container}"})

    async def _limit(self, _: web.Request) -> web.Response:
        return web.json_response({"data": [{"quota_usage": 0, "config": {"quota_total": 10**6}}]})

    async def _read(self, request: web.Request) -> web.Response:
        media = request.match_info["media"]
        return web.json_response({"id": media, "permalink": f"https://example.com/p/{media}"})

    async def _figures(self, _: web.Request) -> web.Response:
        return web.json_response(self.arrived)


@contextlib.contextmanager
def platform_process() -> Iterator[tuple[str, int]]:
    """Run the platform beside us; gives its address and its process id."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.platform", str(port)])
    try:
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait()


async def wait_for(url: str) -> None:
    """Wait until the platform answers."""
    async with aiohttp.ClientSession() as session:
        for _ in range(300):
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"{url}/figures"):
                    return
            await asyncio.sleep(0.1)
    raise TimeoutError(url)


if __name__ == "__main__":
    web.run_app(
        Platform(0).application(), host="127.0.0.1", port=int(sys.argv[1]),
        access_log=None, print=None,
    )  # fmt: skip
