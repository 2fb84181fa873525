"""Named points at which a test may let a process die. Inert unless a test arms them.

Each outside call and each commit on a post's way has one (`fp("C16")`), so that a test can end the
process exactly there and look whether anything is lost or doubled.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Hook = Callable[[str], None]

DOOR = (
    "C01",  # events came in, not stored yet
    "C02",  # stored, the chat not told yet
)
CHAT = (
    "C03",  # an event was taken from the inbox, not handled
    "C04",  # handled, not committed
    "C05",  # a part of an album was kept, not committed
    "C10",  # committed, the press not answered
    "C08",  # something to say was taken, not said
    "C09",  # a card was sent, where it stands was not saved
    "C21",  # said, not marked as said
    "C30",  # a batch of things to say was claimed
)
WORKER = (
    "C06",  # a file was fetched, not stored under its own name
    "C07",  # a file was stored, its row not written
    "C12",  # claimed, nothing done yet
    "C12b",  # a dead owner's leases were ended, nobody woken yet
    "C13",  # a container was made, not saved
    "C13b",  # asked to prepare, the platform answered, nothing saved
    "C14",  # a container was saved
    "C15",  # between two looks at a container
    "C15b",  # ready, not yet saved as such
    "C16",  # intent committed, not sent
    "C17",  # sent, the answer did not reach us
    "C17b",  # the publish call was refused or unclear, not committed
    "C18",  # the answer was read, not committed
    "C19",  # inside the recording transaction
    "C20",  # committed, nobody told yet
    "C20b",  # published, its link not read yet
    "C20c",  # its link was read, not saved
    "C22",  # leases were renewed, the owner does not know yet
    "C23",  # a token was refreshed, not saved
    "C24",  # the right to refresh a token was taken, nobody asked yet
    "C28",  # told to stop, work still at hand
    "C29",  # links to media were signed, nobody asked to fetch them
    "Q1",  # a quota was read
    "Q2",  # the owner of a token was read, not saved
    "R1",  # a read after an unknown outcome was answered, not committed
    "R2",  # found in the account's own list, not committed
    "W1",  # a batch of changes goes to the database
    "W2",  # a batch of changes was committed, its owners do not know yet
    "W3",  # an account is held with its posts, not committed
)
CLOCK = (
    "C25",  # a recurring post was made or moved, not noted as such
    "H1",  # what nobody knew of was looked at later, nothing decided yet
    "H2",  # it was seen to be out, not committed
    "K1",  # claimed for the queue, not kicked
    "K2",  # kicked
)
SITE = (
    "C26",  # a post was moved by a person, not committed
    "C26b",  # the runs of a series were moved by a person, not committed
    "C27",  # an account was taken from us, not committed
)
POINTS = (*DOOR, *CHAT, *WORKER, *CLOCK, *SITE)
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
