"""A chat as the site sees it: the webhook that comes in, and the way back for a browser."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import SecretStr

from integrations.chat.contract import Chat


@dataclass(frozen=True, slots=True)
class ChatDoor:
    """One chat at the site.

    `link_back` takes what the chat's start command is to get ("c_…", or "" for nothing) and
    returns an address that opens the conversation with our bot, "" while it is not known.
    `path_secret` is the random last part of the webhook's address, None where there is none.
    `is_judged_by_header`: the chat can refuse a forged request by its headers alone, so it is
    asked before the body is read.
    `answer_seconds` is how long storing an event may take: a service that waits no longer is told
    to come again. `patience_seconds` is for how much of that it is tried again while the database
    is away: a service that comes again only after a minute is better kept waiting for a moment.
    """

    chat: Chat
    title: str
    link_back: Callable[[str], str]
    path_secret: SecretStr | None = None
    is_judged_by_header: bool = True
    content_types: tuple[str, ...] = ("application/json",)
    answer_seconds: float = 30.0
    patience_seconds: float = 0.0
