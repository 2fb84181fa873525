"""What was read in a message: two times are two posts, and an edit of it is followed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
import pytest_asyncio

from bot.flows.settings import SETTINGS
from models.post import Media, Post, Target
from models.series import Series
from models.team import Member, Team
from tests.support.talking import Somebody, a_photo
from tests.support.town import Town
from tests.support.waiting import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODES = ("telegram", "slack-socket")
"""What is said comes in by one of Slack's doors as by the other."""

TWO_TIMES = "9am tomorrow and 6pm friday"


@pytest_asyncio.fixture(loop_scope="module")
async def monday(town: Town) -> AsyncIterator[datetime]:
    """A Monday at three in the afternoon in Berlin, and nothing that goes on after the claim."""
    yield town.next_week(0, 15)
    await Series.filter(state="active").update(state="ended")


async def walls(town: Town, who: Somebody) -> dict[int, str]:
    posts = await town.posts(who)
    return {post.number: post.wall_time[:16] for post in posts if post.stage == "committed"}


def wall(monday: datetime, ahead: int, clock: str) -> str:
    return f"{monday + timedelta(days=ahead):%Y-%m-%d}T{clock}"


def on(monday: datetime, ahead: int, clock: str) -> str:
    """Return a time of that week as it is shown."""
    day = monday + timedelta(days=ahead)
    year = f" {day.year}" if day.year != monday.year else ""
    return f"{day:%a} {day.day} {day:%b}{year}, {clock}"


def goes_just_past(town: Town, monday: datetime, ahead: int, hour: int, minute: int = 0) -> None:
    day = monday + timedelta(days=ahead)
    town.goes_to(day.replace(hour=hour, minute=minute, second=1))


async def test_bad_054_two_times_in_a_message_are_two_posts_after_one_tap(
    town: Town, monday: datetime
) -> None:
    dana = await town.settled()
    sent = await dana.sends(a_photo(), words=f"Menu\n{TWO_TIMES}")
    card = await dana.sees("One post for each?")
    assert f"1. {on(monday, 1, '09:00')}" in card.text
    assert f"2. {on(monday, 4, '18:00')}" in card.text
    assert f"“{TWO_TIMES}”" in card.text
    assert {"Schedule both", "Only the first", "Only the second"} <= set(card.buttons)
    assert "Keep in caption" in card.buttons

    told = await asyncio.gather(
        dana.presses(card, "Schedule both"), dana.presses(card, "Schedule both", is_stale=True)
    )
    one, two = await dana.sees("🗓 Scheduled #1"), await dana.sees("🗓 Scheduled #2")

    assert any("Already scheduled" in words for words in told)
    planned = {1: wall(monday, 1, "09:00"), 2: wall(monday, 4, "18:00")}
    assert await walls(town, dana) == planned
    assert [post.caption for post in await town.posts(dana)] == ["Menu", "Menu"]
    assert one.key == card.key
    assert one.under == two.under == sent.key

    # An edit of the message is for both; each is called off and brought back by itself.
    await dana.edits(sent, "New menu\n9am tomorrow and 7pm friday")
    second = await dana.sees_at(two, "19:00")
    assert "> New menu" in second.lines
    planned[2] = wall(monday, 4, "19:00")
    assert await walls(town, dana) == planned
    await dana.presses(await dana.sees_at(one, "New menu"), "Cancel post")
    gone = await dana.sees("🗑 Cancelled #1")
    assert await walls(town, dana) == {2: planned[2]}
    await dana.presses(gone, "Undo")
    await dana.sees("🗓 Scheduled #1")

    goes_just_past(town, monday, 1, 9)
    await town.until_published(dana)
    goes_just_past(town, monday, 4, 19)
    await town.until_published(dana, 2)
    await dana.sees("✅ Published #2")


async def test_k17_k7_two_times_of_one_day_do_not_look_like_each_other(
    town: Town, monday: datetime
) -> None:
    dana = await town.settled()
    await dana.sends(a_photo(), words="Menu! tomorrow 9am and tomorrow 6pm")
    card = await dana.sees("One post for each?")

    await dana.presses(card, "Schedule both")
    await dana.sees("🗓 Scheduled #2")

    assert await walls(town, dana) == {1: wall(monday, 1, "09:00"), 2: wall(monday, 1, "18:00")}
    goes_just_past(town, monday, 1, 9)
    await town.until_published(dana)
    goes_just_past(town, monday, 1, 18)
    await town.until_published(dana, 2)

    # Clocks that are no single rule are two series, and their runs are no doubles either.
    await dana.sends(a_photo(2), words="Soup\nevery day at 9:00 and 18:30")
    card = await dana.sees("One post for each?")

    await dana.presses(card, "Schedule both")

    await dana.sees("🔁 Series S1")
    second = await dana.sees("🔁 Series S2")
    assert "18:30" in second.text
    goes_just_past(town, monday, 1, 18, 30)
    await town.until_published(dana, 3)
    goes_just_past(town, monday, 2, 9)
    await town.until_published(dana, 4)


async def test_k17_only_one_of_the_times_is_taken_where_that_was_pressed(
    town: Town, monday: datetime
) -> None:
    dana = await town.settled()
    await dana.sends(a_photo(), words="Menu")
    await dana.sees("Draft #1")
    await dana.writes(TWO_TIMES)
    card = await dana.sees("One post for each?")

    await dana.presses(card, "Only the second")

    await dana.sees("🗓 Scheduled #1")
    assert await walls(town, dana) == {1: wall(monday, 4, "18:00")}
    # A first and a last line that are both times are a question, and only one of them goes (S7).
    await dana.sends(a_photo(2), words="tomorrow 9am\nBrunch\nfriday 6pm")
    card = await dana.sees("I read two times. Which one?")
    await dana.presses(card, on(monday, 4, "18:00"))
    await dana.sees("🗓 Scheduled #2")
    assert (await town.post(dana, 2)).caption == "tomorrow 9am\nBrunch"
    assert len(await town.posts(dana)) == 2


