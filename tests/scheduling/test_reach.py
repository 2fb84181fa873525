"""K33: whether our media links lead to us is looked at from here, and only ever warned of."""

from datetime import timedelta

import pytest

from platforms.http import NeverLeft, TransportError
from scheduling.reach import Reach
from scheduling.timing import PRODUCTION
from tests.support.engine_world import Links, World


class Door:
    """Stands in for the outbound client: answers with a status, or not at all."""

    def __init__(self, answer: int | TransportError = 206) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def peek(self, url: str, *, within: timedelta) -> int:
        assert timedelta(0) < within <= timedelta(seconds=10)
        self.asked.append(url)
        if isinstance(self.answer, TransportError):
            raise self.answer
        return self.answer


def reach_of(world: World, door: Door | None) -> Reach:
    return Reach(door, Links(), world.clock, PRODUCTION)  # type: ignore[arg-type]


async def test_k33_the_media_of_a_post_that_is_prepared_soon_are_asked_for(world: World) -> None:
    door = Door()
    reach = reach_of(world, door)
    await world.scheduled(timedelta(hours=9))
    await reach.look()
    assert (door.asked, reach.seen) == ([], None), "nothing is prepared within the hour"
    await world.scheduled(timedelta(minutes=30))

    await reach.look()

    assert door.asked == ["https://media.example/key-2-0.jpg?lives=120"]
    assert reach.seen is not None
    assert reach.seen.why == ""


@pytest.mark.parametrize(
    ("answer", "why"),
    [(NeverLeft("post.example.com: no connection"), "NeverLeft"), (404, "status 404")],
)
async def test_k33_a_house_that_cannot_see_itself_is_warned_of_once_and_nothing_fails(
    world: World, caplog: pytest.LogCaptureFixture, answer: int | TransportError, why: str
) -> None:
    engine = world.engine()
    post = await world.scheduled()
    door = Door(answer)
    reach = reach_of(world, door)

    await reach.look()
    await reach.look()

    assert reach.seen is not None
    assert reach.seen.why == why
    warned = [one for one in caplog.records if one.msg == "media.not_reached_from_here"]
    assert len(warned) == 1
    assert "key-1" not in caplog.text
    door.answer = 200
    await reach.look()
    assert reach.seen.why == ""
    await world.turn(engine)
    assert await world.state(post) == "published"


async def test_k33_an_address_that_no_platform_could_use_is_not_asked(world: World) -> None:
    await world.scheduled()
    reach = reach_of(world, None)

    await reach.look()

    assert reach.seen is None
