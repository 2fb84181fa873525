"""/forget me: everything that is known about the person goes, after one confirmation."""

from bot.cards.buttons import payload
from bot.command import Command
from bot.context import Context
from integrations.chat.outgoing import Button


async def _run(ctx: Context, _arguments: str) -> None:
    yes = Button(ctx.words("button.forget"), payload("forget", ctx.member.id, 0), style="danger")
    await ctx.answer("forget.ask", buttons=[[yes]])


COMMAND = Command("forget", _run)
