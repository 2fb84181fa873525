"""/cancel: the last post of this person here, or the one whose number is given."""

from bot.cards.buttons import payload
from bot.command import Command
from bot.context import Context
from bot.flows.prompts import close_prompts, current_prompt
from integrations.chat.outgoing import Button
from models.post import Post, Target, lock_post
from models.series import Series
from scheduling.errors import AlreadyGoingOut, PlanningError


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
    except PlanningError:
        # Somebody else called it off while we looked.
        await ctx.answer("cancel.nothing")
        return
    if await current_prompt(ctx):
        await close_prompts(ctx, post)
    undo = Button(ctx.words("button.undo"), payload("undo", post.id, post.rev))
    await ctx.answer("cancel.done", number=f"#{post.number}", buttons=[[undo]])


async def _meant(ctx: Context, number: int | None) -> Post | None:
    """Return the post that is meant, held until the transaction ends."""
    mine = Post.filter(team_id=ctx.team.id, stage__in=("draft", "committed"))
    if number is not None:
        found = await mine.filter(number=number).first()
        return await lock_post(found.id) if found and not await _is_series(found) else None
    async for post in mine.filter(author_id=ctx.member.id).order_by("-number"):
        is_out = await Target.filter(post_id=post.id, state="published").exists()
        if not is_out and not await _is_series(post):
            return await lock_post(post.id)
    return None


async def _is_series(post: Post) -> bool:
    """A series is ended on its own card; its template is no post of its own."""
    return await Series.filter(template_id=post.id).exists()


COMMAND = Command("cancel", _run)
