"""The contract every chat keeps: what comes in, what goes out, and what may go wrong.

Values are chat-neutral. A chat turns its own payload into `Inbound` (pure), draws a `Card` in its
own markup (pure), and does the calls. It knows no database and no post.

    ChatError
    ├── ChatBusy         the service is down or slows us: send again after `after`
    │   └── TokenRefused the service does not know our token: wait until it is mended
    ├── RouteDead        this place cannot be reached any more (blocked, kicked, gone)
    │   └── PlaceMoved   the place goes on under another id
    ├── MessageGone      the message to edit is not there any more: send a new one
    └── FileGone         the file cannot be had any more (`reason`)
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Protocol, Self

from pydantic import SecretStr

MAX_PAYLOAD_BYTES = 64
"""A button's payload, in bytes of UTF-8. Source: Telegram Bot API, `callback_data`."""


# ── what comes in ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Actor:
    """The person in the chat who did it, as the chat names them (`language` is a code or "").

    `home` is the workspace they are of where that is another one than the one they are met in;
    `Chat.profile` takes it away where both are of one house.
    """

    external_id: str
    display_name: str
    username: str = ""
    language: str = ""
    zone: str = ""
    home: str = ""


@dataclass(frozen=True, slots=True)
class PlaceRef:
    """A conversation in a chat: a private chat, a group, a channel, a thread of one.

    `is_home`: no conversation, but a person's Home (`chat_id` is the person's own id there).
    """

    chat: str
    workspace: str
    chat_id: str
    thread: str = ""
    is_private: bool = True
    title: str = ""
    is_home: bool = False


class AttachmentKind(StrEnum):
    """What a person attached, as the chat names it."""

    PHOTO = "photo"
    VIDEO = "video"
    DOCUMENT = "document"
    ANIMATION = "animation"
    UNWANTED = "unwanted"  # sticker, voice, video note, contact, location, poll, …


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a message, not fetched yet.

    `file_id` is what the chat wants to hand it out again (never an address); sizes and types are
    the chat's claims, the decoder judges later. `what` names an unwanted thing ("sticker").
    """

    kind: AttachmentKind
    file_id: str = ""
    unique_id: str = ""
    mime: str = ""
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    what: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A chat entity over Python string indices: url, mention, hashtag, code, email, other.

    `target` is what a mention leads to, as the chat tells it, where its words may yet be changed
    for the name that people read (see `Chat.named`).
    """

    kind: str
    start: int
    end: int
    target: str = ""


