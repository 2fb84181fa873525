"""From typed words to the slot of a post."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from integrations.chat.incoming import Span
from models.post import Post
from models.team import Member
from scheduling.planner import Slot
from scheduling.when import Profile, Reading, Split, read, split

_FAR_APART = ("UTC", "Asia/Tokyo")


def profile_of(member: Member, zone: str) -> Profile:
    """Return whose words are read: language and habits of *member*, times in *zone*."""
    order = member.date_order
    return Profile(
        zone=zone,
        language=member.language,
        date_order=order if order in {"DMY", "MDY", "YMD"} else None,  # type: ignore[arg-type]  # narrowed by the set
    )


def split_message(
    text: str, spans: Sequence[Span], *, member: Member, zone: str, said_at: datetime
) -> Split:
    """Part a message into caption and phrase, as the person means it at *said_at*."""
    opaque = [(span.start, span.end) for span in spans]
    return split(text, opaque, now=said_at, profile=profile_of(member, zone))


def read_answer(words: str, *, member: Member, zone: str, said_at: datetime) -> list[Reading]:
    """Read words that are all about time (an answer to "When?")."""
    return list(read(words, now=said_at, profile=profile_of(member, zone)))


def needs_zone(text: str, spans: Sequence[Span], *, member: Member, said_at: datetime) -> bool:
    """Say whether the moments that *text* names depend on where the person is."""
    here, there = (
        split_message(text, spans, member=member, zone=zone, said_at=said_at)
        for zone in _FAR_APART
    )
    is_asked = here.reading.status == "ask" and here.reading.why != "no_when"
    return is_asked or _moments(here.readings) != _moments(there.readings)


def depends_on_zone(words: str, *, member: Member, said_at: datetime) -> bool:
    """Say whether the moments that *words*, all about time, name depend on the zone."""
    here, there = (
        read_answer(words, member=member, zone=zone, said_at=said_at) for zone in _FAR_APART
    )
    return _moments(here) != _moments(there)


def _moments(readings: Sequence[Reading]) -> list[datetime | None]:
    """Return the moments of readings; of what repeats, its first run."""
    return [one.first if one.rrule else one.at_utc for one in readings]


def slot_of(reading: Reading, zone: str) -> Slot | None:
    """Return the slot that a reading means, None when it names no moment."""
    if reading.rrule and reading.first:
        return slot_at(reading.first, reading.tz if "/" in reading.tz else zone)
    if reading.at_utc is None or reading.local is None:
        return None
    named = reading.tz if "/" in reading.tz or reading.tz == "UTC" else zone
    return slot_at(reading.at_utc, named)


def slot_at(at: datetime, zone: str) -> Slot:
    """Return the slot of a moment, with its wall clock in *zone*."""
    local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return Slot(due_at=at, wall_time=local.isoformat(timespec="seconds"), zone=zone)


def set_slot_zone(post: Post, zone: str) -> None:
    """Have a draft's slot read in *zone*; its moment stays."""
    if post.due_at is not None:
        slot = slot_at(post.due_at, zone)
        post.wall_time, post.zone = slot.wall_time, slot.zone


def set_slot(post: Post, slot: Slot | None, *, is_chosen: bool, recurs: bool = False) -> None:
    """Write the slot on a draft.

    *is_chosen* tells a decided time from a suggested one; *recurs* says that the slot is the first
    run of the recurrence that was read.
    """
    post.due_at = slot.due_at if slot else None
    post.wall_time = slot.wall_time if slot else ""
    post.zone = slot.zone if slot else post.zone
    post.notes = {**post.notes, "chosen": bool(slot) and is_chosen, "recurs": recurs}
