"""When a failed step is tried again, or never. Pure.

A wait is drawn evenly from a span, so that many posts which failed together do not come back
together. The first may be next to nothing: most hiccups are over at once. The later ones are half
their ceiling at least, so that whatever is over within five minutes is outlasted for certain.
Attempts are counted in the database, never in a message.
"""

from collections.abc import Callable
from datetime import timedelta

MAX_RETRIES = 3
MAX_RENEWALS = 2
MAX_POLLS = 60
MAX_READS = 8
LONGEST = timedelta(minutes=10)

_CEILINGS = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=8))
_FLOORS = (0.0, 0.5, 0.5)
"""The least of each wait, as a share of its ceiling."""

_POLL_FLOORS = ((10, timedelta(0)), (20, timedelta(seconds=10)), (40, timedelta(seconds=30)))
_SLOWEST_POLL = timedelta(seconds=60)
_READ_WAITS = (60.0, 60.0, 120.0, 300.0, 600.0)

Roll = Callable[[], float]
"""Draws a number from 0 up to, but not including, 1."""


def retry_wait(
    failures: int, *, roll: Roll, asked: timedelta | None = None, is_counted: bool = True
) -> timedelta | None:
    """Return the wait before the next try after *failures* failed ones (1 is the first).

    *asked* is the platform's own wish and the least we wait, at most ten minutes. None means never
    again; where *is_counted* is false (the slot still lies ahead) there is always another try.
    """
    if is_counted and failures > MAX_RETRIES:
        return None
    step = min(max(failures, 1), len(_CEILINGS)) - 1
    share = _FLOORS[step] + (1 - _FLOORS[step]) * roll()
    return min(max(_CEILINGS[step] * share, asked or timedelta(0)), LONGEST)


def poll_wait(polls: int, poll_after: timedelta) -> timedelta | None:
    """Return the wait before look number *polls* + 1 at something a platform digests.

    The platform's own pace at first, slower the longer it takes; None when it took too long.
    """
    if polls >= MAX_POLLS:
        return None
    floor = next((wait for upto, wait in _POLL_FLOORS if polls < upto), _SLOWEST_POLL)
    return max(poll_after, floor)


def read_wait(reads: int) -> timedelta | None:
    """Return the wait before the next look after an unknown outcome, None when it is enough."""
    if reads >= MAX_READS:
        return None
    return timedelta(seconds=_READ_WAITS[min(max(reads - 2, 0), len(_READ_WAITS) - 1)])
