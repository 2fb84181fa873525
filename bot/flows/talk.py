"""Words without media: answers to questions, replies to a card, and everything else."""

from datetime import timedelta
from uuid import UUID

from bot.cards.buttons import payload
from bot.cards.zones import find_zone
from bot.context import Context
from bot.flows import series
from bot.flows.changing import (
    CHANGEABLE,
    answer_time,
    describe,
    is_about_time,
    series_of,
    set_caption,
)
from bot.flows.places import answer_city
from bot.flows.prompts import close_prompts, current_prompt
from bot.flows.when import read_answer
from integrations.chat import Button
from models.outbox import CardMessage, Prompt
from models.post import Post, lock_post
from scheduling.errors import AlreadyGoingOut

MAX_WORDS_CHARS = 4_096
_MAX_WORDS_OF_A_PLACE = 5
_RECENT = timedelta(minutes=30)
_CANCEL_WORDS = frozenset({"cancel", "cancel it", "stop", "delete", "delete it"})


async def on_text(ctx: Context) -> None:
    """Handle words: the answer to an open question, a reply to a card, or talk."""
    words = ctx.inbound.text.strip()
    if len(words) > MAX_WORDS_CHARS:
        await ctx.answer("refuse.text_too_long")
        return
    replied = await _replied_post(ctx)
    prompt = await current_prompt(ctx)
    try:
        # A reply speaks of the card it answers, whatever else was asked meanwhile.
        if replied and (prompt is None or prompt.subject_id != replied or _is_an_order(words)):
            await _reply_to_card(replied, words, ctx)
            return
        if await _answer_prompt(prompt, words, ctx):
            return
        if replied:
            await _reply_to_card(replied, words, ctx)
            return
        if await _time_for_waiting_draft(words, ctx):
            return
    except AlreadyGoingOut as err:
        await ctx.answer("toast.is_out" if err.is_published else "toast.going_out")
        return
    await _talk(ctx)


async def _answer_prompt(prompt: Prompt | None, words: str, ctx: Context) -> bool:
    if prompt is None:
        return False
    if prompt.expects == "zone":
        return await _answer_zone(words, prompt, ctx)
    post = await lock_post(prompt.subject_id)
    if post is None or post.stage not in CHANGEABLE:
        await close_prompts(ctx)
        return False
    match prompt.expects:
        case "time":
            if post.stage == "committed" and post.notes.get("menu") not in {"time", "choices"}:
                # It was planned by other means since: nobody waits for a time any more.
                await close_prompts(ctx)
                return False
            text = _caption_in(ctx.inbound.text)
            if text:
                await set_caption(post, text, ctx, source="typed")
                return True
            if _is_a_question(words) or (not post.caption and not is_about_time(words, ctx)):
                # Not the answer: talk, or the caption that is still missing.
                return False
            await answer_time(post, words, ctx)
        case "caption":
            await close_prompts(ctx)
            await set_caption(post, ctx.inbound.text, ctx, source="typed")
        case "series_caption" | "series_time":
            text = ctx.inbound.text if prompt.expects == "series_caption" else words
            return await series.answer(post, prompt.expects, text, ctx)
        case "alt":
            await close_prompts(ctx)
            await describe(post, ctx.inbound.text, ctx)
        case _:
            return False
    return True


async def _answer_zone(words: str, prompt: Prompt, ctx: Context) -> bool:
    if find_zone(words) is None and (is_about_time(words, ctx) or _is_talk(words)):
        # No answer to "where are you?": it is taken for what it is.
        return False
    if await answer_city(words, ctx):
        return True
    # Not a city: it may be talk, but a question was asked, so the answer above stands.
    return prompt.closed_at is None


async def _replied_post(ctx: Context) -> UUID | None:
    """Return the post whose card, or whose own message, these words answer."""
    ref = ctx.inbound.reply_to
    if not ref:
        return None
    card = await CardMessage.filter(
        place_id=ctx.place.id, message_ref=ref, subject_kind="post"
    ).first()
    if card:
        return card.subject_id
    # Runs of a series came from the same message; it stands for the series itself.
    found = await Post.filter(
        place_id=ctx.place.id, source_ref=ref, occurrence__id__isnull=True
    ).first()
    return found.id if found else None


