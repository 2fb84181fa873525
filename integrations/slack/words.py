"""What a person wrote in Slack, as the plain text they meant. Pure.

A message carries its words twice: as blocks of rich text, in which an emoji is a character, and
as `text` in Slack's own markup. The blocks are read where there are any.
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from integrations.chat import Span

_TOKEN = re.compile(r"<([^<>\n]*)>")
_NUL = {0: None}

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Words:
    """Plain text, what in it is no mere word, and whether it names our bot (left out of it)."""

    text: str
    spans: tuple[Span, ...] = ()
    names_us: bool = False


@dataclass(slots=True)
class _Writer:
    """Text that grows, with the spans in it. A named *bot* is noticed and not written."""

    bot: str
    parts: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    length: int = 0
    names_us: bool = False

    def put(self, text: str, kind: str = "") -> None:
        sound = text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore").translate(_NUL)
        if kind and sound:
            self.spans.append(Span(kind, self.length, self.length + len(sound)))
        self.parts.append(sound)
        self.length += len(sound)

    def mention(self, user: str, label: str = "") -> None:
        if user and user == self.bot:
            self.names_us = True
        else:
            self.put(f"@{label or user}", "mention")

    def words(self) -> Words:
        whole = "".join(self.parts)
        text = whole.strip()
        cut = len(whole) - len(whole.lstrip())
        spans = [Span(one.kind, one.start - cut, one.end - cut) for one in self.spans]
        inside = [one for one in spans if 0 <= one.start < one.end <= len(text)]
        return Words(text, tuple(inside), self.names_us)


def words_of(message: Json, bot: str) -> Words:
    """Return the words of *message*; *bot* is our user there, whose mention is no word."""
    writer = _Writer(bot)
    blocks = [block for block in _objects(message, "blocks") if block.get("type") == "rich_text"]
    if blocks:
        for number, block in enumerate(blocks):
            if number:
                writer.put("\n")
            _rich(writer, block)
    else:
        _markup(writer, _string(message, "text"))
    if bot and f"<@{bot}" in _string(message, "text"):
        writer.names_us = True
    return writer.words()


# ── rich text ────────────────────────────────────────────────────────────────────────────────


def _rich(writer: _Writer, block: Json) -> None:
    for number, element in enumerate(_objects(block, "elements")):
        if number and not _ends_line(writer):
            writer.put("\n")
        if element.get("type") == "rich_text_list":
            _list(writer, element)
        else:
            _section(writer, element)


def _list(writer: _Writer, element: Json) -> None:
    is_ordered = element.get("style") == "ordered"
    for number, item in enumerate(_objects(element, "elements"), start=1):
        if number > 1:
            writer.put("\n")
        writer.put(f"{number}. " if is_ordered else "• ")
        _section(writer, item)


def _section(writer: _Writer, element: Json) -> None:
    is_code = element.get("type") == "rich_text_preformatted"
    for part in _objects(element, "elements"):
        match part.get("type"):
            case "text":
                style = part.get("style")
                code = is_code or (isinstance(style, dict) and style.get("code") is True)
                writer.put(_string(part, "text"), "code" if code else "")
            case "link":
                writer.put(_string(part, "text") or _string(part, "url"), "url")
            case "emoji":
                writer.put(_emoji(part))
            case "user":
                writer.mention(_string(part, "user_id"))
            case "broadcast":
                writer.put(f"@{_string(part, 'range')}", "mention")
            case "channel":
                writer.put(f"#{_string(part, 'channel_id')}", "mention")
            case "usergroup":
                writer.put(f"@{_string(part, 'usergroup_id')}", "mention")
            case "date":
                writer.put(_string(part, "fallback"))
            case "color":
                writer.put(_string(part, "value"))
            case _:
                writer.put(_string(part, "text"))


def _emoji(part: Json) -> str:
    """Return the character of an emoji; one that only this workspace knows keeps its name."""
    points = _string(part, "unicode").split("-")
    try:
        return "".join(chr(int(point, 16)) for point in points)
    except (ValueError, OverflowError):
        return f":{_string(part, 'name')}:"


def _ends_line(writer: _Writer) -> bool:
    return not writer.parts or writer.parts[-1].endswith("\n")


# ── Slack's own markup ───────────────────────────────────────────────────────────────────────


def _markup(writer: _Writer, text: str) -> None:
    at = 0
    for found in _TOKEN.finditer(text):
        writer.put(html.unescape(text[at : found.start()]))
        _token(writer, found[1])
        at = found.end()
    writer.put(html.unescape(text[at:]))


def _token(writer: _Writer, token: str) -> None:
    target, _, label = token.partition("|")
    label = html.unescape(label)
    if target.startswith("@"):
        writer.mention(target[1:], label)
    elif target.startswith("#"):
        writer.put(f"#{label or target[1:]}", "mention")
    elif target.startswith("!date"):
        writer.put(label)
    elif target.startswith("!"):
        writer.put(label or f"@{target[1:].partition('^')[0]}", "mention")
    else:
        address = html.unescape(target)
        writer.put(label or address.removeprefix("mailto:"), "url")


def _objects(container: Json, key: str) -> Iterator[Json]:
    value = container.get(key)
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _string(container: Json, key: str) -> str:
    value = container.get(key)
    return value if isinstance(value, str) else ""
