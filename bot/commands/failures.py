"""/failures here: the one group where a team's failures are told too; /failures off ends it."""

from bot.command import Command
from bot.context import Context
from models.team import Place

_HERE = frozenset({"here", "on"})
_OFF = frozenset({"off", "stop"})


async def _run(ctx: Context, arguments: str) -> None:
    wanted = arguments.strip().casefold()
    told_in = await Place.filter(team_id=ctx.team.id, tells_failures=True).first()
    if wanted in _HERE and ctx.inbound.place.is_private:
        await ctx.answer("failures.in_group")
    elif wanted in _HERE:
        await _set(ctx, ctx.place)
        await ctx.answer("failures.set")
    elif wanted in _OFF:
        await _set(ctx, None)
        await ctx.answer("failures.off")
    elif told_in is None:
        await ctx.answer("failures.none")
    elif told_in.id == ctx.place.id:
        await ctx.answer("failures.is_here")
    else:
        await ctx.answer("failures.is_there", place=told_in.title or told_in.chat_id)


async def _set(ctx: Context, place: Place | None) -> None:
    """Make *place* the one, or none."""
    await Place.filter(team_id=ctx.team.id, tells_failures=True).update(tells_failures=False)
    if place is not None:
        place.tells_failures = True
        await place.save(update_fields=["tells_failures"])


COMMAND = Command("failures", _run, in_groups=True)
