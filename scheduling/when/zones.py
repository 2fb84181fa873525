"""Wall clock to instant and back, with gaps and overlaps seen; names of zones to zones."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from scheduling.when.lex import compiled

_BEGIN = datetime(2000, 1, 1)  # noqa: DTZ001 - a wall clock, to count from
_UTC_BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)

ABBREVIATIONS: dict[str, tuple[tuple[str, int | None], ...]] = {
    "UTC": (("UTC", None),),
    "GMT": (("UTC", None),),
    "WET": (("Europe/Lisbon", 0),),
    "WEST": (("Europe/Lisbon", 60),),
    "CET": (("Europe/Berlin", 60),),
    "CEST": (("Europe/Berlin", 120),),
    "EET": (("Europe/Athens", 120),),
    "EEST": (("Europe/Athens", 180),),
    "MSK": (("Europe/Moscow", 180),),
    "TRT": (("Europe/Istanbul", 180),),
    "EST": (("America/New_York", -300),),
    "EDT": (("America/New_York", -240),),
    "CDT": (("America/Chicago", -300),),
    "MDT": (("America/Denver", -360),),
    "MST": (("America/Denver", -420),),
    "PST": (("America/Los_Angeles", -480),),
    "PDT": (("America/Los_Angeles", -420),),
    "AKST": (("America/Anchorage", -540),),
    "AKDT": (("America/Anchorage", -480),),
    "HST": (("Pacific/Honolulu", -600),),
    "BRT": (("America/Sao_Paulo", -180),),
    "ART": (("America/Argentina/Buenos_Aires", -180),),
    "JST": (("Asia/Tokyo", 540),),
    "KST": (("Asia/Seoul", 540),),
    "HKT": (("Asia/Hong_Kong", 480),),
    "SGT": (("Asia/Singapore", 480),),
    "AEST": (("Australia/Sydney", 600),),
    "AEDT": (("Australia/Sydney", 660),),
    "ACST": (("Australia/Adelaide", 570),),
    "ACDT": (("Australia/Adelaide", 630),),
    "AWST": (("Australia/Perth", 480),),
    "NZST": (("Pacific/Auckland", 720),),
    "NZDT": (("Pacific/Auckland", 780),),
    "SAST": (("Africa/Johannesburg", 120),),
    "CST": (("America/Chicago", -360), ("Asia/Shanghai", 480)),
    "BST": (("Europe/London", 60), ("Asia/Dhaka", 360)),
    "IST": (("Asia/Kolkata", 330), ("Europe/Dublin", 60), ("Asia/Jerusalem", 120)),
    "AST": (("America/Halifax", -240), ("Asia/Riyadh", 180)),
    "ADT": (("America/Halifax", -180), ("Asia/Baghdad", 240)),
    "ECT": (("America/Guayaquil", -300), ("Europe/Berlin", 60)),
    "SST": (("Pacific/Pago_Pago", -660), ("Asia/Singapore", 480)),
    "GST": (("Asia/Dubai", 240), ("Atlantic/South_Georgia", -120)),
    "PST8": (("America/Los_Angeles", None),),
    "ET": (("America/New_York", None),),
    "CT": (("America/Chicago", None),),
    "MT": (("America/Denver", None),),
    "PT": (("America/Los_Angeles", None),),
    "UK": (("Europe/London", None),),
}
"""What an abbreviation may stand for: (zone, minutes of its offset, None where it has none)."""

_CITIES = {
    "nyc": "America/New_York",
    "ny": "America/New_York",
    "boston": "America/New_York",
    "miami": "America/New_York",
    "atlanta": "America/New_York",
    "washington": "America/New_York",
    "washington dc": "America/New_York",
    "philadelphia": "America/New_York",
    "la": "America/Los_Angeles",
    "san francisco": "America/Los_Angeles",
    "sf": "America/Los_Angeles",
    "seattle": "America/Los_Angeles",
    "san diego": "America/Los_Angeles",
    "las vegas": "America/Los_Angeles",
    "california": "America/Los_Angeles",
    "houston": "America/Chicago",
    "dallas": "America/Chicago",
    "austin": "America/Chicago",
    "montreal": "America/Toronto",
    "quebec": "America/Toronto",
    "ottawa": "America/Toronto",
    "rio": "America/Sao_Paulo",
    "rio de janeiro": "America/Sao_Paulo",
    "brasilia": "America/Sao_Paulo",
    "buenos aires": "America/Argentina/Buenos_Aires",
    "mexico": "America/Mexico_City",
    "beijing": "Asia/Shanghai",
    "china": "Asia/Shanghai",
    "japan": "Asia/Tokyo",
    "osaka": "Asia/Tokyo",
    "delhi": "Asia/Kolkata",
    "new delhi": "Asia/Kolkata",
    "mumbai": "Asia/Kolkata",
    "bangalore": "Asia/Kolkata",
    "india": "Asia/Kolkata",
    "indian": "Asia/Kolkata",
    "tel aviv": "Asia/Jerusalem",
    "abu dhabi": "Asia/Dubai",
    "uk": "Europe/London",
    "british": "Europe/London",
    "england": "Europe/London",
    "manchester": "Europe/London",
    "edinburgh": "Europe/London",
    "barcelona": "Europe/Madrid",
    "sevilla": "Europe/Madrid",
    "spain": "Europe/Madrid",
    "spanish": "Europe/Madrid",
    "munich": "Europe/Berlin",
    "munchen": "Europe/Berlin",
    "hamburg": "Europe/Berlin",
    "koln": "Europe/Berlin",
    "frankfurt": "Europe/Berlin",
    "berliner": "Europe/Berlin",
    "german": "Europe/Berlin",
    "germany": "Europe/Berlin",
    "deutsche": "Europe/Berlin",
    "wien": "Europe/Vienna",
    "wiener": "Europe/Vienna",
    "zurcher": "Europe/Zurich",
    "geneva": "Europe/Zurich",
    "milan": "Europe/Rome",
    "milano": "Europe/Rome",
    "roma": "Europe/Rome",
    "italy": "Europe/Rome",
    "porto": "Europe/Lisbon",
    "lisboa": "Europe/Lisbon",
    "portugal": "Europe/Lisbon",
    "lyon": "Europe/Paris",
    "french": "Europe/Paris",
    "france": "Europe/Paris",
    "kiev": "Europe/Kyiv",
    "kyiv": "Europe/Kyiv",
    "lviv": "Europe/Kyiv",
    "odesa": "Europe/Kyiv",
    "киев": "Europe/Kyiv",
    "киеву": "Europe/Kyiv",
    "киевскому": "Europe/Kyiv",
    "києвом": "Europe/Kyiv",
    "києву": "Europe/Kyiv",
    "киівським": "Europe/Kyiv",
    "москве": "Europe/Moscow",
    "московскому": "Europe/Moscow",
    "мск": "Europe/Moscow",
    "ankara": "Europe/Istanbul",
    "turkey": "Europe/Istanbul",
    "cape town": "Africa/Johannesburg",
    "melbourne": "Australia/Melbourne",
    "eastern": "America/New_York",
    "us eastern": "America/New_York",
    "eastern standard": "America/New_York",
    "central": "America/Chicago",
    "us central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
    "us pacific": "America/Los_Angeles",
    "central european": "Europe/Berlin",
    "eastern european": "Europe/Athens",
    "hawaii": "Pacific/Honolulu",
    "moscow": "Europe/Moscow",
}
_NO_CITY = r"(?:etc|gmt|utc|est|cet|met|mst|hst|wet|eet|[a-z]{3}\d.*)"


@lru_cache(maxsize=512)
def zone_of(name: str) -> tzinfo:
    """The zone of an IANA name or of an offset such as "+02:00"; UTC for an unknown name."""
    if name[:1] in ("+", "-"):
        hours, _, minutes = name[1:].partition(":")
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(-offset if name[0] == "-" else offset)
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - importing the reader stays cheap

    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return UTC


def offset_name(sign: str, hours: int, minutes: int) -> str:
    """The name of a fixed offset, such as "+05:30"."""
    return f"{sign}{hours:02d}:{minutes:02d}"


def instants_of(local: datetime, zone: tzinfo) -> tuple[datetime, ...]:
    """The UTC instants at which clocks in *zone* show the naive *local*: none, one or two."""
    offset = zone.utcoffset(local)
    if offset is not None and (
        zone.utcoffset(local - _DAY) == offset == zone.utcoffset(local + _DAY)
    ):
        return (_UTC_BEGIN + (local - _BEGIN - offset),)
    early = local.replace(tzinfo=zone, fold=0)
    before = zone.utcoffset(early)
    after = zone.utcoffset(early.replace(fold=1))
    if before is None or after is None or before == after:
        return (early.astimezone(UTC),)
    if before < after:
        return ()
    naive = local.replace(fold=0)
    return ((naive - before).replace(tzinfo=UTC), (naive - after).replace(tzinfo=UTC))


def wall_clock(at: datetime, zone: tzinfo) -> datetime:
    """What clocks in *zone* show at an aware instant, as a naive time."""
    offset = at.astimezone(zone).utcoffset() or timedelta(0)
    return _BEGIN + (at - _UTC_BEGIN) + offset


def shifted_out_of_gap(local: datetime, zone: tzinfo) -> datetime:
    """The naive wall-clock time a gap moves *local* to (02:10 becomes 03:10)."""
    moved = local.replace(tzinfo=zone, fold=0).astimezone(UTC).astimezone(zone)
    return moved.replace(tzinfo=None, fold=0)


def find_city(words: str) -> str | None:
    """The zone of a city or region as people write it, folded; None where none is known."""
    return _CITIES.get(words) or _iana_cities().get(words)


def iana_name(folded: str) -> str | None:
    """The proper spelling of a folded IANA name; None where there is no such zone."""
    return _iana_names().get(folded)


@lru_cache(maxsize=1)
def _iana_names() -> dict[str, str]:
    from zoneinfo import available_timezones  # noqa: PLC0415 - as above

    return {name.casefold(): name for name in available_timezones()}


@lru_cache(maxsize=1)
def _iana_cities() -> dict[str, str]:
    """City → zone, by the last part of every IANA name."""
    cities: dict[str, str] = {}
    for name in sorted(_iana_names().values()):
        if "/" not in name:
            continue
        city = name.rpartition("/")[2].replace("_", " ").casefold()
        if not compiled(_NO_CITY).fullmatch(city):
            cities.setdefault(city, name)
    return cities
