"""Moves on the queue in words: a list of changes first, [Apply], then [Undo] for ten minutes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.cards.buttons import Pressed
from bot.context import Context
from bot.flows.changing import CHANGEABLE, UNDO, ask_about_twins, choose_slot
from bot.flows.prompts import LIFETIME, close_prompts
from bot.flows.settling import settle, tell_changed
from bot.flows.when import profile_of
from models.account import Account
from models.outbox import Prompt, tell
from models.post import Post, lock_post
from models.rearrangement import Rearrangement, lock_rearrangement
from scheduling.planner import Slot
from scheduling.rearranging.changes import Change, Queue, busiest_day
from scheduling.rearranging.goals import Goal, NoGoal
from scheduling.rearranging.queue import apply, draw_up, last_pause, take_back
from scheduling.rearranging.sentence import Order, Unclear, read_order, read_until
from scheduling.when import Profile

VERBS = frozenset({"mvgo", "mvno", "mvundo", "mvalt"})
_EXPLAINED = frozenset(
    {"no_goal", "swap_two", "recurring", "past", "range", "vague", "too_far", "invalid"}
)
_MOST_CHOICES = 4


async def rearrange(
    words: str, ctx: Context, *, is_sure: bool = False, is_reply: bool = False
) -> bool:
    """Take a sentence that rearranges the queue; False when it is none.

    *is_sure*: it was a command, so that an answer is owed whatever it says. *is_reply*: it answers
    the card of a series, so that "resume" speaks of that.
    """
    profile = await _profile(ctx)
    found = read_order(words, now=ctx.said_at, profile=profile)
    if isinstance(found, Unclear):
        if not is_sure and found.numbers and not await _knows_any(found.numbers, ctx):
            return False
        await _explain(found, ctx)
        return True
    if found is None:
        return False
    if found.action == "resume" and await _running_pause(ctx) is None:
        if is_sure:
            await ctx.answer("move.no_pause")
        return is_sure
    if found.action == "resume" and is_reply:
        return False
    await order(found, profile, ctx)
    return True


async def order(wanted: Order, profile: Profile, ctx: Context) -> None:
    """Show what *wanted* would change, or ask what is still open in it."""
    if await _is_of_a_draft(wanted, ctx):
        return
    kept = Rearrangement(
        team_id=ctx.team.id,
        member_id=ctx.member.id,
        place_id=ctx.place.id,
        kind=wanted.action,
        message_ref=ctx.inbound.message_ref if not ctx.inbound.press else "",
        created_at=ctx.now,
    )
    await close_prompts(ctx)
    if wanted.action == "pause" and not wanted.goals:
        wanted = replace(wanted, goals=tuple(_days_to_offer(ctx, profile)))
        await _ask(kept, wanted, ctx, is_until=True)
    elif len(wanted.goals) > 1:
        wanted = replace(wanted, goals=wanted.goals[:_MOST_CHOICES])
        await _ask(kept, wanted, ctx, is_until=False)
    else:
        await _list(kept, wanted, profile, ctx)


async def pause_post(post: Post, goals: Sequence[Goal], ctx: Context) -> None:
    """Have one post wait until a day, or ask until which."""
    await order(Order("pause", (post.number,), tuple(goals)), await _profile(ctx), ctx)


def is_resume(words: str, ctx: Context) -> bool:
    """Say whether *words* end a pause."""
    found = read_order(words, now=ctx.said_at, profile=profile_of(ctx.member, "UTC"))
    return isinstance(found, Order) and found.action == "resume"


async def answer_until(prompt: Prompt, words: str, ctx: Context) -> bool:
    """Take typed words as the answer to "until when?"; False when they are none."""
    kept = await lock_rearrangement(prompt.subject_id)
    if kept is None or kept.state != "choosing":
        await close_prompts(ctx)
        return False
    profile = await _profile(ctx)
    found = read_until(words, now=ctx.said_at, profile=profile)
    if isinstance(found, NoGoal):
        if found.why in {"unread", "none", "no_goal"}:
            return False
        await _explain(Unclear(found.why, found.word or words[:80]), ctx)
        return True
    await close_prompts(ctx)
    wanted = replace(Order.from_json(kept.wanted), goals=tuple(found[:_MOST_CHOICES]))
    if len(wanted.goals) > 1:
        await _ask(kept, wanted, ctx, is_until=False)
    else:
        await _list(kept, wanted, profile, ctx)
    return True


# ── buttons ──────────────────────────────────────────────────────────────────────────────────


async def on_press(pressed: Pressed, ctx: Context) -> None:
    """Do what a button of a list says; a list that is no longer true is drawn again instead."""
    kept = await lock_rearrangement(pressed.subject)
    if kept is None:
        ctx.toast("toast.out_of_date")
        return
    if kept.team_id != ctx.team.id or ctx.member.role == "viewer":
        ctx.toast("toast.not_yours", is_alert=True)
        return
    if pressed.rev != kept.rev:
        ctx.toast("toast.stale")
        await _tell(kept, ctx)
        return
    match pressed.verb, kept.state:
        case "mvgo", "listed":
            await _apply(kept, ctx)
        case "mvno", "listed" | "choosing":
            await close_prompts(ctx)
            await _become(kept, "cancelled", ctx)
            ctx.toast("toast.done")
        case "mvundo", "applied":
            await _undo(kept, ctx)
        case verb, "choosing" if verb.startswith("mvalt"):
            await _choose(kept, pressed, ctx)
        case _:
            ctx.toast("toast.already_plain")
            await _tell(kept, ctx)


async def _apply(kept: Rearrangement, ctx: Context) -> None:
    wanted = Order.from_json(kept.wanted)
    shown = [Change.from_json(one) for one in kept.changes]
    zone = (await _profile(ctx, kept)).zone
    found, queue = await draw_up(wanted, kept.team_id, now=ctx.now, zone=zone, locks=True)
    if [one.meaning() for one in found] != [one.meaning() for one in shown]:
        await _show(kept, wanted, found, queue, ctx)
        ctx.toast("move.changed", is_alert=True)
        return
    done, posts = await apply(
        found, ctx.house.planner, ctx.house.recurrences, by=ctx.member, now=ctx.now
    )
    for post in posts:
        await ask_about_twins(post, ctx)
        await tell_changed(post, now=ctx.now)
    kept.changes = [one.to_json() for one in done]
    kept.applied_at, kept.undo_until = ctx.now, ctx.now + UNDO
    if wanted.action == "resume":
        await _end_pause(kept, ctx)
    await _become(kept, "applied", ctx)
    ctx.toast("toast.done")


async def _end_pause(kept: Rearrangement, ctx: Context) -> None:
    """Note that the pause is over; Undo lets it go on."""
    pause = await last_pause(kept.team_id)
    if pause:
        await _become(pause, "ended", ctx)
        kept.wanted = {**kept.wanted, "ended": str(pause.id)}


async def _undo(kept: Rearrangement, ctx: Context) -> None:
    if kept.undo_until is None or kept.undo_until < ctx.now:
        ctx.toast("toast.undo_over")
        await _tell(kept, ctx)
        return
    changes = [Change.from_json(one) for one in kept.changes]
    done, drafts = await take_back(
        changes, ctx.house.planner, ctx.house.recurrences, by=ctx.member, now=ctx.now
    )
    await _go_on_pausing(kept, ctx)
    for post in drafts:
        await settle(post, ctx.house, now=ctx.now)
        await tell_changed(post, now=ctx.now)
    kept.changes = [one.to_json() for one in done]
    await _become(kept, "undone", ctx)
    ctx.toast("toast.restored" if any(one.outcome == "back" for one in done) else "toast.done")


async def _go_on_pausing(kept: Rearrangement, ctx: Context) -> None:
    """Have the pause that this ended stand again."""
    ended = kept.wanted.get("ended")
    pause = await lock_rearrangement(UUID(str(ended))) if ended else None
    if pause and pause.state == "ended":
        await _become(pause, "applied", ctx)


async def _choose(kept: Rearrangement, pressed: Pressed, ctx: Context) -> None:
    wanted = Order.from_json(kept.wanted)
    index = pressed.index_of("mvalt")
    if index is None or index >= len(wanted.goals):
        ctx.toast("toast.stale")
        return
    await close_prompts(ctx)
    await _list(kept, wanted.chosen(wanted.goals[index]), await _profile(ctx, kept), ctx)
    ctx.toast("toast.done")


# ── lists ────────────────────────────────────────────────────────────────────────────────────


async def _list(kept: Rearrangement, wanted: Order, profile: Profile, ctx: Context) -> None:
    if wanted.action == "pause":
        # "for two days" counts from when it was said, not from when it is applied.
        end = wanted.goals[0].moment_from(ctx.said_at, profile.zone)
        wanted = wanted.chosen(Goal("moment", at=end, zone=profile.zone))
    changes, queue = await draw_up(wanted, ctx.team.id, now=ctx.now, zone=profile.zone)
    await _show(kept, wanted, changes, queue, ctx)


async def _show(
    kept: Rearrangement, wanted: Order, changes: Sequence[Change], queue: Queue, ctx: Context
) -> None:
    kept.wanted = {**wanted.to_json(), "zone": (await _profile(ctx, kept)).zone}
    kept.wanted["crowded"] = await _crowded(changes, queue, ctx)
    kept.changes = [one.to_json() for one in changes]
    await _become(kept, "listed" if any(one.is_change for one in changes) else "empty", ctx)


async def _crowded(
    changes: Sequence[Change], queue: Queue, ctx: Context
) -> dict[str, object] | None:
    """Return the account that would have more posts within a day than its platform takes."""
    for account_id, count in busiest_day(changes, queue.planned).items():
        account = await Account.get_or_none(id=account_id)
        platform = ctx.house.platforms.get(account.platform) if account else None
        limit = platform.card.max_posts_a_day if platform else None
        if account and limit and count > limit:
            return {"username": account.username, "count": count, "limit": limit}
    return None


async def _ask(kept: Rearrangement, wanted: Order, ctx: Context, *, is_until: bool) -> None:
    kept.wanted = {**wanted.to_json(), "zone": (await _profile(ctx, kept)).zone}
    kept.wanted["asks_until"] = is_until
    await _become(kept, "choosing", ctx)
    if is_until:
        await Prompt.create(
            place_id=ctx.place.id,
            member_id=ctx.member.id,
            expects="move_until",
            subject_kind="rearrangement",
            subject_id=kept.id,
            created_at=ctx.now,
            expires_at=ctx.now + LIFETIME,
        )


async def _become(kept: Rearrangement, state: str, ctx: Context) -> None:
    kept.state = state
    kept.rev += 1
    await kept.save()
    await _tell(kept, ctx)


async def _tell(kept: Rearrangement, ctx: Context) -> None:
    await tell("rearrangement", kept.id, "changed", place_id=kept.place_id, now=ctx.now)


# ── what it is about ─────────────────────────────────────────────────────────────────────────


async def _profile(ctx: Context, kept: Rearrangement | None = None) -> Profile:
    """Return whose words are read; without a zone of their own, in that of what is planned."""
    zone = str(kept.wanted.get("zone") or "") if kept else ""
    if not zone and not ctx.member.zone:
        planned = await Post.filter(team_id=ctx.team.id, stage="committed").exclude(zone="")
        zone = planned[0].zone if planned else ""
    return profile_of(ctx.member, zone or ctx.member.zone or "UTC")


async def _knows_any(numbers: Sequence[int], ctx: Context) -> bool:
    return await Post.filter(team_id=ctx.team.id, number__in=numbers).exists()


async def _running_pause(ctx: Context) -> Rearrangement | None:
    """Return the pause that is still on."""
    pause = await last_pause(ctx.team.id)
    if pause is None:
        return None
    end = Order.from_json(pause.wanted).goals[0].at
    return pause if end and end > ctx.now else None


async def _is_of_a_draft(wanted: Order, ctx: Context) -> bool:
    """Give a draft that is named alone its time at once: there is nothing planned to list."""
    if wanted.action != "move" or len(wanted.numbers) != 1 or len(wanted.goals) != 1:
        return False
    found = await Post.get_or_none(team_id=ctx.team.id, number=wanted.numbers[0])
    post = await lock_post(found.id) if found and found.stage == "draft" else None
    goal = wanted.goals[0]
    if post is None or post.stage not in CHANGEABLE or goal.kind != "moment" or goal.at is None:
        return False
    if goal.at <= ctx.now:
        return False
    ctx.mark_seen()
    await choose_slot(post, goal.slot_from(Slot(goal.at, "1970-01-01T00:00:00", goal.zone)), ctx)
    return True


def _days_to_offer(ctx: Context, profile: Profile) -> list[Goal]:
    """Return tomorrow, next monday, and in a week."""
    today = ctx.now.astimezone(ZoneInfo(profile.zone)).date()
    ahead = sorted({1, 7 - today.weekday(), 7})
    return [Goal("day", day=today + timedelta(days=days)) for days in ahead]


async def _explain(found: Unclear, ctx: Context) -> None:
    """Say what of the sentence was not understood."""
    if found.why in _EXPLAINED:
        await ctx.answer(f"move.why.{found.why}", word=found.word)
    else:
        await ctx.answer("move.unread", word=found.word[:80])
