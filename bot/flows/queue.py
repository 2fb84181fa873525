"""What is planned: the next seven days, by day; a number opens its card."""

from datetime import timedelta

from bot.cards.buttons import payload
from bot.cards.captions import fitting, with_piece
from bot.cards.post import kind_words
from bot.cards.views import PostView, view_of
from bot.context import Context
from bot.texts.times import clock, day, moment
from integrations.chat.outgoing import Button
from models.post import OPEN_STATES, Post

_DAYS = timedelta(days=7)
_MAX_ROWS = 40
_BUTTONS_A_ROW = 4
_MAX_BUTTONS = 12
_MAX_NAMED_DRAFTS = 5
_ICONS = {"late": "⚠️", "blocked": "⏸", "unconfirmed": "❔", "failed": "❌", "publishing": "⏳"}


async def show_queue(ctx: Context) -> None:
    """Say what is planned, and which drafts wait."""
    planned = await _planned(ctx)
    drafts = await Post.filter(team_id=ctx.team.id, stage="draft").order_by("number").limit(20)
    if not planned and not drafts:
        await ctx.answer("queue.empty")
        return
    zone = ctx.member.zone or (planned[0].zone if planned else "UTC")
    lines = fitting(lambda chars: _lines(ctx, planned, zone, chars)) if planned else []
    if drafts:
        lines += ["", *_drafts(ctx, drafts)] if lines else _drafts(ctx, drafts)
    shown = [view.post for view in planned] + drafts
    await ctx.answer("plain", text="\n".join(lines), buttons=_buttons(shown))


def _drafts(ctx: Context, drafts: list[Post]) -> list[str]:
    """Return a row for each of a few drafts; of many only their numbers."""
    if len(drafts) <= _MAX_NAMED_DRAFTS:
        title = ctx.words("queue.drafts", count=len(drafts), numbers="").rstrip()
        return [title, *(with_piece(f"#{post.number}", post.caption) for post in drafts)]
    numbers = ", ".join(f"#{post.number}" for post in drafts)
    return [ctx.words("queue.drafts", count=len(drafts), numbers=numbers)]


async def _planned(ctx: Context) -> list[PostView]:
    posts = (
        await Post.filter(
            team_id=ctx.team.id,
            stage="committed",
            targets__state__in=(*OPEN_STATES, "failed"),
        )
        .distinct()
        .order_by("due_at")
    )
    return [await view_of(post, now=ctx.now) for post in posts[: _MAX_ROWS * 2]]


def _lines(ctx: Context, planned: list[PostView], zone: str, chars: int) -> list[str]:
    last = max(view.post.due_at for view in planned if view.post.due_at)
    title = ctx.words("queue.title") + ctx.words(
        "queue.left",
        count=len(planned),
        moment=moment(last, zone, now=ctx.now, language=ctx.language),
    )
    lines, shown_day = [title], ""
    soon = [view for view in planned if view.post.due_at and view.post.due_at < ctx.now + _DAYS]
    for view in soon[:_MAX_ROWS]:
        at = view.target.due_at if view.target else view.post.due_at
        if at is None:
            continue
        today = day(at, zone, now=ctx.now, language=ctx.language)
        if today != shown_day:
            lines += ["", today]
            shown_day = today
        lines.append(with_piece(_row(ctx, view, clock(at, zone)), view.post.caption, chars))
    left = len(planned) - len(soon[:_MAX_ROWS])
    if left:
        lines += ["", ctx.words("queue.later", count=left)]
    return lines


def _row(ctx: Context, view: PostView, hour: str) -> str:
    icon = _ICONS.get(view.state, "")
    name = f"@{view.account.username}" if view.account else ""
    row = ctx.words(
        "queue.row",
        clock=hour,
        number=view.number,
        account=name,
        kind=kind_words(view, ctx.language),
    )
    if not icon:
        return row
    # A sign alone tells nothing to those who cannot see it (b46).
    state = ctx.words(f"queue.state.{view.state}")
    return ctx.words("queue.row_state", icon=icon, row=row, state=state)


def _buttons(posts: list[Post]) -> list[list[Button]]:
    buttons = [
        Button(f"#{post.number}", payload("open", post.id, post.rev))
        for post in posts[:_MAX_BUTTONS]
    ]
    starts = range(0, len(buttons), _BUTTONS_A_ROW)
    return [buttons[start : start + _BUTTONS_A_ROW] for start in starts]
