"""Slack's own markup (mrkdwn) as people read it: plain text, or HTML that is safe to show."""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

_TOKEN = re.compile(r"<([^<>\n]+)>")
_DATE = re.compile(r"!date\^(-?\d{1,12})\^([^^|]*)(?:\^([^|]*))?\|(.*)", re.DOTALL)
_SPOKEN_TO_ALL = frozenset({"!channel", "!here", "!everyone"})
_CODE = re.compile(r"```(.+?)```|`([^`\n]+)`", re.DOTALL)
_STYLES = (("*", "b"), ("_", "i"), ("~", "s"))
_TAG = re.compile(r"<[^<>]*>")
_URL = re.compile(r"https?://[^\s<>|]+")
_DATE_PARTS = re.compile(r"\{(\w+)\}")

Named = Callable[[str], str]
"""Gives the name shown for an id of a person or channel."""


def escaped(text: str) -> str:
    """Give *text* as Slack's clients send it: the three signs written out."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def typed(text: str, mentions: dict[str, str]) -> str:
    """Turn what a person types into what an app receives.

    ``@name`` and ``#name`` become a mention when *mentions* knows the name (with its sign), in
    capitals or not, as clients offer it either way; an address becomes a link.
    """
    parts: list[str] = []
    at = 0
    for found in _URL.finditer(text):
        parts += [_with_mentions(escaped(text[at : found.start()]), mentions)]
        parts += [f"<{escaped(found.group())}>"]
        at = found.end()
    parts.append(_with_mentions(escaped(text[at:]), mentions))
    return "".join(parts)


def _with_mentions(text: str, mentions: dict[str, str]) -> str:
    for name, number in mentions.items():
        text = re.sub(
            rf"(?<![\w@#]){re.escape(name)}\b", token_of(number), text, flags=re.IGNORECASE
        )
    return text


def token_of(number: str) -> str:
    """Give what stands in a text for a person, a channel, a group, or everybody here."""
    match number[0]:
        case "C":
            return f"<#{number}|>"
        case "S":
            return f"<!subteam^{number}>"
        case "!":
            return f"<{number}>"
    return f"<@{number}>"


def pings(text: str) -> list[str]:
    """Give whom *text* calls: ``!channel`` and the like, and ids of people."""
    tokens = [token.split("|")[0] for token in _TOKEN.findall(text)]
    return [
        token.removeprefix("@")
        for token in tokens
        if token in _SPOKEN_TO_ALL or token.startswith(("@", "!subteam^"))
    ]


def plain(text: str, named: Named, zone: tzinfo | None = None) -> str:
    """Give *text* as it is read, without signs of style; dates in *zone* when one is given."""
    return without_tags(as_html(text, named, zone=zone))


def without_tags(shown: str) -> str:
    """Give HTML that was made here as it is read."""
    return html.unescape(_TAG.sub("", shown))


def date_text(unix: int, pattern: str, zone: tzinfo) -> str:
    """Write a date as a client in *zone* does (English, 24 hours)."""
    moment = datetime.fromtimestamp(unix, UTC).astimezone(zone)
    return _DATE_PARTS.sub(lambda found: _date_part(found.group(1), moment), pattern)


def as_html(text: str, named: Named, *, zone: tzinfo | None = None) -> str:
    """Give *text* as safe HTML; line breaks stay as they are (``white-space: pre-wrap``)."""
    parts: list[str] = []
    at = 0
    for found in _CODE.finditer(text):
        parts.append(_lines(text[at : found.start()], named, zone))
        block, line = found.group(1), found.group(2)
        inside = html.escape(_bare(block or line, named, zone))
        parts.append(f"<pre>{inside}</pre>" if block else f"<code>{inside}</code>")
        at = found.end()
    parts.append(_lines(text[at:], named, zone))
    return "".join(parts)


def _bare(text: str, named: Named, zone: tzinfo | None) -> str:
    """Give text in which only tokens mean something."""
    return html.unescape(_TOKEN.sub(lambda found: _read(found.group(1), named, zone), text))


def _read(token: str, named: Named, zone: tzinfo | None) -> str:
    """Give what is read for one token (still with ``&amp;`` and the like)."""
    date = _DATE.fullmatch(token)
    if date is not None:
        unix, pattern, _link, fallback = date.groups()
        if zone is None:
            return fallback
        return escaped(date_text(int(unix), html.unescape(pattern), zone))
    what, _, label = token.partition("|")
    if what.startswith(("@", "#")):
        return what[0] + escaped(label or named(what[1:]))
    if what.startswith("!subteam^"):
        return escaped(label or "@" + named(what.removeprefix("!subteam^")))
    if what.startswith("!"):
        return label or "@" + what[1:].split("^")[0]
    return label or what.removeprefix("mailto:")


def _lines(text: str, named: Named, zone: tzinfo | None) -> str:
    """Give text outside code as HTML, quotes joined."""
    out: list[str] = []
    quoted: list[str] = []
    for line in text.split("\n"):
        if line.startswith(("&gt;", ">")):
            quoted.append(_styled(re.sub(r"^(&gt;|>) ?", "", line), named, zone))
            continue
        if quoted:
            out.append("<blockquote>" + "\n".join(quoted) + "</blockquote>")
            quoted = []
        out.append(_styled(line, named, zone))
    if quoted:
        out.append("<blockquote>" + "\n".join(quoted) + "</blockquote>")
    return "\n".join(out)


def _styled(line: str, named: Named, zone: tzinfo | None) -> str:
    """Give one line as HTML: tokens first, so that nothing inside them becomes a style."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(_token_html(found.group(1), named, zone))
        return f"\x00{len(kept) - 1}\x00"

    held = _TOKEN.sub(keep, line.replace("\x00", ""))
    shown = html.escape(html.unescape(held))
    for sign, tag in _STYLES:
        mark = re.escape(sign)
        shown = re.sub(
            rf"(?<![\w{mark}]){mark}(?=\S)([^{mark}\n]*?\S){mark}(?![\w{mark}])",
            rf"<{tag}>\1</{tag}>",
            shown,
        )
    return re.sub(r"\x00(\d+)\x00", lambda found: kept[int(found.group(1))], shown)


