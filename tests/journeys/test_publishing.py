"""Publishing when things go wrong, and the rarer kinds of posts, as a person meets them."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image

from sandbox.telegram.media import a_jpeg, a_png, an_mp4
from sandbox.telegram.view import Seen
from scheduling.timing import PRODUCTION
from tests.support.clock import SettableClock
from tests.support.waiting import wait_until
from tests.support.world import BRAND, World, link_of, running_world

QUICK = replace(
    PRODUCTION,
    publish_timeout=timedelta(seconds=0.5),
    may_still_act=timedelta(seconds=0.2),
    second_look=timedelta(seconds=0.2),
)
"""Unknown outcomes settle in moments; "drop" and "hang" are over as soon."""


@pytest.fixture
async def quick_world(empty_database: str, clock: SettableClock, tmp_path) -> AsyncIterator[World]:
    """A world in which an unknown outcome settles within two seconds."""
    async with running_world(
        database_url=empty_database, folder=tmp_path, clock=clock, timing=QUICK
    ) as running:
        yield running


async def connected(world: World) -> None:
    await world.settle_in()
    await world.connect()


async def planned(
    world: World, phrase: str = "in 20 seconds", caption: str = "Menu", number: int = 1
) -> Seen:
    await world.dana.sends_photo(a_jpeg(label=str(number)), f"{caption}\n{phrase}")
    return await world.card(f"🗓 Scheduled #{number}")


async def in_state(world: World, state: str, number: int = 1) -> None:
    async def is_so() -> bool:
        return (await world.target(number)).state == state

    await wait_until(is_so, what=f"#{number} is {state}")


def live(world: World) -> list[str]:
    return [post.caption for post in world.instagram.published]


def said(world: World, words: str) -> list[Seen]:
    return world.dana.private.from_bot(words)


# ── refused, and told ────────────────────────────────────────────────────────────────────────


async def test_a_refused_video_is_told_before_its_slot_with_a_way_on(world: World) -> None:
    await connected(world)
    world.instagram.fault("reject_media", "create", times=None)
    await world.dana.sends_video(an_mp4(), "On the road\nin 20 minutes")

    card = await world.card("❌ Not published #1")

    assert (await world.target()).due_at > world.clock.now()
    assert "Nothing was posted" in card.text
    assert "does not take" in card.text
    assert {"Retry now", "Edit caption", "Reschedule", "Discard"} <= set(card.button_texts)
    notice = await world.card("❌ #1 was not published")
    assert notice.reply_to is not None
    assert live(world) == []


async def test_a_refused_video_goes_out_once_it_is_retried(world: World) -> None:
    await connected(world)
    fault = world.instagram.fault("reject_media", "create", times=None)
    await world.dana.sends_video(an_mp4(), "On the road\nin 20 minutes")
    card = await world.card("❌ Not published #1")
    world.instagram.faults.clear(fault_id=fault.id)

    await world.dana.presses(card, "Retry now")

    await in_state(world, "ready")
    world.pass_time(timedelta(minutes=21))
    await world.instagram.until_published(1)
    await world.card("✅ Published #1")


# ── tokens ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("subcode", [458, 463], ids=["revoked", "expired"])
async def test_b24_a_dead_token_is_one_notice_and_reconnecting_publishes(
    world: World, subcode: int
) -> None:
    await connected(world)
    await planned(world, "in 2 hours", "One", 1)
    await planned(world, "in 2 hours", "Two", 2)
    world.instagram.kill_tokens(BRAND, subcode)
    world.pass_time(timedelta(hours=1, minutes=50))
    first = await world.card("⏸ On hold #1")
    await world.card("⏸ On hold #2")
    await world.card("needs you")
    world.pass_time(timedelta(minutes=20))
    assert len(said(world, "needs you")) == 1
    assert "Reconnect & publish" in first.button_texts

    await world.dana.presses(first, "Reconnect & publish")
    offered = await world.dana.sees(
        lambda seen: any("/connect/" in one.url for row in seen.buttons for one in row),
        after=first,
    )
    await world.allow(link_of(offered))

    await world.card("✅ Published #1")
    assert live(world) == ["One"]
    asked = await world.card("⚠️ Missed #2")
    assert "not running" not in asked.text
    assert asked.button_texts == ["Post now", "Tomorrow same time", "Pick…", "Drop"]
    assert len(said(world, "needs you")) == 1


async def test_k6_after_reconnecting_slots_ahead_go_on_by_themselves(world: World) -> None:
    await connected(world)
    await planned(world, "in 3 hours", "Later", 1)
    world.instagram.kill_tokens(BRAND)
    await world.dana.sends_photo(a_jpeg(label="2"), "Menu\nin 20 minutes")
    await world.card("⏸ On hold #2")
    await world.card("⏸ On hold #1")

    await world.allow(await world.connect_link())

    await world.card("🗓 Scheduled #1")
    await world.card("🗓 Scheduled #2")
    world.pass_time(timedelta(minutes=21))
    await world.instagram.until_published(1)
    world.pass_time(timedelta(minutes=140))
    await in_state(world, "ready")
    world.pass_time(timedelta(minutes=20))
    await world.instagram.until_published(2)
    assert live(world) == ["Menu", "Later"]


# ── down, and back ───────────────────────────────────────────────────────────────────────────


async def test_a_post_is_published_late_within_grace_when_instagram_comes_back(
    world: World,
) -> None:
    await connected(world)
    await planned(world)
    world.instagram.go_down()
    world.pass_time(timedelta(seconds=21))
    await world.card("Checking whether it went out")
    world.instagram.come_back()

    await passes_until(world, "published", by=timedelta(minutes=1))

    assert live(world) == ["Menu"]
    assert "min late" in (await world.card("✅ Published #1")).text


async def test_k4_a_post_that_found_instagram_down_for_long_is_asked_not_published(
    world: World,
) -> None:
    await connected(world)
    await planned(world)
    world.instagram.go_down()
    world.pass_time(timedelta(seconds=21))
    await world.card("Checking whether it went out")
    world.pass_time(timedelta(minutes=20))
    world.instagram.come_back()

    await passes_until(world, "late", by=timedelta(minutes=2))

    card = await world.card("⚠️ Missed #1")
    assert live(world) == []
    assert card.button_texts == ["Post now", "Tomorrow same time", "Pick…", "Drop"]
    await world.dana.presses(card, "Post now")
    await world.instagram.until_published(1)
    await world.card("✅ Published #1")


async def test_instagram_down_before_the_slot_is_no_matter_once_it_is_back(world: World) -> None:
    await connected(world)
    world.instagram.go_down()
    await planned(world, "in 20 minutes")
    await world.instagram.until_called("create")
    world.instagram.come_back()

    world.pass_time(timedelta(minutes=20, seconds=10))

    await passes_until(world, "published", by=timedelta(seconds=30))
    await world.card("✅ Published #1")
    assert live(world) == ["Menu"]


async def passes_until(world: World, *states: str, by: timedelta, number: int = 1) -> None:
    """Let time pass in steps, each once the engine rests, until the post is in a state."""
    for _ in range(60):
        await wait_until(_rests(world, states, number), what="the engine rests")
        if (await world.target(number)).state in states:
            return
        world.pass_time(by)
    raise AssertionError(f"#{number} did not come to {states}")


def _rests(world: World, states: tuple[str, ...], number: int):
    async def rests() -> bool:
        target = await world.target(number)
        at = target.next_attempt_at
        waits = target.lease_until is None and at is not None and at > world.clock.now()
        return target.state in states or waits

    return rests


@pytest.mark.parametrize("minutes", [2, 7])
async def test_k4_a_slot_missed_while_we_were_away_is_late_or_asked(
    world: World, minutes: int
) -> None:
    await connected(world)
    await planned(world, "in 20 minutes")
    await world.stop()
    world.pass_time(timedelta(minutes=20 + minutes))

    await world.start()

    if minutes <= 5:
        card = await world.card("✅ Published #1")
        assert f"{minutes} min late" in card.text
        return
    card = await world.card("⚠️ Missed #1")
    assert card.button_texts == ["Post now", "Tomorrow same time", "Pick…", "Drop"]
    assert "Nothing was posted" in card.text
    assert live(world) == []
    await world.dana.presses(card, "Post now")
    await world.instagram.until_published(1)
    await world.card("✅ Published #1")


async def test_k4_a_missed_post_goes_out_tomorrow_at_the_same_time(world: World) -> None:
    await connected(world)
    await planned(world, "in 20 minutes")
    due = (await world.target()).due_at
    await world.stop()
    world.pass_time(timedelta(minutes=30))
    await world.start()
    card = await world.card("⚠️ Missed #1")

    await world.dana.presses(card, "Tomorrow same time")

    await world.card("🗓 Scheduled #1")
    assert (await world.target()).due_at - due == timedelta(days=1)


async def test_k4_a_missed_post_is_dropped_on_request(world: World) -> None:
    await connected(world)
    await planned(world, "in 20 minutes")
    await world.stop()
    world.pass_time(timedelta(minutes=30))
    await world.start()
    card = await world.card("⚠️ Missed #1")

    await world.dana.presses(card, "Drop")

    await world.card("🗑 Cancelled #1")
    assert live(world) == []


# ── answers that are lost, false or unclear ──────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("action", "more"),
    [
        ("drop_after", {}),
        ("truncate", {}),
        ("hang_after", {}),
        ("error_after", {"status": 500}),
        ("error_after", {"status": 503}),
        ("drop_before", {}),
        ("hang_before", {}),
        ("error", {"status": 500}),
        ("html", {}),
    ],
)
async def test_b26_whatever_the_answer_to_publish_it_is_published_once_and_told_once(
    quick_world: World, action: str, more: dict[str, int]
) -> None:
    world = quick_world
    await connected(world)
    card = await planned(world)
    world.instagram.fault(action, "publish", **more)  # type: ignore[arg-type]  # an action each

    world.pass_time(timedelta(seconds=21))

    await passes_until(world, "published", by=timedelta(seconds=10))
    done = await world.card("✅ Published #1")
    assert done.id == card.id
    await world.card("#1 is on Instagram")
    assert live(world) == ["Menu"]
    assert len(said(world, "#1 is on Instagram")) == 1
    assert len(world.instagram.containers) == 1


async def test_not_ready_yet_twice_is_published_with_the_same_container(world: World) -> None:
    await connected(world)
    await planned(world)
    world.instagram.fault("error", "publish", times=2, status=400, code=9007, subcode=2207027)

    world.pass_time(timedelta(seconds=21))
    await passes_until(world, "published", by=timedelta(seconds=20))

    await world.instagram.until_published(1)
    await world.card("✅ Published #1")
    (container,) = world.instagram.containers
    # The stand-in refused the first two before it counted them.
    assert container.publish_calls == 1


@pytest.mark.parametrize(
    ("button", "ends"),
    [("It's live", "✅ Published #1"), ("Post again", "✅ Published #1"), ("Leave it", "🗑")],
)
async def test_k4_an_outcome_nobody_could_read_is_asked_with_three_ways_on(
    quick_world: World, button: str, ends: str
) -> None:
    world = quick_world
    await connected(world)
    await planned(world)
    await in_state(world, "ready")
    is_there = button == "It's live"
    world.instagram.fault("drop_after" if is_there else "drop_before", "publish")
    blind = [
        world.instagram.fault("error", route, times=None, status=500, code=2)
        for route in ("container", "list")
    ]
    world.pass_time(timedelta(seconds=21))
    await passes_until(world, "unconfirmed", by=timedelta(minutes=15))
    card = await world.card("❔ Outcome unknown #1")
    assert card.button_texts == ["It's live", "Post again", "Leave it"]
    for fault in blind:
        world.instagram.faults.clear(fault_id=fault.id)

    await world.dana.presses(card, button)

    done = await world.card(ends)
    if button == "Leave it":
        assert "Outcome unknown" in done.text
    await world.instagram.until_published(0 if button == "Leave it" else 1)
    assert len(world.instagram.published) == (0 if button == "Leave it" else 1)


async def test_a_full_quota_defers_and_says_so(world: World) -> None:
    world.instagram.settings.quota_total = 1
    world.instagram.settings.quota_seconds = 3600
    await connected(world)
    await planned(world, caption="One")
    world.pass_time(timedelta(seconds=21))
    await world.card("✅ Published #1")

    await world.dana.sends_photo(a_jpeg(label="2"), "Two\nin 20 seconds")
    asked = await world.card("already has 1 post within 1 h; Instagram allows 1")
    assert asked.button_texts == ["Schedule anyway", "Pick another time", "Cancel post"]
    await world.dana.presses(asked, "Schedule anyway")
    await world.card("🗓 Scheduled #2")
    world.pass_time(timedelta(seconds=21))

    card = await world.card("Moved to")
    assert "🗓 Scheduled #2" in card.text
    assert live(world) == ["One"]
    await passes_until(world, "published", by=timedelta(minutes=5), number=2)
    assert live(world) == ["One", "Two"]
    await world.card("✅ Published #2")


# ── kinds, descriptions, forms ───────────────────────────────────────────────────────────────


async def test_a_story_is_chosen_by_a_label_line(world: World) -> None:
    await connected(world)
    await world.dana.sends_photo(a_jpeg(1080, 1920), "story\nin 20 seconds")
    await world.card("@cafe.lindenhof · Story")
    await world.card("🗓 Scheduled #1")

    world.pass_time(timedelta(seconds=21))

    (post,) = await world.instagram.until_published(1)
    assert post.kind == "story"


async def test_a_story_is_chosen_under_more(world: World) -> None:
    await connected(world)
    card = await planned(world, "in 20 minutes")
    await world.dana.presses(card, "⋯ More")
    menu = await world.dana.sees(lambda seen: "Post as story" in seen.button_texts)

    await world.dana.presses(menu, "Post as story")

    await world.card("@cafe.lindenhof · Story")
    world.pass_time(timedelta(minutes=21))
    (post,) = await world.instagram.until_published(1)
    assert post.kind == "story"


async def test_a_tall_photo_is_offered_as_a_story(world: World) -> None:
    await connected(world)
    await world.dana.sends_photo(a_jpeg(1080, 1920), "Poster\nin 20 minutes")
    card = await world.dana.sees(lambda seen: "Post as story" in seen.button_texts)
    assert "Not ready to schedule" in card.text

    await world.dana.presses(card, "Post as story")

    await world.card("🗓 Scheduled #1")
    world.pass_time(timedelta(minutes=21))
    (post,) = await world.instagram.until_published(1)
    assert post.kind == "story"


async def test_b46_a_description_reaches_instagram_as_alt_text(world: World) -> None:
    await connected(world)
    card = await planned(world, "in 20 minutes")
    await world.dana.presses(card, "⋯ More")
    menu = await world.dana.sees(lambda seen: "Describe picture" in seen.button_texts)
    await world.dana.presses(menu, "Describe picture")
    await world.card("Describe the picture for people")
    await world.dana.writes("A bowl of pumpkin soup on a wooden table")
    await world.card("Description saved.")

    world.pass_time(timedelta(minutes=21))

    (post,) = await world.instagram.until_published(1)
    assert [item.alt_text for item in post.media] == ["A bowl of pumpkin soup on a wooden table"]


@pytest.mark.parametrize(("form", "name"), [("png", "a.png"), ("webp", "a.webp")])
async def test_bad_008_png_and_webp_reach_instagram_as_jpeg(
    world: World, form: str, name: str
) -> None:
    await connected(world)
    await world.dana.sends_document(a_picture(form), "Sharp\nin 20 seconds", name=name)
    await world.card("🗓 Scheduled #1")

    world.pass_time(timedelta(seconds=21))

    (post,) = await world.instagram.until_published(1)
    assert post.media[0].file.endswith(".jpg")


def a_picture(form: str) -> bytes:
    """Return a picture in that form."""
    if form == "png":
        return a_png()
    into = io.BytesIO()
    Image.new("RGB", (1080, 1080), "#c8743a").save(into, "WEBP")
    return into.getvalue()


async def test_b12_publishing_now_is_confirmed_once_and_done(world: World) -> None:
    await connected(world)
    card = await planned(world, "tomorrow 9am")
    await world.dana.presses(card, "⋯ More")
    menu = await world.dana.sees(lambda seen: "Publish now" in seen.button_texts)
    await world.dana.presses(menu, "Publish now")
    sure = await world.card("Publish #1 on @cafe.lindenhof now?")
    assert live(world) == []

    await world.dana.presses(sure, "Yes, publish now")

    await world.instagram.until_published(1)
    await world.card("✅ Published #1")


async def test_a_late_part_of_an_album_joins_the_carousel(world: World) -> None:
    await connected(world)
    pictures = [a_jpeg(label=str(index)) for index in range(3)]
    album = await world.dana.sends_album(pictures, "Team day\nin 20 minutes", hold_back=1)
    await world.card("Carousel, 2 photos")
    await world.card("🗓 Scheduled #1")

    album.release()

    card = await world.card("Carousel, 3 photos")
    assert "Added 1 more (now 3)" in card.text
    world.pass_time(timedelta(minutes=21))
    (post,) = await world.instagram.until_published(1)
    assert len(post.media) == 3
