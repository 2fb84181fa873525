"""Postcue in the person's own language."""

import pytest

from tests.support.talking import a_photo
from tests.support.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODES = ("telegram", "slack-socket")
"""What is said comes in by one of Slack's doors as by the other."""


async def test_b45_the_first_words_to_a_german_are_german_and_so_is_connecting(
    town: Town,
) -> None:
    jens = await town.newcomer("Jens", locale="de")
    await jens.commands("start")
    hello = await jens.sees("Hallo Jens")
    assert hello.buttons == ("Instagram verbinden", "Ohne ausprobieren")
    await jens.commands("timezone Berlin")
    await jens.sees("Deine Zeitzone ist Europe/Berlin")
    await jens.presses(hello, "Instagram verbinden")
    town.account_for(jens)
    link = await jens.sees("Öffne diesen Link")

    await town.world.allow(link.link, username=jens.account)

    asked = await jens.sees("Ist das deins?")
    await jens.presses(asked, "Ja, das ist meins")
    assert "✅" in (await jens.sees("Zugriff gültig bis")).text


async def test_b45_changing_the_language_changes_the_next_card(town: Town) -> None:
    dana = await town.settled()
    await dana.commands("language")
    asked = await dana.sees("Which language")
    assert asked.buttons == (
        "English", "Deutsch", "Español", "Français", "Português", "Italiano", "Русский",
        "Українська", "Türkçe",
    )  # fmt: skip

    await dana.presses(asked, "Deutsch")
    await dana.sees("Gut, ab jetzt auf Deutsch.")
    await dana.sends(a_photo(), words="New mugs")

    await dana.sees("✏️ Entwurf #1")
    await dana.commands("language englisch")
    await dana.sees("All right, English from now on.")
    await dana.commands("language Klingon")
    await dana.sees("I do not speak “Klingon” yet")


async def test_k13_bad_044_a_clock_that_just_passed_means_tomorrow_and_a_named_day_means_itself(
    town: Town,
) -> None:
    town.next_clock(9, 2)
    dana, jens = await town.settled(), await town.settled("Jens", locale="de")

    await dana.sends(a_photo(), words="Menu\n9am")
    card = await dana.sees("🗓 Scheduled #1")
    assert "Publish now" in card.buttons
    assert (await town.post(dana)).wall_time == f"{town.day(1)}T09:00:00"
    await jens.sends(a_photo(1), words="Herbst\nmorgen 9 Uhr")
    named = await jens.sees("🗓 Geplant #1")
    await jens.sends(a_photo(2), words="Winter\n9:00 Uhr")
    bare = await jens.sees("🗓 Geplant #2")

    assert "ist gerade vorbei" not in named.text
    assert "ist gerade vorbei" in bare.text
