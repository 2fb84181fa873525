"""From a file dropped in Slack to what became public, and the card that says so."""

from datetime import timedelta

import pytest

from models.inbox import Inbox
from models.post import Post
from models.team import Place
from sandbox.slack.people import Attachment
from sandbox.telegram.media import a_jpeg
from tests.support.slack_world import SlackWorld, running_slack_world
from tests.support.waiting import wait_until

in_both_ways = pytest.mark.parametrize("world", ["socket", "http"], indirect=True)
"""What comes in by either door; the other journeys come by HTTP alone."""


@pytest.fixture
async def world(request, empty_database, tmp_path, clock):
    mode = getattr(request, "param", "http")
    async with running_slack_world(
        database_url=empty_database, folder=tmp_path, clock=clock, mode=mode
    ) as found:
        yield found


@in_both_ways
async def test_a_photo_in_direct_messages_is_published_and_its_card_says_so(
    world: SlackWorld,
) -> None:
    await world.connect()

    sent = await world.dana.sends(a_jpeg(), "Autumn menu 🍂\ntomorrow 9am")
    card = await world.card("Scheduled #1")
    assert card.thread_ts == sent.ts, "the card stands in the thread of the message"
    assert "09:00 (Europe/Berlin)" in card.text

    due = (await world.target()).due_at
    world.world.pass_time(due - world.world.clock.now() + timedelta(seconds=1))
    (post,) = await world.world.instagram.until_published(1)

    assert post.caption == "Autumn menu 🍂"
    done = await world.card("Published #1")
    assert done.ts == card.ts, "the same card was edited"


@in_both_ways
async def test_b14_b17_in_a_channel_a_mention_with_files_is_one_carousel_changed_in_its_thread(
    world: SlackWorld,
) -> None:
    await world.connect()
    mia = world.slack.person("Mia")
    team = world.slack.channel("team", [world.dana, mia])
    await mia.writes("nice weather", channel=team)

    sent = await world.dana.mentions(
        "Team day with @mia\nfri 18:30", channel=team, files=[a_jpeg(), a_jpeg(), a_jpeg()]
    )
    card = await world.card("Scheduled #1", channel=team)
    assert "Carousel, 3 photos" in card.text
    assert card.thread_ts == sent.ts

    await mia.replies(sent, "looks great!")
    await world.dana.replies(sent, "make it 19:00")
    await world.card("19:00 (Europe/Berlin)", channel=team)

    said = [seen for seen in team.from_bot() if not seen.is_ephemeral]
    assert {seen.thread_ts for seen in said} == {sent.ts}, "every word goes to the thread"
    assert not any("looks great" in seen.text for seen in said)
    assert await Post.all().count() == 1
    assert (await world.post()).caption == "Team day with Mia"
    assert not any(seen.pings for seen in said), "nobody is called by the card"


async def test_b15_cancel_in_a_thread_counts_also_where_its_message_comes_in_later(
    world: SlackWorld,
) -> None:
    await world.connect()
    team = world.slack.channel("team", [world.dana])
    office = world.slack.office
    office.hold_back = lambda one: 60.0 if one.payload["event"].get("files") else 0.0

    sent = await world.dana.mentions("Too early\nfri 18:30", channel=team, files=[a_jpeg()])
    await world.dana.replies(sent, "cancel")
    await wait_until(lambda: Inbox.filter(state="ignored").exists(), what="the answer")
    assert not await Post.all().exists()
    office.hurry()

    await world.card("Cancelled #1", channel=team)


@in_both_ways
async def test_b07_change_time_opens_a_form_that_refuses_the_past(world: SlackWorld) -> None:
    await world.connect()
    await world.dana.sends(a_jpeg(), "New mugs\ntomorrow 9am")
    card = await world.card("Scheduled #1")

    await world.dana.presses(card, "Change time")
    form = await world.modal("Time of #1")
    now = world.world.clock.now()
    await form.fills("When", now - timedelta(hours=1))
    assert await form.submits() == {"When": "That time is in the past."}
    await form.fills("When", (now + timedelta(days=2)).replace(minute=30, second=0, microsecond=0))
    await form.fills("Caption", "New cups *and* <mugs> & @channel")
    assert await form.submits() == {}

    changed = await world.card(":30 (Europe/Berlin)")
    assert "New cups *and* <mugs> & @channel" in changed.text
    assert changed.pings == []
    assert (await world.post()).caption == "New cups *and* <mugs> & @channel"


async def test_b32_home_shows_the_day_and_a_new_post_is_made_from_there(world: SlackWorld) -> None:
    await world.connect()
    await world.dana.opens_home()
    home = await world.dana.sees_home("Needs you")
    await home.presses("New post")
    form = await world.modal("New post")
    await form.fills("Photos or a video", [a_jpeg()])
    await form.fills("Caption", "From home")
    when = world.world.clock.now() + timedelta(days=1)
    await form.fills("When", when.replace(second=0, microsecond=0))
    assert await form.submits() == {}

    await world.card("Scheduled #1")
    assert (await world.post()).caption == "From home"
    world.world.pass_time(timedelta(seconds=3))
    home = await world.dana.sees_home("#1")

    # No button leads nowhere; the answers come in direct messages.
    for words, told in (("What is planned?", "#1"), ("Settings", "How your team works")):
        pressed_after = world.dana.direct.from_bot()[-1]
        await home.presses(words)
        await world.dana.sees(told, after=pressed_after)


