"""The words people see, by key and language."""

from functools import cache

from bot.texts import en
from bot.texts.catalogue import LANGUAGES, NumberFormatter, template_of

__all__ = ["LANGUAGES", "has_words", "say"]


def say(key: str, language: str = "en", **params: object) -> str:
    """Return the words for *key* in *language*, English where there are none.

    A key may have forms for how many things there are, chosen by the parameter `count`.
    """
    template = template_of(key, language, params.get("count"))
    return _formatter(language).vformat(template, (), params)


def has_words(key: str) -> bool:
    """Say whether there are words for *key*."""
    return key in en.WORDS


@cache
def _formatter(language: str) -> NumberFormatter:
    return NumberFormatter(language)
