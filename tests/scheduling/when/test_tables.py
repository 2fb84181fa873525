"""Tables of phrases as they are typed, one test for each: what fails is listed."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scheduling.when import Profile, Reading, read

TABLES = Path(__file__).parent / "tables"


@pytest.mark.parametrize("table", ["instants", "questions", "zones", "recurrences", "languages"])
def test_every_phrase_of_a_table_is_read_as_it_says(table):
    wrong = {}
    seen = 0
    place: list[str] = []
    for line in (TABLES / f"{table}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("=== "):
            place = line.split()[1:]
        elif " => " in line and not line.startswith("#"):
            phrase, expected = line.split(" => ")
            seen += 1
            found = told(phrase, expected, *place)
            if found != expected:
                wrong[phrase] = (expected, found)

    assert wrong == {}
    assert seen > 50


def told(phrase: str, expected: str, now: str, zone: str, language: str, order: str) -> str:
    """What is read, in the words of the tables and in as much detail as *expected*."""
    at = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo(zone))
    readings = read(phrase, now=at, profile=Profile(zone, language, order))
    reading = readings[0]
    if len(readings) > 1:
        return "ask ambiguous" if "ambiguous" in expected else "ask"
    if reading.status != "ok":
        return f"{reading.status} {reading.why}" if " " in expected else reading.status
    if reading.rrule is not None:
        words = [reading.rrule]
        words += ["from", local(reading, zone)] if " from " in expected else []
    else:
        words = [local(reading, zone)]
    words += sorted(reading.flags, key=("ambiguous default_time approximate rolled_year".find))
    offered = [local(each, zone) for each in reading.alternatives]
    _, _, alternative = expected.partition(" or ")
    if alternative in offered:
        words += ["or", alternative]
    return " ".join(words)


def local(reading: Reading, zone: str) -> str:
    """The wall-clock time of the person, with seconds where there are some."""
    at = (reading.at_utc or reading.first).astimezone(ZoneInfo(zone))
    return f"{at:%Y-%m-%d %H:%M:%S}" if at.second else f"{at:%Y-%m-%d %H:%M}"
