"""What the when-reader answers with: frozen values, kept as JSON and drawn as buttons.

They are named tuples because those are made and changed in a fraction of the time of a frozen
dataclass, and a phrase makes up to a dozen.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from scheduling.when.records import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from typing import Any

    from scheduling.when.terms import (
        Confidence,
        DateOrder,
        Flag,
        Grain,
        Json,
        Place,
        Status,
        Why,
    )

Span = tuple[int, int]
"""Start and end over the string indices of the text that was read."""

WEEKDAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTH_NAMES = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)


class Hours(Record):
    """The wall-clock hour a part of the day stands for; a team may set its own."""

    morning: int = 9
    noon: int = 12
    afternoon: int = 15
    evening: int = 19
    night: int = 20
    end_of_day: int = 18


class Profile(Record):
    """Whose words are read: zone, language, order of date numbers and habits.

    *date_order* is None when it is not known; `03/04` is then asked back.
    *week_start* counts from 0 = Monday.
    """

    zone: str
    language: str = "en"
    date_order: DateOrder | None = None
    week_start: int = 0
    hours: Hours = Hours()
    team_language: str | None = None


class Token(Record):
    """One stretch of the phrase and what it was read as (for highlighting)."""

    start: int
    end: int
    kind: str


class Reading(Record):
    """One answer to "when?": an instant, a recurrence, or a question with buttons.

    *at_utc* is aware UTC; *local* is the same instant as naive wall-clock time in *tz*, the
    zone that was named, or the person's. A recurrence has *rrule* (without DTSTART), *dtstart*
    (naive wall clock in *tz*) and *first* and *next3* as aware UTC instants.
    *unread* is the first word that was not understood. *day* is the day that was understood
    when only the clock is missing. Alternatives are complete readings, ready for buttons.
    """

    status: Status
    tz: str = "UTC"
    at_utc: datetime | None = None
    local: datetime | None = None
    fold: int = 0
    rrule: str | None = None
    dtstart: datetime | None = None
    first: datetime | None = None
    next3: tuple[datetime, ...] = ()
    why: Why | None = None
    flags: tuple[Flag, ...] = ()
    alternatives: tuple[Reading, ...] = ()
    day: date | None = None
    grain: Grain = "minute"
    span: Span | None = None
    tokens: tuple[Token, ...] = ()
    unread: Span | None = None

    @property
    def is_now(self) -> bool:
        """True when "now" was asked for: offer to publish now, after a tap."""
        return self.grain == "now"

    @property
    def is_sure(self) -> bool:
        """True when this may be booked without a tap: a time, and no flag on it."""
        return self.status == "ok" and not self.flags

    @property
    def confidence(self) -> Confidence:
        """How far the reading may be trusted; a fallback is never better than suggested."""
        if self.status != "ok":
            return "guess"
        return "suggested" if "fallback" in self.flags else "certain"

    @property
    def reads_as(self) -> str:
        """The reading in English words that read back as the same time ("" without a time)."""
        if self.rrule is not None:
            from scheduling.when.words import rule_in_words  # noqa: PLC0415 - rarely needed

            return rule_in_words(self.rrule, dtstart=self.dtstart, tz=self.tz)
        return instant_in_words(self)

    def placed(self, span: Span, tokens: tuple[Token, ...]) -> Reading:
        """The reading with where it stands, and what was read as what."""
        return Reading._make((*self[:_SPAN], span, tokens, self.unread))

    def flagged(self, flags: tuple[Flag, ...], alternatives: tuple[Reading, ...]) -> Reading:
        """The reading with other flags and alternatives."""
        return Reading._make((*self[:_FLAGS], flags, alternatives, *self[_FLAGS + 2 :]))

    def to_json(self) -> Json:
        """The reading as plain JSON values; fields at their default are left out."""
        found: Json = {"status": self.status, "tz": self.tz}
        for name in ("at_utc", "local", "dtstart", "first", "day"):
            value = getattr(self, name)
            if value is not None:
                found[name] = value.isoformat()
        for name in ("rrule", "why"):
            if getattr(self, name) is not None:
                found[name] = getattr(self, name)
        if self.fold:
            found["fold"] = self.fold
        if self.next3:
            found["next3"] = [run.isoformat() for run in self.next3]
        if self.flags:
            found["flags"] = list(self.flags)
        if self.alternatives:
            found["alternatives"] = [other.to_json() for other in self.alternatives]
        if self.grain != "minute":
            found["grain"] = self.grain
        if self.span is not None:
            found["span"] = list(self.span)
        if self.unread is not None:
            found["unread"] = list(self.unread)
        if self.tokens:
            found["tokens"] = [[token.start, token.end, token.kind] for token in self.tokens]
        return found

    @classmethod
    def from_json(cls, found: Json) -> Reading:
        """Rebuild a reading from `to_json`.

        Raises:
            ValueError: the value is not one that `to_json` gave.
        """
        try:
            return cls._rebuild(found)
        except (KeyError, TypeError, AttributeError) as err:
            raise ValueError("not a stored reading") from err

    @classmethod
    def _rebuild(cls, found: Json) -> Reading:
        from typing import get_args  # noqa: PLC0415 - importing the reader stays cheap

        from scheduling.when.terms import Status  # noqa: PLC0415

        if found["status"] not in get_args(Status):
            raise ValueError("not a stored reading")
        day = found.get("day")
        return cls(
            status=found["status"],
            tz=found["tz"],
            at_utc=_moment(found.get("at_utc")),
            local=_moment(found.get("local")),
            fold=found.get("fold", 0),
            rrule=found.get("rrule"),
            dtstart=_moment(found.get("dtstart")),
            first=_moment(found.get("first")),
            next3=tuple(datetime.fromisoformat(run) for run in found.get("next3", ())),
            why=found.get("why"),
            flags=tuple(found.get("flags", ())),
            alternatives=tuple(cls.from_json(other) for other in found.get("alternatives", ())),
            day=None if day is None else date.fromisoformat(day),
            grain=found.get("grain", "minute"),
            span=_span(found.get("span")),
            tokens=tuple(Token(*token) for token in found.get("tokens", ())),
            unread=_span(found.get("unread")),
        )


_FLAGS = Reading._fields.index("flags")
_SPAN = Reading._fields.index("span")


def altered(reading: Reading, **changes: Any) -> Reading:
    """The reading with some fields changed."""
    return reading._replace(**changes)


class Split(Record):
    """A message parted into its caption and its when-phrase.

    *caption* holds the characters of the message unchanged. *removed* are the spans that left
    it (none when something is asked). *when* are the words that were read, *span* where they
    stand. *certain* speaks of the place of the phrase only; `may_book` of all of it.
    *offered* is a tail inside the caption that may be meant: a second button, nothing more.
    """

    text: str
    caption: str
    place: Place
    certain: bool
    readings: tuple[Reading, ...]
    when: str | None = None
    span: Span | None = None
    removed: tuple[Span, ...] = ()
    offered: Split | None = None

    @property
    def reading(self) -> Reading:
        """The first reading (there is always one)."""
        return self.readings[0]

    @property
    def is_suggested(self) -> bool:
        """True when a time was found that must be tapped before it counts."""
        return self.when is not None and not self.certain and self.reading.status == "ok"

    @property
    def may_book(self) -> bool:
        """True when all may be booked at once, with Undo: place sure, one time, no flags."""
        return self.certain and len(self.readings) == 1 and self.reading.is_sure

    def to_json(self) -> Json:
        """The split as plain JSON values."""
        return {
            "text": self.text,
            "caption": self.caption,
            "place": self.place,
            "certain": self.certain,
            "readings": [reading.to_json() for reading in self.readings],
            "when": self.when,
            "span": None if self.span is None else list(self.span),
            "removed": [list(span) for span in self.removed],
            "offered": None if self.offered is None else self.offered.to_json(),
        }

    @classmethod
    def from_json(cls, found: Json) -> Split:
        """Rebuild a split from `to_json`.

        Raises:
            ValueError: the value is not one that `to_json` gave.
        """
        try:
            offered = found["offered"]
            return cls(
                text=found["text"],
                caption=found["caption"],
                place=found["place"],
                certain=found["certain"],
                readings=tuple(Reading.from_json(reading) for reading in found["readings"]),
                when=found["when"],
                span=_span(found["span"]),
                removed=tuple((start, end) for start, end in found["removed"]),
                offered=None if offered is None else cls.from_json(offered),
            )
        except (KeyError, TypeError, AttributeError) as err:
            raise ValueError("not a stored split") from err


def instant_in_words(reading: Reading) -> str:
    """An instant as "Wed 14 Apr 2027 09:00 Europe/Vienna", with the offset where it is needed."""
    local = reading.local
    if local is None:
        return ""
    clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    day = f"{WEEKDAY_NAMES[local.weekday()]} {local.day} {MONTH_NAMES[local.month - 1]}"
    return f"{day} {local.year:04d} {clock} {_zone_in_words(reading)}"


def _zone_in_words(reading: Reading) -> str:
    """The zone's name, or its offset at that instant where a clock time comes twice."""
    if reading.local is None or reading.at_utc is None:
        return reading.tz
    offset = reading.local - reading.at_utc.replace(tzinfo=None)
    is_city = "/" in reading.tz or reading.tz == "UTC"
    if not is_city or _comes_twice(reading):
        return offset_in_words(offset)
    return reading.tz


def _comes_twice(reading: Reading) -> bool:
    if reading.local is None:
        return False
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - importing the reader stays cheap

    zone = ZoneInfo(reading.tz)
    early = reading.local.replace(tzinfo=zone, fold=0).utcoffset()
    late = reading.local.replace(tzinfo=zone, fold=1).utcoffset()
    return early != late


def offset_in_words(offset: timedelta) -> str:
    """An offset from UTC as "+02:00"."""
    minutes = round(offset.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is None else found.astimezone(UTC)


def _span(pair: list[int] | tuple[int, int] | None) -> Span | None:
    return None if pair is None else (pair[0], pair[1])
