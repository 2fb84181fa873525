"""/settings: how the team works with us, with buttons to change it."""

from bot.command import Command
from bot.context import Context
from bot.flows.settings import show_settings


async def _run(ctx: Context, _arguments: str) -> None:
    await show_settings(ctx)


COMMAND = Command("settings", _run, in_groups=True)
