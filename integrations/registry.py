"""The chats Postcue can be in: one line each. Only the wiring imports this.

Slack's libraries are loaded where there is a Slack app: they take 8 MB of every process.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

import aiohttp

from integrations.chat.contract import Chat
from integrations.chat.installing import Installer
from integrations.chat.outgoing import Validator
from integrations.telegram.chat import Pause, TelegramChat, TelegramSettings

if TYPE_CHECKING:
    from integrations.slack.chat import BotOf, SlackSettings, TokenOf
    from integrations.slack.installing import SlackInstallerSettings


@dataclass(frozen=True, slots=True)
class SlackParts:
    """The Slack app's settings, and what it asks the house for."""

    settings: "SlackSettings"
    now: Callable[[], datetime]
    token_of: "TokenOf"
    bot_of: "BotOf"
    judge: Validator


def build_chats(
    *,
    telegram: TelegramSettings | None,
    slack: SlackParts | None = None,
    session: aiohttp.ClientSession,
    pause: Pause,
) -> Mapping[str, Chat]:
    """Build the chats that have settings, by name; each is still to be opened (`async with`)."""
    chats: dict[str, Chat] = {}
    if telegram is not None:
        chats["telegram"] = TelegramChat(telegram, session=session, pause=pause)
    if slack is not None:
        from integrations.slack.chat import SlackChat  # noqa: PLC0415

        chats["slack"] = SlackChat(
            slack.settings,
            session=session,
            pause=pause,
            now=slack.now,
            token_of=slack.token_of,
            bot_of=slack.bot_of,
            judge=slack.judge,
        )
    return MappingProxyType(chats)


def build_installers(
    *, slack: "SlackInstallerSettings | None", session: aiohttp.ClientSession
) -> Mapping[str, Installer]:
    """Build what brings our apps into workspaces, by the chat's name."""
    installers: dict[str, Installer] = {}
    if slack is not None:
        from integrations.slack.installing import SlackInstaller  # noqa: PLC0415

        installers["slack"] = SlackInstaller(slack, session=session)
    return MappingProxyType(installers)
