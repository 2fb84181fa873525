"""Bring the files of the languages in step with the English words (`make words`).

New keys come in untranslated, keys that are gone leave, and words whose English was changed are
marked fuzzy: people see English there until somebody has looked.
"""

import sys
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import write_po

from bot.texts import en
from bot.texts.catalogue import ENGLISH, LANGUAGES, catalogue_of, forms_in, is_whole

_FOLDER = Path(__file__).parent
_LINE_CHARS = 99


def synced(old: Catalog, words: Mapping[str, str]) -> Catalog:
    """Return *old* with an entry for each key of *words*, in their order, and no other."""
    known = {message.context: message for message in old if message.context}
    new = Catalog(
        locale=old.locale,
        project="Postcue",
        version="texts",
        msgid_bugs_address="none",
        header_comment=f"# Postcue in {LANGUAGES[str(old.locale)]}.",
        last_translator="Postcue",
        language_team=str(old.locale),
        creation_date=old.creation_date,
        revision_date=old.creation_date,
        fuzzy=False,
    )
    for key, english in words.items():
        if not key.endswith(".one"):
            _enter(new, key, _id_of(key, english, words), known.get(key))
    return new


def _id_of(key: str, english: str, words: Mapping[str, str]) -> str | tuple[str, str]:
    one = words.get(f"{key}.one")
    return (one, english) if one is not None else english


def _enter(new: Catalog, key: str, wanted: str | tuple[str, str], old: Message | None) -> None:
    empty = ("",) * new.num_plurals if isinstance(wanted, tuple) else ""
    if old is None or isinstance(old.string, str) is isinstance(wanted, tuple):
        new.add(wanted, empty, context=key)
        return
    is_fuzzy = any(forms_in(old)) and (old.fuzzy or old.id != wanted)
    new.add(wanted, old.string, context=key, flags=["fuzzy"] if is_fuzzy else [])


def text_of(catalogue: Catalog) -> bytes:
    """Return *catalogue* as it stands in its file."""
    buffer = BytesIO()
    write_po(buffer, catalogue, width=_LINE_CHARS, no_location=True)
    return buffer.getvalue()


def main() -> None:
    """Renew every file; say for each how many keys wait for words."""
    for language in LANGUAGES:
        if language == ENGLISH:
            continue
        path = _FOLDER / f"{language}.po"
        old = catalogue_of(language) if path.exists() else Catalog(locale=language)
        new = synced(old, en.WORDS)
        path.write_bytes(text_of(new))
        waiting = sum(1 for one in new if one.context and (one.fuzzy or not is_whole(one)))
        sys.stdout.write(f"{language}: {waiting} of {len(new)} wait for words\n")


if __name__ == "__main__":
    main()
