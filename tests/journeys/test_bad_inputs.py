"""What people send by mistake, or to see what happens, and the right answer to each, in any chat.

The numbers are those of the list of bad inputs; what the doors refuse is tested at the doors.
"""

import json
from datetime import UTC, datetime

import pytest

from bot.flows import drafting
from models.inbox import Inbox
from models.post import Media, Post
from sandbox.telegram.media import a_jpeg
from tests.support.talking import Somebody, a_photo
from tests.support.town import Town
from tests.support.waiting import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODES = ("telegram", "slack-http")
"""What is said comes in by one of Slack's doors as by the other."""


async def a_draft(town: Town) -> Somebody:
    """Have somebody send a photo without a time."""
    dana = await town.settled()
    await dana.sends(a_photo(), words="Menu")
    await dana.sees("When should it go out?")
    return dana


# ── files ────────────────────────────────────────────────────────────────────────────────────


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
    town: Town, data: bytes, words: str
) -> None:
    dana = await town.settled()

    await dana.sends_files(data, words="Menu\ntomorrow 9am", name="photo.jpg")

    card = await dana.sees(words)
    assert "Draft #1" in card.text
    assert (await town.post(dana)).stage == "draft"


async def test_bad_033_the_name_of_a_file_goes_nowhere(town: Town) -> None:
    dana = await town.settled()
    name = "../../\u202etxt.exe/" + "x" * 180 + ".jpg"

    await dana.sends_files(a_photo(), words="Menu\ntomorrow 9am", name=name)

    card = await dana.sees("🗓 Scheduled #1")
    assert "exe" not in card.text
    media = await Media.get(post_id=(await town.post(dana)).id)
    assert "exe" not in media.storage_key
    assert ".." not in media.storage_key


# ── captions ─────────────────────────────────────────────────────────────────────────────────


async def test_bad_034_a_missing_caption_is_said_and_no_obstacle(town: Town) -> None:
    dana = await town.settled()

    await dana.sends(a_photo(), words="tomorrow 9am")

    card = await dana.sees("🗓 Scheduled #1")
    assert "No caption" in card.text


async def test_bad_035_036_long_captions_are_named_before_scheduling(town: Town) -> None:
    dana = await town.settled()
    tags = " ".join(f"#tag{index}" for index in range(31))
    await dana.sends(a_photo(), words=f"{tags}\ntomorrow 9am")
    card = await dana.sees("31 hashtags")

    if dana.chat == "telegram":
        await dana.sets_caption(card, "x" * 2201)
    else:
        # A window would not take that many; an answer in the thread does.
        await dana.replies(card, "caption: " + "x" * 2201)
    card = await dana.sees_at(card, "2,201 characters")
    await dana.sets_caption(card, "short enough")

    card = await dana.sees("🗓 Scheduled #1")
    assert "short enough" in card.text


async def test_bad_037_038_041_emoji_and_links_arrive_unharmed_and_what_nobody_sees_is_cleaned(
    town: Town,
) -> None:
    dana = await town.settled()
    family = "👨\u200d👩\u200d👧\u200d👦 🏳️\u200d🌈 👍🏽 https://bit.ly/3xYz"

    await dana.sends(a_photo(), words=f"{family}\x07\nin 20 seconds")

    card = await dana.sees("🗓 Scheduled #1")
    assert f"> {family}" in card.lines
    town.pass_time(seconds=21)
    (post,) = await town.until_published(dana)
    assert post.caption == family


async def test_bad_040_a_time_in_mid_caption_is_only_offered(town: Town) -> None:
    dana = await town.settled()

    await dana.sends(a_photo(), words="Tickets are on sale until saturday 8pm")

    await dana.sees("Draft #1")
    post = await town.post(dana)
    assert (post.stage, post.caption) == ("draft", "Tickets are on sale until saturday 8pm")


# ── phrases ──────────────────────────────────────────────────────────────────────────────────


async def test_bad_047_048_052_impossible_times_are_asked_back(town: Town) -> None:
    dana = await a_draft(town)

    for phrase, words in (
        ("tomorrow at 25:00", "not a time that exists"),
        ("in 500 years", "two years ahead"),
        ("31 February", "not a time that exists"),
    ):
        await dana.writes(phrase)
        await dana.sees(words)

    assert (await town.post(dana)).stage == "draft"


