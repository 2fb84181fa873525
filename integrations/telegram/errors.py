"""What Telegram's refusals mean to us: its answers as the errors every chat raises.

Descriptions are those of tdlib/telegram-bot-api (`Client.cpp`, 2026); they are matched in lower
case, by a part that has stayed the same for years.
"""

from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
)

from integrations.chat.errors import (
    ChatBusy,
    ChatError,
    FileGone,
    MessageGone,
    PlaceMoved,
    RouteDead,
    TokenRefused,
)

_ROUTE_DEAD = (
    "chat not found",
    "peer_id_invalid",
    "user is deactivated",
    "group chat was deleted",
    "chat_write_forbidden",
    "chat_send_plain_forbidden",
    "not enough rights to send",
    "have no rights to send",
    "need administrator rights",
    "chat_restricted",
    "topic_closed",
)
_MESSAGE_GONE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message to be replied not found",
    "message to react not found",
)
_FILE_GONE = (
    "invalid file_id",
    "wrong file_id",
    "wrong file identifier",
    "file_reference_",
    "file is temporarily unavailable",
)


class SlowDown(TelegramError):
    """Telegram asks to wait (429): `after` says how long.

    Raised in the place of PTB's own `RetryAfter`, whose constructor warns about itself (22.8).
    """

    def __init__(self, after: timedelta) -> None:
        super().__init__("Too Many Requests")
        self.after = after


class NoAnswer(NetworkError):
    """The call or its answer was lost on the way; the text is the name of what happened."""


def understood(err: TelegramError) -> ChatError:
    """Give the error of ours that *err* means; its text holds no address and no token."""
    match err:
        case SlowDown():
            return ChatBusy("telegram asks to wait", after=err.after)
        case ChatMigrated():
            return PlaceMoved(str(err.new_chat_id))
        case InvalidToken():
            return TokenRefused()
        case Forbidden():
            return RouteDead(err.message)
        case Conflict():
            return ChatBusy("another receiver takes this bot's updates")
        case BadRequest():
            return _understood_words(err.message)
        case NoAnswer():
            return ChatBusy(f"no answer ({err.message})")
    # What is left (a timeout, a 5xx) may show what the server sent; its kind says enough.
    return ChatBusy(f"no usable answer ({type(err).__name__})")


def is_unchanged(err: TelegramError) -> bool:
    """Tell whether an edit was refused because the message says that already."""
    return isinstance(err, BadRequest) and "message is not modified" in err.message.lower()


def is_topic_gone(err: TelegramError) -> bool:
    """Tell whether the topic of a group is not there any more."""
    return isinstance(err, BadRequest) and "message thread not found" in err.message.lower()


def is_markup_refused(err: TelegramError) -> bool:
    """Tell whether the server could not read our markup (an older one does not know every tag)."""
    return isinstance(err, BadRequest) and "can't parse entities" in err.message.lower()


def _understood_words(description: str) -> ChatError:
    words = description.lower()
    if "file is too big" in words:
        return FileGone("too_big")
    if any(part in words for part in _FILE_GONE):
        return FileGone("gone")
    if any(part in words for part in _ROUTE_DEAD):
        return RouteDead(description)
    if any(part in words for part in _MESSAGE_GONE):
        return MessageGone(description)
    return ChatError(description)
