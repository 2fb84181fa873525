"""Words without media: answers to questions, replies to a card, and everything else."""

from datetime import timedelta

from bot.cards.buttons import payload
from bot.context import Context
from bot.flows import series
from bot.flows.changing import (
    CHANGEABLE,
    answer_time,
    describe,
    is_about_time,
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
_RECENT = timedelta(minutes=30)
_CANCEL_WORDS = frozenset({"cancel", "cancel it", "stop", "delete", "delete it"})


async def on_text(ctx: Context) -> None:
    """Handle words: the answer to an open question, a reply to a card, or talk."""
    words = ctx.inbound.text.strip()
    if len(words) > MAX_WORDS_CHARS:
        await ctx.answer("refuse.text_too_long")
        return
    try:
        if await _answer_prompt(words, ctx) or await _reply_to_card(words, ctx):
            return
        if await _time_for_waiting_draft(words, ctx):
            return
    except AlreadyGoingOut as err:
        await ctx.answer("toast.is_out" if err.is_published else "toast.going_out")
        return
    await _talk(words, ctx)


async def _answer_prompt(words: str, ctx: Context) -> bool:
    prompt = await current_prompt(ctx)
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
            if _is_a_question(words) or (not post.caption and not is_about_time(words, ctx)):
                # Not the answer: talk, or the caption that is still missing.
                return False
            await answer_time(post, words, ctx)
        case "caption":
            await close_prompts(ctx)
            await set_caption(post, ctx.inbound.text, ctx, source="typed")
        case "series_caption" | "series_time":
            return await series.answer(post, prompt.expects, words, ctx)
        case "alt":
            await close_prompts(ctx)
            await describe(post, ctx.inbound.text, ctx)
        case _:
            return False
    return True


async def _answer_zone(words: str, prompt: Prompt, ctx: Context) -> bool:
    if await answer_city(words, ctx):
        return True
    # Not a city: it may be talk, but a question was asked, so the answer above stands.
    return prompt.closed_at is None


async def _reply_to_card(words: str, ctx: Context) -> bool:
    if not ctx.inbound.reply_to:
        return False
    card = await CardMessage.get_or_none(
        place_id=ctx.place.id, message_ref=ctx.inbound.reply_to, subject_kind="post"
    )
    post = (
        await lock_post(card.subject_id)
        if card
        else await Post.filter(place_id=ctx.place.id, source_ref=ctx.inbound.reply_to)
        .select_for_update()
        .first()
    )
    if post is None or post.team_id != ctx.team.id or post.stage not in CHANGEABLE:
        return False
    folded = words.casefold()
    if folded in _CANCEL_WORDS:
        await ctx.house.planner.cancel(post, by=ctx.member, now=ctx.now)
        return True
    if folded.startswith("caption:"):
        text = ctx.inbound.text.split(":", 1)[1].strip()
        await set_caption(post, text, ctx, source="typed")
        return True
    await answer_time(post, words, ctx)
    return True


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


async def _talk(words: str, ctx: Context) -> None:
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
    if recent and words:
        recent.notes = {**recent.notes, "offered_caption": ctx.inbound.text}
        await recent.save(update_fields=["notes"])
        button = Button(
            label=ctx.words("button.use_caption", number=f"#{recent.number}"),
            payload=payload("usecap", recent.id, recent.rev),
        )
        await ctx.answer("talk.use_caption", buttons=[[button]])
        return
    await ctx.answer("help.short", buttons=help_buttons(ctx))


def help_buttons(ctx: Context) -> list[list[Button]]:
    """Return three ways on for somebody who does not know how to go on."""
    me = ctx.member.id
    return [
        [
            Button(ctx.words("button.photo"), payload("how", me, 0)),
            Button(ctx.words("button.connect"), payload("start", me, 0)),
        ]
    ]


def _is_a_question(words: str) -> bool:
    return words.endswith("?")
