"""/cancel: the last post of this person here, or the one whose number is given."""

from bot.command import Command
from bot.context import Context
from bot.flows.prompts import close_prompts, current_prompt
from models.post import Post
from scheduling.errors import AlreadyGoingOut


async def _run(ctx: Context, arguments: str) -> None:
    number = arguments.strip().lstrip("#")
    if number and not number.isdecimal():
        await ctx.answer("cancel.not_found", number=number[:20])
        return
    post = await _meant(ctx, int(number[:9]) if number else None)
    if post is None:
        if number:
            await ctx.answer("cancel.not_found", number=f"#{number[:9]}")
        else:
            await ctx.answer("cancel.nothing")
        return
    try:
        await ctx.house.planner.cancel(post, by=ctx.member, now=ctx.now)
    except AlreadyGoingOut:
        await ctx.answer("cancel.out", number=f"#{post.number}")
        return
    if await current_prompt(ctx):
        await close_prompts(ctx, post)
    await ctx.answer("cancel.done", number=f"#{post.number}")


async def _meant(ctx: Context, number: int | None) -> Post | None:
    mine = Post.filter(
        team_id=ctx.team.id, stage__in=("draft", "committed"), series__id__isnull=True
    )
    if number is not None:
        return await mine.filter(number=number).select_for_update().first()
    return (
        await mine.filter(author_id=ctx.member.id)
        .exclude(targets__state="published")
        .order_by("-number")
        .first()
    )


COMMAND = Command("cancel", _run)
