"""What was read in a message: two times are two posts, and an edit of it is followed."""

from datetime import UTC, datetime, timedelta

from bot.flows.settings import SETTINGS
from models.post import Media, Post, Target
from models.team import Member, Team
from sandbox.telegram.media import a_jpeg
from sandbox.telegram.view import Seen
from tests.support.waiting import wait_until
from tests.support.world import World

MONDAY = datetime(2026, 11, 23, 14, 10, tzinfo=UTC)
"""Monday 23 November 2026, 15:10 in Berlin."""

TWO_TIMES = "9am tomorrow and 6pm friday"


async def ready(world: World) -> None:
    world.clock.set(MONDAY)
    await world.settle_in()
    await world.connect()


async def walls() -> dict[int, str]:
    posts = await Post.filter(stage="committed").order_by("number")
    return {post.number: post.wall_time[5:16] for post in posts}


def tells(card: Seen, *words: str) -> bool:
    return all(one in card.text for one in words)


async def test_bad_054_two_times_in_a_message_are_two_posts_after_one_tap(world: World) -> None:
    await ready(world)
    sent = await world.dana.sends_photo(a_jpeg(), f"Menu\n{TWO_TIMES}")
    card = await world.card("One post for each?")
    assert tells(card, "1. Tue 24 Nov, 09:00", "2. Fri 27 Nov, 18:00", f"“{TWO_TIMES}”")
    assert {"Schedule both", "Only the first", "Only the second"} <= set(card.button_texts)
    assert "Keep in caption" in card.button_texts

    first, second = world.dana.taps(card, "Schedule both"), world.dana.taps(card, "Schedule both")
    answers = [await world.dana.answer_to(query) for query in (first, second) if query]
    one, two = await world.card("🗓 Scheduled #1"), await world.card("🗓 Scheduled #2")

    assert answers[0].text == "Scheduled"
    assert "Already scheduled" in answers[1].text
    assert await walls() == {1: "11-24T09:00", 2: "11-27T18:00"}
    assert [post.caption for post in await Post.all()] == ["Menu", "Menu"]
    assert one.id == card.id
    assert one.reply_to is not None
    assert two.reply_to is not None
    assert two.reply_to.id == one.reply_to.id == sent.id

    # An edit of the message is for both; each is called off and brought back by itself.
    await world.dana.edits(sent, "New menu\n9am tomorrow and 7pm friday")
    await world.dana.sees(lambda seen: tells(seen, "Scheduled #2", "19:00", "New menu"))
    assert await walls() == {1: "11-24T09:00", 2: "11-27T19:00"}
    await world.dana.presses(await world.card("🗓 Scheduled #1"), "Cancel post")
    gone = await world.card("🗑 Cancelled #1")
    assert await walls() == {2: "11-27T19:00"}
    await world.dana.presses(gone, "Undo")
    await world.card("🗓 Scheduled #1")

    world.pass_time(datetime(2026, 11, 24, 8, 0, 1, tzinfo=UTC) - world.clock.now())
    await world.instagram.until_published(1)
    world.pass_time(datetime(2026, 11, 27, 18, 0, 1, tzinfo=UTC) - world.clock.now())
    await world.instagram.until_published(2)
    await world.card("✅ Published #2")


async def test_k17_k7_two_times_of_one_day_do_not_look_like_each_other(world: World) -> None:
    await ready(world)
    await world.dana.sends_photo(a_jpeg(), "Menu! tomorrow 9am and tomorrow 6pm")
    card = await world.card("One post for each?")

    await world.dana.presses(card, "Schedule both")
    await world.card("🗓 Scheduled #2")

    assert await walls() == {1: "11-24T09:00", 2: "11-24T18:00"}
    world.pass_time(datetime(2026, 11, 24, 8, 0, 1, tzinfo=UTC) - world.clock.now())
    await world.instagram.until_published(1)
    world.pass_time(datetime(2026, 11, 24, 17, 0, 1, tzinfo=UTC) - world.clock.now())
    await world.instagram.until_published(2)

    # Clocks that are no single rule are two series, and their runs are no doubles either.
    await world.dana.sends_photo(a_jpeg(label="2"), "Soup\nevery day at 9:00 and 18:30")
    card = await world.card("One post for each?")

    await world.dana.presses(card, "Schedule both")

    await world.card("🔁 Series S1")
    second = await world.card("🔁 Series S2")
    assert "18:30" in second.text
    world.pass_time(datetime(2026, 11, 24, 17, 30, 1, tzinfo=UTC) - world.clock.now())
    await world.instagram.until_published(3)
    world.pass_time(datetime(2026, 11, 25, 8, 0, 1, tzinfo=UTC) - world.clock.now())
    await world.instagram.until_published(4)


async def test_k17_only_one_of_the_times_is_taken_where_that_was_pressed(world: World) -> None:
    await ready(world)
    await world.dana.sends_photo(a_jpeg(), "Menu")
    await world.card("Draft #1")
    await world.dana.writes(TWO_TIMES)
    card = await world.card("One post for each?")

    await world.dana.presses(card, "Only the second")

    await world.card("🗓 Scheduled #1")
    assert await walls() == {1: "11-27T18:00"}
    assert await Post.all().count() == 1
    # A first and a last line that are both times are a question, and only one of them goes (S7).
    await world.dana.sends_photo(a_jpeg(label="2"), "tomorrow 9am\nBrunch\nfriday 6pm")
    card = await world.card("I read two times. Which one?")
    await world.dana.presses(card, "Fri 27 Nov, 18:00")
    await world.card("🗓 Scheduled #2")
    assert (await Post.get(number=2)).caption == "tomorrow 9am\nBrunch"


