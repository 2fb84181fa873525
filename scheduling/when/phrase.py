"""The door of the reader: a phrase in, a list of readings out."""

from datetime import datetime

from scheduling.when.closed import read_closed
from scheduling.when.reading import Profile, Reading

MAX_CHARS = 200
"""A longer phrase is no answer to "When?"."""


def read(phrase: str, *, now: datetime, profile: Profile) -> list[Reading]:
    """Read a phrase that is all about time; always at least one reading, mostly one.

    Two readings are two times that were named ("9am tomorrow and 6pm friday"). A phrase that
    is not about time gives one reading with status "none". *now* is aware; nothing is raised
    on any text.
    """
    if len(phrase) > MAX_CHARS:
        return [Reading("none", profile.zone, why="unread")]
    found = read_closed(phrase, now=now, profile=profile)
    return [found or Reading("none", profile.zone, why="unread")]


async def read_with_fallback(phrase: str, *, now: datetime, profile: Profile) -> list[Reading]:
    """`read`, and where it understood nothing a suggestion of dateparser, off the event loop."""
    readings = read(phrase, now=now, profile=profile)
    if len(readings) > 1 or readings[0].status != "none":
        return readings
    from scheduling.when.fallback import suggest_in_thread  # noqa: PLC0415 - heavy, rarely needed

    suggestion = await suggest_in_thread(phrase, now=now, profile=profile)
    return readings if suggestion is None else [suggestion]
