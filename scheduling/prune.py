"""Throws away rows nobody will ask for again, a few at a time."""

import logging
from datetime import datetime, timedelta

from models.database import db

log = logging.getLogger(__name__)

KEEP_ATTEMPTS = timedelta(days=90)
KEEP_INBOX = timedelta(days=7)
KEEP_OUTBOX = timedelta(days=14)
KEEP_CONNECT_STATES = timedelta(days=7)
KEEP_PROMPTS = timedelta(days=7)
KEEP_REARRANGEMENTS = timedelta(days=90)
_BATCH = 5000

_OLD: tuple[tuple[str, str, timedelta], ...] = (
    ("attempt", "created_at < $1", KEEP_ATTEMPTS),
    ("inbox", "state IN ('done', 'ignored') AND handled_at < $1", KEEP_INBOX),
    (
        "outbox",
        """fanned_out_at < $1 AND NOT EXISTS (SELECT 1 FROM delivery
            WHERE delivery.outbox_id = outbox.id AND delivery.state = 'waiting')""",
        KEEP_OUTBOX,
    ),
    ("connect_state", "expires_at < $1", KEEP_CONNECT_STATES),
    ("prompt", "closed_at < $1", KEEP_PROMPTS),
    (
        # A pause may last two years; what it moved goes back when it is ended early.
        "rearrangement",
        "created_at < $1 AND NOT (kind = 'pause' AND state = 'applied')",
        KEEP_REARRANGEMENTS,
    ),
    (
        "album",
        "closed_at < $1",
        KEEP_INBOX,
    ),
)


async def prune(now: datetime) -> dict[str, int]:
    """Delete what is older than it is kept; returns how many rows of which table went."""
    gone: dict[str, int] = {}
    for table, condition, keep in _OLD:
        rows = await db().execute_query_dict(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {condition}"  # noqa: S608 - the constants above
            f" LIMIT {_BATCH}) RETURNING id",
            [now - keep],
        )
        if rows:
            gone[table] = len(rows)
    if gone:
        log.info("pruned", extra={"rows": gone})
    return gone
