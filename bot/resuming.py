"""Goes on after an account was connected: waiting drafts, held posts, and what is told about it.

The site writes down that an account was connected; it knows no posts. This reads that and acts.
"""

import logging
from datetime import timedelta
from uuid import UUID

from tortoise.transactions import in_transaction

from bot.context import House
from bot.flows.settling import settle_waiting
from models.account import Account
from models.clock import Clock
from models.database import DATABASE_TROUBLE, Wakeups
from models.outbox import Outbox, tell
from models.post import Post, lock_post

log = logging.getLogger(__name__)
_POLL_SECONDS = 1.0
_BATCH = 100
QUIET = timedelta(minutes=10)
"""A question unanswered for so long: the draft is kept, and the card says so."""


class Resumer:
    """Follows up on connected accounts. Any number may run: each row is taken once."""

    def __init__(self, house: House, clock: Clock, wakeups: Wakeups) -> None:
        self._house = house
        self._clock = clock
        self._wakeups = wakeups

    async def run(self) -> None:
        """Follow up until cancelled."""
        while True:
            try:
                await self.drain()
                await self.save_quiet_drafts()
            except DATABASE_TROUBLE:
                log.info("resumer.database_trouble", exc_info=True)
            except Exception:
                # One account that cannot be followed up must not end the whole process.
                log.exception("resumer.trouble")
            await self._clock.pause(_POLL_SECONDS)

    async def drain(self) -> int:
        """Follow up on what was connected since, and return how many accounts that were."""
        count = 0
        while await self._follow_one():
            count += 1
        return count

    async def save_quiet_drafts(self) -> None:
        """Tell on the card that a draft is kept, once nobody answered for ten minutes."""
        now = self._clock.now()
        quiet = Post.filter(stage="draft", updated_at__lt=now - QUIET).exclude(question="")
        for found in await quiet.exclude(notes__contains={"saved": True}).limit(_BATCH):
            async with in_transaction():
                post = await lock_post(found.id)
                if post and post.stage == "draft" and not post.notes.get("saved"):
                    post.notes = {**post.notes, "saved": True}
                    await post.save(update_fields=["notes"])
                    await tell("post", post.id, "changed", now=now)

    async def _follow_one(self) -> bool:
        async with in_transaction():
            row = (
                await Outbox.filter(
                    subject_kind="account",
                    event="connected",
                    payload__contains={"followed": False},
                )
                .select_for_update(skip_locked=True)
                .first()
            )
            if row is None:
                return False
            row.payload = {**row.payload, "followed": True}
            await row.save(update_fields=["payload"])
            account = await Account.filter(id=row.subject_id).select_for_update().first()
            if account and account.state == "active":
                await self._resume(account, row)
        return True

    async def _resume(self, account: Account, row: Outbox) -> None:
        pressed = str(row.payload.get("post") or "")
        now = self._clock.now()
        await self._house.planner.resume_account(
            account.id, pressed_post_id=UUID(pressed) if pressed else None, now=now
        )
        await settle_waiting(account, self._house, now=now)
        if not row.payload.get("reconnected", True):
            # Confirmed before we came to it: connected for the first time, as its card says.
            return
        await tell(
            "account", account.id, "reconnected", purpose="notice", place_id=row.place_id, now=now
        )
