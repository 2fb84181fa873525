"""What Postcue asks before it goes on, and what it says when something is in the way."""

from datetime import timedelta

from sandbox.telegram.media import a_jpeg
from tests.support.world import World

HOUR = timedelta(hours=1)


# ── the same post twice ──────────────────────────────────────────────────────────────────────


async def test_b44_the_same_post_twice_is_asked_about_and_goes_out_after_a_yes(
    world: World,
) -> None:
    await world.settle_in()
    await world.connect()
    picture = a_jpeg()
    await world.dana.sends_photo(picture, "Menu\nin 2 hours")
    await world.card("🗓 Scheduled #1")

    await world.dana.sends_photo(picture, "Menu\nin 3 hours")
    asked = await world.card("Looks like #1 (planned for")
    assert "Draft #2" in asked.text

    await world.dana.presses(asked, "Post again")

    await world.card("🗓 Scheduled #2")
    assert (await world.target(2)).state == "scheduled"


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


async def test_several_missed_posts_are_one_question_for_the_chat(world: World) -> None:
    await missed(world, 3)

    asked = await world.card("3 posts missed their time")

    assert [f"#{number} " in asked.text for number in (1, 2, 3)] == [True] * 3
    alone = [seen for seen in world.dana.private.from_bot() if "missed its time (" in seen.text]
    assert alone == []

    await world.dana.presses(asked, "Tomorrow same time")

    await world.card("All of these have their answer")
    assert {(await world.target(number)).state for number in (1, 2, 3)} == {"scheduled"}


async def test_a_single_missed_post_keeps_its_own_notice(world: World) -> None:
    await missed(world, 1)

    await world.card("#1 missed its time (")

    asked = [seen for seen in world.dana.private.from_bot() if "posts missed" in seen.text]
    assert asked == []
