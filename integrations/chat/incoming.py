"""What comes in from a chat: who did what where, and how it reaches the inbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal


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
