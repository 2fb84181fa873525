"""A short slice of `make faults`, with people who are on Telegram and on Slack at once."""

import pytest

from tests.faults.judge import REQUIRED_ZERO
from tests.faults.storm import STRIKES, Trial
from tests.faults.trial import FOLDER, run

# A frozen process keeps its lease for half a minute, and what could not fetch its media waits for
# its next try: the long ones have these.
QUICK_STRIKES = {
    name: STRIKES[name]
    for name in (
        "platform", "kill", "term", "point", "skew", "flush", "slack", "acknowledgements",
        "sockets", "telegram",
    )
}  # fmt: skip


@pytest.mark.timeout(150)
async def test_posts_survive_eight_seconds_under_fire() -> None:
    trial = Trial(
        posts=15, seconds=8, seed=11, lead=3, pause=0.8, strikes=QUICK_STRIKES,
        longest_delay=1.5, is_quick=True, is_pushed=True, chat_pause=1.5, chats="both",
        retries="2 4 8",
    )  # fmt: skip

    outcome = await run(trial, FOLDER / "slice")

    found = outcome.verdict
    assert found.posts >= 15
    assert outcome.faults.total() > 0
    assert {name: getattr(found, name) for name in REQUIRED_ZERO if getattr(found, name)} == {}
