"""What came of a step, and what follows: written once, fenced, with what people are to be told."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from tortoise.transactions import in_transaction

from models.account import Account
from models.clock import Clock
from models.failpoints import fp
from platforms.contract import Receipt
from platforms.errors import (
    HandleLost,
    NeedsReconnect,
    PlatformError,
    Rejected,
    Trouble,
    TryAgainLater,
)
from scheduling import holding
from scheduling.duplicates import LOOKS_LIKE
from scheduling.job import CARD, Change, Facts, Job, Say, StoredHandle, Try
from scheduling.metrics import EngineMetrics
from scheduling.outages import OUTAGE
from scheduling.retries import MAX_RENEWALS, Roll, retry_wait
from scheduling.store import TargetStore
from scheduling.timing import Timing
from scheduling.tokens import Tokens

log = logging.getLogger(__name__)

_COUNTED = frozenset({"published", "failed", "late", "unconfirmed", "blocked", "deferred"})
_RECORD_TRIES = 6
_RECORD_PAUSE_SECONDS = 0.25


class LeaseLost(Exception):
    """The target is not ours any more: stop, say nothing."""


@dataclass(slots=True)
class Running:
    """An attempt under way: its row, and when it began by this process's clock."""

    row: Try
    began: float


class Outcomes:
    """Writes what came of a step. Every method leaves the job as the database now has it.

    Methods that return a bool say whether the caller may go on with the next step at once.
    """

    def __init__(
        self,
        store: TargetStore,
        tokens: Tokens,
        metrics: EngineMetrics,
        clock: Clock,
        timing: Timing,
        roll: Roll,
    ) -> None:
        self._store = store
        self._tokens = tokens
        self.metrics = metrics
        self._clock = clock
        self._timing = timing
        self._roll = roll

    async def commit(
        self,
        job: Job,
        facts: Facts,
        *,
        next_in: float | None = None,
        next_at: datetime | None = None,
        intent: Literal["keep", "now", "clear"] = "keep",
        keeps: bool = False,
        tries: tuple[Try, ...] = (),
        drops_handles: bool = False,
        says: tuple[Say, ...] = (),
        made: StoredHandle | None = None,
    ) -> None:
        """Write *facts* of *job*; *keeps* the lease or gives the target back.

        Raises:
            LeaseLost: somebody else owns it; nothing was written.
        """
        noted = self._clock.monotonic()
        change = Change(
            job.id,
            job.post_id,
            job.epoch,
            job.state,
            facts,
            next_in=next_in,
            next_at=next_at,
            intent=intent,
            lease=self._timing.lease if keeps else None,
            tries=tries,
            drops_handles=drops_handles,
            says=says,
        )
        if made is not None:
            change = replace(change, made=made.handle, made_id=made.id)
        if not await self._store.write(change):
            raise LeaseLost(str(job.id))
        self._written(job, change, noted)

    def _written(self, job: Job, change: Change, noted: float) -> None:
        self._count(job, change)
        job.facts = change.facts
        if change.drops_handles:
            job.handles = []
        if change.lease is not None:
            job.safe_until = noted + self._timing.trust_lease_for.total_seconds()
        if change.intent == "now":
            monotonic = self._clock.monotonic()
            job.intent_at = self.database_now(job)
            job.settled_in = self._timing.settle.total_seconds() + monotonic - job.answered_at
        elif change.intent == "clear":
            job.intent_at = None

    def _count(self, job: Job, change: Change) -> None:
        was, facts = change.was, change.facts
        platform = job.account.platform if job.account else ""
        trouble = str(facts.last_error.get("trouble") or "")
        if facts.state != was and facts.state in _COUNTED:
            self.metrics.ended(platform, facts.state, trouble)
        elif facts.attempt > job.facts.attempt:
            self.metrics.ended(platform, "retried", trouble)

    def database_now(self, job: Job) -> datetime:
        """Return the database's time, reckoned from its last answer about *job*."""
        return job.due_at - timedelta(seconds=job.due_left(self._clock.monotonic()))

    # Attempts

    def begin(self, job: Job, step: str) -> Running:
        """Return an attempt to be written before the call it counts."""
        return Running(Try(step, job.facts.attempt + 1), self._clock.monotonic())

    def end(self, running: Running, outcome: str, err: PlatformError | None = None) -> Try:
        """Return the attempt with what came of it."""
        took = round((self._clock.monotonic() - running.began) * 1000)
        if err is None:
            return replace(running.row, outcome=outcome, duration_ms=took)
        error = {**described(err), "detail": err.detail}
        return replace(
            running.row, outcome=outcome, error_code=err.code, error=error, duration_ms=took
        )

    # Ends

    async def published(
        self, job: Job, receipt: Receipt, tried: Try, *, happened_at: datetime | None = None
    ) -> None:
        """Record that *job* is live, on evidence; repeated while the database is away.

        Raises:
            LeaseLost: somebody else owns the target; that it is live is kept with its handles.
        """
        facts = replace(
            job.facts,
            state="published",
            platform_media_id=receipt.media_id or job.facts.platform_media_id,
            permalink=receipt.permalink,
            published_at=receipt.published_at or happened_at,
            last_error_code="",
            last_error={},
        )
        says = (CARD, Say("published", "notice"))
        for turn in range(_RECORD_TRIES):
            try:
                fp("C18")
                await self.commit(job, facts, tries=(tried,), says=says)
                break
            except LeaseLost:
                await self._store.note_published([one.id for one in job.handles])
                raise
            except Exception:
                if turn == _RECORD_TRIES - 1:
                    raise
                log.warning("publish.record_again", extra={"target_id": str(job.id)})
                await self._clock.pause(_RECORD_PAUSE_SECONDS * 2**turn)
        fp("C20")
        log.info(
            "post.published",
            extra={
                "target_id": str(job.id),
                "late_ms": round(-job.due_left(self._clock.monotonic()) * 1000),
            },
        )

    async def failed(
        self, job: Job, trouble: Mapping[str, object], code: str, *tries: Try, attempt: int = 0
    ) -> None:
        """Record that *job* definitely did not go out, and never will by itself."""
        facts = replace(
            job.facts,
            state="failed",
            attempt=attempt or job.facts.attempt,
            last_error_code=code,
            last_error=trouble,
        )
        says = (CARD, Say("failed", "notice"))
        await self.commit(job, facts, tries=tries, drops_handles=True, says=says)
        log.warning("post.failed", extra={"target_id": str(job.id), **trouble})

    async def late(self, job: Job) -> None:
        """Record that *job* missed its slot; a person decides (K4)."""
        facts = replace(job.facts, state="late")
        await self.commit(job, facts, says=(CARD, Say("late", "notice")))
        log.warning("post.late", extra={"target_id": str(job.id), "behind_s": round(job.behind)})

    async def wait_for_platform(
        self, job: Job, wait: timedelta, incident: UUID, tried: Try | None = None
    ) -> None:
        """Have *job* wait while its platform is down; costs no try, said once on the card.

        *tried* is a call that definitely did nothing; without one the step was not begun.
        """
        waits_for = {"trouble": Trouble.PLATFORM_DOWN.value, OUTAGE: str(incident)}
        is_news = job.facts.last_error.get(OUTAGE) != waits_for[OUTAGE]
        facts = replace(job.facts, last_error=waits_for)
        if tried is not None:
            facts = replace(_settled_back(facts), state=_before_call(job.state))
        await self.commit(
            job,
            facts,
            next_in=wait.total_seconds() + 0.05,
            intent="clear" if tried else "keep",
            tries=(tried,) if tried else (),
            says=(CARD,) if is_news else (),
        )

    async def held_as_duplicate(self, job: Job) -> None:
        """Hold *job*, which looks like another post; a person decides (K7)."""
        trouble = {"trouble": LOOKS_LIKE, "params": {"number": job.repeats}}
        facts = replace(job.facts, state="blocked", last_error_code="", last_error=trouble)
        await self.commit(job, facts, says=(CARD, Say("held", "notice")))
        log.info("post.held_as_duplicate", extra={"target_id": str(job.id)})

    async def unconfirmed(self, job: Job, *tries: Try) -> None:
        """Record honestly that nobody knows whether *job* went out; a person decides."""
        facts = replace(job.facts, state="unconfirmed")
        says = (CARD, Say("unconfirmed", "notice"))
        await self.commit(job, facts, tries=tries, says=says)
        log.warning("post.unconfirmed", extra={"target_id": str(job.id)})

    # Definite failures

    async def refused(self, job: Job, err: PlatformError, running: Running) -> bool:
        """Do what a definite failure asks for: again, anew, later, hold, or never."""
        tried = self.end(running, "failed", err)
        match err:
            case HandleLost():
                return await self.prepare_anew(job, err, tried)
            case TryAgainLater(is_window=True):
                await self.defer(job, err, tried)
                return False
            case TryAgainLater():
                await self.try_again(job, err, tried)
                return False
            case NeedsReconnect():
                return await self._needs_person(job, err, tried)
            case Rejected():
                await self.failed(job, described(err), err.code, tried)
                return False
            case _:
                again = TryAgainLater(err.trouble, code=err.code, params=err.params)
                await self.try_again(job, again, tried)
                return False

    async def prepare_anew(self, job: Job, err: PlatformError, tried: Try) -> bool:
        """Throw the handles away and prepare again, twice at most; True when that may be at once.

        Media that could not be fetched are no fault of the handle: that is a hiccup like any
        other. What could not be digested is given time, where there is some.
        """
        if err.trouble is Trouble.MEDIA_UNFETCHABLE:
            again = TryAgainLater(err.trouble, code=err.code, params=err.params)
            await self.try_again(job, again, tried, drops_handles=True)
            return False
        renewals = job.facts.renewals + 1
        if renewals > MAX_RENEWALS:
            await self.failed(job, described(err), err.code, tried)
            return False
        facts = replace(
            _settled_back(job.facts),
            state="preparing",
            renewals=renewals,
            polls=0,
            reads=0,
            last_error_code=err.code,
            last_error=described(err),
        )
        seconds = 0.0 if err.trouble is Trouble.HANDLE_EXPIRED else self._pause(job, renewals)
        await self.commit(
            job,
            facts,
            next_in=seconds,
            intent="clear",
            keeps=not seconds,
            tries=(tried,),
            drops_handles=True,
        )
        return not seconds

    def _pause(self, job: Job, failures: int) -> float:
        """Return the seconds before a step that failed before is done anew, none too long."""
        wait = retry_wait(failures, roll=self._roll, is_counted=False) or timedelta(0)
        left = job.due_left(self._clock.monotonic())
        return min(wait.total_seconds(), max(left, 1.0)) if left > 0 else wait.total_seconds()

    async def defer(self, job: Job, err: TryAgainLater, tried: Try | None = None) -> None:
        """Wait for the platform's own time; costs no try, and the card says so."""
        wait = err.after or self._timing.quota_wait
        facts = replace(
            _settled_back(job.facts),
            state="deferred",
            resume_state=_before_call(job.state),
            last_error_code=err.code,
            last_error=described(err),
        )
        await self.commit(
            job,
            facts,
            next_in=wait.total_seconds(),
            intent="clear",
            tries=(tried,) if tried else (),
            says=(CARD,),
        )

    async def try_again(
        self, job: Job, err: TryAgainLater, tried: Try, *, drops_handles: bool = False
    ) -> None:
        """Repeat the step later, at most three times once the slot has come.

        With *drops_handles* it is begun anew, because nothing will ever come of those there are.
        """
        left = job.due_left(self._clock.monotonic())
        is_counted = left <= 0
        hiccups = int(str(job.facts.last_error.get("hiccups") or 0)) + 1
        failures = job.facts.attempt + 1 if is_counted else hiccups
        wait = retry_wait(failures, roll=self._roll, asked=err.after, is_counted=is_counted)
        if wait is None:
            await self.failed(job, described(err), err.code, tried, attempt=failures)
            return
        seconds = wait.total_seconds() if is_counted else min(wait.total_seconds(), max(left, 1.0))
        error = described(err) if is_counted else {**described(err), "hiccups": hiccups}
        before = _settled_back(job.facts)
        facts = replace(
            before,
            state="preparing" if drops_handles else _before_call(job.state),
            polls=0 if drops_handles else before.polls,
            attempt=job.facts.attempt + is_counted,
            last_error_code=err.code,
            last_error=error,
        )
        await self.commit(
            job,
            facts,
            next_in=seconds,
            intent="clear",
            tries=(tried,),
            drops_handles=drops_handles,
            says=(CARD,) if is_counted else (),
        )

    # Accounts

    async def _needs_person(self, job: Job, err: NeedsReconnect, tried: Try) -> bool:
        if err.who == "owner" and not job.has_refreshed and await self._refreshed(job):
            facts = replace(_settled_back(job.facts), state=_before_call(job.state))
            await self.commit(job, facts, next_in=0, intent="clear", keeps=True, tries=(tried,))
            return True
        await self.block(job, described(err), err.code, tried, who=err.who)
        return False

    async def _refreshed(self, job: Job) -> bool:
        job.has_refreshed = True
        if job.account is None:
            return False
        try:
            job.account = await self._tokens.refresh(job.account)
        except PlatformError:
            return False
        return True

    async def block(
        self, job: Job, trouble: Mapping[str, object], code: str, *tries: Try, who: str
    ) -> None:
        """Hold the account with all its open targets, this one among them, in one transaction."""
        if job.account is None:
            return
        facts = replace(
            _settled_back(job.facts), state="blocked", last_error_code=code, last_error=trouble
        )
        change = Change(
            job.id,
            job.post_id,
            job.epoch,
            job.state,
            facts,
            intent="clear",
            tries=tries,
            says=(CARD,),
        )
        await self._hold_with(job, change, str(trouble.get("trouble")), code, who)

    async def unconfirmed_and_held(self, job: Job, err: NeedsReconnect, tried: Try) -> None:
        """Record that nobody can look any more, and hold the account, in one transaction."""
        facts = replace(job.facts, state="unconfirmed", last_error=described(err))
        change = Change(
            job.id,
            job.post_id,
            job.epoch,
            job.state,
            facts,
            tries=(tried,),
            says=(CARD, Say("unconfirmed", "notice")),
        )
        await self._hold_with(job, change, err.trouble.value, err.code, err.who)

    async def _hold_with(
        self, job: Job, change: Change, trouble: str, code: str, who: str
    ) -> None:
        if job.account is None:
            return
        noted = self._clock.monotonic()
        async with in_transaction():
            # Accounts are locked before targets everywhere (see planner.retry).
            await Account.select_for_update().get_or_none(id=job.account.id)
            if not await self._store.write_now([change]):
                raise LeaseLost(str(job.id))
            await holding.hold(
                job.account.id, trouble=trouble, who=who, code=code, now=self._clock.now()
            )
            fp("W3")
        self._written(job, change, noted)


def described(err: PlatformError) -> dict[str, object]:
    """Return an error as a target keeps it: what the words are made from, nothing secret."""
    return {"trouble": err.trouble.value, "code": err.code, "params": dict(err.params)}


def unclear(err: BaseException) -> TryAgainLater:
    """Return a surprise before the publish call as the hiccup it is treated as."""
    trouble = Trouble.PLATFORM_DOWN if isinstance(err, TimeoutError) else Trouble.UNCLEAR
    return TryAgainLater(trouble, code=type(err).__name__)


def _before_call(state: str) -> str:
    """Return where a target stands again when its publish call definitely did nothing."""
    return "ready" if state == "publishing" else state


def _settled_back(facts: Facts) -> Facts:
    """Take the publish call back that was counted before it was sent: its outcome is definite."""
    if facts.state != "publishing":
        return facts
    return replace(facts, calls=max(facts.calls - 1, 0), polls=0, reads=0)
