"""How fast phrases are read and messages are split, beside dateparser in the same run.

    python -m benchmarks.when [--without-dateparser]

Shared machines are noisy: compare the ratios within one run, not the figures of two runs.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from scheduling.when import Profile, read, split, warm_up

NOW = datetime(2027, 4, 13, 12, 20, tzinfo=UTC)
ZONE = "Europe/Vienna"
PROFILE = Profile(ZONE, date_order="DMY")
PHRASES = (
    "tomorrow 9am",
    "fri 18:30",
    "wednesday at 8",
    "in 2 hours",
    "next thursday 11:15",
    "16 april 10:15",
    "please post it tomorrow at 9:20",
    "tonight at 10",
    "7/8 15:00",
    "on sunday",
    "half past seven pm",
    "thursday 1815",
    "2027-04-16 10:15",
    "in an hour and a half",
    "sunday between 3 and 5pm",
    "noon EST friday",
    "thursday 10:00 lisbon time",
    "day after tmrw @ 8.15pm",
    "not a time at all",
    "every monday 9:00",
    "first monday of every month 9:00",
    "weekdays 8:30 until 1 june",
)
PHRASES_BY_LANGUAGE = {
    "de": ("morgen um halb neun", "übermorgen 18 uhr", "jeden freitag um 9:15"),
    "es": ("pasado mañana a las 18:30", "el viernes a las 9 de la mañana"),
    "fr": ("demain à 9h30", "vendredi à midi"),
    "pt": ("amanhã às 9h", "toda segunda às 10h"),
    "it": ("dopodomani alle 18:30", "tra un'ora e mezza"),
    "ru": ("завтра в 18:00", "через полчаса"),
    "uk": ("завтра о 9 ранку", "щопонеділка о 9:15"),
    "tr": ("yarın saat 9:30", "2 saat sonra"),
}
_CAPTION = (
    "We baked all night for you: sourdough, rye & 12 kinds of rolls (from 1.90 €). Open 9-5 mon"
    " to fri, sat 8:00-13:00. Call +43 660 1234567 or see https://bread.example/menu #bread "
)
MESSAGES = {
    "2,200 characters, own line": (_CAPTION * 20)[:2190] + "\nfri 18:30",
    "2,200 characters, tail": (_CAPTION * 20)[:2188] + "! 🥐 fri 18:30",
    "2,200 characters, no time": (_CAPTION * 20)[:2200],
    "2,200 characters, many numbers": ("Top 5 looks of 2027, 3 for 2 until 9! " * 58)[:2200],
    "4,096 digits and dots": ("1.2/3:4-5 " * 410)[:4096],
    "4,096 words of time": ("monday every at " * 256)[:4096],
    "4,096 brackets": "[(" * 2048,
    "4,096 accents": "é" * 4096,
    "4,096 lines of clocks": (("9:00 and 10:00 or 12:00, friday and saturday, " * 4 + "\n") * 24)[
        :4096
    ],
}
ROUNDS = 60
_PYTHONS_OWN = "import datetime, functools, re, typing;"
"""What every process of Postcue has loaded before it reads a phrase."""
_IMPORT = (
    "import time; begin = time.perf_counter(); import scheduling.when;"
    " print(time.perf_counter() - begin)"
)


def main(words: Sequence[str] | None = None) -> int:
    """Print the table of timings."""
    options = argparse.ArgumentParser(description="Time the reading of phrases.")
    options.add_argument("--without-dateparser", action="store_true")
    chosen = options.parse_args(words)
    print(f"import in a fresh process: {import_milliseconds():.1f} ms (goal 20)")
    beside = import_milliseconds(_PYTHONS_OWN)
    print(f"import beside what any process of ours has: {beside:.1f} ms")
    warm_up()
    tell("English phrases (goal 0.05, p99 0.5)", [timed(each) for each in english()])
    tell("phrases of 8 other languages", [timed(each) for each in other_languages()])
    for name, text in MESSAGES.items():
        tell(f"message, {name}", [timed(partial(split, text, now=NOW, profile=PROFILE))])
    if not chosen.without_dateparser:
        tell("English phrases, dateparser", timed_with_dateparser())
    return 0


def english() -> list[Callable[[], object]]:
    """The English phrases, each ready to be read."""
    return [partial(read, phrase, now=NOW, profile=PROFILE) for phrase in PHRASES]


def other_languages() -> list[Callable[[], object]]:
    """The phrases of the other tables, each ready to be read."""
    return [
        partial(read, phrase, now=NOW, profile=Profile(ZONE, language, "DMY"))
        for language, phrases in PHRASES_BY_LANGUAGE.items()
        for phrase in phrases
    ]


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


def import_milliseconds(before: str = "") -> float:
    """How long a fresh interpreter takes to import the reader from bytecode, the best of five.

    What *before* imports is not counted.
    """
    command = [sys.executable, "-c", before + _IMPORT]
    with tempfile.TemporaryDirectory() as cache:
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
        environment = {**kept, "PYTHONPYCACHEPREFIX": cache}
        runs = [
            float(subprocess.run(command, capture_output=True, check=True, env=environment).stdout)
            for _ in range(6)
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
