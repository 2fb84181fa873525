"""Changes to a post, the same whether a button, typed words or an edit asked for them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.cards.views import view_of
from bot.context import Context
from bot.flows.clocks import change_clock
from bot.flows.drafting import books_at_once, clean, take_phrase_out, take_text
from bot.flows.prompts import close_prompts, open_prompt
from bot.flows.settling import LATE_BUT_MEANT, complaints_of, is_doubtful, settle, tell_changed
from bot.flows.when import depends_on_zone, profile_of, read_answer, set_slot, slot_of
from bot.texts.times import moment
from integrations.chat.incoming import Inbound, Span
from models.outbox import tell
from models.post import Media, Post, Target
from models.rearrangement import Rearrangement
from models.series import Series, lock_series
from models.team import Member
from scheduling.duplicates import TOGETHER
from scheduling.errors import AlreadyGoingOut
from scheduling.planner import Slot
from scheduling.rearranging.changes import Change
from scheduling.rearranging.queue import slot_of_post
from scheduling.rearranging.sentence import Reply
from scheduling.recurring.runs import clocks_of, is_same_but_for_the_clock
from scheduling.when import Reading, Split, read_with_fallback

CHANGEABLE = frozenset({"draft", "committed"})
UNDO = timedelta(minutes=10)


async def choose_slot(post: Post, slot: Slot, ctx: Context) -> None:
    """Give *post* the time *slot*: settles a draft, moves what is scheduled.

    Raises:
        AlreadyGoingOut: too late, it is being published or is out.
    """
    leave_menu(post)
    if post.stage == "committed":
        # The words of the message no longer say when it goes out.
        post.notes = {**post.notes, "moved": True}
        await ctx.house.planner.move(post, slot, by=ctx.member, now=ctx.now)
        await ask_about_twins(post, ctx)
        return
    take_phrase_out(post)
    post.notes = {**post.notes, "reworded": not _is_as_written(post, slot)}
    set_slot(post, slot, is_chosen=True)
    await settle(post, ctx.house, now=ctx.now)
    await tell_changed(post, now=ctx.now)


def _is_as_written(post: Post, slot: Slot) -> bool:
    """Say whether *slot* is what the words of a draft's message can mean."""
    if str(post.notes.get("phrase") or post.when_words) != post.when_words:
        return False
    readings = [Reading.from_json(found) for found in post.readings]
    meant = [one for reading in readings for one in (reading, *reading.alternatives)]
    return any(one.at_utc == slot.due_at for one in meant)


async def answer_time(post: Post, words: str, ctx: Context) -> bool:
    """Take typed words as the new time of *post*; False when they are no time."""
    zone = post.zone or ctx.member.zone or "UTC"
    readings = read_answer(words, member=ctx.member, zone=zone, said_at=ctx.said_at)
    if readings[0].status != "ok" and readings[0].why == "unread":
        # Another language than ours: only ever a suggestion, so it is tapped before it counts.
        profile = profile_of(ctx.member, zone)
        readings = await read_with_fallback(words, now=ctx.said_at, profile=profile)
    first = readings[0]
    if first.status == "none" or (first.status == "ask" and not _has_choices(readings)):
        await _say_unread(words, first, ctx)
        return False
    said_at = ctx.said_at
    if not ctx.member.zone and depends_on_zone(words, member=ctx.member, said_at=said_at):
        await ask_zone_for(post, words, ctx)
        return True
    slot = slot_of(first, zone)
    if post.stage == "committed" and slot and slot.due_at < ctx.now - LATE_BUT_MEANT:
        # It was ahead when it was written; it waited for the answer to another question.
        await ctx.answer("ask.past", what=ctx.words("quoted", words=words))
        return True
    if first.rrule and post.stage == "draft" and slot and len(readings) == 1:
        await _recur(post, first, slot, ctx)
        return True
    if first.rrule and post.stage == "committed":
        await ctx.answer("time.not_recurring", number=f"#{post.number}", words=words[:80])
        return True
    if len(readings) == 1 and first.is_sure and slot:
        await move_to(post, slot, ctx)
        return True
    await _offer(post, readings, words, ctx)
    return True