async def test_bad_049_053_055_what_can_be_read_in_two_ways_is_echoed_and_other_digits_are_read(
    town: Town,
) -> None:
    dana = await town.settled()

    await dana.sends(a_photo(1), words="Menu\n3/4 9:00")
    asked = await dana.sees("can mean more than one time")
    days = [one.partition(",")[0] for one in asked.buttons if "09:00" in one]
    assert any("3 Apr" in one for one in days)
    assert any("4 Mar" in one for one in days)
    await dana.sends(a_photo(2), words="Soup\nevery day at 9")
    asked = await dana.sees("Every day at 09:00")
    assert asked.text.partition("Next: ")[2].partition(". ")[0].count(",") == 2
    assert "Start series" in asked.buttons
    await dana.sends(a_photo(3), words="Tea\ntomorrow ١٢:٣٠")
    assert "12:30 (Europe/Berlin)" in (await dana.sees("🗓 Scheduled #3")).text

    assert (await town.post(dana, 3)).wall_time == f"{town.day(1)}T12:30:00"
    assert {post.stage for post in await town.posts(dana)} == {"draft", "committed"}


async def test_bad_059_a_zone_that_is_not_in_season_is_asked_with_both_meanings(
    town: Town,
) -> None:
    town.goes_to(datetime(town.clock.now().year + 1, 7, 1, 8, tzinfo=UTC))
    dana = await town.settled()

    await dana.sends(a_photo(), words="Menu\nnoon EST friday")

    card = await dana.sees("can mean more than one time")
    times = [one for one in card.buttons if ", " in one]
    assert [one.partition(", ")[2] for one in times] == [
        *("19:00 (Europe/Berlin)", "12:00 (America/New_York)")
    ]
    await dana.presses(card, times[1])
    await dana.sees("12:00 (America/New_York)")


# ── presses, and what comes twice ────────────────────────────────────────────────────────────


async def test_bad_067_a_press_on_a_post_that_is_gone_says_so(town: Town) -> None:
    dana, _, card = await town.plans()
    await Post.filter(id=(await town.post(dana)).id).delete()

    assert "gone" in await dana.presses(card, "Cancel post")


async def test_bad_072_bad_078_the_same_event_five_times_has_one_effect(town: Town) -> None:
    dana = await town.settled()
    before = await Inbox.all().count()
    await dana.sends(a_photo(), words="New mugs!")
    await dana.sees("Draft #1")
    await town.quiet()
    came = await Inbox.all().count() - before

    for _ in range(4):
        await repeat_the_last(town)
    await town.quiet()

    assert len(await town.posts(dana)) == 1
    assert await Inbox.all().count() - before == came


async def repeat_the_last(town: Town) -> None:
    """Let the chat tell us once more what it told us last."""
    if town.slack is not None:
        town.slack.repeats(town.slack.delivered("message")[-1])
        return
    row = await Inbox.all().order_by("-received_at").first()
    assert row is not None
    town.world.telegram.repeat(json.loads(row.body))


async def test_s14_more_posts_a_minute_than_a_person_makes_are_a_flood_but_not_what_had_to_wait(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert drafting.MAX_POSTS_A_MINUTE == 20
    monkeypatch.setattr(drafting, "MAX_POSTS_A_MINUTE", 4)
    hasty, patient = await town.settled("Hasty"), await town.settled("Patient")
    pictures = [a_jpeg(60, 60, str(index)) for index in range(6)]
    for picture in pictures:
        await hasty.sends(picture, words="Menu")
    await hasty.sees("That is a lot at once")
    await town.quiet()
    assert len(await town.posts(hasty)) == 4

    if town.slack is not None:
        # Slack tries again later and later; here a later time must not be waited for.
        town.slack.office.retry_pauses = (0.2, 0.8, 2.0)
    await town.world.stop()
    for picture in pictures:
        await patient.sends(picture, words="Menu")
        town.pass_time(seconds=20)
    await town.world.start()

    async def all_are_drafts() -> bool:
        return len(await town.posts(patient)) == len(pictures)

    await wait_until(all_are_drafts, what="all have become drafts")