async def _reply_to_card(post_id: UUID, words: str, ctx: Context) -> None:
    post = await lock_post(post_id)
    if post is None or post.team_id != ctx.team.id:
        await ctx.answer("toast.gone")
        return
    if post.stage not in CHANGEABLE:
        await ctx.answer("reply.cancelled", number=f"#{post.number}")
        return
    folded, text = words.casefold(), _caption_in(ctx.inbound.text)
    if await series_of(post):
        await _reply_to_series(post, words, text, ctx)
    elif folded in _CANCEL_WORDS:
        await ctx.house.planner.cancel(post, by=ctx.member, now=ctx.now)
    elif text:
        await set_caption(post, text, ctx, source="typed")
    else:
        await answer_time(post, words, ctx)


async def _reply_to_series(post: Post, words: str, caption: str, ctx: Context) -> None:
    """Take a reply to a series' card: it speaks of all later runs."""
    if words.casefold() in _CANCEL_WORDS:
        await series.open_menu(post, "series_end", ctx)
    elif not await series.answer(
        post, "series_caption" if caption else "series_time", caption or words, ctx
    ):
        await ctx.answer("reply.series_over")


async def _time_for_waiting_draft(words: str, ctx: Context) -> bool:
    """Take words that are all about time as the time of the one draft that waits for it."""
    waiting = await Post.filter(
        author_id=ctx.member.id, place_id=ctx.place.id, stage="draft", due_at__isnull=True
    ).limit(2)
    if len(waiting) != 1:
        return False
    zone = ctx.member.zone or "UTC"
    reading = read_answer(words, member=ctx.member, zone=zone, said_at=ctx.said_at)[0]
    if reading.status != "ok":
        return False
    post = await lock_post(waiting[0].id)
    return post is not None and await answer_time(post, words, ctx)


async def _talk(ctx: Context) -> None:
    """Say one line and offer three ways on; a likely caption is offered as one."""
    recent = (
        await Post.filter(
            author_id=ctx.member.id,
            place_id=ctx.place.id,
            stage="draft",
            caption="",
            created_at__gt=ctx.now - _RECENT,
        )
        .order_by("-created_at")
        .first()
    )
    post = await lock_post(recent.id) if recent else None
    if post and post.stage == "draft":
        offered = post.notes.get("offered_captions")
        texts = [*(offered if isinstance(offered, list) else []), ctx.inbound.text]
        post.notes = {**post.notes, "offered_captions": texts}
        await post.save(update_fields=["notes"])
        button = Button(
            label=ctx.words("button.use_caption", number=f"#{post.number}"),
            payload=payload(f"usecap{len(texts) - 1}", post.id, post.rev),
        )
        await ctx.answer("talk.use_caption", buttons=[[button]])
        return
    await ctx.answer("help.short", buttons=await help_buttons(ctx))


async def help_buttons(ctx: Context) -> list[list[Button]]:
    """Return the ways on for somebody who does not know how to go on."""
    me = ctx.member.id
    how = Button(ctx.words("button.photo"), payload("how", me, 0))
    queue = Button(ctx.words("button.queue"), payload("queue", me, 0))
    connect = Button(ctx.words("button.connect"), payload("start", me, 0))
    return [[how], [queue], [connect]]


def _is_an_order(words: str) -> bool:
    return words.casefold() in _CANCEL_WORDS or bool(_caption_in(words))


def _caption_in(words: str) -> str:
    """Return what follows "caption:", "" where the words do not begin so."""
    head, colon, text = words.strip().partition(":")
    return text.strip() if colon and head.casefold() == "caption" else ""


def _is_talk(words: str) -> bool:
    """Tell a sentence from the name of a place."""
    return _is_a_question(words) or len(words.split()) > _MAX_WORDS_OF_A_PLACE


def _is_a_question(words: str) -> bool:
    return words.endswith("?")
