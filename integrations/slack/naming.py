"""The names of people, channels and groups that a message mentions by their ids.

Names are remembered for a while; what cannot be found out in time is left open, and asked again
with the next message. Source: docs.slack.dev, users.info, conversations.info, usergroups.list.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from integrations.chat.errors import ChatError
from integrations.slack.calling import plain_errors

log = logging.getLogger(__name__)

NAMING_SECONDS = 3.0
"""How long the names of one message are asked for; the words wait for them."""

MAX_ASKED = 30
"""How many names of one message are asked for; the others count as not found."""

REMEMBERED = timedelta(hours=1)
_MAX_REMEMBERED = 10_000
_MAX_CHARS = 80


class Names:
    """What people read for the ids of a workspace: `@U1` a person, `#C1` a channel, `!S1` a group.

    A channel is written with its sign, people and groups without: on Instagram an "@" before a
    name would call whoever has that name there.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._known: dict[tuple[str, str], tuple[datetime, str]] = {}

    async def of(
        self, workspace: str, targets: Collection[str], client: AsyncWebClient
    ) -> dict[str, str]:
        """Return the names that can be found out for *targets*; never raises."""
        found = {target: name for target in targets if (name := self._recall(workspace, target))}
        missing = [target for target in dict.fromkeys(targets) if target not in found]
        single = [target for target in missing if not target.startswith("!")][:MAX_ASKED]
        asks = [_ask(client, target) for target in single]
        if any(target.startswith("!") for target in missing):
            asks.append(_ask_groups(client, workspace))
        asked = await asyncio.gather(*asks)
        for names in asked:
            for target, name in names.items():
                self._remember(workspace, target, name)
                if target in missing:
                    found[target] = name
        return found

    def _recall(self, workspace: str, target: str) -> str:
        until, name = self._known.get((workspace, target), (None, ""))
        return name if until and self._now() < until else ""

    def _remember(self, workspace: str, target: str, name: str) -> None:
        self._known.pop((workspace, target), None)
        while len(self._known) >= _MAX_REMEMBERED:
            del self._known[next(iter(self._known))]
        self._known[workspace, target] = (self._now() + REMEMBERED, name)


async def _ask(client: AsyncWebClient, target: str) -> Mapping[str, str]:
    """Return the name of a person or channel, nothing where Slack does not tell it."""
    try:
        async with plain_errors(NAMING_SECONDS):
            if target.startswith("@"):
                person = (await client.users_info(user=target[1:])).get("user")
                return _named(target, name_of(person if isinstance(person, dict) else {}))
            found = (await client.conversations_info(channel=target[1:])).get("channel")
            name = str(found.get("name") or "") if isinstance(found, dict) else ""
            return _named(target, f"#{name}" if name else "")
    except ChatError as err:
        log.info("slack.no_name", extra={"reason": str(err)})
        return {}


async def _ask_groups(client: AsyncWebClient, workspace: str) -> Mapping[str, str]:
    """Return the names of all groups of a workspace; there is no method for a single one."""
    team, _, org = workspace.partition("@")
    try:
        async with plain_errors(NAMING_SECONDS):
            # The token of an organisation has to say which of its workspaces is meant.
            answer = await client.usergroups_list(team_id=team if org else None)
    except ChatError as err:
        log.info("slack.no_name", extra={"reason": str(err)})
        return {}
    groups = answer.get("usergroups")
    names: dict[str, str] = {}
    for one in groups if isinstance(groups, list) else []:
        if isinstance(one, dict):
            words = str(one.get("name") or one.get("handle") or "")
            names.update(_named(f"!{one.get('id')}", words))
    return names


def name_of(user: Mapping[str, Any]) -> str:
    """Return the name by which colleagues know a person of `users.info`, "" without one."""
    profile = user.get("profile")
    profile = profile if isinstance(profile, dict) else {}
    found = profile.get("display_name") or profile.get("real_name") or user.get("name")
    return str(found or "")


def _named(target: str, name: str) -> Mapping[str, str]:
    line = " ".join(name.split())[:_MAX_CHARS].strip()
    return {target: line} if line else {}
