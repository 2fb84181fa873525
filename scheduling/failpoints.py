"""Named points at which a test may let a process die. Inert unless a test arms them.

Each outside call and each commit of the publish path has one (`fp("C16")`), so that a test can end
the process exactly there and look whether anything is lost or doubled.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Hook = Callable[[str], None]

POINTS = (
    "C12",  # claimed, nothing done yet
    "C13",  # a container was made, not saved
    "C14",  # a container was saved
    "C15",  # between two looks at a container
    "C15b",  # ready, not yet saved as such
    "C16",  # intent committed, not sent
    "C17",  # sent, the answer did not reach us
    "C18",  # the answer was read, not committed
    "C19",  # inside the recording transaction
    "C20",  # committed, nobody told yet
    "C20b",  # published, its link not read yet
    "R1",  # a read after an unknown outcome was answered, not committed
    "R2",  # found in the account's own list, not committed
    "K1",  # claimed for the queue, not kicked
    "K2",  # kicked
    "C23",  # a token was refreshed, not saved
)
"""All points there are; naming another is an error as soon as a test arms any."""

_hook: Hook | None = None


def fp(name: str) -> None:
    """Pass the point *name*: nothing happens unless a test armed the points."""
    if _hook is not None:
        _hook(name)


@contextmanager
def armed(hook: Hook) -> Iterator[None]:
    """Call *hook* with the name of every point that is passed, until the end of the block."""
    global _hook  # noqa: PLW0603 - a fault must reach code that nobody hands anything to
    before, _hook = _hook, _known_only(hook)
    try:
        yield
    finally:
        _hook = before


def _known_only(hook: Hook) -> Hook:
    def passing(name: str) -> None:
        if name not in POINTS:
            raise LookupError(f"failpoint {name} is not listed")
        hook(name)

    return passing
