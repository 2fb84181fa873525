"""Where a person is (the time zone), and where a card is shown."""

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.cards.buttons import Pressed, payload
from bot.cards.zones import find_zone, guesses
from bot.context import Context, say_in
from bot.flows.changing import answer_time, as_said, read_again
from bot.flows.clocks import say_kept
from bot.flows.prompts import close_prompts, open_prompt
from bot.flows.settling import settle, tell_changed
from bot.flows.when import set_slot_zone, slot_at
from bot.homes import redraw_home_of
from bot.people import ZONE_FROM
from bot.texts.times import clock
from integrations.chat.outgoing import Button
from models.outbox import CardMessage, tell
from models.post import WAITING_STATES, Post
from models.series import Series, lock_series
from scheduling.errors import AlreadyGoingOut, PlanningError

VERBS = frozenset({"mzone", "zask", "zwall", "zinst"})


async def on_press(pressed: Pressed, ctx: Context) -> None:
    """Do what a button about the person's zone says."""
    if pressed.subject != ctx.member.id:
        ctx.toast("toast.not_yours", is_alert=True)
        return
    if pressed.verb in {"zwall", "zinst"}:
        await _keep_planned(ctx, keep_wall=pressed.verb == "zwall")
        ctx.toast("toast.done")
    elif pressed.verb == "zask":
        await ask_zone(ctx)
        ctx.toast("toast.done")
    else:
        await choose_guess(pressed, ctx)


async def ask_zone(ctx: Context) -> None:
    """Say which zone the person has, and offer others; a city may be typed, too."""
    names, zone = guesses(ctx.member), ctx.member.zone
    buttons = [
        [
            Button(
                ctx.words(
                    "button.zone_is",
                    clock=clock(ctx.now, name),
                    city=name.rsplit("/", 1)[-1].replace("_", " "),
                ),
                payload(f"mzone{index}", ctx.member.id, 0),
            )
        ]
        for index, name in enumerate(names)
        if name != zone
    ]
    if zone:
        await ctx.answer("zone.ask", buttons=buttons, zone=zone, clock=clock(ctx.now, zone))
    else:
        await ctx.answer("zone.ask_first", buttons=buttons, clock=clock(ctx.now, names[0]))
    await open_prompt(ctx, "zone")


async def choose_guess(pressed: Pressed, ctx: Context) -> None:
    """Take one of the offered zones."""
    index = pressed.index_of("mzone")
    index = pressed.index_of("zone") if index is None else index
    names = guesses(ctx.member)
    if index is None or index >= len(names):
        ctx.toast("toast.stale")
        return
    await set_zone(names[index], ctx)
    ctx.toast("toast.done")


async def answer_city(words: str, ctx: Context) -> bool:
    """Take a typed city or zone; False when there is none of that name."""
    zone = find_zone(words)
    if zone is None:
        await ctx.answer("zone.not_known", words=words[:60])
        return False
    await set_zone(zone, ctx)
    return True


async def set_zone(zone: str, ctx: Context) -> None:
    """Remember the zone, read again what waited for it, ask about planned posts."""
    before = ctx.member.zone
    ctx.member.zone = zone
    ctx.member.hints = {key: one for key, one in ctx.member.hints.items() if key != ZONE_FROM}
    await ctx.member.save(update_fields=["zone", "hints"])
    await redraw_home_of(ctx.member.id, now=ctx.now)
    await close_prompts(ctx)
    waiting = await Post.filter(author_id=ctx.member.id, stage="draft", question="zone")
    held = Post.filter(id__in=[one.id for one in waiting]).order_by("number")
    for post in await held.select_for_update():
        await read_again(post, ctx)
    if not before:
        # "In two hours" was planned without knowing where: that was no zone of anybody's.
        await _move_pending(ctx, keep_wall=False)
        await _rezone_drafts(zone, ctx)
    answered = await _answer_waiting_times(ctx)
    if not waiting and not answered:
        await ctx.answer("zone.set", zone=zone, clock=clock(ctx.now, zone))
    if before and before != zone:
        await _ask_about_planned(ctx)


async def _ask_about_planned(ctx: Context) -> None:
    """Ask whether what is planned keeps its clock times or its moments (b36)."""
    planned, repeating = await _planned(ctx), await _series(ctx)
    numbers = ", ".join(f"S{one.number}" for one in repeating)
    words = [ctx.words("zone.pending", count=len(planned))] if planned else []
    if repeating and planned:
        words.append(ctx.words("zone.with_series", numbers=numbers))
    elif repeating:
        zones = ", ".join(dict.fromkeys(one.zone for one in repeating))
        words.append(ctx.words("zone.only_series", numbers=numbers, zone=zones))
    if words:
        wall = Button(ctx.words("button.zone_wall"), payload("zwall", ctx.member.id, 0))
        instant = Button(ctx.words("button.zone_instant"), payload("zinst", ctx.member.id, 0))
        await ctx.answer("plain", text=" ".join(words), buttons=[[wall, instant]])


