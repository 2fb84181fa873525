"""From a message with media to a draft with its one card."""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from bot.context import Context
from bot.flows.prompts import close_prompts, open_prompt
from bot.flows.settling import settle, tell_changed
from bot.flows.when import needs_zone, read_answer, set_slot, slot_at, slot_of, split_message
from bot.texts import has_words
from integrations.chat.incoming import Attachment, AttachmentKind, Inbound, Span
from integrations.chat.outgoing import Reaction
from models.database import db
from models.inbox import Album
from models.post import Media, Post, lock_post
from models.series import Series, lock_series
from scheduling.duplicates import TOGETHER
from scheduling.errors import AlreadyGoingOut
from scheduling.when import Reading, Split

JUST_PASSED = timedelta(minutes=5)
MAX_POSTS_A_MINUTE = 20
_MB = 1_000_000
_STORY_LINE = re.compile(r"[ \t]*(?:post )?(?:as )?(?:a )?story[ \t]*[:.!]?[ \t]*", re.IGNORECASE)
_STORY_LABEL = re.compile(r"[ \t]*story[ \t]*:[ \t]*(?=\S)", re.IGNORECASE)
_OF_THE_TEXT = frozenset(
    {"just_passed", "offered", "without_phrase", "words", "tail_until", "captions", "said_at"}
    | {"reworded"}
)
TAIL_UNDO = timedelta(minutes=10)
"""How long the card of a tail that was booked at once offers to take that back (K15)."""
_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


async def draft_from(
    ctx: Context,
    messages: Sequence[Inbound],
    *,
    at: datetime | None = None,
    account: UUID | None = None,
) -> Post | None:
    """Make one draft of a message or an album; None when there was nothing to make it of.

    With *at* the time is chosen already, and the text is the caption as it stands. With *account*
    it goes there and nowhere else.
    """
    found = [(message, one) for message in in_order(messages) for one in message.attachments]
    refusal = _refusal(ctx, [one for _, one in found])
    if refusal:
        await ctx.say(refusal)
        return None
    if await _is_flooding(ctx):
        await ctx.answer("refuse.slow_down")
        return None
    post = await _new_post(ctx, in_order(messages), [one for _, one in found], at, account)
    await add_media(post, found, ctx, start=0)
    await close_prompts(ctx)
    await settle(post, ctx.house, now=ctx.now)
    await tell_changed(post, now=ctx.now)
    if post.question in {"no_time", "unread", "vague", "invalid", "past"}:
        await open_prompt(ctx, "time", post)
    elif post.question == "zone":
        await open_prompt(ctx, "zone", post)
    _receipt(ctx, messages)
    return post


async def _is_flooding(ctx: Context) -> bool:
    """Say whether this person made more posts in the last minute than a person does (S14)."""
    # By when they were sent: what had to wait for us does not count as a flood.
    since = ctx.said_at - timedelta(minutes=1)
    recent = Post.filter(
        author_id=ctx.member.id, created_at__gt=since, occurrence__id__isnull=True
    )
    return await recent.count() >= MAX_POSTS_A_MINUTE


def in_order(messages: Sequence[Inbound]) -> list[Inbound]:
    """Return the messages of an album in the order they were sent."""
    return sorted(messages, key=lambda message: (len(message.message_ref), message.message_ref))


def kind_of(attachments: Sequence[Attachment]) -> str:
    """Return the kind of post that so many photos and videos make."""
    if len(attachments) > 1:
        return "carousel"
    return "reel" if is_video(attachments[0]) else "image"


def kind_left(kind: str, items: Sequence[Media]) -> str:
    """Return the kind of a post that keeps *items*: what is left of an album may be one photo."""
    if kind != "carousel" or len(items) != 1:
        return kind
    return "reel" if items[0].kind == "video" else "image"


def is_video(one: Attachment) -> bool:
    """Say whether the chat calls this a video; the decoder judges later."""
    return one.kind is AttachmentKind.VIDEO or one.mime.startswith("video/")


