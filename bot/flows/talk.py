"""Words without media: answers to questions, replies to a card, and everything else."""

from datetime import datetime, timedelta
from uuid import UUID

from bot.cards.buttons import payload
from bot.cards.zones import find_zone
from bot.context import Context
from bot.flows import moving, series
from bot.flows.changing import (
    CHANGEABLE,
    answer_goal,
    answer_time,
    describe,
    is_about_time,
    series_of,
    set_caption,
)
from bot.flows.places import answer_city
from bot.flows.prompts import close_prompts, current_prompt
from bot.flows.when import profile_of, read_answer
from integrations.chat.incoming import Inbound
from integrations.chat.outgoing import Button
from models.account import Account
from models.outbox import CardMessage, Prompt
from models.post import Post, lock_post
from models.rearrangement import Rearrangement
from models.series import Series
from models.team import Member
from scheduling.errors import AlreadyGoingOut
from scheduling.rearranging.sentence import Reply, read_reply

MAX_WORDS_CHARS = 4_096
_MAX_WORDS_OF_A_PLACE = 5
_RECENT = timedelta(minutes=30)
_CAPTION_PROMPTS = frozenset({"caption", "series_caption", "alt"})
"""Questions whose answer may be any words at all."""


async def on_text(ctx: Context) -> bool:
    """Handle words that answer an open question or a card, or that say what is to be moved.

    Returns False where they do nothing of it: they are talk, then.
    """
    words = spoken(ctx.inbound)
    if len(words) > MAX_WORDS_CHARS:
        await ctx.answer("refuse.text_too_long")
        return True
    replied = await _replied_post(ctx)
    prompt = await current_prompt(ctx)
    try:
        wants_any = prompt is not None and prompt.expects in _CAPTION_PROMPTS
        is_of_series = replied is not None and await Series.exists(template_id=replied)
        if not wants_any and await moving.rearrange(words, ctx, is_reply=is_of_series):
            return True
        # A reply speaks of the card it answers, whatever else was asked meanwhile.
        is_other = prompt is None or prompt.subject_id != replied
        if replied and (is_other or _is_an_order(words, ctx, wants_any=wants_any)):
            await _reply_to_card(replied, words, ctx)
            return True
        if await _answer_prompt(prompt, words, ctx):
            ctx.mark_seen()
            return True
        if replied:
            await _reply_to_card(replied, words, ctx)
            return True
        if await _time_for_waiting_draft(words, ctx):
            ctx.mark_seen()
            return True
    except AlreadyGoingOut as err:
        await ctx.answer("toast.is_out" if err.is_published else "toast.going_out")
        return True
    return False


async def _answer_prompt(prompt: Prompt | None, words: str, ctx: Context) -> bool:
    if prompt is None:
        return False
    if prompt.expects == "zone":
        return await _answer_zone(words, prompt, ctx)
    if prompt.expects == "move_until":
        return await moving.answer_until(prompt, words, ctx)
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
            text = _caption_in(words, ctx)
            if text:
                await set_caption(post, text, ctx, source="typed")
                return True
            if post.stage == "committed" and await _answer_in_words(post, words, ctx):
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
        place_id=ctx.place.id, message_ref=ref, subject_kind__in=("post", "rearrangement")
    ).first()
    if card and card.subject_kind == "rearrangement":
        return await _post_of_change(card.subject_id)
    if card:
        return card.subject_id
    # Runs of a series came from the same message; it stands for the series itself. Several posts
    # of one message are spoken of by the first.
    found = (
        await Post.filter(place_id=ctx.place.id, source_ref=ref, occurrence__id__isnull=True)
        .order_by("number")
        .first()
    )
    return found.id if found else None


async def _post_of_change(rearrangement_id: UUID) -> UUID | None:
    """Return the post of a note like "#2: 09:00 → 10:00", None where it speaks of several."""
    kept = await Rearrangement.get_or_none(id=rearrangement_id)
    posts = [str(one["post"]) for one in kept.changes if one["post"]] if kept else []
    return UUID(posts[0]) if len(posts) == 1 else None


async def _reply_to_card(post_id: UUID, words: str, ctx: Context) -> None:
    post = await lock_post(post_id)
    if post is None or post.team_id != ctx.team.id:
        await ctx.answer("toast.gone")
        return
    if post.stage not in CHANGEABLE:
        await ctx.answer("reply.cancelled", number=f"#{post.number}")
        return
    reply = _reply_of(words, post.zone, ctx)
    if ctx.is_overheard and reply is None and not is_about_time(words, ctx):
        return
    ctx.mark_seen()
    if await series_of(post):
        await _reply_to_series(post, words, reply, ctx)
        return
    match reply.kind if reply else "":
        case "cancel":
            await ctx.house.planner.cancel(post, by=ctx.member, now=ctx.now)
        case "caption" if reply and reply.text:
            await set_caption(post, reply.text, ctx, source="typed")
        case "tags" if reply:
            await set_caption(post, _with_tags(post.caption, reply.text), ctx, source="typed")
        case "also" if reply:
            await _also(reply.text, ctx)
        case "pause" if reply:
            await moving.pause_post(post, reply.goals, ctx)
        case "goal" if reply:
            await answer_goal(post, reply, words, ctx)
        case _:
            await answer_time(post, words, ctx)


