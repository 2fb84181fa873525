"""What breaks products like this one: things done at the wrong moment, twice, or crosswise."""

from datetime import timedelta

import pytest

from models.account import Account
from models.outbox import Delivery
from models.post import Media, Post, Target
from models.series import Series
from tests.support.talking import a_photo
from tests.support.town import ChatCall, Town, Trouble
from tests.support.waiting import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODES = ("telegram", "slack-http")
"""What goes wrong here goes wrong behind the doors."""


@pytest.mark.parametrize("call", ["find a file", "download"])
async def test_a_file_in_hand_at_a_restart_is_fetched_at_once_afterwards(
    town: Town, call: ChatCall
) -> None:
    dana = await town.settled()
    team = (await town.member(dana)).team_id
    heal = town.chat_fails("hang", call)
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


@pytest.mark.parametrize("kind", ["server_error", "slow_down", "drop_before"])
async def test_while_the_chat_is_down_nothing_is_lost_and_the_order_is_kept(
    town: Town, kind: Trouble
) -> None:
    dana = await town.settled()
    heal = town.chat_fails(kind, "send")
    sent = [
        await dana.sends(a_photo(number), words=f"Menu {number}\ntomorrow 9am")
        for number in range(1, 4)
    ]
    team = (await town.member(dana)).team_id

    async def three_are_planned() -> bool:
        return await Target.filter(post__team_id=team).exclude(state="draft").count() == 3

    await wait_until(three_are_planned, what="all three are planned")
    told = Delivery.filter(state="waiting", attempts__gt=0)
    await wait_until(told.exists, what="the chat refused")
    assert dana.shown() == []

    heal()
    for _ in range(4):
        town.pass_time(seconds=30)

    for number in range(1, 4):
        await dana.sees(f"🗓 Scheduled #{number}")
    cards = [one for one in dana.shown() if one.lines[0].startswith("🗓 Scheduled #")]
    assert [one.lines[0][-2:] for one in cards] == ["#1", "#2", "#3"]
    assert [one.under for one in cards] == [one.key for one in sent]
