"""What the engine counts: how late, and what came of it."""

from datetime import timedelta

from prometheus_client import CollectorRegistry

from platforms.errors import Rejected, Trouble
from tests.support.engine_world import World


async def test_lateness_and_outcomes_are_counted_by_platform_and_error(world: World) -> None:
    registry = CollectorRegistry()
    engine = world.engine(registry=registry)
    await world.scheduled()
    world.clock.pass_time(timedelta(seconds=40))
    await world.turn(engine)
    world.platform.prepare_faults = [Rejected(Trouble.CONTENT_REFUSED)]
    await world.scheduled()
    await world.turn(engine)

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, {"platform": "fake", **labels})

    assert value("postcue_publish_lateness_seconds_count") == 1
    assert value("postcue_publish_lateness_seconds_bucket", le="30.0") == 0
    assert value("postcue_publish_lateness_seconds_bucket", le="60.0") == 1
    assert value("postcue_post_outcomes_total", outcome="published", error="") == 1
    assert value("postcue_post_outcomes_total", outcome="failed", error="content_refused") == 1
