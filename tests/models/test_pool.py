"""A transaction that is cut at either end costs no connection, and nobody goes on in it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncpg
import pytest
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import DBConnectionError
from tortoise.transactions import in_transaction

from models.database import DATABASE_TROUBLE, db, open_database
from models.pool import Client

COUNT = "SELECT count(*) AS count FROM team"


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[BaseDBAsyncClient]:
    """A pool of one connection: one that is not given back is missed at once."""
    async with open_database(database_url, pool_size=1):
        await db().execute_query_dict(COUNT)
        yield db()


async def assert_all_is_well(pool: BaseDBAsyncClient) -> None:
    assert db() is pool
    async with asyncio.timeout(5):
        assert len(await db().execute_query_dict(COUNT)) == 1
        async with in_transaction() as connection:
            assert len(await connection.execute_query_dict(COUNT)) == 1


async def test_who_is_cancelled_while_a_transaction_begins_gives_the_connection_back(
    pool: BaseDBAsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    begins = asyncio.Event()
    really = asyncpg.transaction.Transaction.start

    async def slow_start(self) -> None:
        await really(self)
        begins.set()
        await asyncio.Event().wait()

    async def work() -> None:
        async with in_transaction():
            raise AssertionError("it never began")

    with monkeypatch.context() as patched:
        patched.setattr(asyncpg.transaction.Transaction, "start", slow_start)
        working = asyncio.create_task(work())
        await begins.wait()
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working

    await assert_all_is_well(pool)


async def test_a_loop_whose_transaction_could_not_begin_goes_on(
    pool: BaseDBAsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken_start(_: object) -> None:
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle")

    with monkeypatch.context() as patched:
        patched.setattr(asyncpg.transaction.Transaction, "start", broken_start)
        with pytest.raises(DATABASE_TROUBLE):
            async with in_transaction():
                pass

    await assert_all_is_well(pool)


async def test_a_loop_whose_connection_could_not_be_given_back_goes_on(
    pool: BaseDBAsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken_reset(_: object) -> None:
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle")

    with monkeypatch.context() as patched:
        patched.setattr(pool._pool, "_reset", broken_reset)
        with pytest.raises(DATABASE_TROUBLE):
            async with in_transaction() as connection:
                await connection.execute_query_dict(COUNT)

    await assert_all_is_well(pool)


async def test_who_comes_after_the_end_opens_nothing_anew(database_url: str) -> None:
    async with open_database(database_url, pool_size=1):
        late = db()
        await late.execute_query_dict("SELECT 1")

    with pytest.raises(DBConnectionError):
        await late.execute_query_dict("SELECT 1")
    with pytest.raises(DBConnectionError):
        async with late._in_transaction():
            pass


async def test_a_pool_that_was_opening_at_the_end_is_closed(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    really = Client.create_pool

    async def slow(self: Client, **values: object) -> asyncpg.Pool:
        opened.append(await really(self, **values))
        await self.close()
        return opened[0]

    async with open_database(database_url, pool_size=1):
        monkeypatch.setattr(Client, "create_pool", slow)
        with pytest.raises(DBConnectionError):
            await db().execute_query_dict("SELECT 1")

    assert opened[0].is_closing()
