"""The nine languages say the same things, and say them whole."""

from datetime import UTC, datetime
from string import Formatter

import pytest

from bot.commands import COMMANDS
from bot.texts import LANGUAGES, en, say
from bot.texts.catalogue import catalogue_of, forms_in, is_whole, template_of
from integrations.telegram.outbound import MAX_TEXT_UNITS
from scheduling.when import Profile, read

OTHERS = tuple(code for code in LANGUAGES if code != "en")
KEYS = tuple(key for key in en.WORDS if not key.endswith(".one"))
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
EXAMPLES = {
    "en": ("tomorrow 9am", "fri 18:30", "in 2 hours"),
    "de": ("morgen 9 Uhr", "Fr 18:30", "in 2 Stunden"),
    "es": ("mañana 9:00", "vie 18:30", "en 2 horas"),
    "fr": ("demain 9h", "ven 18h30", "dans 2 heures"),
    "pt": ("amanhã às 9h", "sex 18:30", "em 2 horas"),
    "it": ("domani 9:00", "ven 18:30", "tra 2 ore"),
    "ru": ("завтра в 9:00", "пт 18:30", "через 2 часа"),
    "uk": ("завтра о 9:00", "пт 18:30", "через 2 години"),
    "tr": ("yarın 9:00", "cuma 18:30", "2 saat sonra"),
}
EXAMPLE_DUE = (
    datetime(2026, 11, 25, 8, 0, tzinfo=UTC),
    datetime(2026, 11, 27, 17, 30, tzinfo=UTC),
    datetime(2026, 11, 24, 10, 0, tzinfo=UTC),
)
TEXT, NUMBER = "Lindenhof", 7
NUMBERS = frozenset(
    {"chars", "limit", "length", "over", "seconds", "count", "tags", "tag_limit", "reads"}
)


def fields_of(template: str) -> set[tuple[str, str]]:
    """Return the placeholders with their specifications."""
    return {
        (name, spec or "") for _, name, spec, _ in Formatter().parse(template) if name is not None
    }


def parameters_of(key: str) -> dict[str, object]:
    templates = (en.WORDS[key], en.WORDS.get(f"{key}.one", ""))
    names = {name for template in templates for name, _ in fields_of(template)}
    return {name: NUMBER if name in NUMBERS else TEXT for name in names}


@pytest.mark.parametrize("language", OTHERS)
def test_b45_every_language_has_exactly_the_keys_of_english(language: str) -> None:
    entries = {message.context: message.id for message in catalogue_of(language) if message.id}
    expected = {
        key: (en.WORDS[f"{key}.one"], en.WORDS[key]) if f"{key}.one" in en.WORDS else en.WORDS[key]
        for key in KEYS
    }

    # After a change in bot/texts/en.py `make words` renews the files; then they want words.
    assert entries == expected


@pytest.mark.parametrize("language", OTHERS)
def test_b45_nothing_is_left_untranslated_or_in_doubt(language: str) -> None:
    waiting = [
        message.context
        for message in catalogue_of(language)
        if message.context and (message.fuzzy or not is_whole(message))
    ]

    assert not waiting


@pytest.mark.parametrize("language", OTHERS)
def test_b45_placeholders_are_those_of_english(language: str) -> None:
    # A form for one thing may leave the number out, as the English does.
    wrong = [
        (message.context, form)
        for message in catalogue_of(language)
        if message.context
        for form in forms_in(message)
        if not fields_of(en.WORDS.get(f"{message.context}.one", en.WORDS[message.context]))
        <= fields_of(form)
        <= fields_of(en.WORDS[message.context])
    ]

    assert not wrong


@pytest.mark.parametrize("language", OTHERS)
def test_emoji_signs_and_line_breaks_are_kept(language: str) -> None:
    signs = "✏🗓⏳✅❌⚠⏸❔🗑🔁🏁⋯↗↓✓🍂→·\n"
    wrong = [
        message.context
        for message in catalogue_of(language)
        if message.context
        for form in forms_in(message)
        if {sign: form.count(sign) for sign in signs}
        != {sign: en.WORDS[message.context].count(sign) for sign in signs}
    ]

    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [1, 2, 5, 21])
def test_every_key_renders_within_the_limits_of_telegram(language: str, count: int) -> None:
    for key in KEYS:
        said = say(key, language, **{**parameters_of(key), "count": count})

        assert said.strip(), key
        assert "{" not in said, key
        assert len(said.encode("utf-16-le")) // 2 <= MAX_TEXT_UNITS // 2, key
        if key.startswith("button.") and not parameters_of(key):
            allowed = max(24, len(en.WORDS[key]))
            assert len(said) <= allowed, (key, said)
        if key.startswith("toast."):
            assert len(said) <= 200, key
        if key.startswith("hint."):
            assert len(said) <= 64, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_menu_of_the_chat_takes_the_descriptions(language: str) -> None:
    for command in COMMANDS:
        assert 1 <= len(say(f"command.{command.name}", language)) <= 256


@pytest.mark.parametrize("language", LANGUAGES)
def test_examples_are_read_as_the_times_they_name(language: str) -> None:
    profile = Profile(zone="Europe/Berlin", language=language)

    for phrase, due in zip(EXAMPLES[language], EXAMPLE_DUE, strict=True):
        (reading,) = read(phrase, now=NOW, profile=profile)
        assert reading.is_sure, phrase
        assert reading.at_utc == due, phrase


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_name_those_examples_and_no_others(language: str) -> None:
    tomorrow, friday, soon = EXAMPLES[language]

    assert say("hint.time", language) == tomorrow
    assert friday in say("menu.time", language)
    for key in ("help.help", "time.not_read", "time.not_read_word"):
        said = say(key, language, words="x", word="x")
        assert all(phrase in said for phrase in (tomorrow, friday, soon)), key
    for key in ("ask.no_time", "help.short", "help.welcome", "help.welcome_back", "queue.empty"):
        assert tomorrow in say(key, language, name="x", accounts="x"), key
    assert say("help.how", language).endswith(f"\n{tomorrow}")


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("ru", 1, "1 черновик ждёт"),
        ("ru", 2, "2 черновика ждут"),
        ("ru", 5, "5 черновиков ждут"),
        ("ru", 11, "11 черновиков ждут"),
        ("ru", 21, "21 черновик ждёт"),
        ("uk", 1, "1 чернетка чекає"),
        ("uk", 2, "2 чернетки чекають"),
        ("uk", 5, "5 чернеток чекають"),
        ("uk", 21, "21 чернетка чекає"),
        ("de", 1, "1 Entwurf wartet"),
        ("de", 21, "21 Entwürfe warten"),
        ("en", 1, "1 draft waits"),
        ("en", 21, "21 drafts wait"),
        ("fr", 1_000_000, "1000000 brouillons attendent"),
        ("tr", 1, "1 taslak"),
        ("tr", 5, "5 taslak"),
    ],
)
def test_the_form_fits_the_number(language: str, count: int, said: str) -> None:
    assert say("drafts.title", language, count=count).startswith(said)


def test_a_language_we_do_not_speak_gets_english() -> None:
    assert say("kind.image", "pl") == "Photo"
    assert template_of("kind.image", "xx") == "Photo"


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "2,345 / 2,200"), ("de", "2.345 / 2.200"), ("ru", "2\xa0345 / 2\xa0200")],
)
def test_b45_numbers_are_written_as_the_language_writes_them(language: str, written: str) -> None:
    assert say("counter", language, chars=2345, limit=2200) == written
