"""What breaks products like this one: things done at the wrong moment, twice, or crosswise."""

from datetime import timedelta

import pytest

from bot.flows import drafting
from models.account import Account
from models.post import Media, Post
from models.series import Series
from sandbox.telegram.media import a_jpeg
from tests.support.talking import a_photo
from tests.support.town import Town
from tests.support.waiting import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODES = ("telegram", "slack-http")
"""What goes wrong here goes wrong behind the doors."""


async def test_a_file_in_hand_at_a_restart_is_fetched_at_once_afterwards(town: Town) -> None:
    dana = await town.settled()
    team = (await town.member(dana)).team_id
    heal = town.chat_fails("hang", "find a file")
    await dana.sends(a_photo(), words="Menu\ntomorrow 9am")
    await dana.sees("Draft #1")
    in_hand = Media.filter(lease_until__isnull=False, post__team_id=team)
    await wait_until(in_hand.exists, what="in hand")

    await town.world.kill()
    heal()
    await town.world.start()

    await dana.sees("🗓 Scheduled #1")


async def test_a_draft_cancelled_while_its_file_comes_goes_on_after_undo(town: Town) -> None:
    dana = await town.settled()
    team = (await town.member(dana)).team_id
    heal = town.chat_fails("hang", "find a file")
    await dana.sends(a_photo(), words="Menu\ntomorrow 9am")
    card = await dana.sees("Draft #1")
    await dana.presses(card, "Cancel post")
    cancelled = await dana.sees("🗑 Cancelled #1")
    heal()
    stored = Media.filter(state="stored", post__team_id=team)
    await wait_until(stored.exists, what="the file is here")

    await dana.presses(cancelled, "Undo")

    await dana.sees("🗓 Scheduled #1")


async def test_b34_a_run_waits_as_a_draft_while_its_account_is_gone(town: Town) -> None:
    dana = await town.settled()
    team = (await town.member(dana)).team_id
    await dana.sends(a_photo(), words="Soup\nevery day at 18:30")
    await dana.sees("🔁 Series S1")
    await Account.filter(team_id=team).update(state="disconnected")
    series = await Series.get(number=1, team_id=team)
    assert series.next_at is not None

    town.goes_to(series.next_at - timedelta(days=7))
    await town.world.parts.house.recurrences.make_due()

    run = await Post.filter(stage="draft", team_id=team).first()
    assert run is not None
    assert run.question == "account"
    assert run.due_at is not None
    await Series.filter(id=series.id).update(state="ended")


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
