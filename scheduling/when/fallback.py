"""dateparser behind a guard: absolute dates of its ~200 locales, as suggestions only.

dateparser drops clocks and takes hours for months without a word (seen with 1.5.0), so its
answer counts only where every number and every word of the phrase is explained by it.
It blocks: call `suggest` through `suggest_in_thread` from the event loop.
"""

# ruff: noqa: PLR2004 - a clock face is made of these numbers

import asyncio
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from scheduling.when.reading import Profile, Reading
from scheduling.when.zones import instants_of, zone_of

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_CHARS = 60
MAX_NUMBERS = 5
BUDGET_SECONDS = 0.05
"""After this long nobody waits for the answer any more."""

_HORIZON = timedelta(days=731)
_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-3])[:.h]([0-5]\d)(?!\d)")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]{2,}")


def warm_up(languages: tuple[str, ...] = ("en",)) -> None:
    """Load dateparser and the tables of *languages*, which takes up to a second."""
    _parse_with(languages)("1 January 2030 10:00", datetime(2029, 12, 1))  # noqa: DTZ001


def suggest(phrase: str, *, now: datetime, profile: Profile) -> Reading | None:
    """A suggestion for *phrase* from dateparser, or None where the guard refuses it."""
    if not 0 < len(phrase) <= MAX_CHARS or len(_NUMBER.findall(phrase)) > MAX_NUMBERS:
        return None
    clock = _CLOCK.search(phrase)
    if clock is None:
        # Without a clock dateparser keeps the clock of the reference: a time nobody named.
        return None
    zone = zone_of(profile.zone)
    local_now = now.astimezone(zone).replace(tzinfo=None, fold=0)
    try:
        found = _parse_with((profile.language, "en"), profile.date_order)(phrase, local_now)
    except Exception:  # noqa: BLE001 - a guest library must not stop the conversation
        return None
    if found is None or found.tzinfo is not None:
        return None
    found = found.replace(second=0, microsecond=0)
    if not _explains(found, phrase, clock) or not local_now < found <= local_now + _HORIZON:
        return None
    instants = instants_of(found, zone)
    if len(instants) != 1:
        return None
    return Reading(
        "ok", profile.zone, at_utc=instants[0], local=found, flags=("fallback",), grain="minute"
    )


async def suggest_in_thread(phrase: str, *, now: datetime, profile: Profile) -> Reading | None:
    """`suggest` off the event loop; None when it does not answer within the budget."""
    work = asyncio.to_thread(suggest, phrase, now=now, profile=profile)
    try:
        return await asyncio.wait_for(work, BUDGET_SECONDS)
    except TimeoutError:
        return None


def _explains(found: datetime, phrase: str, clock: re.Match[str]) -> bool:
    """Whether the clock that was named is in the answer, and every number has a place in it."""
    if (found.hour % 12, found.minute) != (int(clock[1]) % 12, int(clock[2])):
        return False
    if int(clock[1]) > 12 and found.hour != int(clock[1]):
        return False
    rest = phrase[: clock.start()] + " " + phrase[clock.end() :]
    places = {found.day, found.month, found.year, found.year % 100}
    numbers = [int(number) for number in _NUMBER.findall(rest)]
    return found.day in numbers and all(number in places for number in numbers)


def _parse_with(
    languages: tuple[str, ...], date_order: str | None = None
) -> "Callable[[str, datetime], datetime | None]":
    from dateparser.date import DateDataParser  # noqa: PLC0415 - a second to load, rarely needed

    def parse(phrase: str, base: datetime) -> datetime | None:
        settings: dict[str, object] = {
            "PREFER_DATES_FROM": "future",
            "RELATIVE_BASE": base,
            "STRICT_PARSING": False,
        }
        if date_order is not None:
            settings["DATE_ORDER"] = date_order
        parser = DateDataParser(languages=list(languages), settings=settings)
        answer: datetime | None = parser.get_date_data(phrase).date_obj
        return answer

    return parse
