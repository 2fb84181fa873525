"""Tortoise's client for PostgreSQL, with transactions that survive being cut at either end.

Tortoise 1.1.9 takes a connection from the pool and then sends BEGIN: who is cancelled or loses the
server in between never gives the connection back, and its task goes on to believe that it is in
that transaction. The same belief stays when giving back fails. A loop that outlives such a moment
would fail at every statement from then on, and closing the pool would wait for nothing.
"""

from types import TracebackType

from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections
from tortoise.exceptions import DBConnectionError


class _Transaction(TransactionContextPooled):
    """Gives back what it took, however it begins or ends."""

    __slots__ = ()

    async def __aenter__(self) -> TransactionalDBClient:
        await self.ensure_connection()
        pool = self.client._parent._pool  # noqa: SLF001  # as the method it replaces
        connection = self.client._connection = await pool.acquire()  # noqa: SLF001
        self.token = get_connections().set(self.connection_name, self.client)
        try:
            await self.client.begin()
        except BaseException:
            get_connections().reset(self.token)
            # Nobody knows whether the server began; a closed connection goes back to the pool.
            connection.terminate()
            raise
        return self.client

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        token, self.token = self.token, None  # type: ignore[assignment]  # reset(None) is fine
        try:
            await super().__aexit__(exc_type, exc_val, exc_tb)
        finally:
            get_connections().reset(token)


class Client(AsyncpgDBClient):
    """What every statement goes through; once closed it stays closed.

    Tortoise opens a pool anew for whoever comes after the end (a task that nobody waited for), and
    that one is closed by nobody.
    """

    _is_over = False

    async def create_connection(self, with_db: bool) -> None:
        """Open the pool.

        Raises:
            DBConnectionError: it was closed before, or while it was opening.
        """
        if not self._is_over:
            await super().create_connection(with_db)
        if self._is_over:
            await self._close()
            raise DBConnectionError("the database is closed")

    async def close(self) -> None:
        """Close the pool for good."""
        self._is_over = True
        await super().close()

    def _in_transaction(self) -> TransactionContext:
        return _Transaction(TransactionWrapper(self), self._pool_init_lock)


client_class = Client
"""The name that Tortoise looks for in the module of an engine."""