async def _answer_in_words(post: Post, words: str, ctx: Context) -> bool:
    """Take the answer to "New time?" of a planned post as a reply to its card would be."""
    reply = _reply_of(words, post.zone, ctx)
    if reply is None or reply.kind != "goal" or await series_of(post):
        return False
    return await answer_goal(post, reply, words, ctx)


async def _reply_to_series(post: Post, words: str, reply: Reply | None, ctx: Context) -> None:
    """Take a reply to a series' card: it speaks of all later runs."""
    kind = reply.kind if reply else ""
    if kind == "cancel":
        await series.open_menu(post, "series_end", ctx)
        return
    if kind == "pause" or moving.is_resume(words, ctx):
        await series.set_paused(post, is_paused=kind == "pause", ctx=ctx)
        return
    if kind == "also" and reply:
        await _also(reply.text, ctx)
        return
    expects, text = "series_time", words
    if kind in {"caption", "tags"} and reply and reply.text:
        expects = "series_caption"
        text = reply.text if kind == "caption" else _with_tags(post.caption, reply.text)
    if not await series.answer(post, expects, text, ctx):
        await ctx.answer("reply.series_over")


async def _also(names: str, ctx: Context) -> None:
    """Say whether a post can go there, too."""
    titles = {one.card.title.casefold(): one.card.title for one in ctx.house.platforms.values()}
    is_here = all(name.casefold() in titles for name in names.split(", "))
    key = "also.here" if is_here else "also.not_here"
    if is_here:
        await ctx.answer(key, names=names)
    else:
        await ctx.answer(key, names=names, here=", ".join(titles.values()))


def _with_tags(caption: str, tags: str) -> str:
    """Return the caption with hashtags behind it that are not in it yet."""
    there = {word.casefold() for word in caption.split()}
    new = [tag for tag in tags.split() if tag.casefold() not in there]
    return " ".join([*([caption] if caption else []), *new])


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


async def talk(ctx: Context) -> None:
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
    if await Account.filter(team_id=ctx.team.id, state="active").exists():
        return [[how], [queue]]
    connect = Button(ctx.words("button.connect"), payload("start", me, 0))
    return [[how], [queue], [connect]]


def spoken(inbound: Inbound) -> str:
    """Return the words of a message, without the mention that makes us listen in a group."""
    start, end = 0, len(inbound.text)
    for span in sorted(inbound.spans, key=lambda one: one.start):
        if span.kind == "mention" and not inbound.text[start : span.start].strip(" ,"):
            start = max(start, span.end)
    for span in sorted(inbound.spans, key=lambda one: -one.end):
        if span.kind == "mention" and span.start >= start:
            end = span.start if not inbound.text[span.end : end].strip() else end
    return inbound.text[start:end].strip().lstrip(",: ").strip()


def _reply_of(words: str, zone: str, ctx: Context) -> Reply | None:
    profile = profile_of(ctx.member, zone or ctx.member.zone or "UTC")
    return read_reply(words, now=ctx.said_at, profile=profile)


def could_change(words: str, author: Member, *, said_at: datetime) -> bool:
    """Say whether *words*, said below a post of *author*, are more than talk about it."""
    zone = author.zone or "UTC"
    if read_reply(words, now=said_at, profile=profile_of(author, zone)):
        return True
    return read_answer(words, member=author, zone=zone, said_at=said_at)[0].status == "ok"


def _is_an_order(words: str, ctx: Context, *, wants_any: bool) -> bool:
    """Say whether a reply to a card is more than an answer to what the card asks."""
    reply = _reply_of(words, "", ctx)
    if reply is None:
        return False
    return reply.kind in {"cancel", "caption"} if wants_any else True


def _caption_in(words: str, ctx: Context) -> str:
    """Return what follows "caption:" (or its like), "" where the words do not begin so."""
    reply = _reply_of(words, "", ctx)
    return reply.text if reply and reply.kind == "caption" else ""


def _is_talk(words: str) -> bool:
    """Tell a sentence from the name of a place."""
    return _is_a_question(words) or len(words.split()) > _MAX_WORDS_OF_A_PLACE


def _is_a_question(words: str) -> bool:
    return words.endswith("?")
