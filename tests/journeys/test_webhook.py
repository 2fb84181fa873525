"""Telegram pushes instead of being asked: the same conversation through the webhook door."""

import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest

from models.inbox import Inbox
from models.post import Post
from sandbox.telegram.media import a_jpeg
from tests.support.clock import SettableClock
from tests.support.waiting import wait_until
from tests.support.world import World, running_world

SECRET = "canary-of-the-webhook-secret-0123456789"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


@pytest.fixture
async def world(empty_database: str, clock: SettableClock, tmp_path) -> AsyncIterator[World]:
    """A world in which Telegram delivers to our site."""
    async with running_world(
        database_url=empty_database,
        folder=tmp_path,
        clock=clock,
        TELEGRAM_MODE="webhook",
        TELEGRAM_WEBHOOK_SECRET=SECRET,
    ) as running:
        running.telegram.world.office.first_pause_seconds = 0.05
        await wait_until(lambda: running.telegram.bot.webhook, what="the webhook is set")
        yield running


async def knock(
    world: World, body: bytes, *, secret: str | None = SECRET, mime: str = "application/json"
) -> tuple[int, str]:
    """Send something to our door as if we were Telegram, or were not."""
    headers = {"Content-Type": mime} | ({HEADER: secret} if secret is not None else {})
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as client,
        client.post(
            f"{world.settings.public_url}/hooks/telegram",
            data=io.BytesIO(body),
            headers=headers,
        ) as answer,
    ):
        text = await answer.text()
        world.pages.append(text)
        return answer.status, text


def an_update(number: int = 900_000_001, **more: object) -> bytes:
    return json.dumps({"update_id": number, **more}).encode()


async def handled() -> bool:
    return not await Inbox.filter(state="waiting").exists()


async def test_a_photo_is_published_through_the_webhook(world: World) -> None:
    await world.settle_in()
    await world.connect()
    await world.dana.sends_photo(a_jpeg(), "Menu\nin 20 seconds")
    card = await world.card("🗓 Scheduled #1")

    world.pass_time(timedelta(seconds=21))

    await world.instagram.until_published(1)
    assert (await world.card("✅ Published #1")).id == card.id
    assert world.telegram.journal.of("getUpdates") == []
    assert world.telegram.pending_updates() == []


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], SECRET + "x", SECRET.upper()])
async def test_bad_071_without_the_right_secret_the_door_stays_shut(
    world: World, secret: str | None
) -> None:
    before = await Inbox.all().count()

    status, text = await knock(world, an_update(message={"text": "x"}), secret=secret)

    assert (status, text) == (403, "")
    assert await Inbox.all().count() == before


@pytest.mark.parametrize(
    ("body", "mime", "statuses"),
    [
        (b"no json", "application/json", {400}),
        (b'"text"', "application/json", {400}),
        (b"\xff\xfe\x00", "application/json", {400}),
        (b"[" * 50_000, "application/json", {400}),
        (b"x" * 50_000_000, "application/json", {413}),
        (an_update(), "text/html", {415}),
        (an_update(), "application/x-www-form-urlencoded", {415}),
        (b"", "application/json", {400}),
    ],
    ids=["words", "text", "binary", "deep", "50 MB", "html", "form", "empty"],
)
async def test_bad_073_a_body_that_is_no_update_gets_a_plain_4xx(
    world: World, body: bytes, mime: str, statuses: set[int]
) -> None:
    before = await Inbox.all().count()

    try:
        status, text = await knock(world, body, mime=mime)
    except aiohttp.ClientError:
        # We hung up while the rest of a far too long body was still coming.
        assert len(body) > 1_000_000
    else:
        assert status in statuses
        assert "Traceback" not in text
    assert await Inbox.all().count() == before
    await world.settle_in()


async def test_bad_074_unknown_kinds_are_kept_and_ignored(world: World) -> None:
    kinds = ("star_gift_stolen", "message_from_the_future", "poll")
    for number, kind in enumerate(kinds, start=900_000_001):
        status, _ = await knock(world, an_update(number, **{kind: {"id": "1"}}))
        assert status == 200

    await wait_until(handled, what="they were looked at")

    assert await Inbox.filter(state="ignored").count() == len(kinds)
    await world.settle_in()


async def test_bad_072_the_same_delivery_five_times_has_one_effect(world: World) -> None:
    await world.settle_in()
    await world.dana.sends_photo(a_jpeg(), "New mugs!")
    await world.card("Draft #1")
    row = await Inbox.all().order_by("-received_at", "-external_id").first()
    assert row is not None

    for _ in range(5):
        assert (await knock(world, row.body))[0] == 200

    await wait_until(handled, what="the inbox is empty")
    assert await Post.all().count() == 1


async def test_deliveries_out_of_order_are_all_handled(world: World) -> None:
    await world.settle_in()
    await world.stop()
    for text in ("One", "Two", "Three"):
        await world.dana.sends_photo(a_jpeg(label=text), text)
    # The door is closed: Telegram tries again by itself, each delivery on its own.
    await world.start()

    await world.card("Draft #3")

    await wait_until(handled, what="the inbox is empty")
    assert sorted([post.caption for post in await Post.all()]) == ["One", "Three", "Two"]
    await world.telegram.all_updates_taken()