async def test_k15_a_team_may_have_tails_booked_at_once_with_undo(
    town: Town, monday: datetime
) -> None:
    dana = await town.settled()
    team = (await town.member(dana)).team_id
    await dana.commands("settings")
    shown = await dana.sees("I ask before it counts")
    await dana.presses(shown, "Book it at once")
    changed = await dana.sees("it is booked at once")
    assert changed.key == shown.key
    assert (await Team.get(id=team)).settings == {SETTINGS[0].name: True}

    await dana.sends(a_photo(1), words="What a crowd! 🔥 sat 12:40")
    card = await dana.sees("🗓 Scheduled #1")
    assert {"Undo", "Keep in caption"} <= set(card.buttons)
    assert len(card.rows) <= 2
    await dana.presses(card, "Undo")
    asked = await dana.sees(f"Schedule for {on(monday, 5, '12:40')}")
    assert await Target.filter(state="scheduled", post__team_id=team).count() == 0
    await dana.presses(asked, "Schedule")
    await dana.sees("🗓 Scheduled #1")

    await dana.sends(a_photo(2), words="We party! sun 12:40")
    card = await dana.sees("🗓 Scheduled #2")
    await dana.presses(card, "Keep in caption")
    await dana.sees("“sun 12:40” stands in the caption")
    assert (await town.post(dana, 2)).caption == "We party! sun 12:40"

    # Whoever may not change it is told who may; ten minutes later there is nothing to take back.
    await Member.filter(team_id=team).update(role="editor")
    assert "Only" in await dana.presses(changed, "Ask first")
    await dana.sends(a_photo(3), words="Again! sun 13:40")
    card = await dana.sees("🗓 Scheduled #3")
    town.pass_time(minutes=11)
    assert "over" in await dana.presses(card, "Undo")


async def test_b16_bad_060_album_and_series_follow_an_edit_until_it_is_too_late(
    town: Town, monday: datetime
) -> None:
    dana = await town.settled()
    team = (await town.member(dana)).team_id
    album = await dana.sends(a_photo(1), a_photo(2), words="Team day\ntomorrow 9am")
    card = await dana.sees("🗓 Scheduled #1")
    await dana.edits(album, "Team days\ntomorrow 10am")
    moved = await dana.sees_at(card, "10:00")
    assert "> Team days" in moved.lines

    sent = await dana.sends(a_photo(3), words="Soup\nevery day at 18:30")
    series = await dana.sees("🔁 Series S1")
    await dana.edits(sent, "Stew\nevery day at 19:15")
    changed = await dana.sees_at(series, "at 19:15")
    assert "> Stew" in changed.lines
    runs = await Post.filter(team_id=team, notes__contains={"series": 1})
    assert {post.caption for post in runs} == {"Stew"}
    assert {post.wall_time[11:] for post in runs} == {"19:15:00"}

    first = await town.target(dana, 1)
    for state in ("preparing", "ready", "publishing"):
        until = town.clock.now() + timedelta(hours=1)
        await Target.filter(id=first.id).update(state=state, lease_until=until)
    await dana.edits(album, "Other days\ntomorrow 10am")
    await dana.sees("already going out")
    assert (await town.post(dana)).caption == "Team days"
    await Target.filter(id=first.id).update(state="unconfirmed", lease_until=None)


async def test_b33_what_waits_goes_on_where_it_stopped_and_without_what_is_unfit(
    town: Town, monday: datetime
) -> None:
    dana = await town.settled()
    team = (await town.member(dana)).team_id
    await dana.sends_files(a_photo(1), b"no picture", words="Team day\ntomorrow 9am")
    card = await dana.sees("Item 2 is neither a photo nor a video")
    assert "Leave out item 2" in card.buttons

    await dana.presses(card, "Leave out item 2")

    scheduled = await dana.sees("🗓 Scheduled #1")
    assert "Photo" in scheduled.text
    assert (await town.post(dana)).kind == "image"
    assert await Media.filter(state="removed", post__team_id=team).count() == 1

    for number, name in enumerate(("New mugs!", "Old mugs!"), start=2):
        await dana.sends(a_photo(number), words=name)
        await dana.sees(f"Draft #{number}")
    await dana.commands("drafts")
    drafts = await dana.sees("2 drafts wait")

    await dana.presses(drafts, "#2")
    await dana.sees("Draft #2", after=drafts)
    await dana.writes("sat noon")

    await dana.sees("🗓 Scheduled #2")
    assert (await walls(town, dana))[2] == wall(monday, 5, "12:00")


async def test_b36_changing_the_zone_asks_about_what_repeats_too(
    town: Town, monday: datetime
) -> None:
    dana = await town.settled()
    team = (await town.member(dana)).team_id
    await dana.sends(a_photo(), words="Soup\nevery day at 18:30")
    await dana.sees("🔁 Series S1")

    await dana.commands("timezone New York")
    asked = await dana.sees("S1 repeats by the clock of Europe/Berlin")
    await dana.presses(asked, "Keep the clock times")

    await dana.sees("Every day at 18:30 America/New_York")

    async def all_in_new_york() -> bool:
        runs = await Target.filter(state="scheduled", post__team_id=team)
        return {(run.zone, run.wall_time[11:]) for run in runs} == {
            ("America/New_York", "18:30:00")
        }

    await wait_until(all_in_new_york, what="the runs moved")
