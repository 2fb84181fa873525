"""Posts for the fault runs: planned as the bot plans them, each with a caption of its own."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from tortoise.transactions import in_transaction

from integrations.storage.disk import DiskStore
from integrations.storage.links import SignedLinks
from models.account import Account
from models.post import Media, Post
from models.sealed import Keyring
from models.sealed import Place as SealedPlace
from models.team import ChatIdentity, Member, Place, Team
from sandbox.telegram.media import a_jpeg
from scheduling.planner import Planner, Slot
from tests.faults.house import House

PEOPLE = ("Dana", "Eli", "Femi", "Gia", "Hugo", "Ines")
BRANDS = ("cafe.lindenhof", "mira.on.wheels")


def caption_of(number: int) -> str:
    return f"fault run post {number:05d}"


async def plan_posts(house: House, *, count: int, first: datetime, over: timedelta) -> list[Post]:
    """Plan *count* posts from *first* on, spread evenly over *over*, on two accounts."""
    now = house.telegram.world.clock.now()
    team = await Team.create(name="Fire", created_at=now)
    people = [await _person(house, team, name, now) for name in PEOPLE]
    accounts = [await _account(house, team, brand, now) for brand in BRANDS]
    store = DiskStore(
        Path(house.environ["DATA_DIR"]).resolve() / "media",
        SignedLinks(SecretStr("x" * 32), house.environ["PUBLIC_URL"], lambda: now),
    )
    kept = await store.put(
        _once(a_jpeg(400, 400)), suffix=".jpg", mime="image/jpeg", max_bytes=10**7
    )
    planner, posts = Planner(), []
    for number in range(1, count + 1):
        at = first + over * (number / count)
        member, place = people[number % len(people)]
        async with in_transaction():
            post = await Post.create(
                team=team, author=member, place=place, number=number, kind="image",
                caption=caption_of(number), created_at=now, updated_at=now,
            )  # fmt: skip
            await Media.create(
                post=post, state="stored", source="faults", file_id="x", kind="image",
                mime="image/jpeg", size_bytes=kept.size_bytes, width=400, height=400,
                sha256=kept.sha256, storage_key=kept.key, created_at=now,
            )  # fmt: skip
            wall = at.astimezone(ZoneInfo("UTC")).replace(tzinfo=None).isoformat()
            await planner.book(
                post, [accounts[number % 2]], Slot(at, wall, "UTC"), by=member, now=now
            )
        posts.append(post)
    return posts


async def _person(house: House, team: Team, name: str, now: datetime) -> tuple[Member, Place]:
    person = house.telegram.person(name)
    await person.starts()
    member = await Member.create(team=team, name=name, zone="UTC", created_at=now)
    await ChatIdentity.create(
        member=member, chat="telegram", external_id=str(person.id), created_at=now
    )
    place = await Place.create(
        team=team, chat="telegram", chat_id=str(person.private.id), created_at=now
    )
    return member, place


async def _account(house: House, team: Team, brand: str, now: datetime) -> Account:
    known = house.instagram.account(brand)
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