@dataclass(frozen=True, slots=True)
class Unnamed:
    """The words for people, channels and groups whose name nobody can find out."""

    person: str
    channel: str
    group: str


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button: what to answer to, the payload, and the message it hangs on.

    `whisper_ref`: only this person sees that message, and this draws it anew (`Chat.whisper`).
    """

    press_ref: str
    payload: str
    message_ref: str
    whisper_ref: str = ""


@dataclass(frozen=True, slots=True)
class Submitted:
    """A form that was sent off: the form's payload, and each field's value by its name.

    A text is as typed, a moment is whole seconds since 1970 as text, several choices are their
    values joined by commas; what was left empty is "".
    """

    payload: str
    values: Mapping[str, str]
    language: str = "en"


InboundKind = Literal[
    "message",
    "edit",
    "deleted",
    "press",
    "command",
    "form",
    "home",
    "shortcut",
    "route",
    "moved",
    "renamed",
    "removed",
    "echo",
    "ignored",
]


@dataclass(frozen=True, slots=True)
class Inbound:
    """One thing that happened in a chat.

    `text` is the message's text or caption exactly as written. `album` groups the messages of one
    album. `reply_to` is the message replied to (and `reply_to_bot` says whether it was ours); with
    a press it is what the thread began with that the pressed message stands in.
    kind `deleted`: a person's message (`message_ref`) is gone, `actor` is who wrote it;
    kind `form`: a form was sent off (`form`); kind `home`: the person opened their Home; kind
    `shortcut`: a message (`text`, `attachments`, `message_ref`) was handed to us by the chat's
    own menu, or none at all was.
    kind `route`: our way into the place opened or closed (`route_open`); kind `moved`: the place
    goes on as `moved_to`; kind `renamed`: it is called `place.title` now; kind `removed`: the
    place's whole workspace took our app away; kind `echo`: a message of our own stands at
    `message_ref`, with the `mark` it was sent with; kind `ignored`: nothing for us.
    `form_ref` is what opens a form in answer, within seconds; "" where none can be opened.
    """

    kind: InboundKind
    place: PlaceRef
    actor: Actor | None = None
    message_ref: str = ""
    text: str = ""
    spans: tuple[Span, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    album: str = ""
    reply_to: str = ""
    reply_to_bot: bool = False
    mentions_bot: bool = False
    command: str = ""
    arguments: str = ""
    press: Press | None = None
    form: Submitted | None = None
    form_ref: str = ""
    route_open: bool = True
    moved_to: str = ""
    mark: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """A raw event as the inbox stores it, before anything is understood.

    (`source`, `external_id`) is unique; so is (`source`, `second_key`) where there is one: the
    same thing told twice by two events. `conversation` keeps order: one is handled at a time.
    """

    source: str
    external_id: str
    conversation: str
    raw: bytes
    second_key: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A request at the door that is acknowledged, with *body*: what it brought is stored."""

    body: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A request at the door that is not from the chat, or not in its form."""

    status: int


# ── what goes out ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Text:
    """A run of plain words; never markup, the chat escapes it."""

    text: str
    style: Literal["plain", "bold", "italic", "code"] = "plain"


@dataclass(frozen=True, slots=True)
class TimeTag:
    """A moment. `text` is what everybody sees; the chat may add the viewer's own time."""

    at: datetime
    text: str
    style: Literal["plain", "bold"] = "plain"
    is_relative: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A run of words that leads to *url*."""

    text: str
    url: str


Run = Text | TimeTag | Link
Line = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press: a payload that comes back as a `Press`, or an address that opens.

    `needs_form`: it leads somewhere only where a chat opens forms, and is shown there alone.
    """

    label: str
    payload: str = ""
    url: str = ""
    style: Literal["", "primary", "success", "danger"] = ""
    needs_form: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A message of ours, chat-neutral.

    `lines` come first, then `quote` (a caption, shown exactly; folded when `fold_quote`), then
    `footer`. `fallback_text` is a full sentence that says the same without any drawing.
    `asks_reply` is a hint for the input field ("tomorrow 9am") where a typed answer is wanted.
    `mark` is seen by nobody: a chat that tells us of our own messages gives it back (`echo`).
    """

    lines: tuple[Line, ...]
    fallback_text: str
    quote: str = ""
    fold_quote: bool = False
    footer: tuple[Line, ...] = ()
    buttons: tuple[tuple[Button, ...], ...] = ()
    asks_reply: str = ""
    is_silent: bool = True
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a form asks for. `value` is what stands there at first (see `Submitted`).

    kind `text` is one line, `long_text` several, `moment` a date and a time, `choice` one and
    `choices` any number of `options` (value, label), `files` what comes as the attachments of
    the `Inbound`.
    """

    name: str
    label: str
    kind: Literal["text", "long_text", "moment", "choice", "choices", "files"] = "text"
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    max_chars: int | None = None
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A window with fields, where a chat has such. Payload and language come back as `Submitted`.

    Without fields it only shows its lines.
    """

    title: str
    payload: str
    submit: str
    fields: tuple[Field, ...]
    lines: tuple[Line, ...] = ()
    language: str = "en"


Validator = Callable[[Submitted], Awaitable[Mapping[str, str]]]
"""Judges a form while it is being acknowledged: the error of each field that is wrong, by name.

Quick, and it never raises: what cannot be known within a moment is judged later.
"""


class Reaction(StrEnum):
    """A receipt on a person's own message."""

    SEEN = "seen"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CommandWords:
    """A command as the chat's menu shows it, in English and (`translations`) by language code."""

    name: str
    description: str
    in_groups: bool = False
    translations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a chat can do, as data. `command_prefix` is what people type before a command.

    `hears_groups_as_admin`: in groups only an admin is shown what was not said to it.
    Without toasts of its own (`has_toasts`) a chat answers a press by a message to that person
    alone, so what the card shows anyway is not said there.
    `tells_of_own`: every new message of ours comes back as an `echo` within a moment.
    """

    max_fetch_bytes: int | None
    has_toasts: bool = True
    can_thread: bool = False
    can_modal: bool = False
    can_ephemeral: bool = False
    has_home: bool = False
    has_profiles: bool = False
    hears_groups_as_admin: bool = False
    command_prefix: str = "/"
    has_edit_events: bool = True
    tells_of_own: bool = False
    min_gap_private: timedelta = field(default=timedelta(seconds=1))
    min_gap_group: timedelta = field(default=timedelta(seconds=3))


@dataclass(frozen=True, slots=True)
class Introduction:
    """Who our bot is in this chat: its own id, its name, and a link that opens it.

    `missing_rights` are those it needs and was not given.
    """

    bot_id: str
    username: str
    deep_link: str = ""
    missing_rights: tuple[str, ...] = ()


# ── what may go wrong ────────────────────────────────────────────────────────────────────────


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


# ── the chat ─────────────────────────────────────────────────────────────────────────────────

Store = Callable[[Sequence[Received]], Awaitable[None]]
"""Writes raw events to the inbox; returns only when they are committed."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What the service says once our app was let into a workspace (or an organisation).

    A token that ends after a while (`ends_in`) comes with one to renew it with (`refresh`).
    """

    workspace: str
    token: SecretStr
    is_org: bool = False
    name: str = ""
    app_id: str = ""
    bot_user: str = ""
    scopes: tuple[str, ...] = ()
    installed_by: str = ""
    refresh: SecretStr | None = None
    ends_in: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Renewed:
    """A token in the place of one that ends, what to renew it with, and how long it is good."""

    token: SecretStr
    refresh: SecretStr
    ends_in: timedelta


class Installer(Protocol):
    """Brings our app into workspaces, by a consent page of the service."""

    @property
    def chat(self) -> str:
        """The chat's name in the registry."""

    def consent_url(self, *, state: str, redirect_uri: str) -> str:
        """Return the address of the consent page."""

    async def finish(self, *, code: str, redirect_uri: str) -> Installed:
        """Turn the *code* that came back from there into an installation.

        Raises:
            ChatBusy: not now.
            ChatError: the service does not take it, or lets us do less than is needed.
        """

    async def renew(self, refresh: SecretStr) -> Renewed:
        """Turn what came with a token that ends into a new one.

        Raises:
            ChatBusy: not now.
            ChatError: the service will not do that any more.
        """

    def link_into(self, installed: Installed) -> str:
        """Return a link that opens the conversation with our bot there."""


