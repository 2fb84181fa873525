"""Finds what was dropped, renews what grows old, and throws away what is over.

Run-out leases need no sweeping: the claim itself takes them. Here is what has no lease.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from tortoise.transactions import in_transaction

from models.clock import Clock
from models.database import db
from models.post import WAITING_STATES
from scheduling import forecast, holding, prune
from scheduling.duplicates import LOOKS_LIKE
from scheduling.hindsight import Hindsight
from scheduling.links import MissingLinks
from scheduling.outages import Outages
from scheduling.reach import Reach
from scheduling.timing import Timing
from scheduling.tokens import Tokens

log = logging.getLogger(__name__)

_EVERY_SECONDS = 5.0
_STALE_RESUME = timedelta(seconds=60)
_BATCH = 20

Work = Callable[[], Awaitable[object]]


class Sweeper:
    """The slow work of the clock. Any number may run: each row is locked by who mends it."""

    def __init__(
        self,
        tokens: Tokens,
        outages: Outages,
        links: MissingLinks,
        hindsight: Hindsight,
        clock: Clock,
        timing: Timing,
        reach: Reach | None = None,
    ) -> None:
        self._tokens = tokens
        self._clock = clock
        self._timing = timing
        self.unexpected_errors = 0
        self._rounds: tuple[tuple[float, Work], ...] = (
            (_EVERY_SECONDS, self.mend_forgotten),
            (_EVERY_SECONDS, self.tell_passed),
            (_EVERY_SECONDS, outages.follow),
            (30.0, self.resume_forgotten),
            (30.0, links.find_due),
            (30.0, hindsight.look),
            *(((60.0, reach.look),) if reach else ()),
            (600.0, tokens.refresh_due),
            (600.0, self.warn_of_ends),
            (600.0, tokens.check_due),
            (3600.0, self.prune),
        )

    async def run(self) -> None:
        """Sweep until cancelled."""
        next_at = dict.fromkeys(range(len(self._rounds)), self._clock.monotonic())
        while True:
            for index, (every, work) in enumerate(self._rounds):
                if self._clock.monotonic() >= next_at[index]:
                    next_at[index] = self._clock.monotonic() + every
                    await self._guarded(work)
            await self._clock.pause(_EVERY_SECONDS)

    async def _guarded(self, work: Work) -> None:
        try:
            await work()
        except Exception:
            self.unexpected_errors += 1
            log.exception("sweep.failed", extra={"work": getattr(work, "__name__", "")})

    async def mend_forgotten(self) -> int:
        """Give a next moment to waiting targets that have none; returns how many there were."""
        rows = await db().execute_query_dict(
            """UPDATE target SET next_attempt_at = now() + $1::interval WHERE id IN (
                SELECT id FROM target WHERE state = ANY($2::text[]) AND next_attempt_at IS NULL
                LIMIT 100 FOR UPDATE SKIP LOCKED) RETURNING id""",
            [self._clock.shift, list(WAITING_STATES)],
        )
        if rows:
            log.error("sweep.forgotten", extra={"targets": len(rows)})
        return len(rows)

    async def tell_passed(self) -> None:
        """Redraw the cards of held posts whose time has come."""
        await holding.tell_passed(self._clock.now())

    async def resume_forgotten(self) -> int:
        """Go on with blocked targets of accounts that work again; returns how many accounts.

        Whoever connected the account may have died before it told the engine.
        """
        before = self._clock.now() - _STALE_RESUME
        rows = await db().execute_query_dict(
            """SELECT a.id FROM account AS a WHERE a.state = 'active' AND a.updated_at <= $1
            AND EXISTS (SELECT 1 FROM target AS t WHERE t.account_id = a.id
                AND t.state = 'blocked' AND t.last_error->>'trouble' IS DISTINCT FROM $2)
            ORDER BY a.id LIMIT $3""",
            [before, LOOKS_LIKE, _BATCH],
        )
        for row in rows:
            async with in_transaction():
                await holding.resume(
                    row["id"],
                    pressed_post_id=None,
                    now=self._clock.now(),
                    timing=self._timing,
                )
        return len(rows)

    async def warn_of_ends(self) -> int:
        """Warn of logins that end soon; after renewing was tried, which stands before it."""
        return await forecast.warn_of_ends(self._clock.now())

    async def prune(self) -> None:
        """Throw away what is over."""
        await prune.prune(self._clock.now())
