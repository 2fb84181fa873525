"""Every state the engine writes, in batches, fenced by epoch and state.

One statement writes a whole batch: targets, attempt rows, handles and outbox rows together. A
target whose epoch or state is not what its owner believes gets nothing written at all, so an owner
that was overtaken can do no harm. Moments are the database's: `now()` plus the clock's shift.
Leases alone go by the real clock: moving the demo's clock must not take work out of living hands.
"""

import asyncio
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeVar, cast
from uuid import UUID

from models.clock import Clock
from models.database import db
from models.failpoints import fp
from models.ids import new_id
from models.post import WAITING_STATES
from platforms.contract import Handle as PlatformHandle
from scheduling.duplicates import twins_at_claim
from scheduling.job import AccountRow, Change, Facts, Job, StoredHandle, StoredMedia
from scheduling.moves import require_target_move
from scheduling.timing import Timing

log = logging.getLogger(__name__)

QUEUE = "queue"
"""The owner of a target that was claimed for the queue and not taken by a worker yet."""

MAX_BATCH = 200

_TAKEN_AHEAD = timedelta(seconds=1)
"""What was claimed ahead may be taken up at once, however quick the queue was."""

Row = Mapping[str, object]
T = TypeVar("T")

_STATES = ", ".join(f"'{state}'" for state in WAITING_STATES)
_URGENT = "'ready', 'publishing'"
_FREE = f"state IN ({_STATES}) AND (lease_until IS NULL OR lease_until < now())"

_AHEAD = "(state = 'ready' AND next_attempt_at = due_at)"
"""What lacks only its publish call, at its slot: taken a moment before, so that the way through
the queue costs no punctuality. What waits for another reason is never taken before its time."""

_CLAIM = f"""
WITH urgent AS (
    SELECT id FROM target WHERE {_FREE} AND state IN ({_URGENT})
        AND next_attempt_at <= now() + $2::interval + $5::interval
        AND ({_AHEAD} OR next_attempt_at <= now() + $2::interval)
    ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED
), rest AS (
    SELECT id FROM target WHERE {_FREE} AND state NOT IN ({_URGENT})
        AND next_attempt_at <= now() + $2::interval
    ORDER BY next_attempt_at LIMIT greatest(0, $1 - (SELECT count(*) FROM urgent))
    FOR UPDATE SKIP LOCKED
)
UPDATE target SET epoch = epoch + 1, lease_owner = $3, lease_until = now() + $4::interval
WHERE id IN (SELECT id FROM urgent UNION ALL SELECT id FROM rest)
RETURNING id, epoch, due_at, state IN ({_URGENT}) AS is_urgent
"""  # noqa: S608 - the table's own state names

_COLUMNS = """
t.id, t.post_id, t.epoch, t.state, t.due_at, t.attempt, t.reads, t.polls, t.calls, t.renewals,
t.resume_state, t.lateness_allowed, t.platform_media_id, t.permalink, t.published_at,
t.last_error_code, t.last_error, t.intent_at,
extract(epoch FROM t.due_at - (now() + $2::interval))::float8 AS due_in,
extract(epoch FROM now() + $2::interval - greatest(t.due_at, t.next_attempt_at))::float8 AS behind,
extract(epoch FROM t.intent_at + $3::interval - (now() + $2::interval))::float8 AS settled_in
"""

_TAKE = f"""
UPDATE target AS t SET epoch = t.epoch + 1, lease_owner = $4, lease_until = now() + $5::interval
WHERE t.id = ANY($1::uuid[]) AND t.lease_owner = '{QUEUE}' AND t.state IN ({_STATES})
    AND (t.next_attempt_at <= now() + $2::interval
        OR {_AHEAD} AND t.next_attempt_at <= now() + $2::interval + $6::interval)
RETURNING {_COLUMNS}
"""  # noqa: S608

_READ = f"""
SELECT {_COLUMNS} FROM target AS t WHERE t.id = ANY($1::uuid[]) AND t.lease_owner = $4
"""  # noqa: S608

_BELONGINGS = """
SELECT t.id, p.kind, p.caption, p.stage, to_jsonb(a) - 'scopes' AS account,
    (SELECT coalesce(jsonb_agg(to_jsonb(h) ORDER BY h.made_at), '[]') FROM handle AS h
        WHERE h.target_id = t.id AND h.dropped_at IS NULL) AS handles,
    (SELECT coalesce(jsonb_agg(to_jsonb(m) ORDER BY m.ordinal, m.created_at), '[]')
        FROM media AS m WHERE m.post_id = p.id AND m.state <> 'removed') AS media
FROM target AS t JOIN post AS p ON p.id = t.post_id JOIN account AS a ON a.id = t.account_id
WHERE t.id = ANY($1::uuid[])
"""

