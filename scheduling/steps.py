"""The steps of one target: prepare → wait → publish. Each fact is committed before the next call.

A step method returns True when the next step may follow at once, False when the target was given
back (to wait) or has reached an end.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from integrations.storage.contract import MediaStore
from models.clock import Clock
from models.database import DATABASE_TROUBLE
from models.failpoints import fp
from models.ids import new_id
from platforms.contract import (
    Complaint,
    ComplaintCode,
    Credentials,
    Handle,
    Made,
    Media,
    Outgoing,
    Platform,
    Published,
    Ready,
    Waiting,
)
from platforms.errors import (
    HandleLost,
    NeedsReconnect,
    OutcomeUnknown,
    PlatformError,
    Rejected,
    Trouble,
    TryAgainLater,
)
from scheduling.job import CARD, Facts, Job, Linkless, StoredHandle, StoredMedia, Try
from scheduling.lines import Lines
from scheduling.outages import OUTAGE, Outages
from scheduling.outcomes import LeaseLost, Outcomes, Running, unclear
from scheduling.quotas import Quotas
from scheduling.reconcile import Reconciler
from scheduling.retries import poll_wait
from scheduling.timing import Timing
from scheduling.tokens import CHECK_EVERY, Tokens

log = logging.getLogger(__name__)

WriteLink = Callable[[Linkless, str], Awaitable[None]]
"""Writes down the link of a published target."""

_DEFINITE = (TryAgainLater, NeedsReconnect, Rejected)
_WAIT_IN_PLACE_SECONDS = 1.0
_HANDLE_MARGIN = timedelta(minutes=5)
_LINK_TRIES = 3
_LINK_PAUSE_SECONDS = 5.0
_TAKE_BACK_TRIES = 6
_TAKE_BACK_PAUSE_SECONDS = 0.25

_TROUBLE_OF: Mapping[ComplaintCode, Trouble] = {
    ComplaintCode.CAPTION_TOO_LONG: Trouble.CAPTION_TOO_LONG,
    ComplaintCode.FORMAT: Trouble.FORMAT_REFUSED,
    ComplaintCode.IMAGE_TOO_LARGE: Trouble.IMAGE_TOO_LARGE,
    ComplaintCode.RATIO: Trouble.RATIO_REFUSED,
}


class Steps:
    """Knows the next step of a target, and does it."""

    def __init__(
        self,
        platforms: Mapping[str, Platform],
        media: MediaStore,
        tokens: Tokens,
        quotas: Quotas,
        outcomes: Outcomes,
        reconciler: Reconciler,
        outages: Outages,
        clock: Clock,
        timing: Timing,
        lines: Lines | None = None,
    ) -> None:
        self._platforms = platforms
        self._media = media
        self._tokens = tokens
        self._quotas = quotas
        self._outcomes = outcomes
        self._reconciler = reconciler
        self._outages = outages
        self._clock = clock
        self._timing = timing
        self._lines = lines or Lines()

    async def first(self, job: Job) -> bool:
        """Look at a target that was just taken: may it go on at all?"""
        if job.account is None:
            return False
        if job.state == "deferred":
            await self._outcomes.commit(
                job, replace(job.facts, state=job.facts.resume_state or "scheduled"), keeps=True
            )
        if job.state == "publishing":
            return True
        is_late = job.behind > self._timing.grace.total_seconds()
        if is_late and not job.facts.lateness_allowed:
            await self._outcomes.late(job)
            return False
        if job.account.state != "active":
            trouble = job.account.trouble or Trouble.ACCESS_REMOVED.value
            who = "platform" if job.account.state == "held" else "owner"
            await self._outcomes.block(job, {"trouble": trouble}, "", who=who)
            return False
        if job.repeats and job.state == "scheduled":
            await self._outcomes.held_as_duplicate(job)
            return False
        return True

    async def next(self, job: Job) -> bool:
        """Do the next step of *job*."""
        if job.account is None or job.account.platform not in self._platforms:
            raise LookupError(f"target {job.id} is for a platform that is not configured")
        platform = self._platforms[job.account.platform]
        wait = self._outages.wait(job.account.platform)
        if wait:
            return await self._wait_for(job, job.account.platform, wait)
        if OUTAGE in job.facts.last_error:
            job.facts = replace(job.facts, last_error={})
        if job.state == "publishing":
            return await self._reconciler.look(job, platform, outgoing_of(job))
        if job.state == "ready":
            return await self._publish(job, platform)
        return await self._media_are_here(job) and await self._prepare(job, platform)

    # Preparing

    async def _media_are_here(self, job: Job) -> bool:
        gone = next((one for one in job.media if one.state in {"refused", "gone"}), None)
        if gone is not None:
            trouble = {"trouble": Trouble.MEDIA_UNFETCHABLE.value, "media": gone.refusal or "gone"}
            await self._outcomes.failed(job, trouble, gone.state)
            return False
        if all(one.state == "stored" for one in job.media):
            return True
        left = job.due_left(self._clock.monotonic())
        if left < -self._timing.grace.total_seconds() and not job.facts.lateness_allowed:
            await self._outcomes.late(job)
            return False
        wait = self._timing.media_look_again.total_seconds()
        await self._outcomes.commit(job, job.facts, next_in=min(wait, left) if left > 0 else wait)
        return False

    async def _prepare(self, job: Job, platform: Platform) -> bool:
        running = self._outcomes.begin(job, "prepare")
        is_first = job.state == "scheduled"
        if is_first or not _has_post_handle(job):
            # Counted before the call: a crash after it must not look like a first try.
            facts = replace(job.facts, state="preparing" if is_first else job.state)
            await self._outcomes.commit(job, facts, keeps=True, tries=(running.row,))
        if self._lapses_too_soon(job):
            lost = HandleLost(Trouble.HANDLE_EXPIRED, code="lapses")
            return await self._outcomes.prepare_anew(
                job, lost, self._outcomes.end(running, "failed", lost)
            )
        try:
            async with asyncio.timeout(self._timing.call_timeout.total_seconds()):
                progress = await self._prepare_step(job, platform, is_first=is_first)
            await self._saw(job, None)
        except OutcomeUnknown as err:
            await self._saw(job, err)
            return await self._may_be_live(job, err, running)
        except PlatformError as err:
            return await self._refused(job, err, running)
        except Exception as err:
            log.warning("prepare.surprise", exc_info=True, extra={"target_id": str(job.id)})
            return await self._refused(job, unclear(err), running)
        return await self._progressed(job, progress, running)

    async def _prepare_step(
        self, job: Job, platform: Platform, *, is_first: bool
    ) -> Made | Waiting | Ready:
        account = job.account
        if account is None:
            raise LookupError("a job has an account")
        who = self._tokens.credentials(account)
        outgoing = self._with_links(job, outgoing_of(job))
        if is_first:
            _refuse_what_is_refused(platform.review(outgoing))
            checked = account.checked_at
            now = self._outcomes.database_now(job)
            if checked is not None and now - checked > CHECK_EVERY:
                await self._tokens.check(account)
        if not job.handles and await self._quotas.is_full(account.id, platform, who):
            left = timedelta(seconds=max(job.due_left(self._clock.monotonic()), 1.0))
            raise TryAgainLater(
                Trouble.QUOTA_REACHED,
                is_window=True,
                after=min(left, self._timing.quota_wait) if left.total_seconds() > 1 else None,
                code="quota",
            )
        progress = await platform.prepare(who, outgoing, _handles(job))
        fp("C13b")
        return progress

    async def _progressed(
        self, job: Job, progress: Made | Waiting | Ready, running: Running
    ) -> bool:
        match progress:
            case Made():
                await self._save_handle(job, progress.handle, running)
                return True
            case Waiting():
                return await self._wait(job, progress, running)
            case _:
                return await self._ready(job, running)

    async def _save_handle(self, job: Job, handle: Handle, running: Running) -> None:
        fp("C13")
        lapses = handle.lapses_after
        stored = StoredHandle(
            new_id(),
            handle,
            self._outcomes.database_now(job) + lapses if lapses else None,
            ever_published=False,
        )
        facts = replace(job.facts, state="preparing", polls=0)
        await self._outcomes.commit(
            job, facts, keeps=True, made=stored, tries=(self._outcomes.end(running, "made"),)
        )
        job.handles.append(stored)
        fp("C14")

    async def _wait(self, job: Job, progress: Waiting, running: Running) -> bool:
        wait = poll_wait(job.facts.polls, progress.poll_after)
        if wait is None:
            slow = HandleLost(Trouble.MEDIA_PROCESSING, code="too_slow")
            return await self._outcomes.prepare_anew(
                job, slow, self._outcomes.end(running, "failed", slow)
            )
        left = job.due_left(self._clock.monotonic())
        seconds = wait.total_seconds()
        if left > 0:
            seconds = min(seconds, max(left, 1.0))
        is_news = job.state != "waiting_media" and any(one.kind == "video" for one in job.media)
        facts = replace(job.facts, state="waiting_media", polls=job.facts.polls + 1)
        tries = () if _has_post_handle(job) else (self._outcomes.end(running, "waiting"),)
        says = (CARD,) if is_news else ()
        await self._outcomes.commit(job, facts, next_in=seconds, tries=tries, says=says)
        fp("C15")
        return False

    async def _ready(self, job: Job, running: Running) -> bool:
        fp("C15b")
        facts = replace(job.facts, state="ready", polls=0)
        tries = (self._outcomes.end(running, "ready"),)
        left = job.due_left(self._clock.monotonic())
        if left > _WAIT_IN_PLACE_SECONDS:
            await self._outcomes.commit(job, facts, next_at=job.due_at, tries=tries)
            return False
        await self._outcomes.commit(job, facts, next_at=job.due_at, keeps=True, tries=tries)
        return True

    async def _may_be_live(self, job: Job, err: OutcomeUnknown, running: Running) -> bool:
        """The platform says that what we prepare is public already: look, never go on."""
        log.warning("prepare.found_live", extra={"target_id": str(job.id), "code": err.code})
        tries = (self._outcomes.end(running, "unknown", err),)
        await self._outcomes.commit(
            job, replace(job.facts, state="ready"), keeps=True, tries=tries
        )
        facts = replace(job.facts, state="publishing", calls=job.facts.calls + 1, reads=0, polls=0)
        await self._outcomes.commit(job, facts, intent="now", next_in=0, keeps=True, says=(CARD,))
        return True

    def _lapses_too_soon(self, job: Job) -> bool:
        latest = max(job.due_at, self._outcomes.database_now(job)) + _HANDLE_MARGIN
        return any(one.lapses_at is not None and one.lapses_at < latest for one in job.handles)

    def _with_links(self, job: Job, outgoing: Outgoing) -> Outgoing:
        lives = self._timing.link_lives
        media = tuple(
            replace(item, url=self._media.signed_url(stored.storage_key, lives=lives))
            for item, stored in zip(outgoing.media, job.media, strict=True)
        )
        fp("C29")
        return replace(outgoing, media=media)

    # Publishing

    async def _publish(self, job: Job, platform: Platform) -> bool:
        if job.account is None or not _has_post_handle(job):
            await self._outcomes.commit(
                job, replace(job.facts, state="preparing"), next_in=0, keeps=True
            )
            return True
        left = job.due_left(self._clock.monotonic())
        if left > _WAIT_IN_PLACE_SECONDS:
            await self._outcomes.commit(job, job.facts, next_at=job.due_at)
            return False
        if left > 0:
            await self._clock.pause(left)
            return True
        try:
            who = self._tokens.credentials(job.account)
        except NeedsReconnect as err:
            return await self._outcomes.refused(job, err, self._outcomes.begin(job, "publish"))
        return await self._publish_with(job, platform, who)

    async def _publish_with(self, job: Job, platform: Platform, who: Credentials) -> bool:
        running = self._outcomes.begin(job, "publish")
        facts = replace(job.facts, state="publishing", calls=job.facts.calls + 1, reads=0, polls=0)
        try:
            await self._outcomes.commit(
                job, facts, intent="now", keeps=True, tries=(running.row,), says=(CARD,)
            )
        except (LeaseLost, *DATABASE_TROUBLE):
            await self._take_back(job, facts, running)
            raise
        fp("C16")
        has_line = await self._lines.take()
        try:
            answer = await self._send(job, platform, who, running)
        finally:
            if has_line:
                self._lines.give()
        return await self._answered(job, answer, running)

    async def _send(
        self, job: Job, platform: Platform, who: Credentials, running: Running
    ) -> Published | Exception | None:
        """Send the publish call, once; returns what came of it, None when it was not sent."""
        deadline = running.began + self._timing.send_deadline.total_seconds()
        if self._clock.monotonic() > deadline:
            return None
        if job.facts.calls == 1 and job.account is not None:
            late = -job.due_left(self._clock.monotonic())
            self._outcomes.metrics.called(job.account.platform, late)
        try:
            async with asyncio.timeout(self._timing.publish_timeout.total_seconds()):
                published = await platform.publish(who, _handles(job))
            fp("C17")
        except _DEFINITE as err:
            fp("C17b")
            return err
        except Exception as err:  # noqa: BLE001 - whatever went wrong, the call was sent
            return err
        return published

    async def _not_sent(self, job: Job, running: Running) -> None:
        """We were held up between intent and call: do not send, begin the step anew."""
        facts = replace(job.facts, state="ready", calls=max(job.facts.calls - 1, 0))
        tries = (self._outcomes.end(running, "not_sent"),)
        await self._outcomes.commit(job, facts, next_in=0, intent="clear", tries=tries)

    async def _take_back(self, job: Job, facts: Facts, running: Running) -> None:
        """Take an intent back of which nobody knows whether it was written: nothing was sent.

        Left alone it would pass for a call whose answer was lost, and be waited for that long.
        """
        job.facts = facts
        for turn in range(_TAKE_BACK_TRIES):
            try:
                await self._not_sent(job, running)
            except LeaseLost:
                return
            except DATABASE_TROUBLE:
                await self._clock.pause(_TAKE_BACK_PAUSE_SECONDS * 2**turn)
            else:
                log.info("publish.not_sent", extra={"target_id": str(job.id)})
                return

    async def _answered(
        self, job: Job, answer: Published | Exception | None, running: Running
    ) -> bool:
        match answer:
            case None:
                await self._not_sent(job, running)
                return False
            case Published():
                tried = self._outcomes.end(running, "done")
                await self._outcomes.published(job, answer.receipt, tried)
                await self._saw(job, None)
                return False
            case TryAgainLater() | NeedsReconnect() | Rejected():
                return await self._refused(job, answer, running)
            case OutcomeUnknown():
                unknown = answer
            case _:
                unknown = OutcomeUnknown(Trouble.UNCLEAR, code=type(answer).__name__)
        await self._saw(job, answer)
        await self._unknown(job, unknown, running)
        return True

    async def _refused(self, job: Job, err: PlatformError, running: Running) -> bool:
        """Go on after a call that definitely did nothing; an outage costs the post no try."""
        await self._saw(job, err)
        name = job.account.platform if job.account else ""
        if self._outages.is_down(name, err):
            tried = self._outcomes.end(running, "failed", err)
            return await self._wait_for(job, name, self._outages.wait(name), tried)
        return await self._outcomes.refused(job, err, running)

    async def _wait_for(
        self, job: Job, platform: str, wait: timedelta, tried: Try | None = None
    ) -> bool:
        incident = await self._outages.join(platform, job.post_id)
        await self._outcomes.wait_for_platform(job, wait, incident, tried)
        return False

    async def _saw(self, job: Job, err: BaseException | None) -> None:
        if job.account is not None:
            await self._outages.note(job.account.platform, err)

    async def _unknown(self, job: Job, err: OutcomeUnknown, running: Running) -> None:
        log.warning("publish.unknown", extra={"target_id": str(job.id), "code": err.code})
        facts = replace(job.facts, last_error_code=err.code)
        tries = (self._outcomes.end(running, "unknown", err),)
        await self._outcomes.commit(job, facts, next_in=0, keeps=True, tries=tries)

    # After publishing: nothing here ever leads back

    async def find_link(self, one: Linkless, write_link: WriteLink) -> None:
        """Read the link of a published target, best effort."""
        platform = self._platforms[one.account.platform]
        for turn in range(_LINK_TRIES):
            fp("C20b")
            try:
                who = self._tokens.credentials(one.account)
                async with asyncio.timeout(self._timing.call_timeout.total_seconds()):
                    receipt = await platform.describe(who, one.media_id)
            except (PlatformError, TimeoutError) as err:
                log.info("link.unread", extra={"target_id": str(one.target_id), "why": str(err)})
            else:
                if receipt.permalink:
                    await write_link(one, receipt.permalink)
                    return
            if turn < _LINK_TRIES - 1:
                await self._clock.pause(_LINK_PAUSE_SECONDS)


def outgoing_of(job: Job) -> Outgoing:
    """Return the post of *job* as its platform is given it, without links."""
    return Outgoing(
        kind=job.post_kind,  # type: ignore[arg-type]  # the four kinds are written by us
        caption=job.caption,
        media=tuple(_media_of(one) for one in job.media),
    )


def _media_of(stored: StoredMedia) -> Media:
    return Media(
        kind="video" if stored.kind == "video" else "image",
        mime=stored.mime,
        size_bytes=stored.size_bytes,
        width=stored.width,
        height=stored.height,
        duration_seconds=stored.duration_seconds,
        alt_text=stored.alt_text,
    )


def _handles(job: Job) -> list[Handle]:
    return [one.handle for one in job.handles]


def _has_post_handle(job: Job) -> bool:
    return any(one.handle.purpose == "post" for one in job.handles)


def _refuse_what_is_refused(complaints: Sequence[Complaint]) -> None:
    for complaint in complaints:
        if not complaint.is_warning:
            trouble = _TROUBLE_OF.get(complaint.code, Trouble.CONTENT_REFUSED)
            raise Rejected(trouble, code=complaint.code.value, params=complaint.params)
