"""`python -m sandbox.tether PARENT COMMAND …` runs a command that ends when its parent does.

A launcher that is killed outright can stop nobody.  On Linux the kernel sends SIGTERM to a child
whose parent died, if the child asked for it; elsewhere the command simply runs.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Tie this process to *PARENT* (a process id) and become the command."""
    parent, command = int(arguments[0]), arguments[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit("the launcher is gone already")
    os.execv(command[0], command)  # noqa: S606  # the launcher's own command line


if __name__ == "__main__":
    main(sys.argv[1:])
