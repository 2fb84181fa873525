"""/accounts: what is connected, and how well it is."""

from bot.cards.account import account_row
from bot.cards.buttons import payload
from bot.command import Command
from bot.context import Context
from integrations.chat.outgoing import Button
from models.account import Account


async def _run(ctx: Context, _arguments: str) -> None:
    found = (
        await Account.filter(team_id=ctx.team.id)
        .exclude(state="disconnected")
        .order_by("created_at")
    )
    connect = Button(ctx.words("button.connect"), payload("start", ctx.member.id, 0))
    if not found:
        await ctx.answer("account.none", buttons=[[connect]])
        return
    rows = [account_row(account, ctx.language, now=ctx.now) for account in found]
    buttons = [
        [
            Button(
                ctx.words("button.disconnect", username=account.username),
                payload("disc", account.id, account.token_version),
            )
        ]
        for account in found
    ]
    text = "\n".join([ctx.words("account.list"), *rows])
    await ctx.answer("plain", buttons=[*buttons, [connect]], text=text)


COMMAND = Command("accounts", _run)
