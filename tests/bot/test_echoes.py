"""What was sent although nobody heard of it is found again, and not sent twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.deliveries import LEASE
from bot.echoes import WAIT, mark_of, note_echo
from integrations.chat.errors import ChatBusy
from integrations.chat.incoming import Inbound, PlaceRef
from models.outbox import Delivery
from tests.bot.test_courier import Scene
from tests.support.clock import SettableClock

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def scene(database: str, clock: SettableClock) -> Scene:
    found = Scene(clock, database)
    found.chat.capabilities = replace(found.chat.capabilities, tells_of_own=True)
    return await found.set_up()


async def tell_of_all(scene: Scene) -> None:
    """Have the chat tell us of every message of ours."""
    for shown in list(scene.chat.messages.values()):
        await note_echo(
            Inbound("echo", shown.place, message_ref=shown.ref, mark=shown.cards[0].mark),
            now=scene.clock.now(),
        )


async def test_b2_a_card_whose_answer_got_lost_is_edited_where_it_stands(scene: Scene) -> None:
    await scene.changed()
    scene.chat.failures_afterwards = [ChatBusy("no answer")]
    await scene.courier.drain()
    await tell_of_all(scene)
    await scene.changed(rev=1, caption="edited")

    scene.clock.pass_time(WAIT * 1.1)
    await scene.courier.drain()

    (shown,) = scene.chat.messages.values()
    assert shown.card.quote == "edited"
    assert set(await scene.states()) == {"sent"}


async def test_an_unclear_send_is_not_repeated_before_the_chat_could_tell_of_it(
    scene: Scene,
) -> None:
    await scene.changed()
    scene.chat.failures_afterwards = [ChatBusy("no answer")]
    await scene.courier.drain()

    scene.clock.pass_time(WAIT / 2)
    await scene.courier.drain()

    assert len(scene.chat.messages) == 1


async def test_what_was_said_by_a_process_that_died_is_not_said_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: object, **__: object) -> None:
        raise ConnectionError("the process died here")

    await scene.say("Hello")
    with monkeypatch.context() as patched:
        patched.setattr(scene.courier._deliveries, "finish", crash)
        with pytest.raises(BaseException):  # noqa: B017, PT011
            await scene.courier.drain()
    await tell_of_all(scene)
    scene.clock.pass_time(LEASE + timedelta(seconds=1))

    await scene.another_courier().drain()

    assert scene.chat.said == ["Hello"]
    assert await scene.states() == ["sent"]


async def test_an_echo_that_comes_late_moves_no_card(scene: Scene) -> None:
    await scene.changed()
    await scene.courier.drain()
    card = await scene.card()
    stood_at, card.message_ref = card.message_ref, ""
    await card.save()

    await tell_of_all(scene)

    assert stood_at
    assert (await scene.card()).message_ref == ""


STRANGE = "card:0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("mark", ["", "card:", "card:x", "typed", STRANGE])
async def test_a_mark_that_is_none_of_ours_changes_nothing(scene: Scene, mark: str) -> None:
    await scene.changed()
    await scene.courier._fan_out.run()

    place = PlaceRef("telegram", "", "1001")
    await note_echo(Inbound("echo", place, message_ref="1", mark=mark), now=scene.clock.now())

    assert await scene.states() == ["waiting"]
    assert mark_of(await Delivery.get(), is_lasting=True) != mark
