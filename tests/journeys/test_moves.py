"""Moves on the queue in words: a list of changes first, Apply, and Undo."""

from models.post import Post
from sandbox.telegram.media import a_jpeg
from sandbox.telegram.view import Seen
from tests.support.world import World, plain


async def planned(world: World, *phrases: str) -> None:
    """Have a post for each phrase, numbered from 1."""
    await world.settle_in()
    await world.connect()
    for number, phrase in enumerate(phrases, start=1):
        await world.dana.sends_photo(a_jpeg(), f"Menu {number}\n{phrase}")
        await world.card(f"🗓 Scheduled #{number}")


async def slots() -> dict[int, str]:
    return {post.number: post.wall_time for post in await Post.all()}


async def asked(world: World, words: str, shown: str) -> Seen:
    said = await world.dana.writes(words)
    return await world.dana.sees(lambda seen: shown in plain(seen), after=said, seconds=10)


async def test_a_move_is_listed_applied_and_undone_after_a_restart(world: World) -> None:
    await planned(world, "tomorrow 9am", "tomorrow 15:00")
    before = await slots()

    shown = await asked(world, "move 1 to friday 10am", "1 post would change")
    assert "#1 " in shown.text
    assert " 09:00 → " in shown.text
    assert shown.button_texts == ["Apply", "Cancel"]
    assert await slots() == before

    await world.dana.presses(shown, "Apply")
    await world.card("Done:")
    moved = await slots()
    assert moved[1].endswith("T10:00:00")
    assert moved[2] == before[2]
    await world.restart()
    done = await world.card("Done:")
    assert done.id == shown.id
    await world.dana.presses(done, "Undo")

    await world.card("#1 is back")
    assert await slots() == before
