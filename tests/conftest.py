"""What every test may ask for: a real database, a clock it sets."""

import os
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import HealthCheck, settings

from models.database import open_database
from tests.support.clock import SettableClock
from tests.support.postgres import empty, fresh_database, running_server

# A busy machine is slow now and then; what must be fast is shown by benchmarks, not by tests.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with running_server() as url:
        yield url


@pytest.fixture(scope="session")
def database_url(postgres_server: str) -> Iterator[str]:
    with fresh_database(postgres_server, f"test_{os.getpid()}") as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[str]:
    """The opened database, empty; gives its address."""
    async with open_database(database_url, pool_size=8):
        await empty()
        yield database_url


@pytest.fixture
async def empty_database(database_url: str) -> str:
    """The address of the database, emptied; the product opens it."""
    async with open_database(database_url, pool_size=1):
        await empty()
    return database_url


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()
