"""How a team works: settings that its owner and admins switch on and off in the chat."""

from dataclasses import dataclass

from bot.cards.buttons import Pressed, payload
from bot.context import Context
from integrations.chat.outgoing import Button
from models.team import Member, Team

VERBS = frozenset({"seton", "setoff", "settings"})
_MAY_CHANGE = ("owner", "admin")


@dataclass(frozen=True, slots=True)
class Setting:
    """Something of a team that is on or off; off until somebody switches it on."""

    name: str
    turns_on: str
    turns_off: str

    def is_on(self, team: Team) -> bool:
        """Say whether *team* has it on."""
        return bool(team.settings.get(self.name))


SETTINGS = (
    Setting("tails_at_once", "button.tails_on", "button.tails_off"),
    Setting("ask_for_caption", "button.captions_on", "button.captions_off"),
)
"""What `seton0`, `setoff1` … mean; a new one goes to the end, for buttons that are out."""


async def on_press(pressed: Pressed, ctx: Context) -> None:
    """Switch a setting; a button says which way, so that pressing it twice changes nothing."""
    if pressed.verb == "settings":
        await show_settings(ctx)
        ctx.toast("toast.done")
        return
    if pressed.subject != ctx.team.id:
        ctx.toast("toast.not_yours", is_alert=True)
        return
    is_on = pressed.verb.startswith("seton")
    index = pressed.index_of("seton" if is_on else "setoff")
    if index is None or index >= len(SETTINGS):
        ctx.toast("toast.out_of_date")
        return
    if ctx.member.role not in _MAY_CHANGE:
        names = await Member.filter(team_id=ctx.team.id, role__in=_MAY_CHANGE).order_by("name")
        listed = ", ".join(one.name for one in names)
        ctx.toast("toast.only_admins", is_alert=True, names=listed)
        return
    team = await Team.select_for_update().get(id=ctx.team.id)
    team.settings = {**team.settings, SETTINGS[index].name: is_on}
    await team.save(update_fields=["settings"])
    await ctx.redraw(_words(team, ctx), buttons=_buttons(team, ctx))
    ctx.toast("toast.done")


async def show_settings(ctx: Context) -> None:
    """Say how the team works, with a button to change each setting."""
    await ctx.say(_words(ctx.team, ctx), buttons=_buttons(ctx.team, ctx))


def _words(team: Team, ctx: Context) -> str:
    lines = [ctx.words("settings.title")]
    for one in SETTINGS:
        state = ctx.words(f"settings.{one.name}.{'on' if one.is_on(team) else 'off'}")
        lines.append(f"• {ctx.words(f'settings.{one.name}', state=state)}")
    return "\n".join(lines)


def _buttons(team: Team, ctx: Context) -> list[list[Button]]:
    rows = []
    for index, one in enumerate(SETTINGS):
        if one.is_on(team):
            button = Button(ctx.words(one.turns_off), payload(f"setoff{index}", team.id, 0))
        else:
            button = Button(ctx.words(one.turns_on), payload(f"seton{index}", team.id, 0))
        rows.append([button])
    return rows
