"""What is said about a connected account. Pure."""

from datetime import datetime

from bot.cards.buttons import Drawer
from bot.texts import has_words, say
from bot.texts.times import day
from integrations.chat.outgoing import Card, Text
from models.account import Account

_TYPES = {"BUSINESS": "business", "MEDIA_CREATOR": "creator", "CREATOR": "creator"}


def account_type(account: Account, language: str) -> str:
    """Return the kind of account in a word people know."""
    kind = _TYPES.get(account.account_type.upper(), "professional")
    return say(f"account.type.{kind}", language)


def account_row(account: Account, language: str, *, now: datetime) -> str:
    """Return one line about an account for the list."""
    return say(
        "account.row",
        language,
        username=account.username,
        type=account_type(account, language),
        state=state_words(account, language, now=now),
    )


def account_card(account: Account, language: str, *, now: datetime) -> Card:
    """Draw the card of an account: asks whether it is theirs, then says that it works."""
    draw = Drawer(account.id, account.token_version, language)
    params: dict[str, object] = {
        "username": account.username,
        "type": account_type(account, language),
    }
    match account.state:
        case "unconfirmed":
            words = say("account.ask", language, **params)
            rows = ((draw.button("mine", "mine", "success"), draw.button("nmine", "not_mine")),)
            return _card(words, rows=rows)
        case "active" if account.token_expires_at:
            until = day(account.token_expires_at, "UTC", now=now, language=language)
            return _card(say("account.connected", language, until=until, **params))
        case "active":
            return _card(say("account.connected_for_ever", language, **params))
        case "needs_reconnect" | "held":
            words = say("account.needs", language, reason=reason(account, language), **params)
            return _card(words, rows=((draw.button("acon", "reconnect_account", "primary"),),))
        case _:
            return _card(say("account.removed", language, **params))


def reason(account: Account, language: str) -> str:
    """Return why an account needs a person."""
    key = f"trouble.{account.trouble}"
    return say(key if has_words(key) else "trouble.other", language)


def state_words(account: Account, language: str, *, now: datetime) -> str:
    """Return how an account stands: that it works, or what it needs."""
    if account.state == "active" and account.token_expires_at is None:
        return say("account.state.active_for_ever", language)
    until = (
        day(account.token_expires_at, "UTC", now=now, language=language)
        if account.token_expires_at
        else ""
    )
    return say(
        f"account.state.{account.state}", language, until=until, reason=reason(account, language)
    )


def _card(words: str, *, rows: tuple[tuple[object, ...], ...] = ()) -> Card:
    lines = tuple((Text(line),) for line in words.split("\n"))
    return Card(lines=lines, fallback_text=words, buttons=rows)  # type: ignore[arg-type]  # rows of buttons
