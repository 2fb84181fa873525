"""A pressed button of a post's card. The right is asked here, at the press; the first one wins."""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from bot.cards.buttons import Pressed, read_payload
from bot.cards.post import tail_is_open
from bot.cards.questions import choices_of, quick_time, readings_of
from bot.cards.views import PostView, view_of
from bot.context import Context
from bot.flows import (
    accounts,
    forgetting,
    forms,
    languages,
    linking,
    missed,
    moving,
    places,
    series,
    settings,
)
from bot.flows.changing import (
    CHANGEABLE,
    ask_zone_for,
    choose_slot,
    close_menu,
    content_changed,
    open_menu,
    series_of,
    set_caption,
)
from bot.flows.drafting import kind_left, take_line_out, take_phrase_out
from bot.flows.prompts import close_prompts, open_prompt
from bot.flows.settling import settle, tell_changed
from bot.flows.together import schedule_all
from bot.flows.when import set_slot, slot_at, slot_of
from bot.texts.times import clock
from models.outbox import Audit
from models.post import Media, Post, lock_post
from models.series import Occurrence
from models.team import Member
from scheduling.duplicates import allow_twins, twins_of
from scheduling.errors import AccountNotReady, AlreadyGoingOut, PlanningError

Handler = Callable[[Post, PostView, Pressed, Context], Awaitable[None]]
_SOON = timedelta(seconds=2)
_ANSWERED_BY = {
    **dict.fromkeys(("no_time", "unread", "vague", "invalid", "past", "past_slot"), "time"),
    **dict.fromkeys(("suggested", "several", "two_readings", "ambiguous", "offered"), "time"),
    "zone": "zone",
    "no_caption": "caption",
}
"""What typed words mean to the open question of a draft."""

_NUMBERED = re.compile(r"\d+$")
_OF_NO_REV = frozenset({"open", "usecap", "full"})
"""Buttons that mean the same whatever became of the card meanwhile."""


async def on_press(ctx: Context) -> None:
    """Do what a button says, or say why not; every press is answered."""
    press = ctx.inbound.press
    pressed = read_payload(press.payload) if press else None
    if press is None or pressed is None:
        await _audit_forged(ctx, press.payload if press else "")
        ctx.toast("toast.out_of_date")
        return
    base = _NUMBERED.sub("", pressed.verb)
    if base in accounts.VERBS:
        await accounts.on_press(pressed, ctx)
    elif base in places.VERBS:
        await places.on_press(pressed, ctx)
    elif base in missed.VERBS:
        await missed.on_press(pressed, ctx)
    elif base in moving.VERBS:
        await moving.on_press(pressed, ctx)
    elif base in languages.VERBS:
        await languages.on_press(pressed, ctx)
    elif base in forms.VERBS:
        await forms.on_press(pressed, ctx)
    elif base in settings.VERBS:
        await settings.on_press(pressed, ctx)
    elif base in linking.VERBS:
        await linking.on_press(pressed, ctx)
    elif base in forgetting.VERBS:
        await forgetting.on_press(pressed, ctx)
    else:
        await _on_post_press(pressed, base, ctx)


async def _on_post_press(pressed: Pressed, base: str, ctx: Context) -> None:
    handler = _HANDLERS.get(base) or (_more if base in series.VERBS else None)
    post = await lock_post(pressed.subject)
    if handler is None:
        await _audit_forged(ctx, pressed.verb)
        ctx.toast("toast.out_of_date")
        return
    if post is None:
        ctx.toast("toast.gone")
        return
    if post.team_id != ctx.team.id or ctx.member.role == "viewer":
        await _audit_forged(ctx, pressed.verb)
        ctx.toast("toast.not_yours", is_alert=True)
        return
    if pressed.rev != post.rev and base not in _OF_NO_REV:
        await _say_stale(post, base, ctx)
        return
    if base in series.VERBS:
        await series.on_press(post, pressed, ctx)
        return
    view = await view_of(post, now=ctx.now)
    try:
        await handler(post, view, pressed, ctx)
    except AlreadyGoingOut as err:
        ctx.toast("toast.is_out" if err.is_published else "toast.going_out", is_alert=True)
        await tell_changed(post, now=ctx.now)
    except AccountNotReady:
        await accounts.offer_link(ctx, post_id=post.id)
        ctx.toast("toast.connect_first", is_alert=True)
    except PlanningError:
        ctx.toast("toast.stale")
        await tell_changed(post, now=ctx.now)


