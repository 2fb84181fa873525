"""A process of the product as an installation has it: without what only development brings.

`python -m benchmarks.process worker` is `python -m bot worker`.
"""

import sys

from bot.__main__ import main

if __name__ == "__main__":
    # Where click, rich and pygments are installed, httpx loads them for a command line of its own:
    # 4 MB and a tenth of a second. requirements.lock has none of them.
    sys.modules["httpx._main"] = None  # type: ignore[assignment]
    sys.exit(main(sys.argv[1:]))
