"""A short piece of a caption, so that people can tell their posts apart in a list. Pure."""

import re
import unicodedata
from collections.abc import Callable, Sequence

PIECE_CHARS = 30
"""How much of a caption a row shows where there is room."""

ROOM_IN_A_LIST = 2_800
"""Letters that a list may have: below what a message holds in any chat, with room for its end."""

_SHORTER = (PIECE_CHARS, 16, 0)
_ELLIPSIS = "…"
# What turns the direction of a row, or ends a paragraph within it, is left out.
_UNSEEN = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_COMMAND = re.compile(r"(?<![\w/<])/(?=\w)")
_JOINER = "\u200d"
_FLAG_LETTER = re.compile(r"[\U0001f1e6-\U0001f1ff]")


def piece_of(caption: str, chars: int = PIECE_CHARS) -> str:
    """Return the beginning of *caption* in one line of at most *chars* letters, cut at a word.

    It is shown, never obeyed: a chat makes no command of it. "" where there is nothing to show.
    """
    line = " ".join(_UNSEEN.sub("", "".join(map(_printed, caption))).split())
    if chars < 1 or not line:
        return ""
    if len(line) > chars:
        line = _cut(line, chars - len(_ELLIPSIS)) + _ELLIPSIS
    # The mark between (word joiner) is not seen, and keeps "/queue" from being a link.
    return _COMMAND.sub("/\u2060", line)


def with_piece(row: str, caption: str, chars: int = PIECE_CHARS) -> str:
    """Return *row* with the beginning of *caption* behind it, if there is one."""
    piece = piece_of(caption, chars)
    return f"{row} · {piece}" if piece else row


def fitting(rows: Callable[[int], Sequence[str]], *, room: int = ROOM_IN_A_LIST) -> list[str]:
    """Return `rows(chars)` with as much of each caption as fits all of them into *room*."""
    found: list[str] = []
    for chars in _SHORTER:
        found = list(rows(chars))
        if sum(map(_letters, found)) <= room:
            break
    return found


def _letters(row: str) -> int:
    """Count as Telegram does, in UTF-16 units, with the line's end."""
    return len(row) + sum(letter > "\uffff" for letter in row) + 1


def _printed(letter: str) -> str:
    return " " if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} else letter


def _cut(line: str, chars: int) -> str:
    """Return at most *chars* letters of *line*: whole words, or of one long word what fits."""
    words = line[: chars + 1].rpartition(" ")[0]
    if len(words) * 2 >= chars:
        return words.rstrip(" ,;:–—-")
    end = chars
    # What is drawn as one stays one: an accent with its letter, a family, a flag.
    while end and (_clings(line[end]) or line[end - 1] == _JOINER):
        end -= 1
    flags = len(line[:end]) - len(_FLAG_LETTER.sub("", line[:end]))
    if end and flags % 2 and _FLAG_LETTER.match(line[end - 1]):
        end -= 1
    return line[:end].rstrip()


def _clings(letter: str) -> bool:
    is_tone = "\U0001f3fb" <= letter <= "\U0001f3ff"
    return (
        is_tone or letter in {_JOINER, "\ufe0e", "\ufe0f"} or bool(unicodedata.combining(letter))
    )
