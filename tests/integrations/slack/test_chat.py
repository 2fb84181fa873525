"""Slack as a chat, in front of the stand-in, over real sockets and HTTP."""

from collections.abc import AsyncIterator

import pytest

from integrations.chat import CommandWords
from integrations.slack.chat import SlackChat
from sandbox.slack import Person
from tests.integrations.chat_conformance import ChatConformance
from tests.integrations.slack.stage import Pauses, SlackStage, built
from tests.support.slack import RunningSlack, judge_calls, running_slack


@pytest.fixture
async def running() -> AsyncIterator[RunningSlack]:
    async with running_slack() as slack:
        slack.box.office.ack_seconds = 1.0
        slack.box.office.retry_pauses = (0.05, 0.05, 0.05)
        yield slack
        assert slack.box.violations == []
        judge_calls(slack.box)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def chat(running: RunningSlack, pauses: Pauses) -> AsyncIterator[SlackChat]:
    async with built(running, pauses) as opened:
        yield opened


@pytest.fixture
async def dana(running: RunningSlack) -> Person:
    return running.box.person("Dana", locale="de-DE")


@pytest.fixture
async def stage(running: RunningSlack, chat: SlackChat, dana: Person) -> SlackStage:
    return SlackStage(running, chat, dana)


class TestSlack(ChatConformance):
    """Slack does what any chat must do."""

    async def test_the_commands_stand_in_the_menu(self, stage: SlackStage) -> None:
        """Slack's menus come from the manifest, which a test of its own holds to the commands."""
        await stage.chat.announce([CommandWords("queue", "What is coming", in_groups=True)])

        assert not stage.box.journal.calls
