"""Which time zones to guess for a person, and which one a typed city means."""

import re
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
_MAX_CHARS = 60
_CITIES = {
    # cities that are no zone of their own
    "munich": "Europe/Berlin",
    "muenchen": "Europe/Berlin",
    "munchen": "Europe/Berlin",
    "hamburg": "Europe/Berlin",
    "cologne": "Europe/Berlin",
    "koln": "Europe/Berlin",
    "koeln": "Europe/Berlin",
    "frankfurt": "Europe/Berlin",
    "stuttgart": "Europe/Berlin",
    "dusseldorf": "Europe/Berlin",
    "duesseldorf": "Europe/Berlin",
    "leipzig": "Europe/Berlin",
    "dresden": "Europe/Berlin",
    "bremen": "Europe/Berlin",
    "hannover": "Europe/Berlin",
    "nuremberg": "Europe/Berlin",
    "nurnberg": "Europe/Berlin",
    "wien": "Europe/Vienna",
    "graz": "Europe/Vienna",
    "salzburg": "Europe/Vienna",
    "zurich": "Europe/Zurich",
    "zuerich": "Europe/Zurich",
    "bern": "Europe/Zurich",
    "basel": "Europe/Zurich",
    "geneva": "Europe/Zurich",
    "geneve": "Europe/Zurich",
    "genf": "Europe/Zurich",
    "milan": "Europe/Rome",
    "milano": "Europe/Rome",
    "roma": "Europe/Rome",
    "rom": "Europe/Rome",
    "naples": "Europe/Rome",
    "napoli": "Europe/Rome",
    "barcelona": "Europe/Madrid",
    "valencia": "Europe/Madrid",
    "seville": "Europe/Madrid",
    "sevilla": "Europe/Madrid",
    "lyon": "Europe/Paris",
    "marseille": "Europe/Paris",
    "lisboa": "Europe/Lisbon",
    "porto": "Europe/Lisbon",
    "antwerp": "Europe/Brussels",
    "rotterdam": "Europe/Amsterdam",
    "the hague": "Europe/Amsterdam",
    "kobenhavn": "Europe/Copenhagen",
    "gothenburg": "Europe/Stockholm",
    "warszawa": "Europe/Warsaw",
    "krakow": "Europe/Warsaw",
    "lodz": "Europe/Warsaw",
    "praha": "Europe/Prague",
    "prag": "Europe/Prague",
    "bucuresti": "Europe/Bucharest",
    "beograd": "Europe/Belgrade",
    "athen": "Europe/Athens",
    "αθήνα": "Europe/Athens",
    "kiev": "Europe/Kyiv",
    "kiew": "Europe/Kyiv",
    "київ": "Europe/Kyiv",
    "киев": "Europe/Kyiv",
    "lviv": "Europe/Kyiv",
    "moskau": "Europe/Moscow",
    "москва": "Europe/Moscow",
    "st petersburg": "Europe/Moscow",
    "saint petersburg": "Europe/Moscow",
    "ankara": "Europe/Istanbul",
    "izmir": "Europe/Istanbul",
    "manchester": "Europe/London",
    "edinburgh": "Europe/London",
    "birmingham": "Europe/London",
    "glasgow": "Europe/London",
    "bristol": "Europe/London",
    "nyc": "America/New_York",
    "ny": "America/New_York",
    "la": "America/Los_Angeles",
    "sf": "America/Los_Angeles",
    "san francisco": "America/Los_Angeles",
    "seattle": "America/Los_Angeles",
    "san diego": "America/Los_Angeles",
    "las vegas": "America/Los_Angeles",
    "boston": "America/New_York",
    "washington": "America/New_York",
    "washington dc": "America/New_York",
    "miami": "America/New_York",
    "atlanta": "America/New_York",
    "philadelphia": "America/New_York",
    "dallas": "America/Chicago",
    "houston": "America/Chicago",
    "austin": "America/Chicago",
    "montreal": "America/Toronto",
    "ottawa": "America/Toronto",
    "ciudad de mexico": "America/Mexico_City",
    "san juan": "America/Puerto_Rico",
    "rio de janeiro": "America/Sao_Paulo",
    "rio": "America/Sao_Paulo",
    "brasilia": "America/Sao_Paulo",
    "mumbai": "Asia/Kolkata",
    "delhi": "Asia/Kolkata",
    "new delhi": "Asia/Kolkata",
    "bangalore": "Asia/Kolkata",
    "chennai": "Asia/Kolkata",
    "beijing": "Asia/Shanghai",
    "北京": "Asia/Shanghai",
    "上海": "Asia/Shanghai",
    "shenzhen": "Asia/Shanghai",
    "東京": "Asia/Tokyo",
    "osaka": "Asia/Tokyo",
    "서울": "Asia/Seoul",
    "hanoi": "Asia/Ho_Chi_Minh",
    "tel aviv": "Asia/Jerusalem",
    "abu dhabi": "Asia/Dubai",
    "القاهرة": "Africa/Cairo",
    "cape town": "Africa/Johannesburg",
    "canberra": "Australia/Sydney",
    "wellington": "Pacific/Auckland",
    # what people call their own clock, winter or summer
    "est": "America/New_York",
    "edt": "America/New_York",
    "eastern": "America/New_York",
    "cst": "America/Chicago",
    "cdt": "America/Chicago",
    "central": "America/Chicago",
    "mst": "America/Denver",
    "mdt": "America/Denver",
    "mountain": "America/Denver",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "pacific": "America/Los_Angeles",
    "cet": "Europe/Berlin",
    "cest": "Europe/Berlin",
    "mez": "Europe/Berlin",
    "mesz": "Europe/Berlin",
    "eet": "Europe/Athens",
    "eest": "Europe/Athens",
    "wet": "Europe/Lisbon",
    "bst": "Europe/London",
    "ist": "Asia/Kolkata",
    "jst": "Asia/Tokyo",
    "msk": "Europe/Moscow",
}
"""Before the names of the zone database: its "EST" knows no summer, its "East" is Brazil's."""

