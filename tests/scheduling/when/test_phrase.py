"""What phrases are read as: the conventions, one table for each."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.when import Profile, Reading, read, split, warm_up
from scheduling.when.lexicon import LANGUAGES

EARLY, LATE = datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2029-06-01")
VIENNA = Profile("Europe/Vienna", date_order="DMY")
NOW = datetime(2027, 4, 13, 14, 20, tzinfo=ZoneInfo("Europe/Vienna"))


def local(reading: Reading) -> str | None:
    return None if reading.local is None else f"{reading.local:%m-%d %H:%M}"


def offered(reading: Reading) -> list[str | None]:
    return [local(each) for each in reading.alternatives]


@pytest.mark.parametrize(
    ("phrase", "due"),
    [
        ("tmrw 8:40", "04-14 08:40"),
        ("2moro @ 7pm", "04-14 19:00"),
        ("thurs 6.30pm", "04-15 18:30"),
        ("fri. 17:05", "04-16 17:05"),
        ("18:40 thurs", "04-15 18:40"),
        ("day after tmrw at 11:10", "04-15 11:10"),
        ("a week from thursday 10:00", "04-22 10:00"),
        ("thursday week 10:00", "04-22 10:00"),
        ("tuesday next week 9:15", "04-20 09:15"),
        ("in 3 weeks on friday 10:00", "05-07 10:00"),
        ("in a fortnight at 10:00", "04-27 10:00"),
        ("2 weeks from tomorrow 9:00", "04-28 09:00"),
        ("quarter past five pm tomorrow", "04-14 17:15"),
        ("ten to nine tomorrow morning", "04-14 08:50"),
        ("tomorrow eight forty-five am", "04-14 08:45"),
        ("0815 tomorrow", "04-14 08:15"),
        ("april 16th, 10:15", "04-16 10:15"),
        ("the 16th at 10:15", "04-16 10:15"),
        ("friday the 16th at 10:15", "04-16 10:15"),
        ("friday 16 at 10:15", "04-16 10:15"),
        ("2027-04-16T10:15", "04-16 10:15"),
        ("16.04.27 10.15", "04-16 10:15"),
        ("june twenty second 14:00", "06-22 14:00"),
        ("third wednesday of april 9:00", "04-21 09:00"),
        ("last day of the month 18:00", "04-30 18:00"),
        ("first of next month 9:00", "05-01 09:00"),
        ("boxing day 11:30", "12-26 11:30"),
        ("please post it tomorrow at 9:20 🙏", "04-14 09:20"),
        ("can you schedule this for friday 14:45 please", "04-16 14:45"),
        ("make it 10am", "04-14 10:00"),
        ("move to friday 10:15", "04-16 10:15"),
    ],
)
def test_chat_spellings_and_dates_are_read(said, phrase, due):
    reading = said(phrase)

    assert (reading.status, local(reading)) == ("ok", due)
    assert reading.flags == ()


@pytest.mark.parametrize(
    ("phrase", "due"),
    [
        ("in half an hour", "04-13 14:50"),
        ("in an hour and a half", "04-13 15:50"),
        ("in 2h45", "04-13 17:05"),
        ("+90m", "04-13 15:50"),
        ("in forty five minutes", "04-13 15:05"),
        ("3 hrs later", "04-13 17:20"),
        ("in three quarters of an hour", "04-13 15:05"),
        ("25 min", "04-13 14:45"),
        ("in 1 day 2 hours", "04-14 16:20"),
        ("+2d", "04-15 14:20"),
        ("in 4 days at 8:15", "04-17 08:15"),
    ],
)
def test_lengths_of_time_are_counted_from_now(said, phrase, due):
    assert local(said(phrase)) == due


@pytest.mark.parametrize(
    ("phrase", "due", "flags", "others"),
    [
        ("thursday at 9", "04-15 09:00", ("ambiguous",), ["04-15 21:00"]),
        ("sat at 4", "04-17 16:00", ("ambiguous",), ["04-17 04:00"]),
        ("tomorrow at 12", "04-14 12:00", (), []),
        ("thursday 21h", "04-15 21:00", (), []),
        ("next friday 18:30", "04-23 18:30", ("ambiguous",), ["04-16 18:30"]),
        ("next monday 18:30", "04-19 18:30", (), []),
        ("tuesday 20:15", "04-13 20:15", ("ambiguous",), ["04-20 20:15"]),
        ("tuesday 10:15", "04-20 10:15", (), []),
        ("friday after next 9:00", "04-30 09:00", ("ambiguous",), ["04-23 09:00"]),
        ("friday evening", "04-16 19:00", ("default_time",), []),
        ("thursday 6pm-ish", "04-15 18:00", ("approximate",), []),
    ],
)
def test_what_may_be_meant_otherwise_is_flagged_and_offered(said, phrase, due, flags, others):
    reading = said(phrase)

    assert (local(reading), reading.flags, offered(reading)) == (due, flags, others)


@pytest.mark.parametrize(
    ("phrase", "why", "others"),
    [
        ("on sunday", "no_time", ["04-18 09:00", "04-18 12:00", "04-18 18:00"]),
        ("today 9:00", "past", ["04-14 09:00"]),
        ("4 april 12:00", "past", ["04-04 12:00"]),
        ("31 april 10:00", "invalid", []),
        ("tomorrow 8:75", "invalid", []),
        ("friday 29 april 9:00", "conflict", ["04-16 09:00", "04-29 09:00"]),
        ("sunday between 3 and 5pm", "range", ["04-18 15:00"]),
        ("fri or sun 10:00", "ambiguous", ["04-16 10:00", "04-18 10:00"]),
        ("friday at midnight", "ambiguous", ["04-16 00:00", "04-17 00:00"]),
        ("9", "ambiguous", ["04-14 09:00", "04-13 21:00"]),
        ("some time on friday", "vague", []),
        ("friday 10:00 CST", "ambiguous", ["04-16 18:00", "04-16 04:00"]),
        ("thursday with 2 cats at 10:00", "unread", []),
    ],
)
def test_what_is_not_sure_is_asked(said, phrase, why, others):
    reading = said(phrase)

    assert (reading.status, reading.why) == ("ask", why)
    vienna = [each.at_utc.astimezone(NOW.tzinfo) for each in reading.alternatives]
    assert [f"{each:%m-%d %H:%M}" for each in vienna] == others


def test_the_word_that_was_not_understood_is_named(said):
    phrase = "friday grumpf 10:00"

    start, end = said(phrase).unread

    assert phrase[start:end] == "grumpf"


def test_a_date_in_numbers_follows_the_order_of_the_person(said):
    assert local(said("3/5 10:00", order="DMY")) == "05-03 10:00"
    assert local(said("3/5 10:00", order="MDY")) == "03-05 10:00"
    assert said("3/5 10:00", order=None).why == "ambiguous"
    assert local(said("3.5. 10:00", order="MDY")) == "05-03 10:00"


def test_a_named_zone_is_where_tomorrow_is(said):
    reading = said("tomorrow 1am tokyo time")

    assert reading.tz == "Asia/Tokyo"
    assert reading.at_utc == datetime(2027, 4, 13, 16, 0, tzinfo=UTC)


def test_an_abbreviation_against_the_season_is_literal_and_flagged(said):
    reading = said("noon EST friday")

    assert reading.flags == ("ambiguous",)
    assert reading.at_utc == datetime(2027, 4, 16, 17, 0, tzinfo=UTC)
    assert reading.alternatives[0].at_utc == datetime(2027, 4, 16, 16, 0, tzinfo=UTC)
    assert "-05:00" in reading.reads_as


def test_bad_044_a_clock_that_has_passed_means_the_next_one(said):
    assert local(said("9am", at="2027-04-13T09:01")) == "04-14 09:00"


@pytest.mark.parametrize("phrase", ["yesterday 9am", "last friday", "last friday 10:00"])
def test_bad_045_the_past_is_refused(said, phrase):
    reading = said(phrase)

    assert (reading.status, reading.why) == ("ask", "past")


@pytest.mark.parametrize("phrase", ["now", "in 0 minutes", "right now please"])
def test_bad_046_now_is_offered_and_never_done_unasked(said, phrase):
    reading = said(phrase)

    assert reading.status == "ask"
    assert reading.is_now
    assert reading.alternatives[0].at_utc == NOW


@pytest.mark.parametrize("phrase", ["tomorrow at 25:00", "tomorrow 13pm"])
def test_bad_047_an_impossible_clock_is_asked_back(said, phrase):
    assert said(phrase).why == "invalid"


def test_bad_048_an_impossible_day_is_asked_back(said):
    assert said("31 february 9:00").why == "invalid"


def test_bad_049_a_date_of_unknown_order_offers_both(said):
    reading = said("12/11 9:00", order=None)

    assert offered(reading) == ["11-12 09:00", "12-11 09:00"]


def test_bad_050_a_time_in_a_gap_is_asked_never_moved(said):
    reading = said("tomorrow 2:30", at="2027-03-27T12:00", zone="Europe/Berlin")

    assert reading.why == "nonexistent"
    assert offered(reading) == ["03-28 03:30"]


def test_bad_051_a_time_that_comes_twice_is_asked(said):
    reading = said("tomorrow 1:30", at="2026-10-31T12:00", zone="America/New_York")

    assert reading.why == "overlap"
    assert [each.at_utc.hour for each in reading.alternatives] == [5, 6]


@pytest.mark.parametrize("phrase", ["in 500 years", "in 800 days", "5 may 2031 10:00"])
def test_bad_052_what_is_too_far_is_asked_back(said, phrase):
    assert said(phrase).why == "too_far"


@pytest.mark.parametrize("joint", [" and ", ", ", "; "])
def test_bad_054_two_times_are_two_readings(joint):
    readings = read(f"9am tomorrow{joint}6pm friday", now=NOW, profile=VIENNA)

    assert [local(each) for each in readings] == ["04-14 09:00", "04-16 18:00"]


def test_bad_056_ten_thousand_characters_are_refused():
    (reading,) = read("tomorrow 9am " * 800, now=NOW, profile=VIENNA)

    assert reading.status == "none"


def test_a_clock_change_between_keeps_the_wall_clock_of_days_and_the_length_of_hours(said):
    eve = {"at": "2027-03-27T12:00", "zone": "Europe/Vienna"}

    assert local(said("in 1 day", **eve)) == "03-28 12:00"
    assert local(said("in 24 hours", **eve)) == "03-28 13:00"


phrases = st.tuples(
    st.sampled_from(
        [
            "",
            "tomorrow",
            "fri",
            "next sunday",
            "16 may",
            "in 3 days",
            "the 24th",
            "5/6",
            "weekend",
            "tonight",
            "last friday of may",
            "26 march 2028",
            "29 oct 2028",
            "31 oct",
        ]
    ),
    st.sampled_from(
        [
            "9:15",
            "at 8",
            "7pm",
            "noon",
            "2:30",
            "23:59",
            "half past six",
            "around 10",
            "at 0130",
            "9:15 tokyo time",
        ]
    ),
    st.sampled_from(
        [
            "Europe/Vienna",
            "America/New_York",
            "Asia/Kolkata",
            "Australia/Lord_Howe",
            "America/St_Johns",
            "UTC",
        ]
    ),
    st.datetimes(EARLY, LATE),
    st.sampled_from(LANGUAGES),
)


@given(phrases)
@settings(max_examples=250, deadline=None)
def test_what_is_echoed_reads_back_as_the_same_instant_in_every_language(drawn):
    day, clock, zone, moment, language = drawn
    now = moment.replace(microsecond=0, tzinfo=UTC)
    profile = Profile(zone, language, date_order="DMY")

    for reading in read(f"{day} {clock}", now=now, profile=profile):
        for each in (reading, *reading.alternatives):
            if each.status == "ok":
                (again,) = read(each.reads_as, now=now, profile=profile)
                assert again.at_utc == each.at_utc
                assert again.flags == ()


@given(st.integers(1, 3_000_000), st.datetimes(EARLY, LATE))
def test_seconds_from_now_are_exact(seconds, moment):
    now = moment.replace(microsecond=0, tzinfo=UTC)

    (reading,) = read(f"in {seconds} seconds", now=now, profile=VIENNA)

    assert reading.at_utc == now + timedelta(seconds=seconds)


strange = st.text() | st.lists(
    st.sampled_from(
        [
            "9",
            ":",
            "every",
            "to",
            "and",
            "or",
            "until",
            "half",
            "past",
            "fri",
            "may",
            "2027",
            "/",
            "-",
            ".",
            "'",
            "+",
            "in",
            "of",
            "the",
            "last",
            "week",
            "uhr",
            "10:00",
            "9am",
            "\x00",
            "\ud800",
            "３",
            "٣",
            "½",
            "z",
            "utc",
            "first",
            "x",
            "½",
            "🙏",
        ]
    )
).map(" ".join)


@given(strange, st.sampled_from(["en", "de", "es", "fr", "pt", "it", "ru", "uk", "tr", "ja", ""]))
@settings(max_examples=300, deadline=None)
def test_no_text_is_too_strange(text, language):
    profile = Profile("Europe/Vienna", language, date_order="DMY")

    readings = read(text, now=NOW, profile=profile)

    assert readings
    assert readings == read(text, now=NOW, profile=profile)
    for reading in readings:
        if reading.status == "ok":
            assert (reading.at_utc or reading.first) > NOW


pieces = st.sampled_from(
    [
        "a",
        "é",
        "9",
        " ",
        "\n",
        "9:00 ",
        "and ",
        "or ",
        "fri ",
        "every ",
        "half ",
        "[",
        "(",
        "| ",
        "when: ",
        "⏰ ",
        "🔥",
        "#a ",
        "@a. ",
        "http://",
        ".",
        "-",
        "/schedule ",
        '"',
        "to ",
        "in 2 h ",
        "1/2 ",
        "e\u0301",
        "\u200b",
        "завтра ",
        "uhr ",
        "a@",
        "`",
    ]
)


@given(st.lists(pieces, min_size=1, max_size=6), st.sampled_from(LANGUAGES))
@settings(max_examples=25)
def test_work_does_not_grow_faster_than_the_text(drawn, language):
    unit = "".join(drawn)
    profile = Profile("Europe/Vienna", language, date_order="DMY")
    warm_up()

    short, long = (
        calls_of(partial(split, unit * (size // len(unit)), now=NOW, profile=profile))
        for size in (2048, 4096)
    )

    assert long < 2 * short + 2_000
    assert long < 30_000


def calls_of(work: Callable[[], object]) -> int:
    """How many calls, of Python and of C, the work makes: its price without a clock."""
    count = 0

    def tally(_frame: object, event: str, _arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(tally)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    ("phrase", "due"),
    [
        ("2 days before christmas 9:10", "2027-12-23 09:10"),
        ("a week before halloween at 9:10", "2027-10-24 09:10"),
        ("the day before christmas 9:10", "2027-12-24 09:10"),
        ("3 days before the 30th, 9:10", "2027-04-27 09:10"),
        ("one day before 1 may 9:10", "2027-04-30 09:10"),
        ("this time tomorrow", "2027-04-14 14:20"),
    ],
)
def test_a_day_by_what_comes_after_it(said, phrase, due):
    assert f"{said(phrase).local:%Y-%m-%d %H:%M}" == due


@pytest.mark.parametrize(
    "phrase",
    ["before christmas 9:10", "2 days before 9:10", "an hour before friday 9:10", "2 days before"],
)
def test_what_is_only_before_something_is_asked(said, phrase):
    assert said(phrase).status == "ask"


def test_a_day_before_that_has_passed_is_asked(said):
    assert said("3 days before tomorrow 9:10").why == "past"


@pytest.mark.parametrize("phrase", ["thu 745", "745 thu"])
def test_three_digits_beside_a_day_are_asked_with_both_halves_of_the_day(said, phrase):
    reading = said(phrase)

    assert reading.why == "ambiguous"
    assert [f"{one.local:%d %H:%M}" for one in reading.alternatives] == ["15 07:45", "15 19:45"]


@pytest.mark.parametrize("phrase", ["745", "thu 763", "thu 748", "room 745"])
def test_three_digits_that_may_be_a_number_are_not_read(said, phrase):
    assert said(phrase).why == "unread"


def test_a_weekday_in_a_week_may_be_the_one_after_the_coming_one(said):
    reading = said("monday in a week 9:10")

    assert [one.local.day for one in (reading, *reading.alternatives)] == [19, 26]
    assert reading.flags == ("ambiguous",)


@pytest.mark.parametrize(
    ("language", "phrase"),
    [("ru", "3 часа"), ("fr", "3 heures"), ("it", "3 ore"), ("pt", "3 horas")],
)
def test_hours_without_more_are_a_clock_or_a_stretch(said, language, phrase):
    reading = said(phrase, language=language)

    assert reading.flags == ("ambiguous",)
    offered = [f"{one.local:%d %H:%M}" for one in (reading, *reading.alternatives)]
    assert offered == ["14 03:00", "13 17:20"]


@pytest.mark.parametrize("phrase", ["maybe thu 9:10", "thu 9:10 maybe", "perhaps thu 9:10?"])
def test_what_is_said_with_maybe_is_tapped_first(said, phrase):
    reading = said(phrase)

    assert f"{reading.local:%Y-%m-%d %H:%M}" == "2027-04-15 09:10"
    assert reading.flags == ("ambiguous",)


@pytest.mark.parametrize(
    ("language", "phrase"),
    [
        ("en", "in 1 hour and in 3 hours"),
        ("en", "+1h and +3h"),
        ("de", "in einer stunde und in 3 stunden"),
        ("ru", "через час и через 3 часа"),
    ],
)
def test_two_stretches_from_now_are_two_times(language, phrase):
    now = datetime(2027, 4, 13, 12, 20, tzinfo=UTC)

    readings = read(phrase, now=now, profile=Profile("Etc/UTC", language, "DMY"))

    assert [f"{one.local:%H:%M}" for one in readings] == ["13:20", "15:20"]


def test_a_weekday_with_an_article_offers_each_of_them_as_well(said):
    for language, phrase in (("it", "il giovedì alle 18:40"), ("fr", "le jeudi à 18h40")):
        reading = said(phrase, language=language)

        assert f"{reading.local:%m-%d %H:%M}" == "04-15 18:40"
        assert [each.rrule for each in reading.alternatives] == [
            "FREQ=WEEKLY;BYDAY=TH;BYHOUR=18;BYMINUTE=40"
        ]


def test_every_other_day_or_in_a_day_is_asked_with_all_it_may_mean(said):
    for language, phrase in (("ru", "через день в 8:40"), ("uk", "через день о 8:40")):
        asked = said(phrase, language=language)

        assert (asked.status, asked.why) == ("ask", "ambiguous")
        rule, *days = asked.alternatives
        assert rule.rrule == "FREQ=DAILY;INTERVAL=2;BYHOUR=8;BYMINUTE=40"
        assert [f"{each.local:%m-%d %H:%M}" for each in days] == ["04-14 08:40", "04-15 08:40"]


@pytest.mark.parametrize(
    ("language", "phrase", "days"),
    [
        ("en", "today and tomorrow at 5pm", ["04-13", "04-14"]),
        ("en", "5pm today & tomorrow", ["04-13", "04-14"]),
        ("en", "tomorrow and friday 5pm", ["04-14", "04-16"]),
        ("en", "next monday and tuesday 5pm", ["04-19", "04-20"]),
        ("en", "mon and thu next week 5pm", ["04-19", "04-22"]),
        ("en", "friday and next monday 5pm", ["04-16", "04-19"]),
        ("de", "heute und morgen um 17 uhr", ["04-13", "04-14"]),
        ("fr", "aujourd'hui et demain à 17h", ["04-13", "04-14"]),
        ("tr", "yarın ve cuma 17:00", ["04-14", "04-16"]),
    ],
)
def test_days_that_share_a_clock_are_a_time_each_and_no_rule(language, phrase, days):
    readings = read(phrase, now=NOW, profile=Profile("Europe/Vienna", language, "DMY"))

    assert [f"{one.local:%m-%d %H:%M}" for one in readings] == [f"{day} 17:00" for day in days]
    assert not any(one.rrule for one in readings)
