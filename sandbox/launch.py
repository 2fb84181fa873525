"""The demo: the stand-ins in this process, Postcue as a child beside them, until Ctrl-C."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import aiohttp

from sandbox.clock import ShiftedClock
from sandbox.server import Sandbox
from sandbox.serving import serving

HOST = "127.0.0.1"
SLACK_DOOR = "/hooks/slack"
STOP_SECONDS = 25.0
SLOW_START_SECONDS = 60.0
LOG_LINES_SHOWN = 20
_READY_EVERY_SECONDS = 0.15
_READY_TIMEOUT = aiohttp.ClientTimeout(total=2)
_OK = 200
# A `.env` for real accounts must not reach into the demo: what is not set below is emptied.
_EMPTIED = (
    "REDIS_URL",
    "ENCRYPTION_KEYS",
    "TELEGRAM_WEBHOOK_SECRET",
    "INSTAGRAM_GRAPH_VERSION",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_CLIENT_ID",
    "SLACK_CLIENT_SECRET",
)


@dataclass(frozen=True)
class DemoPlan:
    """Where the demo keeps its things and which ports it would like."""

    folder: Path
    page_port: int = 8080
    product_port: int = 8081
    command: tuple[str, ...] = field(default=(sys.executable, "-m", "bot", "up"))
    stop_seconds: float = STOP_SECONDS
    slack: Literal["socket", "http"] = "socket"

    @property
    def log(self) -> Path:
        """Where Postcue's own log goes."""
        return self.folder / "postcue.log"


async def run_demo(plan: DemoPlan, *, say: Callable[[str], None]) -> int:
    """Run until a signal or until Postcue ends; returns the exit code."""
    plan = replace(plan, folder=plan.folder.absolute())
    plan.folder.mkdir(parents=True, exist_ok=True)
    page_port, product_port = choose_ports(plan)
    if plan.page_port and page_port != plan.page_port and not _is_free(plan.page_port):
        say(f"Port {plan.page_port} is in use, so the page takes {page_port}.")
    shift_file = plan.folder / "clock-shift"
    sandbox = Sandbox(ShiftedClock(shift_file), plan.folder / "sandbox")
    product = f"http://{HOST}:{product_port}"
    sandbox.instagram.settings.deauthorize_url = f"{product}/meta/deauthorize"
    sandbox.instagram.settings.deletion_url = f"{product}/meta/deletion"
    with _stop_signals() as stopping:
        async with serving(sandbox.app, host=HOST, port=page_port) as page:
            sandbox.slack.origin = page
            # Kept from the last time, which may have been the other way.
            if plan.slack == "http":
                sandbox.slack.uses_http(product, path=SLACK_DOOR)
            else:
                sandbox.slack.uses_sockets()
            settings = demo_settings(plan, sandbox, page, product, shift_file)
            return await _run_beside(plan, settings, page, product, stopping, say)


def choose_ports(plan: DemoPlan) -> tuple[int, int]:
    """Return the page's and the product's port: last time's, else the wanted, else free ones.

    Links in old cards hold these addresses, so they are kept for the next time.
    """
    kept_file = plan.folder / "ports.json"
    kept: dict[str, int] = {}
    with contextlib.suppress(FileNotFoundError, ValueError):
        kept = json.loads(kept_file.read_text())
    page = _first_free([kept.get("page"), plan.page_port], taken=None)
    product = _first_free([kept.get("product"), plan.product_port], taken=page)
    kept_file.write_text(json.dumps({"page": page, "product": product}))
    return page, product


def demo_settings(
    plan: DemoPlan, sandbox: Sandbox, page: str, product: str, shift_file: Path
) -> dict[str, str]:
    """Return Postcue's whole environment for the demo."""
    instagram = sandbox.instagram.app
    slack = sandbox.slack.app
    way_in = (
        {"SLACK_SIGNING_SECRET": slack.signing_secret}
        if plan.slack == "http"
        else {"SLACK_APP_TOKEN": slack.app_token}
    )
    return {
        **os.environ,
        **dict.fromkeys(_EMPTIED, ""),
        "PYTHONUNBUFFERED": "1",
        "POSTCUE_ENV": "demo",
        # Where the embedded PostgreSQL does not run, an exported DATABASE_URL still counts.
        "DATABASE_URL": os.environ.get("DATABASE_URL", ""),
        "DATA_DIR": str(plan.folder / "data"),
        "HTTP_HOST": HOST,
        "HTTP_PORT": product.rsplit(":", 1)[1],
        "PUBLIC_URL": product,
        "LOG_FORMAT": "json",
        "TELEGRAM_BOT_TOKEN": sandbox.telegram.token,
        "TELEGRAM_API_URL": f"{page}/telegram",
        "TELEGRAM_LINK_URL": f"{page}/t.me",
        "TELEGRAM_MODE": "polling",
        "SLACK_BOT_TOKEN": sandbox.slack.token,
        **way_in,
        "SLACK_API_URL": f"{page}/slack/api/",
        "SLACK_FILES_URL": f"{page}/slack",
        "SLACK_AUTHORIZE_URL": f"{page}/slack/oauth/v2/authorize",
        "INSTAGRAM_APP_ID": instagram.app_id,
        "INSTAGRAM_APP_SECRET": instagram.app_secret,
        "INSTAGRAM_AUTHORIZE_URL": f"{page}/instagram/oauth/authorize",
        "INSTAGRAM_TOKEN_URL": f"{page}/instagram/oauth/access_token",
        "INSTAGRAM_GRAPH_URL": f"{page}/instagram/graph",
        "INSTAGRAM_GRAPH_VERSION": "v25.0",
        "CLOCK_SHIFT_FILE": str(shift_file),
    }


