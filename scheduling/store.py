"""Every state the engine writes, in batches, fenced by epoch and state.

One statement writes a whole batch: targets, attempt rows, handles and outbox rows together. A
target whose epoch or state is not what its owner believes gets nothing written at all, so an owner
that was overtaken can do no harm. Moments are the database's: `now()` plus the clock's shift.
Leases alone go by the real clock: moving the demo's clock must not take work out of living hands.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import cast
from uuid import UUID

from models.clock import Clock
from models.database import db
from models.failpoints import fp
from models.ids import new_id
from models.post import WAITING_STATES
from platforms.contract import Handle
from scheduling.batches import Batches
from scheduling.duplicates import twins_at_claim
from scheduling.job import Change, Job, Linkless
from scheduling.moves import require_target_move
from scheduling.rows import Accounts, Row, complete_job, read_jobs
from scheduling.timing import Timing

QUEUE = "queue"
"""The owner of a target that was claimed for the queue and not taken by a worker yet."""

MAX_BATCH = 200

_TAKEN_AHEAD = timedelta(seconds=1)
"""What was claimed ahead may be taken up at once, however quick the queue was."""


_STATES = ", ".join(f"'{state}'" for state in WAITING_STATES)
_URGENT = "'ready', 'publishing'"
_FREE = f"state IN ({_STATES}) AND (lease_until IS NULL OR lease_until < now())"

_AHEAD = "(state = 'ready' AND next_attempt_at = due_at)"
"""What lacks only its publish call, at its slot: taken a moment before, so that the way through
the queue costs no punctuality. What waits for another reason is never taken before its time."""

_CLAIM = f"""
WITH urgent AS (
    SELECT id FROM target WHERE {_FREE} AND state IN ({_URGENT})
        AND next_attempt_at <= now() + {{shift}} + {{ahead}}
        AND ({_AHEAD} OR next_attempt_at <= now() + {{shift}})
    ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED
), rest AS (
    SELECT id FROM target WHERE {_FREE} AND state NOT IN ({_URGENT})
        AND next_attempt_at <= now() + {{shift}}
    ORDER BY next_attempt_at LIMIT greatest(0, $1 - (SELECT count(*) FROM urgent))
    FOR UPDATE SKIP LOCKED
)
UPDATE target SET epoch = epoch + 1, lease_owner = $2, lease_until = now() + $3::interval
WHERE id = ANY (ARRAY(SELECT id FROM urgent UNION ALL SELECT id FROM rest))
RETURNING id, epoch, due_at, state IN ({_URGENT}) AS is_urgent
"""  # noqa: S608 - the table's own state names
"""The spans that decide how much is due stand in the text: by parameters PostgreSQL would plan it
anew at every turn, which took longer than running it. The array keeps its plan from reading the
whole table while that is small."""

_COLUMNS = """
t.id, t.post_id, t.account_id, t.epoch, t.state, t.due_at, t.attempt, t.reads, t.polls, t.calls,
t.renewals, t.resume_state, t.lateness_allowed, t.platform_media_id, t.permalink, t.published_at,
t.last_error_code, t.last_error, t.intent_at,
extract(epoch FROM t.due_at - (now() + $2::interval))::float8 AS due_in,
extract(epoch FROM now() + $2::interval - greatest(t.due_at, t.next_attempt_at))::float8 AS behind,
extract(epoch FROM t.intent_at + $3::interval - (now() + $2::interval))::float8 AS settled_in
"""

_TO_PUBLISH = f"""
SELECT {_COLUMNS}, a.team_id, a.platform, a.platform_user_id, a.username, a.state AS account_state,
    a.trouble, a.sealed_token, a.token_version, a.token_issued_at, a.token_expires_at,
    a.checked_at, h.id AS handle_id, h.purpose, h.ordinal, h.external_id, h.lapses_at,
    h.ever_published
