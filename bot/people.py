"""Who is speaking, in which team, in which place: found, or made at the first word."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.transactions import in_transaction

from integrations.chat.incoming import Actor, PlaceRef
from models.database import db
from models.team import ChatIdentity, Member, Place, Team

# $1 is the place that stays, $2 its twin. What only one of them may have, the twin gives up.
_MERGE = (
    """DELETE FROM delivery USING delivery kept WHERE delivery.place_id = $2
        AND kept.place_id = $1 AND kept.outbox_id = delivery.outbox_id""",
    """DELETE FROM card USING card kept WHERE card.place_id = $2 AND kept.place_id = $1
        AND kept.subject_kind = card.subject_kind AND kept.subject_id = card.subject_id
        AND kept.purpose = card.purpose""",
    """DELETE FROM prompt USING prompt newer WHERE prompt.place_id = $1 AND newer.place_id = $2
        AND prompt.member_id = newer.member_id AND prompt.closed_at IS NULL
        AND newer.closed_at IS NULL""",
    "UPDATE delivery SET place_id = $1 WHERE place_id = $2",
    "UPDATE card SET place_id = $1 WHERE place_id = $2",
    "UPDATE prompt SET place_id = $1 WHERE place_id = $2",
    "UPDATE post SET place_id = $1 WHERE place_id = $2",
    "UPDATE outbox SET place_id = $1 WHERE place_id = $2",
    "UPDATE connect_state SET place_id = $1 WHERE place_id = $2",
    "DELETE FROM place WHERE id = $2 AND id <> $1",
)


ZONE_FROM = "zone_from"
"""Which chat's profile a person's zone is from; a hint until they were told so."""

PROFILE_AGE = timedelta(days=1)
"""How long what a chat's profile says of a person is taken for true."""

_ASKED, _PROFILE_ZONE = "profile_at", "profile_zone"
_HINT = "UPDATE member SET hints = hints || $2::jsonb WHERE id = $1"

_NEWCOMER_LOCK = "SELECT pg_advisory_xact_lock(7220, hashtext($1))"


@dataclass(frozen=True, slots=True)
class Person:
    """A person in a place. `is_foreign`: the place belongs to a team the person is not in."""

    team: Team
    member: Member
    place: Place
    is_foreign: bool = False


async def person_in(
    actor: Actor,
    where: PlaceRef,
    *,
    now: datetime,
    guesses: tuple[str, ...] = (),
    was_asked: bool = False,
) -> Person:
    """Return who *actor* is in *where*; a stranger gets a team (or joins the group's).

    *was_asked*: the chat was asked for the profile, whether it answered or not. Call it in a
    transaction: a stranger is held until its end.
    """
    place = await Place.get_or_none(
        chat=where.chat, workspace=where.workspace, chat_id=where.chat_id, thread=where.thread
    )
    identity = await _identity_of(actor, where)
    if identity is None:
        # Two first words of one person, in two conversations at once, make one person; and two
        # people of one workspace, one team.
        whose = where.workspace or actor.external_id
        await db().execute_query(_NEWCOMER_LOCK, [f"{where.chat}:{whose}"])
        identity = await _identity_of(actor, where)
    if identity:
        member = identity.member
        team = member.team
        await _follow_profile(member, identity, actor)
    else:
        home = await _team_of(where, place)
        team, member = await _newcomer(actor, where, home, guesses, now)
    if was_asked:
        await _follow_zone(member, actor.zone, where.chat, now)
    if place is None:
        place = await Place.create(
            team=team,
            chat=where.chat,
            workspace=where.workspace,
            chat_id=where.chat_id,
            thread=where.thread,
            person=member if where.is_private else None,
            purpose=_purpose_of(where),
            title=where.title,
            created_at=now,
        )
    else:
        await _follow_place(place, member, where)
    return Person(team, member, place, is_foreign=place.team_id != team.id)


async def _follow_place(place: Place, member: Member, where: PlaceRef) -> None:
    """Whoever speaks in a place opens it; who speaks in a private one is whose it is."""
    person_id = member.id if where.is_private else None
    title = where.title or place.title
    if not place.is_open or place.person_id != person_id or place.title != title:
        place.is_open, place.person_id, place.title = True, person_id, title
        await place.save(update_fields=["is_open", "person_id", "title"])


async def is_known(actor: Actor, where: PlaceRef) -> bool:
    """Say whether this person spoke with us in that chat before."""
    return await ChatIdentity.exists(
        chat=where.chat, workspace=where.workspace, external_id=actor.external_id
    )


