"""What Postcue asks before it goes on, and what it says when something is in the way."""

from collections.abc import Callable
from datetime import timedelta

from models.outbox import Delivery, Outbox
from models.post import Target
from sandbox.telegram.media import a_jpeg
from sandbox.telegram.view import Seen
from tests.support.waiting import wait_until
from tests.support.world import World

HOUR = timedelta(hours=1)


# ── the same post twice ──────────────────────────────────────────────────────────────────────


async def test_b44_an_edit_that_makes_a_post_a_copy_is_asked_about(world: World) -> None:
    await world.settle_in()
    await world.connect()
    picture = a_jpeg()
    await world.dana.sends_photo(picture, "Menu\nin 2 hours")
    await world.card("🗓 Scheduled #1")
    await world.dana.sends_photo(picture, "Menu of today\nin 3 hours")
    card = await world.card("🗓 Scheduled #2")

    await world.dana.presses(card, "Edit caption")
    await world.card("Send the new caption")
    await world.dana.writes("Menu")

    asked = await world.card("Looks like #1 (planned for")
    assert (await world.target(2)).state == "draft"
    await world.dana.presses(asked, "Cancel post")
    await world.card("🗑 Cancelled #2")


# ── several missed posts ─────────────────────────────────────────────────────────────────────


async def missed(world: World, count: int) -> None:
    """Let *count* posts miss their time while Postcue is down."""
    await world.settle_in()
    await world.connect()
    for number in range(1, count + 1):
        await world.dana.sends_photo(a_jpeg(), f"Menu {number}\nin {number} minutes")
        await world.card(f"🗓 Scheduled #{number}")
    await world.stop()
    world.clock.pass_time(HOUR)
    await world.start()


async def test_several_missed_posts_can_be_picked_spread_and_posted_at_once(world: World) -> None:
    # In the morning there is a day left to spread them over.
    tomorrow = world.clock.now() + timedelta(days=1)
    world.clock.set(tomorrow.replace(hour=8, minute=0, second=0, microsecond=0))
    await missed(world, 3)
    asked = await world.card("3 posts missed their time")
    assert asked.button_texts == [
        *("Post now (all)", "Tomorrow same time"),
        *("Spread over today", "Pick…", "Drop all"),
    ]

    await world.dana.presses(asked, "Pick…")

    for number in (1, 2, 3):
        shown = await world.dana.sees(
            lambda seen, number=number: f"⚠️ Missed #{number}" in seen.text, after=asked
        )
        assert "Post now" in shown.button_texts

    await world.dana.presses(asked, "Spread over today")

    await world.card("All of these have their answer")
    moments = [(await world.target(number)).due_at for number in (1, 2, 3)]
    now = world.clock.now()
    assert moments == sorted(set(moments))
    assert timedelta(minutes=3) < moments[0] - now < timedelta(minutes=6)
    assert moments[-1].date() == now.date()

    await world.stop()
    world.clock.pass_time(timedelta(hours=14))
    await world.start()
    again = await world.dana.sees(
        lambda seen: "3 posts missed their time" in seen.text, after=asked, seconds=10
    )
    assert world.instagram.published == []
    await world.dana.presses(again, "Post now (all)")
    out = await world.instagram.until_published(3)
    assert {post.caption for post in out} == {"Menu 1", "Menu 2", "Menu 3"}
    for number in (1, 2, 3):
        await world.card(f"✅ Published #{number}")


# ── Instagram is away ────────────────────────────────────────────────────────────────────────


async def passes_until(world: World, is_so: Callable[[], bool]) -> None:
    """Let time pass, each step once everybody rests, until something is so."""

    async def rests() -> bool:
        now = world.clock.now()
        waiting = await Target.exclude(state="published")
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
        world.pass_time(timedelta(seconds=20))
    raise AssertionError("it did not come to be")


async def test_an_outage_is_one_notice_said_once_edited_and_closed_with_what_happened(
    world: World,
) -> None:
    await world.settle_in()
    await world.connect()
    world.instagram.fault("error", "create", times=None, status=503, code=2)
    for number in range(1, 6):
        await world.dana.sends_photo(a_jpeg(label=str(number)), f"Menu {number}\nin 20 minutes")
        await world.card(f"🗓 Scheduled #{number}")

    def notices(words: str) -> list[Seen]:
        return [one for one in world.dana.private.from_bot() if words in one.text]

    await passes_until(world, lambda: bool(notices("Instagram does not answer since")))
    (opened,) = notices("Instagram does not answer since")
    await passes_until(world, lambda: bool(notices("; 5 posts wait.")))
    assert [one.id for one in notices("; 5 posts wait.")] == [opened.id]
    card = await world.card("This goes out as soon as it is back.")
    assert "🗓 Scheduled #" in card.text

    world.instagram.faults.clear()
    await passes_until(world, lambda: len(world.instagram.published) == 5)
    over = await world.card("all 5 went out")

    assert over.id == opened.id
    assert over.text.startswith("✅ Instagram is back since")
    assert len(world.instagram.published) == 5
    assert len(notices("Instagram is back")) == 1
    assert notices("does not answer since") == []
    tries = [(await world.target(number)).attempt for number in range(1, 6)]
    assert tries == [0] * 5, "an outage costs no try"
