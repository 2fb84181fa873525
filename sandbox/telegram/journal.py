"""The record of every call to the Bot API."""

from dataclasses import dataclass

from sandbox.chats import journal


@dataclass(slots=True, kw_only=True)
class Call(journal.Call):
    """One call; an uploaded file stands in *parameters* as ``{"file": name, "bytes": size}``."""

    bot_id: int | None


class Journal(journal.Journal[Call]):
    """All calls of bots."""
