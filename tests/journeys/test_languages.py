"""Postcue in the person's own language."""

from datetime import UTC, datetime

from sandbox.telegram.media import a_jpeg
from sandbox.telegram.people import Person
from tests.support.world import World


async def settled_german(world: World) -> Person:
    """Jens says hello in German, tells his zone and connects his account."""
    jens = world.telegram.person("Jens", language="de")
    await jens.starts()
    hello = await jens.sees(lambda seen: "Hallo Jens" in seen.text)
    assert labels(hello) == ["Instagram verbinden", "Ohne ausprobieren"]
    await jens.writes("/timezone Berlin")
    await jens.sees(lambda seen: "Deine Zeitzone ist Europe/Berlin" in seen.text)
    await jens.presses(hello, "Instagram verbinden")
    link = await jens.sees(lambda seen: "Öffne diesen Link" in seen.text)
    await world.allow(next(one.url for row in link.buttons for one in row if one.url))
    asked = await jens.sees(lambda seen: "Ist das deins?" in seen.text)
    await jens.presses(asked, "Ja, das ist meins")
    await jens.sees(lambda seen: "✅" in seen.text and "Zugriff gültig bis" in seen.text)
    return jens


def labels(seen) -> list[str]:
    return [button.text for row in seen.buttons for button in row]


async def test_b45_changing_the_language_changes_the_next_card(world: World) -> None:
    await world.settle_in()
    await world.dana.writes("/language")
    asked = await world.dana.sees(lambda seen: "Which language" in seen.text)
    assert labels(asked) == [
        "English", "Deutsch", "Español", "Français", "Português", "Italiano", "Русский",
        "Українська", "Türkçe",
    ]  # fmt: skip

    await world.dana.presses(asked, "Deutsch")
    await world.dana.sees(lambda seen: seen.text == "Gut, ab jetzt auf Deutsch.")
    await world.dana.sends_photo(a_jpeg(), "New mugs")

    await world.card("✏️ Entwurf #1", person=world.dana)


async def test_b45_a_typed_language_is_taken_at_once(world: World) -> None:
    await world.settle_in()
    await world.dana.writes("/language german")
    await world.dana.sees(lambda seen: seen.text == "Gut, ab jetzt auf Deutsch.")

    await world.dana.writes("/language englisch")
    await world.dana.sees(lambda seen: seen.text == "All right, English from now on.")
    await world.dana.writes("/language Klingon")

    await world.dana.sees(lambda seen: "I do not speak “Klingon” yet" in seen.text)


async def test_b45_the_menu_of_the_chat_speaks_the_persons_language(world: World) -> None:
    await world.settle_in()

    menus = {
        call.parameters.get("language_code", ""): call.parameters["commands"]
        for call in world.telegram.journal.of("setMyCommands")
        if call.parameters["scope"] == {"type": "all_private_chats"}
    }

    described = {one["command"]: one["description"] for one in menus["de"]}
    assert described["queue"] == "Was geplant ist"
    assert {one["command"]: one["description"] for one in menus[""]}["queue"] == "What is planned"


async def test_k13_a_named_day_in_any_language_is_no_clock_that_just_passed(world: World) -> None:
    world.clock.set(datetime(2026, 11, 24, 8, 2, tzinfo=UTC))
    jens = await settled_german(world)

    await jens.sends_photo(a_jpeg(), "Herbst\nmorgen 9 Uhr")
    named = await world.card("🗓 Geplant #1", person=jens)
    await jens.sends_photo(a_jpeg(), "Winter\n9:00 Uhr")
    bare = await world.card("🗓 Geplant #2", person=jens)

    assert "ist gerade vorbei" not in named.text
    assert "ist gerade vorbei" in bare.text