class Chat(Protocol):
    """One chat service with one bot in it. Opened and closed with `async with`."""

    @property
    def name(self) -> str:
        """The chat's name in the registry: "telegram"."""

    @property
    def source(self) -> str:
        """Chat and bot, as the inbox keys it: "telegram:42"."""

    @property
    def capabilities(self) -> Capabilities:
        """What this chat can do."""

    async def __aenter__(self) -> Self:
        """Open what the chat needs; asks nobody anything."""

    async def __aexit__(self, *problem: object) -> None:
        """Close it."""

    async def introduce(self) -> Introduction:
        """Ask the service who we are (proves the token)."""

    async def profile(self, place: PlaceRef, actor: Actor) -> Actor:
        """Return *actor* with what the service knows: name, language, zone. Never raises."""

    @property
    def is_polled(self) -> bool:
        """Whether events are fetched (`poll`) rather than pushed to our door."""

    async def receive(
        self, headers: Mapping[str, str], body: bytes, store: Store
    ) -> Answered | Refused:
        """Judge a request at the webhook door, and have what it brings stored before answering.

        Nothing is understood, and nobody is asked anything; the judgement takes constant time.
        Raises what *store* raises.
        """

    async def is_in(self, place: PlaceRef) -> bool:
        """Say whether our app is (still) in the workspace of *place*."""

    def parse(self, raw: bytes) -> Inbound:
        """Understand a stored raw event. Pure; an unknown kind is `ignored`."""

    async def named(self, inbound: Inbound, unnamed: Unnamed) -> Inbound:
        """Return *inbound* with what its words mention called by the names that people read.

        Our own name is left out. Takes a few seconds at most and never raises.
        """

    async def poll(self, store: Store) -> None:
        """Fetch events until cancelled; each batch is stored before it is confirmed."""

    async def announce(self, commands: Sequence[CommandWords]) -> None:
        """Put the commands into the chat's own menu, and choose webhook or polling."""

    async def send(self, place: PlaceRef, card: Card, *, reply_to: str = "") -> str:
        """Send a card and return the reference of the message."""

    async def edit(self, place: PlaceRef, message_ref: str, card: Card) -> None:
        """Redraw a message of ours. Unchanged counts as done."""

    async def toast(self, press_ref: str, text: str = "", *, is_alert: bool = False) -> None:
        """Answer a press at once; never raises, a late toast is dropped."""

    async def whisper(
        self,
        place: PlaceRef,
        user_id: str,
        card: Card,
        *,
        reply_to: str = "",
        replaces: str = "",
    ) -> None:
        """Say something in *place* that only one person sees; best effort, never raises.

        It stands where *reply_to* is talked about. It takes the place of the message *replaces*
        draws anew (`Press.whisper_ref`), as long as the chat allows that.
        """

    async def open_form(self, form_ref: str, form: Form) -> None:
        """Open a form for whoever did what *form_ref* came with; never raises, late is dropped."""

    async def show_home(self, place: PlaceRef, card: Card) -> None:
        """Draw a person's Home; raises what `send` raises."""

    async def react(self, place: PlaceRef, message_ref: str, reaction: Reaction) -> None:
        """Leave a receipt on a person's message; best effort, never raises."""

    def fetch(self, file_id: str, *, max_bytes: int) -> AsyncIterator[bytes]:
        """Stream a file.

        Raises:
            FileGone: too big (declared or streamed), expired, or deleted.
            ChatBusy: not now.
        """


class PlainChat:
    """What a chat inherits that has no whispers, forms, Home, profiles or workspaces."""

    async def is_in(self, place: PlaceRef) -> bool:
        """There are no workspaces here to be taken out of."""
        del place
        return True

    async def profile(self, place: PlaceRef, actor: Actor) -> Actor:
        """What an event says of a person is all there is."""
        del place
        return actor

    async def named(self, inbound: Inbound, unnamed: Unnamed) -> Inbound:
        """What people write has their names in it already."""
        del unnamed
        return inbound

    async def whisper(
        self,
        place: PlaceRef,
        user_id: str,
        card: Card,
        *,
        reply_to: str = "",
        replaces: str = "",
    ) -> None:
        """Nothing can be said to one person alone here."""

    async def open_form(self, form_ref: str, form: Form) -> None:
        """No form opens here."""

    async def show_home(self, place: PlaceRef, card: Card) -> None:
        """Nobody has a Home here."""
