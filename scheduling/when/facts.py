"""What a phrase says, before it is put on a calendar."""

from __future__ import annotations

from operator import attrgetter

from scheduling.when.records import Record


class Clock(Record):
    """A clock time as it was said: *open_half* lacks am or pm, *has_half* has one of them."""

    hour: int
    minute: int = 0
    second: int = 0
    open_half: bool = False
    is_midnight: bool = False
    has_half: bool = False


class Facts:
    """The pieces that were read. Lists hold more than one where a phrase names several."""

    __slots__ = (
        "clocks",
        "count",
        "day_or_about",
        "doms",
        "dot_pair",
        "durations",
        "edge",
        "except_days",
        "freq",
        "full_date",
        "interval",
        "is_anchored",
        "is_approximate",
        "is_bare_duration",
        "is_day_of_habit",
        "is_day_skipped",
        "is_from",
        "is_holiday",
        "is_hours_said",
        "is_joined",
        "is_loose_h",
        "is_loose_hour",
        "is_moving",
        "is_named_part",
        "is_now",
        "is_open_interval",
        "is_open_number",
        "is_past",
        "is_plural",
        "is_range",
        "is_second_of",
        "is_short_clock",
        "is_unsure",
        "is_vague",
        "is_week_after",
        "is_weekend",
        "loose_ordinals",
        "month",
        "month_days",
        "month_offset",
        "nth",
        "open_order",
        "part",
        "per_day",
        "rel",
        "span",
        "start",
        "until",
        "week_offset",
        "weekday_mod",
        "weekdays",
        "year",
        "year_offset",
        "zone",
        "zone_kind",
    )

    def __init__(self, **said: object) -> None:
        self.weekdays: list[int] = []
        self.nth: list[tuple[int, int]] = []
        self.loose_ordinals: list[int] = []
        self.month_days: list[tuple[int, int]] = []
        self.doms: list[int] = []
        self.durations: list[tuple[float, str]] = []
        self.clocks: list[Clock] = []
        self.except_days: list[int] = []
        self.weekday_mod: str | None = None
        self.is_plural: bool = False
        self.full_date: tuple[int, int, int] | None = None
        self.open_order: tuple[int, int, int | None] | None = None
        self.dot_pair: tuple[int, int] | None = None
        self.month: int | None = None
        self.year: int | None = None
        self.week_offset: int | None = None
        self.month_offset: int | None = None
        self.year_offset: int | None = None
        self.rel: int | None = None
        self.is_anchored: bool = False
        self.is_week_after: bool = False
        self.is_bare_duration: bool = False
        self.is_weekend: bool = False
        self.is_holiday: bool = False
        self.is_hours_said: bool = False
        self.edge: int | None = None
        self.part: str | None = None
        self.is_named_part: bool = False
        self.is_loose_hour: bool = False
        self.is_loose_h: bool = False
        self.is_open_number: bool = False
        self.is_short_clock: bool = False  # digits may be no clock: "fri 930", "8 may 1945"
        self.is_joined: bool = False
        self.is_approximate: bool = False
        self.is_range: bool = False
        self.is_from: bool = False
        self.is_unsure: bool = False
        self.is_vague: bool = False
        self.is_moving: bool = False
        self.is_past: bool = False
        self.is_now: bool = False
        self.freq: str | None = None
        self.interval: int = 1
        self.is_second_of: int = 0
        self.is_open_interval: bool = False
        self.is_day_skipped: bool = False  # "через день": a rule, or a day once
        self.is_day_of_habit: bool = False  # "le mardi": the next one, or each
        self.count: int | None = None
        self.per_day: int = 0
        self.span: tuple[float, str] | None = None
        self.until: Facts | None = None
        self.start: Facts | None = None
        self.day_or_about: int | None = None
        self.zone: str | None = None
        self.zone_kind: str = "name"
        for name, value in said.items():
            setattr(self, name, value)

    def changed(self, **said: object) -> Facts:
        """A copy with some of the pieces changed; what is settled in it leaves the original be."""
        copy = object.__new__(Facts)
        for name, value in zip(Facts.__slots__, _all_said(self), strict=True):
            setattr(copy, name, value)
        for name, value in said.items():
            setattr(copy, name, value)
        copy.clocks = list(copy.clocks)
        copy.month_days = list(copy.month_days)
        return copy

    @property
    def has_date(self) -> bool:
        """Whether anything says a day."""
        return bool(
            self.weekdays
            or self.full_date
            or self.month_days
            or self.open_order
            or self.doms
            or self.nth
            or self.loose_ordinals
            or self.rel is not None
            or self.durations
            or self.week_offset is not None
            or self.month_offset is not None
            or self.year_offset is not None
            or self.is_weekend
            or self.edge is not None
            or self.month is not None
        )

    @property
    def recurs(self) -> bool:
        """Whether anything says that it happens again and again."""
        if self.freq or self.is_plural:
            return True
        if len(self.weekdays) <= 1:
            return False
        return self.weekday_mod not in ("next", "this") and self.week_offset is None

    @property
    def has_date_number(self) -> bool:
        """Whether a day of the month was said."""
        return bool(self.full_date or self.month_days or self.doms)

    @property
    def has_clock(self) -> bool:
        """Whether anything says a time of day, a part of it included."""
        return bool(self.clocks) or self.part is not None


_all_said = attrgetter(*Facts.__slots__)
