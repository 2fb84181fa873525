"""The buttons at the end of a post: called off, brought back, tried again, let go."""

from collections.abc import Mapping

from bot.cards.buttons import Pressed
from bot.cards.views import PostView
from bot.context import Context
from bot.flows.buttons.handler import Handler, say_booked
from bot.flows.changing import leave_menu
from bot.flows.prompts import close_prompts
from bot.flows.settling import settle, settle_and_show, tell_changed
from models.post import Post
from scheduling.duplicates import allow_twins, twins_of


async def _cancel(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    leave_menu(post)
    await ctx.house.planner.cancel(post, by=ctx.member, now=ctx.now)
    await close_prompts(ctx, post)
    ctx.toast("toast.cancelled")


async def _undo(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    if post.undo_until is None or post.undo_until < ctx.now:
        ctx.toast("toast.undo_over")
        await tell_changed(post, now=ctx.now)
        return
    await ctx.house.planner.undo(post, by=ctx.member, now=ctx.now)
    # What became known meanwhile (the file came, an account was connected) counts from here on.
    await settle(post, ctx.house, now=ctx.now)
    ctx.toast("toast.restored")


async def _retry(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    await ctx.house.planner.retry(post, by=ctx.member, now=ctx.now)
    ctx.toast("toast.publishing")


async def _drop(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    await ctx.house.planner.drop(post, by=ctx.member, now=ctx.now)
    ctx.toast("toast.done")


async def _post_anyway(post: Post, view: PostView, _pressed: Pressed, ctx: Context) -> None:
    """Have a post that looks like another one go out all the same."""
    target, account = view.target, view.account
    at = target.due_at if target else post.due_at
    if account is not None and at is not None:
        allow_twins(post, await twins_of(post, account.id, due_at=max(at, ctx.now)))
    if post.stage == "draft":
        await settle_and_show(post, ctx)
        say_booked(post, ctx)
        return
    await ctx.house.planner.retry(post, by=ctx.member, now=ctx.now)
    ctx.toast("toast.done")


async def _is_live(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    await ctx.house.planner.confirm_live(post, by=ctx.member, now=ctx.now)
    ctx.toast("toast.done")


async def _again(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    await ctx.house.planner.post_again(post, by=ctx.member, now=ctx.now)
    ctx.toast("toast.publishing")


HANDLERS: Mapping[str, Handler] = {
    "cancel": _cancel,
    "undo": _undo,
    "retry": _retry,
    "drop": _drop,
    "leave": _drop,
    "dupok": _post_anyway,
    "live": _is_live,
    "again": _again,
}
