"""/help: how to post, in few words."""

from bot.command import Command
from bot.context import Context


async def _run(ctx: Context, _arguments: str) -> None:
    words = ctx.words("help.help")
    if not ctx.inbound.place.is_private:
        words = f"{words}\n{ctx.words('help.failures')}"
    await ctx.answer("plain", text=words)


COMMAND = Command("help", _run, in_groups=True)
