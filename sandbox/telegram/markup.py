"""Formatted text: the HTML a bot writes → text with entities → safe HTML for a page.

Entity offsets and lengths count UTF-16 units. Refusals use the wording of the real server's parser
(tdlib, ``MessageEntity.cpp``).
"""

import html
import re
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.telegram.errors import ApiError, bad_request
from sandbox.telegram.limits import MAX_ENTITIES, utf16_units

Entity = dict[str, Any]

_ALIASES = {"strong": "b", "em": "i", "ins": "u", "strike": "s", "del": "s"}
_KINDS = {
    "b": "bold",
    "i": "italic",
    "u": "underline",
    "s": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-time": "date_time",
    "tg-emoji": "custom_emoji",
}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_ATTRIBUTE = re.compile(
    r"""\s+([A-Za-z_][A-Za-z0-9_-]*)(?:\s*=\s*("[^"]*"|'[^']*'|[A-Za-z0-9.:/?#_-]+))?"""
)
_REFERENCE = re.compile(r"&(#[0-9]{1,8}|#[xX][0-9A-Fa-f]{1,8}|lt|gt|amp|quot);")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_TIME_FORMAT = re.compile(r"r|w?[dD]?[tT]?")
_FOUND = re.compile(
    r"(?P<url>https?://[^\s<>\"]+)"
    r"|(?P<email>[\w.+-]+@[\w-]+\.[\w.-]*\w)"
    r"|(?<![\w/@])(?P<mention>@[A-Za-z]\w{3,31})"
    r"|(?<![\w/#&])(?P<hashtag>#\w*[^\W\d]\w*)"
    r"|(?<![\w/])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z]\w{3,31})?)(?![\w/])"
    r"|(?<![\w$])(?P<cashtag>\$[A-Z]{3,8})(?!\w)"
)
_SURROGATES = range(0xD800, 0xE000)
_OPAQUE = frozenset({"code", "pre", "text_link"})
_CONTROLS = {number: " " for number in range(32) if number not in {9, 10}}
_CONTROLS |= {13: None, 9: " "} | dict.fromkeys(range(0x2028, 0x202F), None)


@dataclass(slots=True)
class _Open:
    name: str
    kind: str
    offset: int
    entity: Entity = field(default_factory=dict)


def clean(text: str) -> str:
    """Give *text* as Telegram stores it: no control characters, overrides or half characters."""
    whole = "".join(character for character in text if ord(character) not in _SURROGATES)
    return whole.translate(_CONTROLS)


