"""A chat-neutral `Card` or `Form` as Slack's blocks. Pure.

Words go out as rich text: it knows no markup, so what people wrote is shown as it is and calls
nobody. Only the moment in each reader's own time is Slack's date token. A card always fits: what
is too long is cut with an ellipsis. Source: docs.slack.dev, Block Kit reference (2026).
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from integrations.chat.outgoing import (
    MAX_PAYLOAD_BYTES,
    Button,
    Card,
    Field,
    Form,
    Line,
    Link,
    Text,
    TimeTag,
)

MAX_MESSAGE_BLOCKS = 50
MAX_VIEW_BLOCKS = 100
MAX_TEXT_CHARS = 3_000
FOLDED_CHARS = 300
"""What is shown of a long caption; the whole of it opens in a window."""

MAX_LABEL_CHARS = 75
MAX_TITLE_CHARS = 24
MAX_FIELD_LABEL_CHARS = 2_000
MAX_HINT_CHARS = 150
MAX_OPTIONS = 100
"""What stands in one list; more are set in groups of so many."""

MAX_OPTIONS_IN_ALL = 300
"""With so many, and words on each, a window has not yet the 250 kB that Slack takes at most."""

MAX_OPTION_CHARS = 75
MAX_OPTION_VALUE_CHARS = 150
MAX_BUTTONS_IN_A_ROW = 25
MAX_URL_CHARS = 3_000
MAX_FILES = 10
MAX_TIMES = 5

_MAX_SECTIONS = 60
_ELLIPSIS = "…"
_STYLES = {"primary": "primary", "success": "primary", "danger": "danger"}
_FILE_TYPES = ("jpg", "jpeg", "png", "webp", "heic", "mp4", "mov")
_BUTTONS_IN_A_LINE = 5
_LETTERS_IN_A_LINE = 56
_BEFORE_RELATIVE = re.compile(r"(?: ·|,) ?$")
"""What parts a moment from how far away it is."""

_BETWEEN = " · "
"""What parts a name from what is said of it."""

_GROUP_END_CHARS = 36

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message: its blocks, and the sentence that says the same where blocks are not shown."""

    text: str
    blocks: list[Json]


def draw(card: Card) -> Drawn:
    """Draw *card*.

    Raises:
        ValueError: a button Slack would refuse; a mistake of the card's author, never of what a
            person wrote.
    """
    blocks: list[Json] = []
    if lines := _lines(card.lines):
        blocks.append(_rich("rich_text_section", lines))
    blocks += _below(card, room=MAX_MESSAGE_BLOCKS - len(blocks))
    text = escaped(shorten(clean(card.fallback_text).strip(), MAX_TEXT_CHARS)) or _ELLIPSIS
    if card.mark and blocks:
        blocks[0]["block_id"] = card.mark
    return Drawn(text, blocks)


def draw_home(card: Card) -> Json:
    """Draw *card* as a person's Home; each of its sections has the room of a whole text."""
    blocks = [
        _rich("rich_text_section", lines)
        for section in _sections(card.lines)
        if (lines := _lines(section))
    ]
    blocks = blocks[:_MAX_SECTIONS]
    return {"type": "home", "blocks": [*blocks, *_below(card, MAX_VIEW_BLOCKS - len(blocks))]}


