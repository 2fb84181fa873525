"""A running world for each journey; or one for a whole module of claims, in each chat."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from scheduling.timing import PRODUCTION
from tests.support.clock import SettableClock
from tests.support.town import MODES, Town, running_town
from tests.support.world import World, running_world


@pytest.fixture
async def world(empty_database: str, clock: SettableClock, tmp_path) -> AsyncIterator[World]:
    async with running_world(database_url=empty_database, folder=tmp_path, clock=clock) as running:
        yield running


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what takes a town in every mode, or in those that its module names by `MODES`."""
    if "town" in metafunc.fixturenames:
        modes = getattr(metafunc.module, "MODES", MODES)
        metafunc.parametrize("town", modes, indirect=True, scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(
    request: pytest.FixtureRequest,
    database_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Town]:
    """One world for a module's claims, on Telegram, and on Slack by HTTP and over sockets.

    A module may set how quickly outcomes settle there by `TIMING`.

    Its tests run in the module's loop (`pytest.mark.asyncio(loop_scope="module")`), each with
    people of its own; time only goes forward.
    """
    folder = tmp_path_factory.mktemp("town")
    timing = getattr(request.module, "TIMING", PRODUCTION)
    async with running_town(
        request.param, database_url=database_url, folder=folder, timing=timing
    ) as running:
        yield running