_NO_NAMES = frozenset({"Factory", "localtime", "posixrules", "leapseconds"})
_DIRECTIONS = frozenset({"east", "west", "north", "south", "general", "continental", "act"})
_LEAD = re.compile(r"(?:i am|i m|im|we are|we re|it is|it s)?\s*(?:in|at|from)\s+(.+)")
_COUNTRIES = frozenset(
    {"germany", "deutschland", "austria", "switzerland", "france", "italy", "spain", "portugal"}
    | {"uk", "england", "scotland", "great britain", "usa", "us", "canada", "mexico", "brazil"}
    | {"india", "japan", "china", "australia", "netherlands", "poland", "ukraine", "russia"}
    | {"turkey", "greece", "ireland", "sweden", "norway", "denmark", "finland", "belgium"}
    | {"ca", "ny", "dc", "tx", "fl", "city", "time", "timezone", "time zone"}
)
_PLAIN_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})


def guesses(member: Member) -> list[str]:
    """Return the zones to offer a person, the likeliest first; never empty."""
    hints = member.hints.get("zone_guesses")
    known = [str(zone) for zone in hints] if isinstance(hints, list) else []
    ordered = [*known, _BY_LANGUAGE.get(member.language, "Europe/London"), *_COMMON]
    return list(dict.fromkeys(zone for zone in ordered if _exists(zone)))[:_GUESSES]


def find_zone(words: str) -> str | None:
    """Return the zone that a typed city or zone name means, None when it is not known."""
    wanted = _fold(words)
    if not wanted or len(wanted) > _MAX_CHARS:
        return None
    lead = _LEAD.fullmatch(wanted)
    for name in (wanted, *([lead[1]] if lead else [])):
        found = _named(name)
        if found:
            return found
    return None


def _named(name: str) -> str | None:
    """Look *name* up as it is, then without a country (or "city", "time") behind it."""
    found = _cities().get(name) or _names().get(name)
    if found:
        return found
    head, _, tail = name.rpartition(" ")
    return _named(head) if head and tail in _COUNTRIES else None


def _exists(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return False
    return True


@cache
def _cities() -> dict[str, str]:
    return {_fold(city): zone for city, zone in _CITIES.items()}


@cache
def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for zone in sorted(available_timezones(), key=lambda name: (name.count("/"), name)):
        if zone.startswith(("Etc/", "SystemV/", "posix", "right")) or zone in _NO_NAMES:
            continue
        found.setdefault(_fold(zone), zone)
        city = _fold(zone.rsplit("/", 1)[-1])
        if "/" in zone and city not in _DIRECTIONS:
            found.setdefault(city, zone)
    return found


def _fold(words: str) -> str:
    """Write *words* as they are looked up: small, without accents and signs between words."""
    apart = unicodedata.normalize("NFKD", words)
    plain = "".join(one for one in apart if not unicodedata.combining(one)).casefold()
    kept = "".join(one if one.isalnum() or one in "+/" else " " for one in plain)
    return " ".join(kept.translate(_PLAIN_LETTERS).split())
