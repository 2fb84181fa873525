"""The other eight tables, and chats that mix languages."""

import pytest

from scheduling.when.lexicon import LANGUAGES, table_of

TOMORROW_MORNING = "2027-04-14 09:30"


@pytest.mark.parametrize(
    ("language", "phrase", "due"),
    [
        ("de", "morgen um 9:30 uhr", TOMORROW_MORNING),
        ("de", "freitag halb neun", "2027-04-16 08:30"),
        ("de", "heute abend um 8", "2027-04-13 20:00"),
        ("de", "sonntagabend um 8", "2027-04-18 20:00"),
        ("ru", "16 числа в 10:00", "2027-04-16 10:00"),
        ("es", "en hora y media", "2027-04-13 15:50"),
        ("de", "um 7 am samstag morgen", "2027-04-17 07:00"),
        ("de", "in anderthalb stunden", "2027-04-13 15:50"),
        ("de", "mittwoch in einer woche 10 uhr", "2027-04-21 10:00"),
        ("de", "am 3. 5. um 10 uhr", "2027-05-03 10:00"),
        ("es", "mañana a las 9:30", TOMORROW_MORNING),
        ("es", "el jueves a las ocho y cuarto de la noche", "2027-04-15 20:15"),
        ("es", "el lunes que viene a las 9:00", "2027-04-19 09:00"),
        ("es", "dentro de media hora", "2027-04-13 14:50"),
        ("fr", "demain à 9h30", TOMORROW_MORNING),
        ("fr", "demain soir à 8h", "2027-04-14 20:00"),
        ("fr", "mardi en huit à 9h", "2027-04-20 09:00"),
        ("fr", "samedi 17 à 18h", "2027-04-17 18:00"),
        ("pt", "amanhã às 9h30", TOMORROW_MORNING),
        ("pt", "quinta às oito e meia da noite", "2027-04-15 20:30"),
        ("pt", "daqui a 3 horas", "2027-04-13 17:20"),
        ("it", "domani alle 9:30", TOMORROW_MORNING),
        ("it", "giovedì alle otto e un quarto di sera", "2027-04-15 20:15"),
        ("it", "tra un'ora e mezza", "2027-04-13 15:50"),
        ("ru", "завтра в 9:30", TOMORROW_MORNING),
        ("ru", "в четверг в половине девятого вечера", "2027-04-15 20:30"),
        ("ru", "завтра без четверти девять утра", "2027-04-14 08:45"),
        ("uk", "завтра о 9:30", TOMORROW_MORNING),
        ("uk", "завтра о сьомій вечора", "2027-04-14 19:00"),
        ("uk", "через півгодини", "2027-04-13 14:50"),
        ("tr", "yarın saat 9:30", TOMORROW_MORNING),
        ("tr", "perşembe akşam sekiz buçukta", "2027-04-15 20:30"),
        ("tr", "bu akşam 8'de", "2027-04-13 20:00"),
    ],
)
def test_a_phrase_of_the_persons_language_is_read(said, language, phrase, due):
    reading = said(phrase, language=language)

    assert reading.status == "ok"
    assert f"{reading.local:%Y-%m-%d %H:%M}" == due


@pytest.mark.parametrize("phrase", ["morgen um 9:30 uhr", "domani alle 9:30", "завтра в 9:30"])
def test_a_table_that_is_not_on_is_tried_when_it_knows_every_word(said, phrase):
    assert f"{said(phrase).local:%Y-%m-%d %H:%M}" == TOMORROW_MORNING


@pytest.mark.parametrize("language", LANGUAGES)
def test_english_is_on_beside_every_language(said, language):
    assert f"{said('tomorrow 9:30', language=language).local:%Y-%m-%d %H:%M}" == TOMORROW_MORNING


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_names_all_weekdays_and_months(language):
    table = table_of(language)

    assert set(table["weekday"]) == set(range(7))
    assert set(table["month"]) == set(range(1, 13))


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "en"])
def test_the_kinds_of_every_table_are_known_to_the_grammar(language):
    used = set(table_of(language))
    known = set(table_of("en")) | {
        "alternate",
        "amnight",
        "day_or_about",
        "day_skipped",
        "daymark",
        "days_plural",
        "every_post",
        "except_post",
        "weekday_from",
        "weekday_part",
        "atmark",
        "bare_unit",
        "casemark",
        "clock_suffix",
        "clockword",
        "fracto",
        "h_clock",
        "halfpost",
        "halfto",
        "hand",
        "before",
        "hour1",
        "hourone",
        "hourord",
        "hourpre",
        "minus",
        "numacc",
        "numand",
        "numdat",
        "of_month",
        "of_number",
        "ordhour",
        "plus_week",
        "post_mod",
        "post_quarter",
        "quarter_of_next",
        "range_post",
        "the_each",
        "tr_day",
        "tr_past",
        "tr_to",
        "until_post",
        "yearword",
    }

    assert used <= known