async def answer_goal(post: Post, reply: Reply, words: str, ctx: Context) -> bool:
    """Take plain words in answer to a card; "friday" keeps its clock, "10:00" its day.

    Raises:
        AlreadyGoingOut: too late.
    """
    before = slot_of_post(post)
    if before is None or reply.goals[0].kind == "moment":
        first = read_answer(
            reply.phrase, member=ctx.member, zone=post.zone or "UTC", said_at=ctx.said_at
        )[0]
        is_read = first.status == "ok" or (first.status == "ask" and first.why != "unread")
        return await answer_time(post, reply.phrase if is_read else words, ctx)
    slots = [goal.slot_from(before) for goal in reply.goals]
    ahead = [slot for slot in slots if slot.due_at > ctx.now]
    if not ahead:
        await ctx.answer("ask.past", what=ctx.words("quoted", words=words))
    elif len(slots) > 1:
        choices = tuple(_reading_of(slot) for slot in ahead)
        asked = Reading("ask", before.zone, why="ambiguous", alternatives=choices)
        await _offer(post, [asked], reply.phrase, ctx)
    elif ahead == [before]:
        when = moment(before.due_at, before.zone, now=ctx.now, language=ctx.language)
        await ctx.answer("time.same", number=f"#{post.number}", moment=when)
    else:
        await move_to(post, ahead[0], ctx)
    return True


def _reading_of(slot: Slot) -> Reading:
    wall = datetime.fromisoformat(slot.wall_time)
    return Reading("ok", slot.zone, at_utc=slot.due_at, local=wall)


async def move_to(post: Post, slot: Slot, ctx: Context) -> None:
    """Give *post* the time that words named; what was planned before is told, with Undo."""
    before = slot_of_post(post) if post.stage == "committed" else None
    was_moved = bool(post.notes.get("moved"))
    await choose_slot(post, slot, ctx)
    await close_prompts(ctx, post)
    if post.stage == "committed" and before is not None and before.due_at != slot.due_at:
        await note_moved(post, before, was_moved=was_moved, ctx=ctx)


async def note_moved(post: Post, before: Slot, *, was_moved: bool, ctx: Context) -> None:
    """Say that a post was moved by words ("09:00 → 10:00"); it can be undone for a while."""
    change = Change(
        post.number,
        post.id,
        before=before,
        after=slot_of_post(post),
        outcome="done",
        was_moved=was_moved,
    )
    kept = await Rearrangement.create(
        team_id=ctx.team.id,
        member_id=ctx.member.id,
        place_id=ctx.place.id,
        kind="answer",
        state="applied",
        message_ref=_told_under(post, ctx),
        changes=[change.to_json()],
        created_at=ctx.now,
        applied_at=ctx.now,
        undo_until=ctx.now + UNDO,
    )
    await tell("rearrangement", kept.id, "changed", place_id=ctx.place.id, now=ctx.now)


def _told_under(post: Post, ctx: Context) -> str:
    """Return the message that a change of *post* is told under: what asked for it, or its own."""
    said = ctx.inbound
    if said.press:
        return ""
    return said.message_ref or (post.source_ref if post.place_id == ctx.place.id else "")


async def _recur(post: Post, reading: Reading, slot: Slot, ctx: Context) -> None:
    """Take a typed recurrence; one that is flagged is shown and started by a press."""
    post.readings = [reading.to_json()]
    set_slot(post, slot, is_chosen=reading.is_sure, recurs=True)
    await settle(post, ctx.house, now=ctx.now)
    await tell_changed(post, now=ctx.now)
    if reading.is_sure:
        await close_prompts(ctx, post)


