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
