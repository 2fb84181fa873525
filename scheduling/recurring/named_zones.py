"""A zone with a name for one that is only an offset."""

from scheduling.errors import PlanningError

_SAME_ALL_YEAR = {
    "-11:00": "Pacific/Pago_Pago",
    "-10:00": "Pacific/Honolulu",
    "-09:30": "Pacific/Marquesas",
    "-09:00": "Pacific/Gambier",
    "-08:00": "Pacific/Pitcairn",
    "-07:00": "America/Phoenix",
    "-06:00": "America/Costa_Rica",
    "-05:00": "America/Bogota",
    "-04:00": "America/Puerto_Rico",
    "-03:00": "America/Sao_Paulo",
    "-02:00": "America/Noronha",
    "-01:00": "Atlantic/Cape_Verde",
    "+00:00": "UTC",
    "-00:00": "UTC",
    "+01:00": "Africa/Lagos",
    "+02:00": "Africa/Johannesburg",
    "+03:00": "Europe/Istanbul",
    "+03:30": "Asia/Tehran",
    "+04:00": "Asia/Dubai",
    "+04:30": "Asia/Kabul",
    "+05:00": "Asia/Tashkent",
    "+05:30": "Asia/Kolkata",
    "+05:45": "Asia/Kathmandu",
    "+06:00": "Asia/Dhaka",
    "+06:30": "Asia/Yangon",
    "+07:00": "Asia/Bangkok",
    "+08:00": "Asia/Singapore",
    "+08:45": "Australia/Eucla",
    "+09:00": "Asia/Tokyo",
    "+09:30": "Australia/Darwin",
    "+10:00": "Australia/Brisbane",
    "+11:00": "Pacific/Noumea",
    "+12:00": "Pacific/Tarawa",
    "+13:00": "Pacific/Tongatapu",
    "+14:00": "Pacific/Kiritimati",
}
"""For an offset, a place whose clocks are never changed: a series needs a zone with a name."""


def named_zone(tz: str) -> str:
    """Return a zone that has a name for one that may be an offset ("+02:00").

    Raises:
        PlanningError: nowhere are the clocks like that all the year.
    """
    if tz[:1] not in {"+", "-"}:
        return tz
    if tz not in _SAME_ALL_YEAR:
        raise PlanningError(f"no zone keeps to {tz}")
    return _SAME_ALL_YEAR[tz]
