"""One person, one instant: a Tuesday afternoon in Vienna."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from scheduling.when import Profile, Reading, read

Ask = Callable[..., Reading]


@pytest.fixture
def said() -> Ask:
    """Reads a phrase as a person in Vienna at 14:20 on Tuesday 13 April 2027."""

    def ask(
        phrase: str,
        *,
        at: str = "2027-04-13T14:20",
        zone: str = "Europe/Vienna",
        language: str = "en",
        order: str | None = "DMY",
    ) -> Reading:
        now = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(zone))
        profile = Profile(zone, language, order)  # type: ignore[arg-type]
        (reading,) = read(phrase, now=now, profile=profile)
        return reading

    return ask