async def _say_stale(post: Post, base: str, ctx: Context) -> None:
    """Somebody was first, or the card is old: say which, and refresh it."""
    done = {"cancel": "cancelled", "sched": "scheduled", "both": "scheduled"}.get(base)
    reached = (base == "cancel" and post.stage == "cancelled") or (
        base in {"sched", "both"} and post.stage == "committed"
    )
    who = await Member.get_or_none(id=post.changed_by_id) if post.changed_by_id else None
    if done and reached and who:
        zone = ctx.member.zone or post.zone or "UTC"
        what = ctx.words(f"already.{done}")
        when = clock(post.updated_at, zone)
        ctx.toast("toast.already", what=what, who=who.name, clock=when)
    elif done and reached:
        ctx.toast("toast.already_plain")
    else:
        ctx.toast("toast.stale")
    await tell_changed(post, now=ctx.now)


async def _audit_forged(ctx: Context, what: str) -> None:
    await Audit.create(
        team_id=ctx.team.id,
        actor_id=ctx.member.id,
        action="press.refused",
        via=ctx.chat.name,
        detail={"payload": what[:80]},
        at=ctx.now,
    )


# ── time ─────────────────────────────────────────────────────────────────────────────────────


async def _schedule(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    post.notes = {**post.notes, "chosen": True}
    post.changed_by_id = ctx.member.id
    await settle(post, ctx.house, now=ctx.now)
    await tell_changed(post, now=ctx.now)
    await close_prompts(ctx, post)
    ctx.toast("toast.scheduled" if post.stage == "committed" else "toast.done")


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
        await settle(post, ctx.house, now=ctx.now)
        await tell_changed(post, now=ctx.now)
        ctx.toast("toast.scheduled")
        return
    slot = slot_of(chosen, view.zone)
    if slot is None or slot.due_at <= ctx.now:
        ctx.toast("toast.has_passed")
        return
    await choose_slot(post, slot, ctx)
    await close_prompts(ctx, post)
    ctx.toast("toast.scheduled" if post.stage == "committed" else "toast.done")


async def _both(post: Post, view: PostView, _pressed: Pressed, ctx: Context) -> None:
    """Make a post of each time that was read (K17)."""
    choices = choices_of(view) if post.question == "several" else []
    if post.stage != "draft" or len(choices) < 2:  # noqa: PLR2004 - with one left it is no list
        await settle(post, ctx.house, now=ctx.now)
        await tell_changed(post, now=ctx.now)
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
    await _ask_again(post, ctx)
    ctx.toast("toast.done")


async def _ask_again(post: Post, ctx: Context, *, offered: str = "") -> None:
    """Take a scheduled post back and ask about its time, or whether *offered* is one."""
    await ctx.house.planner.back_to_draft(post, by=ctx.member, now=ctx.now)
    kept = {key: value for key, value in post.notes.items() if key not in {"tail_until", "menu"}}
    post.notes = {**kept, "chosen": False}
    if offered:
        post.notes |= {"offered": True, "phrase": offered}
        set_slot(post, None, is_chosen=False)
    await settle(post, ctx.house, now=ctx.now)
    await tell_changed(post, now=ctx.now)


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
    ctx.toast("toast.scheduled" if post.stage == "committed" else "toast.done")


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
    post.notes = {key: value for key, value in post.notes.items() if key != "menu"}
    await close_prompts(ctx, post)
    if post.stage == "draft":
        take_phrase_out(post)
        set_slot(post, slot_at(ctx.now + _SOON, view.zone), is_chosen=True)
        await settle(post, ctx.house, now=ctx.now)
        await tell_changed(post, now=ctx.now)
        ctx.toast("toast.publishing" if post.stage == "committed" else "toast.done")
        return
    await ctx.house.planner.publish_now(post, by=ctx.member, now=ctx.now)
    ctx.toast("toast.publishing")


# ── caption, kind, media ─────────────────────────────────────────────────────────────────────


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


async def _keep(post: Post, view: PostView, _pressed: Pressed, ctx: Context) -> None:
    """Put the words that were taken as time back into the caption."""
    was_tail = post.stage == "committed" and tail_is_open(post, now=ctx.now)
    if was_tail:
        # They were taken for a time unasked, so now it is asked whether they are one.
        words = post.when_words
        post.caption, post.when_words = post.source_text, ""
        await _ask_again(post, ctx, offered=words)
        await open_prompt(ctx, "time", post)
        ctx.toast("toast.done")
        return
    post.caption = post.source_text
    post.when_words = ""
    post.notes = {key: value for key, value in post.notes.items() if key not in {"menu", "phrase"}}
    if post.stage == "draft":
        post.readings = []
        set_slot(post, None, is_chosen=False)
        await settle(post, ctx.house, now=ctx.now)
        await tell_changed(post, now=ctx.now)
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
    post.notes = {key: value for key, value in post.notes.items() if key != "menu"}
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
    post.notes = {key: value for key, value in post.notes.items() if key != "menu"}
    post.notes["account"] = str(view.accounts[index].id)
    if post.stage == "committed":
        await ctx.house.planner.change_account(
            post, view.accounts[index], by=ctx.member, now=ctx.now
        )
    else:
        await settle(post, ctx.house, now=ctx.now)
        await tell_changed(post, now=ctx.now)
    ctx.toast("toast.done")


# ── ends ─────────────────────────────────────────────────────────────────────────────────────


async def _cancel(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    post.notes = {key: value for key, value in post.notes.items() if key != "menu"}
    await ctx.house.planner.cancel(post, by=ctx.member, now=ctx.now)
    await close_prompts(ctx, post)
    ctx.toast("toast.cancelled")


async def _undo(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    if post.undo_until is None or post.undo_until < ctx.now:
        ctx.toast("toast.undo_over")
        await tell_changed(post, now=ctx.now)
        return
    await ctx.house.planner.undo(post, by=ctx.member, now=ctx.now)
    # What became known meanwhile (the file came, an account was connected) counts from here on.
    await settle(post, ctx.house, now=ctx.now)
    ctx.toast("toast.restored")


async def _retry(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    await ctx.house.planner.retry(post, by=ctx.member, now=ctx.now)
    ctx.toast("toast.publishing")


async def _drop(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    await ctx.house.planner.drop(post, by=ctx.member, now=ctx.now)
    ctx.toast("toast.done")


async def _post_anyway(post: Post, view: PostView, _pressed: Pressed, ctx: Context) -> None:
    """Have a post that looks like another one go out all the same."""
    target, account = view.target, view.account
    at = target.due_at if target else post.due_at
    if account is not None and at is not None:
        allow_twins(post, await twins_of(post, account.id, due_at=max(at, ctx.now)))
    if post.stage == "draft":
        await settle(post, ctx.house, now=ctx.now)
        await tell_changed(post, now=ctx.now)
        ctx.toast("toast.scheduled" if post.stage == "committed" else "toast.done")
        return
    await ctx.house.planner.retry(post, by=ctx.member, now=ctx.now)
    ctx.toast("toast.done")


async def _schedule_anyway(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    """Book a slot although the platform may have no room for it then."""
    post.notes = {**post.notes, "crowd_ok": post.due_at.isoformat() if post.due_at else ""}
    post.changed_by_id = ctx.member.id
    await settle(post, ctx.house, now=ctx.now)
    await tell_changed(post, now=ctx.now)
    await close_prompts(ctx, post)
    ctx.toast("toast.scheduled" if post.stage == "committed" else "toast.done")


async def _is_live(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    await ctx.house.planner.confirm_live(post, by=ctx.member, now=ctx.now)
    ctx.toast("toast.done")


async def _again(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    await ctx.house.planner.post_again(post, by=ctx.member, now=ctx.now)
    ctx.toast("toast.publishing")


async def _connect(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    await accounts.offer_link(ctx, post_id=None)
    ctx.toast("toast.done")


async def _reconnect(post: Post, _view: PostView, _pressed: Pressed, ctx: Context) -> None:
    await accounts.offer_link(ctx, post_id=post.id)
    ctx.toast("toast.done")


async def _zone(post: Post, view: PostView, pressed: Pressed, ctx: Context) -> None:
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


async def _use_caption(post: Post, _view: PostView, pressed: Pressed, ctx: Context) -> None:
    offered = post.notes.get("offered_captions")
    index = pressed.index_of("usecap")
    texts = offered if isinstance(offered, list) else []
    if post.stage not in CHANGEABLE or index is None or index >= len(texts):
        ctx.toast("toast.out_of_date")
        return
    await set_caption(post, str(texts[index]), ctx, source="typed")
    ctx.toast("caption.saved")


_HANDLERS: Mapping[str, Handler] = {
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
    "cap": _caption,
    "full": _full,
    "keep": _keep,
    "nocap": _without_caption,
    "alttext": _alt,
    "story": _story,
    "feed": _feed,
    "out": _leave_out,
    "more": _more,
    "back": _back,
    "accts": _accounts,
    "acct": _choose_account,
    "cancel": _cancel,
    "undo": _undo,
    "retry": _retry,
    "drop": _drop,
    "leave": _drop,
    "dupok": _post_anyway,
    "crowdok": _schedule_anyway,
    "live": _is_live,
    "again": _again,
    "conn": _connect,
    "recon": _reconnect,
    "zone": _zone,
    "open": _open,
    "usecap": _use_caption,
    "serall": _all_later,
}