async def _offer(post: Post, readings: list[Reading], words: str, ctx: Context) -> None:
    post.readings = [one.to_json() for one in readings]
    post.notes = {**post.notes, "words": words, "phrase": words}
    if post.stage == "committed":
        post.notes["menu"] = "choices"
        post.rev += 1
        await post.save()
    else:
        post.notes.pop("menu", None)
        first = slot_of(readings[0], post.zone or ctx.member.zone or "UTC")
        set_slot(post, first if readings[0].status == "ok" else None, is_chosen=False)
        await settle(post, ctx.house, now=ctx.now)
    await tell_changed(post, now=ctx.now)


async def ask_zone_for(post: Post, words: str, ctx: Context) -> None:
    """Ask where the person is before *words* can be read; they are read again afterwards."""
    if post.stage == "committed":
        # It stays planned as it is until the answer comes.
        asked = {"menu": "zone", "asked_words": words, "asked_by": str(ctx.member.id)}
        asked["asked_at"] = ctx.said_at.isoformat()
        post.notes = {**post.notes, **asked}
        post.rev += 1
        await post.save()
        await tell_changed(post, now=ctx.now)
        await open_prompt(ctx, "zone", post)
        return
    post.readings = []
    said_at = ctx.said_at.isoformat()
    post.notes = {**post.notes, "needs_zone": True, "phrase": words, "typed": True}
    post.notes["said_at"] = said_at
    post.notes.pop("menu", None)
    set_slot(post, None, is_chosen=False)
    await settle(post, ctx.house, now=ctx.now)
    await tell_changed(post, now=ctx.now)
    await open_prompt(ctx, "zone", post)


async def read_again(post: Post, ctx: Context) -> None:
    """Read a draft's phrase again, now that the person's zone is known.

    It means what it meant when it was written: "in 2 hours" does not begin with the answer.
    """
    ctx = as_said(post.notes.get("said_at"), ctx)
    phrase = str(post.notes.get("phrase") or "")
    post.notes = {**post.notes, "needs_zone": False}
    if post.notes.pop("typed", None):
        readings = read_answer(
            phrase, member=ctx.member, zone=ctx.member.zone or "UTC", said_at=ctx.said_at
        )
        first = readings[0]
        post.readings = [one.to_json() for one in readings]
        slot = slot_of(first, ctx.member.zone or "UTC") if first.status == "ok" else None
        is_chosen = len(readings) == 1 and first.is_sure
        set_slot(post, slot, is_chosen=is_chosen, recurs=bool(first.rrule))
    else:
        take_text(post, post.source_text, _spans_of(post), ctx)
    await settle(post, ctx.house, now=ctx.now)
    await tell_changed(post, now=ctx.now)


def as_said(said_at: object, ctx: Context) -> Context:
    """Return *ctx* as of when words were written that are only read now."""
    return replace(ctx, said_at=datetime.fromisoformat(str(said_at))) if said_at else ctx


def _spans_of(post: Post) -> list[Span]:
    """Return the formatting of the text that *post* was made of."""
    return [
        Span(str(kind), int(str(start)), int(str(end)))
        for kind, start, end in post.source_entities
    ]


async def set_caption(post: Post, text: str, ctx: Context, *, source: str) -> None:
    """Give *post* the caption *text*, exactly as written.

    Raises:
        AlreadyGoingOut: too late.
    """
    post.caption = clean(text)
    post.caption_source = source
    post.notes = {**post.notes, "caption_from_edit": source == "message"}
    leave_menu(post)
    await content_changed(post, ctx)


async def content_changed(post: Post, ctx: Context) -> None:
    """Go on after caption, media or kind of *post* changed.

    A scheduled post that its platform would now refuse goes back to the draft and says why.

    Raises:
        AlreadyGoingOut: too late.
    """
    if post.stage == "committed":
        await ctx.house.planner.content_changed(post, by=ctx.member, now=ctx.now)
        await post.save()
        complaints = complaints_of(await view_of(post, now=ctx.now), ctx.house)
        if complaints:
            await ctx.house.planner.back_to_draft(post, by=ctx.member, now=ctx.now)
            await settle(post, ctx.house, now=ctx.now)
        else:
            await ask_about_twins(post, ctx)
    else:
        await settle(post, ctx.house, now=ctx.now)
    await tell_changed(post, now=ctx.now)


