"""The numbered behaviours of the conversation, on Telegram, as a person meets them."""

from datetime import UTC, datetime, timedelta

import pytest

from models.inbox import Inbox
from models.outbox import Audit
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


# ── receiving and understanding ──────────────────────────────────────────────────────────────


async def test_b01_a_photo_gets_a_receipt_and_a_card(world: World) -> None:
    await world.settle_in()

    sent = await world.dana.sends_photo(a_jpeg(), "New mugs!")

    await world.card("Draft #1")
    await wait_until(lambda: "👀" in sent.reactions, what="the receipt")


async def test_b02_every_change_edits_the_one_card(world: World) -> None:
    card = await scheduled(world)

    await world.dana.presses(card, "Change time")
    await world.card("New time?")
    await world.dana.writes("friday 18:30")
    moved = await world.card("18:30 (Europe/Berlin)")

    cards = [seen for seen in world.dana.private.from_bot() if "Scheduled #1" in seen.text]
    assert moved.id == card.id
    assert [seen.id for seen in cards] == [card.id]


async def test_b05_words_that_no_longer_hold_are_not_shown_as_the_times_source(
    world: World,
) -> None:
    card = await scheduled(world, "tomorrow 9am")
    assert "from “tomorrow 9am”" in card.text

    await world.dana.presses(card, "Change time")
    await world.card("New time?")
    await world.dana.writes("friday 18:30")
    moved = await world.card("18:30 (Europe/Berlin)")

    assert "tomorrow 9am" not in moved.text
    told = await world.card("→")
    assert "09:00 →" in told.text


async def test_b03_b04_the_card_says_state_number_account_kind_and_time(world: World) -> None:
    card = await scheduled(world)

    first, second, third = card.text.split("\n")[:3]

    assert first == "🗓 Scheduled #1"
    # The unseen mark behind @ keeps the name from pinging somebody on Telegram.
    assert second == "@\u2060cafe.lindenhof · Photo"
    assert "09:00 (Europe/Berlin) · in " in third
    assert any(entity["type"] == "date_time" for entity in card.entities)


async def test_b05_a_tail_is_suggested_and_may_be_kept_in_the_caption(world: World) -> None:
    await world.settle_in()
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), "What a crowd! 🔥 sat 12:40")
    card = await world.card("I took “sat 12:40” out of the caption")
    assert "What a crowd! 🔥\n" in card.text

    await world.dana.presses(card, "Keep in caption")

    asked = await world.card("When should it go out?")
    assert "What a crowd! 🔥 sat 12:40" in asked.text
    assert (await world.post()).due_at is None


async def test_b06_the_caption_is_shown_exactly_and_counted(world: World) -> None:
    caption = "Autumn 🍂\n\n  two blanks   kept #cafe #berlin"
    card = await scheduled(world, caption=caption)

    assert caption in card.text
    assert "/ 2,200 · 2 / 30 hashtags" in card.text


async def test_b07_an_ambiguous_hour_is_asked_and_never_guessed(world: World) -> None:
    await world.settle_in()
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), on_line("Menu", "friday 9"))
    card = await world.dana.sees(lambda seen: "Draft #1" in seen.text and bool(seen.buttons))

    assert (await world.post()).stage == "draft"
    assert card.button_texts


async def test_b09_a_time_in_a_clock_change_is_asked_with_the_other_time(world: World) -> None:
    await world.settle_in(zone="Europe/Berlin")
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), on_line("Menu", "2027-03-28 02:30"))

    card = await world.card("does not exist")

    assert any("03:30" in text for text in card.button_texts)
    assert (await world.post()).stage == "draft"


async def test_b10_bad_045_a_past_time_is_asked_and_nothing_is_published(world: World) -> None:
    await world.settle_in()
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), on_line("Menu", "yesterday 9am"))

    card = await world.card("has passed")

    assert "Cancel post" in card.button_texts
    assert (await world.post()).stage == "draft"
    assert world.instagram.published == []


# ── the card, and changing a post ────────────────────────────────────────────────────────────


async def test_b11_a_scheduled_card_has_two_rows_and_danger_only_on_cancel(world: World) -> None:
    card = await scheduled(world)

    styles = {button.text: button.style for row in card.buttons for button in row}
    assert len(card.buttons) <= 2
    assert {"Edit caption", "Change time", "⋯ More", "Cancel post"} <= set(styles)
    assert [text for text, style in styles.items() if style == "danger"] == ["Cancel post"]


async def test_b12_cancel_is_immediate_and_undo_survives_a_restart(world: World) -> None:
    card = await scheduled(world)
    answer = await world.dana.presses(card, "Cancel post")
    assert "Cancelled" in answer.text
    await world.card("🗑 Cancelled #1")

    await world.restart()
    await world.dana.presses(await world.card("🗑 Cancelled #1"), "Undo")

    await world.card("🗓 Scheduled #1")
    assert (await world.target()).state != "cancelled"


