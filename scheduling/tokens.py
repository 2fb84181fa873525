"""Tokens: opened when needed, renewed long before they lapse, by one at a time."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import SecretStr
from tortoise.transactions import in_transaction

from models.account import Account
from models.clock import Clock
from models.database import db
from models.failpoints import fp
from models.outbox import tell
from models.sealed import Keyring, Place, SealError
from platforms.contract import Credentials, Grant, Platform, Profile
from platforms.errors import NeedsReconnect, PlatformError, Trouble, TryAgainLater
from scheduling import holding
from scheduling.job import AccountRow

log = logging.getLogger(__name__)

CHECK_EVERY = timedelta(days=1)
_REFRESH_TRY_EVERY = timedelta(hours=1)
_REFRESH_TAKES = timedelta(minutes=1)
_LEAST_LEFT = timedelta(days=7)
_BATCH = 20


def resting_place(account_id: UUID, team_id: UUID) -> Place:
    """Return where an account's token rests; what it was sealed for."""
    return Place("account", "sealed_token", account_id, team_id)


@dataclass(frozen=True, slots=True)
class Renewed:
    """A token that was just renewed and sealed again."""

    sealed_token: str
    token_version: int


class Tokens:
    """The tokens of all accounts: opens, renews and checks them."""

    def __init__(self, platforms: Mapping[str, Platform], keyring: Keyring, clock: Clock) -> None:
        self._platforms = platforms
        self._keyring = keyring
        self._clock = clock

    def credentials(self, account: AccountRow) -> Credentials:
        """Return what an adapter needs to act for *account*.

        Raises:
            NeedsReconnect: there is no token, or it does not open.
        """
        return Credentials(account.platform_user_id, self._open(account))

    def _open(self, account: AccountRow) -> SecretStr:
        try:
            place = resting_place(account.id, account.team_id)
            return self._keyring.open(account.sealed_token, place)
        except SealError as err:
            raise NeedsReconnect(Trouble.LOGIN_EXPIRED, code="sealed") from err

    async def refresh(self, account: AccountRow) -> AccountRow:
        """Renew the token of *account* now; one at a time for everybody who uses it.

        Raises:
            TryAgainLater: somebody else is at it, or the platform is down.
            NeedsReconnect: the token is dead.
        """
        now = self._clock.now()
        if not await self._begin_refresh(account.id, account.token_version, now, _REFRESH_TAKES):
            fresh = await Account.get(id=account.id)
            if fresh.token_version != account.token_version:
                return row_of(fresh)
            raise TryAgainLater(Trouble.LOGIN_EXPIRED, after=timedelta(seconds=5))
        fp("C24")
        grant = await self._platforms[account.platform].refresh(self._open(account))
        fp("C23")
        renewed = await self._save(account, grant, now)
        log.info("token.refreshed", extra={"account_id": str(account.id)})
        return replace(
            account, sealed_token=renewed.sealed_token, token_version=renewed.token_version
        )

    async def _begin_refresh(
        self, account_id: UUID, version: int, now: datetime, pause: timedelta
    ) -> bool:
        """Take the right to refresh, committed before the call; a dead holder loses it."""
        rows = await db().execute_query_dict(
            """UPDATE account SET refresh_started_at = $2 WHERE id = $1 AND token_version = $3
            AND (refresh_started_at IS NULL OR refresh_started_at <= $4) RETURNING id""",
            [account_id, now, version, now - pause],
        )
        return bool(rows)

    async def _save(self, account: AccountRow, grant: Grant, now: datetime) -> Renewed:
        sealed = self._keyring.seal(grant.token, resting_place(account.id, account.team_id))
        expires = now + grant.expires_after if grant.expires_after else None
        await db().execute_query_dict(
            """UPDATE account SET sealed_token = $2, token_version = token_version + 1,
            token_issued_at = $3, token_expires_at = $4, refresh_started_at = NULL,
            updated_at = $3 WHERE id = $1 AND token_version = $5 RETURNING id""",
            [account.id, sealed, now, expires, account.token_version],
        )
        return Renewed(sealed, account.token_version + 1)

    async def refresh_due(self) -> int:
        """Renew tokens that are old enough, a few at a time; returns how many were renewed."""
        renewed = 0
        for account in await self._due_for_refresh():
            try:
                await self.refresh(account)
            except NeedsReconnect as err:
                await self._hold(account, err)
            except PlatformError as err:
                # The old token works for weeks yet; the next try is in an hour.
                log.info(
                    "token.refresh_later",
                    extra={"account_id": str(account.id), "trouble": err.trouble},
                )
            else:
                renewed += 1
        return renewed

    async def _due_for_refresh(self) -> list[AccountRow]:
        now = self._clock.now()
        due: list[AccountRow] = []
        for name, platform in self._platforms.items():
            issued_before = now - platform.card.token_refresh_after
            rows = await db().execute_query_dict(
                """SELECT id FROM account WHERE platform = $1 AND state = 'active'
                AND sealed_token <> '' AND token_expires_at IS NOT NULL
                AND (token_issued_at <= $2 OR token_expires_at <= $3)
                AND token_issued_at <= $6
                AND (refresh_started_at IS NULL OR refresh_started_at <= $4)
                ORDER BY token_expires_at LIMIT $5""",
                [
                    name,
                    issued_before,
                    now + _LEAST_LEFT,
                    now - _REFRESH_TRY_EVERY,
                    _BATCH,
                    # Instagram renews no token younger than a day.
                    now - timedelta(days=1),
                ],
            )
            accounts = await Account.filter(id__in=[row["id"] for row in rows])
            due += [row_of(account) for account in accounts]
        return due

    # Who is this?

    async def check(self, account: AccountRow) -> None:
        """Ask the platform who a token speaks for; a new name or a lost right is told (K10).

        Raises:
            NeedsReconnect: it is not publishable any more (a personal account), or another one.
        """
        profile = await self._platforms[account.platform].whoami(self._open(account))
        fp("Q2")
        if not profile.can_publish:
            raise NeedsReconnect(Trouble.PERMISSION_MISSING, code="account_type")
        if profile.platform_user_id != account.platform_user_id:
            raise NeedsReconnect(Trouble.ACCOUNT_GONE, code="other_account")
        await self._keep_profile(account, profile)

    async def _keep_profile(self, account: AccountRow, profile: Profile) -> None:
        now = self._clock.now()
        async with in_transaction():
            await Account.filter(id=account.id).update(
                username=profile.username,
                display_name=profile.display_name,
                account_type=profile.account_type,
                checked_at=now,
            )
            if profile.username != account.username:
                payload: dict[str, object] = {"renamed_from": account.username}
                await tell("account", account.id, "changed", now=now, payload=payload)
                await tell(
                    "account", account.id, "renamed", purpose="notice", now=now, payload=payload
                )

    async def check_due(self) -> int:
        """Check accounts not looked at for a day, a few at a time; returns how many."""
        before = self._clock.now() - CHECK_EVERY
        rows = await db().execute_query_dict(
            """SELECT id FROM account WHERE state = 'active' AND sealed_token <> ''
            AND (checked_at IS NULL OR checked_at <= $1) ORDER BY checked_at NULLS FIRST
            LIMIT $2""",
            [before, _BATCH],
        )
        accounts = await Account.filter(id__in=[row["id"] for row in rows])
        for account in map(row_of, accounts):
            if account.platform not in self._platforms:
                continue
            try:
                await self.check(account)
            except NeedsReconnect as err:
                await self._hold(account, err)
            except PlatformError as err:
                log.info(
                    "account.check_later",
                    extra={"account_id": str(account.id), "trouble": err.trouble},
                )
        return len(accounts)

    async def _hold(self, account: AccountRow, err: NeedsReconnect) -> None:
        async with in_transaction():
            await holding.hold(
                account.id,
                trouble=err.trouble.value,
                who=err.who,
                code=err.code,
                now=self._clock.now(),
            )


def row_of(account: Account) -> AccountRow:
    """Return the account as the engine carries it."""
    return AccountRow(
        id=account.id,
        team_id=account.team_id,
        platform=account.platform,
        platform_user_id=account.platform_user_id,
        username=account.username,
        state=account.state,
        trouble=account.trouble,
        sealed_token=account.sealed_token,
        token_version=account.token_version,
        token_issued_at=account.token_issued_at,
        token_expires_at=account.token_expires_at,
        checked_at=account.checked_at,
    )
