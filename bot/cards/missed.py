"""Several posts that missed their time, asked about once for a place (K4)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.cards.buttons import Drawer
from bot.cards.views import PostView, load_post
from bot.texts import say
from bot.texts.times import clock, day
from integrations.chat.outgoing import Button, Card, Text

MAX_LINES = 12
DAY_ENDS_AT = 22
"""The hour of a person's day after which nothing is spread any more."""

_LEAST_ROOM = timedelta(minutes=30)
_FIRST_AFTER = timedelta(minutes=5)


async def load_missed(post_ids: Sequence[UUID], *, now: datetime) -> list[PostView]:
    """Read the posts of one question, in the order of their numbers."""
    found = [await load_post(one, now=now) for one in post_ids]
    return sorted((view for view in found if view), key=lambda view: view.post.number)


def missed_card(batch: UUID, views: Sequence[PostView], language: str) -> Card:
    """Draw the question: which ones, what became of them meanwhile, and what may be done."""
    waiting = still_missed(views)
    lines = missed_lines(views, language)
    return Card(
        lines=tuple((Text(line),) for line in lines),
        buttons=_rows(batch, waiting, language) if waiting else (),
        fallback_text=" ".join(lines),
    )


def missed_lines(views: Sequence[PostView], language: str) -> list[str]:
    """Return how many still wait, and a line for each of the posts."""
    waiting = still_missed(views)
    key = "missed.title" if waiting else "missed.settled"
    lines = [say(key, language, count=len(waiting))]
    lines += [_line(view, language) for view in views[:MAX_LINES]]
    if len(views) > MAX_LINES:
        lines.append(say("missed.more", language, count=len(views) - MAX_LINES))
    return lines


def still_missed(views: Sequence[PostView]) -> list[PostView]:
    """Return the posts that still wait for an answer."""
    return [view for view in views if view.state == "late"]


def spread_over_today(views: Sequence[PostView], *, now: datetime) -> list[datetime]:
    """Return a moment for each post, evenly over what is left of the day; [] when little is.

    The first goes out in five minutes, the last well before ten in the evening.
    """
    if not views:
        return []
    local = now.astimezone(ZoneInfo(views[0].zone))
    ends = local.replace(hour=DAY_ENDS_AT, minute=0, second=0, microsecond=0)
    first = now + _FIRST_AFTER
    room = ends - first
    if room < _LEAST_ROOM:
        return []
    step = room / len(views)
    return [(first + step * index).replace(second=0, microsecond=0) for index in range(len(views))]


def _line(view: PostView, language: str) -> str:
    account, at = view.account, view.target.due_at if view.target else view.post.due_at
    when = (
        f"{day(at, view.zone, now=view.now, language=language)}, {clock(at, view.zone)}"
        if at
        else ""
    )
    who = f"@{account.username}" if account else ""
    state = "" if view.state == "late" else say(f"missed.now.{_word(view)}", language, when=when)
    return say("missed.row", language, number=view.number, account=who, when=state or when)


def _word(view: PostView) -> str:
    return view.state if view.state in {"cancelled", "published", "publishing"} else "moved"


def _rows(
    batch: UUID, waiting: Sequence[PostView], language: str
) -> tuple[tuple[Button, ...], ...]:
    draw = Drawer(batch, 0, language)
    first = [draw.button("mnow", "missed_now", "success"), draw.button("mtom", "same_tomorrow")]
    second = [draw.button("mopen", "missed_open"), draw.button("mdrop", "missed_drop", "danger")]
    if len(waiting) > 1 and spread_over_today(waiting, now=waiting[0].now):
        second.insert(0, draw.button("mspread", "missed_spread"))
    return (tuple(first), tuple(second))
