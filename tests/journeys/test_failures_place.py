"""The one group where a team's failures are told too (b25): once each, and how they ended."""

import pytest

from sandbox.telegram.media import an_mp4
from tests.support.talking import Shown, Somebody
from tests.support.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODES = ("telegram", "slack-http")
"""What is told there does not depend on the door by which words come in."""


async def a_team(town: Town) -> tuple[Somebody, Somebody, Somebody]:
    """Give Dana, and Dana and Mia as they are in a group in which failures are told."""
    dana = await town.settled()
    mia = await town.colleague(dana)
    here, there = town.room("Cafe team", dana, mia)
    await here.commands("failures here")
    await here.sees("What is not published is told here too")
    return dana, here, there


def said(who: Somebody, words: str) -> list[Shown]:
    return [one for one in who.shown() if words in one.text]


async def test_b25_a_failure_is_told_in_the_team_s_place_once_and_its_end_edits_that(
    town: Town,
) -> None:
    dana, here, mia = await a_team(town)
    box = town.world.instagram
    fault = box.fault("reject_media", "create", account=dana.account, times=None)
    await dana.sends(an_mp4(), words="On the road\nin 20 minutes")
    await dana.sees("❌ #1 was not published")

    told = await here.sees("❌ #1 was not published")

    assert f"Made by Dana for @{dana.account}." in told.text
    assert told.buttons == ("Show #1",)
    await dana.commands("queue")
    listed = await dana.sees("Next 7 days")
    assert "· not published" in listed.text, "b46: never a sign alone"
    await mia.presses(told, "Show #1")
    card = await mia.sees("❌ Not published #1")
    box.faults.clear(fault_id=fault.id)
    await mia.presses(card, "Retry now")
    assert "✅ #1: resolved" in (await here.sees_at(told, "by Mia")).text
    town.pass_time(minutes=21)
    await town.until_published(dana)
    ended = await here.sees_at(told, "✅ #1: published")
    assert ended.buttons == ()
    assert len(said(here, "#1:")) == 1


async def test_b25_a_dead_login_is_told_there_once_and_who_connected_again(town: Town) -> None:
    dana, here, _ = await a_team(town)
    for number in (1, 2):
        await town.plans("in 2 hours", f"Menu {number}", who=dana, number=number)
    town.world.instagram.kill_tokens(dana.account, 463)
    town.pass_time(hours=1, minutes=50)

    told = await here.sees("needs you")

    assert "2 planned posts are on hold" in told.text
    assert "Connected by Dana." in told.text
    await here.presses(told, "Reconnect")
    offered = await here.sees("Open this link")
    await town.world.allow(offered.link, username=dana.account)
    assert "by Dana" in (await here.sees_at(told, "resolved")).text
    assert said(here, "needs you") == []
    town.pass_time(minutes=11)
    await town.until_published(dana, 2)


async def test_b25_several_missed_posts_are_one_message_there_that_follows_each(
    town: Town,
) -> None:
    dana, here, _ = await a_team(town)
    for number in (1, 2):
        await town.plans("in 9 minutes", f"Menu {number}", who=dana, number=number)
    await town.world.stop()
    town.pass_time(hours=1)
    await town.world.start()

    told = await here.sees("2 posts missed their time")

    assert told.buttons == ()
    assert "Made by Dana." in told.text
    await dana.presses(await dana.sees("2 posts missed their time"), "Drop all")
    ended = await here.sees_at(told, "All of these have their answer")
    assert ended.text.count("dropped") == 2
    assert {(await town.post(dana, number)).stage for number in (1, 2)} == {"cancelled"}
    assert town.published(dana) == []


async def test_the_place_for_failures_is_one_and_can_be_none(town: Town) -> None:
    dana, _, mia = await a_team(town)
    await dana.commands("failures")
    names = ("Cafe team", "Kitchen") if dana.chat == "telegram" else ("#cafe team", "#kitchen")
    await dana.sees(f"told in “{names[0]}”")
    await dana.commands("failures here")
    await dana.sees("where failures shall be told")
    (kitchen,) = town.room("Kitchen", dana)
    await kitchen.commands("failures here")
    await kitchen.sees("is told here too")
    await mia.commands("failures")
    await mia.sees(f"told in “{names[1]}”")

    await dana.commands("failures off")

    await dana.sees("only where the post was made")
    town.world.instagram.fault("reject_media", "create", account=dana.account, times=None)
    await dana.sends(an_mp4(), words="On the road\nin 20 minutes")
    await dana.sees("❌ #1 was not published")
    assert said(kitchen, "#1") == []
