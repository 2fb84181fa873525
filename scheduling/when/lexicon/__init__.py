"""The tables of words, one file per language, and how the reader gets at them.

A table is `WORDS`: kind of meaning → value → expressions, parted by commas. The English one
is always on; a person's and a team's language are added to it. A table is loaded when it is
first needed.
"""

from functools import lru_cache

from scheduling.when.lex import Lexicon, Tables

LANGUAGES = ("en", "de", "es", "fr", "pt", "it", "ru", "uk", "tr")

Table = dict[str, dict[object, str]]


def table_of(language: str) -> Table:
    """The table of one language."""
    from importlib import import_module  # noqa: PLC0415 - importing the reader stays cheap

    module = import_module(f"scheduling.when.lexicon.{language}")
    table: Table = module.WORDS
    return table


@lru_cache(maxsize=len(LANGUAGES))
def lexicon_of(language: str) -> Lexicon:
    """The words of one language, ready to be matched."""
    lexicon = Lexicon()
    for kind, meanings in table_of(language).items():
        for value, expressions in meanings.items():
            for expression in expressions.split(","):
                words = expression.strip()
                if words:
                    lexicon.plant(words, kind, value)
    return lexicon


@lru_cache(maxsize=256)
def tables_of(*languages: str) -> Tables:
    """Several languages as one, the first one winning where they quarrel."""
    return Tables(tuple(lexicon_of(language) for language in languages))


@lru_cache(maxsize=1)
def all_words() -> frozenset[str]:
    """Every word of every language."""
    return frozenset().union(*(lexicon_of(language).words for language in LANGUAGES))