FROM t JOIN account AS a ON a.id = t.account_id
LEFT JOIN handle AS h ON h.target_id = t.id AND h.dropped_at IS NULL
ORDER BY t.due_at, t.id, h.made_at
"""  # noqa: S608
"""All that a publish call needs: one row for each handle of each target."""

_TAKE = f"""
WITH t AS (
    UPDATE target AS t SET epoch = t.epoch + 1, lease_owner = $4,
        lease_until = now() + $5::interval
    WHERE t.id = ANY($1::uuid[]) AND t.lease_owner = '{QUEUE}' AND t.state IN ({_STATES})
        AND (t.next_attempt_at <= now() + $2::interval
            OR {_AHEAD} AND t.next_attempt_at <= now() + $2::interval + $6::interval)
    RETURNING t.*
) {_TO_PUBLISH}"""  # noqa: S608

_READ = f"""
WITH t AS (SELECT * FROM target WHERE id = ANY($1::uuid[]) AND lease_owner = $4) {_TO_PUBLISH}
"""  # noqa: S608

_WHOLE = """
SELECT t.id, p.kind, p.caption, p.stage,
    (SELECT coalesce(jsonb_agg(to_jsonb(h) ORDER BY h.made_at), '[]') FROM handle AS h
        WHERE h.target_id = t.id AND h.dropped_at IS NULL) AS handles,
    (SELECT coalesce(jsonb_agg(to_jsonb(m) ORDER BY m.ordinal, m.created_at), '[]')
        FROM media AS m WHERE m.post_id = p.id AND m.state <> 'removed') AS media
FROM target AS t JOIN post AS p ON p.id = t.post_id
WHERE t.id = ANY($1::uuid[])
"""
"""What preparing and looking need besides."""

_NEXT = f"""
SELECT extract(epoch FROM next_attempt_at - (now() + $1::interval)
    - CASE WHEN {_AHEAD} THEN $2::interval ELSE interval '0' END)::float8 AS seconds
