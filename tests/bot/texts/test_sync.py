"""The files of the languages follow the English words."""

from babel.messages.catalog import Catalog, Message

from bot.texts import en
from bot.texts.catalogue import LANGUAGES, catalogue_of
from bot.texts.sync import synced, text_of


def a_catalogue(**words: str) -> Catalog:
    found = Catalog(locale="de")
    for key, english in words.items():
        found.add(english, f"[{english}]", context=key)
    return found


def entry(catalogue: Catalog, key: str) -> Message | None:
    return next((message for message in catalogue if message.context == key), None)


def test_new_keys_wait_for_words_and_gone_ones_leave() -> None:
    new = synced(a_catalogue(old="Old", kept="Kept"), {"kept": "Kept", "new": "New"})

    assert entry(new, "old") is None
    assert entry(new, "kept").string == "[Kept]"
    assert entry(new, "new").string == ""
    assert not entry(new, "kept").fuzzy


def test_words_whose_english_changed_are_in_doubt_until_somebody_looks() -> None:
    once = synced(a_catalogue(key="Before"), {"key": "After"})
    twice = synced(once, {"key": "After"})

    assert entry(once, "key").fuzzy
    assert entry(once, "key").string == "[Before]"
    assert entry(twice, "key").fuzzy


def test_a_key_that_gets_a_form_for_one_thing_waits_for_both_forms() -> None:
    new = synced(a_catalogue(key="{count} posts"), {"key": "{count} posts", "key.one": "1 post"})

    assert entry(new, "key").id == ("1 post", "{count} posts")
    assert entry(new, "key").string == ("", "")
    assert entry(new, "key.one") is None


def test_the_files_stand_as_syncing_writes_them() -> None:
    for language in LANGUAGES:
        if language != "en":
            old = catalogue_of(language)

            assert text_of(synced(old, en.WORDS)) == text_of(old), language
