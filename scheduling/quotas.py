"""How many posts an account may still publish: asked live, kept, and reckoned ahead.

What a platform allows is known only from the platform: as long as it told nothing for an account,
nothing is said ahead.
"""

import logging
from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models.account import Account
from models.clock import Clock
from models.database import DATABASE_TROUBLE, db
from models.failpoints import fp
from platforms.contract import Credentials, Platform, Quota
from platforms.errors import NeedsReconnect, PlatformError

log = logging.getLogger(__name__)

_KEPT_SECONDS = 60.0
_KEPT_ACCOUNTS = 10_000

_KEEP = """
UPDATE account SET quota_total = $2, quota_window_seconds = $3, quota_read_at = $4 WHERE id = $1
"""

_COUNTED = "'published', 'publishing', 'unconfirmed', 'scheduled', 'preparing', 'waiting_media',"
_COUNTED += " 'ready', 'deferred', 'blocked'"

_AROUND = f"""
SELECT coalesce(published_at, due_at) AS at FROM target
WHERE account_id = $1 AND post_id <> $2 AND state IN ({_COUNTED})
    AND due_at > $3::timestamptz - $5::interval AND due_at < $4::timestamptz + 3 * $5::interval
ORDER BY due_at LIMIT 5000
"""  # noqa: S608 - the table's own state names


class Quotas:
    """The publishing quotas of accounts, as their platforms tell them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: OrderedDict[UUID, tuple[float, Quota | None]] = OrderedDict()

    async def read(self, account_id: UUID, platform: Platform, who: Credentials) -> Quota | None:
        """Return an account's quota, at most a minute old; None when unknown or none.

        Raises:
            NeedsReconnect: the account needs a person.
        """
        known = self._known.get(account_id)
        if known and self._clock.monotonic() - known[0] < _KEPT_SECONDS:
            return known[1]
        try:
            quota = await platform.quota(who)
            fp("Q1")
        except NeedsReconnect:
            raise
        except PlatformError as err:
            # The quota is a courtesy: what is over it, the platform refuses by itself.
            log.info("quota.unread", extra={"account_id": str(account_id), "why": err.trouble})
            return None
        self._known[account_id] = (self._clock.monotonic(), quota)
        while len(self._known) > _KEPT_ACCOUNTS:
            self._known.popitem(last=False)
        if quota is not None:
            await self._keep(account_id, quota)
        return quota

    async def _keep(self, account_id: UUID, quota: Quota) -> None:
        """Keep what is allowed beside the account, for who plans without asking the platform."""
        seconds = int(quota.window.total_seconds())
        try:
            await db().execute_query(_KEEP, [account_id, quota.total, seconds, self._clock.now()])
        except DATABASE_TROUBLE:
            log.info("quota.not_kept", extra={"account_id": str(account_id)})

    async def is_full(self, account_id: UUID, platform: Platform, who: Credentials) -> bool:
        """Say whether the platform would refuse another post of this account now."""
        quota = await self.read(account_id, platform, who)
        return quota is not None and quota.used >= quota.total


@dataclass(frozen=True, slots=True)
class Crowd:
    """Why a slot does not fit: `used` of `total` are planned within `window`.

    `free_at` is when the post that finds no room there could go out.
    """

    used: int
    total: int
    window: timedelta
    free_at: datetime


async def crowd_at(account: Account, post_id: UUID, due_at: datetime) -> Crowd | None:
    """Return why *post_id* at *due_at* is more than its platform allows; None when it fits.

    Asks no platform: it goes by what was told last, and is None while nothing was told.
    """
    return await crowd_at_runs(account, post_id, [due_at])


async def crowd_at_runs(account: Account, post_id: UUID, runs: Sequence[datetime]) -> Crowd | None:
    """Return why the posts of a series, at its next *runs* in order, are more than is allowed.

    They take room from each other and from all that is planned beside them; see `crowd_at`.
    """
    total, seconds = account.quota_total, account.quota_window_seconds
    if total is None or total < 1 or not seconds or not runs:
        return None
    window = timedelta(seconds=seconds)
    around = [account.id, post_id, runs[0], runs[-1], window]
    others = sorted(row["at"] for row in await db().execute_query_dict(_AROUND, around))
    for run in runs:
        crowd = crowd_of(others, run, total=total, window=window)
        if crowd is not None:
            return crowd
        insort(others, run)
    return None


def crowd_of(
    others: Sequence[datetime], due_at: datetime, *, total: int, window: timedelta
) -> Crowd | None:
    """Return why one more at *due_at* is too many beside *others* (in order); None when it fits.

    Platforms count what went out in the window that ends now, so one more post takes room from
    every post within a window after it. Pure.
    """
    every = list(others)
    insort(every, due_at)
    first = bisect_left(every, due_at)
    for index in range(first, len(every)):
        at = every[index]
        if at >= due_at + window:
            return None
        used = index - bisect_right(every, at - window)
        if used >= total:
            return Crowd(used, total, window, _free_from(every, index, total, window))
    return None


def _free_from(every: Sequence[datetime], index: int, total: int, window: timedelta) -> datetime:
    """Return the first moment at which the post at *index* has room, behind who is planned."""
    at = every[index]
    others = [*every[:index], *every[index + 1 :]]
    free = at
    for ahead in range(index, len(others) + 1):
        free = max(at, others[ahead - total] + window)
        if ahead == len(others) or free < others[ahead]:
            break
    return free
