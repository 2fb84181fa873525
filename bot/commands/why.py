"""/why 142: what was done for a post, when, and what the platform said."""

from bot.cards.views import PostView, view_of
from bot.command import Command
from bot.context import Context
from bot.texts import has_words
from bot.texts.times import clock, day, moment
from models.post import Attempt, Post
from models.team import Member

_MAX_ROWS = 25


async def _run(ctx: Context, arguments: str) -> None:
    number = arguments.strip().lstrip("#")
    if not number.isdecimal():
        await ctx.answer("why.which")
        return
    post = await Post.get_or_none(team_id=ctx.team.id, number=int(number[:9]))
    if post is None:
        await ctx.answer("cancel.not_found", number=f"#{number[:9]}")
        return
    view = await view_of(post, now=ctx.now)
    lines = [ctx.words("why.title", number=view.number), await _made(ctx, view)]
    lines += await _tried(ctx, view)
    lines.append(_end(ctx, view))
    await ctx.answer("plain", text="\n".join(line for line in lines if line))


async def _made(ctx: Context, view: PostView) -> str:
    post = view.post
    made = day(post.created_at, view.zone, now=ctx.now, language=ctx.language)
    made = f"{made}, {clock(post.created_at, view.zone)}"
    if post.due_at is None:
        return ctx.words("why.drafted", at=made, who=view.author.name)
    planned = moment(post.due_at, view.zone, now=ctx.now, language=ctx.language)
    who = await Member.get_or_none(id=post.changed_by_id) if post.changed_by_id else view.author
    name = who.name if who else view.author.name
    return ctx.words("why.planned", at=made, who=name, planned=planned)


async def _tried(ctx: Context, view: PostView) -> list[str]:
    ids = [target.id for target in view.targets]
    shown = await Attempt.filter(target_id__in=ids).order_by("created_at", "id")
    rows = [_row(ctx, view, one) for one in shown[-_MAX_ROWS:]]
    hidden = len(shown) - len(rows)
    return [ctx.words("why.earlier", count=hidden), *rows] if hidden else rows


def _row(ctx: Context, view: PostView, one: Attempt) -> str:
    step = f"why.step.{one.step}"
    outcome = f"why.outcome.{one.outcome}"
    took = ctx.words("why.took", seconds=one.duration_ms / 1000) if one.duration_ms else "–"
    trouble = f"trouble.{one.error.get('trouble', '')}"
    said = ctx.words(trouble) if has_words(trouble) else ""
    code = f" ({one.error_code})" if one.error_code else ""
    return ctx.words(
        "why.row",
        at=clock(one.created_at, view.zone, seconds=True),
        step=ctx.words(step) if has_words(step) else one.step,
        outcome=ctx.words(outcome, took=took) if has_words(outcome) else f"{one.outcome}, {took}",
        said=f" {said}{code}" if said or code else "",
    ).rstrip()


def _end(ctx: Context, view: PostView) -> str:
    target = view.target
    if target and target.state == "published" and target.published_at:
        at = clock(target.published_at, view.zone, seconds=True)
        return ctx.words("why.published", at=at, link=target.permalink or "")
    if target and target.next_attempt_at and view.state in {"scheduled", "publishing"}:
        return ctx.words(
            "why.next",
            at=moment(target.next_attempt_at, view.zone, now=ctx.now, language=ctx.language),
        )
    return ctx.words(f"state.{view.state}", number=view.number)


COMMAND = Command("why", _run, in_groups=True)