_NEXT = f"""
SELECT extract(epoch FROM next_attempt_at - (now() + $1::interval)
    - CASE WHEN {_AHEAD} THEN $2::interval ELSE interval '0' END)::float8 AS seconds
FROM target WHERE {_FREE} AND next_attempt_at IS NOT NULL ORDER BY next_attempt_at LIMIT 1
"""  # noqa: S608

_KICKED = """
SELECT count(*) AS many FROM target WHERE lease_until > now() AND lease_owner = $1
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
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS c(
        id uuid, epoch bigint, was text, state text, attempt int, reads int, polls int, calls int,
        renewals int, resume_state text, lateness_allowed bool, platform_media_id text,
        permalink text, published_at timestamptz, last_error_code text, last_error jsonb,
        next_in float8, next_at timestamptz, intent text, lease_s float8, drops_handles bool)
), done AS (
    UPDATE target AS t SET
        state = c.state, rev = t.rev + (c.state <> c.was)::int, attempt = c.attempt,
        reads = c.reads, polls = c.polls, calls = c.calls, renewals = c.renewals,
        resume_state = c.resume_state, lateness_allowed = c.lateness_allowed,
        platform_media_id = c.platform_media_id, permalink = c.permalink,
        published_at = CASE WHEN c.state = 'published'
            THEN coalesce(c.published_at, now() + $2::interval) ELSE c.published_at END,
        last_error_code = c.last_error_code, last_error = c.last_error,
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

_TRIES = """, tried AS (
    INSERT INTO attempt
        (id, target_id, step, number, outcome, error_code, error, duration_ms, created_at,
        finished_at)
    SELECT a.id, a.target_id, a.step, a.number, a.outcome, a.error_code, a.error, a.duration_ms,
        now() + $2::interval - make_interval(secs => coalesce(a.duration_ms, 0) / 1000.0),
        CASE WHEN a.outcome = 'open' THEN NULL ELSE now() + $2::interval END
    FROM jsonb_to_recordset(${at}::jsonb) AS a(id uuid, target_id uuid, step text, number int,
        outcome text, error_code text, error jsonb, duration_ms int)
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
    FROM jsonb_to_recordset(${at}::jsonb) AS h(id uuid, target_id uuid, purpose text, ordinal int,
        external_id text, life_s float8)
    JOIN done ON done.id = h.target_id
)"""

_DROPPED = """, dropped AS (
    UPDATE handle SET dropped_at = now() + $2::interval FROM done
    WHERE handle.target_id = done.id AND done.drops_handles AND handle.dropped_at IS NULL
)"""

_SAID = """, said AS (
    INSERT INTO outbox (id, subject_kind, subject_id, event, purpose, payload, created_at)
    SELECT o.id, 'post', o.post_id, o.event, o.purpose, o.payload, now() + $2::interval
    FROM jsonb_to_recordset(${at}::jsonb) AS o(id uuid, target_id uuid, post_id uuid, event text,
        purpose text, payload jsonb)
    JOIN done ON done.id = o.target_id
)"""


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
        self._waiting: list[tuple[Change, asyncio.Future[bool]]] = []
        self._flush: asyncio.Task[None] | None = None

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
        shift = self._clock.shift - overdue_by
        rows = await _query(_CLAIM, limit, shift, owner, lease, ahead)
        rows.sort(key=lambda row: (not row["is_urgent"], cast("datetime", row["due_at"])))
        return [
            Claimed(_uuid(row["id"]), cast("int", row["epoch"]), cast("datetime", row["due_at"]))
            for row in rows
        ]

    async def count_kicked(self) -> int:
        """Return how many targets are on their way through the queue."""
        rows = await _query(_KICKED, QUEUE)
        return cast("int", rows[0]["many"])

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
        if not rows:
            return []
        answered_at = self._clock.monotonic()
        safe_until = asked_at + self._timing.trust_lease_for.total_seconds()
        jobs = [_job(row, answered_at, safe_until) for row in rows]
        by_id = {
            _uuid(row["id"]): row for row in await _query(_BELONGINGS, [job.id for job in jobs])
        }
        for job in jobs:
            if job.id in by_id:
                _fill(job, by_id[job.id])
        repeats = await twins_at_claim([job.id for job in jobs if job.state == "scheduled"])
        for job in jobs:
            job.repeats = repeats.get(job.id, 0)
        jobs.sort(key=lambda job: (job.due_at, job.id))
        return [job for job in jobs if job.account is not None]

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
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((change, future))
        if self._flush is None or self._flush.done():
            self._flush = asyncio.create_task(self._write_waiting())
            self._flush.add_done_callback(_take_note)
        return await future

    async def write_now(self, changes: Sequence[Change]) -> set[UUID]:
        """Write *changes* in the present transaction; returns the targets that were ours."""
        if not changes:
            return set()
        for change in changes:
            require_target_move(change.was, change.facts.state)
        ordered = sorted(changes, key=lambda change: change.target_id)
        statement, values = self._statement(ordered)
        return {_uuid(row["id"]) for row in await _query(statement, *values)}

    async def _write_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
            try:
                fp("W1")
                done = await self.write_now([change for change, _ in batch])
                fp("W2")
            except Exception as err:  # noqa: BLE001 - each one's own error goes to its owner
                await self._write_singly(batch, err)
                continue
            except BaseException:
                for _, future in batch + self._waiting:
                    future.cancel()
                self._waiting = []
                raise
            for change, future in batch:
                _settle(future, change.target_id in done)

    async def _write_singly(
        self, batch: list[tuple[Change, asyncio.Future[bool]]], err: Exception
    ) -> None:
        """Keep one bad row from failing its neighbours (and deadlocks from lasting)."""
        if len(batch) == 1:
            _fail(batch[0][1], err)
            return
        log.warning("store.batch_failed", extra={"size": len(batch), "error": type(err).__name__})
        for change, future in batch:
            try:
                done = await self.write_now([change])
            except Exception as own:  # noqa: BLE001
                _fail(future, own)
            else:
                _settle(future, bool(done))

    async def note_published(self, handle_ids: Sequence[UUID]) -> None:
        """Keep for ever that these handles were seen published, whoever owns the target now."""
        await _query(
            "UPDATE handle SET ever_published = true WHERE id = ANY($1::uuid[])", list(handle_ids)
        )

    async def write_link(
        self, target_id: UUID, post_id: UUID, *, permalink: str, media_id: str
    ) -> None:
        """Add what was learned about a published target; nothing else about it changes."""
        await _query(
            """WITH done AS (
                UPDATE target SET permalink = $2, platform_media_id = coalesce(
                    nullif(platform_media_id, ''), $3), updated_at = now() + $6::interval
                WHERE id = $1 AND state = 'published' AND permalink = '' RETURNING id)
            INSERT INTO outbox (id, subject_kind, subject_id, event, purpose, payload, created_at)
            SELECT $4, 'post', $5, 'changed', 'card', '{}', now() + $6::interval FROM done""",
            target_id,
            permalink,
            media_id,
            new_id(),
            post_id,
            self._clock.shift,
        )

    def _statement(self, changes: Sequence[Change]) -> tuple[str, list[object]]:
        values: list[object] = [_json([_target_row(one) for one in changes]), self._clock.shift]
        statement = _CHANGES
        parts: tuple[tuple[str, list[dict[str, object]]], ...] = (
            (_TRIES, [row for one in changes for row in _try_rows(one)]),
            (_MADE, [_handle_row(one, one.made) for one in changes if one.made]),
            (_SAID, [row for one in changes for row in _say_rows(one)]),
        )
        for template, rows in parts:
            if rows:
                values.append(_json(rows))
                statement += template.replace("{at}", str(len(values)))
        if any(change.drops_handles for change in changes):
            statement += _DROPPED
        if any(change.facts.state == "published" for change in changes):
            fp("C19")
        statement += " SELECT id FROM done"
        return statement, values


def _take_note(flush: asyncio.Task[None]) -> None:
    """Take note of how a flush ended: its owners were told, nobody waits for the task itself."""
    if not flush.cancelled() and flush.exception() is not None:
        log.warning("store.flush_ended", extra={"error": type(flush.exception()).__name__})


def _settle(future: asyncio.Future[bool], value: bool) -> None:
    if not future.done():
        future.set_result(value)


def _fail(future: asyncio.Future[bool], err: Exception) -> None:
    if not future.done():
        future.set_exception(err)


async def _query(statement: str, *values: object) -> list[dict[str, object]]:
    return await db().execute_query_dict(statement, list(values))


def _json(value: object) -> str:
    return json.dumps(value, default=_plain)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _target_row(change: Change) -> dict[str, object]:
    facts = change.facts
    return {
        "id": change.target_id,
        "epoch": change.epoch,
        "was": change.was,
        "state": facts.state,
        "attempt": facts.attempt,
        "reads": facts.reads,
        "polls": facts.polls,
        "calls": facts.calls,
        "renewals": facts.renewals,
        "resume_state": facts.resume_state,
        "lateness_allowed": facts.lateness_allowed,
        "platform_media_id": facts.platform_media_id,
        "permalink": facts.permalink,
        "published_at": facts.published_at,
        "last_error_code": facts.last_error_code,
        "last_error": dict(facts.last_error),
        "next_in": change.next_in,
        "next_at": change.next_at,
        "intent": change.intent,
        "lease_s": change.lease.total_seconds() if change.lease else None,
        "drops_handles": change.drops_handles,
    }


def _try_rows(change: Change) -> list[dict[str, object]]:
    return [
        {
            "id": one.id,
            "target_id": change.target_id,
            "step": one.step,
            "number": one.number,
            "outcome": one.outcome,
            "error_code": one.error_code,
            "error": dict(one.error),
            "duration_ms": one.duration_ms,
        }
        for one in change.tries
    ]


def _handle_row(change: Change, handle: PlatformHandle) -> dict[str, object]:
    return {
        "id": change.made_id,
        "target_id": change.target_id,
        "purpose": handle.purpose,
        "ordinal": handle.ordinal,
        "external_id": handle.external_id,
        "life_s": handle.lapses_after.total_seconds() if handle.lapses_after else None,
    }


def _say_rows(change: Change) -> list[dict[str, object]]:
    return [
        {
            "id": new_id(),
            "target_id": change.target_id,
            "post_id": change.post_id,
            "event": one.event,
            "purpose": one.purpose,
            "payload": dict(one.payload),
        }
        for one in change.says
    ]


# Reading rows


def _job(row: Row, answered_at: float, safe_until: float) -> Job:
    return Job(
        id=_uuid(row["id"]),
        post_id=_uuid(row["post_id"]),
        epoch=cast("int", row["epoch"]),
        facts=Facts(
            state=str(row["state"]),
            attempt=cast("int", row["attempt"]),
            reads=cast("int", row["reads"]),
            polls=cast("int", row["polls"]),
            calls=cast("int", row["calls"]),
            renewals=cast("int", row["renewals"]),
            resume_state=str(row["resume_state"]),
            lateness_allowed=bool(row["lateness_allowed"]),
            platform_media_id=str(row["platform_media_id"]),
            permalink=str(row["permalink"]),
            published_at=cast("datetime | None", row["published_at"]),
            last_error_code=str(row["last_error_code"]),
            last_error=cast("dict[str, object]", _parsed(row["last_error"])),
        ),
        due_at=cast("datetime", row["due_at"]),
        intent_at=cast("datetime | None", row["intent_at"]),
        due_in=cast("float", row["due_in"]),
        behind=cast("float | None", row["behind"]) or 0.0,
        settled_in=cast("float | None", row["settled_in"]) or 0.0,
        answered_at=answered_at,
        safe_until=safe_until,
    )


def _fill(job: Job, row: Row) -> None:
    job.post_kind, job.caption = str(row["kind"]), str(row["caption"])
    job.post_stage = str(row["stage"])
    job.account = _account(cast("Row", _parsed(row["account"])))
    job.handles = [_handle(one) for one in cast("list[Row]", _parsed(row["handles"]))]
    job.media = [_media(one) for one in cast("list[Row]", _parsed(row["media"]))]


def _account(row: Row) -> AccountRow:
    return AccountRow(
        id=_uuid(row["id"]),
        team_id=_uuid(row["team_id"]),
        platform=str(row["platform"]),
        platform_user_id=str(row["platform_user_id"]),
        username=str(row["username"]),
        state=str(row["state"]),
        trouble=str(row["trouble"]),
        sealed_token=str(row["sealed_token"]),
        token_version=cast("int", row["token_version"]),
        token_issued_at=_moment(row["token_issued_at"]),
        token_expires_at=_moment(row["token_expires_at"]),
        checked_at=_moment(row["checked_at"]),
    )


def _handle(row: Row) -> StoredHandle:
    purpose: Literal["item", "post"] = "item" if row["purpose"] == "item" else "post"
    handle = PlatformHandle(purpose, cast("int", row["ordinal"]), str(row["external_id"]))
    return StoredHandle(
        _uuid(row["id"]), handle, _moment(row["lapses_at"]), bool(row["ever_published"])
    )


def _media(row: Row) -> StoredMedia:
    return StoredMedia(
        state=str(row["state"]),
        refusal=str(row["refusal"]),
        kind=str(row["kind"]),
        mime=str(row["mime"]),
        size_bytes=cast("int", row["size_bytes"]),
        width=cast("int | None", row["width"]),
        height=cast("int | None", row["height"]),
        duration_seconds=cast("float | None", row["duration_seconds"]),
        storage_key=str(row["storage_key"]),
        alt_text=str(row["alt_text"]),
    )


def _parsed(value: object) -> object:
    return json.loads(value) if isinstance(value, str) else value


def _uuid(value: object) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))


def _moment(value: object) -> datetime | None:
    return datetime.fromisoformat(str(value)) if value is not None else None
