"""One real PostgreSQL for a test run, migrated once, emptied before each test."""

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from models.database import connection_values, db, migrate
from models.embedded import embedded_postgres

FOLDER = Path(__file__).resolve().parents[2] / ".data" / "tests" / "postgres"


@contextmanager
def running_server(folder: Path = FOLDER) -> Iterator[str]:
    """Start the embedded server in a thread of its own (its loop outlives every test)."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    ready, stop, found = threading.Event(), threading.Event(), []

    async def serve() -> None:
        async with embedded_postgres(folder) as url:
            found.append(url)
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="postgres", daemon=True)
    thread.start()
    if not ready.wait(60):
        raise RuntimeError("the test PostgreSQL did not start within 60 s")
    try:
        yield found[0]
    finally:
        stop.set()
        thread.join(30)


def url_of(server_url: str, database: str) -> str:
    """Return the address of *database* on the server behind *server_url*."""
    head, slash, tail = server_url.partition("://")
    rest = tail.split("?", 1)
    base = rest[0].rsplit("/", 1)[0]
    query = f"?{rest[1]}" if len(rest) > 1 else ""
    return f"{head}{slash}{base}/{database}{query}"


@contextmanager
def fresh_database(server_url: str, name: str, *, migrated: bool = True) -> Iterator[str]:
    """Create (and migrate) a database of that name, drop it at the end."""

    async def run(*statements: str) -> None:
        connection = await asyncpg.connect(**connection_values(server_url))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"'))
    url = url_of(server_url, name)
    if migrated:
        asyncio.run(migrate(url))
    # A test run need not survive a power cut.
    asyncio.run(run(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
    try:
        yield url
    finally:
        asyncio.run(run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


async def empty() -> None:
    """Empty every table of the product."""
    rows = await db().execute_query_dict(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        " AND tablename NOT LIKE 'tortoise%'"
    )
    names = [f'"{row["tablename"]}"' for row in rows]
    deletes = "; ".join(f"DELETE FROM {name}" for name in names)
    try:
        # A tenth of the time of TRUNCATE, which makes new files; "replica" lets all guards rest.
        await db().execute_script(
            f"BEGIN; SET LOCAL session_replication_role = replica; {deletes}; COMMIT"
        )
    except asyncpg.InsufficientPrivilegeError:
        await db().execute_script(f"TRUNCATE {', '.join(names)} CASCADE")
