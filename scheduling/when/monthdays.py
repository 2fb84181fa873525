"""Days by their place in a month, and months on the wall clock."""
# ruff: noqa: PLR2004 - clocks and calendars are made of these numbers

from datetime import date, datetime

_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def length_of(year: int, month: int) -> int:
    """How many days a month has."""
    if month == 2 and year % 4 == 0 and (year % 100 or year % 400 == 0):
        return 29
    return _LENGTHS[month - 1]


def day_of(year: int, month: int, day: int) -> date | None:
    """That date; None where there is none. Negative days count from the end of the month."""
    if not 1 <= month <= 12 or not 1 <= year <= 9999:
        return None
    length = length_of(year, month)
    if day < 0:
        day += length + 1
    return date(year, month, day) if 1 <= day <= length else None


def nth_weekday_of(year: int, month: int, number: int, weekday: int) -> date | None:
    """The n-th such weekday of a month; negative numbers count from its end."""
    if number > 0:
        first = date(year, month, 1).weekday()
        return day_of(year, month, 1 + (weekday - first) % 7 + 7 * (number - 1))
    last = length_of(year, month)
    back = (date(year, month, last).weekday() - weekday) % 7
    day = last - back + 7 * (number + 1)
    return day_of(year, month, day) if day > 0 else None


def month_after(day: date, months: int) -> date:
    """The first day of the month so many months after the one of *day*."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def shift_months(moment: datetime, months: int) -> datetime:
    """*moment* some months later, on the last day of the month where it has no such day."""
    first = month_after(moment.date(), months)
    day = min(moment.day, length_of(first.year, first.month))
    return moment.replace(year=first.year, month=first.month, day=day)
