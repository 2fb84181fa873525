"""The product ends at any moment and begins again: one post, one card, nothing lost."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from models.inbox import AlbumPart, Inbox
from models.post import Media, Post, Target
from models.team import Place
from sandbox.telegram.media import a_jpeg
from sandbox.telegram.view import Seen
from scheduling.timing import PRODUCTION
from tests.support.clock import SettableClock
from tests.support.waiting import wait_until
from tests.support.world import World, running_world

QUICK = replace(
    PRODUCTION,
    # Leases run by the real clock: who is killed must not be waited for half a minute.
    lease=timedelta(seconds=4),
    trust_lease_for=timedelta(seconds=3),
    renew_every=timedelta(seconds=1),
    publish_timeout=timedelta(seconds=2),
    may_still_act=timedelta(seconds=0.2),
    second_look=timedelta(seconds=0.2),
)


@pytest.fixture
async def world(empty_database: str, clock: SettableClock, tmp_path) -> AsyncIterator[World]:
    """A world in which an unknown outcome settles within moments."""
    async with running_world(
        database_url=empty_database, folder=tmp_path, clock=clock, timing=QUICK
    ) as running:
        yield running


def cards(world: World, number: int = 1) -> list[Seen]:
    """Return the messages that are a card of the post, whatever it says now."""
    found = []
    for seen in world.dana.private.from_bot():
        first = seen.text.split("\n")[0]
        if first.endswith(f"#{number}") and not first.startswith("↓"):
            found.append(seen)
    return found


async def assert_published_and_told_once(world: World, captions: list[str]) -> None:
    number = len(captions)
    await world.instagram.until_published(number)
    for one in range(1, number + 1):
        await world.card(f"✅ Published #{one}")
        await world.card(f"#{one} is on Instagram")
    assert [post.caption for post in world.instagram.published] == captions
    assert [len(cards(world, one)) for one in range(1, number + 1)] == [1] * number
    assert len(world.dana.private.from_bot("is on Instagram")) == number
    assert not await Inbox.filter(state="parked").exists()


async def _is_published() -> bool:
    return await Target.filter(state="published").exists()


# ── killed at every stage ────────────────────────────────────────────────────────────────────


async def test_bad_026_an_album_half_received_at_a_kill_is_whole_after_it(world: World) -> None:
    await world.settle_in()
    await world.connect()
    pictures = [a_jpeg(label=str(index)) for index in range(4)]
    album = await world.dana.sends_album(pictures, "Team day\nin 20 minutes", hold_back=2)
    await wait_until(_two_parts, what="two parts came in")
    await world.kill()
    album.release()

    await world.start()

    await world.card("Carousel, 4 photos")
    await world.card("🗓 Scheduled #1")
    world.pass_time(timedelta(minutes=21))
    (post,) = await world.instagram.until_published(1)
    assert len(post.media) == 4
    await assert_published_and_told_once(world, ["Team day"])


async def _two_parts() -> bool:
    return await AlbumPart.all().count() == 2


# ── files that are not there ─────────────────────────────────────────────────────────────────


async def test_bad_029_an_expired_file_is_asked_for_again(world: World) -> None:
    await world.settle_in()
    await world.stop()
    sent = await world.dana.sends_photo(a_jpeg(), "Menu\ntomorrow 9am")
    world.telegram.expire_file(sent.file_id)

    await world.start()

    card = await world.card("Please send it again")
    assert "Draft #1" in card.text
    assert (await Post.get()).stage == "draft"


async def test_bad_032_an_endless_file_is_cut_at_the_limit_and_refused(world: World) -> None:
    await world.settle_in()
    await world.stop()
    sent = await world.dana.sends_photo(a_jpeg(), "Menu\ntomorrow 9am")
    world.telegram.spoil_download(sent.file_id, "endless")

    await world.start()

    await world.card("larger than I can fetch here")
    assert not await Media.filter(state="stored").exists()


# ── Telegram away ────────────────────────────────────────────────────────────────────────────


async def test_b50_a_blocked_bot_publishes_on_and_speaks_again_when_unblocked(
    world: World,
) -> None:
    await world.settle_in()
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), "Menu\nin 20 minutes")
    await world.card("🗓 Scheduled #1")
    await world.dana.blocks()
    await wait_until(_route_is_closed, what="the route is marked")

    world.pass_time(timedelta(minutes=21))
    await world.instagram.until_published(1)
    await wait_until(_is_published, what="it counts as published")

    await world.dana.unblocks()
    await world.dana.sends_photo(a_jpeg(label="2"), "Next\nin 20 seconds")
    await world.card("🗓 Scheduled #2")
    world.pass_time(timedelta(seconds=21))
    await world.card("✅ Published #2")


async def _route_is_closed() -> bool:
    return await Place.filter(is_open=False).exists()


async def test_updates_that_polling_cannot_fetch_for_a_while_are_not_lost(world: World) -> None:
    await world.settle_in()
    fault = world.telegram.fails("server_error", "getUpdates", times=3)
    await world.dana.sends_photo(a_jpeg(), "One")
    await world.dana.sends_photo(a_jpeg(label="2"), "Two")

    await world.card("Draft #2")

    assert fault.times == 0
    assert [post.caption for post in await Post.all().order_by("number")] == ["One", "Two"]
