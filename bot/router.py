"""Which flow or command an event belongs to, and whether it concerns us at all."""

import logging
import re
from collections.abc import Sequence
from datetime import datetime

from bot.cards.buttons import payload
from bot.commands import COMMANDS
from bot.context import Context
from bot.flows.changing import follow_edit, series_of
from bot.flows.drafting import close_album, companions_of, draft_from
from bot.flows.forms import can_open, on_form, open_new_post
from bot.flows.linking import take_code
from bot.flows.presses import on_press
from bot.flows.talk import could_change, help_buttons, on_text, spoken, talk
from integrations.chat.incoming import Inbound
from integrations.chat.outgoing import Button
from models.inbox import Album
from models.outbox import tell
from models.post import WAITING_STATES, Media, Post, Target, lock_post
from models.team import Place
from scheduling.errors import AlreadyGoingOut

log = logging.getLogger(__name__)
_BY_NAME = {command.name: command for command in COMMANDS}
_LINK_CODE = re.compile(r"link\s+([a-z0-9]{4}-?[a-z0-9]{4})", re.IGNORECASE)
"""How a code is sent, word for word as it was told; the same in every language and chat."""

_MAX_ARGUMENTS = 2
"""How many words may follow a command that is written without its sign; more is talk."""

_EDITABLE = ("draft", "committed", "awaiting_approval")


async def handle(ctx: Context) -> None:
    """Handle one event of a known person in a known place."""
    inbound = ctx.inbound
    match inbound.kind:
        case "press":
            await on_press(ctx)
        case "edit":
            await _on_edit(ctx)
        case "deleted":
            await _on_deleted(ctx)
        case "form":
            await on_form(ctx)
        case "shortcut":
            await _on_shortcut(ctx)
        case "home":
            await tell("home", ctx.member.id, "opened", place_id=ctx.place.id, now=ctx.now)
        case "command":
            await _on_command(ctx)
        case "message" if concerns_us(inbound, ctx.place):
            await _on_message(ctx)
        case "message" if inbound.text and await answered_post(inbound, ctx.place):
            await _on_words(ctx)
        case _:
            return


def concerns_us(inbound: Inbound, place: Place) -> bool:
    """Say whether to act: always in a private chat; in groups only when we are meant (b47)."""
    if inbound.place.is_private or place.purpose == "desk":
        return True
    return inbound.mentions_bot or inbound.reply_to_bot


async def answered_post(inbound: Inbound, place: Place) -> Post | None:
    """Return the post that came from the message which these words answer, None where none did."""
    if not inbound.reply_to:
        return None
    below = Post.filter(place_id=place.id, source_ref=inbound.reply_to)
    return await below.order_by("number").prefetch_related("author").first()


def is_meant_for(post: Post, inbound: Inbound, *, now: datetime) -> bool:
    """Say whether a stranger's words below *post* are to change it, and not talk about it."""
    return could_change(spoken(inbound), post.author, said_at=now)


async def _on_message(ctx: Context) -> None:
    if ctx.inbound.attachments:
        await draft_from(ctx, [ctx.inbound])
    elif code := _LINK_CODE.fullmatch(ctx.inbound.text.strip()):
        await take_code(code[1], ctx)
    elif ctx.inbound.text.strip():
        await _on_words(ctx)


async def _on_words(ctx: Context) -> None:
    """Handle words; a command may be written without its sign where nothing else is meant."""
    if await on_text(ctx) or ctx.is_overheard:
        return
    name, *arguments = spoken(ctx.inbound).split() or [""]
    command = _BY_NAME.get(name.lstrip("/").casefold())
    if command and len(arguments) <= _MAX_ARGUMENTS:
        await command.run(ctx, " ".join(arguments))
    else:
        await talk(ctx)


async def _on_shortcut(ctx: Context) -> None:
    """Make a post of the message the chat's menu was opened on, or open the form for one."""
    if ctx.inbound.attachments:
        await draft_from(ctx, [ctx.inbound])
    elif can_open(ctx):
        await open_new_post(ctx, ctx.inbound.text)


async def _on_command(ctx: Context) -> None:
    command = _BY_NAME.get(ctx.inbound.command)
    if command is None:
        if can_open(ctx):
            # No command of ours: the words are about a post that is yet to be made.
            await open_new_post(ctx, f"{ctx.inbound.command} {ctx.inbound.arguments}".strip())
        elif ctx.inbound.place.is_private:
            await ctx.answer("help.short", buttons=await help_buttons(ctx))
        return
    await command.run(ctx, ctx.inbound.arguments)


async def _on_edit(ctx: Context) -> None:
    post = await _post_of_message(ctx)
    if post is None:
        return
    for one in sorted([post, *await companions_of(post)], key=lambda each: each.number):
        try:
            if one.stage in _EDITABLE:
                await follow_edit(one, ctx.inbound, ctx)
        except AlreadyGoingOut as err:
            await ctx.answer("toast.is_out" if err.is_published else "toast.going_out")


async def _on_deleted(ctx: Context) -> None:
    """Say that a post outlives its message, and offer to cancel it: nothing is lost unasked."""
    post = await _post_of_message(ctx)
    if post is None or post.stage not in _EDITABLE:
        return
    is_over = not await Target.filter(post_id=post.id, state__in=WAITING_STATES).exists()
    if post.stage == "committed" and is_over:
        return
    cancel = Button(ctx.words("button.cancel"), payload("cancel", post.id, post.rev))
    key = "deleted.draft" if post.stage == "draft" else "deleted.planned"
    is_series = await series_of(post) is not None
    await ctx.answer(key, number=f"#{post.number}", buttons=[] if is_series else [[cancel]])


async def _post_of_message(ctx: Context) -> Post | None:
    """Return the post whose text stands in the edited message."""
    ref = ctx.inbound.message_ref
    item = (
        await Media.filter(
            message_ref=ref, post__place_id=ctx.place.id, post__occurrence__id__isnull=True
        )
        .order_by("-created_at")
        .first()
    )
    if item is None:
        return None
    post = await lock_post(item.post_id)
    if post is None or post.team_id != ctx.team.id:
        return None
    spoken = str(post.notes.get("text_ref") or post.source_ref)
    # An edit of a silent part of an album says nothing about the caption.
    return post if spoken == ref or (not post.source_text and ctx.inbound.text) else None


async def handle_album(album: Album, parts: Sequence[Inbound], ctx: Context) -> None:
    """Handle an album that has been quiet for a moment."""
    meant = [part for part in parts if concerns_us(part, ctx.place)]
    if meant or album.post_id:
        await close_album(album, parts, ctx)
