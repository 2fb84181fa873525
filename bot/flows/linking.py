"""One person in two chats: a code asked for in one, typed in the other, confirmed there."""

from datetime import timedelta

from bot.cards.buttons import Pressed, payload
from bot.cards.manner import chat_name
from bot.context import Context, say_in
from bot.flows.settling import settle_waiting, tell_changed
from bot.linking import CannotLinkError, make_one
from bot.texts import say
from integrations.chat.outgoing import Button
from models.account import Account
from models.link_code import LIFETIME, LinkCode, confirm_code, new_code, use_code
from models.outbox import Audit
from models.post import Post
from models.team import ChatIdentity, Member, Place

VERBS = frozenset({"link", "nolink"})
_MAX_WRONG = 5
_WRONG_WINDOW = timedelta(hours=1)
_MINUTES = int(LIFETIME.total_seconds() // 60)


async def offer_code(ctx: Context) -> None:
    """Tell a fresh code; it is a secret, so only in private."""
    if not ctx.inbound.place.is_private:
        await ctx.answer("link.in_private")
        return
    code = await new_code(ctx.member.id, now=ctx.now)
    known = sorted({chat_name(one.chat) for one in await _identities(ctx.member)})
    key = "link.code_more" if len(known) > 1 else "link.code"
    await ctx.answer(key, code=code, minutes=_MINUTES, chats=", ".join(known))


async def take_code(code: str, ctx: Context) -> None:
    """Use a code up and ask whether the person it came from is oneself."""
    if not ctx.inbound.place.is_private:
        await ctx.answer("link.in_private")
        return
    if await _wrong_lately(ctx) >= _MAX_WRONG:
        await ctx.answer("link.too_many")
        return
    found = await use_code(code, ctx.member.id, now=ctx.now)
    if found is None:
        await _audit(ctx, "link.refused")
        await ctx.answer("link.wrong")
        return
    chats = ", ".join(sorted({chat_name(one.chat) for one in await _identities(found.member)}))
    buttons = [
        [Button(ctx.words("button.link_yes"), payload("link", found.id, 0), style="primary")],
        [Button(ctx.words("button.link_no"), payload("nolink", found.id, 0))],
    ]
    await ctx.answer("link.ask", name=found.member.name, chats=chats, buttons=buttons)


async def on_press(pressed: Pressed, ctx: Context) -> None:
    """Make one person of two, or not."""
    if pressed.verb == "nolink":
        await LinkCode.filter(id=pressed.subject, used_by_id=ctx.member.id).delete()
        await ctx.redraw(ctx.words("move.cancelled"))
        ctx.toast("toast.done")
        return
    other_id = await confirm_code(pressed.subject, ctx.member.id, now=ctx.now)
    if other_id is None:
        ctx.toast("toast.out_of_date", is_alert=True)
        return
    try:
        member = await make_one(other_id, ctx.member.id)
    except CannotLinkError:
        await ctx.redraw(ctx.words("link.cannot"))
        ctx.toast("toast.done")
        return
    await _audit(ctx, "link", member)
    await _go_on(member, ctx)
    await _say_linked(member, ctx)
    ctx.toast("toast.done")


async def _go_on(member: Member, ctx: Context) -> None:
    """Draw every card again, and settle the drafts that waited for what the other side has.

    Numbers may have changed, and the other chat has no card yet.
    """
    account = await Account.filter(team_id=member.team_id, state="active").first()
    if account:
        await settle_waiting(account, ctx.house, now=ctx.now)
    for post in await Post.filter(author_id=member.id, stage__in=("draft", "committed")):
        await tell_changed(post, now=ctx.now)


async def _say_linked(member: Member, ctx: Context) -> None:
    """Say it in every private chat of the person: nobody is linked without hearing of it.

    Here it takes the place of the question, whose buttons are of no use any more.
    """
    chats = ", ".join(sorted({chat_name(one.chat) for one in await _identities(member)}))
    for place in await Place.filter(
        person_id=member.id, purpose="direct", is_open=True, thread=""
    ):
        words = say("link.done", member.language, chats=chats, name=member.name)
        if place.id == ctx.place.id:
            await ctx.redraw(words)
            continue
        await say_in(place, words, now=ctx.now, language=member.language)


async def _identities(member: Member) -> list[ChatIdentity]:
    return await ChatIdentity.filter(member_id=member.id)


async def _wrong_lately(ctx: Context) -> int:
    return await Audit.filter(
        actor_id=ctx.member.id, action="link.refused", at__gt=ctx.now - _WRONG_WINDOW
    ).count()


async def _audit(ctx: Context, action: str, member: Member | None = None) -> None:
    who = member or ctx.member
    await Audit.create(
        team_id=who.team_id, actor_id=who.id, action=action, via=ctx.chat.name, at=ctx.now
    )
