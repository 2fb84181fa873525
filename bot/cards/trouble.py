"""What a team's place for failures says of a post or an account: what happened, how it ended."""

from collections.abc import Sequence
from datetime import datetime

from bot.cards.account import reason
from bot.cards.buttons import Drawer
from bot.cards.missed import missed_lines
from bot.cards.post import failure_words, trouble_words
from bot.cards.views import PostView
from bot.texts import say
from bot.texts.times import clock, moment
from integrations.chat.outgoing import Button, Card, Text
from models.account import Account
from models.post import Target
from models.team import Member

_OPEN = frozenset({"failed", "unconfirmed", "late", "blocked"})


def is_open(view: PostView) -> bool:
    """Say whether a post still waits for somebody to do something about it."""
    return view.state in _OPEN


def trouble_card(
    view: PostView, language: str, *, since: datetime, changed_by: Member | None
) -> Card:
    """Draw the notice about a post in trouble since *since*, or about its end."""
    target = view.target
    words = (
        _open_words(view, target, language)
        if target and is_open(view)
        else _end_words(view, language, since=since, changed_by=changed_by)
    )
    account = f"@{view.account.username}" if view.account else say("no_account", language)
    by = say("failures.by", language, name=view.author.name, account=account)
    rows: tuple[tuple[Button, ...], ...] = ()
    if is_open(view):
        draw = Drawer(view.post.id, view.post.rev, language)
        rows = ((draw.button("open", "show_card", number=view.number),),)
    return _card([words, by], rows)


def _open_words(view: PostView, target: Target, language: str) -> str:
    number = view.number
    match target.state:
        case "failed":
            return failure_words("notice.failed", target, language, number=number)
        case "unconfirmed":
            return say("notice.unconfirmed", language, number=number, reads=target.reads)
        case "late":
            when = moment(target.due_at, view.zone, now=view.now, language=language)
            return say("failures.late", language, number=number, moment=when)
        case _:
            return say(
                "notice.held", language, number=number, reason=trouble_words(target, language)
            )


def _end_words(
    view: PostView, language: str, *, since: datetime, changed_by: Member | None
) -> str:
    target, what = view.target, view.number
    if target and target.state == "published" and target.published_at:
        when = clock(target.published_at, view.zone)
        return say("failures.out", language, what=what, clock=when)
    if changed_by is None or view.post.updated_at < since:
        return say("failures.going", language, what=what)
    when = clock(view.post.updated_at, view.zone)
    key = "failures.dropped" if view.state == "cancelled" else "failures.resolved"
    return say(key, language, what=what, clock=when, who=changed_by.name)


def account_trouble_card(
    account: Account, language: str, *, held: int, zone: str, by: Member | None
) -> Card:
    """Draw the notice about an account that needs somebody, or about its end."""
    name = by.name if by else ""
    match account.state:
        case "needs_reconnect" | "held":
            words = say(
                "account.needs",
                language,
                username=account.username,
                reason=reason(account, language),
            )
            lines = [words]
            if held:
                lines.append(say("account.touches", language, count=held))
            if name:
                lines.append(say("failures.connected_by", language, name=name))
            draw = Drawer(account.id, account.token_version, language)
            return _card(lines, ((draw.button("acon", "reconnect_account", "primary"),),))
        case "disconnected":
            return _card([say("account.disconnected", language, username=account.username)])
        case _:
            when = clock(account.updated_at, zone)
            what = f"@{account.username}"
            key = "failures.resolved" if name else "failures.resolved_alone"
            return _card([say(key, language, what=what, clock=when, who=name)])


def missed_told_card(views: Sequence[PostView], language: str) -> Card:
    """Draw what became of several missed posts; where they were made they are decided about."""
    names = ", ".join(dict.fromkeys(view.author.name for view in views))
    made = say("failures.made_by", language, names=names)
    return _card([*missed_lines(views, language), made])


def _card(lines: Sequence[str], rows: tuple[tuple[Button, ...], ...] = ()) -> Card:
    return Card(
        lines=tuple((Text(line),) for line in lines),
        buttons=rows,
        fallback_text=" ".join(lines),
        is_silent=False,
    )
