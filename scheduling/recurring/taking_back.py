"""Takes the coming runs of a series back, and brings back those that were set aside."""

from datetime import datetime

from models.outbox import CardMessage
from models.post import lock_post
from models.series import Occurrence, Series
from scheduling.errors import AlreadyGoingOut
from scheduling.planner import Planner
from scheduling.recurring.contents import is_own

ASIDE = "aside"
"""Where the notes of a run that a pause took back keep the stage it goes back to."""


async def take_back(
    planner: Planner,
    series: Series,
    *,
    now: datetime,
    only: datetime | None = None,
    sets_aside: bool = False,
) -> None:
    """Remove coming posts that nobody has seen, cancel those that somebody has.

    A run that a person called off stays called off: its post remains, so it is not made anew.
    With *sets_aside* one that a person changed is kept for when the series goes on.
    """
    ahead = Occurrence.filter(series_id=series.id, post__due_at__gt=now)
    if only is not None:
        ahead = Occurrence.filter(series_id=series.id, slot_at=only)
    for occurrence in await ahead:
        post = await lock_post(occurrence.post_id)
        if post is None or post.stage == "cancelled":
            continue
        has_card = await CardMessage.filter(subject_id=post.id).exclude(message_ref="").exists()
        is_changed = sets_aside and await is_own(post, occurrence)
        try:
            await planner.cancel(post, by=None, now=now)
        except AlreadyGoingOut:
            continue
        if is_changed:
            post.notes = {**post.notes, ASIDE: post.undo_stage}
        else:
            await occurrence.delete()
        if not has_card and not is_changed:
            await post.delete()
            continue
        # Undo would bring it back beside the post that is made for the same run.
        post.undo_stage, post.undo_until = "", None
        await post.save(update_fields=["undo_stage", "undo_until", "notes"])


async def bring_back(planner: Planner, series: Series, *, now: datetime) -> None:
    """Have the runs again that were set aside, where their time is still ahead."""
    aside = Occurrence.filter(series_id=series.id, post__due_at__gt=now)
    for occurrence in await aside.filter(post__stage="cancelled"):
        post = await lock_post(occurrence.post_id)
        stage = post.notes.get(ASIDE) if post else None
        if post is None or not stage:
            continue
        post.notes = {key: value for key, value in post.notes.items() if key != ASIDE}
        post.undo_stage, post.undo_until = str(stage), now
        await planner.undo(post, by=None, now=now)
