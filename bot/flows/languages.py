"""The language a person is spoken to in."""

from babel import Locale

from bot.cards.buttons import Pressed
from bot.context import Context
from bot.homes import redraw_home_of
from bot.texts import LANGUAGES

VERBS = frozenset({"lang"})
OFFERED = tuple(LANGUAGES)
"""What `lang0`, `lang1` … mean; a new language goes to the end, for buttons that are out."""


async def on_press(pressed: Pressed, ctx: Context) -> None:
    """Speak the language of the button from now on."""
    if pressed.subject != ctx.member.id:
        ctx.toast("toast.not_yours", is_alert=True)
        return
    index = pressed.index_of("lang")
    if index is None or index >= len(OFFERED):
        ctx.toast("toast.out_of_date")
        return
    await set_language(OFFERED[index], ctx)
    ctx.toast("toast.done")


async def set_language(code: str, ctx: Context) -> None:
    """Remember the language and say so in it."""
    ctx.member.language = code
    await ctx.member.save(update_fields=["language"])
    await redraw_home_of(ctx.member.id, now=ctx.now)
    await ctx.answer("language.set")


def find_language(words: str, *, spoken: str) -> str | None:
    """Return the code of a typed code or name (its own, English, or in the language *spoken*)."""
    wanted = words.casefold()
    for code, own_name in LANGUAGES.items():
        locale = Locale(code)
        names = {code, own_name.casefold(), str(locale.get_display_name("en")).casefold()}
        if spoken in LANGUAGES:
            names.add(str(locale.get_display_name(spoken)).casefold())
        if wanted in names:
            return code
    return None
