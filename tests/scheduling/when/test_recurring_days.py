"""Days of a month, clock times and lists of both are told apart, or asked about."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from scheduling.when import Profile, Reading, read

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday, 13:00 in Berlin


def reading_of(words: str, language: str = "en") -> Reading:
    (reading,) = read(words, now=NOW, profile=Profile("Europe/Berlin", language))
    return reading


def times_of(words: str, language: str = "en") -> list[str]:
    zone = ZoneInfo("Europe/Berlin")
    readings = read(words, now=NOW, profile=Profile("Europe/Berlin", language))
    return [f"{(one.at_utc or NOW).astimezone(zone):%d %b %H:%M}" for one in readings]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "on the 5th and 20th of every month at 10:00"),
        ("de", "am 5. und 20. jeden Monats um 10:00"),
        ("es", "los días 5 y 20 de cada mes a las 10:00"),
        ("fr", "le 5 et le 20 de chaque mois à 10h"),
        ("it", "il 5 e il 20 di ogni mese alle 10:00"),
        ("pt", "todo dia 5 e 20 às 10h"),
        ("pt", "todo dia 5 e 20 de cada mês às 10h"),
        ("ru", "5 и 20 числа каждого месяца в 10:00"),
        ("ru", "каждое 5 и 20 число в 10:00"),
        ("uk", "5 і 20 числа кожного місяця о 10:00"),
        ("uk", "кожного 5 та 20 числа о 10:00"),
        ("tr", "her ayın 5. ve 20. günü saat 10:00"),
        ("tr", "her ayın 5'i ve 20'si saat 10:00"),
    ],
)
def test_numbers_that_may_be_days_are_never_taken_for_hours(language: str, words: str) -> None:
    reading = reading_of(words, language)

    assert reading.rrule == "FREQ=MONTHLY;BYMONTHDAY=5,20;BYHOUR=10;BYMINUTE=0"
    assert reading.is_sure


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "1st and 15th at 10:00"),
        ("en", "on the 1st & the 15th, 10:00"),
        ("ru", "1 и 15 числа в 10:00"),
        ("uk", "1 і 15 числа о 10:00"),
        ("tr", "ayın 1'i ve 15'i saat 10:00"),
        ("pt", "dias 1 e 15 às 10h"),
    ],
)
def test_two_days_half_a_month_apart_are_a_rule_to_be_tapped(language: str, words: str) -> None:
    reading = reading_of(words, language)

    assert reading.rrule == "FREQ=MONTHLY;BYMONTHDAY=1,15;BYHOUR=10;BYMINUTE=0"
    assert reading.flags == ("ambiguous",)
    assert [one.at_utc.day for one in reading.alternatives if one.at_utc] == [1, 15]


@pytest.mark.parametrize(
    ("words", "times"),
    [
        ("26th and 28th at 10:00", ["26 Nov 10:00", "28 Nov 10:00"]),
        ("5, 6 and 7 december at 10:00", ["05 Dec 10:00", "06 Dec 10:00", "07 Dec 10:00"]),
        ("december 5, 6 and 7 at 10:00", ["05 Dec 10:00", "06 Dec 10:00", "07 Dec 10:00"]),
        ("dec 5 and dec 7 at 10:00", ["05 Dec 10:00", "07 Dec 10:00"]),
        ("5 and 6 december 10:00", ["05 Dec 10:00", "06 Dec 10:00"]),
        (
            "7am, 1pm and 8pm tomorrow",
            ["25 Nov 07:00", "25 Nov 13:00", "25 Nov 20:00"],
        ),
        ("tomorrow 7:05, 13:10, 20:15", ["25 Nov 07:05", "25 Nov 13:10", "25 Nov 20:15"]),
        ("tomorrow at 7am, noon and 8pm", ["25 Nov 07:00", "25 Nov 12:00", "25 Nov 20:00"]),
        ("tomorrow 7am + 8pm", ["25 Nov 07:00", "25 Nov 20:00"]),
        (
            "tomorrow 7am, 1pm and thu 8am",
            ["25 Nov 07:00", "25 Nov 13:00", "26 Nov 08:00"],
        ),
        ("wed 7am, sat 8am and 9pm", ["25 Nov 07:00", "28 Nov 08:00", "28 Nov 21:00"]),
        ("tomorrow at 8:00, 14 and 20", ["25 Nov 08:00", "25 Nov 14:00", "25 Nov 20:00"]),
        ("wed 7am, thu 8am, sat 11am", ["25 Nov 07:00", "26 Nov 08:00", "28 Nov 11:00"]),
        (
            "today 6pm and tomorrow 7am and thu 8am",
            ["24 Nov 18:00", "25 Nov 07:00", "26 Nov 08:00"],
        ),
    ],
)
def test_a_list_of_times_is_a_reading_for_each(words: str, times: list[str]) -> None:
    assert times_of(words) == times


def test_a_list_with_a_part_that_is_not_understood_is_asked_as_a_whole() -> None:
    assert reading_of("wed 7am, thu 8am, blursday 11am").why == "unread"


def test_a_list_of_clocks_in_a_rule_is_one_rule() -> None:
    assert (
        reading_of("every day at 8, 12 and 18:00").rrule == "FREQ=DAILY;BYHOUR=8,12,18;BYMINUTE=0"
    )


@pytest.mark.parametrize(
    ("language", "words", "rule"),
    [
        ("tr", "her 3 saatte bir", "FREQ=HOURLY;INTERVAL=3"),
        ("tr", "iki günde bir saat 10:00", "FREQ=DAILY;INTERVAL=2;BYHOUR=10;BYMINUTE=0"),
        (
            "tr",
            "2 haftada bir salı 10:00",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;BYHOUR=10;BYMINUTE=0",
        ),
        ("tr", "ayda bir", "FREQ=MONTHLY"),
        ("tr", "salı günleri 10:00", "FREQ=WEEKLY;BYDAY=TU;BYHOUR=10;BYMINUTE=0"),
        (
            "uk",
            "у третю середу кожного місяця о 10:00",
            "FREQ=MONTHLY;BYDAY=3WE;BYHOUR=10;BYMINUTE=0",
        ),
        (
            "uk",
            "у третій вівторок кожного місяця о 10:00",
            "FREQ=MONTHLY;BYDAY=3TU;BYHOUR=10;BYMINUTE=0",
        ),
        (
            "ru",
            "раз в две недели по вторникам в 10:00",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;BYHOUR=10;BYMINUTE=0",
        ),
        (
            "en",
            "once every two weeks on tuesday at 10:00",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;BYHOUR=10;BYMINUTE=0",
        ),
        (
            "fr",
            "un mardi sur deux à 10h",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;BYHOUR=10;BYMINUTE=0",
        ),
        (
            "es",
            "un martes sí y otro no a las 10:00",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;BYHOUR=10;BYMINUTE=0",
        ),
        ("pt", "todo dia 5 às 10h", "FREQ=MONTHLY;BYMONTHDAY=5;BYHOUR=10;BYMINUTE=0"),
        ("pt", "todo dia às 10h", "FREQ=DAILY;BYHOUR=10;BYMINUTE=0"),
        ("tr", "salıdan cumaya 10:00", "FREQ=WEEKLY;BYDAY=TU,WE,TH,FR;BYHOUR=10;BYMINUTE=0"),
        (
            "ru",
            "каждый второй вторник месяца в 10:00",
            "FREQ=MONTHLY;BYDAY=2TU;BYHOUR=10;BYMINUTE=0",
        ),
        *(
            (language, words, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=10;BYMINUTE=0")
            for language, words in (
                ("es", "todos los días laborables a las 10:00"),
                ("fr", "tous les jours ouvrés à 10h"),
                ("it", "tutti i giorni feriali alle 10:00"),
                ("pt", "todos os dias úteis às 10h"),
            )
        ),
        ("en", "tue thu sat 10:00", "FREQ=WEEKLY;BYDAY=TU,TH,SA;BYHOUR=10;BYMINUTE=0"),
        ("ru", "вт чт сб 10:00", "FREQ=WEEKLY;BYDAY=TU,TH,SA;BYHOUR=10;BYMINUTE=0"),
    ],
)
def test_rules_as_each_language_says_them(language: str, words: str, rule: str) -> None:
    assert reading_of(words, language).rrule == rule


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "every second tuesday 10:00"),
        ("de", "jeden zweiten Dienstag 10:00"),
        ("es", "cada segundo martes a las 10:00"),
        ("ru", "каждый второй вторник в 10:00"),
        ("uk", "кожен другий вівторок о 10:00"),
    ],
)
def test_every_second_weekday_may_be_the_second_of_the_month(language: str, words: str) -> None:
    reading = reading_of(words, language)

    assert reading.rrule == "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;BYHOUR=10;BYMINUTE=0"
    assert reading.flags == ("ambiguous",)
    assert [one.rrule for one in reading.alternatives] == [
        "FREQ=MONTHLY;BYDAY=2TU;BYHOUR=10;BYMINUTE=0"
    ]


@pytest.mark.parametrize(
    ("language", "words", "day"),
    [
        ("tr", "ayın son cuması 16:00", "27 Nov 16:00"),
        ("tr", "mayısın üçüncü perşembesi 9:00", "20 May 09:00"),
        ("ru", "в последнюю пятницу месяца в 16:00", "27 Nov 16:00"),
        ("uk", "у третій четвер травня о 9:00", "20 May 09:00"),
    ],
)
def test_a_weekday_by_its_place_in_a_month(language: str, words: str, day: str) -> None:
    assert times_of(words, language) == [day]


def test_two_clocks_on_a_day_of_the_month_are_both_read() -> None:
    reading = reading_of("on the 5th of every month at 10:00 and 18:00")

    assert reading.rrule == "FREQ=MONTHLY;BYMONTHDAY=5;BYHOUR=10,18;BYMINUTE=0"


@pytest.mark.parametrize(
    ("language", "words"), [("en", "one day"), ("tr", "bir gün"), ("de", "ein tag")]
)
def test_one_day_is_some_day(language: str, words: str) -> None:
    assert reading_of(words, language).why == "vague"


def test_two_weekdays_side_by_side_are_a_rule_to_be_tapped() -> None:
    reading = reading_of("wed thu 10:00")

    assert reading.rrule == "FREQ=WEEKLY;BYDAY=WE,TH;BYHOUR=10;BYMINUTE=0"
    assert reading.flags == ("ambiguous",)


def test_some_weeks_from_the_weekday_of_today_may_be_counted_from_the_next_one() -> None:
    reading = reading_of("3 weeks from tuesday 10:00")

    assert [one.local.day for one in (reading, *reading.alternatives) if one.local] == [15, 22]
    assert reading.flags == ("ambiguous",)


@pytest.mark.parametrize("words", ["3 nights", "2 nights, 3 days", "4 mornings"])
def test_nights_of_a_stay_are_no_rule(words: str) -> None:
    assert reading_of(words).status != "ok"


def test_a_day_and_a_number_that_may_be_its_year_are_asked() -> None:
    reading = reading_of("8 december 1945")

    assert reading.why == "ambiguous"
    assert [f"{one.local:%d %b %H:%M}" for one in reading.alternatives] == ["08 Dec 19:45"]
