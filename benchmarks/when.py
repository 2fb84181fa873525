"""How fast phrases are read and messages are split, beside dateparser in the same run.

    python -m benchmarks.when [--without-dateparser]

Shared machines are noisy: compare the ratios within one run, not the figures of two runs.
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from scheduling.when import Profile, read, split

NOW = datetime(2027, 4, 13, 12, 20, tzinfo=UTC)
PROFILE = Profile("Europe/Vienna", date_order="DMY")
PHRASES = (
    "tomorrow 9am",
    "fri 18:30",
    "wednesday at 8",
    "in 2 hours",
    "next thursday 11:15",
    "16 april 10:15",
    "please post it tomorrow at 9:20",
    "every monday 9:00",
    "tonight at 10",
    "7/8 15:00",
    "on sunday",
    "half past seven pm",
    "thursday 1815",
    "2027-04-16 10:15",
    "first monday of every month 9:00",
    "in an hour and a half",
    "sunday between 3 and 5pm",
    "noon EST friday",
)
MESSAGES = {
    "2,200 characters, own line": "Fresh bread every day of the week. " * 62 + "\nfri 18:30",
    "2,200 characters, no time": "Top 5 looks of 2027, 3 for 2 until 9! " * 58,
    "4,096 digits and dots": "1.2/3:4-5 " * 410,
    "4,096 words of time": "monday every at " * 256,
    "4,096 brackets": "[(" * 2048,
}
ROUNDS = 40
_IMPORT = (
    "import time; begin = time.perf_counter(); import scheduling.when;"
    " print(time.perf_counter() - begin)"
)


def main(words: Sequence[str] | None = None) -> int:
    """Print the table of timings."""
    options = argparse.ArgumentParser(description="Time the reading of phrases.")
    options.add_argument("--without-dateparser", action="store_true")
    chosen = options.parse_args(words)
    print(f"import in a fresh process: {import_milliseconds():.1f} ms")
    reading = partial(read, now=NOW, profile=PROFILE)
    splitting = partial(split, now=NOW, profile=PROFILE)
    tell("phrase, read", [timed(partial(reading, phrase)) for phrase in PHRASES])
    for name, text in MESSAGES.items():
        tell(f"message, {name}", [timed(partial(splitting, text))])
    if not chosen.without_dateparser:
        tell("phrase, dateparser", timed_with_dateparser())
    return 0


def timed(work: Callable[[], object]) -> list[float]:
    """The milliseconds of each of several rounds, after one to warm up."""
    work()
    found = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        work()
        found.append((time.perf_counter() - begin) * 1000)
    return found


def timed_with_dateparser() -> list[list[float]]:
    """The same phrases given to dateparser."""
    from dateparser.date import DateDataParser  # noqa: PLC0415 - it takes a second to load

    settings = {"RELATIVE_BASE": NOW.replace(tzinfo=None)}
    parser = DateDataParser(languages=["en"], settings=settings)
    return [timed(partial(parser.get_date_data, phrase)) for phrase in PHRASES]


def import_milliseconds() -> float:
    """How long a fresh interpreter takes to import the reader, the best of five."""
    command = [sys.executable, "-c", _IMPORT]
    runs = [
        float(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(5)
    ]
    return min(runs) * 1000


def tell(name: str, runs: list[list[float]]) -> None:
    """Print the median, the median of the best rounds, and the 99th percentile."""
    every = sorted(value for rounds in runs for value in rounds)
    best = statistics.median(min(rounds) for rounds in runs)
    p99 = every[min(len(every) - 1, int(0.99 * len(every)))]
    middle = statistics.median(every)
    print(f"{name:40} median {middle:8.4f}  best {best:8.4f}  p99 {p99:8.4f} ms")


if __name__ == "__main__":
    sys.exit(main())
