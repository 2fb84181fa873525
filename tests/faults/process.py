"""A process of the product that dies where the harness wants it to: at a named failpoint.

`python -m tests.faults.process worker`, with FAULT_POINT=C16 and FAULT_HIT=3 in the environment,
is `python -m bot worker` that sends itself SIGKILL when it passes C16 for the third time.
"""

import os
import signal
import sys

from bot.__main__ import main
from models.failpoints import armed


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

    with armed(die):
        return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(run())
