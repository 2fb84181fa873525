"""A person's Home: what goes out today, what waits for them, how the accounts are, what comes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.cards.account import account_row
from bot.cards.buttons import payload
from bot.cards.captions import with_piece
from bot.cards.post import kind_words
from bot.cards.views import PostView, view_of
from bot.texts import has_words, say
from bot.texts.times import clock, day
from integrations.chat.outgoing import Button, Card, Line, Text
from models.account import Account
from models.post import OPEN_STATES, Post
from models.team import Member

MAX_ROWS = 12
"""How many posts a section lists; the rest is counted."""

_AHEAD = timedelta(days=7)
_MAX_READ = 60
_MAX_DRAFTS = 20
_BUTTONS_A_ROW = 5
_NEEDS_SOMEBODY = frozenset({"failed", "late", "blocked", "unconfirmed", "draft"})


@dataclass(frozen=True, slots=True)
class HomeView:
    """All that a Home shows. *posts* are in the order of their slots, drafts behind them."""

    member: Member
    posts: tuple[PostView, ...]
    accounts: tuple[Account, ...]
    now: datetime

    @property
    def zone(self) -> str:
        """The zone its times are said in."""
        return self.member.zone or "UTC"

    def is_today(self, view: PostView) -> bool:
        """Say whether a post goes out, or went out, on the person's present day."""
        at = _slot(view)
        zone = ZoneInfo(self.zone)
        return at is not None and at.astimezone(zone).date() == self.now.astimezone(zone).date()


async def load_home(member: Member, *, now: datetime) -> HomeView:
    """Read what *member*'s Home shows as it stands now."""
    begins = now - timedelta(days=1)
    planned = Post.filter(team_id=member.team_id, stage="committed", series__id__isnull=True)
    waiting = (
        await planned.filter(targets__state__in=(*OPEN_STATES, "failed"))
        .distinct()
        .order_by("due_at")
    )
    done = await planned.filter(targets__state="published", due_at__gte=begins).order_by("due_at")
    drafts = (
        await Post.filter(team_id=member.team_id, stage="draft", series__id__isnull=True)
        .order_by("-number")
        .limit(_MAX_DRAFTS)
    )
    posts = {post.id: post for post in [*done[-_MAX_READ:], *waiting[:_MAX_READ], *drafts]}
    views = [await view_of(post, now=now) for post in posts.values()]
    accounts = (
        await Account.filter(team_id=member.team_id)
        .exclude(state="disconnected")
        .order_by("created_at")
    )
    views.sort(key=lambda view: (view.state == "draft", _slot(view) or now, view.post.number))
    return HomeView(member, tuple(views), tuple(accounts), now)


def home_card(view: HomeView) -> Card:
    """Draw a Home: Today, Needs you, Accounts, the days ahead; then what can be pressed."""
    language = view.member.language
    today = [one for one in view.posts if view.is_today(one) and one.state != "draft"]
    needs = [one for one in view.posts if one.state in _NEEDS_SOMEBODY]
    ends = view.now + _AHEAD
    ahead = [
        one
        for one in view.posts
        if one.state == "scheduled" and not view.is_today(one) and (_slot(one) or ends) < ends
    ]
    sections = [
        _section("home.today", [_row(one, view) for one in today], language, empty="home.nothing"),
        _section("home.needs", _needs(needs, view), language, empty="home.needs_nothing"),
        _section("home.accounts", _accounts(view), language, empty="account.none"),
        _section("home.ahead", _by_day(ahead, view), language, empty="queue.empty"),
    ]
    lines = [line for section in sections for line in (*section, (Text(""),))]
    return Card(
        lines=tuple(lines[:-1]),
        fallback_text=say(
            "home.fallback", language, today=len(today), needs=len(needs), ahead=len(ahead)
        ),
        buttons=_buttons([*needs, *today, *ahead], view),
    )


def _section(title: str, rows: Sequence[str], language: str, *, empty: str) -> list[Line]:
    shown = list(rows[:MAX_ROWS]) or [say(empty, language)]
    if len(rows) > MAX_ROWS:
        shown.append(say("queue.later", language, count=len(rows) - MAX_ROWS))
    return [(Text(say(title, language), "bold"),), *((Text(row),) for row in shown)]


def _row(one: PostView, view: HomeView) -> str:
    at = _slot(one)
    row = say(
        "home.row",
        view.member.language,
        clock=clock(at, view.zone) if at else "",
        state=say(f"state.{one.state}", view.member.language, number=one.number),
        account=f"@{one.account.username}" if one.account else "",
        kind=kind_words(one, view.member.language),
    )
    return with_piece(row, one.post.caption)


def _needs(needs: Sequence[PostView], view: HomeView) -> list[str]:
    language = view.member.language
    accounts = [
        account_row(account, language, now=view.now)
        for account in view.accounts
        if account.state != "active"
    ]
    return [*accounts, *(_need(one, view) for one in needs)]


def _need(one: PostView, view: HomeView) -> str:
    language = view.member.language
    state = say(f"state.{one.state}", language, number=one.number)
    if one.state != "draft":
        at = _slot(one)
        when = f"{day(at, view.zone, now=view.now, language=language)}, " if at else ""
        row = f"{state} · {when}{clock(at, view.zone) if at else ''}"
    else:
        key = f"drafts.open.{one.post.question or 'fetching'}"
        row = f"{state} · {say(key if has_words(key) else 'drafts.open.no_time', language)}"
    return with_piece(row, one.post.caption)


def _accounts(view: HomeView) -> list[str]:
    return [account_row(account, view.member.language, now=view.now) for account in view.accounts]


def _by_day(ahead: Sequence[PostView], view: HomeView) -> list[str]:
    language = view.member.language
    return [
        f"{day(at, view.zone, now=view.now, language=language)} · {_row(one, view)}"
        for one in ahead
        if (at := _slot(one))
    ]


def _buttons(posts: Sequence[PostView], view: HomeView) -> tuple[tuple[Button, ...], ...]:
    language, member = view.member.language, view.member
    new_post = Button(say("button.new_post", language), payload("newpost", member.id, 0))
    queue = Button(say("button.queue", language), payload("queue", member.id, 0))
    connect = Button(say("button.connect", language), payload("start", member.id, 0))
    settings = Button(say("button.settings", language), payload("settings", member.id, 0))
    # What comes first is what one does next.
    first = (
        (replace(new_post, style="primary"), queue, connect, settings)
        if view.accounts
        else (replace(connect, style="primary"), new_post, queue, settings)
    )
    shown = list({one.post.id: one for one in posts}.values())[:MAX_ROWS]
    numbers = [Button(one.number, payload("open", one.post.id, one.post.rev)) for one in shown]
    starts = range(0, len(numbers), _BUTTONS_A_ROW)
    return (first, *(tuple(numbers[at : at + _BUTTONS_A_ROW]) for at in starts))


def _slot(view: PostView) -> datetime | None:
    return view.target.due_at if view.target else view.post.due_at
