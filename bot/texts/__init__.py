"""The words people see, by key and language."""

from collections.abc import Mapping

from bot.texts import en

_CATALOGUES: Mapping[str, Mapping[str, str]] = {"en": en.WORDS}


def say(key: str, language: str = "en", **params: object) -> str:
    """Return the words for *key* in *language*, English where there are none.

    A key may have a form for one thing (`key.one`), chosen by the parameter `count`.
    """
    catalogue = _CATALOGUES.get(language, en.WORDS)
    if params.get("count") == 1 and f"{key}.one" in en.WORDS:
        key = f"{key}.one"
    return catalogue.get(key, en.WORDS[key]).format(**params)


def has_words(key: str) -> bool:
    """Say whether there are words for *key*."""
    return key in en.WORDS
