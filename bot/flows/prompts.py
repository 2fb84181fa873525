"""Questions for which the next typed words are the answer; one open per place and person."""

from datetime import timedelta

from bot.context import Context
from models.outbox import Prompt
from models.post import Post

LIFETIME = timedelta(hours=24)


async def open_prompt(ctx: Context, expects: str, post: Post | None = None) -> None:
    """Expect an answer here from this person, instead of whatever was expected before."""
    await close_prompts(ctx)
    await Prompt.create(
        place_id=ctx.place.id,
        member_id=ctx.member.id,
        expects=expects,
        subject_kind="post" if post else "",
        subject_id=post.id if post else None,
        created_at=ctx.now,
        expires_at=ctx.now + LIFETIME,
    )


async def close_prompts(ctx: Context, post: Post | None = None) -> None:
    """Expect nothing any more (only about *post*, when one is given)."""
    open_ones = Prompt.filter(
        place_id=ctx.place.id, member_id=ctx.member.id, closed_at__isnull=True
    )
    if post:
        open_ones = open_ones.filter(subject_id=post.id)
    await open_ones.update(closed_at=ctx.now)


async def current_prompt(ctx: Context) -> Prompt | None:
    """Return what this person is expected to answer here."""
    return await Prompt.get_or_none(
        place_id=ctx.place.id,
        member_id=ctx.member.id,
        closed_at__isnull=True,
        expires_at__gt=ctx.now,
    )
