"""/queue: the next seven days, by day; a number opens its card."""

from bot.command import Command
from bot.context import Context
from bot.flows.queue import show_queue


async def _run(ctx: Context, _arguments: str) -> None:
    await show_queue(ctx)


COMMAND = Command("queue", _run, in_groups=True)