def _refusal(ctx: Context, found: Sequence[Attachment]) -> str:
    """Return why none of it can be posted, in words; "" when it can."""
    for one in found:
        if one.kind is AttachmentKind.UNWANTED:
            key = f"unwanted.{one.what.replace(' ', '_')}"
            if not has_words(key):
                return ctx.words("refuse.unwanted_plain")
            return ctx.words("refuse.unwanted", what=ctx.words(key))
        if one.kind is AttachmentKind.ANIMATION:
            return ctx.words("refuse.animation")
    limit = ctx.chat.capabilities.max_fetch_bytes
    if limit and len(found) == 1 and (found[0].size_bytes or 0) > limit:
        size = round((found[0].size_bytes or 0) / _MB)
        return ctx.words("refuse.too_big", size=size, limit=limit // _MB)
    return ""


async def _new_post(
    ctx: Context,
    messages: Sequence[Inbound],
    attachments: Sequence[Attachment],
    at: datetime | None,
    account: UUID | None,
) -> Post:
    first = messages[0]
    spoken = next((message for message in messages if message.text), first)
    post = Post(
        team_id=ctx.team.id,
        author_id=ctx.member.id,
        place_id=ctx.place.id,
        number=await next_number(ctx),
        kind=kind_of(attachments),
        source_ref=first.message_ref,
        source_album=first.album,
        created_at=ctx.said_at,
        updated_at=ctx.now,
        notes={"ask_caption": bool(ctx.team.settings.get("ask_for_caption"))},
    )
    if spoken is not first:
        post.notes["text_ref"] = spoken.message_ref
    if account is not None:
        post.notes["account"] = str(account)
    if at is None:
        take_text(post, spoken.text, spoken.spans, ctx)
    else:
        post.source_text = post.caption = clean(spoken.text)
        set_slot(post, slot_at(at, ctx.member.zone or "UTC"), is_chosen=True)
    await post.save()
    return post


async def next_number(ctx: Context) -> int:
    """Return the number that the team's next post has, taken for good."""
    rows = await db_in_transaction(
        "UPDATE team SET next_number = next_number + 1 WHERE id = $1"
        " RETURNING next_number - 1 AS n",
        ctx.team.id,
    )
    return int(rows[0]["n"])


async def db_in_transaction(sql: str, *values: object) -> list[dict[str, int]]:
    """Run SQL of our own on the connection of the present transaction."""
    rows: list[dict[str, int]] = await db().execute_query_dict(sql, list(values))
    return rows


async def add_media(
    post: Post, found: Sequence[tuple[Inbound, Attachment]], ctx: Context, *, start: int
) -> None:
    """Write down what is to be fetched for *post*, behind the *start* items it has."""
    limit = ctx.chat.capabilities.max_fetch_bytes
    for index, (message, one) in enumerate(found, start=start):
        too_big = bool(limit and (one.size_bytes or 0) > limit)
        await Media.create(
            post=post,
            ordinal=index,
            source=ctx.chat.source,
            file_id=one.file_id,
            unique_id=one.unique_id,
            message_ref=message.message_ref,
            sent_as=one.kind.value,
            claimed_mime=one.mime,
            claimed_bytes=one.size_bytes,
            kind="video" if is_video(one) else "image",
            width=one.width,
            height=one.height,
            duration_seconds=one.duration_seconds,
            state="refused" if too_big else "pending",
            refusal="too_big" if too_big else "",
            next_attempt_at=ctx.now,
            created_at=ctx.now,
        )


# ── the text ─────────────────────────────────────────────────────────────────────────────────


def take_text(post: Post, text: str, spans: Sequence[Span], ctx: Context) -> Split:
    """Read caption and time out of *text* and write both on *post*."""
    text = clean(text)
    rest, is_story, removed = _without_story_label(text)
    inner = [span for span in spans if not removed] if is_story else list(spans)
    zone = ctx.member.zone or "UTC"
    needs = needs_zone(rest, inner, member=ctx.member, said_at=ctx.said_at)
    found = split_message(rest, inner, member=ctx.member, zone=zone, said_at=ctx.said_at)
    post.source_text = text
    post.source_entities = [[span.kind, span.start, span.end] for span in spans]
    if is_story and post.kind in {"image", "reel"}:
        post.kind = "story"
    apply_split(post, found, ctx, needs_zone=needs)
    return found


def apply_split(post: Post, found: Split, ctx: Context, *, needs_zone: bool) -> None:
    """Write what a split found on *post*: caption, words, readings, and the slot if any."""
    reading = found.reading
    post.caption = found.caption
    post.caption_source = "message"
    post.when_words = found.when or ""
    offered = found.offered if not found.when else None
    read = offered or found
    is_read = bool(read.when) or found.place == "two_places"
    post.readings = [one.to_json() for one in read.readings] if is_read else []
    post.notes = {
        **{key: value for key, value in post.notes.items() if key not in _OF_THE_TEXT},
        "needs_zone": needs_zone,
        "phrase": read.when or "",
        "said_at": ctx.said_at.isoformat(),
    }
    if offered:
        post.notes["offered"] = True
    elif found.place == "two_places":
        post.notes["captions"] = [_without_line(found.text, one) for one in found.readings]
    elif found.when and reading.status != "ok":
        post.notes["without_phrase"] = _without_phrase(found)
    is_one = reading.status == "ok" and len(found.readings) == 1
    slot = slot_of(reading, ctx.member.zone or "UTC") if is_one else None
    may_book = books_at_once(found, ctx)
    is_chosen = may_book and (bool(ctx.member.zone) or not needs_zone)
    set_slot(post, slot, is_chosen=is_chosen, recurs=bool(reading.rrule))
    if is_chosen and not found.certain:
        post.notes["tail_until"] = (ctx.now + TAIL_UNDO).isoformat()
    if slot and may_book and _has_just_passed(post, ctx):
        post.notes["just_passed"] = post.when_words


def books_at_once(found: Split, ctx: Context) -> bool:
    """Say whether a split is booked without a tap: it is certain, or the team wants tails so.

    What repeats is started by a tap, wherever it was only found at the end of a caption (K15).
    """
    if found.may_book:
        return True
    is_tail = found.is_suggested and found.place == "tail"
    is_wanted = bool(ctx.team.settings.get("tails_at_once")) and is_tail
    reading = found.reading
    return is_wanted and len(found.readings) == 1 and reading.is_sure and not reading.rrule


def _without_line(text: str, reading: Reading) -> list[str]:
    """Return the caption without the line that *reading* stands on, and that line."""
    start, end = reading.span or (0, 0)
    begins = text.rfind("\n", 0, start) + 1
    ends = text.find("\n", end)
    ends = len(text) if ends < 0 else ends
    before, after = text[:begins].rstrip(), text[ends:].lstrip()
    rest = f"{before}\n{after}" if before and after else before or after
    return [rest, text[start:end]]


def take_line_out(post: Post, index: int) -> None:
    """Take the line of one of two readings out of the caption, once that one was chosen (S7)."""
    captions = post.notes.get("captions")
    if isinstance(captions, list) and index < len(captions) and post.caption == post.source_text:
        post.caption, post.when_words = (str(one) for one in captions[index])
    post.notes = {key: value for key, value in post.notes.items() if key != "captions"}


def _without_phrase(found: Split) -> str:
    """Return the caption as it will be once the time that was asked about is chosen."""
    if found.span is None or found.place not in {"own_line", "tail"}:
        return found.caption
    start, end = found.span
    before, after = found.text[:start].rstrip(), found.text[end:].lstrip()
    return f"{before}\n{after}" if before and after else before or after


def take_phrase_out(post: Post) -> None:
    """Take the phrase out of the caption, once what it asked was answered by a choice."""
    without = post.notes.get("without_phrase")
    if isinstance(without, str) and post.caption == post.source_text:
        post.caption = without
    post.notes = {key: value for key, value in post.notes.items() if key != "without_phrase"}


def _has_just_passed(post: Post, ctx: Context) -> bool:
    """Tell a bare clock that passed a moment ago and so means tomorrow (K13)."""
    if post.due_at is None or ":" not in post.wall_time:
        return False
    a_day = timedelta(days=1)
    if not a_day - JUST_PASSED <= post.due_at - ctx.said_at < a_day:
        return False
    # Said a little earlier, a bare clock means today; words that name a day mean the same day.
    zone, earlier = post.zone or "UTC", ctx.said_at - 2 * JUST_PASSED
    reading = read_answer(post.when_words, member=ctx.member, zone=zone, said_at=earlier)[0]
    return reading.at_utc is not None and post.due_at - reading.at_utc > a_day / 2


def clean(text: str) -> str:
    """Return *text* without NUL, control characters and lone surrogates; all else untouched."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    whole = whole.replace("\ufffd", "") if "\ufffd" not in text else whole
    return whole.replace("\r\n", "\n").translate(_CONTROL)


def _without_story_label(text: str) -> tuple[str, bool, bool]:
    """Take a label line "story" (first or last) out: rest, found, whether offsets moved."""
    lines = text.split("\n")
    for index in dict.fromkeys((len(lines) - 1, 0)):
        if _STORY_LINE.fullmatch(lines[index]):
            return "\n".join(lines[:index] + lines[index + 1 :]).strip("\n"), True, index == 0
        label = _STORY_LABEL.match(lines[index])
        if label:
            lines[index] = lines[index][label.end() :]
            return "\n".join(lines), True, index == 0
    return text, False, False


# ── albums ───────────────────────────────────────────────────────────────────────────────────


async def append_to(post: Post, messages: Sequence[Inbound], ctx: Context) -> None:
    """Add late parts of an album to its post, while it may still change."""
    found = [(message, one) for message in messages for one in message.attachments]
    late = messages
    series = await Series.get_or_none(template_id=post.id)
    if post.stage == "committed" and series is None:
        # It is promised again once the new part is here and was found fit.
        await ctx.house.planner.back_to_draft(post, by=ctx.member, now=ctx.now)
    count = await Media.filter(post_id=post.id).count()
    await add_media(post, found, ctx, start=count)
    # The order of an album is the order it was sent in, not the order it arrived in.
    items = await Media.filter(post_id=post.id)
    items.sort(key=lambda item: (len(item.message_ref), item.message_ref))
    for index, item in enumerate(items):
        if item.ordinal != index:
            item.ordinal = index
            await item.save(update_fields=["ordinal"])
    post.kind = "carousel"
    post.notes = {**post.notes, "added": len(found)}
    await post.save()
    spoken = next((message for message in late if message.text), None)
    if spoken and not post.source_text:
        take_text(post, spoken.text, spoken.spans, ctx)
        await post.save()
    await settle(post, ctx.house, now=ctx.now)
    await tell_changed(post, now=ctx.now)
    held = await lock_series(series.id) if series else None
    if held:
        await ctx.house.recurrences.content_changed(held, now=ctx.now)


async def close_album(album: Album, messages: Sequence[Inbound], ctx: Context) -> None:
    """Make the post of an album that has been quiet, or add what came late."""
    post = await lock_post(album.post_id) if album.post_id else None
    if post is None:
        made = await draft_from(ctx, messages)
        album.post_id = made.id if made else None
        album.closed_at = ctx.now
        await album.save()
        return
    known = {item.message_ref for item in await Media.filter(post_id=post.id)}
    late = [message for message in in_order(messages) if message.message_ref not in known]
    if not any(message.attachments for message in late):
        return
    is_taken = False
    for one in [post, *await companions_of(post)]:
        if one.stage in {"draft", "committed"}:
            with suppress(AlreadyGoingOut):
                await append_to(one, late, ctx)
                is_taken = True
    if is_taken:
        return
    await ctx.answer("album.too_late", number=f"#{post.number}")


async def companions_of(post: Post) -> list[Post]:
    """Return the other posts that the message of *post* asked for, held like it, by number."""
    known = post.notes.get(TOGETHER)
    if not known:
        return []
    found = Post.filter(
        place_id=post.place_id,
        source_ref=post.source_ref,
        notes__contains={TOGETHER: known},
        occurrence__id__isnull=True,
    )
    ids = [one.id for one in await found if one.id != post.id]
    return await Post.filter(id__in=ids).order_by("number").select_for_update()


def _receipt(ctx: Context, messages: Sequence[Inbound]) -> None:
    first = in_order(messages)[0]
    if not first.message_ref:
        return
    ctx.effects.append(lambda: ctx.chat.react(first.place, first.message_ref, Reaction.SEEN))
