"""Making one person of two; told with the database alone."""

from datetime import timedelta

import pytest
from tortoise.transactions import in_transaction

from bot.linking import _MEMBER_MOVES, _TEAM_MOVES, CannotLinkError, make_one
from bot.people import person_in
from integrations.chat.incoming import Actor, PlaceRef
from models.account import Account
from models.database import db
from models.link_code import confirm_code, new_code, use_code
from models.outbox import Prompt
from models.post import Post
from models.team import ChatIdentity, Member, Place, Team
from tests.support.posts import NOW

_REFERENCES = """
SELECT child.relname AS table, attribute.attname AS column
FROM pg_constraint
JOIN pg_class child ON child.oid = conrelid
JOIN pg_class parent ON parent.oid = confrelid
JOIN pg_attribute attribute ON attribute.attrelid = conrelid AND attribute.attnum = conkey[1]
WHERE contype = 'f' AND parent.relname = $1
"""


async def somebody(chat: str, who: str, *, group: str = "") -> Member:
    where = PlaceRef(chat, "", group or f"own-{who}", is_private=not group)
    async with in_transaction():
        return (await person_in(Actor(who, who.title()), where, now=NOW)).member


async def a_post(member: Member, number: int = 1, stage: str = "draft") -> Post:
    place = await Place.filter(person_id=member.id).first()
    await Team.filter(id=member.team_id).update(next_number=number + 1)
    return await Post.create(
        team_id=member.team_id,
        author=member,
        place=place,
        number=number,
        stage=stage,
        created_at=NOW,
        updated_at=NOW,
    )


async def an_account(member: Member) -> None:
    await Account.create(
        team_id=member.team_id,
        platform="instagram",
        platform_user_id=str(member.id),
        username="brand",
        sealed_token="v1.x",
        created_at=NOW,
        updated_at=NOW,
    )


async def linked(one: Member, other: Member) -> Member:
    async with in_transaction():
        return await make_one(one.id, other.id)


@pytest.mark.parametrize(("parent", "moves"), [("member", _MEMBER_MOVES), ("team", _TEAM_MOVES)])
async def test_b48_nothing_that_hangs_on_a_person_or_team_is_forgotten(
    database, parent: str, moves: tuple[str, ...]
) -> None:
    references = await db().execute_query_dict(_REFERENCES, [parent])

    statements = " ".join(moves)
    missing = [
        one
        for one in references
        if f"{one['table']} " not in statements or str(one["column"]) not in statements
    ]
    assert len(references) > 5
    assert missing == []


async def test_b48_two_people_become_one_and_keep_both_chats(database) -> None:
    one, other = await somebody("telegram", "dana"), await somebody("slack", "d")
    draft = await a_post(other, number=1)
    await a_post(one, number=4)

    member = await linked(one, other)

    assert member.id == one.id
    assert await ChatIdentity.filter(member_id=one.id).count() == 2
    assert await Place.filter(person_id=one.id, team_id=one.team_id).count() == 2
    assert await Team.all().count() == await Member.all().count() == 1
    moved = await Post.get(id=draft.id)
    assert (moved.number, moved.author_id, moved.team_id) == (5, one.id, one.team_id)
    assert (await Team.get()).next_number == 6


@pytest.mark.parametrize("both", [True, False])
async def test_b25_two_teams_that_become_one_keep_one_place_for_failures(
    database, both: bool
) -> None:
    one, other = await somebody("telegram", "dana"), await somebody("slack", "d")
    for member in (one, other) if both else (other,):
        await Place.create(
            team_id=member.team_id,
            chat="telegram",
            chat_id=f"-{member.name}",
            purpose="group",
            tells_failures=True,
            created_at=NOW,
        )

    await linked(one, other)

    kept = await Place.get(team_id=one.team_id, tells_failures=True)
    assert kept.chat_id == ("-Dana" if both else "-D")


async def test_b48_the_team_with_an_account_stays(database) -> None:
    one, other = await somebody("telegram", "dana"), await somebody("slack", "d")
    await an_account(other)

    member = await linked(one, other)

    assert member.id == other.id
    assert (await Account.get()).team_id == other.team_id


async def test_b48_a_team_with_more_people_never_dissolves(database) -> None:
    boss = await somebody("slack", "boss", group="general")
    await somebody("slack", "mia", group="general")
    one = await somebody("telegram", "boss2")

    member = await linked(one, boss)

    assert (member.id, member.role) == (boss.id, "owner")
    assert await Member.filter(team_id=boss.team_id).count() == 2


async def test_b48_two_teams_with_something_going_on_are_not_mixed(database) -> None:
    one, other = await somebody("telegram", "dana"), await somebody("slack", "d")
    await an_account(one)
    await an_account(other)

    with pytest.raises(CannotLinkError):
        await linked(one, other)

    assert await Team.all().count() == await Member.all().count() == 2


async def test_b48_two_members_of_one_team_become_one_with_the_stronger_role(database) -> None:
    owner = await somebody("slack", "boss", group="general")
    editor = await somebody("slack", "mia", group="general")
    place = await Place.get(chat_id="general")
    for member in (owner, editor):
        await Prompt.create(
            place=place,
            member=member,
            expects="time",
            created_at=NOW,
            expires_at=NOW + timedelta(hours=1),
        )

    member = await linked(editor, owner)

    assert (member.id, member.role) == (editor.id, "owner")
    assert await Prompt.filter(member_id=editor.id, closed_at__isnull=True).count() == 1


async def test_a_code_counts_once_for_somebody_else_and_for_a_short_while(database) -> None:
    one, other = await somebody("telegram", "dana"), await somebody("slack", "d")
    code = await new_code(one.id, now=NOW)

    assert await use_code(code, one.id, now=NOW) is None
    assert await use_code(code, other.id, now=NOW + timedelta(minutes=16)) is None
    used = await use_code(code.lower().replace("-", ""), other.id, now=NOW)
    assert used is not None
    assert await use_code(code, other.id, now=NOW) is None
    assert await confirm_code(used.id, one.id, now=NOW) is None
    assert await confirm_code(used.id, other.id, now=NOW) == one.id
    assert await confirm_code(used.id, other.id, now=NOW) is None


async def test_a_new_code_ends_the_earlier_one(database) -> None:
    one, other = await somebody("telegram", "dana"), await somebody("slack", "d")
    earlier = await new_code(one.id, now=NOW)
    await new_code(one.id, now=NOW)

    assert await use_code(earlier, other.id, now=NOW) is None


async def test_a_code_stands_nowhere_in_the_database(database) -> None:
    one = await somebody("telegram", "dana")
    code = await new_code(one.id, now=NOW)

    rows = await db().execute_query_dict(
        "SELECT row_to_json(link_code)::text AS row FROM link_code"
    )
    assert code not in rows[0]["row"]
    assert code.replace("-", "") not in rows[0]["row"]
