"""The runs of a rule are those that dateutil finds."""

from datetime import UTC, datetime, timedelta
from itertools import islice

from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.when.rule import Rule, parse_rule, runs_after

EARLY, LATE = datetime(2024, 1, 1, tzinfo=UTC), datetime(2032, 1, 1, tzinfo=UTC)
moments = st.datetimes(EARLY.replace(tzinfo=None), LATE.replace(tzinfo=None))
weekdays = st.lists(st.integers(0, 6), min_size=1, max_size=4, unique=True)
month_days = st.lists(st.integers(-3, 31).filter(bool), min_size=1, max_size=3, unique=True)
places = st.lists(
    st.tuples(st.sampled_from([1, 2, 3, 4, 5, -1, -2]), st.integers(0, 6)),
    min_size=1,
    max_size=3,
    unique=True,
)
clocks = st.tuples(
    st.lists(st.integers(0, 23), max_size=3, unique=True), st.sampled_from([[0], [30], [10, 40]])
)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    rule = Rule("DAILY", draw(st.integers(1, 5)))
    shape = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "nth", "YEARLY", "nth of a year"]))
    rule.freq = {"nth": "MONTHLY", "nth of a year": "YEARLY"}.get(shape, shape)
    if shape == "WEEKLY":
        rule.days = [(0, day) for day in draw(weekdays)]
    elif shape in ("MONTHLY", "YEARLY"):
        rule.month_days = draw(month_days)
    elif shape != "DAILY":
        rule.days = draw(places)
    if rule.freq == "YEARLY":
        rule.months = [draw(st.integers(1, 12))]
    hours, minutes = draw(clocks)
    if hours:
        rule.hours, rule.minutes = sorted(hours), minutes
    return rule


@given(rules(), moments)
@settings(max_examples=200)
def test_runs_are_those_of_dateutil(rule, start):
    start = start.replace(microsecond=0, second=0)
    text = rule.text() + ";BYSECOND=0" if rule.hours else rule.text()
    horizon = start + timedelta(days=366 * 8)

    found = [run for run in islice(rule.runs(start), 12) if run <= horizon]

    expected = rrulestr(text, dtstart=start).between(start, horizon, inc=True, count=12)
    assert found == list(islice(expected, len(found)))
    assert len(found) == 12 or len(found) == len(expected)


@given(rules(), moments)
def test_a_rule_survives_its_text(rule, start):
    again = parse_rule(rule.text())

    assert again.text() == rule.text()
    assert list(islice(again.runs(start), 3)) == list(islice(rule.runs(start), 3))


def test_months_without_the_day_are_left_out():
    begin = datetime.fromisoformat("2027-01-31T09:00")
    rule = "FREQ=MONTHLY;BYMONTHDAY=31;BYHOUR=9;BYMINUTE=0"

    runs = runs_after(rule, dtstart=begin, tz="UTC", after=EARLY, count=4)

    assert [run.month for run in runs] == [1, 3, 5, 7]


def test_a_day_that_never_comes_has_no_runs():
    begin = datetime.fromisoformat("2027-01-31T09:00")
    rule = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;BYHOUR=9;BYMINUTE=0"

    assert runs_after(rule, dtstart=begin, tz="UTC", after=EARLY, count=1) == []
