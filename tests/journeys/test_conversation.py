"""What people send by mistake, and what Telegram alone has, as a person meets it."""

from datetime import UTC, datetime, timedelta

import pytest

from models.inbox import Inbox
from models.post import Post
from sandbox.telegram import limits
from sandbox.telegram.media import a_gif, a_jpeg, a_png, an_mp4
from sandbox.telegram.people import Attachment
from sandbox.telegram.view import Seen
from tests.support.waiting import wait_until
from tests.support.world import World


def on_line(caption: str, phrase: str) -> str:
    return f"{caption}\n{phrase}"


async def scheduled(world: World, phrase: str = "tomorrow 9am", caption: str = "Menu") -> Seen:
    """Send a photo of an account that is connected, and give the scheduled card."""
    await world.settle_in()
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), on_line(caption, phrase))
    return await world.card("🗓 Scheduled #1")


async def test_b22_slow_processing_is_said_on_the_card(world: World) -> None:
    world.instagram.settings.processing_polls = 3
    await world.settle_in()
    await world.connect()
    await world.dana.sends_video(an_mp4(), on_line("On the road", "in 2 minutes"))

    await world.card("Instagram is processing the video")


# ── what people send by mistake ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty file"),
        (a_jpeg()[:4000], "damaged"),
        (b"<html><body>no</body></html>", "neither a photo nor a video"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"></svg>', "SVG"),
    ],
    ids=["bad_001_empty", "bad_002_truncated", "bad_003_html", "bad_004_svg"],
)
async def test_bad_001_to_004_files_that_are_no_pictures_are_refused(
    world: World, data: bytes, words: str
) -> None:
    await world.settle_in()

    await world.dana.sends(
        Attachment(data, "document", "photo.jpg", "image/jpeg"), on_line("Menu", "tomorrow 9am")
    )

    card = await world.card(words)
    assert "Draft #1" in card.text
    assert (await world.post()).stage == "draft"


async def test_bad_015_a_file_over_the_limit_is_named_before_fetching(world: World) -> None:
    await world.settle_in()

    await world.dana.sends_video(an_mp4(), "Big one\ntomorrow 9am", size=30_000_000)

    await world.card("30 MB")
    assert world.telegram.journal.of("getFile") == []


async def test_bad_022_what_cannot_be_posted_is_refused_in_one_line(world: World) -> None:
    await world.settle_in()

    await world.dana.sends_sticker()
    await world.card("I cannot post a sticker")
    await world.dana.sends_voice()
    await world.card("I cannot post a voice")
    await world.dana.sends_animation(a_gif())

    await world.card("GIF")
    assert await Post.all().count() == 0


async def test_bad_023_an_album_of_eleven_asks_what_stays_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.settle_in()
    await world.connect()
    # The apps of today split eleven into two albums; nothing promises that they always will.
    monkeypatch.setattr(limits, "ALBUM_ITEMS", range(2, 12))
    pictures = [a_jpeg(200, 200, str(index)) for index in range(11)]
    await world.dana.sends_album(pictures, on_line("All of it", "tomorrow 9am"))

    card = await world.card("you sent 11")
    await world.dana.presses(card, "11")

    await world.card("Carousel, 10 photos")
    await world.card("🗓 Scheduled #1")


async def test_bad_035_036_long_captions_are_named_before_scheduling(world: World) -> None:
    await world.settle_in()
    await world.connect()
    tags = " ".join(f"#tag{index}" for index in range(31))
    await world.dana.sends_photo(a_jpeg(), on_line(tags, "tomorrow 9am"))
    card = await world.card("31 hashtags")

    await world.dana.presses(card, "Edit caption")
    await world.card("Send the new caption")
    await world.dana.writes("x" * 2201)
    card = await world.card("2,201 characters")
    await world.dana.presses(card, "Edit caption")
    await world.card("Send the new caption")
    await world.dana.writes("short enough")

    card = await world.card("🗓 Scheduled #1")
    assert "short enough" in card.text


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("tomorrow at 25:00", "not a time that exists"),
        ("31 February", "not a time that exists"),
        ("in 500 years", "two years ahead"),
    ],
    ids=["bad_047", "bad_048", "bad_052"],
)
async def test_bad_047_048_052_impossible_times_are_asked_back(
    world: World, phrase: str, words: str
) -> None:
    await world.settle_in()
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), "Menu")
    await world.card("Draft #1")

    await world.dana.writes(phrase)

    await world.card(words)
    assert (await world.post()).stage == "draft"


async def test_bad_067_a_press_on_a_post_that_is_gone_says_so(world: World) -> None:
    card = await scheduled(world)
    await Post.all().delete()

    answer = await world.dana.presses(card, "Cancel post")

    assert "gone" in answer.text


async def test_bad_072_the_same_update_five_times_has_one_effect(world: World) -> None:
    await world.settle_in()
    await world.stop()
    await world.dana.sends_photo(a_jpeg(), "New mugs!")
    (update,) = world.telegram.pending_updates()

    await world.start()
    await world.card("Draft #1")
    for _ in range(4):
        world.telegram.repeat(update)
    await world.telegram.all_updates_taken()
    await wait_until(_all_done, what="the inbox is empty")

    assert await Post.all().count() == 1


async def _all_done() -> bool:
    return not await Inbox.filter(state="waiting").exists()


async def test_bad_008_png_and_webp_documents_become_jpeg(world: World) -> None:
    await world.settle_in()
    await world.connect()
    await world.dana.sends_document(a_png(), on_line("Sharp", "in 20 seconds"), name="a.png")
    await world.card("🗓 Scheduled #1")
    world.pass_time(timedelta(seconds=21))

    await world.instagram.until_published(1)

    await world.card("✅ Published #1")


async def test_s14_more_than_twenty_posts_a_minute_are_asked_to_slow_down(world: World) -> None:
    await world.settle_in()
    # We write to one chat once a second: twenty cards need not be waited for that long here.
    world.clock.pause_share = 0.02

    for index in range(22):
        await world.dana.sends_photo(a_jpeg(60, 60, str(index)), "Menu")
    await world.dana.sees(lambda seen: "That is a lot at once" in seen.text, seconds=30)

    assert await Post.all().count() == 20


async def test_bad_044_a_clock_that_just_passed_means_tomorrow_and_offers_now(
    world: World,
) -> None:
    world.clock.set(datetime(2026, 11, 24, 8, 2, tzinfo=UTC))
    await world.settle_in()
    await world.connect()

    await world.dana.sends_photo(a_jpeg(), on_line("Menu", "9am"))

    card = await world.card("🗓 Scheduled #1")
    assert "Wed 25 Nov, 09:00" in card.text
    assert "Publish now" in card.button_texts


async def test_bad_040_a_time_in_mid_caption_is_only_offered(world: World) -> None:
    await world.settle_in()
    await world.connect()

    await world.dana.sends_photo(a_jpeg(), "Tickets are on sale until saturday 8pm")

    await world.card("Draft #1")
    post = await world.post()
    assert post.stage == "draft"
    assert post.caption == "Tickets are on sale until saturday 8pm"


async def test_bad_014_a_photo_that_telegram_made_smaller_is_taken(world: World) -> None:
    await world.settle_in()
    await world.connect()

    await world.dana.sends_photo(a_jpeg(3000, 3000), on_line("Menu", "tomorrow 9am"))

    await world.card("🗓 Scheduled #1")
