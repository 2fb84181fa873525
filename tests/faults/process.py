"""A process of the product that dies where the harness wants it to: at a named failpoint.

`python -m tests.faults.process worker`, with FAULT_POINT=C16 and FAULT_HIT=3 in the environment,
is `python -m bot worker` that sends itself SIGKILL when it passes C16 for the third time.
FAULT_TIMING=quick shortens what an unclear answer has to wait for, FAULT_RETRIES="2 4 8" are the
longest waits in seconds before a failed step is tried again. FAULT_CLOCK=600 puts this
process's clock ten minutes ahead, as on a machine whose clock is wrong; the database's is right.
"""

import functools
import os
import signal
import sys
from dataclasses import replace
from datetime import timedelta

from bot import processes, wiring
from bot.__main__ import main
from bot.clock import RealClock
from models.failpoints import armed
from scheduling import retries
from scheduling.timing import PRODUCTION

SECOND = timedelta(seconds=1)
QUICK = replace(
    PRODUCTION,
    publish_timeout=3 * SECOND,
    may_still_act=2 * SECOND,
    second_look=2 * SECOND,
    quota_wait=6 * SECOND,
)
"""A lost answer is settled in 6 s; nothing in a quick trial may then act later than that."""

QUICK_CEILINGS = (6 * SECOND, 24 * SECOND, 60 * SECOND)
"""Of the waits before a failed step is tried again, else 30 seconds, 2 and 8 minutes."""


def run() -> int:
    point, hit = os.environ.get("FAULT_POINT", ""), int(os.environ.get("FAULT_HIT", "1"))
    passed = 0

    def die(name: str) -> None:
        nonlocal passed
        if name != point:
            return
        passed += 1
        if passed == hit:
            os.kill(os.getpid(), signal.SIGKILL)

    if os.environ.get("FAULT_TIMING") == "quick":
        processes.build = functools.partial(wiring.build, timing=QUICK)
        retries._CEILINGS = QUICK_CEILINGS
    if asked := os.environ.get("FAULT_RETRIES"):
        retries._CEILINGS = tuple(float(seconds) * SECOND for seconds in asked.split())
    wrong_by = timedelta(seconds=float(os.environ.get("FAULT_CLOCK", "0")))
    if wrong_by:
        right = RealClock.now
        RealClock.now = lambda self: right(self) + wrong_by  # type: ignore[method-assign]
    with armed(die):
        return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(run())