async def test_a_command_with_a_time_opens_the_form_filled_in(world: SlackWorld) -> None:
    team = world.slack.channel("team", [world.dana])
    await world.dana.types("/post tomorrow 9am New mugs", channel=team)

    form = await world.modal("New post")
    caption, when = form.screen.find("Caption"), form.screen.find("When")
    assert caption.element["initial_value"] == "New mugs"
    assert when.element["initial_date_time"] > world.world.clock.now().timestamp()


async def test_a_command_among_others_is_answered_to_who_typed_it_alone(
    world: SlackWorld,
) -> None:
    team = world.slack.channel("team", [world.dana])
    await world.dana.types("/post queue", channel=team)

    said = await world.card("Nothing is planned", channel=team)
    assert said.is_ephemeral
    await world.dana.types("/post help", channel=team)
    helped = await world.card("/post connect", channel=team)
    assert "\n/connect" not in helped.text

    # What stands there for one person alone changes in its place, as often as it is pressed.
    await world.dana.types("/post settings", channel=team)
    shown = await world.card("How your team works", channel=team)
    before = shown.text
    await world.dana.presses(shown, shown.buttons[0])
    await wait_until(lambda: shown.text != before)
    await world.dana.presses(shown, shown.buttons[0])
    await wait_until(lambda: shown.text == before)
    # A link to connect an account is for nobody else.
    await world.dana.types("/post connect", channel=team)
    link = await world.card("Open this link", channel=team)
    assert link.is_ephemeral
    page = await world.world.allow(next(one.url for one in link.controls))
    assert "connected" in page.casefold()
    # Its answers stay between the two.
    await world.dana.types("/post language", channel=team)
    asked = await world.dana.sees(
        lambda seen: "Deutsch" in " ".join(one.text for one in seen.controls), channel=team
    )
    await world.dana.presses(asked, "Deutsch")
    said = await world.dana.sees(lambda seen: "ab jetzt" in seen.text, channel=team)
    assert said.is_ephemeral
    said_to_all = [one for one in team.from_bot() if not one.is_ephemeral]
    assert not any("Open this link" in one.text or "Deutsch" in one.text for one in said_to_all)


async def test_connect_below_a_card_is_answered_there_to_who_pressed_alone(
    world: SlackWorld,
) -> None:
    team = world.slack.channel("team", [world.dana])
    sent = await world.dana.mentions("Look\nfri 18:30", channel=team, files=[a_jpeg()])
    card = await world.dana.sees(
        lambda seen: any(one.text == "Connect Instagram" for one in seen.controls), channel=team
    )

    await world.dana.presses(card, "Connect Instagram")

    link = await world.card("Open this link", channel=team)
    assert (link.is_ephemeral, link.thread_ts) == (True, sent.ts)
    await world.world.allow(next(one.url for one in link.controls))
    asked = await world.card("Is it yours?", channel=team)
    await world.dana.presses(asked, "Yes, it is mine")
    await world.card("Scheduled #1", channel=team)


async def test_schedule_this_makes_a_post_of_anybodys_message(world: SlackWorld) -> None:
    await world.connect()
    mia = world.slack.person("Mia")
    team = world.slack.channel("team", [mia, world.dana])
    sent = await mia.sends(a_jpeg(), "Look\ntomorrow 9am", channel=team)

    await world.dana.uses_shortcut("schedule_this", sent)

    card = await world.card("Scheduled #1", channel=team)
    assert card.thread_ts == sent.ts


async def test_b16_an_edited_message_changes_its_post(world: SlackWorld) -> None:
    await world.connect()
    sent = await world.dana.sends(a_jpeg(), "Autum menu\ntomorrow 9am")
    await world.card("Scheduled #1")

    await world.dana.edits(sent, "Autumn menu\ntomorrow 10am")

    await world.card("10:00 (Europe/Berlin)")
    assert (await world.post()).caption == "Autumn menu"

    # A message that goes takes no post with it; who deleted it may want just that.
    await world.dana.deletes(sent)
    told = await world.card("You deleted the message of #1")
    assert told.thread_ts == sent.ts
    await world.dana.presses(told, "Cancel post")
    await world.card("Cancelled #1")


async def test_bad_030_a_file_that_lies_elsewhere_is_refused_and_never_asked_for(
    world: SlackWorld,
) -> None:
    linked = Attachment(
        b"", "menu.jpg", "image/jpeg", mode="external", url="https://evil.example/"
    )

    await world.dana.sends(linked, "tomorrow 9am")

    await world.card("lies elsewhere")
    assert world.slack.world.journal.of("files.info") == []


async def no_place_is_open() -> bool:
    return not await Place.filter(chat="slack", is_open=True).exists()


@in_both_ways
async def test_bad_079_what_comes_from_a_workspace_that_removed_us_is_dropped(
    world: SlackWorld,
) -> None:
    await world.connect()
    await world.dana.sends(a_jpeg(), "Goes out all the same\ntomorrow 9am")
    await world.card("Scheduled #1")

    world.slack.uninstalls()
    await world.dana.all_told()
    due = (await world.target()).due_at
    world.world.pass_time(due - world.world.clock.now() + timedelta(seconds=1))

    await world.world.instagram.until_published(1)
    await wait_until(no_place_is_open, what="every place of the workspace is closed")
