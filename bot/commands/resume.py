"""/resume: end a pause now."""

from bot.command import Command
from bot.context import Context
from bot.flows.moving import rearrange


async def _run(ctx: Context, _arguments: str) -> None:
    if not await rearrange("resume", ctx, is_sure=True):
        await ctx.answer("move.how")


COMMAND = Command("resume", _run, in_groups=True)
