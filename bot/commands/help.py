"""/help: how to post, in few words."""

from bot.command import Command
from bot.context import Context


async def _run(ctx: Context, _arguments: str) -> None:
    await ctx.answer("help.help")


COMMAND = Command("help", _run, in_groups=True)