def from_html(source: str) -> tuple[str, list[Entity]]:
    """Read the HTML of ``parse_mode=HTML``.

    Raises:
        ApiError: the real parser would not take it ("can't parse entities: …").
    """
    return _Reader(source).read()


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.text: list[str] = []
        self.units = 0
        self.open: list[_Open] = []
        self.entities: list[Entity] = []

    def read(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.source):
            if self.source[self.at] == "<":
                self._tag()
            else:
                self._words()
        if self.open:
            raise self._broken(
                f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"'
            )
        entities = sorted(self.entities, key=lambda one: (one["offset"], -one["length"]))
        return "".join(self.text), entities

    def _words(self) -> None:
        if self.source[self.at] == "&" and (found := _REFERENCE.match(self.source, self.at)):
            self._put(_character(found.group(1)) or found.group(0))
            self.at = found.end()
            return
        end = self.at + 1
        while end < len(self.source) and self.source[end] not in "<&":
            end += 1
        self._put(self.source[self.at : end])
        self.at = end

    def _put(self, text: str) -> None:
        self.text.append(text)
        self.units += utf16_units(text)

    def _tag(self) -> None:
        start = self.at
        closing = self.source.startswith("</", start)
        found = _NAME.match(self.source, start + (2 if closing else 1))
        name = found.group(0).lower() if found else ""
        if not found or (not closing and _ALIASES.get(name, name) not in _KINDS):
            which = "end" if closing else "start"
            raise self._broken(
                f'Unsupported {which} tag "{name}" at byte offset {self._byte(start)}'
            )
        self.at = found.end()
        if closing:
            self._close(name, start)
        else:
            self._begin(name, start)

    def _begin(self, name: str, start: int) -> None:
        attributes: dict[str, str] = {}
        while found := _ATTRIBUTE.match(self.source, self.at):
            value = (found.group(2) or "").strip("\"'")
            attributes[found.group(1).lower()] = _REFERENCE.sub(
                lambda ref: _character(ref.group(1)) or ref.group(0), value
            )
            self.at = found.end()
        rest = self.source[self.at :].lstrip()
        if not rest.startswith(">"):
            raise self._broken(f'Unclosed start tag "{name}" at byte offset {self._byte(start)}')
        self.at = len(self.source) - len(rest) + 1
        plain = _ALIASES.get(name, name)
        opened = _Open(name, _KINDS[plain], self.units)
        opened.entity = self._details(plain, attributes, start)
        opened.kind = opened.entity.pop("type", opened.kind)
        self.open.append(opened)

    def _details(self, name: str, attributes: dict[str, str], start: int) -> Entity:
        if name == "a":
            return {"url": attributes.get("href", "")}
        if name == "blockquote":
            return {"type": "expandable_blockquote"} if "expandable" in attributes else {}
        if name == "tg-emoji":
            return {"custom_emoji_id": attributes.get("emoji-id", "")}
        if name == "code" and attributes.get("class", "").startswith("language-"):
            return {"language": attributes["class"].removeprefix("language-")}
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise self._broken(
                f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(start)}'
            )
        if name == "tg-time":
            return self._moment(attributes, start)
        return {}

    def _moment(self, attributes: dict[str, str], start: int) -> Entity:
        unix, pattern = attributes.get("unix", ""), attributes.get("format", "")
        if not re.fullmatch(r"-?[0-9]{1,12}", unix):
            raise self._broken(
                f'Tag "tg-time" must have a valid "unix" at byte offset {self._byte(start)}'
            )
        if not _TIME_FORMAT.fullmatch(pattern):
            raise self._broken(
                f'Tag "tg-time" has an invalid "format" at byte offset {self._byte(start)}'
            )
        return {"unix_time": int(unix), **({"date_time_format": pattern} if pattern else {})}

    def _close(self, name: str, start: int) -> None:
        rest = self.source[self.at :].lstrip()
        if not rest.startswith(">"):
            raise self._broken(f"Unclosed end tag at byte offset {self._byte(start)}")
        self.at = len(self.source) - len(rest) + 1
        if not self.open:
            raise self._broken(f"Unexpected end tag at byte offset {self._byte(start)}")
        opened = self.open.pop()
        if opened.name != name:
            raise self._broken(
                f"Unmatched end tag at byte offset {self._byte(start)}, "
                f'expected "</{opened.name}>", found "</{name}>"'
            )
        self._finish(opened)

    def _finish(self, opened: _Open) -> None:
        length = self.units - opened.offset
        if not length:
            return
        made: Entity = {
            "type": opened.kind,
            "offset": opened.offset,
            "length": length,
            **opened.entity,
        }
        if opened.kind == "text_link" and not _is_link(made["url"]):
            return
        if opened.kind == "code" and "language" in made:
            language = made.pop("language")
            if self.open and self.open[-1].kind == "pre":
                self.open[-1].entity["language"] = language
                return
        inside = {"code"} if opened.kind == "pre" else set()
        self.entities = [
            one
            for one in self.entities
            if not (one["type"] in inside and one["offset"] >= opened.offset)
        ]
        self.entities.append(made)

    def _byte(self, at: int) -> int:
        return len(self.source[:at].encode())

    @staticmethod
    def _broken(why: str) -> ApiError:
        return bad_request(f"can't parse entities: {why}")


def _character(reference: str) -> str:
    if not reference.startswith("#"):
        return _NAMED[reference]
    number = int(reference[2:], 16) if reference[1] in "xX" else int(reference[1:])  # noqa: FURB166  # "&#x" has no "0x"
    usable = 0 < number <= sys.maxunicode and number not in _SURROGATES
    return chr(number) if usable else ""


def _is_link(url: str) -> bool:
    return bool(re.match(r"(?i)(https?|tg|ton|mailto|tel):", url)) or bool(
        re.match(r"[\w-]+\.[\w.-]+", url)
    )


def trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Drop white space around *text*, as the server does, and move the entities along."""
    front = utf16_units(text[: len(text) - len(text.lstrip())])
    text = text.strip()
    end = utf16_units(text)
    moved = []
    for one in entities:
        start = max(one["offset"] - front, 0)
        stop = min(one["offset"] + one["length"] - front, end)
        if stop > start:
            moved.append({**one, "offset": start, "length": stop - start})
    return text, moved


def checked(entities: list[Entity], text: str) -> list[Entity]:
    """Refuse given entities that a strict reader would stumble over, else give them back in order.

    More than 100 are refused here, so that a test can see it; the real server drops the surplus
    silently.
    """
    if len(entities) > MAX_ENTITIES:
        raise bad_request(f"too many entities: {len(entities)}")
    end = utf16_units(text)
    for one in entities:
        if not {"type", "offset", "length"} <= one.keys():
            raise bad_request("can't parse MessageEntity")
        if one["offset"] < 0 or one["length"] < 1 or one["offset"] + one["length"] > end:
            raise bad_request(
                f"entity beginning at UTF-16 offset {one['offset']} ends after the end of the text"
            )
    return sorted(entities, key=lambda one: (one["offset"], -one["length"]))


def found_in(text: str, given: list[Entity]) -> list[Entity]:
    """Add to *given* what Telegram finds by itself: links, mentions, hashtags, commands."""
    opaque = [one for one in given if one["type"] in _OPAQUE]
    found = list(given)
    for match in _FOUND.finditer(text):
        kind = match.lastgroup or ""
        words = match.group(0).rstrip(".,;:!?)'") if kind == "url" else match.group(0)
        offset, length = utf16_units(text[: match.start()]), utf16_units(words)
        if not any(
            one["offset"] < offset + length and offset < one["offset"] + one["length"]
            for one in opaque
        ):
            found.append({"type": kind, "offset": offset, "length": length})
    return sorted(found, key=lambda one: (one["offset"], -one["length"]))


def to_html(text: str, entities: list[Entity]) -> str:
    """Draw *text* as HTML a page may show as it is: all escaped, known tags, safe links.

    Tags made: ``b i u s code pre a blockquote[class=expandable] span.spoiler
    time.tg-time[data-unix data-format]`` and ``span`` with class mention, hashtag, bot_command or
    cashtag. Line breaks stay line breaks.
    """
    units = text.encode("utf-16-le", "surrogatepass")
    cuts = {0, len(units) // 2}
    for one in entities:
        cuts |= {one["offset"], one["offset"] + one["length"]}
    marks = sorted(entities, key=lambda one: (one["offset"], -one["length"]))
    drawn: list[str] = []
    places = sorted(cuts)
    open_now: list[tuple[Entity, str]] = []
    for start, stop in zip(places, [*places[1:], places[-1]], strict=True):
        open_now = _close_ended(drawn, open_now, start, units)
        for one in (one for one in marks if one["offset"] == start):
            opening, closing = _tags(one, units)
            drawn.append(opening)
            open_now.append((one, closing))
        drawn.append(html.escape(units[start * 2 : stop * 2].decode("utf-16-le", "replace")))
    return "".join(drawn)


def _close_ended(
    drawn: list[str], open_now: list[tuple[Entity, str]], at: int, units: bytes
) -> list[tuple[Entity, str]]:
    ended = [pair for pair in open_now if pair[0]["offset"] + pair[0]["length"] <= at]
    if not ended:
        return open_now
    # Close down to the outermost that ends here, then open again what goes on.
    first = min(open_now.index(pair) for pair in ended)
    drawn.extend(closing for _, closing in reversed(open_now[first:]))
    staying = [pair for pair in open_now[first:] if pair not in ended]
    drawn.extend(_tags(one, units)[0] for one, _ in staying)
    return open_now[:first] + staying


def _tags(one: Entity, units: bytes) -> tuple[str, str]:
    kind = one["type"]
    simple = {
        "bold": "b",
        "italic": "i",
        "underline": "u",
        "strikethrough": "s",
        "code": "code",
        "pre": "pre",
    }
    if kind in simple:
        return f"<{simple[kind]}>", f"</{simple[kind]}>"
    if kind in {"blockquote", "expandable_blockquote"}:
        return (
            "<blockquote>" if kind == "blockquote" else '<blockquote class="expandable">',
            "</blockquote>",
        )
    if kind in {"text_link", "url", "email"}:
        return _link(one, units)
    if kind == "date_time":
        moment = datetime.fromtimestamp(one["unix_time"], UTC).isoformat()
        pattern = html.escape(one.get("date_time_format", ""))
        return (
            (
                f'<time class="tg-time" datetime="{moment}" data-unix="{one["unix_time"]}"'
                f' data-format="{pattern}">'
            ),
            "</time>",
        )
    return f'<span class="{html.escape(kind)}">', "</span>"


def _link(one: Entity, units: bytes) -> tuple[str, str]:
    words = units[one["offset"] * 2 : (one["offset"] + one["length"]) * 2].decode(
        "utf-16-le", "replace"
    )
    url = one.get("url") or (f"mailto:{words}" if one["type"] == "email" else words)
    if not re.match(r"(?i)(https?|mailto|tel|tg):", url):
        url = f"https://{url}"
    return f'<a href="{html.escape(url)}" target="_blank" rel="noopener noreferrer">', "</a>"
