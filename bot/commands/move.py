"""/move: a change to the queue in words ("/move 142 to friday 10")."""

from bot.command import Command
from bot.context import Context
from bot.flows.moving import rearrange


async def _run(ctx: Context, arguments: str) -> None:
    if not arguments.strip() or not (
        await rearrange(f"move {arguments}", ctx, is_sure=True)
        or await rearrange(arguments, ctx, is_sure=True)
    ):
        await ctx.answer("move.how")


COMMAND = Command("move", _run, in_groups=True)
