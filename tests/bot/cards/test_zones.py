from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.zones import _CITIES, find_zone, guesses
from tests.support.posts import a_member


@pytest.mark.parametrize(
    ("words", "zone"),
    [
        ("Berlin", "Europe/Berlin"),
        ("  berlin ", "Europe/Berlin"),
        ("BERLIN!", "Europe/Berlin"),
        ("Berlin, Germany", "Europe/Berlin"),
        ("I'm in Berlin", "Europe/Berlin"),
        ("in Berlin", "Europe/Berlin"),
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("München", "Europe/Berlin"),
        ("Muenchen", "Europe/Berlin"),
        ("Köln", "Europe/Berlin"),
        ("Zürich", "Europe/Zurich"),
        ("København", "Europe/Copenhagen"),
        ("Łódź", "Europe/Warsaw"),
        ("São Paulo", "America/Sao_Paulo"),
        ("sao paulo", "America/Sao_Paulo"),
        ("new york", "America/New_York"),
        ("New York City", "America/New_York"),
        ("new-york", "America/New_York"),
        ("New_York", "America/New_York"),
        ("Los Angeles, CA", "America/Los_Angeles"),
        ("St. Petersburg", "Europe/Moscow"),
        ("Port-au-Prince", "America/Port-au-Prince"),
        ("Kyiv", "Europe/Kyiv"),
        ("Kiev", "Europe/Kyiv"),
        ("Київ", "Europe/Kyiv"),
        ("Москва", "Europe/Moscow"),
        ("東京", "Asia/Tokyo"),
        ("서울", "Asia/Seoul"),
        ("UTC", "UTC"),
        ("Eastern Time", "America/New_York"),
    ],
)
def test_b36_a_city_is_found_however_it_is_spelled(words: str, zone: str) -> None:
    assert find_zone(words) == zone


def test_b36_a_zone_named_by_its_winter_letters_keeps_its_summer() -> None:
    assert find_zone("EST") == "America/New_York"
    assert find_zone("cet") == "Europe/Berlin"


@pytest.mark.parametrize(
    "words",
    [
        *("", "   ", "…", "\0", "hello there", "tomorrow 9am", "in 5 minutes", "now", "at home"),
        *("9", "east", "localtime", "Factory", "../etc/passwd", "in", "Germany, Germany"),
        "x" * 5000,
    ],
)
def test_b36_talk_is_no_city(words: str) -> None:
    assert find_zone(words) is None


@given(st.text(max_size=200))
def test_b36_any_text_gives_a_zone_that_exists_or_none(words: str) -> None:
    zone = find_zone(words)

    assert zone is None or ZoneInfo(zone).key == zone


def test_b36_every_zone_of_the_database_is_found_by_its_own_name() -> None:
    named = [zone for zone in available_timezones() if zone.count("/") and "Etc/" not in zone]

    lost = [zone for zone in named if find_zone(zone) != zone and find_zone(zone) is None]

    assert not lost


def test_b36_every_city_of_ours_leads_to_a_zone_that_exists() -> None:
    assert {zone for zone in _CITIES.values() if zone not in available_timezones()} == set()


@pytest.mark.parametrize(
    "hints",
    [
        {},
        {"zone_guesses": []},
        {"zone_guesses": None},
        {"zone_guesses": "Europe/Berlin"},
        {"zone_guesses": ["", "Mars/Olympus", "../../etc", "\0", 7]},
    ],
)
@pytest.mark.parametrize("language", ["en", "de", "uk", "xx", ""])
def test_b36_there_is_always_something_to_guess(hints: dict[str, object], language: str) -> None:
    found = guesses(a_member(zone=None, language=language, hints=hints))

    assert 2 <= len(found) <= 4
    assert len(set(found)) == len(found)
    assert all(ZoneInfo(zone) for zone in found)


def test_b36_what_the_machine_hints_is_guessed_first_then_the_language() -> None:
    member = a_member(language="fr", hints={"zone_guesses": ["Asia/Tokyo"]})

    assert guesses(member)[:2] == ["Asia/Tokyo", "Europe/Paris"]
