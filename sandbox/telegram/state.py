"""All that the stand-in remembers, and how it is kept on disk so that no id ever begins again."""

import contextlib
import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

Json = dict[str, Any]

IDS_SKIPPED_AFTER_A_RESTART = 50
"""A stand-in that was killed may not have written its last ids; it begins well after them."""


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
class State:
    """Everything remembered."""

    counters: dict[str, int] = field(default_factory=dict)
    bots: dict[str, Bot] = field(default_factory=dict)
    users: dict[int, Json] = field(default_factory=dict)
    chats: dict[str, Chat] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)

    def next(self, counter: str, first: int = 1) -> int:
        """Give the next number of *counter*."""
        number = self.counters.get(counter, first - 1) + 1
        self.counters[counter] = number
        return number


class Keeper:
    """Keeps state and file bytes: in a folder, or in memory when there is none."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._blobs: dict[str, bytes] = {}
        if folder is not None:
            (folder / "files").mkdir(parents=True, exist_ok=True)

    def load(self) -> State:
        """Give the state of last time, or a new one."""
        if self.folder is None or not (self.folder / "state.json").exists():
            return State()
        state = _state_from(json.loads((self.folder / "state.json").read_text()))
        state.counters = {
            name: last + IDS_SKIPPED_AFTER_A_RESTART for name, last in state.counters.items()
        }
        for chat in state.chats.values():
            chat.last_message_id += IDS_SKIPPED_AFTER_A_RESTART
        return state

    def save(self, state: State) -> None:
        """Write *state* whole beside the old one, then put it in its place."""
        if self.folder is None:
            return
        fresh = self.folder / "state.json.new"
        fresh.write_text(json.dumps(asdict(state), ensure_ascii=True))
        fresh.replace(self.folder / "state.json")

    def put_blob(self, data: bytes) -> str:
        """Keep *data*; give the name to ask for it by."""
        name = secrets.token_hex(12)
        if self.folder is None:
            self._blobs[name] = data
        else:
            (self.folder / "files" / name).write_bytes(data)
        return name

    def blob(self, name: str) -> bytes:
        """Give the bytes kept under *name* (empty when they are gone)."""
        if self.folder is None:
            return self._blobs.get(name, b"")
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "files" / name).read_bytes()
        return b""


def _state_from(kept: Json) -> State:
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
    return Chat(**kept, members=members, messages=messages, topics=topics)


def _message_from(kept: Json) -> Message:
    versions = [Version(**one) for one in kept.pop("versions")]
    reactions = {int(number): emoji for number, emoji in kept.pop("reactions").items()}
    return Message(**kept, versions=versions, reactions=reactions)
