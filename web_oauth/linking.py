"""Writing a connected account down: row, sealed token, audit and outbox in one transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.transactions import in_transaction

from models.account import Account, ConnectState
from models.database import db
from models.ids import new_id, short
from models.outbox import Audit, Outbox, tell
from models.sealed import Keyring, Place
from platforms.contract import Grant, Profile

ABANDONED_AFTER = timedelta(days=1)
"""An account that nobody confirmed for that long no longer keeps other teams from it."""

TELL_AGAIN_AFTER = timedelta(days=1)
"""The present team hears of another team's wish for its account at most this often."""


@dataclass(frozen=True, slots=True)
class Linked:
    """An account that is connected now.

    `was_known`: this team had it and confirmed it before. `expected` is another account's name
    that the post behind the link waits for, "" when there is none: perhaps the wrong login.
    """

    account_id: UUID
    username: str
    was_known: bool
    expected: str = ""


@dataclass(frozen=True, slots=True)
class OwnedElsewhere:
    """Another team of this installation has the account; nothing was changed for it (K8)."""

    account_id: UUID


def token_place(account_id: UUID, team_id: UUID) -> Place:
    """Return where an account's token rests, as it is sealed for."""
    return Place("account", "sealed_token", account_id, team_id)


async def link_account(
    asked: ConnectState,
    *,
    grant: Grant,
    profile: Profile,
    scopes: tuple[str, ...],
    keyring: Keyring,
    now: datetime,
) -> Linked | OwnedElsewhere:
    """Save the account of a completed login for the team that asked.

    A new one is `unconfirmed` until the person who asked says in the chat that it is theirs (K26).
    One that this team has confirmed goes on at once, with the new token (K6: what waited for it
    is resumed by whoever reads the outbox).
    """
    async with in_transaction():
        await _lock(f"{asked.platform}:{profile.platform_user_id}")
        found = (
            await Account.filter(
                platform=asked.platform, platform_user_id=profile.platform_user_id
            )
            .select_for_update()
            .first()
        )
        if found is not None and found.team_id != asked.team_id:
            if not _is_released(found, now):
                await _tell_both(asked, found, profile.username, now)
                return OwnedElsewhere(found.id)
            await _let_go(found, now)
            found = None
        account = found or Account(id=new_id(), team_id=asked.team_id, created_at=now)
        was_known = account.state in {"active", "needs_reconnect", "held"}
        account.state = "active" if was_known else "unconfirmed"
        _describe(account, asked, profile, scopes, now)
        _put_token(account, grant, keyring, now)
        await account.save(force_create=found is None)
        await _write_down(asked, account, now, is_reconnect=was_known)
        return Linked(account.id, account.username, was_known, await _expected(asked, account))


async def _expected(asked: ConnectState, account: Account) -> str:
    """Return the account that the post behind the link waits for, "" when it is this one."""
    if asked.post_id is None:
        return ""
    waiting = await Account.filter(
        targets__post_id=asked.post_id, targets__state="blocked", platform=asked.platform
    )
    is_another = waiting and account.id not in {one.id for one in waiting}
    return waiting[0].username if is_another else ""


def _describe(
    account: Account,
    asked: ConnectState,
    profile: Profile,
    scopes: tuple[str, ...],
    now: datetime,
) -> None:
    account.platform = asked.platform
    account.platform_user_id = profile.platform_user_id
    account.app_user_id = profile.app_user_id
    account.username = profile.username
    account.display_name = profile.display_name
    account.account_type = profile.account_type
    account.scopes = list(scopes)
    account.connected_by_id = asked.member_id
    account.trouble = ""
    account.checked_at = now
    account.updated_at = now


def _put_token(account: Account, grant: Grant, keyring: Keyring, now: datetime) -> None:
    account.sealed_token = keyring.seal(grant.token, token_place(account.id, account.team_id))
    account.token_version += 1  # a refresh that is under way with the old token must not win
    account.token_issued_at = now
    account.token_expires_at = now + grant.expires_after if grant.expires_after else None
    account.refresh_started_at = None
    if grant.app_user_id:
        account.app_user_id = grant.app_user_id


async def _write_down(
    asked: ConnectState, account: Account, now: datetime, *, is_reconnect: bool
) -> None:
    await Audit.create(
        team_id=account.team_id,
        actor_id=asked.member_id,
        action="account.reconnected" if is_reconnect else "account.connected",
        subject_kind="account",
        subject_id=account.id,
        via="web",
        detail={"platform": account.platform},
        at=now,
    )
    await tell(
        "account",
        account.id,
        "connected",
        now=now,
        place_id=asked.place_id,
        payload={
            "member": str(asked.member_id),
            "post": str(asked.post_id) if asked.post_id else "",
            "reconnected": is_reconnect,
            "connect": short(asked.id),
            "followed": False,  # turned true by whoever resumes what waited for the account
        },
    )


async def _tell_both(asked: ConnectState, account: Account, username: str, now: datetime) -> None:
    """Say it to who asked, and to the present team; neither learns who the other is."""
    await tell(
        "connect",
        asked.id,
        "failed",
        now=now,
        purpose="notice",
        place_id=asked.place_id,
        payload={"why": "other_team", "platform": asked.platform, "username": username},
    )
    told = await Outbox.exists(
        subject_kind="account",
        subject_id=account.id,
        event="claimed",
        created_at__gt=now - TELL_AGAIN_AFTER,
    )
    if not told:
        await tell("account", account.id, "claimed", now=now, purpose="notice")


def _is_released(account: Account, now: datetime) -> bool:
    """Say whether a team that holds the row has no claim on the account any more."""
    if account.state == "disconnected":
        return True
    return account.state == "unconfirmed" and account.updated_at <= now - ABANDONED_AFTER


async def _let_go(account: Account, now: datetime) -> None:
    """Leave the old team its row (its posts point there), without name on the platform's id."""
    account.platform_user_id = f"left:{account.id}"
    account.app_user_id = ""
    account.sealed_token = ""
    account.state = "disconnected"
    account.updated_at = now
    await account.save()


async def _lock(key: str) -> None:
    """Let one login of an account be written at a time, also for a row that is not there yet."""
    await db().execute_query_dict(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))::text", [key]
    )
