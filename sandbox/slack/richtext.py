"""Slack's rich text: what is wrong with it, and how people see it."""

from collections.abc import Iterator
from datetime import UTC, tzinfo
from html import escape
from typing import Any

from sandbox.slack.markup import Named, date_text
from sandbox.slack.state import Json

_STYLES = {"bold": "b", "italic": "i", "strike": "s", "code": "code", "underline": "u"}
_STYLE_NAMES = frozenset({*_STYLES, "highlight", "client_highlight", "unlink"})
_RANGES = frozenset({"here", "channel", "everyone"})
# The fields that each kind must have, and those that it may have.
_PARTS: dict[str, tuple[set[str], set[str]]] = {
    "text": ({"text"}, {"style"}),
    "link": ({"url"}, {"text", "style", "unsafe"}),
    "emoji": ({"name"}, {"unicode", "skin_tone", "style"}),
    "user": ({"user_id"}, {"style"}),
    "usergroup": ({"usergroup_id"}, {"style"}),
    "channel": ({"channel_id"}, {"style"}),
    "broadcast": ({"range"}, {"style"}),
    "date": ({"timestamp", "format"}, {"url", "fallback", "style"}),
    "color": ({"value"}, {"style"}),
}
_CONTAINERS: dict[str, set[str]] = {
    "rich_text_section": set(),
    "rich_text_list": {"style", "indent", "offset", "border"},
    "rich_text_quote": {"border"},
    "rich_text_preformatted": {"border", "language"},
}


def problems(block: Json, at: str) -> Iterator[str]:
    """Tell what is wrong with a rich_text block."""
    elements = block.get("elements")
    if not isinstance(elements, list) or not elements:
        yield f"no fewer than 1 items allowed [json-pointer:{at}/elements]"
        return
    for number, one in enumerate(elements):
        yield from _container_problems(one, f"{at}/elements/{number}")


def as_html(block: Json, named: Named, zone: tzinfo | None = None) -> str:
    """Give a rich_text block as safe HTML; line breaks stay as they are."""
    parts: list[str] = []
    for one in block.get("elements") or []:
        inside = _inside(one, named, zone)
        match one.get("type"):
            case "rich_text_quote":
                parts.append(f"<blockquote>{inside}</blockquote>")
            case "rich_text_preformatted":
                parts.append(f"<pre>{inside}</pre>")
            case _:
                parts.append(inside)
    return "\n".join(parts)


def pings(thing: Any) -> list[str]:  # noqa: ANN401  # JSON of any shape
    """Give whom rich text calls: ``!channel`` and the like, and ids of people."""
    if isinstance(thing, list):
        return [found for one in thing for found in pings(one)]
    if not isinstance(thing, dict):
        return []
    match thing.get("type"):
        case "broadcast":
            return [f"!{thing.get('range')}"]
        case "user":
            return [str(thing.get("user_id"))]
        case "usergroup":
            return [f"!subteam^{thing.get('usergroup_id')}"]
    return [found for one in thing.values() for found in pings(one)]


def _container_problems(thing: object, at: str) -> Iterator[str]:
    kind = thing.get("type") if isinstance(thing, dict) else None
    if not isinstance(thing, dict) or kind not in _CONTAINERS:
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    yield from _field_problems(thing, at, {"elements"}, _CONTAINERS[str(kind)])
    elements = thing.get("elements")
    if not isinstance(elements, list):
        yield f"must provide an array [json-pointer:{at}/elements]"
        return
    for number, one in enumerate(elements):
        where = f"{at}/elements/{number}"
        if kind == "rich_text_list":
            yield from _container_problems(one, where)
        else:
            yield from _part_problems(one, where)


def _part_problems(thing: object, at: str) -> Iterator[str]:
    kind = thing.get("type") if isinstance(thing, dict) else None
    if not isinstance(thing, dict) or kind not in _PARTS:
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    yield from _field_problems(thing, at, *_PARTS[str(kind)])
    for name in ("text", "url", "name", "user_id"):
        if name in thing and (not isinstance(thing[name], str) or not thing[name]):
            yield f"must be more than 0 characters [json-pointer:{at}/{name}]"
    style = thing.get("style", {})
    if not isinstance(style, dict) or not style.keys() <= _STYLE_NAMES:
        yield f"invalid additional property [json-pointer:{at}/style]"
    if kind == "broadcast" and thing.get("range") not in _RANGES:
        yield f"must be a valid enum value [json-pointer:{at}/range]"
    if kind == "date" and not isinstance(thing.get("timestamp"), int):
        yield f"must be an integer [json-pointer:{at}/timestamp]"


def _field_problems(thing: Json, at: str, always: set[str], perhaps: set[str]) -> Iterator[str]:
    for name in sorted(always - thing.keys()):
        yield f"missing required field: {name} [json-pointer:{at}]"
    for name in sorted(thing.keys() - always - perhaps - {"type"}):
        yield f"invalid additional property: {name} [json-pointer:{at}]"


def _inside(thing: Json, named: Named, zone: tzinfo | None) -> str:
    if thing.get("type") == "rich_text_list":
        marks = thing.get("style") == "ordered"
        return "\n".join(
            (f"{number}. " if marks else "• ") + _inside(one, named, zone)
            for number, one in enumerate(thing.get("elements") or [], 1)
        )
    return "".join(_part(one, named, zone) for one in thing.get("elements") or [])


def _part(thing: Json, named: Named, zone: tzinfo | None) -> str:
    match thing.get("type"):
        case "link":
            words = escape(str(thing.get("text") or thing["url"]))
            address = escape(str(thing["url"]))
            shown = f'<a href="{address}" target="_blank" rel="noopener">{words}</a>'
        case "user":
            shown = f'<span class="mention">@{escape(named(str(thing["user_id"])))}</span>'
        case "channel":
            shown = f'<span class="mention">#{escape(named(str(thing["channel_id"])))}</span>'
        case "usergroup":
            handle = escape(named(str(thing["usergroup_id"])))
            shown = f'<span class="mention">@{handle}</span>'
        case "broadcast":
            shown = f'<span class="mention">@{escape(str(thing["range"]))}</span>'
        case "emoji":
            shown = _emoji(thing)
        case "date":
            shown = _date(thing, zone)
        case _:
            shown = escape(str(thing.get("text", "")))
    for name, tag in _STYLES.items():
        if (thing.get("style") or {}).get(name):
            shown = f"<{tag}>{shown}</{tag}>"
    return shown


def _emoji(thing: Json) -> str:
    code = str(thing.get("unicode") or "")
    if code:
        return "".join(chr(int(one, 16)) for one in code.split("-"))
    return escape(f":{thing.get('name')}:")


def _date(thing: Json, zone: tzinfo | None) -> str:
    unix, pattern = int(thing["timestamp"]), str(thing["format"])
    words = str(thing.get("fallback") or date_text(unix, pattern, UTC))
    if zone is not None:
        words = date_text(unix, pattern, zone)
    return (
        f'<time class="slack-date" data-unix="{unix}" data-format="{escape(pattern)}">'
        f"{escape(words)}</time>"
    )
