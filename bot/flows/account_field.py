"""The field of a form that says which account a post goes to.

A post goes to one account, so one is chosen. The field is there where a team has a choice.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from bot.cards.account import reason, state_words
from bot.cards.buttons import Pressed
from bot.texts import say
from integrations.chat.incoming import Submitted
from integrations.chat.outgoing import Field
from models.account import Account
from models.database import db
from models.ids import from_short, short

NAME = "account"
"""The field's name in a form."""

USABLE = frozenset({"active", "needs_reconnect", "held"})

_STAYS = "="
"""Before the value of the account a post is for already: to leave it there is never wrong."""

_MAX_NAME_CHARS = 40
_TEAM_OF = """
SELECT team_id FROM member WHERE id = $1 UNION SELECT team_id FROM post WHERE id = $1
"""


def account_field(
    accounts: Sequence[Account], current: Account | None, *, language: str, now: datetime
) -> tuple[Field, ...]:
    """Return the field for a post that is there, of the team's *accounts*; none without a choice.

    The *current* one comes first, also when it is connected no more: it may stay as it is. Where
    there is none (the one that was chosen is gone) each of the others is a choice.
    """
    others = [one for one in accounts if current is None or one.id != current.id]
    offered = [*([current] if current else []), *sorted(others, key=_by_name)]
    return _field(offered, current, may_stay=True, language=language, now=now)


def account_field_of_new(
    accounts: Sequence[Account], *, language: str, now: datetime
) -> tuple[Field, ...]:
    """Return the field for a post that is yet to be made; it would go to the first account.

    A broken account is not taken while another one works; where none does, the draft will ask.
    """
    may_stay = not any(one.state == "active" for one in accounts)
    offered = [*accounts[:1], *sorted(accounts[1:], key=_by_name)]
    first = offered[0] if offered else None
    return _field(offered, first, may_stay=may_stay, language=language, now=now)


def _field(
    offered: Sequence[Account],
    first: Account | None,
    *,
    may_stay: bool,
    language: str,
    now: datetime,
) -> tuple[Field, ...]:
    if not offered or list(offered) == [first]:
        return ()
    options = tuple(
        (value_of(one, stays=may_stay and one is first), _label(one, language, now=now))
        for one in offered
    )
    field = Field(
        NAME,
        say("form.account", language),
        "choice",
        value=options[0][0] if first else "",
        options=options,
        is_optional=first is None,
    )
    return (field,)


def value_of(account: Account, *, stays: bool) -> str:
    """Return the value that an account has in the field."""
    return f"{_STAYS if stays else ''}{short(account.id)}"


def account_in(form: Submitted) -> UUID | None:
    """Return the account that a form names, None where it names none."""
    return from_short(form.values.get(NAME, "").removeprefix(_STAYS))


def is_another(form: Submitted) -> bool:
    """Say whether a form names another account than the one that stood there."""
    value = form.values.get(NAME, "")
    return bool(value) and not value.startswith(_STAYS)


async def named_accounts(form: Submitted, pressed: Pressed | None) -> Mapping[UUID, Account]:
    """Read what the team has of the account that a form names newly; empty: it has it no more."""
    wanted = account_in(form)
    if wanted is None or pressed is None or not is_another(form):
        return {}
    teams = [row["team_id"] for row in await db().execute_query_dict(_TEAM_OF, [pressed.subject])]
    return {one.id: one for one in await Account.filter(id=wanted, team_id__in=teams)}


def judge_account(form: Submitted, known: Mapping[UUID, Account]) -> str:
    """Return why the account of a form cannot be taken, in words; "" when it can.

    *known* is what the team has of it.
    """
    if not is_another(form):
        return ""
    wanted = account_in(form)
    account = known.get(wanted) if wanted else None
    if account is None or account.state not in USABLE:
        return say("form.account_gone", form.language)
    if account.state == "needs_reconnect":
        return say("form.account_reconnect", form.language, username=account.username)
    if account.state == "held":
        why = reason(account, form.language)
        return say("form.account_held", form.language, username=account.username, reason=why)
    return ""


def _label(account: Account, language: str, *, now: datetime) -> str:
    name = account.username
    if len(name) > _MAX_NAME_CHARS:
        # What is wrong with the account is said behind its name, and must not be cut away.
        name = f"{name[: _MAX_NAME_CHARS - 1]}…"
    if account.state == "active":
        return f"@{name}"
    return f"@{name} · {state_words(account, language, now=now)}"


def _by_name(account: Account) -> str:
    return account.username.casefold()
