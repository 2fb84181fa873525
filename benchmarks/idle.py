"""An installation that has nothing to do: CPU and memory of each process."""

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import suppress

import psutil

from benchmarks.engine import FOLDER
from tests.faults.house import open_house

_WARM_UP_SECONDS = 10


async def measure(seconds: float) -> None:
    """Start every role once, wait, and tell what each took meanwhile."""
    async with open_house(FOLDER) as house:
        house.members = house.members[:3] + house.members[4:]
        for member in house.members:
            member.module = "benchmarks.process"
            member.environ |= {"LOG_LEVEL": "warning"}
            await member.start()
        await asyncio.sleep(_WARM_UP_SECONDS)
        postmaster = int((house.postgres.pgdata / "postmaster.pid").read_text().split()[0])
        named = {one.role: one.process.pid for one in house.members if one.process}
        families = {
            name: [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
            for name, pid in {**named, "postgresql": postmaster}.items()
        }
        before = {name: _cpu(some) for name, some in families.items()}
        await asyncio.sleep(seconds)
        print(f"(e) idle for {seconds:.0f} s:      CPU s per minute    PSS MiB")
        for name, some in families.items():
            cpu = (_cpu(some) - before[name]) * 60 / seconds
            print(f"    {name:<28} {cpu:>10.2f} {_pss(some):>10.1f}")


def _cpu(family: Sequence[psutil.Process]) -> float:
    total = 0.0
    for one in family:
        with suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            total += times.user + times.system
    return total


def _pss(family: Sequence[psutil.Process]) -> float:
    total = 0.0
    for one in family:
        with suppress(psutil.NoSuchProcess):
            total += one.memory_full_info().pss
    return total / 2**20


def main(words: Sequence[str]) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks idle")
    parser.add_argument("--seconds", type=float, default=30)
    asyncio.run(measure(parser.parse_args(words).seconds))
