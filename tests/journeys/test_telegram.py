"""What Telegram alone has, as a person meets it: albums in parts, its limits, its menu."""

from datetime import timedelta

import pytest

from models.post import Media
from sandbox.telegram import limits
from sandbox.telegram.media import a_gif, a_jpeg, an_mp4
from tests.support.talking import OnTelegram, a_photo
from tests.support.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODES = ("telegram",)


async def settled(town: Town) -> OnTelegram:
    dana = await town.settled()
    assert isinstance(dana, OnTelegram)
    return dana


# ── albums, which come in parts ──────────────────────────────────────────────────────────────


async def test_b16_an_album_edited_before_it_is_whole_has_the_new_caption(town: Town) -> None:
    dana = await settled(town)
    album = await dana.sends(a_photo(1), a_photo(2), words="Old words")

    await dana.edits(album, "New words")

    card = await dana.sees("Draft #1")
    assert "New words" in card.text
    assert "Old words" not in card.text


async def test_a_late_part_is_published_with_its_album(town: Town) -> None:
    dana = await settled(town)
    pictures = [a_photo(index) for index in range(3)]
    album = await dana.person.sends_album(pictures, "Team\nin 20 minutes", hold_back=1)
    await dana.sees("Carousel, 2 photos")
    await dana.sees("🗓 Scheduled #1")

    album.release()

    card = await dana.sees("Carousel, 3 photos")
    assert "Added 1 more (now 3)" in card.text
    await dana.sees("🗓 Scheduled #1")
    town.pass_time(minutes=21)
    (post,) = await town.until_published(dana)
    assert len(post.media) == 3


async def test_a_part_that_comes_after_publishing_is_told_not_dropped(town: Town) -> None:
    dana = await settled(town)
    pictures = [a_photo(index) for index in range(3)]
    album = await dana.person.sends_album(pictures, "Team\nin 20 seconds", hold_back=1)
    await dana.sees("🗓 Scheduled #1")
    town.pass_time(seconds=21)
    await dana.sees("✅ Published #1")

    album.release()

    await dana.sees("came too late for #1")
    assert await Media.filter(post_id=(await town.post(dana)).id).count() == 2


async def test_bad_023_an_album_of_eleven_asks_what_stays_out(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    dana = await settled(town)
    # The apps of today split eleven into two albums; nothing promises that they always will.
    monkeypatch.setattr(limits, "ALBUM_ITEMS", range(2, 12))
    pictures = [a_jpeg(200, 200, str(index)) for index in range(11)]
    await dana.sends(*pictures, words="All of it\ntomorrow 9am")

    card = await dana.sees("you sent 11")
    await dana.presses(card, "11")

    await dana.sees("Carousel, 10 photos")
    await dana.sees("🗓 Scheduled #1")


# ── files ────────────────────────────────────────────────────────────────────────────────────


async def test_bad_014_a_photo_that_telegram_made_smaller_is_taken(town: Town) -> None:
    dana = await settled(town)

    await dana.sends(a_jpeg(3000, 3000), words="Menu\ntomorrow 9am")

    await dana.sees("🗓 Scheduled #1")


async def test_bad_015_a_file_over_the_limit_is_named_before_fetching(town: Town) -> None:
    dana = await settled(town)
    journal = town.world.telegram.journal
    before = len(journal.of("getFile"))

    await dana.person.sends_video(an_mp4(), "Big one\ntomorrow 9am", size=30_000_000)

    await dana.sees("30 MB")
    assert len(journal.of("getFile")) == before


async def test_bad_022_what_cannot_be_posted_is_refused_in_one_line(town: Town) -> None:
    dana = await settled(town)

    await dana.person.sends_sticker()
    await dana.sees("I cannot post a sticker")
    await dana.person.sends_voice()
    await dana.sees("I cannot post a voice")
    await dana.person.sends_animation(a_gif())

    await dana.sees("GIF")
    assert await town.posts(dana) == []


# ── a zone that no profile tells ─────────────────────────────────────────────────────────────


async def test_b36_a_new_time_that_waits_for_the_zone_is_taken_after_the_answer(
    town: Town,
) -> None:
    dana = await town.newcomer()
    await dana.commands("start")
    await dana.sees("Hi Dana")
    await town.connects(dana)
    await dana.sends(a_photo(), words="Menu\nin 2 hours")
    card = await dana.sees("🗓 Scheduled #1")
    await dana.presses(card, "Change time")
    await dana.sees("New time?")
    await dana.writes("tomorrow 9am")
    await dana.sees("Is it ")

    await dana.writes("New York")

    await dana.sees("09:00 (America/New_York)")
    assert (await town.post(dana)).wall_time.endswith("09:00:00")


async def test_b36_words_mean_what_they_meant_before_the_zone_was_told(town: Town) -> None:
    monday = town.next_week(0, 15)
    dana = await town.newcomer()
    await dana.commands("start")
    await dana.sees("Hi Dana")
    await town.connects(dana)
    await dana.sends(a_photo(), words="Menu\ntomorrow 9am")
    await dana.sees("Is it ")
    town.pass_time(hours=12)

    await dana.writes("Berlin")

    # It is Tuesday by now; "tomorrow" was said on Monday.
    await dana.sees("09:00 (Europe/Berlin)")
    tuesday = monday + timedelta(days=1)
    assert (await town.post(dana)).wall_time[:10] == f"{tuesday:%Y-%m-%d}"


# ── groups, and the menu ─────────────────────────────────────────────────────────────────────


async def test_b47_a_stranger_who_speaks_to_us_in_a_team_s_group_is_told_why(
    town: Town,
) -> None:
    dana, tom = await town.settled(), await town.settled("Tom")
    here, there = town.room("Cafe team", dana, tom)
    await here.commands("queue")
    await here.sees("Nothing is planned")

    await there.sends(a_photo(), words="Menu\ntomorrow 9am")

    await there.sees("a team you are not in")
    assert await town.posts(dana) == await town.posts(tom) == []


async def test_b45_the_menu_of_the_chat_speaks_the_persons_language(town: Town) -> None:
    await settled(town)

    menus = {
        call.parameters.get("language_code", ""): call.parameters["commands"]
        for call in town.world.telegram.journal.of("setMyCommands")
        if call.parameters["scope"] == {"type": "all_private_chats"}
    }

    described = {one["command"]: one["description"] for one in menus["de"]}
    assert described["queue"] == "Was geplant ist"
    assert {one["command"]: one["description"] for one in menus[""]}["queue"] == "What is planned"
