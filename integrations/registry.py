"""The chats Postcue can be in: one line each. Only the wiring imports this."""

from collections.abc import Mapping
from types import MappingProxyType

import aiohttp

from integrations.chat import Chat
from integrations.telegram.chat import Pause, TelegramChat, TelegramSettings


def build_chats(
    *, telegram: TelegramSettings | None, session: aiohttp.ClientSession, pause: Pause
) -> Mapping[str, Chat]:
    """Build the chats that have settings, by name; each is still to be opened (`async with`)."""
    chats: dict[str, Chat] = {}
    if telegram is not None:
        chats["telegram"] = TelegramChat(telegram, session=session, pause=pause)
    return MappingProxyType(chats)
