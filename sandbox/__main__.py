"""`python -m sandbox serve` runs the stand-ins alone, `python -m sandbox demo` with Postcue."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from sandbox.clock import ShiftedClock
from sandbox.launch import DemoPlan, run_demo
from sandbox.server import Sandbox
from sandbox.serving import serving

DEMO_FOLDER = Path(".demo")


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run the stand-ins and the page")
    serve.add_argument("--port", type=int, default=8080, help="0 takes a free one")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--state", type=Path, help="keep everything in this folder")
    demo = commands.add_parser("demo", help="run the stand-ins and Postcue beside them")
    demo.add_argument("--folder", type=Path, default=DEMO_FOLDER)
    demo.add_argument(
        "--port", type=int, default=8080, help="where the page is wanted, 0: anywhere"
    )
    demo.add_argument(
        "--slack",
        choices=("socket", "http"),
        default="socket",
        help="how the pretend Slack brings its events: over a socket, or by signed HTTP",
    )
    asked = parser.parse_args(arguments)
    if asked.command == "serve":
        return asyncio.run(_serve(asked.host, asked.port, asked.state))
    # Postcue's own site likes the port after the page's; 0 takes free ones for both.
    site_port = asked.port + 1 if asked.port else 0
    plan = DemoPlan(asked.folder, page_port=asked.port, product_port=site_port, slack=asked.slack)
    return asyncio.run(run_demo(plan, say=_say))


async def _serve(host: str, port: int, folder: Path | None) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    sandbox = Sandbox(ShiftedClock.from_environment(), folder)
    try:
        async with serving(sandbox.app, host=host, port=port) as base:
            sandbox.slack.origin = base
            _say(f"The sandbox is at {base}/  (Ctrl-C ends it)")
            await stop.wait()
    except OSError as err:
        print(f"Port {port} cannot be used: {err.strerror or err}", file=sys.stderr)
        return 1
    return 0


def _say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    sys.exit(main())
