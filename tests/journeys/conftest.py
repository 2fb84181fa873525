"""A running world for each journey."""

from collections.abc import AsyncIterator

import pytest

from models.database import open_database
from tests.support.clock import SettableClock
from tests.support.postgres import empty
from tests.support.world import World, running_world


@pytest.fixture
async def world(database_url: str, clock: SettableClock, tmp_path) -> AsyncIterator[World]:
    async with open_database(database_url, pool_size=1):
        await empty()
    async with running_world(database_url=database_url, folder=tmp_path, clock=clock) as running:
        yield running
