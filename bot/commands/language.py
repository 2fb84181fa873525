"""/language: which language the person is spoken to in; with a name it is set at once."""

from bot.cards.buttons import payload
from bot.command import Command
from bot.context import Context
from bot.flows.languages import OFFERED, find_language, set_language
from bot.texts import LANGUAGES
from integrations.chat.outgoing import Button

_BUTTONS_A_ROW = 3


async def _run(ctx: Context, arguments: str) -> None:
    words = arguments.strip()
    code = find_language(words, spoken=ctx.language)
    if code:
        await set_language(code, ctx)
    elif words:
        await ctx.answer("language.not_known", buttons=_buttons(ctx), words=words[:40])
    else:
        await ctx.answer("language.ask", buttons=_buttons(ctx))


def _buttons(ctx: Context) -> list[list[Button]]:
    buttons = [
        Button(LANGUAGES[code], payload(f"lang{index}", ctx.member.id, 0))
        for index, code in enumerate(OFFERED)
    ]
    starts = range(0, len(buttons), _BUTTONS_A_ROW)
    return [buttons[start : start + _BUTTONS_A_ROW] for start in starts]


COMMAND = Command("language", _run)
