"""Warns that a login is about to end and could not be renewed: 7, 3 and 1 days before (K5)."""

from datetime import datetime, timedelta

from tortoise.transactions import in_transaction

from models.account import Account
from models.outbox import Outbox, tell

STEPS = (1, 3, 7)
"""Days before the end at which a warning is due, the most urgent first."""

_BATCH = 50


def step_of(left: timedelta) -> int | None:
    """Return which warning is due when a login still lasts *left*, None when none is."""
    return next((days for days in STEPS if left <= timedelta(days=days)), None)


async def warn_of_ends(now: datetime) -> int:
    """Write the warnings that are due, each once per login; returns how many there were.

    What lasts a week or less was tried to be renewed many times by then: renewing begins weeks
    earlier. A login that ended is no forecast any more, the next call holds the account.
    """
    ending = (
        await Account.filter(
            state="active", token_expires_at__gt=now, token_expires_at__lte=now + timedelta(days=7)
        )
        .order_by("token_expires_at")
        .limit(_BATCH)
    )
    return sum([await _warn(account, now) for account in ending])


async def _warn(found: Account, now: datetime) -> bool:
    async with in_transaction():
        account = await Account.filter(id=found.id).select_for_update().first()
        if account is None or account.state != "active" or account.token_expires_at is None:
            return False
        step = step_of(account.token_expires_at - now)
        if step is None or _may_still_be_renewed(account, now):
            return False
        told: dict[str, object] = {"days": step, "version": account.token_version}
        if await Outbox.filter(
            subject_kind="account", subject_id=account.id, event="ends", payload__contains=told
        ).exists():
            return False
        await tell("account", account.id, "ends", purpose="notice", payload=told, now=now)
    return True


def _may_still_be_renewed(account: Account, now: datetime) -> bool:
    """A login younger than a day cannot be renewed yet; nobody has tried."""
    issued = account.token_issued_at
    return issued is not None and now - issued < timedelta(days=1)
