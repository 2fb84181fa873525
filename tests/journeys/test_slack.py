"""From a file dropped in Slack to what became public, and the card that says so."""

from datetime import timedelta

import pytest

from sandbox.telegram.media import a_jpeg
from tests.support.slack_world import SlackWorld, running_slack_world


@pytest.fixture(params=["socket", "http"])
async def world(request, empty_database, tmp_path, clock):
    async with running_slack_world(
        database_url=empty_database, folder=tmp_path, clock=clock, mode=request.param
    ) as found:
        yield found


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
