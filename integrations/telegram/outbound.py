"""A chat-neutral `Card` as Telegram's HTML and keyboard. Pure.

Everything people wrote is escaped: it is shown, never obeyed. A card always fits: what is too long
is cut with an ellipsis, the caption first.  Source: Bot API "sendMessage", "HTML style" (2026).
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from telegram import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup

from integrations.chat.outgoing import (
    MAX_PAYLOAD_BYTES,
    Button,
    Card,
    Line,
    Link,
    Run,
    Text,
    TimeTag,
)
from integrations.telegram.inbound import clean

MAX_TEXT_UNITS = 4096
"""Text of a message after its markup is read, in UTF-16 units (the stricter way to count)."""

MAX_ENTITIES = 100
MAX_BUTTONS_IN_A_ROW = 8
MAX_BUTTONS = 100
MAX_PLACEHOLDER_CHARS = 64

_ELLIPSIS = "…"
_MENTION = re.compile(r"@(?=\w)")
_TAGS = {"bold": "b", "italic": "i", "code": "code"}
_LINK_STARTS = ("https://", "http://", "tg://")
_JOINERS = frozenset({"\u200d", "\ufe0f", "\ufe0e"})


@dataclass(frozen=True, slots=True)
class Drawn:
    """A card ready to send: *html* for Telegram's parser, *plain* the same without markup."""

    html: str
    plain: str
    keyboard: InlineKeyboardMarkup | None
    placeholder: str = ""

    def force_reply(self) -> ForceReply | None:
        """Give the markup that asks for a typed answer, when the card wants one."""
        if not self.placeholder:
            return None
        return ForceReply(selective=True, input_field_placeholder=self.placeholder)


def draw(card: Card) -> Drawn:
    """Draw *card*.

    Raises:
        ValueError: a button Telegram would refuse (payload over 64 bytes, no label …); a mistake
            of the card's author, never of what a person wrote.
    """
    rows, addresses = _split_buttons(card.buttons)
    # What may never be missing is measured first; the caption takes what is left.
    footer = [*card.footer, *addresses]
    page = _Page(MAX_TEXT_UNITS)
    below = _Page(MAX_TEXT_UNITS // 2)
    below.lines(footer)
    page.room -= below.used + 1 if footer else 0
    page.lines(card.lines)
    if card.quote:
        page.quote(card.quote, is_folded=card.fold_quote)
    if footer:
        page.append(below)
    text = page.plain_text.strip()
    if not text:
        text = shorten(clean(card.fallback_text), MAX_TEXT_UNITS)
        return Drawn(html.escape(text, quote=False), text, rows)
    return Drawn(page.html_text, text, rows, clean(card.asks_reply)[:MAX_PLACEHOLDER_CHARS])


def units(text: str) -> int:
    """Count *text* in UTF-16 units, as Telegram does."""
    return len(text) + sum(character > "\uffff" for character in text)


def shorten(text: str, room: int) -> str:
    """Give *text* in at most *room* UTF-16 units, cut with an ellipsis, no character in halves."""
    if units(text) <= room:
        return text
    if room < 1:
        return ""
    kept: list[str] = []
    left = room - 1
    for character in text:
        left -= units(character)
        if left < 0:
            break
        kept.append(character)
    cut = text[len(kept)]
    # Do not part what is drawn as one: an accent from its letter, a family into its members.
    if kept and (_clings(cut) or kept[-1] in _JOINERS):
        while kept and (_clings(kept[-1]) or (len(kept) > 1 and kept[-2] == "\u200d")):
            kept.pop()
        if kept:
            kept.pop()
    return "".join(kept).rstrip() + _ELLIPSIS


@dataclass(slots=True)
class _Page:
    """Text that grows until its room is used up."""

    room: int
    used: int = 0
    entities: int = 0
    html: list[str] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)

    @property
    def html_text(self) -> str:
        return "".join(self.html)

    @property
    def plain_text(self) -> str:
        return "".join(self.plain)

    def lines(self, lines: Sequence[Line]) -> None:
        for line in lines:
            if self.plain:
                self._put("\n", "")
            for run in line:
                self._run(run)

    def quote(self, text: str, *, is_folded: bool) -> None:
        if self.plain:
            self._put("\n", "")
        opening = "<blockquote expandable>" if is_folded else "<blockquote>"
        self._put(text, opening, "</blockquote>")

    def append(self, other: "_Page") -> None:
        """Put a finished page below this one; room for it was kept."""
        if self.plain:
            self.html.append("\n")
            self.plain.append("\n")
            self.used += 1
        self.html += other.html
        self.plain += other.plain
        self.used += other.used

    def _run(self, run: Run) -> None:
        if isinstance(run, TimeTag):
            # Without a format the words stay as they are, zone and seconds included, and a tap
            # shows the moment on the reader's own clock; with one, the app writes its own words.
            style = ' format="r"' if run.is_relative else ""
            opening = f'<tg-time unix="{int(run.at.timestamp())}"{style}>'
            closing = "</tg-time>"
            if run.style == "bold":
                opening, closing = f"<b>{opening}", f"{closing}</b>"
            self._put(run.text, opening, closing)
        elif isinstance(run, Link):
            if run.url.startswith(_LINK_STARTS):
                self._put(run.text, f'<a href="{html.escape(clean(run.url))}">', "</a>")
            else:
                self._put(run.text)
        elif isinstance(run, Text) and run.style != "plain":
            tag = _TAGS[run.style]
            self._put(run.text, f"<{tag}>", f"</{tag}>")
        else:
            self._put(run.text)

    def _put(self, text: str, opening: str = "", closing: str = "") -> None:
        text = shorten(_without_mentions(clean(text)), self.room - self.used)
        if not text:
            return
        self.used += units(text)
        self.plain.append(text)
        words = html.escape(text, quote=False)
        count = opening.count("<")
        if self.entities + count > MAX_ENTITIES:
            opening = closing = ""
        elif opening:
            self.entities += count
        self.html.append(f"{opening}{words}{closing}")


