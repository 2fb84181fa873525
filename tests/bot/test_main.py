"""The command line: settings are read, and a command runs with them."""

import logging
import os

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot import __main__, config, logs
from integrations.chat.incoming import Answered
from integrations.slack.app import Keeper, bolt_app

SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb-1111111111-2222222222-aBcDeFgHiJkLmNoPqRsTuVwX",
    "SLACK_APP_TOKEN": "xapp-1-A0123456789-1111111111-0123456789abcdef0123456789abcdef",
    "SLACK_SIGNING_SECRET": "0123456789abcdef0123456789abcdef",
    "SLACK_CLIENT_SECRET": "fedcba9876543210fedcba9876543210",
}


async def judge(*_: object) -> Answered:
    """Find nothing to be kept."""
    return Answered()


async def nowhere(_events: object) -> None:
    """Store nothing."""


def test_s5_a_command_runs_without_secrets_in_its_environment_and_bolt_warns_of_nothing(
    tmp_path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    seen: dict[str, object] = {}

    def command(settings: config.Settings, _name: str) -> int:
        seen["token"] = settings.slack_bot_token.get_secret_value()
        seen["left"] = [name for name in SECRETS if name in os.environ]  # noqa: TID251 - it is what is claimed
        bolt_app(Keeper(judge), nowhere, AsyncWebClient())
        return 0

    monkeypatch.chdir(tmp_path)
    for name, value in (SECRETS | {"SLACK_CLIENT_ID": "1.2", "HTTP_PORT": "9001"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(logs, "configure", lambda _: None)
    monkeypatch.setitem(__main__._COMMANDS, "doctor", command)
    caplog.set_level(logging.INFO)

    code = __main__.main(["doctor"])

    assert (code, seen) == (0, {"token": SECRETS["SLACK_BOT_TOKEN"], "left": []})
    assert os.environ["HTTP_PORT"] == "9001"  # noqa: TID251 - it is what is claimed
    assert not caplog.records
