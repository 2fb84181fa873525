"""All that the stand-in remembers."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.chats.keeping import IDS_SKIPPED_AFTER_A_RESTART, Counted

Json = dict[str, Any]


@dataclass(slots=True)
class Webhook:
    """Where a bot wants its updates sent."""

    url: str
    secret: str = ""
    max_connections: int = 40
    last_error_date: int = 0
    last_error_message: str = ""


@dataclass(slots=True)
class Bot:
    """A registered bot: who it is, what it has set, and the updates it has not confirmed."""

    token: str
    id: int
    username: str
    name: str
    reads_all_group_messages: bool = False
    updates: list[Json] = field(default_factory=list)
    allowed_updates: list[str] = field(default_factory=list)
    webhook: Webhook | None = None
    commands: dict[str, list[Json]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    menu_buttons: dict[str, Json] = field(default_factory=dict)

    def user(self) -> Json:
        """Give the bot as a User."""
        return {"id": self.id, "is_bot": True, "first_name": self.name, "username": self.username}

    def hears_of(self, kind: str, *, unless_asked: frozenset[str]) -> bool:
        """Tell whether the bot wants updates of *kind*."""
        return kind in self.allowed_updates if self.allowed_updates else kind not in unless_asked


@dataclass(slots=True)
class Version:
    """What a message said from *at* (unix seconds) until the next version."""

    at: int
    content: Json
    markup: Json | None


@dataclass(slots=True)
class Message:
    """A message in a chat; *content* holds its text or media fields in the form of the Bot API."""

    id: int
    sender_id: int | None
    date: int
    content: Json
    markup: Json | None = None
    edit_date: int | None = None
    reply_to: int | None = None
    thread: int | None = None
    album: str | None = None
    extras: Json = field(default_factory=dict)
    versions: list[Version] = field(default_factory=list)
    reactions: dict[int, list[str]] = field(default_factory=dict)
    deleted: bool = False

    @property
    def words(self) -> str:
        """The text or the caption."""
        return str(self.content.get("text", self.content.get("caption", "")))


@dataclass(slots=True)
class Chat:
    """A chat as the stand-in keeps it; *members* maps a user's id to a status of ChatMember."""

    key: str
    id: int
    kind: str
    title: str = ""
    username: str = ""
    is_forum: bool = False
    members: dict[int, str] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    last_message_id: int = 0
    topics: dict[int, Json] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    keyboard: Json | None = None
    migrated_to: int | None = None
    is_gone: bool = False


@dataclass(slots=True)
class StoredFile:
    """A file; *size* is declared, *blob* names the bytes, *shape* is how messages show it."""

    file_id: str
    unique_id: str
    blob: str
    size: int
    mime: str
    path: str
    name: str = ""
    kind: str = "document"
    link_until: int = 0
    has_expired: bool = False
    serves: str = "whole"
    shape: Any = None


@dataclass(slots=True)
class State(Counted):
    """Everything remembered."""

    bots: dict[str, Bot] = field(default_factory=dict)
    users: dict[int, Json] = field(default_factory=dict)
    chats: dict[str, Chat] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)


def state_from(kept: Json) -> State:
    """Give the state as it was kept."""
    return State(
        counters=kept["counters"],
        bots={token: _bot_from(one) for token, one in kept["bots"].items()},
        users={int(number): one for number, one in kept["users"].items()},
        chats={key: _chat_from(one) for key, one in kept["chats"].items()},
        files={number: StoredFile(**one) for number, one in kept["files"].items()},
    )


def _bot_from(kept: Json) -> Bot:
    webhook = kept.pop("webhook")
    return Bot(**kept, webhook=Webhook(**webhook) if webhook else None)


def _chat_from(kept: Json) -> Chat:
    messages = {int(number): _message_from(one) for number, one in kept.pop("messages").items()}
    members = {int(number): status for number, status in kept.pop("members").items()}
    topics = {int(number): topic for number, topic in kept.pop("topics").items()}
    kept["last_message_id"] += IDS_SKIPPED_AFTER_A_RESTART
    return Chat(**kept, members=members, messages=messages, topics=topics)


def _message_from(kept: Json) -> Message:
    versions = [Version(**one) for one in kept.pop("versions")]
    reactions = {int(number): emoji for number, emoji in kept.pop("reactions").items()}
    return Message(**kept, versions=versions, reactions=reactions)
