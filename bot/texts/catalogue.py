"""The words of one language: English from `en.py`, the others from a gettext file beside it.

A file `<language>.po` has one entry per key: the key is its context (msgctxt), the English words
its id, and a key with a form for one thing (`key.one`) is a plural entry. `bot/texts/sync.py`
keeps the files in step with the English.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from io import BytesIO
from string import Formatter

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from bot.texts import en

ENGLISH = "en"
LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "pt": "Português",
    "it": "Italiano",
    "ru": "Русский",
    "uk": "Українська",
    "tr": "Türkçe",
}
"""The languages there are words in, each by its own name."""

_FORMS: Mapping[int, tuple[str, ...]] = {
    1: ("other",),
    2: ("one", "other"),
    3: ("one", "few", "many"),
}
"""In which order a file writes its plural forms, by how many it has."""

_DECIMALS: Mapping[str, str] = {",": "#,##0", ".1f": "0.0"}


@cache
def locale_of(language: str) -> Locale:
    """Return how *language* counts and writes dates; English for one we have no words in."""
    return Locale(language if language in LANGUAGES else ENGLISH)


def template_of(key: str, language: str, count: object = None) -> str:
    """Return the words of *key* with their placeholders, English where there are no others.

    Raises:
        KeyError: no language has words for *key*.
    """
    forms = _forms_of(language).get(key, ()) if language != ENGLISH else ()
    if forms:
        return forms[_form(language, len(forms), count)]
    is_one = count == 1 and f"{key}.one" in en.WORDS
    return en.WORDS[f"{key}.one" if is_one else key]


def _form(language: str, forms: int, count: object) -> int:
    names = _FORMS[forms]
    tag = locale_of(language).plural_form(count) if isinstance(count, int) else names[-1]
    return names.index(tag) if tag in names else forms - 1


@cache
def _forms_of(language: str) -> Mapping[str, tuple[str, ...]]:
    """Return the usable forms by key: all of them translated, and none in doubt (fuzzy)."""
    if language not in LANGUAGES:
        return {}
    found = {}
    for message in catalogue_of(language):
        if message.context and not message.fuzzy and is_whole(message):
            found[message.context] = forms_in(message)
    return found


def forms_in(message: Message) -> tuple[str, ...]:
    """Return what an entry says: one form, or one for each number of things."""
    said = message.string
    return (said,) if isinstance(said, str) else tuple(said or ())


def is_whole(message: Message) -> bool:
    """Say whether an entry has words in all its forms."""
    forms = forms_in(message)
    return bool(forms) and all(forms)


def catalogue_of(language: str) -> Catalog:
    """Read the file of *language*."""
    text = (files("bot.texts") / f"{language}.po").read_bytes()
    return read_po(BytesIO(text), locale=language)


class NumberFormatter(Formatter):
    """`str.format` whose numbers are written as people of one language write them."""

    def __init__(self, language: str) -> None:
        self._locale = locale_of(language)

    def format_field(self, value: object, format_spec: str) -> str:
        """Write *value*; a specification with a meaning of its own in languages is theirs."""
        pattern = _DECIMALS.get(format_spec)
        if pattern and isinstance(value, int | float):
            return format_decimal(value, format=pattern, locale=self._locale)
        return str(super().format_field(value, format_spec))
