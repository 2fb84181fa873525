"""/link: a code to be known as the same person in another chat; with the code, the other half."""

from bot.command import Command
from bot.context import Context
from bot.flows.linking import offer_code, take_code


async def _run(ctx: Context, arguments: str) -> None:
    if arguments.strip():
        await take_code(arguments, ctx)
    else:
        await offer_code(ctx)


COMMAND = Command("link", _run)
