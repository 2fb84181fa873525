"""Homes, and the same post in two chats, through the courier."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards.drawing import Artist
from bot.courier import Courier
from bot.homes import GATHER, redraw_home_of
from models.database import OUTBOX, Wakeups
from models.outbox import tell
from models.team import Place
from tests.bot.test_courier import Scene, _Instagram
from tests.support.clock import SettableClock
from tests.support.fake_chat import FakeChat

pytestmark = pytest.mark.usefixtures("database")


class SlackScene(Scene):
    """The scene of the courier, with a second chat that has Homes."""

    def another_courier(self) -> Courier:
        self.slack = FakeChat(name="slack", source="slack:A1")
        self.slack.capabilities = replace(
            self.slack.capabilities, has_home=True, command_prefix="/post "
        )
        artist = Artist({"instagram": _Instagram()}, self.clock, "https://postcue.example")  # type: ignore[dict-item]
        chats = {"telegram": self.chat, "slack": self.slack}
        return Courier(artist, chats, self.clock, Wakeups(self.url, (OUTBOX,)))

    async def place_in_slack(self, purpose: str) -> Place:
        return await Place.create(
            team=self.team,
            chat="slack",
            workspace="T1",
            chat_id="U1",
            thread="home" if purpose == "home" else "",
            purpose=purpose,
            person=self.member,
            created_at=self.clock.now(),
        )

    async def opens_home(self, home: Place) -> None:
        await tell("home", self.member.id, "opened", place_id=home.id, now=self.clock.now())
        await self.courier.drain()


@pytest.fixture
async def scene(database: str, clock: SettableClock) -> SlackScene:
    scene = SlackScene(clock, database)
    await scene.set_up()
    return scene


def words(scene: SlackScene) -> list[str]:
    return ["".join(run.text for run in line) for line in scene.slack.homes["U1"][-1].lines]


async def test_b32_an_opened_home_shows_what_comes_and_how_accounts_are(
    scene: SlackScene,
) -> None:
    home = await scene.place_in_slack("home")

    await scene.opens_home(home)

    shown = words(scene)
    assert shown.index("Today") < shown.index("Needs you") < shown.index("Accounts")
    assert any("#142" in line for line in shown)
    assert any("@\u2060brand" in line or "@brand" in line for line in shown)
    labels = [button.label for row in scene.slack.homes["U1"][-1].buttons for button in row]
    assert labels[:4] == ["New post", "What is planned?", "Connect Instagram", "Settings"]
    assert "#142" in labels


async def test_b32_a_home_follows_what_changes_in_one_drawing(scene: SlackScene) -> None:
    home = await scene.place_in_slack("home")
    await scene.opens_home(home)

    await scene.moves("late", due_at=scene.clock.now() - timedelta(hours=1))
    for _ in range(4):
        await scene.changed()
        await scene.courier.drain()
    assert len(scene.slack.homes["U1"]) == 1, "changes are gathered for a moment"
    scene.clock.pass_time(GATHER)
    await scene.courier.drain()

    assert len(scene.slack.homes["U1"]) == 2
    shown = words(scene)
    assert shown[shown.index("Needs you") + 1].startswith("⚠️ Missed #142")


async def test_b32_opening_a_home_draws_it_even_where_nothing_changed(scene: SlackScene) -> None:
    home = await scene.place_in_slack("home")

    await scene.opens_home(home)
    await scene.opens_home(home)

    assert len(scene.slack.homes["U1"]) == 2


async def test_b45_a_home_follows_its_persons_language_and_zone(scene: SlackScene) -> None:
    home = await scene.place_in_slack("home")
    await scene.opens_home(home)
    scene.member.language, scene.member.zone = "de", "America/New_York"
    await scene.member.save()

    await redraw_home_of(scene.member.id, now=scene.clock.now())
    await scene.courier.drain()

    first, second = scene.slack.homes["U1"]
    assert "Today" in str(first.lines)
    assert "Heute" in str(second.lines)


async def test_b32_nobody_has_a_home_that_was_never_opened(scene: SlackScene) -> None:
    await scene.changed()
    await scene.courier.drain()
    scene.clock.pass_time(GATHER)
    await scene.courier.drain()

    assert scene.slack.homes == {}


async def test_b48_the_author_has_the_card_in_the_other_chat_too(scene: SlackScene) -> None:
    await scene.place_in_slack("direct")

    await scene.changed()
    await scene.courier.drain()
    await scene.changed(rev=1, caption="New cups!")
    await scene.courier.drain()

    (here,), (there,) = scene.chat.messages.values(), scene.slack.messages.values()
    assert [card.quote for card in here.cards] == ["New mugs!", "New cups!"]
    assert [card.quote for card in there.cards] == ["New mugs!", "New cups!"]
    assert (here.reply_to, there.reply_to) == ("77", ""), "a message is answered where it is"


async def test_commands_are_named_as_they_are_typed_in_a_chat(scene: SlackScene) -> None:
    place = await scene.place_in_slack("direct")

    await scene.say("Try /queue or /why 142, not https://a.example/queue and/or this.", place)
    await scene.courier.drain()

    (said,) = scene.slack.messages.values()
    assert said.words == (
        "Try /post queue or /post why 142, not https://a.example/queue and/or this."
    )
