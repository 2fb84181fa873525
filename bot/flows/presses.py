"""A pressed button of a post's card. The right is asked here, at the press; the first one wins."""

import re
from collections.abc import Mapping
from typing import Protocol

from bot.cards.buttons import Pressed, read_payload
from bot.cards.views import view_of
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
from bot.flows.buttons import contents, ends, menus, times
from bot.flows.buttons.handler import Handler
from bot.flows.settling import tell_changed
from bot.texts.times import clock
from models.outbox import Audit
from models.post import Post, lock_post
from models.team import Member
from scheduling.errors import AccountNotReady, AlreadyGoingOut, PlanningError


class Flow(Protocol):
    """A flow with buttons that are not about one post."""

    VERBS: frozenset[str]

    async def on_press(self, pressed: Pressed, ctx: Context) -> None:
        """Do what the button says."""
        ...


FLOWS: tuple[Flow, ...] = (
    accounts,
    places,
    missed,
    moving,
    languages,
    forms,
    settings,
    linking,
    forgetting,
)
GROUPS = (times.HANDLERS, contents.HANDLERS, menus.HANDLERS, ends.HANDLERS)
"""The buttons of a post's card; those of a series are its own."""

_HANDLERS: Mapping[str, Handler] = {
    verb: handler for group in GROUPS for verb, handler in group.items()
}
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
    flow = next((one for one in FLOWS if base in one.VERBS), None)
    if flow is not None:
        await flow.on_press(pressed, ctx)
    else:
        await _on_post_press(pressed, base, ctx)


async def _on_post_press(pressed: Pressed, base: str, ctx: Context) -> None:
    handler = _HANDLERS.get(base)
    post = await lock_post(pressed.subject)
    if handler is None and base not in series.VERBS:
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
    if handler is None:
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
