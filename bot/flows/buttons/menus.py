"""The buttons that lead on: other pages of a card, accounts, another card."""

from collections.abc import Mapping

from bot.cards.buttons import Pressed
from bot.cards.views import PostView
from bot.context import Context
from bot.flows import accounts, forms, places
from bot.flows.buttons.handler import Handler
from bot.flows.changing import close_menu, leave_menu, open_menu, series_of
from bot.flows.prompts import close_prompts, open_prompt
from bot.flows.settling import settle_and_show
from models.post import Post, lock_post
from models.series import Occurrence

_ANSWERED_BY = {
    **dict.fromkeys(("no_time", "unread", "vague", "invalid", "past", "past_slot"), "time"),
    **dict.fromkeys(("suggested", "several", "two_readings", "ambiguous", "offered"), "time"),
    "zone": "zone",
    "no_caption": "caption",
}
"""What typed words mean to the open question of a draft."""


async def _more(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    await open_menu(post, "more", ctx)
    ctx.toast("toast.done")


async def _back(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    await close_menu(post, ctx)
    await close_prompts(ctx, post)
    ctx.toast("toast.done")


async def _accounts(post: Post, view: PostView, _pressed: Pressed, ctx: Context) -> None:
    if forms.can_open(ctx) and view.other_accounts and not await series_of(post):
        await forms.open_account(post, ctx)
        return
    await open_menu(post, "account", ctx)
    ctx.toast("toast.done")


async def _choose_account(post: Post, view: PostView, pressed: Pressed, ctx: Context) -> None:
    index = pressed.index_of("acct")
    if index is None or index >= len(view.accounts):
        ctx.toast("toast.stale")
        return
    leave_menu(post)
    post.notes["account"] = str(view.accounts[index].id)
    if post.stage == "committed":
        await ctx.house.planner.change_account(
            post, view.accounts[index], by=ctx.member, now=ctx.now
        )
    else:
        await settle_and_show(post, ctx)
    ctx.toast("toast.done")


async def _connect(_post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    await accounts.offer_link(ctx, post_id=None)
    ctx.toast("toast.done")


async def _reconnect(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    await accounts.offer_link(ctx, post_id=post.id)
    ctx.toast("toast.done")


async def _zone(_post: Post, view: PostView, pressed: Pressed, ctx: Context) -> None:
    if view.post.stage == "draft" and view.author.id != ctx.member.id:
        ctx.toast("toast.not_yours", is_alert=True)
        return
    await places.choose_guess(pressed, ctx)


async def _open(post: Post, view: PostView, _pressed: Pressed, ctx: Context) -> None:
    await places.show_card(post, ctx)
    expected = _ANSWERED_BY.get(post.question) if post.stage == "draft" else None
    if expected and view.author.id == ctx.member.id:
        # It goes on where it stopped: what is typed next is the answer (b33).
        await open_prompt(ctx, expected, post)
    ctx.toast("toast.done")


async def _all_later(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    """Bring the card of the series to the bottom: changes there are for all later ones."""
    occurrence = await Occurrence.get_or_none(post_id=post.id).prefetch_related("series")
    template = await lock_post(occurrence.series.template_id) if occurrence else None
    if template is None:
        ctx.toast("toast.gone")
        return
    await places.show_card(template, ctx)
    ctx.toast("toast.done")


HANDLERS: Mapping[str, Handler] = {
    "more": _more,
    "back": _back,
    "accts": _accounts,
    "acct": _choose_account,
    "conn": _connect,
    "recon": _reconnect,
    "zone": _zone,
    "open": _open,
    "serall": _all_later,
}
