"""A short slice of `make faults`, and a longer one for `make faults` itself."""

import pytest

from tests.faults.__main__ import FOLDER, STRIKES, Outcome, Trial, run

# What needs a lease to run out (a frozen process) takes half a minute: the long one has it.
QUICK_STRIKES = {name: STRIKES[name] for name in ("platform", "kill", "term", "point", "flush")}


def assert_nothing_went_wrong(outcome: Outcome, posts: int) -> None:
    found = outcome.verdict
    assert found.posts == posts
    assert outcome.faults.total() > 0
    assert (found.lost, found.doubled, found.early) == ([], [], [])
    assert (found.false_success, found.false_failure) == ([], [])
    assert (found.notices_lost, found.notices_doubled) == ([], [])


@pytest.mark.timeout(150)
async def test_posts_survive_ten_seconds_under_fire() -> None:
    trial = Trial(
        posts=15, seconds=10, seed=11, lead=4, pause=0.8, strikes=QUICK_STRIKES,
        longest_delay=1.5, is_quick=True,
    )  # fmt: skip

    outcome = await run(trial, FOLDER / "slice")

    assert_nothing_went_wrong(outcome, 15)


@pytest.mark.faults
@pytest.mark.timeout(900)
async def test_posts_survive_two_minutes_under_fire() -> None:
    outcome = await run(Trial(posts=300, seconds=120, seed=12), FOLDER / "long")

    assert_nothing_went_wrong(outcome, 300)
