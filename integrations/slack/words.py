"""What a person wrote in Slack, as the plain text they meant. Pure.

A message carries its words twice: as blocks of rich text, in which an emoji is a character, and
as `text` in Slack's own markup. The blocks are read where there are any.

Whom a mention means stands in the message as an id. It is written down as the name it carries, or
else as the id, and its span says what it leads to (`@U1`, `#C1`, `!S1`): `renamed` puts the name
that people read in its place, once somebody has asked for it.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from integrations.chat.incoming import Span

_TOKEN = re.compile(r"<([^<>\n]*)>")
_NUL = {0: None}
_GROUP = "!subteam^"

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

    labels: Mapping[str, str] = field(default_factory=dict)

    def put(self, text: str, kind: str = "", target: str = "") -> None:
        sound = text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore").translate(_NUL)
        if kind and sound:
            self.spans.append(Span(kind, self.length, self.length + len(sound), target))
        self.parts.append(sound)
        self.length += len(sound)

    def mention(self, target: str, label: str = "") -> None:
        """Write down who or what is meant: a person, a channel or a group."""
        number = target[1:]
        label = label or self.labels.get(target, "")
        if target == f"@{self.bot}" and number:
            self.names_us = True
        elif target.startswith("#"):
            self.put(f"#{(label or number).lstrip('#')}", "mention", target)
        else:
            self.put((label or number).lstrip("@"), "mention", target)

    def words(self) -> Words:
        whole = "".join(self.parts)
        text = whole.strip()
        cut = len(whole) - len(whole.lstrip())
        spans = [replace(one, start=one.start - cut, end=one.end - cut) for one in self.spans]
        inside = [one for one in spans if 0 <= one.start < one.end <= len(text)]
        return Words(text, tuple(inside), self.names_us)


def words_of(message: Json, bot: str) -> Words:
    """Return the words of *message*; *bot* is our user there, whose mention is no word."""
    writer = _Writer(bot, labels=_labels(_string(message, "text")))
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


def renamed(text: str, spans: Sequence[Span], names: Mapping[str, str | None]) -> Words:
    """Return *text* with what its spans lead to called by *names*; None leaves it out."""
    writer = _Writer(bot="")
    at = 0
    for span in sorted(spans, key=lambda one: one.start):
        if span.start < at:
            continue
        writer.put(text[at : span.start])
        said = text[span.start : span.end]
        name = names.get(span.target, said) if span.target else said
        if name is None:
            writer.names_us = True
        else:
            writer.put(name, span.kind, span.target)
        at = span.end
    writer.put(text[at:])
    return writer.words()


def is_nameless(text: str, span: Span) -> bool:
    """Say whether a mention stands there as a mere id."""
    return bool(span.target) and text[span.start : span.end].lstrip("#") == span.target[1:]


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
                writer.mention(f"@{_string(part, 'user_id')}")
            case "broadcast":
                writer.put(f"@{_string(part, 'range')}", "mention")
            case "channel":
                writer.mention(f"#{_string(part, 'channel_id')}")
            case "usergroup":
                writer.mention(f"!{_string(part, 'usergroup_id')}")
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
    if target.startswith(("@", "#")):
        writer.mention(target, label)
    elif target.startswith(_GROUP):
        writer.mention(f"!{target.removeprefix(_GROUP)}", label)
    elif target.startswith("!date"):
        writer.put(label)
    elif target.startswith("!"):
        writer.put(label or f"@{target[1:].partition('^')[0]}", "mention")
    else:
        address = html.unescape(target)
        writer.put(label or address.removeprefix("mailto:"), "url")


def _labels(text: str) -> dict[str, str]:
    """Return the names that *text* gives to what it mentions: blocks have ids alone."""
    found = (token.partition("|") for token in _TOKEN.findall(text))
    return {
        f"!{target.removeprefix(_GROUP)}" if target.startswith(_GROUP) else target: html.unescape(
            label
        )
        for target, _, label in found
        if label and target.startswith(("@", "#", _GROUP))
    }


def _objects(container: Json, key: str) -> Iterator[Json]:
    value = container.get(key)
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _string(container: Json, key: str) -> str:
    value = container.get(key)
    return value if isinstance(value, str) else ""
