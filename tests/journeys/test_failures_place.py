"""The one group where a team's failures are told too (b25): once each, and how they ended."""

from datetime import timedelta

from sandbox.telegram.media import a_jpeg, an_mp4
from sandbox.telegram.people import Group, Person
from sandbox.telegram.view import Seen
from tests.support.world import BRAND, World, link_of


async def a_team(world: World) -> tuple[Group, Person]:
    """Give Dana an account, and a group with Mia in which failures are told."""
    await world.settle_in()
    await world.connect()
    mia = world.telegram.person("Mia")
    group = world.telegram.group("Café team", [world.dana, mia])
    group.adds_bot(world.dana)
    group.promotes_bot(world.dana)
    await world.dana.writes("/failures here", chat=group)
    await world.card_in(group, "What is not published is told here too")
    return group, mia


async def notice(group: Group, words: str) -> Seen:
    return await group.sees(lambda seen: words in seen.text.replace("\u2060", ""), seconds=10)


async def test_b25_a_failure_is_told_in_the_team_s_place_once_and_its_end_edits_that(
    world: World,
) -> None:
    group, mia = await a_team(world)
    fault = world.instagram.fault("reject_media", "create", times=None)
    await world.dana.sends_video(an_mp4(), "On the road\nin 20 minutes")
    await world.card("❌ #1 was not published")

    told = await notice(group, "❌ #1 was not published")

    assert f"Made by Dana for @{BRAND}." in told.text.replace("\u2060", "")
    assert told.button_texts == ["Show #1"]
    await world.dana.writes("/queue")
    listed = await world.card("Next 7 days")
    assert "· not published" in listed.text, "b46: never a sign alone"
    await mia.presses(told, "Show #1")
    card = await notice(group, "❌ Not published #1")
    world.instagram.faults.clear(fault_id=fault.id)
    await mia.presses(card, "Retry now")
    assert (await notice(group, "by Mia")).id == told.id
    assert "✅ #1: resolved" in told.text
    world.pass_time(timedelta(minutes=21))
    await world.instagram.until_published(1)
    assert (await notice(group, "✅ #1: published")).id == told.id
    assert told.button_texts == []
    assert len(group.from_bot("#1:")) == 1


async def test_b25_a_dead_login_is_told_there_once_and_who_connected_again(world: World) -> None:
    group, _ = await a_team(world)
    for number in (1, 2):
        await world.dana.sends_photo(a_jpeg(label=str(number)), f"Menu {number}\nin 2 hours")
        await world.card(f"🗓 Scheduled #{number}")
    world.instagram.kill_tokens(BRAND, 463)
    world.pass_time(timedelta(hours=1, minutes=50))

    told = await notice(group, "needs you")

    assert "2 planned posts are on hold" in told.text
    assert "Connected by Dana." in told.text
    await world.dana.presses(told, "Reconnect")
    offered = await group.sees(
        lambda seen: any("/connect/" in one.url for row in seen.buttons for one in row)
    )
    await world.allow(link_of(offered))
    assert (await notice(group, "resolved")).id == told.id
    assert "by Dana" in told.text
    assert len(group.from_bot("needs you")) == 0
    world.pass_time(timedelta(minutes=11))
    await world.instagram.until_published(2)


async def test_b25_several_missed_posts_are_one_message_there_that_follows_each(
    world: World,
) -> None:
    group, _ = await a_team(world)
    for number in (1, 2):
        await world.dana.sends_photo(a_jpeg(label=str(number)), f"Menu {number}\nin 9 minutes")
        await world.card(f"🗓 Scheduled #{number}")
    await world.stop()
    world.clock.pass_time(timedelta(hours=1))
    await world.start()

    told = await notice(group, "2 posts missed their time")

    assert told.button_texts == []
    assert "Made by Dana." in told.text
    asked = await world.card("2 posts missed their time")
    await world.dana.presses(asked, "Drop all")
    assert (await notice(group, "All of these have their answer")).id == told.id
    assert told.text.count("dropped") == 2
    assert {(await world.post(number)).stage for number in (1, 2)} == {"cancelled"}
    assert world.instagram.published == []


async def test_the_place_for_failures_is_one_and_can_be_none(world: World) -> None:
    group, mia = await a_team(world)
    await world.dana.writes("/failures")
    await world.card("told in “Café team”")
    await world.dana.writes("/failures here")
    await world.card("in the group where failures shall be told")
    other = world.telegram.group("Kitchen", [world.dana, mia])
    other.adds_bot(world.dana)
    await world.dana.writes("/failures here", chat=other)
    await world.card_in(other, "is told here too")
    await mia.writes("/failures", chat=group)
    await world.card_in(group, "told in “Kitchen”")

    await world.dana.writes("/failures off")

    await world.card("only where the post was made")
    world.instagram.fault("reject_media", "create", times=None)
    await world.dana.sends_video(an_mp4(), "On the road\nin 20 minutes")
    await world.card("❌ #1 was not published")
    assert other.from_bot("#1") == []
