"""Who is speaking: found, or made at the first word, and kept true."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tortoise.transactions import in_transaction

from bot.people import PROFILE_AGE, ZONE_FROM, Person, person_in, wants_profile
from integrations.chat.incoming import Actor, PlaceRef
from models.team import Member
from tests.support.clock import SettableClock

pytestmark = pytest.mark.usefixtures("database")

DM = PlaceRef("slack", "T1", "U1")
DANA = Actor("U1", "Dana", "dana", "de-DE", "Europe/Berlin")


async def comes(clock: SettableClock, actor: Actor, *, was_asked: bool = True) -> Person:
    async with in_transaction():
        return await person_in(actor, DM, now=clock.now(), was_asked=was_asked)


async def test_b36_a_profile_is_asked_for_at_first_and_again_after_a_day(
    clock: SettableClock,
) -> None:
    wanted = [await wants_profile(DANA, DM, now=clock.now())]
    await comes(clock, DANA)
    wanted.append(await wants_profile(DANA, DM, now=clock.now()))
    clock.pass_time(PROFILE_AGE)
    wanted.append(await wants_profile(DANA, DM, now=clock.now()))
    await comes(clock, Actor("U1", ""))
    wanted.append(await wants_profile(DANA, DM, now=clock.now()))

    assert wanted == [True, False, True, False]


async def test_b36_a_new_name_and_a_new_zone_of_the_profile_are_taken_and_told(
    clock: SettableClock,
) -> None:
    known = await comes(clock, DANA)
    await Member.filter(id=known.member.id).update(hints={"profile_zone": "Europe/Berlin"})
    clock.pass_time(timedelta(days=2))

    moved = await comes(clock, replace(DANA, display_name="Dana B.", zone="Europe/London"))

    kept = await Member.get(id=known.member.id)
    assert (kept.name, kept.zone) == ("Dana B.", "Europe/London")
    assert kept.hints[ZONE_FROM] == moved.member.hints[ZONE_FROM] == "slack"


async def test_b36_a_zone_that_was_chosen_here_stays_whatever_the_profile_says(
    clock: SettableClock,
) -> None:
    known = await comes(clock, DANA)
    await Member.filter(id=known.member.id).update(zone="Asia/Tokyo")

    for zone in ("Europe/London", ""):
        await comes(clock, replace(DANA, zone=zone))

    assert (await Member.get(id=known.member.id)).zone == "Asia/Tokyo"
