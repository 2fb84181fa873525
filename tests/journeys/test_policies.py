"""What Postcue asks before it goes on, and what it says when something is in the way."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from models.outbox import Delivery, Outbox
from models.post import Target
from tests.support.talking import Shown, Somebody, a_photo
from tests.support.town import BERLIN, Town
from tests.support.waiting import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODES = ("telegram", "slack-socket")
"""What is said comes in by one of Slack's doors as by the other."""


async def test_b44_an_edit_that_makes_a_post_a_copy_is_asked_about(town: Town) -> None:
    dana, _, _ = await town.plans("in 2 hours")
    await dana.sends(a_photo(1), words="Menu of today\nin 3 hours")
    card = await dana.sees("🗓 Scheduled #2")

    await dana.sets_caption(card, "Menu")

    asked = await dana.sees_at(card, "Looks like #1 (planned for")
    assert (await town.target(dana, 2)).state == "draft"
    await dana.presses(asked, "Cancel post")
    await dana.sees("🗑 Cancelled #2")


# ── several missed posts ─────────────────────────────────────────────────────────────────────


async def test_k4_several_missed_posts_can_be_picked_spread_and_posted_at_once(
    town: Town,
) -> None:
    # In the morning there is a day left to spread them over.
    town.next_clock(9)
    dana = await town.settled()
    for number in (1, 2, 3):
        await town.plans(f"in {number} minutes", f"Menu {number}", who=dana, number=number)
    await _is_away(town, hours=1)
    asked = await dana.sees("3 posts missed their time")
    assert asked.buttons == (
        *("Post now (all)", "Tomorrow same time"),
        *("Spread over today", "Pick…", "Drop all"),
    )

    await dana.presses(asked, "Pick…")

    for number in (1, 2, 3):
        shown = await dana.sees(f"⚠️ Missed #{number}", after=asked)
        assert "Post now" in shown.buttons

    await dana.presses(asked, "Spread over today")

    await dana.sees("All of these have their answer")
    moments = [(await town.target(dana, number)).due_at for number in (1, 2, 3)]
    now = town.clock.now()
    assert moments == sorted(set(moments))
    assert timedelta(minutes=3) < moments[0] - now < timedelta(minutes=6)
    assert moments[-1].astimezone(BERLIN).date() == now.astimezone(BERLIN).date()

    await _is_away(town, hours=14)
    again = await dana.sees("3 posts missed their time", after=asked)
    assert town.published(dana) == []
    await dana.presses(again, "Post now (all)")
    out = await town.until_published(dana, 3)
    assert {post.caption for post in out} == {"Menu 1", "Menu 2", "Menu 3"}
    for number in (1, 2, 3):
        await dana.sees(f"✅ Published #{number}")


async def _is_away(town: Town, *, hours: int) -> None:
    await town.world.stop()
    town.pass_time(hours=hours)
    await town.world.start()


# ── Instagram is away ────────────────────────────────────────────────────────────────────────


async def passes_until(town: Town, who: Somebody, is_so: Callable[[], bool]) -> None:
    """Let time pass, each step once everybody rests, until something is so."""
    team = (await town.member(who)).team_id

    async def rests() -> bool:
        now = town.clock.now()
        waiting = await Target.filter(post__team_id=team).exclude(state="published")
        return (
            all(
                one.lease_until is None and one.next_attempt_at and one.next_attempt_at > now
                for one in waiting
            )
            and not await Outbox.filter(fanned_out_at=None).exists()
            and not await Delivery.filter(state="waiting").exists()
        )

    for _ in range(120):
        await wait_until(rests, what="everybody rests")
        if is_so():
            return
        town.pass_time(seconds=20)
    raise AssertionError("it did not come to be")


async def test_an_outage_is_one_notice_said_once_edited_and_closed_with_what_happened(
    town: Town,
) -> None:
    dana = await town.settled()
    box = town.world.instagram
    away = box.fault("error", "create", account=dana.account, times=None, status=503, code=2)
    for number in range(1, 6):
        await town.plans("in 20 minutes", f"Menu {number}", who=dana, number=number)

    def notices(words: str) -> list[Shown]:
        return [one for one in dana.shown() if words in one.text]

    await passes_until(town, dana, lambda: bool(notices("Instagram does not answer since")))
    (opened,) = notices("Instagram does not answer since")
    await passes_until(town, dana, lambda: bool(notices("; 5 posts wait.")))
    assert [one.key for one in notices("; 5 posts wait.")] == [opened.key]
    card = await dana.sees("This goes out as soon as it is back.")
    assert "🗓 Scheduled #" in card.text

    box.faults.clear(fault_id=away.id)
    await passes_until(town, dana, lambda: len(town.published(dana)) == 5)
    over = await dana.sees("all 5 went out")

    assert over.key == opened.key
    assert over.text.startswith("✅ Instagram is back since")
    assert len(town.published(dana)) == 5
    assert len(notices("Instagram is back")) == 1
    assert notices("does not answer since") == []
    tries = [(await town.target(dana, number)).attempt for number in range(1, 6)]
    assert tries == [0] * 5, "an outage costs no try"
