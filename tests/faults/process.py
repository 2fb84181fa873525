"""A process of the product that dies where the harness wants it to: at a named failpoint.

`python -m tests.faults.process worker`, with FAULT_POINT=C16 and FAULT_HIT=3 in the environment,
is `python -m bot worker` that sends itself SIGKILL when it passes C16 for the third time.
FAULT_TIMING=quick shortens what an unclear answer has to wait for.
"""

import functools
import os
import signal
import sys
from dataclasses import replace
from datetime import timedelta

from bot import wiring
from bot.__main__ import main
from models.failpoints import armed
from scheduling.timing import PRODUCTION

SECOND = timedelta(seconds=1)
QUICK = replace(
    PRODUCTION, publish_timeout=3 * SECOND, may_still_act=2 * SECOND, second_look=2 * SECOND
)
"""A lost answer is settled in 6 s; nothing in a quick trial may then act later than that."""


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
        wiring.build = functools.partial(wiring.build, timing=QUICK)
    with armed(die):
        return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(run())
