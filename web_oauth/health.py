"""Live, ready and metrics. Ready means that work gets done, not that the process is up."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import asyncpg
from aiohttp import web
from tortoise.exceptions import BaseORMException

import models.migrations
from models.clock import Clock
from models.database import db
from models.post import WAITING_STATES
from web_oauth.metrics import SiteMetrics
from web_oauth.trouble import DATABASE_DOWN

log = logging.getLogger(__name__)

MAX_CLOCK_SKEW = timedelta(seconds=30)
MAX_LAG = timedelta(seconds=60)
_QUERY_SECONDS = 5.0

_OLDEST = """
SELECT
    clock_timestamp() AS now,
    (SELECT min(greatest(next_attempt_at, coalesce(lease_until, next_attempt_at)))
       FROM target
      WHERE state = ANY($2::text[]) AND next_attempt_at <= $1
        AND (lease_until IS NULL OR lease_until <= $1)) AS target,
    least((SELECT min(next_attempt_at) FROM delivery
            WHERE state = 'waiting' AND next_attempt_at <= $1),
          (SELECT min(created_at) FROM outbox WHERE fanned_out_at IS NULL)) AS delivery,
    (SELECT min(ready_at) FROM inbox WHERE state = 'waiting' AND ready_at <= $1) AS inbox
"""
_DEPTHS = """
SELECT (SELECT count(*) FROM target WHERE state = ANY($2::text[]) AND next_attempt_at <= $1)
        AS targets,
    (SELECT count(*) FROM delivery WHERE state = 'waiting' AND next_attempt_at <= $1)
        AS deliveries,
    (SELECT count(*) FROM outbox WHERE fanned_out_at IS NULL) AS outbox,
    (SELECT count(*) FROM inbox WHERE state = 'waiting' AND ready_at <= $1) AS inbox
"""
_APPLIED = "SELECT name FROM tortoise_migrations WHERE app = 'models'"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold, with the figure it was judged by and what to do if it does not."""

    ok: bool
    seconds: float | None = None
    hint: str = ""


class Health:
    """Answers to those who watch over the process."""

    def __init__(
        self,
        *,
        clock: Clock,
        metrics: SiteMetrics,
        is_stopping: Callable[[], bool],
        media_trouble: Callable[[], str],
    ) -> None:
        self._clock = clock
        self._metrics = metrics
        self._is_stopping = is_stopping
        self._media_trouble = media_trouble

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the routes."""
        return [
            web.get("/health/live", self.live),
            web.get("/health/ready", self.ready),
            web.get("/metrics", self.metrics),
        ]

    async def live(self, _request: web.Request) -> web.Response:
        """Say that the loop turns; asks nobody."""
        return web.json_response({"live": True})

    async def ready(self, _request: web.Request) -> web.Response:
        """Say whether work gets done: 200, or 503 with what is wrong."""
        checks = await check_readiness(self._clock)
        if self._is_stopping():
            checks["stopping"] = Check(ok=False, hint="this process is being stopped")
        if trouble := self._media_trouble():
            # Only a hint: a house often cannot see itself from outside, and platforms can.
            checks["media_links"] = Check(
                ok=True, hint=f"PUBLIC_URL does not lead to our media from here ({trouble})"
            )
        is_ready = all(check.ok for check in checks.values())
        return web.json_response(
            {"ready": is_ready, "checks": {name: asdict(one) for name, one in checks.items()}},
            status=200 if is_ready else 503,
            headers={"Cache-Control": "no-store"},
        )

    async def metrics(self, request: web.Request) -> web.Response:
        """Return the counters, to the inside only: what came through a proxy finds nothing."""
        if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
            raise web.HTTPNotFound
        try:
            await self._read_queues()
        except (*DATABASE_DOWN, BaseORMException, asyncpg.PostgresError):
            # The counters are worth showing all the same; readiness says what is wrong.
            log.warning("metrics.queues_unread", exc_info=True)
        return self._metrics.exposition()

    async def _read_queues(self) -> None:
        async with asyncio.timeout(_QUERY_SECONDS):
            now, states = self._clock.now(), list(WAITING_STATES)
            oldest = (await db().execute_query_dict(_OLDEST, [now, states]))[0]
            depths = (await db().execute_query_dict(_DEPTHS, [now, states]))[0]
        self._metrics.waits(
            oldest_due=_age(oldest["target"], now) or 0.0,
            oldest_notice=_age(oldest["delivery"], now) or 0.0,
            depths=depths,
        )


async def check_readiness(clock: Clock) -> dict[str, Check]:
    """Return every check by name: database, schema, clock, targets, deliveries."""
    try:
        async with asyncio.timeout(_QUERY_SECONDS):
            applied = {row["name"] for row in await db().execute_query_dict(_APPLIED)}
            now = clock.now()
            rows = await db().execute_query_dict(_OLDEST, [now, list(WAITING_STATES)])
    except DATABASE_DOWN:
        return {"database": Check(ok=False, hint="the database does not answer")}
    except (BaseORMException, asyncpg.PostgresError) as err:
        log.warning("ready.schema_unreadable", extra={"error": type(err).__name__})
        return {"database": Check(ok=True), "schema": _schema(frozenset())}
    row = rows[0]
    return {
        "database": Check(ok=True),
        "schema": _schema(applied),
        "clock": _clock(now - clock.shift, row["now"]),
        "targets": _lag(row["target"], now, "posts are due and nobody takes them"),
        "deliveries": _lag(row["delivery"], now, "messages wait to be sent"),
        "inbox": Check(ok=True, seconds=_age(row["inbox"], now)),
    }


def _schema(applied: set[str] | frozenset[str]) -> Check:
    missing = sorted(_known_migrations() - applied)
    if not missing:
        return Check(ok=True)
    return Check(ok=False, hint=f"run `postcue migrate` ({', '.join(missing)} not applied)")


@cache
def _known_migrations() -> frozenset[str]:
    """Return the names of the migrations this code was written for; a newer schema is fine."""
    folder = Path(models.migrations.__path__[0])
    return frozenset(path.stem for path in folder.glob("[0-9]*_*.py"))


def _clock(ours: datetime, theirs: datetime) -> Check:
    skew = abs(ours - theirs)
    hint = "" if skew <= MAX_CLOCK_SKEW else "set the clock of this machine or the database's"
    return Check(ok=skew <= MAX_CLOCK_SKEW, seconds=round(skew.total_seconds(), 3), hint=hint)


def _lag(oldest: datetime | None, now: datetime, hint: str) -> Check:
    age = _age(oldest, now)
    ok = age is None or age < MAX_LAG.total_seconds()
    return Check(ok=ok, seconds=age, hint="" if ok else hint)


def _age(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else round((now - moment).total_seconds(), 3)
