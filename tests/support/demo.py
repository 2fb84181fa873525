"""The demo as a newcomer starts it: `python -m sandbox demo`, in a folder of its own."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
START_SECONDS = 90.0
STOP_SECONDS = 40.0
_STANDS_AT = re.compile(r"Open  (http://\S+)/")


@dataclass(frozen=True)
class Demo:
    """A demo that runs: the page's address, the folder it keeps, the launcher's process."""

    page: str
    folder: Path
    process: asyncio.subprocess.Process


class DemoDidNotStart(Exception):
    """The launcher ended, or said nothing in time; the text is what it said."""


@asynccontextmanager
async def running_demo(folder: Path) -> AsyncIterator[Demo]:
    """Start the demo with its data in *folder*, end it as Ctrl-C does.

    Raises:
        DemoDidNotStart: no page is there; the text holds what the launcher said.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "demo", "--folder", str(folder), "--port", "0"),
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield Demo(await _address(process), folder, process)
    finally:
        await _end(process)


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    said = ""
    try:
        async with asyncio.timeout(START_SECONDS):
            while line := await process.stdout.readline():
                said += line.decode()
                if found := _STANDS_AT.search(said):
                    return found[1]
    except TimeoutError as err:
        raise DemoDidNotStart(said) from err
    raise DemoDidNotStart(said)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
    try:
        # Reads what is left as well, so that a full pipe cannot hold the launcher up.
        await asyncio.wait_for(process.communicate(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
