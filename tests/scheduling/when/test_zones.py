"""Wall clocks and instants, in every zone and over every clock change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from scheduling.when import Profile, read, split
from scheduling.when.zones import find_city, instants_of, shifted_out_of_gap, zone_of

FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
ZONES = sorted(name for name in available_timezones() if "/" in name)


def changes(name: str) -> list[tuple[datetime, timedelta, timedelta]]:
    """The clock changes of a zone: (first instant after it, offset before, offset after)."""
    zone = ZoneInfo(name)
    found, at, step = [], FIRST, timedelta(days=7)
    while at < LAST:
        if at.astimezone(zone).utcoffset() != (at + step).astimezone(zone).utcoffset():
            low, high = at, at + step
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                middle = middle.replace(microsecond=0)
                same = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            before, after = low.astimezone(zone).utcoffset(), high.astimezone(zone).utcoffset()
            found.append((high, before, after))
        at += step
    return found


def asked_between(name: str, instant: datetime, before: timedelta, after: timedelta) -> bool:
    """Whether a phrase for the clock in the middle of the change is asked, with both or one."""
    middle = (instant + max(before, after)).replace(tzinfo=None) - abs(after - before) / 2
    profile = Profile(name, date_order="DMY")
    (reading,) = read(
        f"{middle:%Y-%m-%d %H:%M:%S}", now=instant - timedelta(days=3), profile=profile
    )
    if after > before:
        moved = [each.local for each in reading.alternatives]
        return reading.why == "nonexistent" and moved == [middle + (after - before)]
    instants = [each.at_utc for each in reading.alternatives]
    return reading.why == "overlap" and instants[1] - instants[0] == before - after


@pytest.mark.parametrize("part", range(6))
def test_every_change_of_every_zone_is_a_gap_or_an_overlap(part):
    seen = 0
    for name in ZONES[part::6]:
        zone = zone_of(name)
        for instant, before, after in changes(name):
            seen += 1
            assert asked_between(name, instant, before, after)
            old_clock = (instant + before).replace(tzinfo=None)
            new_clock = (instant + after).replace(tzinfo=None)
            if after > before:
                middle = old_clock + (after - before) / 2
                assert instants_of(middle, zone) == ()
                assert shifted_out_of_gap(middle, zone) == middle + (after - before)
            else:
                middle = new_clock + (before - after) / 2
                first, second = instants_of(middle, zone)
                assert second - first == before - after
                assert first < instant <= second
    assert seen > 50


@pytest.mark.parametrize(
    "name", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago"]
)
def test_a_phrase_over_a_clock_change_is_asked_or_keeps_the_wall_clock(name):
    zone = ZoneInfo(name)
    for instant, before, after in changes(name)[-3:]:
        shown = (instant + max(before, after)).replace(tzinfo=None) - abs(after - before) / 2
        now = instant - timedelta(days=3)
        profile = Profile(name, date_order="DMY")

        (reading,) = read(f"{shown:%Y-%m-%d %H:%M}", now=now, profile=profile)
        (later,) = read(f"{shown:%Y-%m-%d} 12:00", now=now, profile=profile)

        assert reading.why == ("nonexistent" if after > before else "overlap")
        assert later.at_utc.astimezone(zone).hour == 12


def test_cities_are_found_by_their_common_and_their_official_names():
    assert find_city("nyc") == "America/New_York"
    assert find_city("lisbon") == "Europe/Lisbon"
    assert find_city("atlantis") is None


def test_an_unknown_zone_counts_as_utc_and_an_offset_as_itself():
    assert zone_of("Nowhere/Land") is UTC
    assert zone_of("-03:30").utcoffset(None) == -timedelta(hours=3, minutes=30)


@pytest.mark.parametrize(
    ("phrase", "there"),
    [
        ("fri 9:10 tokyo", "Asia/Tokyo"),
        ("9:10pm friday, new york", "America/New_York"),
        ("friday noon in lisbon", "Europe/Lisbon"),
        ("fri 9:10 tokyo please", "Asia/Tokyo"),
        ("9:10 tokyo friday", "Asia/Tokyo"),
        ("every friday 9:10 tokyo", "Asia/Tokyo"),
    ],
)
def test_a_city_alone_is_its_zone_and_the_own_one_is_offered(said, phrase, there):
    reading = said(phrase)

    assert reading.tz == there
    assert "ambiguous" in reading.flags
    assert {one.tz for one in reading.alternatives} == {"Europe/Vienna"}


def test_the_own_city_needs_no_tap(said):
    assert said("fri 9:10 vienna").is_sure


@pytest.mark.parametrize("phrase", ["fri 9:10 atlantis", "fri 9:10 reunion", "tokyo", "fri tokyo"])
def test_a_place_that_tells_no_zone_is_asked_about(said, phrase):
    assert said(phrase).status != "ok"


@pytest.mark.parametrize("text", ["Our tour\nfri 21:10 tokyo", "Our tour! fri 21:10 tokyo"])
def test_a_city_beside_a_time_belongs_to_the_caption(text):
    found = split(
        text, now=datetime(2027, 4, 13, 12, tzinfo=UTC), profile=Profile("Europe/Vienna")
    )

    assert found.removed == ()
    assert found.reading.status != "ok"
