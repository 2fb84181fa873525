"""What a phrase says, before it is put on a calendar."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Clock(NamedTuple):
    """A clock time as it was said: *open_half* lacks am or pm, *has_half* has one of them."""

    hour: int
    minute: int = 0
    second: int = 0
    open_half: bool = False
    is_midnight: bool = False
    has_half: bool = False


@dataclass(slots=True, eq=False)
class Facts:
    """The pieces that were read. Lists hold more than one where a phrase names several."""

    weekdays: list[int] = field(default_factory=list)
    weekday_mod: str | None = None
    is_plural: bool = False
    nth: list[tuple[int, int]] = field(default_factory=list)
    loose_ordinals: list[int] = field(default_factory=list)
    full_date: tuple[int, int, int] | None = None
    month_days: list[tuple[int, int]] = field(default_factory=list)
    open_order: tuple[int, int, int | None] | None = None
    dot_pair: tuple[int, int] | None = None
    doms: list[int] = field(default_factory=list)
    month: int | None = None
    year: int | None = None
    week_offset: int | None = None
    month_offset: int | None = None
    year_offset: int | None = None
    rel: int | None = None
    durations: list[tuple[float, str]] = field(default_factory=list)
    is_anchored: bool = False
    is_bare_duration: bool = False
    is_weekend: bool = False
    is_holiday: bool = False
    edge: int | None = None
    part: str | None = None
    is_named_part: bool = False
    clocks: list[Clock] = field(default_factory=list)
    is_loose_hour: bool = False
    is_loose_h: bool = False
    is_open_number: bool = False
    is_joined: bool = False
    is_approximate: bool = False
    is_range: bool = False
    is_vague: bool = False
    is_moving: bool = False
    is_past: bool = False
    is_now: bool = False
    freq: str | None = None
    interval: int = 1
    is_second_of: int = 0
    is_open_interval: bool = False
    count: int | None = None
    per_day: int = 0
    span: tuple[float, str] | None = None
    until: "Facts | None" = None
    start: "Facts | None" = None
    except_days: list[int] = field(default_factory=list)
    zone: str | None = None
    zone_kind: str = "name"

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
    def has_date_number(self) -> bool:
        """Whether a day of the month was said."""
        return bool(self.full_date or self.month_days or self.doms)

    @property
    def has_clock(self) -> bool:
        """Whether anything says a time of day, a part of it included."""
        return bool(self.clocks) or self.part is not None
