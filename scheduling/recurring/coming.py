"""What is ahead of a series: its runs as they will be, moved and called-off ones heeded."""

from dataclasses import dataclass
from datetime import datetime

from models.series import Occurrence, Series
from scheduling.recurring.runs import upcoming


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is still to come: the slot its rule gives it, and when it really goes out."""

    slot_at: datetime
    at: datetime


async def coming(series: Series, *, after: datetime, count: int) -> list[Run]:
    """Return the next *count* runs as they will be: moved and called-off ones heeded."""
    made = {
        occurrence.slot_at: occurrence.post
        for occurrence in await Occurrence.filter(
            series_id=series.id, post__due_at__gt=after
        ).prefetch_related("post")
    }
    known = await Occurrence.filter(series_id=series.id, slot_at__gt=after).values_list(
        "slot_at", flat=True
    )
    slots = upcoming(series, after=after, count=count + len(known))
    runs = [Run(slot, slot) for slot in slots if slot not in set(known)]
    runs += [
        Run(slot, post.due_at)
        for slot, post in made.items()
        if post.due_at and post.stage in {"draft", "committed"}
    ]
    return sorted(runs, key=lambda run: run.at)[:count]
