"""Names of days and months that were mistyped by one letter: which one was meant, if it is one."""

from collections.abc import Mapping

MIN_CHARS = 6
"""Shorter words are one letter from too many others."""
MIN_NEAR_CHARS = 5
ENDING_CHARS = 2


def meant(word: str, names: Mapping[str, object]) -> str | None:
    """The name that *word* is a slip of the fingers away from; None where it may be several.

    *names* are told apart by what they stand for, because some of them are spellings of one.
    A slip is two neighbours swapped, a letter too few or a letter too many. Another letter in
    its place is none: "Monday" and "Sunday" are as near as that.
    """
    if len(word) < MIN_CHARS:
        return None
    found = [name for name in names if is_slip(word, name)]
    return found[0] if len({names[name] for name in found}) == 1 else None


def near(word: str, names: Mapping[str, object]) -> list[str]:
    """The names that *word* may have been meant for, one for each meaning: for buttons only."""
    found: dict[object, str] = {}
    for name, meaning in names.items() if len(word) >= MIN_NEAR_CHARS else ():
        if is_slip(word, name) or _is_one_letter_off(word, name):
            found.setdefault(meaning, name)
    return list(found.values())


def _is_one_letter_off(word: str, name: str) -> bool:
    return len(word) == len(name) and sum(map(str.__ne__, word, name)) == 1


def is_misspelt(word: str, name: str) -> bool:
    """Whether *word* is a wrong spelling of *name*; another ending is a case of it."""
    is_off = _is_one_letter_off(word, name)
    return is_slip(word, name) or (is_off and word[-ENDING_CHARS:] == name[-ENDING_CHARS:])


def is_slip(word: str, name: str) -> bool:
    """Whether *word* is *name* with two neighbours swapped, a letter too few or too many."""
    longer, shorter = (word, name) if len(word) > len(name) else (name, word)
    if len(longer) - len(shorter) > 1 or word == name:
        return False
    at = _first_difference(longer, shorter)
    if len(longer) > len(shorter):
        return longer[at + 1 :] == shorter[at:]
    swapped = name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :]
    return word == swapped


def _first_difference(longer: str, shorter: str) -> int:
    for at, char in enumerate(shorter):
        if longer[at] != char:
            return at
    return len(shorter)
