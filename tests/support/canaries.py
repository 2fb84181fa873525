"""Secrets of a world, looked for wherever they must not be: logs, chats, pages, the database."""

import json
from typing import TYPE_CHECKING

import asyncpg

from models.database import connection_values

if TYPE_CHECKING:
    from sandbox.chats.journal import Call
    from sandbox.slack import SlackSandbox
    from tests.support.world import World

_SHORTEST = 8
_OF_MACHINES = frozenset({"setWebhook", "getUpdates", "oauth.v2.access", "apps.connections.open"})
"""Calls that must carry a secret, and that nobody in a chat sees."""


def canaries(world: "World") -> dict[str, str]:
    """Return what nobody may see, and what each one is."""
    instagram = world.instagram.world
    found: dict[str, str] = {} if world.slack is None else _secrets_of_slack(world.slack)
    found |= {
        world.telegram.token: "bot token",
        world.telegram.token.partition(":")[2]: "second half of the bot token",
        world.instagram.app.app_secret: "app secret",
    }
    found |= dict.fromkeys(instagram.tokens, "access token")
    found |= dict.fromkeys(instagram.codes, "code of a login")
    found |= dict.fromkeys(world.secrets, "state or cookie of a login")
    for value in world.settings.secret_texts():
        found.setdefault(value, "setting")
    return {secret: what for secret, what in found.items() if len(secret) >= _SHORTEST}


def _secrets_of_slack(slack: "SlackSandbox") -> dict[str, str]:
    app = slack.app
    found = dict.fromkeys(
        [app.signing_secret, app.client_secret, app.app_token], "secret of the Slack app"
    )
    for install in slack.world.state.installs.values():
        found |= dict.fromkeys([install.token, install.refresh_token], "token of a workspace")
    return found


async def leaks(world: "World") -> list[str]:
    """Return where a secret got out, by its kind and never by its value."""
    secrets = canaries(world)
    found = _seen_in("log", world.log_lines.getvalue(), secrets)
    calls: list[Call] = [*world.telegram.journal.calls]
    calls += [] if world.slack is None else world.slack.journal.calls
    said = json.dumps(
        [[call.parameters, call.result] for call in calls if call.method not in _OF_MACHINES],
        ensure_ascii=False,
        default=str,
    )
    found += _seen_in("chat", said, secrets)
    found += _seen_in("page", "\n".join(world.pages), secrets)
    for table, text in (await database_texts(world.database_url)).items():
        found += _seen_in(f"table {table}", text, secrets)
    return found


async def database_texts(url: str) -> dict[str, str]:
    """Return every table as text, bytes as they were written."""
    connection = await asyncpg.connect(**connection_values(url))
    try:
        tables = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        texts = {}
        for name in [row["tablename"] for row in tables]:
            rows = await connection.fetch(f'SELECT * FROM "{name}"')
            texts[name] = "\n".join(_as_text(value) for row in rows for value in row.values())
        return texts
    finally:
        await connection.close()


def _as_text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _seen_in(where: str, text: str, secrets: dict[str, str]) -> list[str]:
    return sorted({f"{what} in {where}" for secret, what in secrets.items() if secret in text})
