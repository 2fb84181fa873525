"""The product ends at any moment and begins again: one post, one card, nothing lost."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from models.database import open_database
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


async def passes_until_published(world: World) -> None:
    for _ in range(40):
        if world.instagram.published and (await world.target()).state == "published":
            return
        world.pass_time(timedelta(seconds=10))
        with suppress(AssertionError):
            await wait_until(_is_published, seconds=0.5)
    target = await world.target()
    raise AssertionError(f"it was never published: {target.state}, {target.last_error}")


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


async def test_a_file_half_fetched_at_a_kill_is_fetched_after_it(world: World) -> None:
    await world.settle_in()
    await world.connect()
    hanging = world.telegram.fails("hang", "(download)", times=None)
    await world.dana.sends_photo(a_jpeg(), "Menu\nin 20 minutes")
    await world.card("Getting your file")
    await wait_until(lambda: world.telegram.journal.of("(download)"), what="the download began")
    await world.kill()
    world.telegram.heals(hanging)

    await world.start()
    world.pass_time(timedelta(minutes=6))

    await world.card("🗓 Scheduled #1")
    await wait_until(_all_stored, what="the file is there")
    world.pass_time(timedelta(minutes=15))
    await assert_published_and_told_once(world, ["Menu"])


async def _all_stored() -> bool:
    return not await Media.exclude(state="stored").exists()


@pytest.mark.parametrize(
    ("phrase", "state"), [("in 3 hours", "scheduled"), ("in 20 minutes", "ready")]
)
async def test_a_kill_between_promise_and_slot_changes_nothing(
    world: World, phrase: str, state: str
) -> None:
    await world.settle_in()
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), f"Menu\n{phrase}")
    await world.card("🗓 Scheduled #1")
    await wait_until(_in(state), what=state)
    await world.kill()

    await world.start()

    world.pass_time(timedelta(hours=3) if state == "scheduled" else timedelta(minutes=21))
    await assert_published_and_told_once(world, ["Menu"])


def _in(state: str):
    async def is_in() -> bool:
        return await Target.filter(state=state).exists()

    return is_in


async def test_c16_a_kill_before_the_publish_call_arrived_ends_with_one_post(
    world: World,
) -> None:
    await world.settle_in()
    await world.connect()
    fault = world.instagram.fault("hang_before", "publish")
    await world.dana.sends_photo(a_jpeg(), "Menu\nin 20 seconds")
    await world.card("🗓 Scheduled #1")
    world.pass_time(timedelta(seconds=21))
    await wait_until(lambda: fault.met, what="the call is on its way")
    await world.kill()
    assert await _state_of_the_only_target(world) == "publishing"

    await world.start()

    await passes_until_published(world)
    await assert_published_and_told_once(world, ["Menu"])
    assert len(world.instagram.containers) == 1


async def _state_of_the_only_target(world: World) -> str:
    async with open_database(world.database_url, pool_size=1):
        return (await Target.get()).state


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


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        ("server_error", {"status": 502}),
        ("flood", {"retry_after": 2}),
        ("drop_before", {}),
    ],
)
async def test_while_telegram_is_down_nothing_is_lost_and_the_order_is_kept(
    world: World, kind: str, details: dict[str, int]
) -> None:
    await world.settle_in()
    await world.connect()
    fault = world.telegram.fails(kind, "sendMessage", times=None, **details)  # type: ignore[arg-type]  # a kind each
    for number in range(1, 4):
        await world.dana.sends_photo(a_jpeg(label=str(number)), f"Menu {number}\ntomorrow 9am")
    await wait_until(_three_planned, what="all three are planned")
    await wait_until(
        lambda: any(call.fault for call in world.telegram.journal.of("sendMessage")),
        what="Telegram refused",
    )

    world.telegram.heals(fault)
    for _ in range(4):
        world.pass_time(timedelta(seconds=30))

    for number in range(1, 4):
        await world.card(f"🗓 Scheduled #{number}")
    ids = [cards(world, number) for number in range(1, 4)]
    assert [len(found) for found in ids] == [1, 1, 1]
    assert ids[0][0].id < ids[1][0].id < ids[2][0].id


async def _three_planned() -> bool:
    return await Target.all().count() == 3


async def test_updates_that_polling_cannot_fetch_for_a_while_are_not_lost(world: World) -> None:
    await world.settle_in()
    fault = world.telegram.fails("server_error", "getUpdates", times=3)
    await world.dana.sends_photo(a_jpeg(), "One")
    await world.dana.sends_photo(a_jpeg(label="2"), "Two")

    await world.card("Draft #2")

    assert fault.times == 0
    assert [post.caption for post in await Post.all().order_by("number")] == ["One", "Two"]
