"""What a person sees: a message as a client would draw it, its past and its reactions."""

import html
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.telegram import markup
from sandbox.telegram.state import Chat, Json, Message
from sandbox.telegram.world import World

MEDIA_KINDS = (
    "animation",
    "photo",
    "video",
    "document",
    "voice",
    "video_note",
    "sticker",
    "audio",
)
FILES_URL = "/__sandbox/telegram/files/"


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message; one of *data*, *url*, *copy*, *web_app* says what it does."""

    text: str
    data: str = ""
    url: str = ""
    copy: str = ""
    web_app: str = ""
    style: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """One version of a message: from *at* (unix seconds) it said *text* with *buttons*."""

    at: int
    text: str
    html: str
    buttons: list[list[Button]]


class Seen:
    """A message in a chat, always as it stands now."""

    def __init__(self, world: World, chat: Chat, message: Message) -> None:
        self._world = world
        self.chat = chat
        self.message = message

    @property
    def id(self) -> int:
        """The message's id in its chat."""
        return self.message.id

    @property
    def text(self) -> str:
        """The text, or the caption of media."""
        return self.message.words

    @property
    def html(self) -> str:
        """The text drawn as safe HTML."""
        return _drawn(self.message.content)

    @property
    def entities(self) -> list[Json]:
        """The formatting, as entities of the Bot API."""
        content = self.message.content
        found: list[Json] = content.get("entities") or content.get("caption_entities") or []
        return list(found)

    @property
    def buttons(self) -> list[list[Button]]:
        """The inline buttons, row by row."""
        return _buttons(self.message.markup)

    @property
    def button_texts(self) -> list[str]:
        """The words on all buttons."""
        return [button.text for row in self.buttons for button in row]

    def button(self, words: str) -> Button:
        """Give the button with exactly those words, else the only one that contains them.

        Raises:
            LookupError: there is no such button now.
        """
        found = find_button(self.buttons, words)
        if found is None:
            raise LookupError(
                f"no button {words!r} on message {self.id}; there are {self.button_texts}"
            )
        return found

    @property
    def is_from_bot(self) -> bool:
        """Whether a bot (or a channel) said it."""
        return (
            self.message.sender_id is None or self._world.bot(self.message.sender_id) is not None
        )

    @property
    def reply_to(self) -> "Seen | None":
        """The message it answers."""
        number = self.message.reply_to
        replied = self.chat.messages.get(number) if number is not None else None
        return Seen(self._world, self.chat, replied) if replied is not None else None

    @property
    def is_edited(self) -> bool:
        """Whether it shows as edited."""
        return self.message.edit_date is not None

    @property
    def is_deleted(self) -> bool:
        """Whether it is gone."""
        return self.message.deleted

    @property
    def history(self) -> list[Said]:
        """Everything it ever said, oldest first; the last is what it says now."""
        return [
            Said(one.at, _words(one.content), _drawn(one.content), _buttons(one.markup))
            for one in self.message.versions
        ]

    @property
    def reactions(self) -> list[str]:
        """The emoji of everyone's reactions."""
        return [emoji for given in self.message.reactions.values() for emoji in given]

    @property
    def kind(self) -> str:
        """What it is: text, photo, video, document … or the name of a service message."""
        for kind in MEDIA_KINDS:
            if kind in self.message.content:
                return kind
        return (
            "text" if "text" in self.message.content else next(iter(self.message.content), "text")
        )

    @property
    def file_id(self) -> str:
        """The file id of its media (of a photo's largest size); empty when it has none."""
        shape = self.message.content.get(self.kind)
        if isinstance(shape, list):
            shape = shape[-1] if shape else None
        return str(shape.get("file_id", "")) if isinstance(shape, dict) else ""

    @property
    def file(self) -> bytes:
        """The bytes of its media."""
        stored = self._world.files.get(self.file_id)
        return self._world.files.data(stored) if stored is not None else b""

    @property
    def wire(self) -> Json:
        """The message in the form of the Bot API."""
        return self._world.wire(self.chat, self.message)

    def __repr__(self) -> str:
        who = "bot" if self.is_from_bot else self.message.sender_id
        buttons = f" {self.button_texts}" if self.button_texts else ""
        return f"<{self.id} {who} {self.kind}: {self.text!r}{buttons}>"

    def as_page(self, viewer_id: int | None = None) -> Json:
        """Give everything a page needs to draw it (documented in control.py)."""
        replied = self.reply_to
        return {
            "id": self.id,
            "chat": self.chat.id,
            "date": self.message.date,
            "edited": self.message.edit_date,
            "deleted": self.is_deleted,
            "mine": viewer_id is not None and self.message.sender_id == viewer_id,
            "from_bot": self.is_from_bot,
            "sender": self._sender(),
            "kind": self.kind,
            "text": self.text,
            "html": self.html,
            "entities": self.entities,
            "attachments": self._attachments(),
            "album": self.message.album,
            "topic": self.message.thread,
            "reply_to": None if replied is None else _excerpt(replied),
            "buttons": [[_shown(button) for button in row] for row in self.buttons],
            "reactions": self._reactions(),
            "pinned": self.id in self.chat.pinned,
            "versions": len(self.message.versions),
        }

    def _sender(self) -> Json:
        if self.message.sender_id is None:
            return {"id": self.chat.id, "name": self.chat.title, "is_bot": False}
        user = self._world.user(self.message.sender_id)
        return {"id": user["id"], "name": user["first_name"], "is_bot": user["is_bot"]}

    def _reactions(self) -> list[Json]:
        return [
            {"emoji": emoji, "user": user_id, "from_bot": self._world.bot(user_id) is not None}
            for user_id, given in self.message.reactions.items()
            for emoji in given
        ]

    def _attachments(self) -> list[Json]:
        kind = self.kind
        shape: Any = self.message.content.get(kind)
        if kind not in MEDIA_KINDS or not shape:
            return []
        largest = shape[-1] if isinstance(shape, list) else shape
        thumb = (
            shape[min(1, len(shape) - 1)] if isinstance(shape, list) else shape.get("thumbnail")
        )
        return [
            {
                "kind": kind,
                "file_id": largest["file_id"],
                "url": FILES_URL + largest["file_id"],
                "thumbnail": FILES_URL + thumb["file_id"] if thumb else None,
                "name": largest.get("file_name", ""),
                "mime": largest.get("mime_type", "image/jpeg" if kind == "photo" else ""),
                "bytes": largest.get("file_size", 0),
                "width": largest.get("width"),
                "height": largest.get("height"),
                "seconds": largest.get("duration"),
            }
        ]


