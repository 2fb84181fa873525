"""Forgetting a person: their name, their place, and the whole team when nobody else is in it."""

from bot.cards.buttons import Pressed
from bot.context import Context
from integrations.chat.errors import ChatError
from integrations.chat.outgoing import Card, Text
from models.account import Account
from models.outbox import Audit
from models.post import OPEN_STATES, Post, Target
from models.team import ChatIdentity, Member, Place, Team

VERBS = frozenset({"forget"})


async def on_press(pressed: Pressed, ctx: Context) -> None:
    """Forget who pressed, if it was their own button."""
    if pressed.subject != ctx.member.id:
        ctx.toast("toast.not_yours", is_alert=True)
        return
    # Held, so that none of them begins to go out while everything is taken away.
    posts = await Post.filter(team_id=ctx.team.id).values_list("id", flat=True)
    targets = await Target.filter(post_id__in=posts).order_by("id").select_for_update()
    if any(target.state == "publishing" for target in targets):
        ctx.toast("toast.going_out", is_alert=True)
        return
    others = await Member.filter(team_id=ctx.team.id).exclude(id=ctx.member.id).count()
    if others:
        await _forget_own_chats(ctx)
        await ChatIdentity.filter(member_id=ctx.member.id).delete()
        await Member.filter(id=ctx.member.id).update(name="", zone=None, hints={})
    else:
        await _forget_team(ctx)
    await Audit.create(action="forget", via=ctx.chat.name, at=ctx.now)
    _say_goodbye(ctx)
    ctx.toast("toast.done")


async def _forget_own_chats(ctx: Context) -> None:
    """Remove the person's private chats with all that hangs on them.

    A private chat left behind would belong to a team that its person is not in any more.
    """
    own = await Place.filter(team_id=ctx.team.id, person_id=ctx.member.id).values_list(
        "id", flat=True
    )
    await Target.filter(post__place_id__in=own, state__in=OPEN_STATES).delete()
    await Place.filter(id__in=own).delete()


async def _forget_team(ctx: Context) -> None:
    """Stop everything of a team, then remove it with all that hangs on it."""
    await Account.filter(team_id=ctx.team.id).update(sealed_token="", state="disconnected")
    await Target.filter(post__team_id=ctx.team.id, state__in=OPEN_STATES).delete()
    await Team.filter(id=ctx.team.id).delete()


def _say_goodbye(ctx: Context) -> None:
    # The place is forgotten too, so this goes out at once and not through the outbox.
    words = ctx.words("forget.done")
    chat, where = ctx.chat, ctx.inbound.place

    async def say() -> None:
        try:
            await chat.send(where, Card(lines=((Text(words),),), fallback_text=words))
        except ChatError:
            return

    ctx.effects.append(say)
