"""The main job, as a person lives it in any chat."""

import pytest

from sandbox.telegram.media import an_mp4
from tests.support.talking import a_photo
from tests.support.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_photo_in_20_seconds_is_published_and_the_card_says_so(town: Town) -> None:
    dana, sent, card = await town.plans("in 20 seconds", "Autumn menu is here")
    assert card.under == sent.key

    town.pass_time(seconds=21)
    (post,) = await town.until_published(dana)

    assert post.caption == "Autumn menu is here"
    assert (await dana.sees("✅ Published #1")).key == card.key


async def test_a_photo_without_an_account_is_drafted_then_scheduled_once_connected(
    town: Town,
) -> None:
    dana = await town.settled(is_connected=False)
    await dana.sends(a_photo(), words="New mugs!\ntomorrow 9am")
    await dana.sees("Connect Instagram and it will be scheduled")

    town.account_for(dana)
    await dana.commands("connect")
    offered = await dana.sees("Open this link")
    await town.world.allow(offered.link, username=dana.account)
    await dana.presses(await dana.sees("Is it yours?"), "Yes, it is mine")

    card = await dana.sees("🗓 Scheduled #1")
    assert "09:00 (Europe/Berlin)" in card.text
    assert "tomorrow 9am" in card.text


async def test_an_album_becomes_one_carousel_and_a_video_becomes_a_reel(town: Town) -> None:
    dana = await town.settled()
    photos = [a_photo(number) for number in range(4)]
    await dana.sends(*photos, words="Team day\nin 40 seconds")
    album = await dana.sees("🗓 Scheduled #1")
    assert "Carousel, 4 photos" in album.text
    await dana.sends(an_mp4(), words="On the road\nin 30 seconds")
    film = await dana.sees("🗓 Scheduled #2")
    assert "Reel" in film.text

    town.pass_time(seconds=41)
    posts = await town.until_published(dana, 2)

    assert sorted((post.caption, len(post.media)) for post in posts) == [
        ("On the road", 1),
        ("Team day", 4),
    ]
    assert (await dana.sees("✅ Published #1")).key == album.key
    assert (await dana.sees("✅ Published #2")).key == film.key
