"""The buttons about what a post says and shows: caption, kind, media."""

from collections.abc import Mapping

from bot.cards.buttons import Pressed
from bot.cards.post import tail_is_open
from bot.cards.views import PostView
from bot.context import Context
from bot.flows import forms
from bot.flows.buttons.handler import Handler
from bot.flows.buttons.times import ask_again
from bot.flows.changing import (
    CHANGEABLE,
    content_changed,
    leave_menu,
    open_menu,
    series_of,
    set_caption,
)
from bot.flows.drafting import kind_left
from bot.flows.prompts import open_prompt
from bot.flows.settling import settle_and_show
from bot.flows.when import set_slot
from models.post import Media, Post


async def _caption(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    if forms.can_open(ctx) and not await series_of(post):
        await forms.open_caption(post, ctx)
        return
    await open_menu(post, "caption", ctx)
    await open_prompt(ctx, "caption", post)
    ctx.toast("toast.type_caption")


async def _full(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    """Show the whole of a caption that the card folds; nothing changes by it."""
    if forms.can_open(ctx):
        forms.open_full_caption(post, ctx)
    else:
        ctx.toast("toast.out_of_date")


async def _keep(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    """Put the words that were taken as time back into the caption."""
    was_tail = post.stage == "committed" and tail_is_open(post, now=ctx.now)
    if was_tail:
        # They were taken for a time unasked, so now it is asked whether they are one.
        words = post.when_words
        post.caption, post.when_words = post.source_text, ""
        await ask_again(post, ctx, offered=words)
        await open_prompt(ctx, "time", post)
        ctx.toast("toast.done")
        return
    post.caption = post.source_text
    post.when_words = ""
    post.notes = {key: value for key, value in post.notes.items() if key not in {"menu", "phrase"}}
    if post.stage == "draft":
        post.readings = []
        set_slot(post, None, is_chosen=False)
        await settle_and_show(post, ctx)
        await open_prompt(ctx, "time", post)
    else:
        await content_changed(post, ctx)
    await post.save()
    ctx.toast("toast.done")


async def _without_caption(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    post.notes = {**post.notes, "no_caption": True}
    await content_changed(post, ctx)
    ctx.toast("toast.done")


async def _alt(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    await open_menu(post, "alt", ctx)
    await open_prompt(ctx, "alt", post)
    ctx.toast("toast.done")


async def _story(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    await _change_kind(post, "story", ctx)


async def _feed(post: Post, view: PostView, _pressed: Pressed, ctx: Context) -> None:
    is_video = any(item.kind == "video" for item in view.live_media)
    await _change_kind(post, "reel" if is_video else "image", ctx)


async def _change_kind(post: Post, kind: str, ctx: Context) -> None:
    post.kind = kind
    leave_menu(post)
    await content_changed(post, ctx)
    ctx.toast("toast.done")


async def _leave_out(post: Post, view: PostView, pressed: Pressed, ctx: Context) -> None:
    index = pressed.index_of("out")
    items = view.live_media
    if index is None or index >= len(items):
        ctx.toast("toast.stale")
        return
    await Media.filter(id=items[index].id).update(state="removed")
    post.kind = kind_left(post.kind, [one for one in items if one is not items[index]])
    await content_changed(post, ctx)
    ctx.toast("toast.done")


async def _use_caption(post: Post, _view: PostView, pressed: Pressed, ctx: Context) -> None:
    offered = post.notes.get("offered_captions")
    index = pressed.index_of("usecap")
    texts = offered if isinstance(offered, list) else []
    if post.stage not in CHANGEABLE or index is None or index >= len(texts):
        ctx.toast("toast.out_of_date")
        return
    await set_caption(post, str(texts[index]), ctx, source="typed")
    ctx.toast("caption.saved")


HANDLERS: Mapping[str, Handler] = {
    "cap": _caption,
    "full": _full,
    "keep": _keep,
    "nocap": _without_caption,
    "alttext": _alt,
    "story": _story,
    "feed": _feed,
    "out": _leave_out,
    "usecap": _use_caption,
}
