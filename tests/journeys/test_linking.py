"""One person in two chats."""

from models.post import Post
from models.team import Member, Team
from sandbox.telegram.media import a_jpeg
from tests.support.world import World


def code_in(text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith("link "))


async def test_b48_a_person_links_two_chats_with_a_code_and_a_yes(world: World) -> None:
    await world.settle_in()
    await world.connect()
    phone = world.telegram.person("Dana at home", language="en")
    await phone.starts()
    await phone.sends_photo(a_jpeg(), "From home\nin 3 hours")
    await world.card("Draft #1", person=phone)

    await world.dana.writes("/link")
    told = await world.dana.sees(lambda seen: "within 15 minutes" in seen.text)
    await phone.writes(code_in(told.text))
    asked = await phone.sees(lambda seen: "Is that you?" in seen.text)
    assert "Dana in Telegram" in asked.text
    assert await Team.all().count() == 2, "nothing is linked before the yes"
    await phone.presses(asked, "Yes, that is me")

    await phone.sees(lambda seen: "Linked." in seen.text)
    await world.dana.sees(lambda seen: "Linked." in seen.text)
    assert await Team.all().count() == await Member.all().count() == 1
    # What waited for an account has one now.
    await world.card("🗓 Scheduled #1", person=phone)
    await phone.writes("/accounts")
    await phone.sees(lambda seen: "cafe.lindenhof" in seen.text)
    await phone.presses(asked, "Yes, that is me")
    assert await Post.all().count() == 1


async def test_b48_a_code_is_not_told_in_a_group_and_guessing_ends(world: World) -> None:
    await world.settle_in()
    group = world.telegram.group("Team", [world.dana])
    group.adds_bot(world.dana)
    await world.dana.writes("/link", chat=group)
    await world.card_in(group, "Write to me in private")

    for _ in range(5):
        asked = await world.dana.writes("link AAAA-AAAA")
        await world.dana.sees(lambda seen: "wrong, used or over" in seen.text, after=asked)
    asked = await world.dana.writes("link AAAA-AAAA")
    await world.dana.sees(lambda seen: "Too many wrong codes" in seen.text, after=asked)
