"""How many posts an account may still publish, asked live and kept for a moment."""

import logging
from collections import OrderedDict
from uuid import UUID

from models.clock import Clock
from models.failpoints import fp
from platforms.contract import Credentials, Platform, Quota
from platforms.errors import NeedsReconnect, PlatformError

log = logging.getLogger(__name__)

_KEPT_SECONDS = 60.0
_KEPT_ACCOUNTS = 10_000


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
        return quota

    async def is_full(self, account_id: UUID, platform: Platform, who: Credentials) -> bool:
        """Say whether the platform would refuse another post of this account now."""
        quota = await self.read(account_id, platform, who)
        return quota is not None and quota.used >= quota.total