def _token_html(token: str, named: Named, zone: tzinfo | None) -> str:
    words = html.escape(html.unescape(_read(token, named, zone)))
    date = _DATE.fullmatch(token)
    if date is not None:
        pattern = html.escape(html.unescape(date.group(2)))
        return (
            f'<time class="slack-date" data-unix="{date.group(1)}" '
            f'data-format="{pattern}">{words}</time>'
        )
    what = token.partition("|")[0]
    if what.startswith(("@", "#", "!")):
        return f'<span class="mention">{words}</span>'
    if re.match(r"(https?|mailto):", what):
        address = html.escape(html.unescape(what))
        return f'<a href="{address}" target="_blank" rel="noopener">{words}</a>'
    return words


def _date_part(name: str, moment: datetime) -> str:
    match name:
        case "date_num":
            return f"{moment:%Y-%m-%d}"
        case "date_slash":
            return f"{moment:%d/%m/%Y}"
        case "date_short" | "date_short_pretty":
            return f"{moment:%b} {moment.day}, {moment.year}"
        case "date_long" | "date_long_pretty" | "date_long_full":
            return f"{moment:%A}, {moment:%B} {moment.day}, {moment.year}"
        case "date" | "date_pretty" | "day_divider_pretty":
            return f"{moment:%B} {moment.day}, {moment.year}"
        case "time":
            return f"{moment:%H:%M}"
        case "time_secs":
            return f"{moment:%H:%M:%S}"
        case "ago":
            return f"at {moment:%H:%M}"
    return "{" + name + "}"
