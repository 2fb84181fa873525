import pytest

from tests.support.clock import SettableClock
from tests.support.engine_world import World


@pytest.fixture
async def world(database: str, clock: SettableClock) -> World:
    return await World(database, clock).begin()
