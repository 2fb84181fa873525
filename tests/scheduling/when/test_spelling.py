"""Mistyped names of days: put right where only one can be meant, asked about where not."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.when import Profile, read, split
from scheduling.when.spelling import meant

NOW = datetime(2027, 9, 16, 10, 25, tzinfo=ZoneInfo("Europe/Berlin"))  # a Thursday
NAMES = {"monday": 0, "sunday": 6, "saturday": 5, "saterday": 5, "thursday": 3, "tuesday": 1}


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("saturdya", "saturday"),
        ("satruday", "saturday"),
        ("saturdayy", "saturday"),
        ("satrday", "saturday"),
        ("thrsday", "thursday"),
        ("munday", None),
        ("sturdy", None),
        ("suday", None),
        ("monday", None),
        ("mundane", None),
    ],
)
def test_one_slip_of_the_fingers_is_put_right(word, name):
    found = meant(word, NAMES)

    assert found == name or (name == "saturday" and NAMES[found] == 5)


@given(st.text(alphabet="adimnorstuy", max_size=12))
def test_a_word_is_never_taken_for_two_names(word):
    found = meant(word, NAMES)

    assert found is None or abs(len(found) - len(word)) <= 1


@pytest.mark.parametrize(
    ("language", "words", "day"),
    [
        ("en", "satruday 7:45", "18 Sep 07:45"),
        ("en", "tomrorow 7:45am pls", "17 Sep 07:45"),
        ("en", "5 novmber 7:45", "05 Nov 07:45"),
        ("en", "tonigth 21:45", "16 Sep 21:45"),
        ("de", "donnerstga 7:45", "23 Sep 07:45"),
        ("fr", "vendrdei 7h45", "17 Sep 07:45"),
        ("ru", "в субобту в 7:45", "18 Sep 07:45"),
    ],
)
def test_an_answer_with_a_slip_is_read(language, words, day):
    (reading,) = read(words, now=NOW, profile=Profile("Europe/Berlin", language, "DMY"))

    assert reading.status == "ok"
    assert f"{reading.local:%d %b %H:%M}" == day


@pytest.mark.parametrize(
    "words", ["munday 7:45", "sturdy 7:45", "augustine 7:45", "thirstday 7:45"]
)
def test_a_word_that_is_no_slip_is_asked_about(words):
    (reading,) = read(words, now=NOW, profile=Profile("Europe/Berlin"))

    assert reading.why == "unread"
    start, end = reading.unread
    assert words[start:end] == words.split()[0]


def test_nothing_is_put_right_in_a_caption():
    found = split("Our new look\nsatruday 7:45", now=NOW, profile=Profile("Europe/Berlin"))

    assert found.removed == ()
    assert found.reading.status != "ok"


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("munday 7:45", ["20 Sep 07:45", "19 Sep 07:45"]),
        ("tomorriw 7:45", ["17 Sep 07:45"]),
        ("wed 7:45 sharpish", ["22 Sep 07:45"]),
        ("21 sept 7:45 fingers crossed", []),
        ("wen 7:45", []),
        ("not wed 7:45", []),
        ("gibberish", []),
    ],
)
def test_what_a_strange_word_leaves_is_offered_where_it_is_plausible(words, offered):
    (reading,) = read(words, now=NOW, profile=Profile("Europe/Berlin", date_order="DMY"))

    assert reading.why == "unread"
    assert [f"{one.local:%d %b %H:%M}" for one in reading.alternatives] == offered
