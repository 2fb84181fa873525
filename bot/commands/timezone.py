"""/timezone: where the person is; with a city it is set at once."""

from bot.cards.buttons import payload
from bot.cards.zones import guesses
from bot.command import Command
from bot.context import Context
from bot.flows.places import answer_city
from bot.flows.prompts import open_prompt
from bot.texts.times import clock
from integrations.chat import Button


async def _run(ctx: Context, arguments: str) -> None:
    if arguments.strip():
        await answer_city(arguments.strip(), ctx)
        return
    names = guesses(ctx.member)
    zone = ctx.member.zone
    buttons = [
        [
            Button(
                ctx.words(
                    "button.zone_is",
                    clock=clock(ctx.now, name),
                    city=name.rsplit("/", 1)[-1].replace("_", " "),
                ),
                payload(f"mzone{index}", ctx.member.id, 0),
            )
        ]
        for index, name in enumerate(names)
        if name != zone
    ]
    if zone:
        await ctx.answer("zone.ask", buttons=buttons, zone=zone, clock=clock(ctx.now, zone))
    else:
        await ctx.answer("zone.ask_first", buttons=buttons, clock=clock(ctx.now, names[0]))
    await open_prompt(ctx, "zone")


COMMAND = Command("timezone", _run)
