"""What breaks products like this one: things done at the wrong moment, twice, or crosswise."""

from datetime import timedelta

from models.account import Account
from models.inbox import Inbox
from models.post import Media, Post
from models.series import Series
from sandbox.telegram.media import a_jpeg
from sandbox.telegram.view import Seen
from tests.support.waiting import wait_until
from tests.support.world import World


async def scheduled(world: World, phrase: str = "tomorrow 9am", caption: str = "Menu") -> Seen:
    await world.settle_in()
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), f"{caption}\n{phrase}")
    return await world.card("🗓 Scheduled #1")


async def a_series(world: World) -> Seen:
    await world.settle_in()
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), "Soup\nevery day at 18:30")
    return await world.card("🔁 Series S1")


async def nothing_failed() -> None:
    assert not await Inbox.filter(attempts__gt=0).exists()


# ── files ────────────────────────────────────────────────────────────────────────────────────


async def test_a_file_in_hand_at_a_restart_is_fetched_at_once_afterwards(world: World) -> None:
    await world.settle_in()
    await world.connect()
    hanging = world.telegram.fails("hang", "getFile", times=None)
    await world.dana.sends_photo(a_jpeg(), "Menu\ntomorrow 9am")
    await world.card("Draft #1")
    await wait_until(lambda: Media.filter(lease_until__isnull=False).exists(), what="in hand")

    await world.kill()
    world.telegram.heals(hanging)
    await world.start()

    await world.card("🗓 Scheduled #1")


async def test_a_draft_cancelled_while_its_file_comes_goes_on_after_undo(world: World) -> None:
    await world.settle_in()
    await world.connect()
    hanging = world.telegram.fails("hang", "getFile", times=None)
    await world.dana.sends_photo(a_jpeg(), "Menu\ntomorrow 9am")
    card = await world.card("Draft #1")
    await world.dana.presses(card, "Cancel post")
    cancelled = await world.card("🗑 Cancelled #1")
    world.telegram.heals(hanging)
    await wait_until(lambda: Media.filter(state="stored").exists(), what="the file is here")

    await world.dana.presses(cancelled, "Undo")

    await world.card("🗓 Scheduled #1")


# ── albums ───────────────────────────────────────────────────────────────────────────────────


async def test_b16_an_album_edited_before_it_is_whole_has_the_new_caption(world: World) -> None:
    await world.settle_in()
    album = await world.dana.sends_album([a_jpeg(label="1"), a_jpeg(label="2")], "Old words")

    await world.dana.edits(album[0], "New words")

    card = await world.card("Draft #1")
    assert "New words" in card.text
    assert "Old words" not in card.text


async def test_a_late_part_is_published_with_its_album(world: World) -> None:
    await world.settle_in()
    await world.connect()
    pictures = [a_jpeg(label=str(index)) for index in range(3)]
    album = await world.dana.sends_album(pictures, "Team\nin 2 minutes", hold_back=1)
    await world.card("🗓 Scheduled #1")

    album.release()
    await world.card("Added 1 more (now 3)")
    await world.card("🗓 Scheduled #1")
    world.pass_time(timedelta(seconds=121))
    (post,) = await world.instagram.until_published(1)

    assert len(post.media) == 3


async def test_a_part_that_comes_after_publishing_is_told_not_dropped(world: World) -> None:
    await world.settle_in()
    await world.connect()
    pictures = [a_jpeg(label=str(index)) for index in range(3)]
    album = await world.dana.sends_album(pictures, "Team\nin 20 seconds", hold_back=1)
    await world.card("🗓 Scheduled #1")
    world.pass_time(timedelta(seconds=21))
    await world.card("✅ Published #1")

    album.release()

    await world.card("came too late for #1")
    assert await Media.all().count() == 2
    await nothing_failed()


# ── the zone ─────────────────────────────────────────────────────────────────────────────────


async def test_b36_a_new_time_that_waits_for_the_zone_is_taken_after_the_answer(
    world: World,
) -> None:
    await world.dana.starts()
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), "Menu\nin 2 hours")
    card = await world.card("🗓 Scheduled #1")
    await world.dana.presses(card, "Change time")
    await world.card("New time?")
    await world.dana.writes("tomorrow 9am")
    await world.card("Is it ")

    await world.dana.writes("New York")

    await world.card("09:00 (America/New_York)")
    assert (await world.post()).wall_time.endswith("09:00:00")


# ── series ───────────────────────────────────────────────────────────────────────────────────


async def test_b34_a_run_waits_as_a_draft_while_its_account_is_gone(world: World) -> None:
    await a_series(world)
    await Account.all().update(state="disconnected")
    series = await Series.get(number=1)
    assert series.next_at is not None

    world.clock.set(series.next_at - timedelta(days=7))
    await world.parts.house.recurrences.make_due()

    run = await Post.filter(stage="draft").first()
    assert run is not None
    assert run.question == "account"
    assert run.due_at is not None


# ── people ───────────────────────────────────────────────────────────────────────────────────


async def test_b47_a_stranger_who_speaks_to_us_in_a_team_s_group_is_told_why(
    world: World,
) -> None:
    await world.settle_in()
    tom = world.telegram.person("Tom")
    await world.settle_in(tom)
    group = world.telegram.group("Café team", [world.dana, tom])
    group.adds_bot(world.dana)
    group.promotes_bot(world.dana)
    await world.dana.writes("/queue", chat=group)
    await world.card_in(group, "Nothing is planned")

    username = world.telegram.bot.username
    await tom.sends_photo(a_jpeg(), f"@{username} Menu\ntomorrow 9am", chat=group)

    await world.card_in(group, "a team you are not in")
    assert await Post.all().count() == 0


async def test_s14_what_had_to_wait_for_us_is_no_flood(world: World) -> None:
    await world.settle_in()
    await world.stop()
    for index in range(22):
        await world.dana.sends_photo(a_jpeg(60, 60, str(index)), "Menu")
        world.pass_time(timedelta(seconds=10))

    await world.start()
    await world.telegram.all_updates_taken()
    await wait_until(lambda: _count_is(22), what="all have become drafts", seconds=40)


async def _count_is(count: int) -> bool:
    return await Post.all().count() == count
