"""Finds the links of published posts that could not be read right after publishing.

A worker that stops, or a platform that is slow to know its own post, leaves a card without [Open
post]. The link is looked for later, a few times, ever more rarely; nothing else depends on it.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from models.account import Account
from models.clock import Clock
from models.database import db
from models.failpoints import fp
from models.ids import new_id
from models.post import Post
from platforms.contract import Outgoing, Platform, Receipt
from platforms.errors import PlatformError
from scheduling.tokens import Tokens, row_of

log = logging.getLogger(__name__)

TRIES_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=3),
    timedelta(days=1),
)
"""How long after publishing each try is made."""

_GIVEN_UP = timedelta(days=7)
_CALL_SECONDS = 30.0
_BATCH = 20

# Counted before the call: a link that kills whoever asks for it is not asked for without end.
_CLAIM = """
UPDATE target AS t SET link_tries = t.link_tries + 1 FROM (
    SELECT id FROM target WHERE state = 'published' AND permalink = ''
        AND published_at > $1 AND link_tries < cardinality($2::interval[])
        AND published_at + ($2::interval[])[link_tries + 1] <= $3
    ORDER BY published_at LIMIT $4 FOR UPDATE SKIP LOCKED) AS due
WHERE t.id = due.id
RETURNING t.id, t.post_id, t.account_id, t.platform_media_id, t.intent_at, t.published_at
"""
_FOUND = """
WITH done AS (
    UPDATE target SET permalink = $2, platform_media_id = coalesce(
        nullif(platform_media_id, ''), $3), updated_at = $5
    WHERE id = $1 AND state = 'published' AND permalink = '' RETURNING post_id)
INSERT INTO outbox (id, subject_kind, subject_id, event, purpose, payload, created_at)
SELECT $4, 'post', post_id, 'changed', 'card', '{}', $5 FROM done
"""


class MissingLinks:
    """Looks for the links that published posts lack. Any number may run."""

    def __init__(self, platforms: Mapping[str, Platform], tokens: Tokens, clock: Clock) -> None:
        self._platforms = platforms
        self._tokens = tokens
        self._clock = clock

    async def find_due(self) -> int:
        """Look for those whose next try has come; returns how many were found."""
        now = self._clock.now()
        rows = await db().execute_query_dict(
            _CLAIM, [now - _GIVEN_UP, list(TRIES_AFTER), now, _BATCH]
        )
        found = 0
        for row in rows:
            try:
                found += await self._find(row)
            except (PlatformError, TimeoutError) as err:
                log.info("link.unread", extra={"target_id": str(row["id"]), "why": str(err)})
        return found

    async def _find(self, row: Mapping[str, object]) -> bool:
        account = await Account.get_or_none(id=row["account_id"])
        if account is None or account.state != "active" or account.platform not in self._platforms:
            return False
        fp("C20b")
        async with asyncio.timeout(_CALL_SECONDS):
            receipt = await self._ask(self._platforms[account.platform], account, row)
        if receipt is None or not receipt.permalink:
            return False
        fp("C20c")
        values = [row["id"], receipt.permalink, receipt.media_id, new_id(), self._clock.now()]
        await db().execute_query(_FOUND, values)
        return True

    async def _ask(
        self, platform: Platform, account: Account, row: Mapping[str, object]
    ) -> Receipt | None:
        who = self._tokens.credentials(row_of(account))
        media_id = str(row["platform_media_id"])
        if media_id:
            return await platform.describe(who, media_id)
        # It was seen to be out without its id being told: only its own list knows.
        since = row["intent_at"] or row["published_at"]
        outgoing = await _outgoing_of(UUID(str(row["post_id"])))
        if outgoing is None or not isinstance(since, datetime):
            return None
        return await platform.find_published(who, outgoing, since=since)


async def _outgoing_of(post_id: UUID) -> Outgoing | None:
    post = await Post.get_or_none(id=post_id)
    if post is None:
        return None
    return Outgoing(kind=post.kind, caption=post.caption, media=())  # type: ignore[arg-type]  # the four kinds are written by us
