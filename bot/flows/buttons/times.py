"""The buttons about when a post goes out."""

from collections.abc import Mapping
from datetime import timedelta

from bot.cards.buttons import Pressed
from bot.cards.post import tail_is_open
from bot.cards.questions import choices_of, quick_time, readings_of
from bot.cards.views import PostView
from bot.context import Context
from bot.flows import forms
from bot.flows.buttons.handler import Handler, say_booked
from bot.flows.changing import ask_zone_for, choose_slot, leave_menu, open_menu, series_of
from bot.flows.drafting import take_line_out, take_phrase_out
from bot.flows.prompts import close_prompts, open_prompt
from bot.flows.settling import settle_and_show, tell_changed
from bot.flows.together import schedule_all
from bot.flows.when import set_slot, slot_at, slot_of
from models.post import Post

_SOON = timedelta(seconds=2)


async def _schedule(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    post.notes = {**post.notes, "chosen": True}
    post.changed_by_id = ctx.member.id
    await settle_and_show(post, ctx)
    await close_prompts(ctx, post)
    say_booked(post, ctx)


async def _alternative(post: Post, view: PostView, pressed: Pressed, ctx: Context) -> None:
    index = pressed.index_of("alt")
    choices = choices_of(view)
    if index is None or index >= len(choices):
        ctx.toast("toast.stale")
        await tell_changed(post, now=ctx.now)
        return
    chosen = choices[index]
    take_line_out(post, readings_of(view).index(chosen) if "captions" in post.notes else 0)
    if chosen.rrule:
        post.readings = [chosen.to_json()]
        set_slot(post, slot_of(chosen, view.zone), is_chosen=True, recurs=True)
        await settle_and_show(post, ctx)
        ctx.toast("toast.scheduled")
        return
    slot = slot_of(chosen, view.zone)
    if slot is None or slot.due_at <= ctx.now:
        ctx.toast("toast.has_passed")
        return
    await choose_slot(post, slot, ctx)
    await close_prompts(ctx, post)
    say_booked(post, ctx)


async def _both(post: Post, view: PostView, _pressed: Pressed, ctx: Context) -> None:
    """Make a post of each time that was read (K17)."""
    choices = choices_of(view) if post.question == "several" else []
    if post.stage != "draft" or len(choices) < 2:  # noqa: PLR2004 - with one left it is no list
        await settle_and_show(post, ctx)
        ctx.toast("toast.stale")
        return
    posts = await schedule_all(post, choices, ctx)
    await close_prompts(ctx, post)
    is_all = all(one.stage == "committed" for one in posts)
    ctx.toast("toast.scheduled" if is_all else "toast.done")


async def _unbook(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    """Take back what was booked at once from the end of a caption; its time is asked again."""
    if post.stage != "committed" or not tail_is_open(post, now=ctx.now):
        ctx.toast("toast.undo_over")
        await tell_changed(post, now=ctx.now)
        return
    await ask_again(post, ctx)
    ctx.toast("toast.done")


async def ask_again(post: Post, ctx: Context, *, offered: str = "") -> None:
    """Take a scheduled post back and ask about its time, or whether *offered* is one."""
    await ctx.house.planner.back_to_draft(post, by=ctx.member, now=ctx.now)
    kept = {key: value for key, value in post.notes.items() if key not in {"tail_until", "menu"}}
    post.notes = {**kept, "chosen": False}
    if offered:
        post.notes |= {"offered": True, "phrase": offered}
        set_slot(post, None, is_chosen=False)
    await settle_and_show(post, ctx)


async def _quick(post: Post, view: PostView, pressed: Pressed, ctx: Context) -> None:
    if not ctx.member.zone and pressed.verb in {"tonight", "tomo"}:
        words = {"tonight": "today 20:00", "tomo": "tomorrow 9am"}[pressed.verb]
        await ask_zone_for(post, words, ctx)
        ctx.toast("toast.type_city")
        return
    at = quick_time(pressed.verb, view)
    if at is None or at <= ctx.now:
        ctx.toast("toast.has_passed")
        return
    await choose_slot(post, slot_at(at, view.zone), ctx)
    await close_prompts(ctx, post)
    say_booked(post, ctx)


async def _time(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    if forms.can_open(ctx) and not await series_of(post):
        await forms.open_time(post, ctx)
        return
    await open_menu(post, "time", ctx)
    await open_prompt(ctx, "time", post)
    ctx.toast("toast.type_time")


async def _now(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    await open_menu(post, "now", ctx)
    ctx.toast("toast.done")


async def _publish_now(post: Post, view: PostView, _pressed: Pressed, ctx: Context) -> None:
    leave_menu(post)
    await close_prompts(ctx, post)
    if post.stage == "draft":
        take_phrase_out(post)
        set_slot(post, slot_at(ctx.now + _SOON, view.zone), is_chosen=True)
        await settle_and_show(post, ctx)
        ctx.toast("toast.publishing" if post.stage == "committed" else "toast.done")
        return
    await ctx.house.planner.publish_now(post, by=ctx.member, now=ctx.now)
    ctx.toast("toast.publishing")


async def _schedule_anyway(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    """Book a slot although the platform may have no room for it then."""
    post.notes = {**post.notes, "crowd_ok": post.due_at.isoformat() if post.due_at else ""}
    post.changed_by_id = ctx.member.id
    await settle_and_show(post, ctx)
    await close_prompts(ctx, post)
    say_booked(post, ctx)


HANDLERS: Mapping[str, Handler] = {
    "sched": _schedule,
    "both": _both,
    "unbook": _unbook,
    "alt": _alternative,
    "hour": _quick,
    "tonight": _quick,
    "tomo": _quick,
    "same": _quick,
    "time": _time,
    "now": _now,
    "nowyes": _publish_now,
    "pnow": _publish_now,
    "crowdok": _schedule_anyway,
}
