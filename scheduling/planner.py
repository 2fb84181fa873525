"""The only writer of "scheduled": book, move, cancel, undo, and what follows from them.

Every function runs inside the caller's transaction, after the caller locked the post row. Each
changes post and targets, takes the targets out of the hands of whoever prepares them (a new
epoch), writes an outbox row, and wakes the engine after the commit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from models.account import Account
from models.failpoints import fp
from models.outbox import tell
from models.post import WAITING_STATES, Handle, Post, Target
from models.team import Member
from scheduling import holding
from scheduling.errors import AccountNotReady, AlreadyGoingOut, PlanningError, UndoIsOver
from scheduling.moves import (
    first_step_at,
    move_target,
    require_post_move,
    start_over,
    wake_engine,
)
from scheduling.timing import PRODUCTION, Timing

GOING_OUT = frozenset({"publishing", "published", "unconfirmed"})
"""From here nothing is taken back (K3)."""

_USABLE_ACCOUNTS = frozenset({"active", "needs_reconnect", "held"})
_HANDLES_OUTLIVE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """When a post goes out: the moment (UTC), and the wall clock and zone it was meant in."""

    due_at: datetime
    wall_time: str
    zone: str

    def __post_init__(self) -> None:
        if self.due_at.tzinfo is None:
            raise ValueError("a slot needs an aware moment")


class Planner:
    """Plans posts for the engine. Knows no chat, no platform and no clock of its own."""

    def __init__(self, timing: Timing = PRODUCTION) -> None:
        self._timing = timing

    async def book(
        self,
        post: Post,
        accounts: Sequence[Account],
        slot: Slot,
        *,
        by: Member | None,
        now: datetime,
    ) -> None:
        """Promise *post* for *slot* on each of *accounts*; it is committed from here on.

        Raises:
            AccountNotReady: an account is disconnected, or not confirmed as theirs yet.
            PlanningError: it is committed already, or was cancelled.
        """
        if not accounts or post.stage not in {"draft", "awaiting_approval"}:
            raise PlanningError(f"a post in stage {post.stage} cannot be booked")
        for account in accounts:
            if account.state not in _USABLE_ACCOUNTS:
                raise AccountNotReady(account.id)
        existing = {target.account_id: target for target in await _targets_of(post)}
        _refuse_if_going_out(existing.values())
        wanted = {account.id for account in accounts}
        for target in existing.values():
            if target.account_id in wanted:
                await self._drop_handles(target, now)
                await self._schedule(target, slot, now=now)
            elif target.state != "cancelled":
                await self._move(target, "cancelled", now)
        for account in accounts:
            if account.id not in existing:
                await self._create(post, account, slot, now)
        self._stage(post, "committed")
        _put_slot(post, slot)
        post.question = ""
        post.cancelled_at = post.undo_until = None
        post.undo_stage = ""
        await self._done(post, by=by, now=now)

    async def move(self, post: Post, slot: Slot, *, by: Member | None, now: datetime) -> None:
        """Give *post* another time. What was prepared is kept where it outlives the new slot.

        Raises:
            AlreadyGoingOut: too late.
            PlanningError: it is not scheduled.
        """
        _require_committed(post)
        targets = [one for one in await _targets_of(post) if one.state != "cancelled"]
        _refuse_if_going_out(targets)
        ready = await self._ready_accounts(targets)
        for target in targets:
            await self._drop_handles(target, now, lapsing_before=slot.due_at + _HANDLES_OUTLIVE)
            if target.state == "blocked" and target.account_id not in ready:
                _put_slot(target, slot)
                await target.save()
            else:
                await self._schedule(target, slot, now=now)
        _put_slot(post, slot)
        await self._done(post, by=by, now=now)

    async def cancel(self, post: Post, *, by: Member | None, now: datetime) -> None:
        """Call *post* off; for ten minutes it can be undone.

        Raises:
            AlreadyGoingOut: too late.
        """
        if post.stage == "cancelled":
            raise PlanningError("already cancelled")
        targets = await _targets_of(post)
        _refuse_if_going_out(targets)
        await self._cancel(targets, now)
        post.undo_stage = post.stage
        post.undo_until = now + self._timing.undo
        post.cancelled_at = now
        self._stage(post, "cancelled")
        await self._done(post, by=by, now=now)

    async def undo(self, post: Post, *, by: Member | None, now: datetime) -> None:
        """Bring a cancelled post back to where it was.

        Raises:
            UndoIsOver: it was not cancelled within the last ten minutes.
        """
        if (
            post.stage != "cancelled"
            or not post.undo_stage
            or post.undo_until is None
            or post.undo_until < now
        ):
            raise UndoIsOver("nothing to undo")
        for target in await _targets_of(post):
            # Those that were cancelled before the post was (another account chosen) stay so.
            if target.state == "cancelled" and target.updated_at == post.cancelled_at:
                await self._schedule(target, _slot_of(target), now=now)
        self._stage(post, post.undo_stage)
        post.undo_stage = ""
        post.cancelled_at = post.undo_until = None
        await self._done(post, by=by, now=now)

    async def content_changed(self, post: Post, *, by: Member | None, now: datetime) -> None:
        """Prepare *post* anew: its caption, media or kind changed.

        Raises:
            AlreadyGoingOut: too late.
            PlanningError: it is not scheduled.
        """
        _require_committed(post)
        targets = await _targets_of(post)
        _refuse_if_going_out(targets)
        for target in targets:
            await self._drop_handles(target, now)
            if target.state in WAITING_STATES:
                await self._schedule(target, _slot_of(target), now=now)
        await self._done(post, by=by, now=now)

    async def back_to_draft(self, post: Post, *, by: Member | None, now: datetime) -> None:
        """Take *post* back: something must be mended before it can be promised again.

        Raises:
            AlreadyGoingOut: too late.
        """
        targets = [one for one in await _targets_of(post) if one.state != "cancelled"]
        _refuse_if_going_out(targets)
        for target in targets:
            await self._drop_handles(target, now)
            if target.state not in {"scheduled", "draft"}:
                await self._schedule(target, _slot_of(target), now=now)
            await self._move(target, "draft", now)
        self._stage(post, "draft")
        await self._done(post, by=by, now=now)

    async def publish_now(self, post: Post, *, by: Member | None, now: datetime) -> None:
        """Publish *post* at once: a person said so.

        Raises:
            AlreadyGoingOut: it is on its way or out.
            AccountNotReady: its account must be connected again first.
        """
        _require_committed(post)
        targets = [one for one in await _targets_of(post) if one.state != "cancelled"]
        movable = [one for one in targets if one.state not in GOING_OUT]
        if not movable:
            _refuse_if_going_out(targets)
            raise PlanningError("nothing to publish")
        await self._require_ready(movable)
        slot = _slot_at(now, post.zone)
        for target in movable:
            await self._schedule(target, slot, now=now, lateness_allowed=True, keeps_ready=True)
        _put_slot(post, slot)
        await self._done(post, by=by, now=now)

    async def retry(self, post: Post, *, by: Member | None, now: datetime) -> None:
        """Try again what failed or was held; at once when its slot has passed.

        A held account (its owner cleared a warning in the platform's app) goes on with all its
        posts.

        Raises:
            AccountNotReady: its account must be connected again first.
            PlanningError: nothing of it failed.
        """
        _require_committed(post)
        # Accounts are locked before targets everywhere, or two transactions wait for each other.
        resumed = await self._release_held(post, now)
        every = await _targets_of(post)
        targets = [one for one in every if one.state in {"failed", "blocked"}]
        if not targets and not resumed:
            _refuse_if_going_out(every)
            raise PlanningError("nothing to try again")
        await self._require_ready(targets)
        for target in targets:
            has_passed = target.due_at <= now
            slot = _slot_at(now, target.zone) if has_passed else _slot_of(target)
            await self._drop_handles(target, now)
            await self._schedule(target, slot, now=now, lateness_allowed=has_passed)
            _put_slot(post, slot)
        await self._done(post, by=by, now=now)

    async def drop(self, post: Post, *, by: Member | None, now: datetime) -> None:
        """Close a post that was missed, failed or stayed unclear, without publishing it.

        Raises:
            AlreadyGoingOut: it is being published, or it is out.
        """
        if post.stage == "cancelled":
            raise PlanningError("already cancelled")
        targets = await _targets_of(post)
        stuck = [one for one in targets if one.state in {"publishing", "published"}]
        _refuse_if_going_out(stuck)
        is_unclear = any(one.state == "unconfirmed" for one in targets)
        await self._cancel(targets, now)
        post.notes = {**post.notes, "outcome": "unknown"} if is_unclear else post.notes
        # What may be live is not undone: it would be published a second time.
        post.undo_stage = "" if is_unclear else post.stage
        post.undo_until = None if is_unclear else now + self._timing.undo
        post.cancelled_at = now
        self._stage(post, "cancelled")
        await self._done(post, by=by, now=now)

    async def confirm_live(self, post: Post, *, by: Member | None, now: datetime) -> None:
        """Take a person's word that an unclear post is live.

        Raises:
            PlanningError: its outcome is not open.
        """
        for target in await self._unconfirmed(post):
            target.published_at = target.intent_at or now
            target.last_error = {**target.last_error, "confirmed_by": str(by.id) if by else ""}
            await self._move(target, "published", now)
        await self._done(post, by=by, now=now)

    async def post_again(self, post: Post, *, by: Member | None, now: datetime) -> None:
        """Publish an unclear post once more: a person looked, and it is not there.

        Raises:
            PlanningError: its outcome is not open.
            AccountNotReady: its account must be connected again first.
        """
        targets = await self._unconfirmed(post)
        await self._require_ready(targets)
        slot = _slot_at(now, post.zone)
        for target in targets:
            await self._drop_handles(target, now)
            await self._schedule(target, slot, now=now, lateness_allowed=True)
        _put_slot(post, slot)
        await self._done(post, by=by, now=now)

    async def change_account(
        self, post: Post, account: Account, *, by: Member | None, now: datetime
    ) -> None:
        """Send *post* to *account* instead, at the same time.

        Raises:
            AlreadyGoingOut: too late.
            AccountNotReady: that account cannot be used.
        """
        _require_committed(post)
        if account.state not in _USABLE_ACCOUNTS:
            raise AccountNotReady(account.id)
        targets = await _targets_of(post)
        _refuse_if_going_out(targets)
        if post.due_at is None:
            raise PlanningError("a committed post has a time")
        slot = Slot(post.due_at, post.wall_time, post.zone)
        await self._cancel((one for one in targets if one.account_id != account.id), now)
        chosen = next((one for one in targets if one.account_id == account.id), None)
        if chosen is None:
            await self._create(post, account, slot, now)
        elif chosen.state == "cancelled":
            await self._drop_handles(chosen, now)
            await self._schedule(chosen, slot, now=now)
        await self._done(post, by=by, now=now)

    # Accounts

    async def hold_account(
        self, account_id: UUID, *, trouble: str, who: str, code: str = "", now: datetime
    ) -> bool:
        """Stop everything for an account until a person acts; tells once per trouble (K6).

        Call it in a transaction. Returns False when it was held for that reason already.
        """
        return await holding.hold(account_id, trouble=trouble, who=who, code=code, now=now)

    async def resume_account(
        self, account_id: UUID, *, pressed_post_id: UUID | None = None, now: datetime
    ) -> None:
        """Go on with an account that works again, in one transaction of the caller's.

        Slots ahead go on by themselves, at their time; a missed post whose [Reconnect & publish]
        was pressed is published at once; every other missed one asks (K6).
        """
        await holding.resume(
            account_id, pressed_post_id=pressed_post_id, now=now, timing=self._timing
        )

    async def disconnect_account(
        self, account_id: UUID, *, reason: str, by: Member | None, now: datetime
    ) -> int:
        """Forget an account's token and hold its posts; returns how many posts that touches.

        Call it in a transaction.
        """
        return await holding.disconnect(account_id, reason=reason, by=by, now=now)

    # Below: one thing each

    async def _create(self, post: Post, account: Account, slot: Slot, now: datetime) -> None:
        target = Target(
            post_id=post.id,
            account_id=account.id,
            state="scheduled",
            due_at=slot.due_at,
            wall_time=slot.wall_time,
            zone=slot.zone,
            created_at=now,
            updated_at=now,
        )
        target.next_attempt_at = first_step_at(target.id, slot.due_at, now, self._timing)
        await target.save(force_create=True)

    async def _schedule(
        self,
        target: Target,
        slot: Slot,
        *,
        now: datetime,
        lateness_allowed: bool = False,
        keeps_ready: bool = False,
    ) -> None:
        becomes = "ready" if keeps_ready and target.state == "ready" else "scheduled"
        _put_slot(target, slot)
        start_over(target, lateness_allowed=lateness_allowed)
        target.next_attempt_at = (
            now if lateness_allowed else first_step_at(target.id, slot.due_at, now, self._timing)
        )
        await self._move(target, becomes, now)

    async def _move(self, target: Target, becomes: str, now: datetime) -> None:
        await move_target(target, becomes, now)

    async def _cancel(self, targets: Iterable[Target], now: datetime) -> None:
        for target in targets:
            if target.state not in {"cancelled", "published"}:
                await self._move(target, "cancelled", now)

    async def _drop_handles(
        self, target: Target, now: datetime, *, lapsing_before: datetime | None = None
    ) -> None:
        handles = Handle.filter(target_id=target.id, dropped_at__isnull=True)
        lapsing = handles.filter(lapses_at__lt=lapsing_before)
        if lapsing_before is not None and not await lapsing.exists():
            return
        await handles.update(dropped_at=now)

    async def _ready_accounts(self, targets: Sequence[Target]) -> set[UUID]:
        ids = [target.account_id for target in targets]
        accounts = await Account.filter(id__in=ids, state="active")
        return {account.id for account in accounts}

    async def _require_ready(self, targets: Sequence[Target]) -> None:
        ready = await self._ready_accounts(targets)
        for target in targets:
            if target.account_id not in ready:
                raise AccountNotReady(target.account_id)

    async def _release_held(self, post: Post, now: datetime) -> bool:
        held = await Account.filter(
            state="held", targets__post_id=post.id, targets__state="blocked"
        ).order_by("id")
        for account in held:
            await self.resume_account(account.id, pressed_post_id=post.id, now=now)
        return bool(held)

    async def _unconfirmed(self, post: Post) -> list[Target]:
        _require_committed(post)
        targets = [one for one in await _targets_of(post) if one.state == "unconfirmed"]
        if not targets:
            raise PlanningError("its outcome is not open")
        return targets

    def _stage(self, post: Post, becomes: str) -> None:
        require_post_move(post.stage, becomes)
        post.stage = becomes

    async def _done(self, post: Post, *, by: Member | None, now: datetime) -> None:
        post.rev += 1
        post.updated_at = now
        if by is not None:
            post.changed_by_id = by.id
        await post.save()
        await tell("post", post.id, "changed", now=now)
        await wake_engine()
        fp("C26")


async def _targets_of(post: Post) -> list[Target]:
    return await Target.filter(post_id=post.id).order_by("id").select_for_update()


def _refuse_if_going_out(targets: Iterable[Target]) -> None:
    states = {target.state for target in targets} & GOING_OUT
    if states:
        raise AlreadyGoingOut(is_published="published" in states)


def _require_committed(post: Post) -> None:
    if post.stage != "committed":
        raise PlanningError(f"a post in stage {post.stage} is not scheduled")


def _put_slot(where: Post | Target, slot: Slot) -> None:
    where.due_at = slot.due_at.astimezone(UTC)
    where.wall_time = slot.wall_time
    where.zone = slot.zone


def _slot_of(target: Target) -> Slot:
    return Slot(target.due_at, target.wall_time, target.zone)


def _slot_at(moment: datetime, zone: str) -> Slot:
    local = moment.astimezone(ZoneInfo(zone or "UTC")).replace(tzinfo=None)
    return Slot(moment, local.isoformat(timespec="seconds"), zone or "UTC")
