from datetime import timedelta

from bot.pacing import Pacer
from integrations.chat.contract import Capabilities
from integrations.chat.incoming import PlaceRef
from tests.support.clock import SettableClock
from tests.support.fake_chat import FakeChat

PRIVATE = PlaceRef("telegram", "", "1")
GROUP = PlaceRef("telegram", "", "-5", is_private=False)


class StillClock(SettableClock):
    """Stands still but for the pauses that are asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0

    def monotonic(self) -> float:
        return self.at

    async def pause(self, seconds: float) -> None:
        self.at += seconds


def a_chat() -> FakeChat:
    return FakeChat(capabilities=Capabilities(max_fetch_bytes=None))


async def seconds_for(count: int, where: PlaceRef, *, is_edit: bool = False) -> float:
    clock = StillClock()
    pacer, chat = Pacer(clock), a_chat()
    for _ in range(count):
        await pacer.wait(chat, where, is_edit=is_edit)
    return clock.at


async def test_a_few_messages_go_at_once_then_one_a_second() -> None:
    assert await seconds_for(3, PRIVATE) == 0
    assert await seconds_for(13, PRIVATE) == 10


async def test_in_a_group_it_is_one_in_three_seconds() -> None:
    assert await seconds_for(13, GROUP) == 30


async def test_edits_disturb_nobody_and_may_be_more() -> None:
    assert await seconds_for(13, PRIVATE, is_edit=True) < 4


async def test_one_place_does_not_slow_another_one_down() -> None:
    clock = StillClock()
    pacer, chat = Pacer(clock), a_chat()
    for number in range(20):
        await pacer.wait(chat, PlaceRef("telegram", "", str(number)))

    assert clock.at == 0


async def test_all_places_together_keep_the_rate_of_the_bot() -> None:
    clock = StillClock()
    pacer, chat = Pacer(clock), a_chat()
    for number in range(125):
        await pacer.wait(chat, PlaceRef("telegram", "", str(number)))

    assert 3.9 < clock.at < 4.1


async def test_after_a_rest_the_few_at_once_are_there_again() -> None:
    clock = StillClock()
    pacer, chat = Pacer(clock), a_chat()
    for _ in range(3):
        await pacer.wait(chat, PRIVATE)
    clock.at += 60

    for _ in range(3):
        await pacer.wait(chat, PRIVATE)

    assert clock.at == 60


async def test_a_chat_without_limits_is_not_slowed_down() -> None:
    clock = StillClock()
    chat = FakeChat(
        capabilities=Capabilities(
            max_fetch_bytes=None, min_gap_private=timedelta(), min_gap_group=timedelta()
        )
    )
    pacer = Pacer(clock)
    for _ in range(25):
        await pacer.wait(chat, GROUP)

    assert clock.at == 0