async def ask_about_twins(post: Post, ctx: Context) -> None:
    """Take a scheduled post back to the draft when it now looks like another one (K7).

    The same when its new slot is more than the platform allows.

    Raises:
        AlreadyGoingOut: too late.
    """
    view = await view_of(post, now=ctx.now)
    if post.stage != "committed" or post.due_at is None:
        return
    if await is_doubtful(view):
        set_slot(post, Slot(post.due_at, post.wall_time, post.zone), is_chosen=True)
        await ctx.house.planner.back_to_draft(post, by=ctx.member, now=ctx.now)
        await settle(post, ctx.house, now=ctx.now)


async def follow_edit(post: Post, message: Inbound, ctx: Context) -> None:
    """Have the card follow when the person edits the message it came from (behaviour 16).

    Raises:
        AlreadyGoingOut: too late.
    """
    series = await series_of(post)
    before_caption, before_words = post.caption, post.when_words
    before_slot = (post.due_at, post.wall_time, post.zone)
    readings, notes = post.readings, dict(post.notes)
    found = take_text(post, message.text, message.spans, ctx)
    reading = _own_reading(found, notes, ctx)
    moved = reading is not None and post.when_words.casefold() != before_words.casefold()
    if post.stage == "draft" and not notes.get(TOGETHER):
        post.notes["caption_from_edit"] = True
        await settle(post, ctx.house, now=ctx.now)
        await tell_changed(post, now=ctx.now)
        return
    recurs = moved and bool(reading and reading.rrule)
    if recurs and not (series and await _follow_clock(series, reading, ctx)):
        key = "series.clock_only" if series else "time.not_recurring"
        await ctx.answer(key, number=f"#{post.number}", words=post.when_words[:80])
        post.when_words = before_words
    moved = moved and not recurs
    slot = slot_of(reading, ctx.member.zone or "UTC") if moved and reading else None
    same_words = post.when_words.casefold() == before_words.casefold()
    if not moved and not same_words and not recurs:
        # A time that is not certain moves nothing; its words stay where they were written.
        post.caption, post.when_words = clean(message.text), before_words
    post.due_at, post.wall_time, post.zone = before_slot
    post.readings, post.notes = readings, {**notes, "caption_from_edit": True}
    if series:
        await Post.filter(id=post.id).update(
            caption=post.caption,
            source_text=post.source_text,
            source_entities=post.source_entities,
            when_words=post.when_words,
            notes=post.notes,
        )
        await ctx.house.recurrences.content_changed(series, now=ctx.now)
        return
    if slot and post.stage == "draft":
        # One of several: its own time moves, and nothing is asked again.
        set_slot(post, slot, is_chosen=True)
    if post.caption != before_caption or post.stage == "draft":
        await content_changed(post, ctx)
    if slot and post.stage == "committed":
        post.notes.pop("moved", None)
        await ctx.house.planner.move(post, slot, by=ctx.member, now=ctx.now)
    await post.save()
    await tell_changed(post, now=ctx.now)


def _own_reading(found: Split, notes: Mapping[str, object], ctx: Context) -> Reading | None:
    """Return the time that an edited text gives a post for certain, None where it gives none.

    Of a list of times each of the posts that it made has its own (K17).
    """
    if not notes.get(TOGETHER):
        return found.reading if books_at_once(found, ctx) else None
    nth, readings = int(str(notes.get("nth") or 0)), found.readings
    is_same_list = found.certain and len(readings) == notes.get("of")
    return readings[nth] if is_same_list and all(one.is_sure for one in readings) else None


