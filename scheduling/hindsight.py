"""Looks again, later, at posts of which nobody knew whether they went out.

A person was asked by then. The question is taken back when the platform shows the post after all:
it was slow, it could not be read for a while, or its account had to be connected again first.
Nothing is ever sent from here: a look turns a post into a published one, or changes nothing.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from tortoise.transactions import in_transaction

from models.account import Account
from models.clock import Clock
from models.database import db
from models.failpoints import fp
from models.outbox import tell
from models.post import Handle, Post, Target
from platforms.contract import Credentials, Outgoing, Platform, Published, Receipt
from platforms.contract import Handle as PlatformHandle
from platforms.errors import HandleLost, PlatformError, Rejected
from scheduling.moves import move_target
from scheduling.tokens import Tokens, row_of

log = logging.getLogger(__name__)

LOOKS_AFTER = (
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(hours=22),
)
"""How long after the question each look is taken; those of an account that cannot be asked wait
until it can."""

_MAY_APPEAR_WITHIN = timedelta(hours=1)
"""How long after its last call a post may have appeared; what is younger, a person made."""

_CALL_SECONDS = 30.0
_BATCH = 20

# Found by account: there is no index by state alone, and few accounts have an open question.
_CLAIM = """
UPDATE target AS t SET link_tries = t.link_tries + 1 FROM (
    SELECT t.id FROM account AS a JOIN target AS t
        ON t.account_id = a.id AND t.state = 'unconfirmed'
    WHERE a.state = 'active' AND t.intent_at IS NOT NULL
        AND t.link_tries < cardinality($1::interval[])
        AND t.updated_at + ($1::interval[])[t.link_tries + 1] <= $2
    ORDER BY t.updated_at LIMIT $3 FOR UPDATE OF t SKIP LOCKED) AS due
WHERE t.id = due.id
RETURNING t.id, t.post_id, t.account_id, t.intent_at,
    (SELECT min(created_at) FROM attempt AS tried WHERE tried.target_id = t.id
        AND tried.step = 'publish' AND tried.outcome IN ('open', 'unknown')) AS since
"""


class Hindsight:
    """Finds out later what became of publish calls without an answer. Any number may run."""

    def __init__(self, platforms: Mapping[str, Platform], tokens: Tokens, clock: Clock) -> None:
        self._platforms = platforms
        self._tokens = tokens
        self._clock = clock

    async def look(self) -> int:
        """Look at those whose next look has come; returns how many turned out to be live."""
        rows = await db().execute_query_dict(
            _CLAIM, [list(LOOKS_AFTER), self._clock.now(), _BATCH]
        )
        found = 0
        for row in rows:
            try:
                found += await self._look_at(row)
            except (PlatformError, TimeoutError) as err:
                log.info("hindsight.blind", extra={"target_id": str(row["id"]), "why": str(err)})
        return found

    async def _look_at(self, row: Mapping[str, object]) -> bool:
        account = await Account.get_or_none(id=row["account_id"])
        if account is None or account.state != "active" or account.platform not in self._platforms:
            return False
        handles = await Handle.filter(target_id=row["id"], dropped_at=None).order_by("made_at")
        outgoing = await _outgoing_of(cast("UUID", row["post_id"]))
        intent_at = cast("datetime", row["intent_at"])
        since = cast("datetime | None", row["since"]) or intent_at
        platform = self._platforms[account.platform]
        who = self._tokens.credentials(row_of(account))
        async with asyncio.timeout(_CALL_SECONDS):
            is_live = await _is_live(platform, who, handles)
            try:
                listed = await platform.find_published(who, outgoing, since=min(since, intent_at))
            except PlatformError:
                if not is_live:
                    raise
                listed = None
        fp("H1")
        if not is_live and not _is_evidence(listed, outgoing, intent_at):
            return False
        return await self._record(cast("UUID", row["id"]), intent_at, listed or Receipt())

    async def _record(self, target_id: UUID, intent_at: datetime, receipt: Receipt) -> bool:
        """Write that it is live, unless a person decided meanwhile."""
        now = self._clock.now()
        async with in_transaction():
            target = (
                await Target.filter(id=target_id, state="unconfirmed", intent_at=intent_at)
                .select_for_update()
                .first()
            )
            if target is None:
                return False
            target.platform_media_id = receipt.media_id or target.platform_media_id
            target.permalink = receipt.permalink
            target.published_at = receipt.published_at or intent_at
            target.last_error_code, target.last_error, target.link_tries = "", {}, 0
            await move_target(target, "published", now)
            await tell("post", target.post_id, "changed", now=now)
            await tell("post", target.post_id, "published", now=now, purpose="notice")
            fp("H2")
        log.info("hindsight.live", extra={"target_id": str(target_id)})
        return True


async def _is_live(platform: Platform, who: Credentials, handles: Sequence[Handle]) -> bool:
    if any(one.ever_published for one in handles):
        return True
    asked = [
        PlatformHandle("item" if one.purpose == "item" else "post", one.ordinal, one.external_id)
        for one in handles
    ]
    if not asked:
        return False
    try:
        return isinstance(await platform.check(who, asked), Published)
    except (HandleLost, Rejected):
        # It lapsed, which it may have done before or after: only the account's own list knows.
        return False


def _is_evidence(listed: Receipt | None, outgoing: Outgoing, intent_at: datetime) -> bool:
    """Say whether an entry of the account's own list must come from a call of ours.

    Words and time have to agree; a person who was asked may have posted the same by hand since.
    """
    if listed is None or not outgoing.caption or listed.published_at is None:
        return False
    return listed.published_at <= intent_at + _MAY_APPEAR_WITHIN


async def _outgoing_of(post_id: UUID) -> Outgoing:
    post = await Post.get(id=post_id)
    return Outgoing(kind=post.kind, caption=post.caption, media=())  # type: ignore[arg-type]  # the four kinds are written by us
