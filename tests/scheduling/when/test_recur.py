"""What recurs: the rule that is said, its first runs, and clock changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scheduling.when import Profile, Reading, read
from scheduling.when.lexicon import LANGUAGES
from scheduling.when.rule import parse_rule, runs_after

EARLY, LATE = datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2029-06-01")
NINE = "BYHOUR=9;BYMINUTE=0"


@pytest.mark.parametrize(
    ("phrase", "rule"),
    [
        ("every monday 9:00", f"FREQ=WEEKLY;BYDAY=MO;{NINE}"),
        ("ev mon 9am", f"FREQ=WEEKLY;BYDAY=MO;{NINE}"),
        ("mondays 9am", f"FREQ=WEEKLY;BYDAY=MO;{NINE}"),
        ("tue, thu & sat 9am", f"FREQ=WEEKLY;BYDAY=TU,TH,SA;{NINE}"),
        ("tue–sat 9:00", f"FREQ=WEEKLY;BYDAY=TU,WE,TH,FR,SA;{NINE}"),
        ("weekdays at 9:00", f"FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;{NINE}"),
        ("every weekend at 9:00", f"FREQ=WEEKLY;BYDAY=SA,SU;{NINE}"),
        ("every other friday 9:00", f"FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;{NINE}"),
        ("every 3 days at 9:00", f"FREQ=DAILY;INTERVAL=3;{NINE}"),
        ("twice a day at 9:00 and 18:00", "FREQ=DAILY;BYHOUR=9,18;BYMINUTE=0"),
        ("daily at 9:00 and 9:30", "FREQ=DAILY;BYHOUR=9;BYMINUTE=0,30"),
        ("first monday of every month 9:00", f"FREQ=MONTHLY;BYDAY=1MO;{NINE}"),
        ("every last friday of the month 9:00", f"FREQ=MONTHLY;BYDAY=-1FR;{NINE}"),
        ("the 1st and 15th of every month 9:00", f"FREQ=MONTHLY;BYMONTHDAY=1,15;{NINE}"),
        ("last day of each month 9:00", f"FREQ=MONTHLY;BYMONTHDAY=-1;{NINE}"),
        ("every july 4th 9:00", f"FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=4;{NINE}"),
        ("every thursday 9:00 for 4 weeks", f"FREQ=WEEKLY;BYDAY=TH;{NINE};COUNT=4"),
        ("every thursday 9:00, 5 times", f"FREQ=WEEKLY;BYDAY=TH;{NINE};COUNT=5"),
        ("every day 9:00 until 20 may", f"FREQ=DAILY;{NINE};UNTIL=20270520"),
        ("every tuesday 9:00 for a month", f"FREQ=WEEKLY;BYDAY=TU;{NINE};UNTIL=20270520"),
        ("every 4 hours", "FREQ=HOURLY;INTERVAL=4"),
        ("every 45 minutes", "FREQ=MINUTELY;INTERVAL=45"),
    ],
)
def test_a_recurrence_becomes_a_rule(said, phrase, rule):
    assert said(phrase).rrule == rule


def test_b34_the_rule_and_its_next_three_dates_are_told(said):
    reading = said("every mon and thu 9am until 31 may")

    assert reading.reads_as == (
        "every Monday and Thursday at 09:00 Europe/Vienna"
        " starting Thu 15 Apr 2027 until Mon 31 May 2027"
    )
    assert [run.day for run in (reading.first, *reading.next3)] == [15, 19, 22, 26]


def test_bad_053_a_bare_hour_of_a_recurrence_is_flagged_and_told(said):
    reading = said("every day at 9")

    assert reading.flags == ("ambiguous",)
    assert reading.first == datetime(2027, 4, 14, 7, 0, tzinfo=UTC)
    assert reading.alternatives[0].rrule == "FREQ=DAILY;BYHOUR=21;BYMINUTE=0"


def test_a_recurrence_without_a_clock_is_asked_with_its_rule(said):
    reading = said("every tuesday")

    assert (reading.why, reading.rrule) == ("no_time", "FREQ=WEEKLY;BYDAY=TU")


def test_every_second_weekday_may_be_the_second_of_the_month(said):
    reading = said("every second friday 9:00")

    assert reading.rrule == f"FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;{NINE}"
    assert reading.alternatives[0].rrule == f"FREQ=MONTHLY;BYDAY=2FR;{NINE}"


def test_clocks_with_unlike_minutes_are_two_rules():
    now = datetime(2027, 4, 13, 12, 20, tzinfo=UTC)

    readings = read("every day at 9:15 and 18:40", now=now, profile=Profile("Europe/Vienna"))

    assert [each.rrule[-20:] for each in readings] == [
        "BYHOUR=9;BYMINUTE=15",
        "YHOUR=18;BYMINUTE=40",
    ]


def test_bad_050_a_run_in_a_gap_moves_by_the_gap_that_day_only(said):
    reading = said("every sunday 2:30", at="2027-03-23T12:00")

    vienna = [run.astimezone(ZoneInfo("Europe/Vienna")) for run in (reading.first, *reading.next3)]
    assert [f"{run:%d.%m %H:%M}" for run in vienna[:2]] == ["28.03 03:30", "04.04 02:30"]


def test_bad_051_a_run_that_comes_twice_takes_the_first(said):
    reading = said("every sunday 2:30", at="2027-10-26T12:00")

    assert reading.first == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_a_recurrence_starts_on_the_day_that_is_said(said):
    reading = said("every other monday 8:15 starting 3 may")

    assert f"{reading.dtstart:%Y-%m-%d %H:%M}" == "2027-05-03 08:15"


def test_a_stored_rule_runs_on_and_ends():
    begin = datetime.fromisoformat("2027-04-15T09:00")
    rule = f"FREQ=WEEKLY;BYDAY=TH;{NINE};COUNT=3"
    after = datetime(2027, 4, 20, tzinfo=UTC)

    runs = runs_after(rule, dtstart=begin, tz="Europe/Vienna", after=after, count=9)

    assert [run.day for run in runs] == [22, 29]


def test_hourly_runs_of_years_are_found_at_once_and_keep_their_beat():
    begin = datetime.fromisoformat("2020-01-01T00:30")
    after = datetime(2027, 10, 31, 0, 0, tzinfo=UTC)

    runs = runs_after(
        "FREQ=HOURLY;INTERVAL=1", dtstart=begin, tz="Europe/Vienna", after=after, count=3
    )

    assert [f"{run:%H:%M}" for run in runs] == ["00:30", "01:30", "02:30"]


def test_hourly_runs_end_with_their_count_and_their_last_day():
    begin = datetime.fromisoformat("2027-04-13T20:00")
    before = datetime(2027, 4, 13, tzinfo=UTC)

    counted = runs_after(
        "FREQ=HOURLY;INTERVAL=2;COUNT=2", dtstart=begin, tz="UTC", after=before, count=9
    )
    until = runs_after(
        "FREQ=HOURLY;INTERVAL=2;UNTIL=20270413", dtstart=begin, tz="UTC", after=before, count=9
    )

    assert [run.hour for run in counted] == [20, 22]
    assert [run.hour for run in until] == [20, 22]


@pytest.mark.parametrize("text", ["", "FREQ=SOMETIMES", "FREQ=DAILY;COLOUR=red"])
def test_a_damaged_rule_is_refused(text):
    with pytest.raises(ValueError, match="no rule"):
        parse_rule(text)


rules = st.tuples(
    st.sampled_from(
        [
            "every day",
            "every 3 days",
            "weekdays",
            "every other friday",
            "mon & thu",
            "first monday of every month",
            "the 5th and 20th of every month",
            "last day of every month",
            "every april 20",
            "monthly",
            "weekly",
            "yearly",
            "every third thursday in may",
            "2nd to last friday of each month",
            "every 2 months on the 3rd",
        ]
    ),
    st.sampled_from(["at 9:15", "7pm", "noon", "at 8:00 and 20:00", "2:30"]),
    st.sampled_from(["", "for 5 times", "until 1 march 2028", "starting 20 may", "for 6 weeks"]),
    st.sampled_from(["Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "UTC"]),
    st.datetimes(EARLY, LATE),
    st.sampled_from(LANGUAGES),
)


@given(rules)
@settings(max_examples=150, deadline=None)
def test_a_recurrence_in_words_reads_back_as_the_same_rule_in_every_language(drawn):
    days, clock, end, zone, moment, language = drawn
    now = moment.replace(tzinfo=UTC)
    profile = Profile(zone, language, date_order="DMY")

    for reading in read(f"{days} {clock} {end}", now=now, profile=profile):
        if reading.status == "ok":
            again = read(reading.reads_as, now=now, profile=profile)[0]
            assert _runs(again) == _runs(reading)


def _runs(reading: Reading) -> tuple[object, ...]:
    return reading.rrule, reading.first, reading.next3


@given(st.datetimes(EARLY, LATE), st.integers(1, 30))
@example(datetime(2028, 10, 27, 23), 26)  # noqa: DTZ001 - due in the second of two hours
def test_hours_and_minutes_count_from_now(moment, amount):
    now = moment.replace(microsecond=0, tzinfo=UTC)

    (reading,) = read(f"every {amount} hours", now=now, profile=Profile("Europe/Vienna"))

    assert reading.first == now + timedelta(hours=amount)


@pytest.mark.parametrize(
    "phrase",
    ["every seventh thursday of the month", "sixth monday of every month 9:00"],
)
def test_a_weekday_that_no_month_has_so_often_is_asked_about(said, phrase):
    answer = said(phrase)

    assert (answer.status, answer.why, answer.rrule) == ("ask", "invalid", None)