def _sections(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """Give the lines in groups, which an empty line parts."""
    section: list[Line] = []
    for line in lines:
        if any(run.text.strip() for run in line):
            section.append(line)
        elif section:
            yield section
            section = []
    if section:
        yield section


def _below(card: Card, room: int) -> list[Json]:
    """Give all of *card* that stands below its lines, in at most *room* blocks."""
    blocks: list[Json] = []
    if times := _own_times([*card.lines, *card.footer]):
        blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": times}]})
    room = FOLDED_CHARS if card.fold_quote else MAX_TEXT_CHARS
    if quote := shorten(clean(card.quote), room):
        blocks.append(_rich("rich_text_quote", [{"type": "text", "text": quote}]))
    if footer := _lines(card.footer):
        blocks.append(_rich("rich_text_section", footer))
    return blocks + _rows_in(card.buttons, room - len(blocks))


def draw_form(form: Form, *, channel: str) -> Json:
    """Draw *form*; *channel* comes back with it, so that it is known where it was opened.

    Raises:
        ValueError: a value to choose that Slack would refuse; a mistake of the form's author.
    """
    private = {"payload": form.payload, "language": form.language, "channel": channel}
    view: Json = {
        "type": "modal",
        "title": _plain(form.title, MAX_TITLE_CHARS),
        "private_metadata": json.dumps(private),
        "blocks": [_input(field) for field in form.fields if not _is_without_choice(field)],
    }
    if lines := _lines(form.lines):
        view["blocks"].insert(0, _rich("rich_text_section", lines))
    if not view["blocks"]:
        view["blocks"] = [_rich("rich_text_section", [{"type": "text", "text": _ELLIPSIS}])]
    if any(block["type"] == "input" for block in view["blocks"]):
        view["submit"] = _plain(form.submit, MAX_TITLE_CHARS)
    return view


def clean(text: str) -> str:
    """Give *text* without what no wire can carry: NUL and halves of characters."""
    return "".join(one for one in text if one != "\0" and not "\ud800" <= one <= "\udfff")


def escaped(text: str) -> str:
    """Give *text* so that Slack's markup shows it as it is."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shorten(text: str, room: int) -> str:
    """Give *text* in at most *room* characters, cut with an ellipsis."""
    return text if len(text) <= room else text[: room - 1].rstrip() + _ELLIPSIS


# ── words ────────────────────────────────────────────────────────────────────────────────────


def _rich(kind: str, elements: list[Json]) -> Json:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": elements}]}


def _lines(lines: Sequence[Line]) -> list[Json]:
    """Give the elements of *lines*, in at most as many characters as a text may have."""
    elements: list[Json] = []
    room = MAX_TEXT_CHARS
    for number, line in enumerate(lines):
        if number:
            elements.append({"type": "text", "text": "\n"})
        for element in _runs(line):
            element["text"] = shorten(element["text"], room)
            room -= len(element["text"])
            elements.append(element)
            if room <= 1:
                return elements
    return elements if any(one["text"].strip() for one in elements) else []


def _runs(line: Line) -> Iterator[Json]:
    kept: list[Text | TimeTag | Link] = []
    for run in line:
        if isinstance(run, TimeTag) and run.is_relative:
            # "in 18 h" would soon be wrong, and nothing here counts it down.
            if kept and isinstance(kept[-1], Text):
                last = kept.pop()
                kept.append(replace(last, text=_BEFORE_RELATIVE.sub("", last.text)))
            continue
        kept.append(run)
    for run in kept:
        text = clean(run.text)
        if not text:
            continue
        if isinstance(run, Link) and _is_address(run.url):
            yield {"type": "link", "url": run.url, "text": text}
        elif isinstance(run, Text | TimeTag) and run.style != "plain":
            yield {"type": "text", "text": text, "style": {run.style: True}}
        else:
            yield {"type": "text", "text": text}


def _own_times(lines: Sequence[Line]) -> str:
    """Give the moments of a card in each reader's own time, as Slack's date tokens."""
    tags = [run for line in lines for run in line if isinstance(run, TimeTag)]
    shown = [tag for tag in tags if not tag.is_relative][:MAX_TIMES]
    return "  ".join(
        f"<!date^{int(tag.at.timestamp())}^🕘 {{date_short_pretty}}, {{time}}|"
        f"{escaped(clean(tag.text)).replace('|', '/')}>"
        for tag in shown
    )


# ── buttons ──────────────────────────────────────────────────────────────────────────────────


def _rows_in(rows: Sequence[Sequence[Button]], room: int) -> list[Json]:
    """Give the rows of buttons in at most *room* blocks; many are set close together."""
    drawn = list(_rows(rows))
    if len(drawn) <= room:
        return drawn
    every = [element for block in drawn for element in block["elements"]]
    every = every[: room * MAX_BUTTONS_IN_A_ROW]
    starts = range(0, len(every), MAX_BUTTONS_IN_A_ROW)
    return [
        {"type": "actions", "elements": every[at : at + MAX_BUTTONS_IN_A_ROW]} for at in starts
    ]


def _rows(rows: Sequence[Sequence[Button]]) -> Iterator[Json]:
    """Give the rows of buttons; short ones share a line, which is wide here."""
    line: list[Json] = []
    for number, row in enumerate(rows):
        if len(row) > MAX_BUTTONS_IN_A_ROW:
            raise ValueError(f"{len(row)} buttons in a row; Slack takes {MAX_BUTTONS_IN_A_ROW}")
        elements = [_button(button, f"{number}.{index}") for index, button in enumerate(row)]
        if line and not _fit_in_a_line([*line, *elements]):
            yield {"type": "actions", "elements": line}
            line = []
        line += elements
    if line:
        yield {"type": "actions", "elements": line}


def _fit_in_a_line(elements: Sequence[Json]) -> bool:
    letters = sum(len(one["text"]["text"]) for one in elements)
    return len(elements) <= _BUTTONS_IN_A_LINE and letters <= _LETTERS_IN_A_LINE


def _button(button: Button, action_id: str) -> Json:
    label = shorten(clean(button.label).strip(), MAX_LABEL_CHARS)
    if not label:
        raise ValueError("a button needs a label")
    if bool(button.url) == bool(button.payload):
        raise ValueError(f"button {label!r} needs a payload or an address, and not both")
    drawn: Json = {
        "type": "button",
        "text": _plain(label, MAX_LABEL_CHARS),
        "action_id": action_id,
    }
    if button.url:
        drawn["url"] = button.url
    elif len(button.payload.encode()) > MAX_PAYLOAD_BYTES:
        raise ValueError("a payload is too long")
    else:
        drawn["value"] = button.payload
    if button.style:
        drawn["style"] = _STYLES[button.style]
    return drawn


def _is_address(url: str) -> bool:
    return url.startswith(("https://", "http://")) and len(url) <= MAX_URL_CHARS


# ── forms ────────────────────────────────────────────────────────────────────────────────────


def _input(field: Field) -> Json:
    drawn: Json = {
        "type": "input",
        "block_id": field.name,
        "label": _plain(field.label, MAX_FIELD_LABEL_CHARS),
        "element": {"action_id": field.name, **_element(field)},
        "optional": field.is_optional,
    }
    if field.hint:
        drawn["hint"] = _plain(field.hint, MAX_FIELD_LABEL_CHARS)
    return drawn


def _element(field: Field) -> Json:
    match field.kind:
        case "moment":
            return {
                "type": "datetimepicker",
                **({"initial_date_time": int(field.value)} if field.value else {}),
            }
        case "files":
            return {"type": "file_input", "filetypes": list(_FILE_TYPES), "max_files": MAX_FILES}
        case "choice":
            return _choices(field, "static_select", "initial_option")
        case "choices":
            return _choices(field, "multi_static_select", "initial_options")
        case _:
            most = min(field.max_chars or MAX_TEXT_CHARS, MAX_TEXT_CHARS)
            value = clean(field.value)[:most]
            return {
                "type": "plain_text_input",
                "multiline": field.kind == "long_text",
                "max_length": most,
                **({"initial_value": value} if value else {}),
            }


def _is_without_choice(field: Field) -> bool:
    """Tell a field with nothing to choose from: Slack would refuse the whole form for it."""
    return field.kind in {"choice", "choices"} and not field.options


def _choices(field: Field, kind: str, first: str) -> Json:
    options = {value: _option(value, label) for value, label in _fitting(field)}
    chosen = [options[one] for one in field.value.split(",") if one in options]
    every = list(options.values())
    drawn: Json = {"type": kind}
    if len(every) > MAX_OPTIONS:
        starts = range(0, len(every), MAX_OPTIONS)
        drawn["option_groups"] = [_group(every[at : at + MAX_OPTIONS]) for at in starts]
    else:
        drawn["options"] = every
    if chosen:
        drawn[first] = chosen if kind.startswith("multi") else chosen[0]
    return drawn


def _fitting(field: Field) -> list[tuple[str, str]]:
    """Give as many options as a window takes; what is chosen stays among them."""
    chosen = field.value.split(",")
    first = [one for one in field.options if one[0] in chosen][:MAX_OPTIONS_IN_ALL]
    room = MAX_OPTIONS_IN_ALL - len(first)
    kept = {value for value, _ in first}
    kept |= {value for value, _ in [one for one in field.options if one[0] not in kept][:room]}
    return [one for one in field.options if one[0] in kept]


def _option(value: str, label: str) -> Json:
    if not 0 < len(value) <= MAX_OPTION_VALUE_CHARS:
        raise ValueError(f"{value!r} cannot be chosen: it is empty or too long")
    return {"text": _plain(label, MAX_OPTION_CHARS), "value": value}


def _group(options: list[Json]) -> Json:
    """Give a part of a long list, named by where it begins and ends."""
    names = [options[at]["text"]["text"].partition(_BETWEEN)[0] for at in (0, -1)]
    ends = [shorten(name, _GROUP_END_CHARS) for name in names]
    return {"label": _plain(" – ".join(ends), MAX_OPTION_CHARS), "options": options}


def _plain(text: str, room: int) -> Json:
    return {"type": "plain_text", "text": shorten(clean(text), room) or _ELLIPSIS, "emoji": True}