async def _follow_clock(series: Series, reading: Reading | None, ctx: Context) -> bool:
    """Follow an edit that changes the time of day of a series and nothing else of its rule."""
    rule = reading.rrule if reading else None
    if not rule or not is_same_but_for_the_clock(series.rule, rule):
        return False
    wanted = clocks_of(rule)
    return wanted == clocks_of(series.rule) or await change_clock(series, wanted, ctx)


async def series_of(post: Post) -> Series | None:
    """Return the series whose template *post* is, held until the transaction ends."""
    found = await Series.get_or_none(template_id=post.id)
    return await lock_series(found.id) if found else None


async def describe(post: Post, text: str, ctx: Context) -> None:
    """Give the pictures of *post* their descriptions, one line each.

    Raises:
        AlreadyGoingOut: too late.
    """
    items = [
        item
        for item in await Media.filter(post_id=post.id).order_by("ordinal")
        if item.state != "removed" and item.kind == "image"
    ]
    lines = clean(text).split("\n") if len(items) > 1 else [clean(text).replace("\n", " ")]
    for item, line in zip(items, lines, strict=False):
        item.alt_text = line.strip()
        await item.save(update_fields=["alt_text"])
    leave_menu(post)
    await content_changed(post, ctx)
    await ctx.answer("alt.saved", count=min(len(items), len(lines)))


async def open_menu(post: Post, menu: str, ctx: Context) -> None:
    """Show the second page of a card (times, caption, more …)."""
    post.notes = {**post.notes, "menu": menu}
    post.rev += 1
    await post.save()
    await tell_changed(post, now=ctx.now)


async def close_menu(post: Post, ctx: Context) -> None:
    """Back to the first page of a card."""
    leave_menu(post)
    post.rev += 1
    await post.save()
    await tell_changed(post, now=ctx.now)


def leave_menu(post: Post) -> None:
    """Take the first page of a card again; the caller saves the post."""
    post.notes = {key: value for key, value in post.notes.items() if key != "menu"}


async def is_going_out(post: Post) -> str:
    """Return "published" or "publishing" when it is too late to change *post*, else ""."""
    states = {target.state for target in await Target.filter(post_id=post.id)}
    if "published" in states:
        return "published"
    return "publishing" if {"publishing", "unconfirmed"} & states else ""


def is_about_time(words: str, ctx: Context) -> bool:
    """Say whether *words* are a time, or nearly one (so that it is worth asking back)."""
    zone = ctx.member.zone or "UTC"
    first = read_answer(words, member=ctx.member, zone=zone, said_at=ctx.said_at)[0]
    return first.status == "ok" or (first.status == "ask" and first.why not in {"unread", None})


def _has_choices(readings: list[Reading]) -> bool:
    return len(readings) > 1 or bool(readings[0].alternatives) or bool(readings[0].day)


async def _say_unread(words: str, reading: Reading, ctx: Context) -> None:
    if reading.why == "past":
        await ctx.answer("ask.past", what=ctx.words("quoted", words=words))
    elif reading.why in {"invalid", "vague"}:
        await ctx.answer(f"ask.{reading.why}", words=words)
    elif reading.why == "too_far":
        await ctx.answer("ask.too_far")
    elif reading.unread:
        word = words[reading.unread[0] : reading.unread[1]] or words
        await ctx.answer("time.not_read_word", word=word)
    else:
        await ctx.answer("time.not_read", words=words[:80])


def who_changed(member: Member | None) -> str:
    """Return the name of whoever changed a post last."""
    return member.name if member else ""


__all__ = [
    "CHANGEABLE",
    "UNDO",
    "AlreadyGoingOut",
    "answer_goal",
    "answer_time",
    "as_said",
    "ask_zone_for",
    "choose_slot",
    "close_menu",
    "content_changed",
    "describe",
    "follow_edit",
    "is_about_time",
    "is_going_out",
    "move_to",
    "open_menu",
    "read_again",
    "series_of",
    "set_caption",
    "who_changed",
]
