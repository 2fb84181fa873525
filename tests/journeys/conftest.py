"""A running world for each journey."""

from collections.abc import AsyncIterator

import pytest

from models.database import open_database
from tests.support.clock import SettableClock
from tests.support.postgres import empty
from tests.support.world import World, running_world


@pytest.fixture
async def empty_database(database_url: str) -> str:
    """The address of the database, emptied; the product opens it."""
    async with open_database(database_url, pool_size=1):
        await empty()
    return database_url


@pytest.fixture
async def world(empty_database: str, clock: SettableClock, tmp_path) -> AsyncIterator[World]:
    async with running_world(database_url=empty_database, folder=tmp_path, clock=clock) as running:
        yield running
