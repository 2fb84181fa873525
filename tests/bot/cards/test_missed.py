"""Missed posts spread over what is left of the day."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest

from bot.cards.missed import spread_over_today

VIEW = SimpleNamespace(zone="Europe/Berlin")


@pytest.mark.parametrize("many", [2, 5])
def test_they_are_spread_evenly_and_end_before_ten_in_the_persons_evening(many: int) -> None:
    now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # 10:00 there

    moments = spread_over_today([VIEW] * many, now=now)  # type: ignore[list-item]

    assert len(moments) == many
    assert moments[0] == now + timedelta(minutes=5)
    assert moments[-1] < datetime(2026, 11, 24, 21, 0, tzinfo=UTC)
    gaps = {later - sooner for sooner, later in pairwise(moments)}
    assert max(gaps) - min(gaps) <= timedelta(minutes=1)


def test_late_in_the_evening_nothing_is_spread() -> None:
    now = datetime(2026, 11, 24, 20, 40, tzinfo=UTC)  # 21:40 there

    assert spread_over_today([VIEW, VIEW], now=now) == []  # type: ignore[list-item]
