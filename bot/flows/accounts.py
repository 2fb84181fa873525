"""Connecting, confirming and disconnecting accounts."""

from uuid import UUID

from bot.cards.buttons import Pressed, payload
from bot.context import Context
from bot.flows.queue import show_queue
from bot.flows.settling import settle_waiting
from integrations.chat.outgoing import Button
from models.account import Account
from models.outbox import Outbox, tell
from models.post import OPEN_STATES, Target
from web_oauth.state import new_connect_link

VERBS = frozenset({"mine", "nmine", "disc", "discy", "acon", "start", "try", "how", "queue"})


async def offer_link(ctx: Context, *, post_id: object = None) -> None:
    """Give the person a fresh link to connect an account; it lives ten minutes.

    Among other people it is for that person's eyes alone, where the chat can do that.
    """
    if "instagram" not in ctx.house.ready_platforms:
        await ctx.answer("connect.not_set_up")
        return
    if ctx.can_whisper:
        url = await new_connect_link(
            platform="instagram",
            member_id=ctx.member.id,
            team_id=ctx.team.id,
            place_id=ctx.place.id,
            post_id=UUID(str(post_id)) if post_id else None,
            now=ctx.now,
            public_url=ctx.house.public_url,
        )
        open_it = Button(ctx.words("button.connect_open"), url=url, style="primary")
        ctx.whisper(ctx.words("connect.link"), [[open_it]])
        return
    connect = {
        "platform": "instagram",
        "member": str(ctx.member.id),
        "team": str(ctx.team.id),
        "post": str(post_id or ""),
    }
    await ctx.answer("connect.link", connect=connect)


async def on_press(pressed: Pressed, ctx: Context) -> None:
    """Do what a button about an account says."""
    if pressed.verb in {"acon", "start"}:
        await offer_link(ctx)
        ctx.toast("toast.done")
        return
    if pressed.verb in {"try", "how"}:
        await ctx.answer("help.how")
        ctx.toast("toast.done")
        return
    if pressed.verb == "queue":
        await show_queue(ctx)
        ctx.toast("toast.done")
        return
    account = await Account.filter(id=pressed.subject).select_for_update().first()
    if account is None or account.team_id != ctx.team.id:
        ctx.toast("toast.not_yours" if account else "toast.gone", is_alert=True)
        return
    if ctx.member.role == "viewer":
        ctx.toast("toast.not_yours", is_alert=True)
        return
    match pressed.verb:
        case "mine":
            await _confirm(account, ctx)
        case "nmine":
            await _refuse(account, ctx)
        case "disc":
            await _ask_disconnect(account, ctx)
        case "discy":
            await _disconnect(account, pressed, ctx)
        case _:
            ctx.toast("toast.out_of_date")


async def _confirm(account: Account, ctx: Context) -> None:
    if account.state != "unconfirmed":
        ctx.toast("toast.already_plain")
        return
    # The link was bound to one person; only that person can say that the account is theirs.
    if account.connected_by_id != ctx.member.id:
        ctx.toast("toast.not_yours", is_alert=True)
        return
    account.state = "active"
    account.updated_at = ctx.now
    await account.save(update_fields=["state", "updated_at"])
    await tell("account", account.id, "changed", now=ctx.now, place_id=ctx.place.id)
    await ctx.house.planner.resume_account(
        account.id, pressed_post_id=await _pressed_post(account), now=ctx.now
    )
    await settle_waiting(account, ctx.house, now=ctx.now)
    ctx.toast("toast.done")


async def _pressed_post(account: Account) -> UUID | None:
    """Return the post whose [Reconnect & publish] led to the present login, if one did."""
    login = (
        await Outbox.filter(subject_kind="account", subject_id=account.id, event="connected")
        .order_by("-created_at", "-id")
        .first()
    )
    pressed = str(login.payload.get("post") or "") if login else ""
    return UUID(pressed) if pressed else None


async def _refuse(account: Account, ctx: Context) -> None:
    if account.state != "unconfirmed":
        ctx.toast("toast.already_plain")
        return
    await ctx.house.planner.disconnect_account(
        account.id, reason="by_person", by=ctx.member, now=ctx.now
    )
    await tell("account", account.id, "changed", now=ctx.now, place_id=ctx.place.id)
    ctx.toast("toast.done")


async def _ask_disconnect(account: Account, ctx: Context) -> None:
    touched = (
        await Target.filter(account_id=account.id, state__in=OPEN_STATES)
        .order_by("post__number")
        .prefetch_related("post")
    )
    numbers = ", ".join(f"#{target.post.number}" for target in touched[:8])
    words = (
        ctx.words("account.sure_some", count=len(touched), numbers=numbers)
        if touched
        else ctx.words("account.sure_none")
    )
    yes = Button(
        label=ctx.words("button.disconnect_yes"),
        payload=payload("discy", account.id, account.token_version),
        style="danger",
    )
    await ctx.answer("account.sure", buttons=[[yes]], username=account.username, touched=words)
    ctx.toast("toast.done")


async def _disconnect(account: Account, pressed: Pressed, ctx: Context) -> None:
    if account.state == "disconnected":
        ctx.toast("toast.already_plain")
        return
    if pressed.rev != account.token_version:
        # The question was about an earlier login.
        ctx.toast("toast.out_of_date")
        return
    await ctx.house.planner.disconnect_account(
        account.id, reason="by_person", by=ctx.member, now=ctx.now
    )
    await tell("account", account.id, "changed", now=ctx.now, place_id=ctx.place.id)
    await ctx.answer("account.disconnected", username=account.username)
    ctx.toast("toast.done")
