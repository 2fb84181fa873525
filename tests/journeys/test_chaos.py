"""Random walks through the product: whatever people do, the promises hold.

Walks of another length or with other seeds: CHAOS_STEPS, CHAOS_SEEDS ("1 2 3", or "x40" for 40).
"""

import pytest

from tests.support.chaos import STEPS, Walk, seeds
from tests.support.world import World


@pytest.mark.timeout(60 + 5 * STEPS)
@pytest.mark.parametrize("seed", seeds())
async def test_whatever_a_person_does_the_promises_hold(world: World, seed: int) -> None:
    await Walk(world, seed).go(STEPS)
