"""One person in two chats of a kind: a code from the one, a yes in the other."""

import pytest

from models.post import Post
from models.team import Member
from tests.support.talking import a_photo
from tests.support.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODES = ("telegram", "slack-http")
"""What is said comes in by one of Slack's doors as by the other."""


def code_in(text: str) -> str:
    return next(line for line in text.splitlines() if "link " in line and "-" in line)


async def test_b48_a_person_links_two_chats_with_a_code_and_a_yes(town: Town) -> None:
    dana, phone = await town.settled(), await town.newcomer("Dana at home")
    await phone.commands("start")
    await phone.sees("Hi Dana at home")
    await phone.sends(a_photo(), words="From home\nin 3 hours")
    await phone.sees("Draft #1")
    here, there = await town.member(dana), await town.member(phone)
    assert here.team_id != there.team_id

    await dana.commands("link")
    told = await dana.sees("within 15 minutes")
    await phone.writes(code_in(told.text))
    asked = await phone.sees("Is that you?")
    assert f"Dana in {dana.chat.title()}" in asked.text
    assert (await town.member(phone)).id == there.id, "nothing is linked before the yes"
    await phone.presses(asked, "Yes, that is me")

    linked = await phone.sees_at(asked, "Linked.")
    assert not linked.buttons, "the question is answered in its place"
    await dana.sees("Linked.")
    assert (await town.member(phone)).id == here.id
    assert not await Member.filter(team_id=there.team_id).exists()
    # What waited for an account has one now.
    await phone.sees("🗓 Scheduled #1")
    await phone.commands("accounts")
    await phone.sees(f"@{dana.account}")
    await phone.presses(asked, "Yes, that is me", is_stale=True)
    assert await Post.filter(team_id=here.team_id).count() == 1


async def test_b48_a_code_is_not_told_in_a_group_and_guessing_ends(town: Town) -> None:
    dana = await town.settled()
    (here,) = town.room("Cafe team", dana)
    await here.commands("link")
    await here.sees("Write to me in private")

    for _ in range(5):
        await dana.is_told("link AAAA-AAAA", "wrong, used or over")
    await dana.is_told("link AAAA-AAAA", "Too many wrong codes")