Wanted = str | Callable[[Seen], bool]
"""What to look for: words that the message contains, or a claim about it."""


def fits(seen: Seen, wanted: Wanted | None) -> bool:
    """Tell whether a message is what is looked for."""
    if wanted is None:
        return True
    if isinstance(wanted, str):
        return wanted in seen.text
    return bool(wanted(seen))


def find_button(rows: list[list[Button]], words: str) -> Button | None:
    """Give the button with exactly those words, else the only one that contains them."""
    every = [button for row in rows for button in row]
    exact = [button for button in every if button.text == words]
    if exact:
        return exact[0]
    near = [button for button in every if words.lower() in button.text.lower()]
    return near[0] if len(near) == 1 else None


def _words(content: Json) -> str:
    return str(content.get("text", content.get("caption", "")))


def _drawn(content: Json) -> str:
    entities = content.get("entities", content.get("caption_entities", []))
    return markup.to_html(_words(content), entities) if entities else html.escape(_words(content))


def _buttons(given: Json | None) -> list[list[Button]]:
    rows = (given or {}).get("inline_keyboard", [])
    return [[_button(one) for one in row] for row in rows]


def _button(one: Json) -> Button:
    return Button(
        text=one["text"],
        data=one.get("callback_data", ""),
        url=one.get("url", ""),
        copy=one.get("copy_text", {}).get("text", ""),
        web_app=one.get("web_app", {}).get("url", ""),
        style=one.get("style", ""),
    )


def _shown(button: Button) -> Json:
    kind = (
        "url"
        if button.url
        else "copy"
        if button.copy
        else "web_app"
        if button.web_app
        else "press"
    )
    return {
        "text": button.text,
        "kind": kind,
        "style": button.style,
        "url": button.url or button.web_app,
        "copy": button.copy,
        "data": button.data,
    }


def _excerpt(seen: Seen) -> Json:
    if seen.is_deleted:
        return {"id": seen.id, "text": "", "kind": "deleted", "thumbnail": None}
    attached = seen.as_page()["attachments"]
    return {
        "id": seen.id,
        "text": seen.text[:120],
        "kind": seen.kind,
        "thumbnail": attached[0]["thumbnail"] if attached else None,
    }
