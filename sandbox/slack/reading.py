"""What people read and can press in blocks."""

import html
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from sandbox.slack import markup, richtext
from sandbox.slack.state import Json

_NO_BLOCK: Json = {}


@dataclass(frozen=True, slots=True)
class Control:
    """Something to press, choose or fill in."""

    kind: str
    text: str
    action_id: str
    block_id: str
    value: str = ""
    style: str = ""
    url: str = ""
    options: tuple[str, ...] = ()
    element: Json = field(default_factory=dict, repr=False)
    block: Json = field(default_factory=dict, repr=False)

    @property
    def is_input(self) -> bool:
        """Whether it is sent with the whole form, not by itself."""
        return self.block.get("type") == "input"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in blocks."""

    url: str
    file: str
    alt_text: str


def words_of(text: object, named: markup.Named, zone: tzinfo | None = None) -> str:
    """Give the words of a text object as they are read."""
    if not isinstance(text, dict):
        return ""
    if text.get("type") == "mrkdwn":
        return markup.plain(str(text.get("text", "")), named, zone)
    return html.unescape(str(text.get("text", "")))


def text_of(blocks: list[Json], named: markup.Named, zone: tzinfo | None = None) -> str:
    """Give all words of blocks, one block a line, without those on controls."""
    return "\n".join(line for block in blocks for line in _lines(block, named, zone) if line)


def _lines(block: Json, named: markup.Named, zone: tzinfo | None) -> Iterator[str]:
    match block.get("type"):
        case "section":
            yield words_of(block.get("text"), named, zone)
            for one in block.get("fields") or []:
                yield words_of(one, named, zone)
        case "context":
            yield " ".join(
                words_of(one, named, zone) for one in block["elements"] if one["type"] != "image"
            )
        case "header" | "alert":
            yield words_of(block.get("text"), named, zone)
        case "image":
            yield words_of(block.get("title"), named, zone)
        case "input":
            yield words_of(block.get("label"), named, zone)
            yield words_of(block.get("hint"), named, zone)
        case "markdown":
            yield str(block["text"])
        case "card":
            for name in ("title", "subtitle", "body", "subtext"):
                yield words_of(block.get(name), named, zone)
        case "carousel":
            for card in block["elements"]:
                yield from _lines({"type": "card", **card}, named, zone)
        case "rich_text":
            yield markup.without_tags(richtext.as_html(block, named, zone))


def controls_of(blocks: list[Json], named: markup.Named) -> list[Control]:
    """Give everything that can be pressed, chosen or filled in, in order."""
    return [
        _control(element, block, named)
        for block in blocks
        for element in _elements(block)
        if element.get("type") != "image"
    ]


def pictures_of(blocks: list[Json]) -> list[Picture]:
    """Give all pictures."""
    found: list[Json] = []
    for block in blocks:
        if block.get("type") == "image":
            found.append(block)
        inside = [*(block.get("elements") or []), block.get("accessory"), block.get("hero_image")]
        for one in list(inside):
            if isinstance(one, dict) and one.get("type") == "card":
                inside += [one.get("hero_image"), one.get("icon")]
        found += [one for one in inside if isinstance(one, dict) and one.get("type") == "image"]
    return [_picture(one) for one in found]


def pings_in(blocks: list[Json]) -> list[str]:
    """Give whom blocks call."""
    rich = [block for block in blocks if block.get("type") == "rich_text"]
    return [*markup.pings(mrkdwn_of(blocks)), *richtext.pings(rich)]


def mrkdwn_of(blocks: list[Json]) -> str:
    """Give all text that is read as markup, to look for pings in."""
    found: list[str] = []

    def walk(thing: Any) -> None:  # noqa: ANN401  # JSON of any shape
        if isinstance(thing, dict):
            if thing.get("type") == "mrkdwn":
                found.append(str(thing.get("text", "")))
            for one in thing.values():
                walk(one)
        elif isinstance(thing, list):
            for one in thing:
                walk(one)

    walk(blocks)
    return "\n".join(found)


def find_control(controls: list[Control], words: str) -> Control | None:
    """Give the control with exactly those words or that id, else the only one with the words."""
    for one in controls:
        if words in {one.text, one.action_id}:
            return one
    close = [one for one in controls if words in one.text]
    return close[0] if len(close) == 1 else None


def _elements(block: Json) -> list[Json]:
    match block.get("type"):
        case "actions":
            return list(block["elements"])
        case "section":
            return [block["accessory"]] if "accessory" in block else []
        case "input":
            return [block["element"]]
        case "card":
            return list(block.get("actions") or [])
        case "carousel":
            return [one for card in block["elements"] for one in card.get("actions") or []]
    return []


def _control(element: Json, block: Json, named: markup.Named) -> Control:
    if block.get("type") == "input":
        text = words_of(block.get("label"), named)
    else:
        text = words_of(element.get("text") or element.get("placeholder"), named)
    options = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        options += group.get("options") or []
    return Control(
        kind=str(element["type"]),
        text=text,
        action_id=str(element.get("action_id", "")),
        block_id=str(block.get("block_id", "")),
        value=str(element.get("value", "")),
        style=str(element.get("style", "")),
        url=str(element.get("url", "")),
        options=tuple(words_of(one.get("text"), named) for one in options),
        element=element,
        block=block,
    )


def _picture(one: Json) -> Picture:
    file = one.get("slack_file") or _NO_BLOCK
    return Picture(
        str(one.get("image_url", "")),
        str(file.get("id") or file.get("url") or ""),
        str(one["alt_text"]),
    )
