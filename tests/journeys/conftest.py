"""A running world for each journey."""

from collections.abc import AsyncIterator

import pytest

from tests.support.clock import SettableClock
from tests.support.world import World, running_world


@pytest.fixture
async def world(empty_database: str, clock: SettableClock, tmp_path) -> AsyncIterator[World]:
    async with running_world(database_url=empty_database, folder=tmp_path, clock=clock) as running:
        yield running
