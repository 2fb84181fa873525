"""/start: four lines and one button."""

from bot.cards.buttons import payload
from bot.cards.views import usable_accounts
from bot.command import Command
from bot.context import Context
from bot.flows.accounts import offer_link
from integrations.chat.outgoing import Button


async def _run(ctx: Context, arguments: str) -> None:
    if arguments == "connect":
        await offer_link(ctx)
        return
    accounts = await usable_accounts(ctx.team.id)
    if accounts:
        names = ", ".join(f"@{account.username}" for account in accounts)
        # Coming back from the browser the card of the account already says it all.
        if not arguments.startswith("c_"):
            await ctx.answer(
                "help.welcome_back", name=ctx.member.name, accounts=names, reply=False
            )
        return
    if arguments.startswith("c_"):
        return
    buttons = [
        [Button(ctx.words("button.connect"), payload("start", ctx.member.id, 0), style="primary")],
        [Button(ctx.words("button.try"), payload("try", ctx.member.id, 0))],
    ]
    await ctx.answer("help.welcome", name=ctx.member.name, buttons=buttons, reply=False)


COMMAND = Command("start", _run)
