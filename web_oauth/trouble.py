"""What the database raises when it cannot be reached, as one thing to catch."""

import asyncpg
from tortoise.exceptions import DBConnectionError

DATABASE_DOWN = (
    OSError,
    TimeoutError,
    DBConnectionError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""Not there, shutting down, out of connections or space, or read-only: worth another try later."""
