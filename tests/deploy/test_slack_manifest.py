"""The manifests in deploy/ are those of the program, and ask for what the program uses."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.commands import COMMANDS
from bot.manifests import as_yaml, manifest, usage_hint
from integrations.slack.scopes import EVENTS, SCOPES
from sandbox.slack import SlackSandbox

ROOT = Path(__file__).resolve().parents[2]
FILES = {mode: ROOT / "deploy" / f"slack-manifest.{mode}.yaml" for mode in ("http", "socket")}


def read(mode: str) -> dict[str, Any]:
    return yaml.safe_load(FILES[mode].read_text())


@pytest.mark.parametrize("mode", ["http", "socket"])
def test_the_file_is_what_the_program_makes(mode) -> None:
    assert FILES[mode].read_text() == as_yaml(mode), (
        f"write it with: python -m bot.manifests {mode} > deploy/slack-manifest.{mode}.yaml"
    )
    assert read(mode) == json.loads(json.dumps(manifest(mode)))


@pytest.mark.parametrize("mode", ["http", "socket"])
def test_every_command_stands_behind_the_slash_command(mode) -> None:
    (command,) = read(mode)["features"]["slash_commands"]

    assert command["command"] == "/post"
    for one in COMMANDS:
        assert re.search(rf"\b{one.name}\b", command["usage_hint"])
    assert command["usage_hint"] == usage_hint()


@pytest.mark.parametrize("mode", ["http", "socket"])
def test_group_direct_messages_are_subscribed_and_not_only_allowed(mode) -> None:
    found = read(mode)

    for kind, scope in (
        ("channels", "channels"),
        ("groups", "groups"),
        ("im", "im"),
        ("mpim", "mpim"),
    ):
        assert f"message.{kind}" in found["settings"]["event_subscriptions"]["bot_events"]
        assert f"{scope}:history" in found["oauth_config"]["scopes"]["bot"]
    assert tuple(found["settings"]["event_subscriptions"]["bot_events"]) == EVENTS
    assert tuple(found["oauth_config"]["scopes"]["bot"]) == SCOPES


def test_by_http_everything_comes_to_one_door_and_over_a_socket_to_none() -> None:
    http, socket = read("http"), FILES["socket"].read_text()

    door = "https://post.example.com/hooks/slack"
    assert http["settings"]["event_subscriptions"]["request_url"] == door
    assert http["settings"]["interactivity"]["request_url"] == door
    assert http["features"]["slash_commands"][0]["url"] == door
    assert http["oauth_config"]["redirect_urls"] == [
        "https://post.example.com/slack/oauth_redirect"
    ]
    assert not http["settings"]["socket_mode_enabled"]
    assert "post.example.com" not in socket
    assert read("socket")["settings"]["socket_mode_enabled"]


@pytest.mark.parametrize("mode", ["http", "socket"])
def test_slack_takes_it(mode) -> None:
    box = SlackSandbox()

    box.reads_manifest(read(mode))

    assert box.app.socket_mode == (mode == "socket")
    assert not read(mode)["settings"]["token_rotation_enabled"]
