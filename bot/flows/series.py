"""Changing a recurring post with the buttons of its card, and with typed words."""

import re
from datetime import time
from zoneinfo import ZoneInfo

from bot.cards.buttons import Pressed
from bot.cards.questions import complaint_words
from bot.cards.views import view_of
from bot.context import Context
from bot.flows.changing import series_of
from bot.flows.clocks import change_clock
from bot.flows.drafting import clean
from bot.flows.prompts import close_prompts, open_prompt
from bot.flows.settling import complaints_of, tell_changed
from bot.flows.when import profile_of, read_answer
from bot.texts.times import day
from models.post import Post
from models.series import Series
from scheduling.rearranging.sentence import read_reply

VERBS = frozenset({"scap", "stime", "sskip", "spause", "sresume", "send", "sendyes"})
_CLOCK_ONLY = re.compile(r"\s*(?:at\s+)?\d", re.IGNORECASE)


async def on_press(post: Post, pressed: Pressed, ctx: Context) -> None:
    """Do what a button of a series' card says."""
    series = await series_of(post)
    if series is None or series.state == "ended":
        ctx.toast("toast.stale")
        await tell_changed(post, now=ctx.now)
        return
    recurrences = ctx.house.recurrences
    match pressed.verb:
        case "scap":
            await open_menu(post, "caption", ctx)
        case "stime":
            await open_menu(post, "time", ctx)
        case "sskip":
            await _skip(series, ctx)
        case "spause":
            await recurrences.pause(series, now=ctx.now)
            ctx.toast("toast.done")
        case "sresume":
            await recurrences.resume(series, now=ctx.now)
            ctx.toast("toast.done")
        case "send":
            await open_menu(post, "series_end", ctx)
        case _:
            await recurrences.end(series, now=ctx.now)
            ctx.toast("toast.done")


async def _skip(series: Series, ctx: Context) -> None:
    skipped = await ctx.house.recurrences.skip_next(series, now=ctx.now)
    if skipped is None:
        ctx.toast("toast.gone")
        return
    ctx.toast("series.skipped", day=day(skipped, series.zone, now=ctx.now, language=ctx.language))


async def open_menu(post: Post, menu: str, ctx: Context) -> None:
    """Show a further page of a series' card (its caption, its time, its end)."""
    post.notes = {**post.notes, "menu": menu}
    post.rev += 1
    await post.save()
    await tell_changed(post, now=ctx.now)
    if menu in {"caption", "time"}:
        await open_prompt(ctx, f"series_{menu}", post)
    ctx.toast("toast.done")


async def set_paused(post: Post, *, is_paused: bool, ctx: Context) -> None:
    """Pause a series, or have it go on: somebody said so."""
    series = await series_of(post)
    wanted = "active" if is_paused else "paused"
    if series is None or series.state != wanted:
        await tell_changed(post, now=ctx.now)
    elif is_paused:
        await ctx.house.recurrences.pause(series, now=ctx.now)
    else:
        await ctx.house.recurrences.resume(series, now=ctx.now)


async def answer(post: Post, expects: str, words: str, ctx: Context) -> bool:
    """Take typed words as the new caption or time of all later runs."""
    series = await series_of(post)
    if series is None or series.state == "ended":
        return False
    if expects != "series_caption":
        clocks = _clocks_in(words, series, ctx)
        if clocks and await change_clock(series, clocks, ctx):
            await _close(post, ctx)
            await tell_changed(post, now=ctx.now)
        else:
            await ctx.answer("series.clock_only")
        return True
    await set_caption(post, series, words, ctx)
    return True


async def set_caption(post: Post, series: Series, text: str, ctx: Context) -> None:
    """Give all later runs the caption *text*, unless the platform would refuse it."""
    before, post.caption = post.caption, clean(text)
    view = await view_of(post, now=ctx.now)
    refused = [one for one in complaints_of(view, ctx.house) if one["item"] is None]
    if refused:
        post.complaints = refused
        words = " ".join(complaint_words(view))
        post.caption, post.complaints = before, []
        await ctx.say(words)
        return
    await _close(post, ctx)
    await ctx.house.recurrences.content_changed(series, now=ctx.now)


def _clocks_in(words: str, series: Series, ctx: Context) -> list[time]:
    """Return the times of day that *words* are, and nothing but; none where they say more."""
    clock = _clock_in(words, series, ctx)
    if clock is not None:
        return [clock]
    readings = read_answer(words, member=ctx.member, zone=series.zone, said_at=ctx.said_at)
    if not _CLOCK_ONLY.match(words) or any(one.at_utc is None for one in readings):
        return []
    zone = ZoneInfo(series.zone)
    local = [one.at_utc.astimezone(zone) for one in readings if one.at_utc]
    if len(local) == 1 and local[0].time() != time():
        # More than a clock ("10:00 friday"); midnight alone is one that belongs to two days.
        return []
    return [time(at.hour, at.minute) for at in local]


def _clock_in(words: str, series: Series, ctx: Context) -> time | None:
    """Return the one time of day that *words* name; None where they say anything else."""
    profile = profile_of(ctx.member, series.zone)
    reply = read_reply(words, now=ctx.said_at, profile=profile)
    goals = reply.goals if reply and reply.kind == "goal" else ()
    return goals[0].clock if len(goals) == 1 and goals[0].kind == "clock" else None


async def _close(post: Post, ctx: Context) -> None:
    post.notes = {key: value for key, value in post.notes.items() if key != "menu"}
    await post.save(update_fields=["notes", "caption"])
    await close_prompts(ctx, post)
