"""Wall clock to instant and back, with gaps and overlaps seen; names of zones to zones."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=512)
def zone_of(name: str) -> tzinfo:
    """The zone of an IANA name or of an offset such as "+02:00"; UTC for an unknown name."""
    if name[:1] in "+-":
        hours, _, minutes = name[1:].partition(":")
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(-offset if name[0] == "-" else offset)
    try:
        return ZoneInfo(name)
    except (OSError, ValueError):
        return UTC


def instants_of(local: datetime, zone: tzinfo) -> tuple[datetime, ...]:
    """The UTC instants at which clocks in *zone* show the naive *local*: none, one or two."""
    early = local.replace(tzinfo=zone, fold=0)
    late = local.replace(tzinfo=zone, fold=1)
    if early.utcoffset() == late.utcoffset():
        return (early.astimezone(UTC),)
    first, second = early.astimezone(UTC), late.astimezone(UTC)
    if first > second:
        return ()
    return (first, second)


def shifted_out_of_gap(local: datetime, zone: tzinfo) -> datetime:
    """The naive wall-clock time a gap moves *local* to (02:10 becomes 03:10)."""
    moved = local.replace(tzinfo=zone, fold=0).astimezone(UTC).astimezone(zone)
    return moved.replace(tzinfo=None, fold=0)
