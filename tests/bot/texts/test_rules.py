"""Recurrences in words, in every language."""

from datetime import UTC, datetime

import pytest

from bot.texts import LANGUAGES
from bot.texts.rules import rule_words
from scheduling.when import Profile, read
from scheduling.when.words import rule_in_words

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ZONE = "Europe/Berlin"
AT_NINE = "BYHOUR=9;BYMINUTE=0"
RULES = (
    f"FREQ=DAILY;{AT_NINE}",
    f"FREQ=DAILY;INTERVAL=3;{AT_NINE}",
    "FREQ=DAILY;BYHOUR=9,18;BYMINUTE=0",
    f"FREQ=WEEKLY;BYDAY=MO,TH;{AT_NINE}",
    f"FREQ=WEEKLY;BYDAY=SA,SU;{AT_NINE}",
    f"FREQ=WEEKLY;INTERVAL=2;BYDAY=WE;{AT_NINE}",
    f"FREQ=WEEKLY;BYDAY=FR;{AT_NINE};COUNT=6",
    f"FREQ=WEEKLY;BYDAY=FR;{AT_NINE};UNTIL=20270131",
    f"FREQ=MONTHLY;BYDAY=1MO;{AT_NINE}",
    f"FREQ=MONTHLY;BYDAY=-1SU;{AT_NINE}",
    f"FREQ=MONTHLY;BYDAY=3WE;{AT_NINE}",
    f"FREQ=MONTHLY;BYMONTHDAY=1,15;{AT_NINE}",
    f"FREQ=MONTHLY;BYMONTHDAY=-1;{AT_NINE}",
    f"FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=5;{AT_NINE}",
    f"FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24;{AT_NINE}",
    f"FREQ=YEARLY;BYMONTH=5;BYDAY=3TH;{AT_NINE}",
    "FREQ=HOURLY;INTERVAL=4",
)
NOT_READ_YET = {
    "tr": {"INTERVAL", "UNTIL"},
    "uk": {"BYDAY=3TH"},
}
"""What is said as people say it, although the reader does not take it yet."""


def said(rule: str, language: str, *, dtstart: datetime | None = None) -> str:
    return rule_words(rule, dtstart=dtstart, tz=ZONE, language=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_b34_a_rule_in_words_reads_back_as_the_same_rule(language: str) -> None:
    not_read = NOT_READ_YET.get(language, set())
    rules = [rule for rule in RULES if not any(part in rule for part in not_read)]

    again = {
        rule: read(said(rule, language), now=NOW, profile=Profile(ZONE, language, "DMY"))[0].rrule
        for rule in rules
    }

    assert again == {rule: rule for rule in rules}


@pytest.mark.parametrize("rule", RULES)
def test_b34_each_language_says_a_rule_in_its_own_words(rule: str) -> None:
    words = {language: said(rule, language) for language in LANGUAGES}

    assert len(set(words.values())) == len(LANGUAGES)
    assert not [text for text in words.values() if "{" in text or "  " in text]


def test_b34_english_is_the_echo_of_the_reader() -> None:
    for rule in RULES:
        assert said(rule, "en") == rule_in_words(rule, dtstart=None, tz=ZONE)
        assert said(rule, "eo") == said(rule, "en")


@pytest.mark.parametrize(
    ("language", "interval", "words"),
    [
        ("ru", 2, "каждые 2 дня"), ("ru", 5, "каждые 5 дней"), ("ru", 21, "каждый 21 день"),
        ("uk", 3, "кожні 3 дні"), ("uk", 11, "кожні 11 днів"), ("de", 2, "alle 2 Tage"),
        ("fr", 2, "tous les 2 jours"), ("tr", 2, "2 günde bir"),
    ],
)  # fmt: skip
def test_b34_numbers_bend_their_nouns(language: str, interval: int, words: str) -> None:
    assert said(f"FREQ=DAILY;INTERVAL={interval}", language) == words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", "am vorletzten Tag jedes Monats"),
        ("pt", "no penúltimo dia de cada mês"),
        ("ru", "в предпоследний день каждого месяца"),
        ("tr", "her ayın sondan ikinci günü"),
    ],
)
def test_b34_days_are_counted_from_the_end_too(language: str, words: str) -> None:
    assert said("FREQ=MONTHLY;BYMONTHDAY=-2", language) == words


def test_b34_the_begin_and_the_end_are_dates_of_the_language() -> None:
    begin = datetime(2026, 11, 26, 9)  # noqa: DTZ001 - a wall clock

    words = said("FREQ=WEEKLY;BYDAY=TH;UNTIL=20270128", "de", dtstart=begin)

    assert words == "jeden Donnerstag ab Do., 26. Nov. 2026 bis Do., 28. Jan. 2027"
