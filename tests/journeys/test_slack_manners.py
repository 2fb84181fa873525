"""How the conversation behaves in Slack: where words go, what is said once, who is told."""

from datetime import timedelta

import pytest

from models.post import Post
from models.team import Member
from sandbox.slack.people import Place
from sandbox.telegram.media import a_jpeg
from tests.support.slack_world import SlackWorld, running_slack_world
from tests.support.waiting import wait_until

ONCE = "Using Europe/Berlin from your Slack profile."


@pytest.fixture
async def world(empty_database, tmp_path, clock):
    async with running_slack_world(
        database_url=empty_database, folder=tmp_path, clock=clock
    ) as found:
        yield found


async def test_b36_the_zone_of_the_profile_is_told_once_and_can_be_changed(
    world: SlackWorld,
) -> None:
    await world.connect()
    assert not [one for one in world.dana.direct.from_bot() if ONCE in one.text]

    sent = await world.dana.sends(a_jpeg(), "Autumn menu\ntomorrow 9am")
    told = await world.card(ONCE)
    assert told.thread_ts == sent.ts
    await world.dana.sends(a_jpeg(), "Winter menu\ntomorrow 10am")
    await world.card("Scheduled #2")

    await world.dana.presses(told, "Change")
    asked = await world.card("Your time zone is Europe/Berlin")
    assert asked.thread_ts == sent.ts, "it is answered where the button stands"
    london = next(one.text for one in asked.controls if "London" in one.text)
    await world.dana.presses(asked, london)
    await world.card("Keep their clock times")
    assert (await Member.get()).zone == "Europe/London"
    assert len([one for one in world.dana.direct.from_bot() if ONCE in one.text]) == 1


async def test_b13_a_receipt_stands_on_the_message_and_done_needs_no_words(
    world: SlackWorld,
) -> None:
    await world.connect()
    team = world.slack.channel("team", [world.dana])
    sent = await world.dana.mentions("New mugs\ntomorrow 9am", channel=team, files=[a_jpeg()])
    card = await world.card("Scheduled #1", channel=team)
    await world.dana.presses(card, "⋯ More")
    more = await world.dana.sees(
        lambda seen: any(one.text == "« Back" for one in seen.controls), channel=team
    )
    await world.dana.presses(more, "« Back")
    assert [one for one in team.from_bot(viewer=world.dana.id) if one.is_ephemeral] == []
    assert _receipts(team, sent.ts) == {"eyes"}

    due = (await world.target()).due_at
    world.world.pass_time(due - world.world.clock.now() + timedelta(seconds=1))

    await wait_until(lambda: _receipts(team, sent.ts) == {"white_check_mark"})


async def test_b42_help_speaks_of_channels_and_types_commands_as_people_do(
    world: SlackWorld,
) -> None:
    await world.dana.types("/post help")

    helped = await world.card("/post connect")
    assert "when you mention me" in helped.text
    assert "admin" not in helped.text
    assert "privacy mode" not in helped.text


async def test_in_a_group_direct_message_a_mention_is_a_post(world: SlackWorld) -> None:
    await world.connect()
    mia = world.slack.person("Mia")
    group = world.slack.group([world.dana, mia])
    await mia.writes("tomorrow 9am?", channel=group)

    sent = await world.dana.mentions("Team day\nfri 18:30", channel=group, files=[a_jpeg()])

    card = await world.card("Scheduled #1", channel=group)
    assert card.thread_ts == sent.ts
    assert await Post.all().count() == 1


async def test_b47_a_colleagues_order_below_a_post_counts_and_their_talk_is_not_kept(
    world: SlackWorld,
) -> None:
    await world.connect()
    mia = world.slack.person("Mia")
    group = world.slack.group([world.dana, mia])
    sent = await world.dana.mentions("Team day\nfri 18:30", channel=group, files=[a_jpeg()])
    await world.card("Scheduled #1", channel=group)
    await mia.writes("lovely picture, isn't it?", channel=group, thread=sent)
    await world.dana.mentions("queue", channel=group)
    planned = await world.card("Next 7 days", channel=group)
    assert "18:30 #1 @cafe.lindenhof · Photo · Team day" in planned.text
    assert await Member.all().count() == 1

    await mia.writes("make it 10am", channel=group, thread=sent)

    await world.card("Fri 27 Nov, 10:00", channel=group)
    assert await Member.all().count() == 2


async def test_bad_069_a_form_that_is_delivered_twice_has_one_effect(world: SlackWorld) -> None:
    await world.connect()
    await world.dana.opens_home()
    await (await world.dana.sees_home("Needs you")).presses("New post")
    form = await world.modal("New post")
    await form.fills("Photos or a video", [a_jpeg()])
    when = world.world.clock.now() + timedelta(days=1)
    await form.fills("When", when.replace(second=0, microsecond=0))

    world.slack.loses_acks(1)
    await form.submits()

    await world.card("Scheduled #1")
    await world.slack.all_told()
    assert await Post.all().count() == 1


def _receipts(place: Place, ts: str) -> set[str]:
    (seen,) = place.messages(lambda one: one.ts == ts)
    return set(seen.reactions)
