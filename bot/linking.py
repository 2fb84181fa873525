"""Making one person of two: the same human in two chats, proved by a code and a yes.

What belongs to one of the two moves to the other. Where both have a team, one team must be free
to dissolve: nobody else in it, no account connected, nothing planned.
"""

from collections.abc import Sequence
from uuid import UUID

from models.account import Account
from models.database import db
from models.post import OPEN_STATES, Target
from models.series import Series
from models.team import Member, Team

_STRENGTH = ("viewer", "editor", "approver", "admin", "owner")

# $1 is the person who stays, $2 the one who becomes them. Of two open questions in one place the
# one who stays keeps theirs.
_MEMBER_MOVES = (
    """DELETE FROM prompt USING prompt kept WHERE prompt.member_id = $2 AND kept.member_id = $1
        AND prompt.place_id = kept.place_id AND prompt.closed_at IS NULL
        AND kept.closed_at IS NULL""",
    "UPDATE prompt SET member_id = $1 WHERE member_id = $2",
    "UPDATE chat_identity SET member_id = $1 WHERE member_id = $2",
    "UPDATE place SET person_id = $1 WHERE person_id = $2",
    "UPDATE post SET author_id = $1 WHERE author_id = $2",
    "UPDATE post SET changed_by_id = $1 WHERE changed_by_id = $2",
    "UPDATE series SET author_id = $1 WHERE author_id = $2",
    "UPDATE account SET connected_by_id = $1 WHERE connected_by_id = $2",
    "UPDATE connect_state SET member_id = $1 WHERE member_id = $2",
    "UPDATE rearrangement SET member_id = $1 WHERE member_id = $2",
    "UPDATE link_code SET member_id = $1 WHERE member_id = $2",
    "UPDATE link_code SET used_by_id = $1 WHERE used_by_id = $2",
)
# $1 is the team that stays, $2 the one that dissolves. Numbers go on behind those that are taken.
_TEAM_MOVES = (
    """UPDATE post SET team_id = $1, number = number + kept.next_number - 1
        FROM team kept WHERE kept.id = $1 AND post.team_id = $2""",
    """UPDATE series SET team_id = $1, number = number + kept.next_series - 1
        FROM team kept WHERE kept.id = $1 AND series.team_id = $2""",
    """UPDATE team SET next_number = team.next_number + gone.next_number - 1,
        next_series = team.next_series + gone.next_series - 1
        FROM team gone WHERE team.id = $1 AND gone.id = $2""",
    "UPDATE account SET team_id = $1 WHERE team_id = $2",
    "UPDATE connect_state SET team_id = $1 WHERE team_id = $2",
    # Failures are told in one place of a team.
    """UPDATE place SET tells_failures = false WHERE team_id = $2 AND EXISTS (
        SELECT 1 FROM place kept WHERE kept.team_id = $1 AND kept.tells_failures)""",
    "UPDATE place SET team_id = $1 WHERE team_id = $2",
    "UPDATE rearrangement SET team_id = $1 WHERE team_id = $2",
    "UPDATE member SET team_id = $1 WHERE team_id = $2",
)


class CannotLinkError(Exception):
    """Both have accounts or planned posts of their own, so neither team can dissolve."""


async def make_one(one_id: UUID, other_id: UUID) -> Member:
    """Make one person of two and return who stays: *one_id* where both could.

    Call it in a transaction.

    Raises:
        CannotLinkError: neither team may dissolve; nothing was changed.
    """
    members = await Member.filter(id__in=[one_id, other_id]).order_by("id").select_for_update()
    by_id = {member.id: member for member in members}
    one, other = by_id[one_id], by_id[other_id]
    if one.team_id != other.team_id:
        ids = sorted({one.team_id, other.team_id})
        await Team.filter(id__in=ids).order_by("id").select_for_update()
        if not await _may_dissolve(other.team_id):
            one, other = other, one
            if not await _may_dissolve(other.team_id):
                raise CannotLinkError
        role = one.role
        await _run(_TEAM_MOVES, one.team_id, other.team_id)
        await Team.filter(id=other.team_id).delete()
    else:
        role = max(one.role, other.role, key=_STRENGTH.index)
    await _run(_MEMBER_MOVES, one.id, other.id)
    await Member.filter(id=other.id).delete()
    one.role, one.zone = role, one.zone or other.zone
    one.date_order = one.date_order or other.date_order
    await one.save(update_fields=["role", "zone", "date_order"])
    return one


async def _run(statements: Sequence[str], kept: UUID, gone: UUID) -> None:
    for statement in statements:
        await db().execute_query(statement, [kept, gone])


async def _may_dissolve(team_id: UUID) -> bool:
    """Say whether nothing of a team would be lost or go out otherwise; holds what could."""
    if await Member.filter(team_id=team_id).count() > 1:
        return False
    if await Account.filter(team_id=team_id).exclude(sealed_token="").exists():
        return False
    if await Series.filter(team_id=team_id, state__in=("active", "paused")).exists():
        return False
    targets = await Target.filter(post__team_id=team_id).order_by("id").select_for_update()
    return not any(target.state in OPEN_STATES for target in targets)
