"""What goes out to a chat: cards, forms, receipts and the words of its menu."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from integrations.chat.incoming import Submitted

MAX_PAYLOAD_BYTES = 64
"""A button's payload, in bytes of UTF-8. Source: Telegram Bot API, `callback_data`."""


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