FROM target WHERE {_FREE} AND next_attempt_at IS NOT NULL ORDER BY next_attempt_at LIMIT 1
"""  # noqa: S608

_QUEUED = """
SELECT id FROM target WHERE id = ANY($1::uuid[]) AND lease_owner = $2 AND lease_until > now()
"""

_GIVE_BACK = """
UPDATE target AS t SET lease_owner = NULL, lease_until = NULL
FROM unnest($1::uuid[], $2::bigint[]) AS mine(id, epoch)
WHERE t.id = mine.id AND t.epoch = mine.epoch
"""

_RENEW = """
UPDATE target AS t SET lease_until = greatest(t.lease_until, now() + $3::interval)
FROM unnest($1::uuid[], $2::bigint[]) AS mine(id, epoch)
WHERE t.id = mine.id AND t.epoch = mine.epoch AND t.lease_owner IS NOT NULL
RETURNING t.id
"""

_CHANGES = """
WITH c AS (
    SELECT id, epoch, was, state, coalesce(attempt, 0) AS attempt, coalesce(reads, 0) AS reads,
        coalesce(polls, 0) AS polls, coalesce(calls, 0) AS calls,
        coalesce(renewals, 0) AS renewals, coalesce(resume_state, '') AS resume_state,
        coalesce(lateness_allowed, false) AS lateness_allowed,
        coalesce(platform_media_id, '') AS platform_media_id,
        coalesce(permalink, '') AS permalink, published_at,
        coalesce(last_error_code, '') AS last_error_code,
        coalesce(last_error, '{}') AS last_error, next_in, next_at, intent, lease_s,
        coalesce(drops_handles, false) AS drops_handles
    FROM unnest($1::uuid[], $3::bigint[], $4::text[], $5::text[], $6::int[], $7::int[],
        $8::int[], $9::int[], $10::int[], $11::text[], $12::bool[], $13::text[], $14::text[],
        $15::timestamptz[], $16::text[], $17::text[], $18::float8[], $19::timestamptz[],
        $20::text[], $21::float8[], $22::bool[])
    AS c(id, epoch, was, state, attempt, reads, polls, calls, renewals, resume_state,
        lateness_allowed, platform_media_id, permalink, published_at, last_error_code, last_error,
        next_in, next_at, intent, lease_s, drops_handles)
), done AS (
    UPDATE target AS t SET
        state = c.state, rev = t.rev + (c.state <> c.was)::int, attempt = c.attempt,
        reads = c.reads, polls = c.polls, calls = c.calls, renewals = c.renewals,
        resume_state = c.resume_state, lateness_allowed = c.lateness_allowed,
        platform_media_id = c.platform_media_id, permalink = c.permalink,
        published_at = CASE WHEN c.state = 'published'
            THEN coalesce(c.published_at, now() + $2::interval) ELSE c.published_at END,
        last_error_code = c.last_error_code, last_error = c.last_error::jsonb,
        next_attempt_at = coalesce(
            c.next_at, now() + $2::interval + make_interval(secs => c.next_in), t.next_attempt_at),
        intent_at = CASE c.intent WHEN 'now' THEN now() + $2::interval WHEN 'clear' THEN NULL
            ELSE t.intent_at END,
        lease_until = now() + make_interval(secs => c.lease_s),
        lease_owner = CASE WHEN c.lease_s IS NULL THEN NULL ELSE t.lease_owner END,
        updated_at = now() + $2::interval
    FROM c WHERE t.id = c.id AND t.epoch = c.epoch AND t.state = c.was
    RETURNING t.id, c.drops_handles
)"""

"""A column of which every row has its plain value travels empty: `unnest` fills it with NULL."""

_TRIES = """, tried AS (
    INSERT INTO attempt
        (id, target_id, step, number, outcome, error_code, error, duration_ms, created_at,
        finished_at)
    SELECT a.id, a.target_id, a.step, coalesce(a.number, 1), coalesce(a.outcome, 'open'),
        coalesce(a.error_code, ''), coalesce(a.error, '{}')::jsonb, a.duration_ms,
        now() + $2::interval - make_interval(secs => coalesce(a.duration_ms, 0) / 1000.0),
        CASE WHEN coalesce(a.outcome, 'open') <> 'open' THEN now() + $2::interval END
    FROM unnest({at}) AS a(id, target_id, step, number, outcome, error_code, error, duration_ms)
    JOIN done ON done.id = a.target_id
    ON CONFLICT (id) DO UPDATE SET outcome = excluded.outcome, error_code = excluded.error_code,
        error = excluded.error, duration_ms = excluded.duration_ms,
        finished_at = excluded.finished_at
)"""

_MADE = """, made AS (
    INSERT INTO handle (id, target_id, purpose, ordinal, external_id, made_at, lapses_at,
        ever_published)
    SELECT h.id, h.target_id, h.purpose, h.ordinal, h.external_id, now() + $2::interval,
        now() + $2::interval + make_interval(secs => h.life_s), false
    FROM unnest({at}) AS h(id, target_id, purpose, ordinal, external_id, life_s)
    JOIN done ON done.id = h.target_id
)"""

_DROPPED = """, dropped AS (
    UPDATE handle SET dropped_at = now() + $2::interval FROM done
    WHERE handle.target_id = done.id AND done.drops_handles AND handle.dropped_at IS NULL
)"""

_TRY_TYPES = "uuid uuid text int text text text int"
_MADE_TYPES = "uuid uuid text int text float8"
_SAY_TYPES = "uuid uuid uuid text text text"

_NONE_PLAIN = object()
_PLAIN_CHANGE = (
    *(_NONE_PLAIN,) * 4, 0, 0, 0, 0, 0, "", False, "", "", None, "", "{}", None, None, None, None,
    False,
)  # fmt: skip
_PLAIN_TRY = (*(_NONE_PLAIN,) * 3, 1, "open", "", "{}", None)
_PLAIN_MADE = (_NONE_PLAIN,) * 6
_PLAIN_SAY = (*(_NONE_PLAIN,) * 4, "card", "{}")
"""What each column of a batch mostly holds, as the statements above put it in."""

_SAID = """, said AS (
    INSERT INTO outbox (id, subject_kind, subject_id, event, purpose, payload, created_at)
    SELECT o.id, 'post', o.post_id, o.event, coalesce(o.purpose, 'card'),
        coalesce(o.payload, '{}')::jsonb, now() + $2::interval
    FROM unnest({at}) AS o(id, target_id, post_id, event, purpose, payload)
    JOIN done ON done.id = o.target_id
)"""

_LINKS = """
WITH l AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[])
    AS l(id, post_id, permalink, say_id)
), done AS (
    UPDATE target AS t SET permalink = l.permalink, updated_at = now() + $5::interval
    FROM l WHERE t.id = l.id AND t.state = 'published' AND t.permalink = ''
    RETURNING t.id
)
INSERT INTO outbox (id, subject_kind, subject_id, event, purpose, payload, created_at)
SELECT l.say_id, 'post', l.post_id, 'changed', 'card', '{}', now() + $5::interval
FROM l JOIN done ON done.id = l.id
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A target that was claimed for somebody, with the epoch of that claim."""

    id: UUID
    epoch: int
    due_at: datetime


class TargetStore:
    """The hot path's way to the database. Hands out work, takes back facts."""

    def __init__(self, clock: Clock, timing: Timing) -> None:
        self._clock = clock
        self._timing = timing
        self._accounts = Accounts()
        self._changes = Batches(self._write_batch, most=MAX_BATCH, clock=clock)
        self._links = Batches(self._write_links, most=MAX_BATCH, clock=clock)

    # Handing out

    async def claim_due(
        self,
        limit: int,
        *,
        owner: str,
        lease: timedelta,
        overdue_by: timedelta = timedelta(0),
        ahead: timedelta = timedelta(0),
    ) -> list[Claimed]:
        """Claim up to *limit* due targets for *owner*, what is ready to go out first.

        What lacks only its publish call is claimed *ahead* of its slot; its worker waits there.
        """
        if limit <= 0:
            return []
        statement = _claim(self._clock.shift - overdue_by, ahead)
        rows = await _query(statement, limit, owner, lease)
        rows.sort(key=lambda row: (not row["is_urgent"], cast("datetime", row["due_at"])))
        return [
            Claimed(_uuid(row["id"]), cast("int", row["epoch"]), cast("datetime", row["due_at"]))
            for row in rows
        ]

    async def queued(self, ids: Collection[UUID]) -> set[UUID]:
        """Return which of *ids*, claimed for the queue, no worker has taken yet."""
        if not ids:
            return set()
        return {_uuid(row["id"]) for row in await _query(_QUEUED, list(ids), QUEUE)}

    async def next_due_in(self) -> float | None:
        """Return the seconds until the next target may be claimed, None when none is waiting."""
        rows = await _query(_NEXT, self._clock.shift, self._timing.claim_ahead)
        return cast("float | None", rows[0]["seconds"]) if rows else None

    async def take(self, ids: Sequence[UUID], *, owner: str) -> list[Job]:
        """Take targets from the queue for *owner*; those that somebody else has are left out."""
        asked_at = self._clock.monotonic()
        rows = await _query(
            _TAKE,
            list(ids),
            self._clock.shift,
            self._timing.settle,
            owner,
            self._timing.lease,
            _TAKEN_AHEAD,
        )
        return await self._jobs(rows, asked_at)

    async def claim_jobs(
        self, limit: int, *, owner: str, overdue_by: timedelta = timedelta(0)
    ) -> list[Job]:
        """Claim due targets without the queue and return them ready to be worked on."""
        asked_at = self._clock.monotonic()
        claimed = await self.claim_due(
            limit, owner=owner, lease=self._timing.lease, overdue_by=overdue_by
        )
        if not claimed:
            return []
        ids = [one.id for one in claimed]
        rows = await _query(_READ, ids, self._clock.shift, self._timing.settle, owner)
        return await self._jobs(rows, asked_at)

    async def _jobs(self, rows: Sequence[Row], asked_at: float) -> list[Job]:
        answered_at = self._clock.monotonic()
        safe_until = asked_at + self._timing.trust_lease_for.total_seconds()
        jobs = read_jobs(rows, self._accounts, answered_at=answered_at, safe_until=safe_until)
        others = [job for job in jobs if job.state != "ready"]
        await self.complete(others)
        repeats = await twins_at_claim([job.id for job in others if job.state == "scheduled"])
        for job in others:
            job.repeats = repeats.get(job.id, 0)
        return jobs

    async def complete(self, jobs: Sequence[Job]) -> None:
        """Read what *jobs* need besides a handle and an account: post, media, all handles."""
        if not jobs:
            return
        rows = await _query(_WHOLE, [job.id for job in jobs])
        by_id = {row["id"]: row for row in rows}
        for job in jobs:
            if job.id in by_id:
                complete_job(job, by_id[job.id])

    async def give_back(self, held: Iterable[Claimed | Job]) -> None:
        """Let go of targets that nothing was done for."""
        mine = list(held)
        if mine:
            await _query(_GIVE_BACK, [one.id for one in mine], [one.epoch for one in mine])

    async def renew(self, jobs: Sequence[Job]) -> set[UUID]:
        """Keep the leases of *jobs*; returns those that are still ours."""
        if not jobs:
            return set()
        rows = await _query(
            _RENEW, [job.id for job in jobs], [job.epoch for job in jobs], self._timing.lease
        )
        return {_uuid(row["id"]) for row in rows}

    # Taking back

    async def write(self, change: Change) -> bool:
        """Write one change together with all that wait at this moment.

        Returns False when the target is not ours any more; then nothing of it was written.
        """
        require_target_move(change.was, change.facts.state)
        return await self._changes.add(change)

    async def write_now(self, changes: Sequence[Change]) -> set[UUID]:
        """Write *changes* in the present transaction; returns the targets that were ours."""
        if not changes:
            return set()
        for change in changes:
            require_target_move(change.was, change.facts.state)
        ordered = sorted(changes, key=lambda change: change.target_id)
        statement, values = self._statement(ordered)
        return {_uuid(row["id"]) for row in await _query(statement, *values)}

    async def _write_batch(self, changes: Sequence[Change]) -> list[bool]:
        fp("W1")
        done = await self.write_now(changes)
        fp("W2")
        return [change.target_id in done for change in changes]

    async def note_published(self, handle_ids: Sequence[UUID]) -> None:
        """Keep for ever that these handles were seen published, whoever owns the target now."""
        await _query(
            "UPDATE handle SET ever_published = true WHERE id = ANY($1::uuid[])", list(handle_ids)
        )

    async def write_link(self, one: Linkless, permalink: str) -> None:
        """Add the link of a published target; nothing else about it changes."""
        await self._links.add((one, permalink))

    async def _write_links(self, found: Sequence[tuple[Linkless, str]]) -> list[None]:
        await _query(
            _LINKS,
            [one.target_id for one, _ in found],
            [one.post_id for one, _ in found],
            [link for _, link in found],
            [new_id() for _ in found],
            self._clock.shift,
        )
        return [None] * len(found)

    def _statement(self, changes: Sequence[Change]) -> tuple[str, list[object]]:
        ids, *columns = _columns([_target_row(one) for one in changes], _PLAIN_CHANGE)
        values: list[object] = [ids, self._clock.shift, *columns]
        statement = _CHANGES
        tries = [row for one in changes for row in _try_rows(one)]
        made = [_made_row(one, one.made) for one in changes if one.made]
        says = [row for one in changes for row in _say_rows(one)]
        for template, types, plain, rows in (
            (_TRIES, _TRY_TYPES, _PLAIN_TRY, tries),
            (_MADE, _MADE_TYPES, _PLAIN_MADE, made),
            (_SAID, _SAY_TYPES, _PLAIN_SAY, says),
        ):
            if rows:
                first = len(values) + 1
                values += _columns(rows, plain)
                at = (f"${first + n}::{kind}[]" for n, kind in enumerate(types.split()))
                statement += template.replace("{at}", ", ".join(at))
        if any(change.drops_handles for change in changes):
            statement += _DROPPED
        if any(change.facts.state == "published" for change in changes):
            fp("C19")
        statement += " SELECT id FROM done"
        return statement, values


