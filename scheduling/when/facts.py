"""What a phrase says, before it is put on a calendar."""

from __future__ import annotations

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
    """The pieces that were read. Lists hold more than one where a phrase names several.

    What was not said stands in the class alone: most phrases say three things of these fifty.
    """

    weekday_mod: str | None = None
    is_plural: bool = False
    full_date: tuple[int, int, int] | None = None
    open_order: tuple[int, int, int | None] | None = None
    dot_pair: tuple[int, int] | None = None
    month: int | None = None
    year: int | None = None
    week_offset: int | None = None
    month_offset: int | None = None
    year_offset: int | None = None
    rel: int | None = None
    is_anchored: bool = False
    is_week_after: bool = False
    is_bare_duration: bool = False
    is_weekend: bool = False
    is_holiday: bool = False
    is_hours_said: bool = False
    edge: int | None = None
    part: str | None = None
    is_named_part: bool = False
    is_loose_hour: bool = False
    is_loose_h: bool = False
    is_open_number: bool = False
    is_short_clock: bool = False  # digits may be no clock: "fri 930", "8 may 1945"
    is_joined: bool = False
    is_approximate: bool = False
    is_range: bool = False
    is_from: bool = False
    is_unsure: bool = False
    is_vague: bool = False
    is_moving: bool = False
    is_past: bool = False
    is_now: bool = False
    freq: str | None = None
    interval: int = 1
    is_second_of: int = 0
    is_open_interval: bool = False
    is_day_skipped: bool = False  # "через день": a rule, or a day once
    is_day_of_habit: bool = False  # "le mardi": the next one, or each
    count: int | None = None
    per_day: int = 0
    span: tuple[float, str] | None = None
    until: Facts | None = None
    start: Facts | None = None
    day_or_about: int | None = None
    zone: str | None = None
    zone_kind: str = "name"

    def __init__(self, **said: object) -> None:
        self.weekdays: list[int] = []
        self.nth: list[tuple[int, int]] = []
        self.loose_ordinals: list[int] = []
        self.month_days: list[tuple[int, int]] = []
        self.doms: list[int] = []
        self.durations: list[tuple[float, str]] = []
        self.clocks: list[Clock] = []
        self.except_days: list[int] = []
        if said:
            self.__dict__.update(said)

    def changed(self, **said: object) -> Facts:
        """A copy with some of the pieces changed; what is settled in it leaves the original be."""
        copy = object.__new__(Facts)
        copy.__dict__.update(self.__dict__, **said)
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
