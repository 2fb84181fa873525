"""/connect: a link that leads to Instagram and back."""

from bot.command import Command
from bot.context import Context
from bot.flows.accounts import offer_link


async def _run(ctx: Context, _arguments: str) -> None:
    await offer_link(ctx)


COMMAND = Command("connect", _run)