def _without_mentions(text: str) -> str:
    """Keep names from becoming mentions: an Instagram name pings a stranger of that name here.

    The mark between @ and the name (word joiner) is not seen, and Telegram then sees no mention.
    """
    return _MENTION.sub("@\u2060", text)


# ── buttons ──────────────────────────────────────────────────────────────────────────────────


def _split_buttons(
    rows: Iterable[Sequence[Button]],
) -> tuple[InlineKeyboardMarkup | None, list[Line]]:
    """Give the keyboard, and a line for each address that Telegram takes on no button."""
    drawn: list[list[InlineKeyboardButton]] = []
    addresses: list[Line] = []
    for row in rows:
        if len(row) > MAX_BUTTONS_IN_A_ROW:
            raise ValueError(f"{len(row)} buttons in a row; Telegram takes {MAX_BUTTONS_IN_A_ROW}")
        kept = []
        for button in row:
            if button.url and not _fits_on_a_button(button.url):
                addresses.append((Text(f"{button.label}: {button.url}"),))
            else:
                kept.append(_button(button))
        if kept:
            drawn.append(kept)
    if sum(map(len, drawn)) > MAX_BUTTONS:
        raise ValueError(f"more than {MAX_BUTTONS} buttons")
    return InlineKeyboardMarkup(drawn) if drawn else None, addresses


def _button(button: Button) -> InlineKeyboardButton:
    label = clean(button.label).strip()
    if not label:
        raise ValueError("a button needs a label")
    if bool(button.url) == bool(button.payload):
        raise ValueError(f"button {label!r} needs a payload or an address, and not both")
    style = button.style or None
    if button.url:
        return InlineKeyboardButton(label, url=button.url, style=style)
    size = len(button.payload.encode())
    if size > MAX_PAYLOAD_BYTES:
        raise ValueError(f"payload of {size} bytes; Telegram takes {MAX_PAYLOAD_BYTES}")
    return InlineKeyboardButton(label, callback_data=button.payload, style=style)


def _fits_on_a_button(url: str) -> bool:
    """Tell whether Telegram takes *url* on a button; it refuses a host without a dot."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    return parts.scheme == "tg" or "." in host or ":" in host


def _clings(character: str) -> bool:
    is_tone = "\U0001f3fb" <= character <= "\U0001f3ff"
    return is_tone or character in _JOINERS or bool(unicodedata.combining(character))
