"""/timezone: where the person is; with a city it is set at once."""

from bot.command import Command
from bot.context import Context
from bot.flows.places import answer_city, ask_zone


async def _run(ctx: Context, arguments: str) -> None:
    if arguments.strip():
        await answer_city(arguments.strip(), ctx)
    else:
        await ask_zone(ctx)


COMMAND = Command("timezone", _run)
