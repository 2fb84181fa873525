"""The tables of words, one file per language, and the trees the reader matches against.

A table is `WORDS`: kind of meaning → value → expressions, parted by commas. The English one
is always on; a person's and a team's language are added to it.
"""

from functools import lru_cache
from importlib import import_module

from scheduling.when.lex import Node, fold, plant, raw_tokens

LANGUAGES = ("en", "de", "es", "fr", "pt", "it", "ru", "uk", "tr")

Table = dict[str, dict[object, str]]


def table_of(language: str) -> Table:
    """The table of one language."""
    module = import_module(f"scheduling.when.lexicon.{language}")
    table: Table = module.WORDS
    return table


@lru_cache(maxsize=64)
def tree_of(*languages: str) -> dict[str, Node]:
    """The tree for several languages, the first one winning where they quarrel."""
    tree: dict[str, Node] = {}
    for language in languages:
        for kind, meanings in table_of(language).items():
            for value, expressions in meanings.items():
                for expression in expressions.split(","):
                    words = expression.strip()
                    if words:
                        plant(tree, words, kind, value)
    return tree


@lru_cache(maxsize=len(LANGUAGES))
def words_of(language: str) -> frozenset[str]:
    """Every single word of a table, folded; those inside longer expressions too."""
    words: set[str] = set()
    for meanings in table_of(language).values():
        for expressions in meanings.values():
            words.update(token.text for token in raw_tokens(fold(expressions)[0]))
    return frozenset(words)
