"""`make faults`: kill, stop, cut and flood the real thing, then count what was lost or doubled.

People are on Telegram, on Slack by HTTP, on Slack in Socket Mode, or on two chats at once. Prints
one table with a column for each trial. Exits 1 when anything was lost, doubled, early or
told falsely. Seeded: the same seed makes the same choices (their effect depends on timing).
"""

import argparse
import asyncio
import logging
import os
import shutil
import statistics
import sys
import time
from collections import Counter
from dataclasses import replace

from tests.faults.chats import CHATS_OF
from tests.faults.judge import REQUIRED_ZERO, Verdict
from tests.faults.posts import BRANDS
from tests.faults.storm import STRIKES, Trial
from tests.faults.trial import FOLDER, Outcome, run

TRIALS = {
    # Everything at once, with the waits of production.
    "mixed": Trial(name="mixed", posts=120, seconds=30, seed=0, chat_pause=0.8, is_pushed=True),
    # The same for longer; a lost answer is settled within six seconds, so that more can happen.
    "quick": Trial(
        name="quick", posts=250, seconds=90, seed=0, chat_pause=0.8, is_pushed=True, is_quick=True,
        batches=45,
    ),
    # One worker is killed at a time, while it prepares: how soon does the other one take over?
    "workers": Trial(
        name="workers", posts=240, seconds=60, seed=0, pause=1, batches=60, lead=3,
        strikes={"worker": 1}, slow_route="create",
    ),
    # Workers die around the publish call: how soon is it known what became of the post?
    "calls": Trial(
        name="calls", posts=75, seconds=25, seed=0, pause=2, batches=25, lead=3,
        strikes={"call": 1},
    ),
    # One account of ten meets its limit: are the nine punctual?
    "limited": Trial(
        name="limited", posts=100, seconds=20, seed=0, strikes={}, is_quick=True,
        limited=BRANDS[3],
    ),
    # A token is revoked at each step; five accounts stay well.
    "tokens": Trial(
        name="tokens", posts=100, seconds=15, seed=0, strikes={}, is_quick=True, batches=3,
        dying=("before", "limit", "create", "container", "publish"),
    ),
}  # fmt: skip

USUAL = (
    ("mixed", "telegram"), ("mixed", "slack-http"), ("mixed", "slack-socket"),
    ("quick", "telegram"), ("quick", "slack-http"), ("quick", "slack-socket"), ("quick", "both"),
    ("workers", "slack-socket"), ("calls", "slack-http"), ("limited", "both"),
    ("tokens", "telegram"),
)  # fmt: skip
"""What is run where nothing is chosen: each chat gets its share."""

USUAL_QUICK = {"posts": 125, "seconds": 45, "batches": 22}


def report(outcomes: list[Outcome]) -> None:
    """Print the table."""
    columns = [_column(one.verdict, one) for one in outcomes]
    heads = [f"{one.trial.name} {one.trial.chats} {one.trial.seed}" for one in outcomes]
    if len(outcomes) > 1:
        total = Verdict()
        for one in outcomes:
            total.add(one.verdict)
        columns.append(_column(total, *outcomes))
        heads.append("together")
    width = max(len(name) for name in columns[0])
    widths = [
        max(len(head), *map(len, column.values()))
        for head, column in zip(heads, columns, strict=True)
    ]
    print(" " * width, *(f"{head:>{wide}}" for head, wide in zip(heads, widths, strict=True)))
    for name in columns[0]:
        cells = [f"{one[name]:>{wide}}" for one, wide in zip(columns, widths, strict=True)]
        print(f"{name:<{width}}", *cells)
    for one in outcomes:
        trial = one.trial
        print(f"{trial.name} {trial.chats} {trial.seed}: {dict(sorted(one.faults.items()))}")
        for name in (*REQUIRED_ZERO, "notices_doubled"):
            for what in getattr(one.verdict, name)[:10]:
                print(f"  {name}: {what}")
        for story in one.stories:
            print(f"  {story}")
        if not one.verdict.is_clean or one.stories:
            print(f"  logs: {one.logs}")


def _column(found: Verdict, *outcomes: Outcome) -> dict[str, str]:
    faults: Counter[str] = sum((one.faults for one in outcomes), Counter())
    return {
        "trials (posts)": str(found.posts),
        "faults made": str(faults.total()),
        "SIGKILLs": str(sum(one.kills for one in outcomes)),
        "published": str(found.published),
        "failed, nothing public (told so)": str(found.failed),
        "unconfirmed (asked)": str(found.unconfirmed),
        "drafts, cancelled, held (told so)": str(found.quiet),
        "given up by the chat itself": str(found.given_up),
        **{name.replace("_", " "): str(len(getattr(found, name))) for name in REQUIRED_ZERO},
        "notices visibly doubled": str(len(found.notices_doubled)),
        "late, s: p50 / p99 / max (n)": _spread(found.late),
        "late after an unclear call, s": _spread(found.late_unknown),
        "recovery, no call open, s": _spread(found.recovery),
        "recovery, a call open, s": _spread(found.recovery_unknown),
        "drained after the last fault, s": f"{max(one.drained_after for one in outcomes):.1f}",
    }


def _spread(values: list[float]) -> str:
    if not values:
        return "–"
    ordered = sorted(values)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"{statistics.median(ordered):.2f} / {p99:.2f} / {ordered[-1]:.2f} ({len(ordered)})"


def _run(trial: Trial) -> Outcome:
    outcome = asyncio.run(run(trial))
    found = outcome.verdict
    word = "clean" if found.is_clean else "NOT CLEAN"
    name = f"{trial.name} {trial.chats} {trial.seed}"
    print(f"{name}: {found.posts} trials, {outcome.kills} SIGKILLs, {word}", flush=True)
    return outcome


def _chosen(names: list[str], chats: list[str]) -> list[Trial]:
    """Return every trial asked for on every chat asked for; the usual ones when none are."""
    if not names and not chats:
        usual = [replace(TRIALS[name], chats=chat) for name, chat in USUAL]
        return [replace(one, **USUAL_QUICK) if one.name == "quick" else one for one in usual]
    return [
        replace(TRIALS[name], chats=chat)
        for name in names or TRIALS
        for chat in chats or ("telegram",)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--trial", nargs="+", choices=TRIALS, default=[])
    parser.add_argument("--chat", nargs="+", choices=CHATS_OF, default=[])
    parser.add_argument("--seed", type=int, nargs="+", default=[int(time.time()) % 100_000])
    parser.add_argument("--posts", type=int, help="instead of the trial's own number")
    parser.add_argument("--seconds", type=float, help="how long the posts are due")
    parser.add_argument("--pause", type=float, help="mean seconds between two faults")
    parser.add_argument("--only", nargs="+", choices=STRIKES, help="the kinds of trouble to make")
    options = parser.parse_args()
    changes = {
        name: value
        for name in ("posts", "seconds", "pause")
        if (value := getattr(options, name)) is not None
    }
    if options.only:
        changes["strikes"] = {name: max(STRIKES[name], 1) for name in options.only}
    # Connections that were cut because we cut them are no news.
    for name in ("aiohttp.server", "asyncpg.pool"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    outcomes = [
        _run(replace(trial, seed=seed, **changes))
        for trial in _chosen(options.trial, options.chat)
        for seed in options.seed
    ]
    report(outcomes)
    is_clean = all(one.verdict.is_clean for one in outcomes)
    if is_clean and not any(one.stories for one in outcomes):
        shutil.rmtree(FOLDER / str(os.getpid()), ignore_errors=True)
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
