"""The times of day of a series, changed for all later runs."""

from collections.abc import Sequence
from datetime import datetime, time

from bot.context import Context
from bot.texts.times import clock
from models.series import Series
from scheduling.errors import PlanningError


async def change_clock(series: Series, clocks: Sequence[time], ctx: Context) -> bool:
    """Have all later runs at *clocks*; False when its rule cannot say that."""
    try:
        kept = await ctx.house.recurrences.change_clock(series, clocks, now=ctx.now)
    except PlanningError:
        return False
    await say_kept(series, kept, ctx)
    return True


async def say_kept(series: Series, kept: Sequence[datetime], ctx: Context) -> None:
    """Tell which runs of today go out as they were to: their new time has passed."""
    if kept:
        clocks = ", ".join(clock(at, series.zone) for at in kept)
        await ctx.answer("series.today_keeps", number=f"S{series.number}", clock=clocks)
