"""One pass over a phrase: characters to tokens, words to what they may mean."""

from __future__ import annotations

from functools import lru_cache

from scheduling.when.records import TYPE_CHECKING

if TYPE_CHECKING:
    import re


class Senses(dict[str, object]):
    """What a word may mean: kind of meaning → value. The grammar picks by context.

    *readers* is where the grammar keeps which of its rules may begin with the word.
    """

    __slots__ = ("readers",)
    readers: object

    def __init__(self) -> None:
        self.readers = None


NO_SENSES = Senses()
MAX_DIGITS = 9
MAX_REMEMBERED = 4000
"""A cache of words or signs that anybody may send does not grow beyond this."""
_SHORT = 4
_WITH_SENSES = frozenset({"word", "sign", "number"})

_TOKENS = (
    r"(?=\d)(?:"
    r"(?P<ymd>\d{4}([-/.])\d{1,2}\2\d{1,2}(?!\d))"
    r"|(?P<dmy>\d{1,2}([-/.])\d{1,2}\4(?:\d{4}|\d{2})(?!\d))"
    r"|(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?![\d:]))"
    r"|(?P<pair>\d{1,2}[-/.]\d{1,2}(?!\d))"
    r"|(?P<number>\d+))"
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


class Lexicon:
    """The words of one language: a tree by first words, and every word that is in it."""

    __slots__ = ("tree", "words")

    def __init__(self) -> None:
        self.tree: dict[str, Node] = {}
        self.words: set[str] = set()

    def plant(self, expression: str, kind: str, value: object) -> None:
        """Enter one expression; an earlier sense of that kind stays."""
        lowered = expression.lower()
        parts = lowered.split(" ")
        if expression.isascii() and all(map(str.isalpha, parts)):
            self._plant(parts, kind, value)
            return
        parts = [token.text for token in raw_tokens(fold(expression)[0])]
        self._plant(parts, kind, value)
        if "-" in parts and len(parts) > 1:
            self._plant([part for part in parts if part != "-"], kind, value)

    def _plant(self, parts: list[str], kind: str, value: object) -> None:
        self.words.update(parts)
        children = self.tree
        node = None
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
                node.senses = Senses()
            node.senses.setdefault(kind, value)


class Tables(dict[str, "Node | None"]):
    """Several languages as one: where the expressions that begin with a word stand.

    None stands for a word that begins none. The first language wins where they quarrel. Words
    join when they are first looked up; numbers, signs and short words that begin nothing are
    remembered as well.
    """

    __slots__ = ("lexicons",)

    def __init__(self, lexicons: tuple[Lexicon, ...]) -> None:
        self.lexicons = lexicons

    def __missing__(self, word: str) -> Node | None:
        found = [lexicon.tree[word] for lexicon in self.lexicons if word in lexicon.tree]
        if not found:
            if len(word) <= _SHORT and len(self) < MAX_REMEMBERED:
                self[word] = None
            return None
        node = self[word] = found[0] if len(found) == 1 else _joined(found)
        return node


def _joined(nodes: list[Node]) -> Node:
    """One node that holds what all of them hold."""
    if len(nodes) == 1:
        return nodes[0]
    joined = Node()
    below: dict[str, list[Node]] = {}
    for node in nodes:
        if node.senses is not None:
            if joined.senses is None:
                joined.senses = Senses()
            for kind, value in node.senses.items():
                joined.senses.setdefault(kind, value)
        for part, child in (node.children or {}).items():
            below.setdefault(part, []).append(child)
    if below:
        joined.children = {part: _joined(children) for part, children in below.items()}
    return joined


@lru_cache(maxsize=64)
def compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern, compiled when it is first needed: importing the reader stays cheap."""
    import re  # noqa: PLC0415 - as said

    return re.compile(pattern, flags)


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
    import unicodedata  # noqa: PLC0415 - plain text needs it not

    if unicodedata.combining(char):
        return ""
    plain = unicodedata.normalize("NFKD", char).casefold()
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    plain = unicodedata.normalize("NFKD", plain)
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    if len(_folded_chars) < MAX_REMEMBERED:
        _folded_chars[char] = plain
    return plain


def raw_tokens(folded: str) -> list[Token]:
    """The tokens of a folded text, without senses."""
    tokens: list[Token] = []
    last_end = -1
    for match in compiled(_TOKENS).finditer(folded):
        start, end = match.span()
        kind = match.lastgroup or "sign"
        tokens.append(Token(kind, match[0], start, end, start == last_end))
        last_end = end
    return tokens


def with_senses(tokens: list[Token], tables: Tables) -> list[Token]:
    """Give words their senses; words that belong together become one token."""
    found: list[Token] = []
    index, count = 0, len(tokens)
    while index < count:
        token = tokens[index]
        index += 1
        node = tables[token.text] if token.kind in _WITH_SENSES else None
        if node is not None:
            senses, stop = node.senses, index
            if node.children is not None and index < count:
                senses, stop = _longest(tokens, index, node)
            if stop > index:
                text = " ".join(each.text for each in tokens[index - 1 : stop])
                token = Token("word", text, token.start, tokens[stop - 1].end, token.glued)
                index = stop
            if senses is not None:
                token.senses = senses
        found.append(token)
    return found


def _longest(tokens: list[Token], index: int, node: Node) -> tuple[Senses | None, int]:
    """The longest expression that goes on at *index* from a node: (its senses, index after it)."""
    best, stop = node.senses, index
    if tokens[index - 1].kind == "number" and not tokens[index].glued:
        return best, stop  # "2 days" is not "2day"
    while node.children is not None and index < len(tokens):
        following = node.children.get(tokens[index].text)
        if following is None:
            break
        node = following
        index += 1
        if node.senses is not None:
            best, stop = node.senses, index
    return best, stop
