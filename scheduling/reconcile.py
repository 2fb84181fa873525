"""After an unknown outcome: look, and only look, until it is known whether the post is live.

Looks are taken at once, when the outcome has settled, and a minute later. "Published" is proof at
any time; "not published" only after the outcome settled, twice. Then the same handle is published
once more, at most once per unknown outcome. What stays open is said honestly.
"""

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from models.clock import Clock
from models.failpoints import fp
from platforms.contract import Credentials, Outgoing, Platform, Published, Ready, Receipt
from platforms.errors import (
    HandleLost,
    NeedsReconnect,
    PlatformError,
    Rejected,
    Trouble,
)
from scheduling.job import CARD, Job, Try
from scheduling.outages import Outages
from scheduling.outcomes import Outcomes, Running, unclear
from scheduling.retries import read_wait
from scheduling.timing import Timing
from scheduling.tokens import Tokens

log = logging.getLogger(__name__)

_LOOKS_NEEDED = 2
_MOST_CALLS = 2

Verdict = Literal["live", "not_public", "gone", "open", "blind"]


@dataclass(frozen=True, slots=True)
class Look:
    """What one look told."""

    verdict: Verdict
    receipt: Receipt | None = None
    err: PlatformError | None = None


class Reconciler:
    """Finds out what became of a publish call whose answer we do not have."""

    def __init__(
        self, tokens: Tokens, outcomes: Outcomes, outages: Outages, clock: Clock, timing: Timing
    ) -> None:
        self._tokens = tokens
        self._outcomes = outcomes
        self._outages = outages
        self._clock = clock
        self._timing = timing

    async def look(self, job: Job, platform: Platform, outgoing: Outgoing) -> bool:
        """Take the next look at *job*; True when the next step may follow at once."""
        running = self._outcomes.begin(job, "look")
        settle_left = job.settle_left(self._clock.monotonic())
        try:
            who = self._credentials(job)
        except NeedsReconnect as err:
            await self._blind(job, err, running)
            return False
        seen = await self._read(job, platform, who)
        if job.account is not None and job.handles:
            await self._outages.note(job.account.platform, seen.err)
            if self._outages.is_down(job.account.platform, seen.err):
                # A look that nobody answered tells nothing, and uses up nothing.
                name = job.account.platform
                incident = await self._outages.join(name, job.post_id)
                await self._outcomes.wait_for_platform(job, self._outages.wait(name), incident)
                return False
        fp("R1")
        if seen.verdict == "live":
            receipt = await self._with_id(job, platform, who, outgoing, seen.receipt or Receipt())
            await self._is_live(job, receipt, running)
            return False
        if seen.verdict == "blind" and isinstance(seen.err, NeedsReconnect):
            await self._blind(job, seen.err, running)
            return False
        if settle_left > 0:
            # Whatever it says now may still change: only "published" counts before this.
            await self._again(job, running, seen, timedelta(seconds=settle_left))
            return False
        return await self._settled(job, seen, running, (platform, who, outgoing))

    async def _settled(
        self,
        job: Job,
        seen: Look,
        running: Running,
        world: tuple[Platform, Credentials, Outgoing],
    ) -> bool:
        if seen.verdict == "open":
            await self._again(job, running, seen, read_wait(job.facts.reads + 1))
            return False
        if seen.verdict == "not_public" and job.facts.polls + 1 < _LOOKS_NEEDED:
            await self._again(job, running, seen, self._timing.second_look, counts=True)
            return False
        listed = await self._listed(job, *world)
        if listed.verdict == "live":
            await self._is_live(job, listed.receipt or Receipt(), running)
            return False
        if listed.verdict == "open":
            await self._again(job, running, listed, read_wait(job.facts.reads + 1))
            return False
        if seen.verdict == "gone" and seen.err is not None:
            return await self._outcomes.refused(job, seen.err, running)
        if job.facts.calls >= _MOST_CALLS:
            await self._outcomes.unconfirmed(job, self._outcomes.end(running, "not_public"))
            return False
        return await self._publish_again(job, running)

    async def _publish_again(self, job: Job, running: Running) -> bool:
        """Back to ready with the same handle; the next step commits a new intent.

        When finding out took longer than the grace, a person is asked instead (K4).
        """
        is_late = self._waited(job) > self._timing.grace and not job.facts.lateness_allowed
        log.info("publish.again", extra={"target_id": str(job.id), "is_late": is_late})
        facts = replace(job.facts, state="ready", reads=0, polls=0)
        if is_late:
            facts = replace(facts, last_error={"trouble": Trouble.UNCLEAR.value})
        tries = (self._outcomes.end(running, "not_public"),)
        await self._outcomes.commit(job, facts, next_in=0, intent="clear", keeps=True, tries=tries)
        if is_late:
            await self._outcomes.late(job)
        return not is_late

    def _waited(self, job: Job) -> timedelta:
        """Return how long ago the call was that nobody knows the outcome of."""
        if job.intent_at is None:
            return timedelta(0)
        return self._outcomes.database_now(job) - job.intent_at

    async def _again(
        self,
        job: Job,
        running: Running,
        seen: Look,
        wait: timedelta | None,
        *,
        counts: bool = False,
    ) -> None:
        tried = self._tried(running, seen)
        if wait is None:
            await self._outcomes.unconfirmed(job, tried)
            return
        facts = replace(
            job.facts, reads=job.facts.reads + 1, polls=job.facts.polls + (1 if counts else 0)
        )
        says = (CARD,) if job.facts.reads == 0 else ()
        await self._outcomes.commit(
            job, facts, next_in=wait.total_seconds(), tries=(tried,), says=says
        )

    async def _is_live(self, job: Job, receipt: Receipt, running: Running) -> None:
        await self._outcomes.published(
            job, receipt, self._outcomes.end(running, "live"), happened_at=job.intent_at
        )

    async def _blind(self, job: Job, err: NeedsReconnect, running: Running) -> None:
        """There is no token left to ask with."""
        await self._outcomes.unconfirmed_and_held(
            job, err, self._outcomes.end(running, "blind", err)
        )

    # Reading

    async def _read(self, job: Job, platform: Platform, who: Credentials) -> Look:
        if any(one.ever_published for one in job.handles):
            return Look("live", Receipt())
        if not job.handles:
            return Look("gone", err=HandleLost(Trouble.HANDLE_EXPIRED, code="no_handle"))
        try:
            async with asyncio.timeout(self._timing.call_timeout.total_seconds()):
                progress = await platform.check(who, [one.handle for one in job.handles])
        except (HandleLost, Rejected) as err:
            return Look("gone", err=err)
        except NeedsReconnect as err:
            return Look("blind", err=err)
        except PlatformError as err:
            return Look("open", err=err)
        except Exception as err:  # noqa: BLE001 - a failed read proves nothing
            return Look("open", err=unclear(err))
        if isinstance(progress, Published):
            return Look("live", progress.receipt)
        return Look("not_public" if isinstance(progress, Ready) else "open")

    async def _listed(
        self, job: Job, platform: Platform, who: Credentials, outgoing: Outgoing
    ) -> Look:
        if job.intent_at is None:
            return Look("not_public")
        try:
            async with asyncio.timeout(self._timing.call_timeout.total_seconds()):
                found = await platform.find_published(who, outgoing, since=job.intent_at)
        except PlatformError as err:
            return Look("open", err=err)
        except Exception as err:  # noqa: BLE001 - a failed read proves nothing
            return Look("open", err=unclear(err))
        fp("R2")
        return Look("live", found) if found else Look("not_public")

    async def _with_id(
        self,
        job: Job,
        platform: Platform,
        who: Credentials,
        outgoing: Outgoing,
        receipt: Receipt,
    ) -> Receipt:
        """Find the id of what is live; without one there is no link, but it is published."""
        if receipt.media_id:
            return receipt
        listed = await self._listed(job, platform, who, outgoing)
        return listed.receipt or receipt

    def _credentials(self, job: Job) -> Credentials:
        if job.account is None or not job.account.sealed_token:
            raise NeedsReconnect(Trouble.ACCESS_REMOVED, code="no_token")
        return self._tokens.credentials(job.account)

    def _tried(self, running: Running, seen: Look) -> Try:
        return self._outcomes.end(running, seen.verdict, seen.err)
