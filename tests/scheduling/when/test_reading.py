"""Readings are values: they survive JSON and say themselves in words."""

import json
from datetime import UTC, datetime

import pytest

from scheduling.when import Profile, Reading, read

NOW = datetime(2026, 11, 23, 14, 10, tzinfo=UTC)
BERLIN = Profile("Europe/Berlin", date_order="DMY")


@pytest.mark.parametrize(
    "phrase", ["tomorrow 9am", "in 20 seconds", "today at 3", "now", "sunday", "xyz"]
)
def test_a_reading_survives_json(phrase):
    (reading,) = read(phrase, now=NOW, profile=BERLIN)

    assert Reading.from_json(json.loads(json.dumps(reading.to_json()))) == reading


@pytest.mark.parametrize("stored", [{}, {"status": "maybe", "tz": "UTC"}, {"status": "ok"}, []])
def test_a_damaged_reading_is_refused(stored):
    with pytest.raises(ValueError, match="not a stored reading"):
        Reading.from_json(stored)


def test_a_time_that_comes_twice_is_echoed_with_its_offset():
    eve = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)

    (reading,) = read("tomorrow 2:30", now=eve, profile=BERLIN)

    assert reading.why == "overlap"
    echoes = [each.reads_as for each in reading.alternatives]
    assert echoes == ["Sun 25 Oct 2026 02:30 +02:00", "Sun 25 Oct 2026 02:30 +01:00"]
