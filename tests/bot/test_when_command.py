"""`python -m bot when`, for people and for machines."""

import json
import subprocess
import sys

import pytest

from bot.when_command import answer, main

LINE = {
    "id": "a1",
    "input": "thu 18:10",
    "ref": "2027-04-13T14:20",
    "tz": "Europe/Vienna",
    "lang": "en",
    "date_order": "DMY",
    "mode": "phrase",
}


def answered(**changes: object) -> dict[str, object]:
    return answer(json.dumps({**LINE, **changes}).encode())


def test_a_phrase_is_answered_in_local_time():
    reply = answered()

    assert (reply["id"], reply["status"], reply["at"]) == ("a1", "ok", "2027-04-15T18:10")
    assert reply["elapsed_us"] > 0


def test_a_message_is_answered_with_caption_and_words():
    reply = answered(mode="message", input="Spring menu 🌿\nthu 18:10")

    assert (reply["caption"], reply["when"], reply["certain"]) == (
        "Spring menu 🌿",
        "thu 18:10",
        True,
    )


def test_a_question_leaves_the_message_whole():
    reply = answered(mode="message", input="Spring menu\nthu or fri 18:10")

    assert (reply["status"], reply["caption"]) == ("ask", "Spring menu\nthu or fri 18:10")


def test_a_time_that_comes_twice_is_offered_with_offsets():
    reply = answered(input="31 oct 2:15")

    assert reply["alternatives"] == ["2027-10-31T02:15+02:00", "2027-10-31T02:15+01:00"]


def test_a_recurrence_is_answered_with_its_rule_and_runs():
    reply = answered(input="every sunday 18:15 for 3 times")

    assert reply["rrule"] == "FREQ=WEEKLY;BYDAY=SU;BYHOUR=18;BYMINUTE=15;COUNT=3"
    assert (reply["first"], reply["next"]) == (
        "2027-04-18T18:15",
        ["2027-04-25T18:15", "2027-05-02T18:15"],
    )
    assert reply["at"] is None


def test_two_times_are_a_question_with_both():
    reply = answered(input="9am tomorrow and 6pm friday")

    assert (reply["status"], reply["why"]) == ("ask", "ambiguous")
    assert reply["alternatives"] == ["2027-04-14T09:00", "2027-04-16T18:00"]


@pytest.mark.parametrize(
    "line",
    [
        b"no json",
        b"{}",
        b"[]",
        b'{"id": "x", "input": 7, "ref": "2027-04-13T14:20"}',
        b"\xff\xfe",
        b'{"input": "9am", "ref": "soon", "tz": "UTC"}',
        b'{"input": "9am", "ref": "2027-04-13", "tz": "Moon/Base"}',
    ],
)
def test_a_faulty_line_is_answered_as_unread(line):
    assert answer(line) == {"id": None, "status": "none", "why": "unread"}


def test_lines_are_answered_in_order_and_end_at_line_feeds_only():
    lines = [
        {**LINE, "id": str(n), "input": text}
        for n, text in enumerate(["9am\u2028", "thu 18:10", "\x00"])
    ]
    given = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)

    done = subprocess.run(
        [sys.executable, "-m", "bot", "when", "--jsonl"],
        input=given.encode(),
        capture_output=True,
        check=True,
    )

    assert [json.loads(line)["id"] for line in done.stdout.decode().splitlines()] == [
        "0",
        "1",
        "2",
    ]


def test_a_person_is_told_what_was_read(capsys):
    status = main(["thursday at 8", "--tz", "Europe/Vienna", "--now", "2027-04-13T14:20"])

    told = capsys.readouterr().out
    assert status == 0
    assert "Thu 15 Apr 2027 08:00 Europe/Vienna" in told
    assert "or: Thu 15 Apr 2027 20:00" in told


def test_a_person_is_told_the_word_that_was_not_understood(capsys):
    status = main(["friday", "grumpf", "10:00", "--tz", "Europe/Vienna"])

    told = capsys.readouterr().out
    assert status == 1
    assert "not understood: 'grumpf'" in told
    assert "  friday grumpf 10:00\n         ^^^^^^\n" in told


def test_a_person_is_told_how_far_it_is_and_what_their_own_clock_shows(capsys):
    main(["fri 18:30 tokyo time", "--tz", "Europe/Vienna", "--now", "2027-04-13T14:20"])

    told = capsys.readouterr().out
    assert told == (
        "ok: Fri 16 Apr 2027 18:30 Asia/Tokyo (in 2 d 21 h 10 min)"
        " = Fri 16 Apr 11:30 Europe/Vienna\n"
    )


@pytest.mark.parametrize(
    ("phrase", "reason"),
    [
        ("friday", "the clock time is missing (no_time)"),
        ("26 march 2028 2:30", "clocks skip that time on that day (nonexistent)"),
        ("fri 10:00-12:00", "it is a stretch of time, not a moment (range)"),
    ],
)
def test_a_person_is_told_why_it_is_asked(phrase, reason, capsys):
    status = main([phrase, "--tz", "Europe/Vienna", "--now", "2027-04-13T14:20"])

    assert status == 1
    assert f"ask: {reason}\n" in capsys.readouterr().out


def test_a_city_is_answered_with_its_zone(capsys):
    assert main(["9am", "--tz", "berlin"]) == 2
    assert "did you mean Europe/Berlin?" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [[], ["9am", "--tz", "Moon/Base"], ["9am", "--now", "soon"]])
def test_a_wrong_call_is_told_on_standard_error(argv, capsys):
    assert main(argv) == 2
    assert capsys.readouterr().err
