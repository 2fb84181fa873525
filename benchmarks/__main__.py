"""`make bench`: every figure with one command; `python -m benchmarks engine` is one part."""

import platform
import sys
from datetime import UTC, datetime

import psutil

from benchmarks import chat, engine, idle, when

PARTS = {"engine": engine.main, "chat": chat.main, "idle": idle.main, "when": when.main}


def main() -> None:
    """Run the part that is named, or all."""
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {psutil.cpu_count()} cores,"
        f" load {psutil.getloadavg()[0]:.1f}, Python {platform.python_version()}"
    )
    words = sys.argv[1:]
    if words and words[0] in PARTS:
        PARTS[words[0]](words[1:])
        return
    for part in PARTS.values():
        part(words)


if __name__ == "__main__":
    main()
