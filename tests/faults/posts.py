"""Posts for the fault runs: planned as the bot plans them, each with a caption of its own."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from tortoise.transactions import in_transaction

from integrations.storage.contract import Stored
from integrations.storage.disk import DiskStore
from integrations.storage.links import SignedLinks
from models.account import Account
from models.database import DATABASE_TROUBLE
from models.post import Media, Post
from models.sealed import Keyring
from models.sealed import Place as SealedPlace
from models.team import ChatIdentity, Member, Place, Team
from sandbox.instagram.accounts import PretendAccount
from sandbox.telegram.media import a_jpeg
from scheduling.planner import Planner, Slot
from tests.faults.chats import Address, Speaker
from tests.faults.house import House

PEOPLE = (
    "Dana", "Eli", "Femi", "Gia", "Hugo", "Ines", "Jo", "Kari", "Lea", "Max", "Nia", "Ola",
)  # fmt: skip
CHATTERS = ("Kim", "Lou", "Mio")
"""Who send, edit and cancel by themselves, each in a team of one."""

BRANDS = tuple(f"brand.{number}" for number in range(10))


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a person posts from."""

    member: Member
    place: Place
    speaker: Speaker
    address: Address


@dataclass(frozen=True, slots=True)
class Crew:
    """Who posts for which accounts, each from one place after the other."""

    team: Team
    people: tuple[tuple[Desk, ...], ...]
    accounts: tuple[Account, ...]


def caption_of(number: int) -> str:
    return f"fault run post {number:05d}"


async def settle_in(house: House) -> Crew:
    """Make a team of twelve with ten accounts, and those who chat, each with an account."""
    now = house.clock.now()
    team = await Team.create(name="Fire", created_at=now)
    people = tuple([await _person(house, team, name, now) for name in PEOPLE])
    accounts = tuple([await _account(house, team, brand, now) for brand in BRANDS])
    for name in CHATTERS:
        own = await Team.create(name=name, created_at=now)
        await _person(house, own, name, now)
        await _account(house, own, f"{name.lower()}.talks", now)
    return Crew(team, people, accounts)


class Planning:
    """Plans posts for a crew; goes on where the database was away for a moment."""

    def __init__(self, house: House, crew: Crew) -> None:
        self._house = house
        self._crew = crew
        self._planner = Planner()
        self._kept: Stored | None = None
        self.planned = 0

    def now(self) -> datetime:
        """Tell the time of this world."""
        return self._house.clock.now()

    async def plan(self, count: int, *, first: datetime, over: timedelta) -> None:
        """Plan *count* more from *first* on, spread over *over* and over all accounts."""
        for index in range(count):
            await self._plan_one(self.planned + 1, first + over * ((index + 1) / count))
            self.planned += 1

    async def _plan_one(self, number: int, at: datetime) -> None:
        for _ in range(100):
            with suppress(*DATABASE_TROUBLE):
                if not await Post.filter(team=self._crew.team, number=number).exists():
                    await self._book(number, at)
                return
            await asyncio.sleep(0.2)
        raise RuntimeError("the database stayed away")

    async def _book(self, number: int, at: datetime) -> None:
        crew, now = self._crew, self.now()
        desks = crew.people[number % len(crew.people)]
        desk = desks[number // len(crew.people) % len(desks)]
        source = await desk.speaker.begins(desk.address, f"the picture for {number}")
        member = desk.member
        account = crew.accounts[number % len(crew.accounts)]
        kept = self._kept = self._kept or await self._picture()
        async with in_transaction():
            post = await Post.create(
                team=crew.team, author=member, place=desk.place, number=number, kind="image",
                caption=caption_of(number), source_ref=source, created_at=now, updated_at=now,
            )  # fmt: skip
            await Media.create(
                post=post, state="stored", source="faults", file_id="x", kind="image",
                mime="image/jpeg", size_bytes=kept.size_bytes, width=400, height=400,
                sha256=kept.sha256, storage_key=kept.key, created_at=now,
            )  # fmt: skip
            wall = at.astimezone(ZoneInfo("UTC")).replace(tzinfo=None).isoformat()
            await self._planner.book(post, [account], Slot(at, wall, "UTC"), by=member, now=now)

    async def _picture(self) -> Stored:
        links = SignedLinks(SecretStr("x" * 32), "http://127.0.0.1", lambda: datetime.now(UTC))
        store = DiskStore(self._house.media_folder, links)
        return await store.put(
            _once(a_jpeg(400, 400)), suffix=".jpg", mime="image/jpeg", max_bytes=10**7
        )


async def _person(house: House, team: Team, name: str, now: datetime) -> tuple[Desk, ...]:
    """Make one person of whoever has that name on each chat."""
    member = await Member.create(team=team, name=name, zone="UTC", created_at=now)
    desks: list[Desk] = []
    for side in house.sides:
        speaker = side.speaker(name)
        own = speaker.addresses[0]
        await ChatIdentity.create(
            member=member, chat=own.chat, workspace=own.workspace, external_id=own.person,
            created_at=now,
        )  # fmt: skip
        for address in speaker.addresses:
            place = await Place.create(
                team=team, chat=address.chat, workspace=address.workspace, chat_id=address.place,
                purpose="direct" if address.is_private else "group",
                person=member if address.is_private else None, created_at=now,
            )  # fmt: skip
            desks.append(Desk(member, place, speaker, address))
        await speaker.arrives()
    return tuple(desks)


async def _account(house: House, team: Team, brand: str, now: datetime) -> Account:
    accounts = house.instagram.world.accounts
    number = f"{len(accounts) + 1:03d}"
    known = PretendAccount(
        brand, brand, "BUSINESS", f"17841400000000{number}", f"9100000000000{number}"
    )
    accounts[brand] = known
    token = house.instagram.issue_token(brand)
    account = await Account.create(
        team=team, platform="instagram", platform_user_id=known.account_id,
        app_user_id=known.scoped_id, username=brand, account_type="BUSINESS", state="active",
        token_issued_at=now, token_expires_at=now + timedelta(days=60), checked_at=now,
        created_at=now, updated_at=now,
    )  # fmt: skip
    keyring = Keyring.parse(house.environ["ENCRYPTION_KEYS"])
    place = SealedPlace("account", "sealed_token", account.id, team.id)
    account.sealed_token = keyring.seal(SecretStr(token.value), place)
    await account.save()
    return account


async def _once(body: bytes):
    yield body
