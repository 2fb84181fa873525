"""What may go wrong with a chat.

ChatError
├── ChatBusy         the service is down or slows us: send again after `after`
│   └── TokenRefused the service does not know our token: wait until it is mended
├── RouteDead        this place cannot be reached any more (blocked, kicked, gone)
│   └── PlaceMoved   the place goes on under another id
├── MessageGone      the message to edit is not there any more: send a new one
└── FileGone         the file cannot be had any more (`reason`)
"""

from datetime import timedelta
from typing import Literal


class ChatError(Exception):
    """Base of everything a chat raises; the text is for developers and holds no secret."""


class ChatBusy(ChatError):
    """The service is down, slow, or tells us to wait. For a send the outcome is not known."""

    def __init__(self, detail: str, *, after: timedelta | None = None) -> None:
        super().__init__(detail)
        self.after = after


class TokenRefused(ChatBusy):
    """The service does not know our token; what waits goes on once the token is mended."""

    def __init__(self) -> None:
        super().__init__("the token was refused", after=timedelta(minutes=1))


class RouteDead(ChatError):
    """We cannot reach this place any more: blocked, kicked, deleted."""


class PlaceMoved(RouteDead):
    """The place goes on under another id (a group became a supergroup)."""

    def __init__(self, new_chat_id: str) -> None:
        super().__init__("place moved")
        self.new_chat_id = new_chat_id


class MessageGone(ChatError):
    """The message that should be edited (or answered) is not there any more."""


class FileGone(ChatError):
    """The file cannot be had: `too_big`, `gone` (expired, deleted), `no_right` (to read it)."""

    def __init__(self, reason: Literal["too_big", "gone", "no_right"]) -> None:
        super().__init__(reason)
        self.reason: Literal["too_big", "gone", "no_right"] = reason