async def test_k15_a_team_may_have_tails_booked_at_once_with_undo(world: World) -> None:
    await ready(world)
    await world.dana.writes("/settings")
    shown = await world.card("I ask before it counts")
    await world.dana.presses(shown, "Book it at once")
    changed = await world.card("it is booked at once")
    assert changed.id == shown.id
    assert (await Team.all().first()).settings == {SETTINGS[0].name: True}  # type: ignore[union-attr]

    await world.dana.sends_photo(a_jpeg(), "What a crowd! 🔥 sat 12:40")
    card = await world.card("🗓 Scheduled #1")
    assert {"Undo", "Keep in caption"} <= set(card.button_texts)
    assert len(card.buttons) <= 2
    await world.dana.presses(card, "Undo")
    asked = await world.card("Schedule for Sat 28 Nov, 12:40")
    assert await Target.filter(state="scheduled").count() == 0
    await world.dana.presses(asked, "Schedule")
    await world.card("🗓 Scheduled #1")

    await world.dana.sends_photo(a_jpeg(label="2"), "We party! sun 12:40")
    card = await world.card("🗓 Scheduled #2")
    await world.dana.presses(card, "Keep in caption")
    await world.card("“sun 12:40” stands in the caption")
    assert (await Post.get(number=2)).caption == "We party! sun 12:40"

    # Whoever may not change it is told who may; ten minutes later there is nothing to take back.
    await Member.all().update(role="editor")
    answer = await world.dana.presses(changed, "Ask first")
    assert "Only" in answer.text
    await world.dana.sends_photo(a_jpeg(label="3"), "Again! sun 13:40")
    card = await world.card("🗓 Scheduled #3")
    world.pass_time(timedelta(minutes=11))
    answer = await world.dana.presses(card, "Undo")
    assert "over" in answer.text


async def test_b36_words_mean_what_they_meant_before_the_zone_was_told(world: World) -> None:
    world.clock.set(MONDAY)
    await world.dana.starts()
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), "Menu\ntomorrow 9am")
    await world.card("Is it ")
    world.pass_time(timedelta(hours=12))

    await world.dana.writes("Berlin")

    # It is Tuesday by now; "tomorrow" was said on Monday.
    await world.card("Tue 24 Nov, 09:00 (Europe/Berlin)")


async def test_b16_bad_060_album_and_series_follow_an_edit_until_it_is_too_late(
    world: World,
) -> None:
    await ready(world)
    parts = await world.dana.sends_album(
        [a_jpeg(label="1"), a_jpeg(label="2")], "Team day\ntomorrow 9am"
    )
    await world.card("🗓 Scheduled #1")
    await world.dana.edits(parts[0], "Team days\ntomorrow 10am")
    await world.dana.sees(lambda seen: tells(seen, "Scheduled #1", "10:00", "Team days"))

    sent = await world.dana.sends_photo(a_jpeg(label="3"), "Soup\nevery day at 18:30")
    await world.card("🔁 Series S1")
    await world.dana.edits(sent, "Stew\nevery day at 19:15")
    await world.dana.sees(lambda seen: tells(seen, "Series S1", "at 19:15", "Stew"))

    runs = await Post.filter(notes__contains={"series": 1})
    assert {post.caption for post in runs} == {"Stew"}
    assert {post.wall_time[11:] for post in runs} == {"19:15:00"}

    for state in ("preparing", "ready", "publishing"):
        until = world.clock.now() + timedelta(hours=1)
        await Target.filter(post__number=1).update(state=state, lease_until=until)
    await world.dana.edits(parts[0], "Other days\ntomorrow 10am")
    await world.card("already going out")
    assert (await world.post(1)).caption == "Team days"


async def test_b33_what_waits_goes_on_where_it_stopped_and_without_what_is_unfit(
    world: World,
) -> None:
    await ready(world)
    await world.dana.sends_album([a_jpeg(label="1"), b"no picture"], "Team day\ntomorrow 9am")
    card = await world.card("Item 2 is neither a photo nor a video")
    assert "Leave out item 2" in card.button_texts

    await world.dana.presses(card, "Leave out item 2")

    scheduled = await world.card("🗓 Scheduled #1")
    assert "Photo" in scheduled.text
    assert (await world.post()).kind == "image"
    assert await Media.filter(state="removed").count() == 1

    for number, name in enumerate(("New mugs!", "Old mugs!"), start=2):
        await world.dana.sends_photo(a_jpeg(label=name), name)
        await world.card(f"Draft #{number}")
    await world.dana.writes("/drafts")
    drafts = await world.card("2 drafts wait")

    await world.dana.presses(drafts, "#2")
    await world.dana.sees(lambda seen: "Draft #2" in seen.text, after=drafts)
    await world.dana.writes("sat noon")

    await world.card("🗓 Scheduled #2")
    assert (await walls())[2] == "11-28T12:00"


async def test_b36_changing_the_zone_asks_about_what_repeats_too(world: World) -> None:
    await ready(world)
    await world.dana.sends_photo(a_jpeg(), "Soup\nevery day at 18:30")
    await world.card("🔁 Series S1")

    await world.dana.writes("/timezone New York")
    asked = await world.card("S1 repeats by the clock of Europe/Berlin")
    await world.dana.presses(asked, "Keep the clock times")

    await world.card("Every day at 18:30 America/New_York")
    await wait_until(_all_in_new_york, what="the runs moved")


async def _all_in_new_york() -> bool:
    targets = await Target.filter(state="scheduled")
    return {target.zone for target in targets} == {"America/New_York"} and {
        target.wall_time[11:] for target in targets
    } == {"18:30:00"}