async def test_b12_undo_is_over_after_ten_minutes(world: World) -> None:
    card = await scheduled(world)
    await world.dana.presses(card, "Cancel post")
    cancelled = await world.card("🗑 Cancelled #1")

    world.pass_time(timedelta(minutes=11))
    answer = await world.dana.presses(cancelled, "Undo")

    assert "over" in answer.text
    assert (await world.post()).stage == "cancelled"


async def test_b13_bad_064_a_forged_press_is_answered_and_audited(world: World) -> None:
    card = await scheduled(world)

    for payload in ("p0:cancel:x:1", "p1:explode:" + "A" * 22 + ":1", "p1:cancel:zz:1", "{}"):
        query = world.dana.forges_press(card, payload)
        answer = await world.dana.answer_to(query)
        assert "out of date" in answer.text or "gone" in answer.text

    assert await Audit.filter(action="press.refused").count() >= 3
    assert (await world.post()).stage == "committed"


async def test_b14_bad_061_a_double_tap_has_one_effect(world: World) -> None:
    card = await scheduled(world)

    first = world.dana.taps(card, "Cancel post")
    second = world.dana.taps(card, "Cancel post")
    answers = [await world.dana.answer_to(query) for query in (first, second) if query]

    assert "Cancelled" in answers[0].text
    assert "Already cancelled by Dana" in answers[1].text
    assert await Audit.filter(action="press.refused").count() == 0


async def test_b15_bad_062_a_press_on_a_stale_card_refreshes_it(world: World) -> None:
    card = await scheduled(world)
    await world.dana.presses(card, "Change time")
    await world.card("New time?")
    await world.dana.writes("friday 18:30")
    await world.card("18:30 (Europe/Berlin)")

    answer = await world.dana.presses(card, "Tomorrow 09:00", is_stale=True)

    assert answer.text == "Card updated, try again"
    assert (await world.post()).wall_time.endswith("18:30:00")


async def test_b16_bad_060_the_card_follows_an_edited_message(world: World) -> None:
    await world.settle_in()
    await world.connect()
    sent = await world.dana.sends_photo(a_jpeg(), on_line("Menu", "tomorrow 9am"))
    await world.card("🗓 Scheduled #1")

    await world.dana.edits(sent, on_line("Better menu", "tomorrow 10am"))

    card = await world.card("Caption updated from your edit")
    assert "Better menu" in card.text
    assert "10:00" in card.text
    assert (await world.post()).caption == "Better menu"


async def test_b16_after_publishing_an_edit_is_answered_honestly(world: World) -> None:
    await world.settle_in()
    await world.connect()
    sent = await world.dana.sends_photo(a_jpeg(), on_line("Menu", "in 20 seconds"))
    await world.card("🗓 Scheduled #1")
    world.pass_time(timedelta(seconds=21))
    await world.card("✅ Published #1")

    await world.dana.edits(sent, on_line("Other menu", "in 20 seconds"))

    await world.card("already published")
    assert (await world.post()).caption == "Menu"


async def test_b18_talk_before_media_is_answered_and_a_caption_can_be_used(world: World) -> None:
    await world.settle_in()
    await world.dana.sends_photo(a_jpeg())
    await world.card("Draft #1")

    await world.dana.writes("Our new mugs have arrived at last")
    offer = await world.card("Is it a caption?")
    await world.dana.presses(offer, "Use as caption for #1")

    await world.dana.sees(
        lambda seen: "Draft #1" in seen.text and "Our new mugs have arrived" in seen.text
    )


# ── outcome ──────────────────────────────────────────────────────────────────────────────────


async def test_b22_slow_processing_is_said_on_the_card(world: World) -> None:
    world.instagram.settings.processing_polls = 3
    await world.settle_in()
    await world.connect()
    await world.dana.sends_video(an_mp4(), on_line("On the road", "in 2 minutes"))

    await world.card("Instagram is processing the video")


async def test_b23_success_is_told_on_the_card_with_a_link(world: World) -> None:
    await scheduled(world, "in 20 seconds")
    world.pass_time(timedelta(seconds=21))

    card = await world.dana.sees(
        lambda seen: "✅ Published #1" in seen.text and "Open post" in seen.button_texts
    )

    assert "Published " in card.text
    assert card.button("Open post").url.startswith("http")
    notice = await world.card("is on Instagram")
    assert notice.reply_to is not None


# ── drafts, zone, help, manners ──────────────────────────────────────────────────────────────


async def test_b30_the_queue_shows_the_days_and_opens_a_card(world: World) -> None:
    await scheduled(world)
    await world.dana.sends_photo(a_jpeg(label="2"), on_line("Later", "in 3 days"))
    await world.card("🗓 Scheduled #2")

    await world.dana.writes("/queue")
    queue = await world.card("Next 7 days (2 planned")
    await world.dana.presses(queue, "#1")

    opened = await world.dana.sees(lambda seen: "🗓 Scheduled #1" in seen.text, after=queue)
    assert opened.id > queue.id
    assert "Menu" in opened.text


