"""One pass over a phrase: characters to tokens, words to what they may mean."""

import re
import unicodedata
from collections.abc import Iterable

Senses = dict[str, object]
"""What a word may mean: kind of meaning → value. The grammar picks by context."""

NO_SENSES: Senses = {}
MAX_DIGITS = 9

_TOKEN = re.compile(
    r"(?P<ymd>\d{4}([-/.])\d{1,2}\2\d{1,2}(?!\d))"
    r"|(?P<dmy>\d{1,2}([-/.])\d{1,2}\4(?:\d{4}|\d{2})(?!\d))"
    r"|(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?![\d:]))"
    r"|(?P<pair>\d{1,2}[-/.]\d{1,2}(?!\d))"
    r"|(?P<number>\d+)"
    r"|(?P<iana>(?:africa|america|antarctica|arctic|asia|atlantic|australia|etc|europe|indian"
    r"|pacific|us)/[a-z_]+(?:[-/+][a-z_\d]+)*)"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<sign>\S)"
)
_SPECIAL = {
    "ı": "i",
    "½": "½",
    "¼": "¼",
    "¾": "¾",
    "№": "№",
    **dict.fromkeys("’‘ʼ`´′", "'"),
    **dict.fromkeys("‐‑‒−", "-"),
    **dict.fromkeys("–—", "–"),
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufe0e\ufe0f\u00ad\ufeff", ""),
}


class Token:
    """A stretch of the phrase: its kind, its folded text and the senses of a word."""

    __slots__ = ("end", "glued", "kind", "senses", "start", "text", "value")

    def __init__(self, kind: str, text: str, start: int, end: int, glued: bool) -> None:
        self.kind = kind
        self.text = text
        self.start = start
        self.end = end
        self.glued = glued
        self.senses = NO_SENSES
        self.value = int(text) if kind == "number" and len(text) <= MAX_DIGITS else -1

    def __repr__(self) -> str:
        return f"{self.kind}:{self.text}"


class Node:
    """A place in the tree of words: what ends here, and how it may go on."""

    __slots__ = ("children", "senses")

    def __init__(self) -> None:
        self.senses: Senses | None = None
        self.children: dict[str, Node] | None = None


_folded_chars: dict[str, str] = dict(_SPECIAL)


def fold(text: str) -> tuple[str, list[int] | None]:
    """The text as it is matched (case, width and accents folded), and where each sign came from.

    The second value is None where the indices did not change.
    """
    if text.isascii():
        return text.lower(), None
    chars: list[str] = []
    origins: list[int] = []
    for index, char in enumerate(text):
        folded = _folded_chars.get(char)
        if folded is None:
            folded = _fold_char(char)
        chars.append(folded)
        if len(folded) == 1:
            origins.append(index)
        else:
            origins.extend([index] * len(folded))
    origins.append(len(text))
    return "".join(chars), origins


def _fold_char(char: str) -> str:
    if unicodedata.combining(char):
        return ""
    plain = unicodedata.normalize("NFKD", char).casefold()
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    plain = unicodedata.normalize("NFKD", plain)
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    if len(_folded_chars) < 4000:  # noqa: PLR2004 - a cache that cannot grow without end
        _folded_chars[char] = plain
    return plain


def raw_tokens(folded: str) -> list[Token]:
    """The tokens of a folded text, without senses."""
    tokens: list[Token] = []
    last_end = -1
    for match in _TOKEN.finditer(folded):
        start, end = match.span()
        kind = match.lastgroup or "sign"
        tokens.append(Token(kind, match[0], start, end, start == last_end))
        last_end = end
    return tokens


def with_senses(tokens: list[Token], tree: dict[str, Node]) -> list[Token]:
    """Give words their senses; words that belong together become one token."""
    found: list[Token] = []
    index, count = 0, len(tokens)
    while index < count:
        token = tokens[index]
        node = tree.get(token.text) if token.kind in ("word", "sign", "number") else None
        if node is None:
            found.append(token)
            index += 1
            continue
        best, stop, ahead = node.senses, index + 1, index + 1
        while node.children is not None and ahead < count:
            if token.kind == "number" and ahead == index + 1 and not tokens[ahead].glued:
                break  # "2 days" is not "2day"
            node = node.children.get(tokens[ahead].text)
            if node is None:
                break
            ahead += 1
            if node.senses is not None:
                best, stop = node.senses, ahead
        if best is None:
            found.append(token)
            index += 1
            continue
        if stop > index + 1:
            last = tokens[stop - 1]
            text = " ".join(each.text for each in tokens[index:stop])
            token = Token("word", text, token.start, last.end, token.glued)
        token.senses = best
        found.append(token)
        index = stop
    return found


def plant(tree: dict[str, Node], words: str, kind: str, value: object) -> None:
    """Enter one expression of a table into the tree; an earlier sense of that kind stays."""
    if words.isascii() and words.isalpha():
        _plant(tree, (words.lower(),), kind, value)
        return
    folded, _ = fold(words)
    parts = [token.text for token in raw_tokens(folded)]
    _plant(tree, parts, kind, value)
    if "-" in parts and len(parts) > 1:
        _plant(tree, [part for part in parts if part != "-"], kind, value)


def _plant(tree: dict[str, Node], parts: Iterable[str], kind: str, value: object) -> None:
    children: dict[str, Node] = tree
    node: Node | None = None
    for part in parts:
        if node is not None:
            if node.children is None:
                node.children = {}
            children = node.children
        node = children.get(part)
        if node is None:
            node = children[part] = Node()
    if node is not None:
        if node.senses is None:
            node.senses = {}
        node.senses.setdefault(kind, value)
