"""Finds posts that look the same: same account, media and caption, close in time (K7).

What a person said yes to does not count again, nor do the runs of one series against each other,
nor the posts that one message asked for ("9am tomorrow and 6pm friday").
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from models.database import db
from models.post import Post

WINDOW = timedelta(hours=24)
ALLOWED = "duplicate_ok"
"""Where a post's notes keep the ids of the posts that it may look like."""

TOGETHER = "together"
"""Where the notes of posts that one message asked for keep what is the same in all of them."""

LOOKS_LIKE = "looks_like"
"""The trouble of a target that is held because its post looks like another one."""

_OUT = "'publishing', 'published', 'unconfirmed'"
_PLANNED = "'scheduled', 'preparing', 'waiting_media', 'ready', 'deferred'"

_HASHES = """(SELECT array_agg(sha256 ORDER BY ordinal, created_at) FROM media
    WHERE post_id = {post}.id AND state <> 'removed')"""

# Looked for by the caption's hash, which an index holds: a busy account is not read through.
_TWINS = f"""
FROM post AS p JOIN target AS t ON t.post_id = p.id
WHERE p.team_id = mine.team_id AND md5(p.caption) = md5(mine.caption)
    AND p.caption = mine.caption AND p.id <> mine.id AND t.account_id = mine.account_id
    AND (p.kind = 'story') = (mine.kind = 'story')
    AND coalesce(t.published_at, t.due_at)
        BETWEEN mine.at - $2::interval AND mine.at + $2::interval
    AND (t.state IN ({_OUT}) OR t.state IN ({_PLANNED}) AND ({{planned}}))
    AND NOT coalesce(mine.notes->'{ALLOWED}' ? p.id::text, false)
    AND NOT coalesce(p.notes->'{ALLOWED}' ? mine.id::text, false)
    AND NOT coalesce(p.notes->>'{TOGETHER}' = mine.notes->>'{TOGETHER}', false)
    AND {_HASHES.format(post="p")} = mine.hashes
    AND NOT EXISTS (SELECT 1 FROM occurrence AS a JOIN occurrence AS b
        ON a.series_id = b.series_id WHERE a.post_id = p.id AND b.post_id = mine.id)
"""  # noqa: S608 - our own words

_OF_POST = f"""
SELECT twin.*
FROM (SELECT m.id, m.team_id, $5::text AS caption, $6::text AS kind, $7::jsonb AS notes,
        $3::uuid AS account_id, $4::timestamptz AS at, {_HASHES.format(post="m")} AS hashes
    FROM post AS m WHERE m.id = $1) AS mine,
LATERAL (SELECT p.id, p.number, t.state, coalesce(t.published_at, t.due_at) AS at
    {_TWINS.format(planned="true")}) AS twin
WHERE NOT '' = ANY(mine.hashes)
ORDER BY at, number LIMIT 20
"""  # noqa: S608 - our own words

_MADE_FIRST = "(p.created_at, p.id) < (mine.created_at, mine.id)"

# At the claim, of two that are only planned the one that was made first goes ahead.
_AT_CLAIM = f"""
SELECT mine.target_id, twin.number
FROM (SELECT own.id AS target_id, m.id, m.team_id, m.caption, m.kind, m.notes, own.account_id,
        own.due_at AS at, m.created_at, {_HASHES.format(post="m")} AS hashes
    FROM target AS own JOIN post AS m ON m.id = own.post_id
    WHERE own.id = ANY($1::uuid[])) AS mine,
LATERAL (SELECT p.number {_TWINS.format(planned=_MADE_FIRST)} ORDER BY p.number LIMIT 1) AS twin
WHERE NOT '' = ANY(mine.hashes)
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Twin:
    """A post that looks like another one; `at` is when it went or goes out."""

    post_id: UUID
    number: int
    state: str
    at: datetime


async def twins_of(post: Post, account_id: UUID, *, due_at: datetime) -> list[Twin]:
    """Return the posts that *post*, saved or not, would repeat there and then, oldest first."""
    allowed = json.dumps(
        {ALLOWED: post.notes.get(ALLOWED, []), TOGETHER: post.notes.get(TOGETHER)}
    )
    rows = await db().execute_query_dict(
        _OF_POST, [post.id, WINDOW, account_id, due_at, post.caption, post.kind, allowed]
    )
    return [
        Twin(UUID(str(row["id"])), row["number"], row["state"], cast("datetime", row["at"]))
        for row in rows
    ]


async def twins_at_claim(target_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return, of those targets, the ones that repeat another post, with that post's number."""
    if not target_ids:
        return {}
    rows = await db().execute_query_dict(_AT_CLAIM, [list(target_ids), WINDOW])
    return {UUID(str(row["target_id"])): row["number"] for row in rows}


def allow_twins(post: Post, twins: Sequence[Twin]) -> None:
    """Remember that a person wants *post* although it looks like *twins*; the caller saves it."""
    known = post.notes.get(ALLOWED)
    before = [str(one) for one in known] if isinstance(known, list) else []
    found = [str(twin.post_id) for twin in twins]
    post.notes = {**post.notes, ALLOWED: list(dict.fromkeys([*before, *found]))}
