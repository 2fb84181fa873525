"""Publishing when things go wrong, and the rarer kinds of posts, as a person meets them."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from PIL import Image

from sandbox.telegram.media import a_jpeg, a_png, an_mp4
from scheduling.timing import PRODUCTION
from tests.support.talking import Shown, Somebody, a_photo
from tests.support.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODES = ("telegram", "slack-http")
"""What is published does not depend on the door by which it came."""

TIMING = replace(
    PRODUCTION,
    publish_timeout=timedelta(seconds=0.5),
    may_still_act=timedelta(seconds=0.2),
    second_look=timedelta(seconds=0.2),
)
"""Unknown outcomes settle in moments; "drop" and "hang" are over as soon."""

ASKED = ("Post now", "Tomorrow same time", "Pick…", "Drop")
DOWN = {"times": None, "status": 503, "code": 2}


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def without_a_grudge(town: Town) -> AsyncIterator[None]:
    """Let Instagram be well again after each claim, and us have tried it since."""
    yield
    town.world.instagram.faults.clear()
    town.pass_time(minutes=2)


def live(town: Town, who: Somebody) -> list[str]:
    return [post.caption for post in town.published(who)]


def said(who: Somebody, words: str) -> list[Shown]:
    return [one for one in who.shown() if words in one.text]


# ── refused, and told ────────────────────────────────────────────────────────────────────────


async def test_b24_a_refused_video_is_told_before_its_slot_and_goes_out_once_it_is_retried(
    town: Town,
) -> None:
    dana = await town.settled()
    box = town.world.instagram
    fault = box.fault("reject_media", "create", account=dana.account, times=None)
    sent = await dana.sends(an_mp4(), words="On the road\nin 20 minutes")

    card = await dana.sees("❌ Not published #1")

    assert (await town.target(dana)).due_at > town.clock.now()
    assert "Nothing was posted" in card.text
    assert "does not take" in card.text
    assert {"Retry now", "Edit caption", "Reschedule", "Discard"} <= set(card.buttons)
    notice = await dana.sees("❌ #1 was not published")
    assert notice.under == sent.key
    assert live(town, dana) == []
    box.faults.clear(fault_id=fault.id)

    await dana.presses(card, "Retry now")

    await town.in_state(dana, "ready")
    town.pass_time(minutes=21)
    await town.until_published(dana)
    await dana.sees("✅ Published #1")


# ── tokens ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("subcode", [458, 463], ids=["revoked", "expired"])
async def test_b24_a_dead_token_is_one_notice_and_reconnecting_publishes(
    town: Town, subcode: int
) -> None:
    dana, _, _ = await town.plans("in 2 hours", "One")
    await town.plans("in 2 hours", "Two", who=dana, number=2)
    town.world.instagram.kill_tokens(dana.account, subcode)
    town.pass_time(hours=1, minutes=50)
    await dana.sees("⏸ On hold #1")
    await dana.sees("⏸ On hold #2")
    await dana.sees("needs you")
    town.pass_time(minutes=20)
    assert len(said(dana, "needs you")) == 1
    first = await dana.sees(lambda one: "#1" in one.text and "Reconnect & publish" in one.buttons)

    await dana.presses(first, "Reconnect & publish")
    offered = await dana.sees("Open this link", after=first)
    await town.world.allow(offered.link, username=dana.account)

    await dana.sees("✅ Published #1")
    assert live(town, dana) == ["One"]
    asked = await dana.sees("⚠️ Missed #2")
    assert "not running" not in asked.text
    assert asked.buttons == ASKED
    assert len(said(dana, "needs you")) == 1


async def test_k6_after_reconnecting_slots_ahead_go_on_by_themselves(town: Town) -> None:
    dana, _, _ = await town.plans("in 3 hours", "Later")
    town.world.instagram.kill_tokens(dana.account)
    await dana.sends(a_photo(2), words="Menu\nin 20 minutes")
    await dana.sees("⏸ On hold #2")
    held = await dana.sees("⏸ On hold #1")

    await dana.commands("connect")
    offered = await dana.sees("Open this link", after=held)
    await town.world.allow(offered.link, username=dana.account)

    await dana.sees("🗓 Scheduled #1")
    await dana.sees("🗓 Scheduled #2")
    town.pass_time(minutes=21)
    await town.until_published(dana)
    town.pass_time(minutes=140)
    await town.in_state(dana, "ready")
    town.pass_time(minutes=20)
    await town.until_published(dana, 2)
    assert live(town, dana) == ["Menu", "Later"]


# ── down, and back ───────────────────────────────────────────────────────────────────────────


async def test_k4_instagram_down_at_the_slot_makes_a_post_late_within_grace_and_asked_after_it(
    town: Town,
) -> None:
    lucky, _, _ = await town.plans("in 20 seconds")
    late, _, _ = await town.plans("in 20 seconds")
    box = town.world.instagram
    away = {who: box.fault("error", None, account=who.account, **DOWN) for who in (lucky, late)}
    town.pass_time(seconds=21)
    for who in (lucky, late):
        await who.sees("Checking whether it went out")

    box.faults.clear(fault_id=away[lucky].id)
    await town.passes_until(lucky, "published", minutes=1)
    town.pass_time(minutes=20)
    box.faults.clear(fault_id=away[late].id)
    await town.passes_until(late, "late", minutes=2)

    assert live(town, lucky) == ["Menu"]
    assert "min late" in (await lucky.sees("✅ Published #1")).text
    card = await late.sees("⚠️ Missed #1")
    assert live(town, late) == []
    assert card.buttons == ASKED
    await late.presses(card, "Post now")
    await town.until_published(late)
    await late.sees("✅ Published #1")


async def test_instagram_down_before_the_slot_is_no_matter_once_it_is_back(town: Town) -> None:
    dana = await town.settled()
    away = town.world.instagram.fault("error", None, account=dana.account, **DOWN)
    await town.plans("in 20 minutes", who=dana)
    await town.world.instagram.bell.until(lambda: away.met > 0)
    town.world.instagram.faults.clear(fault_id=away.id)

    town.pass_time(minutes=20, seconds=10)

    await town.passes_until(dana, "published", minutes=0.5)
    await dana.sees("✅ Published #1")
    assert live(town, dana) == ["Menu"]


async def test_k4_a_slot_missed_while_we_were_away_is_late_or_asked_with_four_ways_on(
    town: Town,
) -> None:
    four = [(await town.plans("in 20 minutes"))[0] for _ in range(3)]
    four.append((await town.plans("in 25 minutes"))[0])
    due = (await town.target(four[0])).due_at
    await town.world.stop()
    town.pass_time(minutes=27)

    await town.world.start()

    now, tomorrow, drop, late = four
    assert "2 min late" in (await late.sees("✅ Published #1")).text
    for who, button in ((now, "Post now"), (tomorrow, "Tomorrow same time"), (drop, "Drop")):
        card = await who.sees("⚠️ Missed #1")
        assert card.buttons == ASKED
        assert "Nothing was posted" in card.text
        assert live(town, who) == []
        await who.presses(card, button)
    await town.until_published(now)
    await now.sees("✅ Published #1")
    await tomorrow.sees("🗓 Scheduled #1")
    moved = (await town.target(tomorrow)).due_at - due
    assert timedelta(hours=23, minutes=59) < moved < timedelta(days=1, minutes=1)
    await drop.sees("🗑 Cancelled #1")
    assert live(town, tomorrow) == live(town, drop) == []


# ── answers that are lost, false or unclear ──────────────────────────────────────────────────

ANSWERS = (
    ("drop_after", {}),
    ("truncate", {}),
    ("hang_after", {}),
    ("error_after", {"status": 500}),
    ("error_after", {"status": 503}),
    ("drop_before", {}),
    ("hang_before", {}),
    ("error", {"status": 500}),
    ("html", {}),
    ("error", {"status": 400, "code": 9007, "subcode": 2207027, "times": 2}),
)
"""What may come instead of an answer to the publish call; the last is "not ready yet", twice."""


async def test_b26_whatever_the_answer_to_publish_it_is_published_once_and_told_once(
    town: Town,
) -> None:
    box = town.world.instagram
    cards: dict[Somebody, tuple[str, Shown]] = {}
    for action, more in ANSWERS:
        dana, _, card = await town.plans("in 5 minutes")
        box.fault(action, "publish", account=dana.account, **more)  # type: ignore[arg-type]  # an action each
        cards[dana] = f"{action} {more}", card

    town.pass_time(minutes=5, seconds=1)

    for dana, (answer, card) in cards.items():
        await town.passes_until(dana, "published", minutes=0.2)
        await dana.sees("#1 is on Instagram")
        done = await dana.sees("✅ Published #1")
        assert done.key == card.key, answer
        assert live(town, dana) == ["Menu"], answer
        assert len(said(dana, "#1 is on Instagram")) == 1, answer
        own = [one for one in box.containers if one.username == dana.account]
        assert len(own) == 1, answer


async def test_a_full_quota_is_asked_about_defers_and_says_so(town: Town) -> None:
    settings = town.world.instagram.settings
    before = (settings.quota_total, settings.quota_seconds)
    settings.quota_total, settings.quota_seconds = 1, 3600
    try:
        dana, _, _ = await town.plans("in 20 seconds", "One")
        town.pass_time(seconds=21)
        await dana.sees("✅ Published #1")
        await dana.sends(a_photo(2), words="Two\nin 20 seconds")
        asked = await dana.sees("already has 1 post within 1 h; Instagram allows 1")
        assert asked.buttons == ("Schedule anyway", "Pick another time", "Cancel post")
        await dana.presses(asked, "Schedule anyway")
        await dana.sees("🗓 Scheduled #2")
        town.pass_time(seconds=21)

        card = await dana.sees("Moved to")
        assert "🗓 Scheduled #2" in card.text
        assert live(town, dana) == ["One"]
        await town.passes_until(dana, "published", 2, minutes=5)
        assert live(town, dana) == ["One", "Two"]
        await dana.sees("✅ Published #2")

        await dana.sends(a_photo(3), words="Three\nevery 20 minutes, 2 times")
        asked = await dana.sees("With this series")
        assert "more posts within 1 h than Instagram allows (1)" in asked.text
        assert asked.buttons == ("Schedule anyway", "Pick another time", "Cancel post")
        await dana.presses(asked, "Schedule anyway")
        assert "Every 20 minutes" in (await dana.sees("🔁")).text
    finally:
        settings.quota_total, settings.quota_seconds = before


# ── kinds, descriptions, forms ───────────────────────────────────────────────────────────────


async def test_k27_a_story_is_chosen_by_a_label_line_under_more_or_as_it_is_offered(
    town: Town,
) -> None:
    tall = a_jpeg(1080, 1920)
    by_label = await town.settled()
    await by_label.sends(tall, words="story\nin 20 minutes")
    card = await by_label.sees("🗓 Scheduled #1")
    assert f"@{by_label.account} · Story" in card.text

    under_more, _, card = await town.plans("in 20 minutes")
    await under_more.presses(card, "⋯ More")
    menu = await under_more.sees(lambda one: "Post as story" in one.buttons)
    await under_more.presses(menu, "Post as story")
    await under_more.sees(f"@{under_more.account} · Story")

    offered = await town.settled()
    await offered.sends(tall, words="Poster\nin 20 minutes")
    card = await offered.sees(lambda one: "Post as story" in one.buttons)
    assert "Not ready to schedule" in card.text
    await offered.presses(card, "Post as story")
    await offered.sees("🗓 Scheduled #1")

    town.pass_time(minutes=21)

    for dana in (by_label, under_more, offered):
        (post,) = await town.until_published(dana)
        assert post.kind == "story"


async def test_b46_a_description_reaches_instagram_as_alt_text(town: Town) -> None:
    dana, _, card = await town.plans("in 20 minutes")
    await dana.presses(card, "⋯ More")
    menu = await dana.sees(lambda one: "Describe picture" in one.buttons)
    await dana.presses(menu, "Describe picture")
    await dana.sees("Describe the picture for people")
    await dana.writes("A bowl of pumpkin soup on a wooden table")
    await dana.sees("Description saved.")

    town.pass_time(minutes=21)

    (post,) = await town.until_published(dana)
    assert [item.alt_text for item in post.media] == ["A bowl of pumpkin soup on a wooden table"]


async def test_bad_008_png_and_webp_reach_instagram_as_jpeg(town: Town) -> None:
    webp = io.BytesIO()
    Image.new("RGB", (1080, 1080), "#c8743a").save(webp, "WEBP")
    dana = await town.settled()
    await dana.sends_files(a_png(), words="Sharp\nin 20 minutes", name="a.png")
    await dana.sees("🗓 Scheduled #1")
    await dana.sends_files(webp.getvalue(), words="Light\nin 20 minutes", name="a.webp")
    await dana.sees("🗓 Scheduled #2")

    town.pass_time(minutes=21)

    posts = await town.until_published(dana, 2)
    assert all(post.media[0].file.endswith(".jpg") for post in posts)
    await dana.sees("✅ Published #2")


async def test_b12_publishing_now_is_confirmed_once_and_done(town: Town) -> None:
    dana, _, card = await town.plans()
    await dana.presses(card, "⋯ More")
    menu = await dana.sees(lambda one: "Publish now" in one.buttons)
    await dana.presses(menu, "Publish now")
    sure = await dana.sees(f"Publish #1 on @{dana.account} now?")
    assert live(town, dana) == []

    twice = (dana.presses(sure, "Yes, publish now") for _ in range(2))
    await asyncio.gather(*twice, return_exceptions=True)

    await town.until_published(dana)
    await dana.sees("✅ Published #1")
    assert live(town, dana) == ["Menu"]
