"""/help: how to post, in few words."""

from bot.command import Command
from bot.context import Context


async def _run(ctx: Context, _arguments: str) -> None:
    as_admin = ctx.chat.capabilities.hears_groups_as_admin
    groups = "help.groups_admin" if as_admin else "help.groups"
    words = f"{ctx.words('help.help')}\n\n{ctx.words(groups)}"
    if not ctx.inbound.place.is_private:
        words = f"{words}\n{ctx.words('help.failures')}"
    await ctx.answer("plain", text=words)


COMMAND = Command("help", _run, in_groups=True)