async def wants_profile(actor: Actor, where: PlaceRef, *, now: datetime) -> bool:
    """Say whether the chat is to be asked who this is: a stranger, or long not asked about.

    Names and zones change, and no event of a person's own tells of it.
    """
    identity = await _identity_of(actor, where)
    if identity is None:
        return True
    asked = identity.member.hints.get(_ASKED)
    return not isinstance(asked, str) or datetime.fromisoformat(asked) <= now - PROFILE_AGE


async def _identity_of(actor: Actor, where: PlaceRef) -> ChatIdentity | None:
    return await ChatIdentity.get_or_none(
        chat=where.chat, workspace=where.workspace, external_id=actor.external_id
    ).prefetch_related("member__team")


def _purpose_of(where: PlaceRef) -> str:
    if where.is_home:
        return "home"
    return "direct" if where.is_private else "group"


async def _team_of(where: PlaceRef, place: Place | None) -> Team | None:
    """Return the team a stranger joins: the one of the group, or of the workspace."""
    if place and not where.is_private:
        return await Team.get(id=place.team_id)
    if not where.workspace:
        return None
    first = (
        await Place.filter(chat=where.chat, workspace=where.workspace)
        .order_by("created_at")
        .prefetch_related("team")
        .first()
    )
    return first.team if first else None


async def _newcomer(
    actor: Actor, where: PlaceRef, home: Team | None, guesses: tuple[str, ...], now: datetime
) -> tuple[Team, Member]:
    team = home or await Team.create(name=actor.display_name, created_at=now)
    hints: dict[str, object] = {"zone_guesses": list(await _zones_of(team) or guesses)}
    if actor.zone:
        hints[ZONE_FROM] = where.chat
    member = await Member.create(
        team=team,
        name=actor.display_name,
        role="editor" if home else "owner",
        language=(actor.language or "en").split("-")[0].lower(),
        zone=actor.zone or None,
        date_order=_date_order(actor.language),
        hints=hints,
        created_at=now,
    )
    await ChatIdentity.create(
        member=member,
        chat=where.chat,
        workspace=where.workspace,
        external_id=actor.external_id,
        username=actor.username,
        created_at=now,
    )
    return team, member


async def _follow_profile(member: Member, identity: ChatIdentity, actor: Actor) -> None:
    if actor.display_name and member.name != actor.display_name:
        member.name = actor.display_name
        await member.save(update_fields=["name"])
    if actor.username and identity.username != actor.username:
        identity.username = actor.username
        await identity.save(update_fields=["username"])


async def _follow_zone(member: Member, zone: str, chat: str, now: datetime) -> None:
    """Note that the profile was asked for; whose zone is from there moves along with it.

    What is planned keeps its moments, and the next card says which zone is used.
    """
    hints: dict[str, object] = {_ASKED: now.isoformat()}
    before = member.hints.get(_PROFILE_ZONE)
    if zone:
        hints[_PROFILE_ZONE] = zone
    if zone and before and zone != before and member.zone == before:
        hints[ZONE_FROM] = chat
        member.zone = zone
        await member.save(update_fields=["zone"])
    member.hints = {**member.hints, **hints}
    # Beside what another conversation of theirs writes there at the same time.
    await db().execute_query(_HINT, [member.id, json.dumps(hints)])


async def follow_move(where: PlaceRef, new_chat_id: str) -> None:
    """Keep a place, and all that was said in it, when it goes on under another id.

    Where somebody already spoke under the new id, both become the old place.
    """
    async with in_transaction() as connection:
        old = Place.filter(chat=where.chat, workspace=where.workspace, chat_id=where.chat_id)
        for place in await old.order_by("id").select_for_update():
            twin = await Place.get_or_none(
                chat=place.chat,
                workspace=place.workspace,
                chat_id=new_chat_id,
                thread=place.thread,
            )
            if twin and twin.id != place.id:
                for statement in _MERGE:
                    await connection.execute_query(statement, [place.id, twin.id])
                if twin.tells_failures and twin.team_id == place.team_id:
                    place.tells_failures = True
            place.chat_id, place.is_open = new_chat_id, True
            await place.save(update_fields=["chat_id", "is_open", "tells_failures"])


async def _zones_of(team: Team) -> list[str]:
    members = await Member.filter(team_id=team.id, zone__isnull=False)
    return list(dict.fromkeys(member.zone for member in members if member.zone))


def _date_order(language: str) -> str | None:
    code = language.lower()
    if code in {"en-us", "en_us"}:
        return "MDY"
    # Bare "en" says nothing about the order of numbers; it is asked where it matters.
    return None if code in {"", "en"} else "DMY"
