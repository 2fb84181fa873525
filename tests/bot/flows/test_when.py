"""Which words can be read without knowing where the person is (b36)."""

from datetime import UTC, datetime

import pytest

from bot.flows.when import depends_on_zone, needs_zone
from tests.support.posts import a_member

NOW = datetime(2026, 11, 23, 14, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "depends"),
    [
        ("tomorrow 9am", True),
        ("every day at 18:30", True),
        ("every monday at 9:00 and 18:30", True),
        ("9am tomorrow and 6pm friday", True),
        ("in 2 hours", False),
        ("tomorrow 9:00 new york time", False),
        ("every day at 18:30 Europe/Berlin", False),
        ("every 4 hours", False),
    ],
)
def test_b36_the_zone_is_asked_where_the_moments_depend_on_it(words: str, depends: bool) -> None:
    member = a_member(zone=None)

    assert depends_on_zone(words, member=member, said_at=NOW) is depends
    assert needs_zone(f"Menu\n{words}", (), member=member, said_at=NOW) is depends
