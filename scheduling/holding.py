"""Accounts that need a person: their posts are held together and go on together (K6).

Each function is one transaction's work; the caller opens the transaction.
"""

import logging
from datetime import datetime
from uuid import UUID

from tortoise.transactions import in_transaction

from models.account import Account
from models.failpoints import fp
from models.outbox import Audit, tell
from models.post import Target
from models.team import Member
from scheduling.duplicates import LOOKS_LIKE
from scheduling.moves import first_step_at, move_target, start_over, wake_engine
from scheduling.timing import Timing

log = logging.getLogger(__name__)

HOLDABLE = ("scheduled", "preparing", "waiting_media", "ready", "deferred")
"""Open targets whose publish call is not under way; a running call ends by itself."""


async def hold(account_id: UUID, *, trouble: str, who: str, code: str = "", now: datetime) -> bool:
    """Hold an account and all its open targets; tells once per account and trouble.

    *who* must act: `owner` (connect again), `admin` or `platform` (clear something elsewhere).
    Returns False when it was held for that reason already.
    """
    account = await Account.select_for_update().get_or_none(id=account_id)
    if account is None:
        return False
    state = "needs_reconnect" if who == "owner" else "held"
    is_news = account.state == "active" or (
        account.state in {"needs_reconnect", "held"} and account.trouble != trouble
    )
    blocked = await _block(account_id, trouble=trouble, code=code, now=now)
    if not is_news:
        return False
    account.state = state
    account.trouble = trouble
    account.updated_at = now
    await account.save(update_fields=["state", "trouble", "updated_at"])
    await tell(
        "account",
        account_id,
        "needs_reconnect",
        purpose="notice",
        payload={"trouble": trouble, "who": who, "posts": [str(one) for one in blocked]},
        now=now,
    )
    log.warning(
        "account.held", extra={"account_id": str(account_id), "trouble": trouble, "who": who}
    )
    return True


async def resume(
    account_id: UUID, *, pressed_post_id: UUID | None, now: datetime, timing: Timing
) -> None:
    """Go on with the held targets of an account that works again."""
    account = await Account.select_for_update().get_or_none(id=account_id)
    if account is None:
        return
    if account.state in {"held", "needs_reconnect"}:
        account.state = "active"
    account.trouble = ""
    account.updated_at = now
    await account.save(update_fields=["state", "trouble", "updated_at"])
    held = await (
        Target.filter(account_id=account_id, state="blocked").order_by("id").select_for_update()
    )
    for target in held:
        if target.last_error.get("trouble") == LOOKS_LIKE:
            # It waits for an answer, not for the account.
            continue
        await _resume(target, target.post_id == pressed_post_id, now=now, timing=timing)
    await tell("account", account_id, "changed", now=now)
    await wake_engine()


async def _resume(target: Target, is_pressed: bool, *, now: datetime, timing: Timing) -> None:
    held_for = target.last_error
    is_wanted_now = is_pressed and target.due_at <= now
    start_over(target, lateness_allowed=is_wanted_now)
    if is_wanted_now:
        # The person pressed "reconnect and publish" after its time, which stays as it was: its
        # card says how late it went out.
        target.next_attempt_at = now
        await move_target(target, "scheduled", now)
    elif target.due_at + timing.grace > now:
        target.next_attempt_at = first_step_at(target.id, target.due_at, now, timing)
        await move_target(target, "scheduled", now)
    else:
        target.last_error = held_for
        await move_target(target, "late", now)
        await tell("post", target.post_id, "late", purpose="notice", now=now)
    await tell("post", target.post_id, "changed", now=now)


_PASSED = """
UPDATE target SET last_error = last_error || '{"passed": true}'::jsonb WHERE id IN (
    SELECT t.id FROM account AS a JOIN target AS t ON t.account_id = a.id
    WHERE a.state IN ('needs_reconnect', 'disconnected') AND t.state = 'blocked'
      AND t.due_at <= $1 AND t.last_error->'passed' IS NULL
    LIMIT 100 FOR UPDATE OF t SKIP LOCKED)
RETURNING post_id
"""


async def tell_passed(now: datetime) -> int:
    """Have the cards of held posts drawn anew whose time has come; returns how many.

    From then on a post does not wait for its time any more, but for its account alone, and that
    is what the button on its card is to say.
    """
    async with in_transaction() as connection:
        rows = await connection.execute_query_dict(_PASSED, [now])
        for row in rows:
            await tell("post", row["post_id"], "changed", now=now)
    return len(rows)


async def disconnect(account_id: UUID, *, reason: str, by: Member | None, now: datetime) -> int:
    """Forget an account's token and hold its posts; returns how many posts that touches."""
    account = await Account.select_for_update().get(id=account_id)
    blocked = await _block(account_id, trouble="access_removed", code="", now=now)
    if account.state == "disconnected":
        return len(blocked)
    account.state = "disconnected"
    account.trouble = "access_removed"
    account.sealed_token = ""
    account.token_version += 1
    account.token_expires_at = None
    account.updated_at = now
    await account.save()
    await tell("account", account_id, "disconnected", payload={"reason": reason}, now=now)
    fp("C27")
    await Audit.create(
        team_id=account.team_id,
        actor_id=by.id if by else None,
        action="account.disconnected",
        subject_kind="account",
        subject_id=account_id,
        detail={"reason": reason, "posts": len(blocked)},
        at=now,
    )
    return len(blocked)


async def _block(account_id: UUID, *, trouble: str, code: str, now: datetime) -> list[UUID]:
    targets = await (
        Target.filter(account_id=account_id, state__in=HOLDABLE).order_by("id").select_for_update()
    )
    for target in targets:
        target.last_error = {"trouble": trouble, "code": code}
        target.last_error_code = code
        await move_target(target, "blocked", now)
        await tell("post", target.post_id, "changed", now=now)
    return [target.post_id for target in targets]
