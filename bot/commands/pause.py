"""/pause: hold everything back until a day ("/pause until monday")."""

from bot.command import Command
from bot.context import Context
from bot.flows.moving import rearrange


async def _run(ctx: Context, arguments: str) -> None:
    if not (
        await rearrange(f"pause all {arguments}", ctx, is_sure=True)
        or await rearrange(f"pause {arguments}", ctx, is_sure=True)
    ):
        await ctx.answer("move.how")


COMMAND = Command("pause", _run, in_groups=True)
