"""The manifests of the Slack app, made of the commands and of what the app asks for.

`python -m bot.manifests http` (or `socket`) writes what stands in deploy/; a test compares them.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from bot.commands import COMMANDS
from integrations.slack.scopes import EVENTS, SCOPES

Mode = Literal["http", "socket"]
Value = str | bool | Sequence["Value"] | Mapping[str, "Value"]

HOST = "https://post.example.com"
"""Where the site of an installation is; whoever uses the manifest puts theirs."""

COMMAND = "/post"
_HOOK = f"{HOST}/hooks/slack"
_HEADS = {
    "http": (
        "The Slack app, its events by HTTP: replace post.example.com by your own address.",
        "How to use it: docs/slack.md. Made by: python -m bot.manifests http",
    ),
    "socket": (
        "The Slack app in Socket Mode: nothing has to be reachable from outside.",
        "How to use it: docs/slack.md. Made by: python -m bot.manifests socket",
    ),
}


def manifest(mode: Mode) -> Mapping[str, Value]:
    """Return the manifest, as api.slack.com takes it."""
    is_http = mode == "http"
    where = {"request_url": _HOOK} if is_http else {}
    address = {"url": _HOOK} if is_http else {}
    redirect = {"redirect_urls": [f"{HOST}/slack/oauth_redirect"]} if is_http else {}
    return {
        "display_information": {
            "name": "Postcue",
            "description": "Posts your photos, albums and videos when you say.",
            "background_color": "#1f3a3d",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Postcue", "always_online": True},
            "shortcuts": [
                {
                    "name": "Schedule this",
                    "type": "message",
                    "callback_id": "schedule_this",
                    "description": "Make a post of this message",
                },
                {
                    "name": "New post",
                    "type": "global",
                    "callback_id": "new_post",
                    "description": "Make a post in a form",
                },
            ],
            "slash_commands": [
                {
                    "command": COMMAND,
                    **address,
                    "description": "Plan posts, and see what is planned",
                    "usage_hint": usage_hint(),
                    "should_escape": False,
                }
            ],
        },
        "oauth_config": {**redirect, "scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**where, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **where},
            "org_deploy_enabled": is_http,
            "socket_mode_enabled": not is_http,
            "token_rotation_enabled": False,
        },
    }


def usage_hint() -> str:
    """Return what may stand behind the command: every command there is, or a new post."""
    names = " | ".join(command.name for command in COMMANDS)
    return f"{names} | tomorrow 9am New mugs"


def as_yaml(mode: Mode) -> str:
    """Return the manifest as the text of a file."""
    head = "".join(f"# {line}\n" for line in _HEADS[mode])
    return head + "\n".join(_lines(manifest(mode), 0)) + "\n"


def _lines(value: Mapping[str, Value], depth: int) -> Iterator[str]:
    margin = "  " * depth
    for name, one in value.items():
        if isinstance(one, Mapping):
            yield f"{margin}{name}:"
            yield from _lines(one, depth + 1)
        elif isinstance(one, str | bool):
            yield f"{margin}{name}: {_scalar(one)}"
        else:
            yield f"{margin}{name}:"
            for item in one:
                yield from _item(item, margin + "  ", depth)


def _item(item: Value, margin: str, depth: int) -> Iterator[str]:
    if isinstance(item, Mapping):
        first, *rest = _lines(item, depth + 2)
        yield f"{margin}- {first.strip()}"
        yield from rest
    elif isinstance(item, str | bool):
        yield f"{margin}- {_scalar(item)}"


def _scalar(value: str | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # Quoted as JSON, which YAML reads the same; a bare word needs no quotes.
    is_plain = value.replace("_", "").replace(".", "").isalnum() and not value[0].isdigit()
    return value if is_plain else json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    sys.stdout.write(as_yaml("socket" if "socket" in sys.argv else "http"))
