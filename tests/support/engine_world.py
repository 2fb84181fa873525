"""A team, accounts and posts in the database, and engines that work for them."""

import base64
import itertools
import os
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr
from taskiq import InMemoryBroker
from tortoise.transactions import in_transaction

from models.account import Account
from models.database import TARGET, Wakeups, db
from models.outbox import Outbox
from models.post import Attempt, Handle, Media, Post, Target
from models.sealed import Keyring
from models.team import Member, Place, Team
from scheduling.engine import Engine
from scheduling.job import Job
from scheduling.planner import Planner, Slot
from scheduling.store import QUEUE
from scheduling.timing import PRODUCTION
from scheduling.tokens import resting_place
from tests.support.clock import SettableClock
from tests.support.fake_platform import FakePlatform

QUICK = replace(PRODUCTION, publish_timeout=timedelta(seconds=0.3), drain=timedelta(seconds=2))


class Links:
    """A media store of which only links are asked."""

    def signed_url(self, key: str, *, lives: timedelta) -> str:
        return f"https://media.example/{key}?lives={int(lives.total_seconds())}"


class World:
    """What a test of the engine stands in. Everything goes by `clock`."""

    def __init__(self, url: str, clock: SettableClock) -> None:
        self.url = url
        self.clock = clock
        self.platform = FakePlatform()
        key = base64.b64encode(os.urandom(32)).decode()
        self.keyring = Keyring.parse(f"k1:{key}")
        self.planner = Planner()
        self._numbers = itertools.count(1)
        self.team: Team
        self.member: Member
        self.place: Place
        self.account: Account

    async def begin(self) -> "World":
        now = self.clock.now()
        self.team = await Team.create(name="Team", created_at=now)
        self.member = await Member.create(team=self.team, name="Ada", created_at=now)
        self.place = await Place.create(team=self.team, chat="fake", chat_id="1", created_at=now)
        self.account = await self.connected("fake")
        return self

    async def connected(self, username: str) -> Account:
        now = self.clock.now()
        account = Account(
            team_id=self.team.id,
            platform="fake",
            platform_user_id="17841" if username == "fake" else f"id-{username}",
            username=username,
            state="active",
            token_issued_at=now,
            token_expires_at=now + timedelta(days=60),
            checked_at=now,
            created_at=now,
            updated_at=now,
        )
        account.sealed_token = self.keyring.seal(
            SecretStr(f"token-of-{username}"), resting_place(account.id, self.team.id)
        )
        await account.save(force_create=True)
        return account

    def slot(self, due_in: timedelta) -> Slot:
        due = self.clock.now() + due_in
        return Slot(due, due.replace(tzinfo=None).isoformat(timespec="seconds"), "UTC")

    async def draft(
        self,
        caption: str = "",
        *,
        kind: str = "image",
        items: int = 1,
        media_state: str = "stored",
    ) -> Post:
        now, number = self.clock.now(), next(self._numbers)
        post = await Post.create(
            team=self.team,
            author=self.member,
            place=self.place,
            number=number,
            kind=kind,
            caption=caption or f"post {number}",
            created_at=now,
            updated_at=now,
        )
        for ordinal in range(items):
            await Media.create(
                post=post,
                ordinal=ordinal,
                state=media_state,
                source="fake",
                file_id=f"f{ordinal}",
                kind="video" if kind == "reel" else "image",
                mime="video/mp4" if kind == "reel" else "image/jpeg",
                size_bytes=1000,
                storage_key=f"key-{number}-{ordinal}.jpg",
                created_at=now,
            )
        return post

    async def scheduled(
        self,
        due_in: timedelta = timedelta(0),
        *,
        account: Account | None = None,
        **draft: Any,
    ) -> Post:
        post = await self.draft(**draft)
        async with in_transaction():
            await self.planner.book(
                post,
                [account or self.account],
                self.slot(due_in),
                by=self.member,
                now=self.clock.now(),
            )
        return post

    def engine(self, name: str = "w1", **options: Any) -> Engine:
        options.setdefault("broker", InMemoryBroker())
        options.setdefault("timing", QUICK)
        options.setdefault("wakeups", Wakeups(self.url, (TARGET,)))
        return Engine(
            platforms={"fake": self.platform},
            keyring=self.keyring,
            media=Links(),  # type: ignore[arg-type]
            clock=self.clock,
            name=name,
            **options,
        )

    # Looking

    async def target(self, post: Post) -> Target:
        return await Target.get(post_id=post.id)

    async def state(self, post: Post) -> str:
        return (await self.target(post)).state

    async def handles(self, post: Post) -> list[str]:
        target = await self.target(post)
        found = await Handle.filter(target_id=target.id, dropped_at=None).order_by("made_at")
        return [one.external_id for one in found]

    async def attempts(self, post: Post) -> list[tuple[str, str]]:
        target = await self.target(post)
        found = await Attempt.filter(target_id=target.id).order_by("id")
        return [(one.step, one.outcome) for one in found]

    async def notices(self, post: Post) -> list[str]:
        found = await Outbox.filter(subject_id=post.id, purpose="notice").order_by("id")
        return [one.event for one in found]

    async def account_notices(self, account: Account | None = None) -> list[str]:
        subject = (account or self.account).id
        found = await Outbox.filter(subject_id=subject, purpose="notice").order_by("id")
        return [one.event for one in found]

    # Moving

    async def turn(self, engine: Engine) -> None:
        """Let one engine do all that is due at this moment, through its queue."""
        for _ in range(50):
            claimed = await engine.store.claim_due(100, owner=QUEUE, lease=timedelta(seconds=5))
            if not claimed:
                break
            await engine.publisher.publish([one.id for one in claimed])
            await engine.publisher.idle()
            await engine.publisher.links_read()

    async def pass_time(self, engine: Engine, by: timedelta) -> None:
        """Let time pass and have everything done that became due meanwhile, at its moment."""
        end = self.clock.now() + by
        while True:
            await self.turn(engine)
            wait = await engine.store.next_due_in()
            left = end - self.clock.now()
            if wait is None or timedelta(seconds=wait) > left:
                self.clock.pass_time(max(left, timedelta(0)))
                await self.turn(engine)
                return
            self.clock.pass_time(timedelta(seconds=max(wait, 0) + 0.001))

    async def expire_leases(self) -> None:
        """Let the leases of everybody run out, as if their owners had died long ago."""
        await db().execute_query_dict(
            "UPDATE target SET lease_until = now() - interval '1 second'"
            " WHERE lease_until IS NOT NULL RETURNING id"
        )

    async def take(self, engine: Engine, post: Post, owner: str = "w1") -> Job:
        """Take the target of *post* in the name of *owner*, as its worker would."""
        await engine.store.claim_due(100, owner=QUEUE, lease=timedelta(seconds=5))
        target = await self.target(post)
        return (await engine.store.take([target.id], owner=owner))[0]

    def due_moment(self, target: Target) -> datetime:
        return target.due_at
