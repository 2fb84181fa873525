"""The main job, as a person lives it."""

from datetime import timedelta

from sandbox.telegram.media import a_jpeg, an_mp4
from tests.support.world import World


async def test_a_photo_in_20_seconds_is_published_and_the_card_says_so(world: World) -> None:
    await world.settle_in()
    await world.connect()
    sent = await world.dana.sends_photo(a_jpeg(), "Autumn menu is here\nin 20 seconds")
    card = await world.card("🗓 Scheduled #1")
    assert card.reply_to is not None
    assert card.reply_to.id == sent.id

    world.pass_time(timedelta(seconds=21))
    (post,) = await world.instagram.until_published(1)

    assert post.caption == "Autumn menu is here"
    done = await world.card("✅ Published #1")
    assert done.id == card.id


async def test_a_photo_without_an_account_is_drafted_then_scheduled_once_connected(
    world: World,
) -> None:
    await world.settle_in()
    await world.dana.sends_photo(a_jpeg(), "New mugs!\ntomorrow 9am")
    await world.card("Connect Instagram and it will be scheduled")

    await world.connect()

    card = await world.card("🗓 Scheduled #1")
    assert "09:00 (Europe/Berlin)" in card.text
    assert "tomorrow 9am" in card.text


async def test_an_album_becomes_one_carousel(world: World) -> None:
    await world.settle_in()
    await world.connect()
    pictures = [a_jpeg(label=str(index)) for index in range(4)]
    await world.dana.sends_album(pictures, "Team day\nin 30 seconds")
    await world.card("Carousel, 4 photos")
    await world.card("🗓 Scheduled #1")

    world.pass_time(timedelta(seconds=31))
    (post,) = await world.instagram.until_published(1)

    assert len(post.media) == 4
    await world.card("✅ Published #1")


async def test_a_video_becomes_a_reel(world: World) -> None:
    await world.settle_in()
    await world.connect()
    await world.dana.sends_video(an_mp4(), "On the road\nin 30 seconds")
    await world.card("Reel")
    await world.card("🗓 Scheduled #1")

    world.pass_time(timedelta(seconds=31))
    await world.instagram.until_published(1)

    await world.card("✅ Published #1")
