"""The buttons of the one question about several missed posts."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from bot.cards.buttons import Pressed
from bot.cards.missed import load_missed, spread_over_today, still_missed
from bot.cards.questions import quick_time
from bot.cards.views import PostView
from bot.context import Context
from bot.flows.places import show_card
from bot.flows.when import slot_at
from bot.missed import tell_missed
from models.outbox import Outbox
from models.post import Post, lock_post
from scheduling.errors import AccountNotReady, PlanningError

VERBS = frozenset({"mnow", "mtom", "mspread", "mdrop", "mopen"})
_MOST_CARDS = 10


async def on_press(pressed: Pressed, ctx: Context) -> None:
    """Do what the button says with every post of the question that still waits."""
    asked = (
        await Outbox.filter(subject_kind="missed", subject_id=pressed.subject)
        .order_by("-created_at")
        .first()
    )
    if asked is None:
        ctx.toast("toast.out_of_date")
        return
    if asked.place_id != ctx.place.id or ctx.member.role == "viewer":
        ctx.toast("toast.not_yours", is_alert=True)
        return
    posts = [str(one) for one in _posts_of(asked)]
    for one in sorted(posts):
        # Held in one order, so that two presses do not wait for each other.
        await lock_post(UUID(one))
    waiting = still_missed(await load_missed([UUID(one) for one in posts], now=ctx.now))
    if not waiting:
        ctx.toast("toast.already_plain")
    elif pressed.verb == "mopen":
        for view in waiting[:_MOST_CARDS]:
            await show_card(view.post, ctx)
        ctx.toast("toast.done")
    else:
        await _do_all(pressed.verb, waiting, ctx)
    await tell_missed(pressed.subject, posts, place_id=ctx.place.id, now=ctx.now)


async def _do_all(verb: str, waiting: Sequence[PostView], ctx: Context) -> None:
    spread = spread_over_today(waiting, now=ctx.now) if verb == "mspread" else []
    if verb == "mspread" and not spread:
        ctx.toast("toast.has_passed")
        return
    left = 0
    for index, view in enumerate(waiting):
        try:
            await _do(verb, view, spread[index] if spread else None, ctx)
        except AccountNotReady:
            left += 1
        except PlanningError:
            # Its own card was faster.
            continue
    if left:
        ctx.toast("toast.connect_first", is_alert=True)
    else:
        ctx.toast("toast.publishing" if verb == "mnow" else "toast.done")


async def _do(verb: str, view: PostView, at: datetime | None, ctx: Context) -> None:
    post: Post = view.post
    planner = ctx.house.planner
    match verb:
        case "mnow":
            await planner.publish_now(post, by=ctx.member, now=ctx.now)
        case "mdrop":
            await planner.drop(post, by=ctx.member, now=ctx.now)
        case "mtom":
            at = quick_time("same", view)
    if verb in {"mtom", "mspread"} and at is not None:
        await planner.move(post, slot_at(at, view.zone), by=ctx.member, now=ctx.now)


def _posts_of(asked: Outbox) -> list[object]:
    posts = asked.payload.get("posts")
    return list(posts) if isinstance(posts, list) else []