async def _keep_planned(ctx: Context, *, keep_wall: bool) -> None:
    """Keep the clock times of what is planned, or its moments, and say so."""
    zone = ctx.member.zone or "UTC"
    # Series that stay have a word of their own below.
    count = len(await _planned(ctx)) + (len(await _series(ctx)) if keep_wall else 0)
    await _move_pending(ctx, keep_wall=keep_wall)
    if count:
        key = "zone.kept_wall" if keep_wall else "zone.kept_instant"
        await ctx.answer(key, zone=zone, count=count)
    await _rezone_series(zone, ctx, keep_wall=keep_wall)


async def _rezone_drafts(zone: str, ctx: Context) -> None:
    """Show the moments that drafts have already in the zone that is known now."""
    drafts = Post.filter(author_id=ctx.member.id, stage="draft", zone="UTC").order_by("number")
    for post in await drafts.filter(due_at__isnull=False).select_for_update():
        if post.due_at is not None:
            set_slot_zone(post, zone)
            await settle(post, ctx.house, now=ctx.now)
            await tell_changed(post, now=ctx.now)


async def _answer_waiting_times(ctx: Context) -> bool:
    """Read the new times of planned posts that waited for the zone; True when there were any."""
    mine = {"asked_by": str(ctx.member.id), "menu": "zone"}
    waiting = (
        await Post.filter(team_id=ctx.team.id, stage="committed", notes__contains=mine)
        .order_by("number")
        .select_for_update()
    )
    for post in waiting:
        words, asked_at = str(post.notes.get("asked_words") or ""), post.notes.get("asked_at")
        kept = {key: value for key, value in post.notes.items() if not key.startswith("asked_")}
        post.notes = {key: value for key, value in kept.items() if key != "menu"}
        post.rev += 1
        await post.save()
        await tell_changed(post, now=ctx.now)
        with suppress(AlreadyGoingOut):
            await answer_time(post, words, as_said(asked_at, ctx))
    return bool(waiting)


async def _planned(ctx: Context) -> list[Post]:
    """Return the person's planned posts; runs of a series keep the zone of their series."""
    return (
        await Post.filter(
            author_id=ctx.member.id,
            stage="committed",
            targets__state__in=WAITING_STATES,
            occurrence__id__isnull=True,
        )
        .distinct()
        .order_by("due_at")
    )


async def _series(ctx: Context) -> list[Series]:
    """Return the person's series that go by another zone than theirs."""
    found = Series.filter(author_id=ctx.member.id, state__in=("active", "paused"))
    return await found.exclude(zone=ctx.member.zone or "UTC").order_by("number")


async def _rezone_series(zone: str, ctx: Context, *, keep_wall: bool) -> None:
    """Have series go by the clock of *zone*, or say that they stay with the one they have."""
    stays: dict[str, list[str]] = {}
    for one in await _series(ctx):
        series = await lock_series(one.id)
        if series is None:
            continue
        if keep_wall:
            kept = await ctx.house.recurrences.change_zone(series, zone, now=ctx.now)
            await say_kept(series, kept, ctx)
        else:
            stays.setdefault(series.zone, []).append(f"S{series.number}")
    for stayed, numbers in stays.items():
        await ctx.answer("zone.series_stays", numbers=", ".join(numbers), zone=stayed)


async def _move_pending(ctx: Context, *, keep_wall: bool) -> None:
    zone = ctx.member.zone or "UTC"
    ids = [one.id for one in await _planned(ctx)]
    for post in await Post.filter(id__in=ids).order_by("number").select_for_update():
        if post.due_at is None or post.zone == zone:
            continue
        at = post.due_at
        if keep_wall:
            wall = datetime.fromisoformat(post.wall_time)
            at = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        if at > ctx.now:
            slot = slot_at(at, zone)
            # What is going out right now stays as it is; the others are still moved.
            with suppress(PlanningError):
                await ctx.house.planner.move(post, slot, by=ctx.member, now=ctx.now)


async def show_card(post: Post, ctx: Context) -> None:
    """Show a post's card here, at the bottom; the old one says where it went."""
    card = await CardMessage.get_or_none(
        subject_kind="post", subject_id=post.id, place_id=ctx.place.id, purpose="card"
    )
    if card and card.message_ref:
        old = card.message_ref
        card.message_ref, card.shown_hash = "", ""
        await card.save(update_fields=["message_ref", "shown_hash"])
        words = ctx.words("moved_below", number=f"#{post.number}")
        await say_in(ctx.place, words, now=ctx.now, replaces=old, language=ctx.language)
    if post.notes.get("series") and not post.notes.get("opened"):
        post.notes = {**post.notes, "opened": True}
        await post.save(update_fields=["notes"])
    await tell_changed(post, now=ctx.now)
    if card is None or _is_out_of_sight(ctx):
        # The first time it is shown here; from then on it is kept true here as well.
        under = {"under": ctx.inbound.reply_to} if _is_out_of_sight(ctx) else {}
        await tell(
            "post", post.id, "changed", place_id=ctx.place.id, payload={**under}, now=ctx.now
        )


def _is_out_of_sight(ctx: Context) -> bool:
    """Say whether whoever asks for a card here would not see it below its own message."""
    return ctx.chat.capabilities.can_thread and ctx.inbound.place.is_private