async def _run_beside(
    plan: DemoPlan,
    settings: dict[str, str],
    page: str,
    product: str,
    stopping: "asyncio.Queue[signal.Signals]",
    say: Callable[[str], None],
) -> int:
    say("Starting Postcue and its sandbox …")
    with contextlib.suppress(FileNotFoundError):
        plan.log.replace(plan.log.with_suffix(".log.1"))
    with plan.log.open("wb") as log:
        # A session of its own: Ctrl-C reaches it once, through us.
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "sandbox.tether", str(os.getpid())),
            *plan.command,
            env=settings,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    ended = asyncio.create_task(child.wait())
    asked = asyncio.create_task(stopping.get())
    ready = asyncio.create_task(_until_ready(product, plan, say))
    try:
        await asyncio.wait({ended, asked, ready}, return_when=asyncio.FIRST_COMPLETED)
        if ready.done() and not ended.done() and not asked.done():
            say(f"\nOpen  {page}/  and send a photo to the bot, as you would on Telegram.")
            say("Everything stays on this machine. Ctrl-C ends it, your posts are kept.\n")
            await asyncio.wait({ended, asked}, return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            return _report_end(plan, ended.result(), say)
        say("\nStopping …")
        return await _stop(child, asked.result(), ended, stopping, plan, say)
    finally:
        for task in (ready, asked):
            task.cancel()
        await asyncio.gather(ready, asked, return_exceptions=True)
        if not ended.done():
            child.kill()
            await ended


async def _until_ready(product: str, plan: DemoPlan, say: Callable[[str], None]) -> None:
    """Return when Postcue says that it is ready; complain once when that takes long."""
    loop = asyncio.get_running_loop()
    complain_at: float | None = loop.time() + SLOW_START_SECONDS
    async with aiohttp.ClientSession(timeout=_READY_TIMEOUT) as session:
        while True:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with session.get(f"{product}/health/ready") as answer:
                    if answer.status == _OK:
                        return
            if complain_at is not None and loop.time() > complain_at:
                say(f"This takes longer than usual. The log is in {plan.log}")
                complain_at = None
            await asyncio.sleep(_READY_EVERY_SECONDS)


async def _stop(
    child: asyncio.subprocess.Process,
    number: signal.Signals,
    ended: "asyncio.Task[int]",
    stopping: "asyncio.Queue[signal.Signals]",
    plan: DemoPlan,
    say: Callable[[str], None],
) -> int:
    """Pass the signal on and wait; a second signal or too long a wait ends it at once."""
    with contextlib.suppress(ProcessLookupError):
        child.send_signal(number)
    again = asyncio.create_task(stopping.get())
    try:
        await asyncio.wait(
            {ended, again}, timeout=plan.stop_seconds, return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        again.cancel()
        await asyncio.gather(again, return_exceptions=True)
    if not ended.done():
        say("Postcue did not stop in time and was ended.")
        child.kill()
        return 1 if await ended else 0
    code = ended.result()
    # Ended by the signal we passed on: that is what was wanted.
    return 0 if code in {0, -number, 128 + number} else _exit_code(code)


def _report_end(plan: DemoPlan, code: int, say: Callable[[str], None]) -> int:
    say(f"\nPostcue ended by itself with code {code}. Its last words ({plan.log}):\n")
    lines = plan.log.read_text(errors="replace").splitlines()
    for line in lines[-LOG_LINES_SHOWN:]:
        say(_readable(line))
    return _exit_code(code)


def _readable(line: str) -> str:
    """Write a log line as people read it: time, level, event, and a traceback below."""
    try:
        record = json.loads(line)
    except ValueError:
        return f"  {line}"
    if not isinstance(record, dict):
        return f"  {line}"
    first = " ".join(str(record.pop(name, "")) for name in ("time", "level", "event"))
    error = str(record.pop("error", ""))
    rest = " ".join(f"{name}={value}" for name, value in record.items() if name != "logger")
    return "\n    ".join([f"  {first} {rest}".rstrip(), *error.splitlines()])


def _exit_code(code: int) -> int:
    return 128 - code if code < 0 else code


def _first_free(wanted: list[int | None], taken: int | None) -> int:
    for port in wanted:
        if port and port != taken and _is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As aiohttp binds: a port that only lingers in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


@contextmanager
def _stop_signals() -> "Iterator[asyncio.Queue[signal.Signals]]":
    """Give a queue that receives Ctrl-C and SIGTERM instead of the process dying of them."""
    received: asyncio.Queue[signal.Signals] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)
    for number in numbers:
        loop.add_signal_handler(number, received.put_nowait, number)
    try:
        yield received
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
