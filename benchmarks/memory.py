"""How much memory Postcue takes when it has nothing to do, process by process.

    python -m benchmarks.memory [--seconds 20]

Starts the demo in a folder of its own, waits, and adds up the proportional set size (PSS: pages
that several processes share are divided among them) of `python -m bot up` and of the embedded
PostgreSQL.  The sandbox is shown, not counted: it stands for Telegram and Instagram.  Linux only.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

import psutil

from tests.support.demo import Demo, running_demo

MEBIBYTE = 1024 * 1024


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="idle before looking")
    asked = parser.parse_args()
    asyncio.run(_measure(asked.seconds))


async def _measure(idle_seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        # PostgreSQL may run as a user of its own and must get at its data.
        Path(folder).chmod(0o755)
        async with running_demo(Path(folder) / "demo") as demo:
            await asyncio.sleep(idle_seconds)
            _print_table(demo)


def _print_table(demo: Demo) -> None:
    launcher = psutil.Process(demo.process.pid)
    postmaster = int((demo.folder / "data/postgres/postmaster.pid").read_text().split()[0])
    counted = [
        *launcher.children(recursive=True),
        psutil.Process(postmaster),
        *psutil.Process(postmaster).children(recursive=True),
    ]
    total = 0
    print(f"{'PSS MiB':>8}  process")
    for process in counted:
        size = process.memory_full_info().pss
        total += size
        print(f"{size / MEBIBYTE:8.1f}  {_name(process)}")
    print(f"{total / MEBIBYTE:8.1f}  in all")
    sandbox = launcher.memory_full_info().pss
    print(f"\n{sandbox / MEBIBYTE:8.1f}  the sandbox beside it (not counted)")


def _name(process: psutil.Process) -> str:
    words = [word for word in process.cmdline() if word]
    if words[0].startswith("postgres:"):
        return words[0].strip()
    return " ".join([Path(words[0]).name, *words[1:3]])


if __name__ == "__main__":
    main()