async def _query(statement: str, *values: object) -> list[dict[str, object]]:
    return await db().execute_query_dict(statement, list(values))


@lru_cache(16)
def _claim(shift: timedelta, ahead: timedelta) -> str:
    return _CLAIM.format(shift=_span(shift), ahead=_span(ahead))


def _span(length: timedelta) -> str:
    return f"interval '{length // timedelta(microseconds=1)} microseconds'"


def _columns(
    rows: Sequence[tuple[object, ...]], plain: Sequence[object]
) -> list[Sequence[object]]:
    """Return *rows* by columns, empty where a whole column holds its *plain* value."""
    columns = zip(*rows, strict=True)
    many = len(rows)
    return [
        () if usual is not _NONE_PLAIN and column.count(usual) == many else column
        for column, usual in zip(columns, plain, strict=True)
    ]


def _target_row(change: Change) -> tuple[object, ...]:
    """Return a change as `_CHANGES` names its columns."""
    facts = change.facts
    return (
        change.target_id,
        change.epoch,
        change.was,
        facts.state,
        facts.attempt,
        facts.reads,
        facts.polls,
        facts.calls,
        facts.renewals,
        facts.resume_state,
        facts.lateness_allowed,
        facts.platform_media_id,
        facts.permalink,
        facts.published_at,
        facts.last_error_code,
        _json(facts.last_error),
        change.next_in,
        change.next_at,
        None if change.intent == "keep" else change.intent,
        change.lease.total_seconds() if change.lease else None,
        change.drops_handles,
    )


def _try_rows(change: Change) -> Iterator[tuple[object, ...]]:
    for one in change.tries:
        yield (
            one.id,
            change.target_id,
            one.step,
            one.number,
            one.outcome,
            one.error_code,
            _json(one.error),
            one.duration_ms,
        )


def _made_row(change: Change, handle: Handle) -> tuple[object, ...]:
    return (
        change.made_id,
        change.target_id,
        handle.purpose,
        handle.ordinal,
        handle.external_id,
        handle.lapses_after.total_seconds() if handle.lapses_after else None,
    )


def _say_rows(change: Change) -> Iterator[tuple[object, ...]]:
    for one in change.says:
        yield (
            new_id(),
            change.target_id,
            change.post_id,
            one.event,
            one.purpose,
            _json(one.payload),
        )


def _json(value: Mapping[str, object]) -> str:
    return json.dumps(dict(value), default=str) if value else "{}"


def _uuid(value: object) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
