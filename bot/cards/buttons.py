"""What a button carries: `p1:<verb>:<22-letter id>:<rev>`. Ids, never rights, never JSON."""

import re
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from bot.texts import say
from integrations.chat.outgoing import MAX_PAYLOAD_BYTES, Button
from models.ids import from_short, short

VERSION = "p1"
FOLD_FROM_CHARS = 300
"""A longer caption is folded on its card."""

_FORM = re.compile(r"p1:([a-z][a-z0-9]{0,11}):([A-Za-z0-9_-]{22}):([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button's payload, understood: what to do, to what, and what the person saw (`rev`)."""

    verb: str
    subject: UUID
    rev: int

    def index_of(self, prefix: str) -> int | None:
        """Return the number behind *prefix* in the verb ("alt2" → 2), None if it has another."""
        tail = self.verb.removeprefix(prefix)
        return int(tail) if tail != self.verb and tail.isdecimal() else None


def payload(verb: str, subject: UUID, rev: int) -> str:
    """Write a payload; it is held to the limit of 64 bytes here, once for all."""
    text = f"{VERSION}:{verb}:{short(subject)}:{rev}"
    if len(text.encode()) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"the payload of {verb} is longer than {MAX_PAYLOAD_BYTES} bytes")
    return text


def read_payload(text: str) -> Pressed | None:
    """Return what *text* carries, None when it is not of our form (old, forged, damaged)."""
    found = _FORM.fullmatch(text)
    subject = from_short(found[2]) if found else None
    return Pressed(found[1], subject, int(found[3])) if found and subject else None


class Drawer:
    """Draws the buttons of one subject as it stands at one revision."""

    def __init__(self, subject: UUID, rev: int, language: str) -> None:
        self._subject = subject
        self._rev = rev
        self._language = language

    def button(
        self,
        verb: str,
        key: str,
        style: Literal["", "primary", "success", "danger"] = "",
        **params: object,
    ) -> Button:
        """Return a button that carries *verb*, labelled with the words of *key*."""
        label = say(f"button.{key}", self._language, **params)
        return self.labelled(verb, label, style)

    def labelled(
        self, verb: str, label: str, style: Literal["", "primary", "success", "danger"] = ""
    ) -> Button:
        """Return a button that carries *verb* under a label of its own."""
        return Button(label=label, payload=payload(verb, self._subject, self._rev), style=style)


def is_folded(caption: str) -> bool:
    """Say whether a card shows only the beginning of *caption* at first."""
    return len(caption) > FOLD_FROM_CHARS


def full_caption_row(caption: str, draw: Drawer) -> list[list[Button]]:
    """Return the way to the whole of a long caption, for chats that show it in a window."""
    if not is_folded(caption):
        return []
    return [[replace(draw.button("full", "show_all"), needs_form=True)]]