async def test_b33_a_draft_nobody_answers_is_kept_and_said_so(world: World) -> None:
    await world.settle_in()
    await world.dana.sends_photo(a_jpeg(), "New mugs!")
    await world.card("Draft #1")

    world.pass_time(timedelta(minutes=11))
    await world.card("Saved as draft #1")
    await world.dana.writes("/drafts")

    drafts = await world.card("1 draft waits")
    assert "New mugs!" in drafts.text


async def test_b36_bad_058_the_zone_is_asked_once_and_the_phrase_read_again(world: World) -> None:
    await world.dana.starts()
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), on_line("Menu", "tomorrow 9am"))
    asked = await world.card("Is it ")
    assert any("Yes, " in text for text in asked.button_texts)

    await world.dana.writes("New York")

    await world.card("09:00 (America/New_York)")
    await world.dana.sends_photo(a_jpeg(label="2"), on_line("More", "tomorrow 10am"))
    await world.card("🗓 Scheduled #2")


async def test_b36_changing_the_zone_asks_what_happens_to_planned_posts(world: World) -> None:
    await scheduled(world)

    await world.dana.writes("/timezone Tokyo")
    asked = await world.card("Keep its clock time, or the same moment?")
    await world.dana.presses(asked, "Keep the clock times")

    await world.card("09:00 (Asia/Tokyo)")


async def test_b42_unknown_words_get_one_line_and_buttons(world: World) -> None:
    await world.settle_in()

    await world.dana.writes("hello there")

    answer = await world.card("I post photos and videos at the time you say")
    assert answer.button_texts == ["How do I post?", "What is planned?", "Connect Instagram"]
    await world.dana.presses(answer, "What is planned?")
    await world.card("Nothing is planned")


async def test_b43_the_welcome_is_short_with_one_primary_button(world: World) -> None:
    await world.dana.starts()

    welcome = await world.card("Hi Dana")

    primary = [one for row in welcome.buttons for one in row if one.style == "primary"]
    assert len(welcome.text.split("\n")) <= 4
    assert [one.text for one in primary] == ["Connect Instagram"]


async def test_b47_in_a_group_only_what_concerns_us_is_answered(world: World) -> None:
    await world.settle_in()
    group = world.telegram.group("Café team", [world.dana])
    group.adds_bot(world.dana)
    group.promotes_bot(world.dana)

    await world.dana.writes("nice weather", chat=group)
    await world.dana.sends_photo(a_jpeg(), "just for fun", chat=group)
    await world.dana.writes("/queue", chat=group)
    await world.card_in(group, "Nothing is planned")

    assert len(group.from_bot()) == 1
    assert await Post.all().count() == 0


async def test_b47_forget_me_leaves_nothing_behind(world: World) -> None:
    await scheduled(world)

    await world.dana.writes("/forget me")
    asked = await world.card("Forget you")
    await world.dana.presses(asked, "Yes, forget me")

    await world.card("I know nothing about you")
    assert await Post.all().count() == 0


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


async def test_bad_039_markup_is_shown_literally(world: World) -> None:
    caption = "<script>alert(1)</script> *_[ <!channel> &amp; <b>bold</b>"
    card = await scheduled(world, caption=caption)

    assert caption in card.text


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


async def test_bad_046_now_needs_one_confirmation(world: World) -> None:
    await world.settle_in()
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), on_line("Menu", "now"))
    card = await world.dana.sees(
        lambda seen: "Draft #1" in seen.text and "Yes, publish now" in seen.button_texts
    )
    assert world.instagram.published == []

    await world.dana.presses(card, "Yes, publish now")

    await world.instagram.until_published(1)


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


async def test_why_tells_the_story_of_a_post(world: World) -> None:
    await scheduled(world, "in 20 seconds")
    world.pass_time(timedelta(seconds=21))
    await world.card("✅ Published #1")

    await world.dana.writes("/why 1")

    story = await world.card("What happened to #1")
    assert "preparing: ready in" in story.text
    assert "publishing: published in" in story.text
    assert "Live since" in story.text


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


async def test_bad_057_without_any_time_quick_buttons_are_offered(world: World) -> None:
    await world.settle_in()
    await world.dana.sends_photo(a_jpeg(), "New mugs!")

    card = await world.card("When should it go out?")

    assert {"Publish now", "In 1 h", "Tomorrow 09:00"} <= set(card.button_texts)


async def test_bad_068_a_press_that_waited_too_long_is_done_all_the_same(world: World) -> None:
    card = await scheduled(world, "in 3 days")
    await world.stop()
    world.dana.taps(card, "Cancel post")
    world.pass_time(timedelta(minutes=3))

    await world.start()

    await world.card("🗑 Cancelled #1")
    assert (await world.post()).stage == "cancelled"
