"""Which time zones to guess for a person, and which one a typed city means."""

import unicodedata
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from models.team import Member

_BY_LANGUAGE = {
    "de": "Europe/Berlin",
    "fr": "Europe/Paris",
    "es": "Europe/Madrid",
    "it": "Europe/Rome",
    "pt": "America/Sao_Paulo",
    "ru": "Europe/Moscow",
    "uk": "Europe/Kyiv",
    "tr": "Europe/Istanbul",
    "en": "Europe/London",
}
_COMMON = ("Europe/Berlin", "Europe/London", "America/New_York", "America/Los_Angeles")
_GUESSES = 4
_CITIES = {
    "munich": "Europe/Berlin",
    "muenchen": "Europe/Berlin",
    "munchen": "Europe/Berlin",
    "hamburg": "Europe/Berlin",
    "cologne": "Europe/Berlin",
    "koln": "Europe/Berlin",
    "frankfurt": "Europe/Berlin",
    "wien": "Europe/Vienna",
    "zurich": "Europe/Zurich",
    "geneva": "Europe/Zurich",
    "milan": "Europe/Rome",
    "milano": "Europe/Rome",
    "roma": "Europe/Rome",
    "barcelona": "Europe/Madrid",
    "lisboa": "Europe/Lisbon",
    "kiev": "Europe/Kyiv",
    "moskau": "Europe/Moscow",
    "st petersburg": "Europe/Moscow",
    "ankara": "Europe/Istanbul",
    "san francisco": "America/Los_Angeles",
    "seattle": "America/Los_Angeles",
    "san diego": "America/Los_Angeles",
    "las vegas": "America/Los_Angeles",
    "boston": "America/New_York",
    "washington": "America/New_York",
    "miami": "America/New_York",
    "atlanta": "America/New_York",
    "philadelphia": "America/New_York",
    "dallas": "America/Chicago",
    "houston": "America/Chicago",
    "austin": "America/Chicago",
    "montreal": "America/Toronto",
    "mumbai": "Asia/Kolkata",
    "delhi": "Asia/Kolkata",
    "new delhi": "Asia/Kolkata",
    "bangalore": "Asia/Kolkata",
    "beijing": "Asia/Shanghai",
    "rio de janeiro": "America/Sao_Paulo",
    "rio": "America/Sao_Paulo",
    "abu dhabi": "Asia/Dubai",
    "manchester": "Europe/London",
    "edinburgh": "Europe/London",
}


def guesses(member: Member) -> list[str]:
    """Return the zones to offer a person, the likeliest first; never empty."""
    hints = member.hints.get("zone_guesses")
    known = [str(zone) for zone in hints] if isinstance(hints, list) else []
    ordered = [*known, _BY_LANGUAGE.get(member.language, "Europe/London"), *_COMMON]
    return list(dict.fromkeys(zone for zone in ordered if _exists(zone)))[:_GUESSES]


def find_zone(words: str) -> str | None:
    """Return the zone that a typed city or zone name means, None when it is not known."""
    wanted = _fold(words)
    return _names().get(wanted) or _CITIES.get(wanted)


def _exists(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return False
    return True


@cache
def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for zone in sorted(available_timezones(), key=lambda name: (name.count("/"), name)):
        if zone.startswith(("Etc/", "SystemV/", "posix", "right")):
            continue
        found.setdefault(_fold(zone), zone)
        if "/" in zone:
            found.setdefault(_fold(zone.rsplit("/", 1)[-1]), zone)
    return found


def _fold(words: str) -> str:
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return " ".join(plain.casefold().replace("_", " ").replace("-", " ").replace(",", " ").split())
