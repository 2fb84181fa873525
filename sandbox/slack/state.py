"""All that the stand-in remembers."""

from dataclasses import dataclass, field
from typing import Any, Literal, cast

from sandbox.chats.keeping import Counted
from sandbox.slack.limits import BOT_EVENTS, BOT_SCOPES

Json = dict[str, Any]
ChannelKind = Literal["public", "private", "im", "mpim"]


@dataclass(slots=True)
class App:
    """The one app, as its settings at api.slack.com would have it."""

    id: str
    name: str
    client_id: str
    client_secret: str
    signing_secret: str
    verification_token: str
    app_token: str
    socket_mode: bool = True
    events_url: str = ""
    interactivity_url: str = ""
    options_url: str = ""
    redirect_urls: list[str] = field(default_factory=list)
    token_rotation: bool = False
    events: list[str] = field(default_factory=lambda: list(BOT_EVENTS))
    scopes: list[str] = field(default_factory=lambda: list(BOT_SCOPES))
    commands: list[Json] = field(default_factory=list)
    shortcuts: list[Json] = field(default_factory=list)


@dataclass(slots=True)
class Install:
    """The app in a workspace, or (with no *team*) in all workspaces of an enterprise."""

    token: str
    team: str
    enterprise: str
    bot_user: str
    bot_id: str
    scopes: list[str]
    by: str
    is_org: bool = False
    is_live: bool = True
    is_revoked: bool = False
    refresh_token: str = ""
    expires_at: int = 0
    is_superseded: bool = False
    """Whether a newer token took its place; it is good until its own end."""


@dataclass(slots=True)
class Workspace:
    """A workspace; its bot user keeps its id over a new installation."""

    id: str
    name: str
    domain: str
    enterprise: str = ""
    bot_user: str = ""
    bot_id: str = ""


@dataclass(slots=True)
class User:
    """A member of a workspace."""

    id: str
    team: str
    name: str
    real_name: str
    tz: str = "Europe/Berlin"
    locale: str = "en-US"
    email: str = ""
    is_bot: bool = False
    bot_id: str = ""
    is_deleted: bool = False


@dataclass(slots=True)
class Group:
    """A group of people that can be called together, such as @marketing."""

    id: str
    team: str
    handle: str
    name: str
    users: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Message:
    """A message; *said* holds its text, blocks and the like in the form of the Web API."""

    ts: str
    user: str
    said: Json
    subtype: str = ""
    thread_ts: str = ""
    bot_id: str = ""
    files: list[str] = field(default_factory=list)
    edited: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    is_deleted: bool = False
    only_for: str = ""
    """Whose eyes it is for, when it is ephemeral."""
    versions: list[Json] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text as it was given."""
        return str(self.said.get("text") or "")

    @property
    def blocks(self) -> list[Json]:
        """The blocks as they were given."""
        return cast("list[Json]", self.said.get("blocks") or [])


@dataclass(slots=True)
class Channel:
    """A channel, private channel, direct or group direct message."""

    id: str
    team: str
    kind: ChannelKind
    name: str = ""
    creator: str = ""
    created: int = 0
    members: list[str] = field(default_factory=list)
    is_archived: bool = False
    messages: dict[str, Message] = field(default_factory=dict)
    ephemeral: dict[str, Message] = field(default_factory=dict)
    pins: list[str] = field(default_factory=list)

    def find(self, ts: str) -> Message | None:
        """Give the message of that ts that still stands, ephemeral ones too."""
        found = self.messages.get(ts) or self.ephemeral.get(ts)
        return None if found is None or found.is_deleted else found


@dataclass(slots=True)
class StoredFile:
    """A file; *blob* names the bytes.

    *mode* is hosted, external or remote. Until *ready_at* (unix seconds, 0: at once) its type and
    size are not known. *serves* is whole, cut, endless, login or missing; *redirects_to* sends the
    caller elsewhere.
    """

    id: str
    team: str
    user: str
    name: str
    mimetype: str
    blob: str
    size: int
    created: int
    mode: str = "hosted"
    title: str = ""
    alt_text: str = ""
    width: int = 0
    height: int = 0
    ready_at: float = 0.0
    is_bare: bool = False
    serves: str = "whole"
    redirects_to: str = ""
    external_url: str = ""
    is_deleted: bool = False
    shares: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class View:
    """An open modal or a Home tab; *asked* is the view as the app gave it."""

    id: str
    team: str
    user: str
    asked: Json
    hash: str
    root: str
    previous: str = ""
    values: dict[str, dict[str, Json]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Modal or home."""
        return str(self.asked.get("type", "modal"))

    @property
    def blocks(self) -> list[Json]:
        """The blocks."""
        return cast("list[Json]", self.asked.get("blocks") or [])


@dataclass(slots=True)
class State(Counted):
    """Everything remembered."""

    app: App | None = None
    last_ts: int = 0
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    installs: dict[str, Install] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)
    modals: dict[str, list[View]] = field(default_factory=dict)

    def new_id(self, prefix: str) -> str:
        """Give an id such as Slack's, never given before."""
        return f"{prefix}0SB{self.next(prefix):07d}"


def state_from(kept: Json) -> State:
    """Give the state as it was kept."""
    return State(
        app=App(**kept["app"]) if kept["app"] else None,
        counters=kept["counters"],
        last_ts=kept["last_ts"],
        workspaces={key: Workspace(**one) for key, one in kept["workspaces"].items()},
        installs={key: Install(**one) for key, one in kept["installs"].items()},
        users={key: User(**one) for key, one in kept["users"].items()},
        groups={key: Group(**one) for key, one in kept.get("groups", {}).items()},
        channels={key: _channel_from(one) for key, one in kept["channels"].items()},
        files={key: StoredFile(**one) for key, one in kept["files"].items()},
        homes={key: View(**one) for key, one in kept["homes"].items()},
        modals={key: [View(**one) for one in many] for key, many in kept["modals"].items()},
    )


def _channel_from(kept: Json) -> Channel:
    messages = {ts: Message(**one) for ts, one in kept.pop("messages").items()}
    ephemeral = {ts: Message(**one) for ts, one in kept.pop("ephemeral").items()}
    return Channel(**kept, messages=messages, ephemeral=ephemeral)
