"""The engine's own code over a store, a platform and a clock in memory, call by call.

Every answer of the store and every call to the platform waits at a gate until the test lets it
through, so that workers can be stopped anywhere, for any time, in any order. Time is the loop's
own and passes only when told to.
"""

# ruff: noqa: ARG002 - a contract names arguments that a fake has no use for

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from models.post import WAITING_STATES
from platforms.contract import (
    Credentials,
    Handle,
    Made,
    Outgoing,
    Published,
    Ready,
    Receipt,
    Waiting,
)
from platforms.errors import OutcomeUnknown, Trouble, TryAgainLater
from scheduling.job import AccountRow, Change, Facts, Job, Linkless, StoredHandle, StoredMedia
from scheduling.metrics import EngineMetrics
from scheduling.moves import require_target_move
from scheduling.outcomes import Outcomes
from scheduling.publisher import Publisher
from scheduling.quotas import Quotas
from scheduling.reconcile import Reconciler
from scheduling.steps import Steps
from scheduling.timing import PRODUCTION, Timing

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
_MOST_TURNS = 1000


class ModelLoop(asyncio.SelectorEventLoop):
    """An event loop whose time stands still until somebody moves it."""

    moment = 0.0

    def time(self) -> float:
        return self.moment

    def settle(self) -> None:
        """Run everything that can run now."""
        self.run_until_complete(self._turns())

    async def _turns(self) -> None:
        for _ in range(_MOST_TURNS):
            await asyncio.sleep(0)
            if not self._ready:  # type: ignore[attr-defined]  # what waits for its turn
                return
        raise AssertionError("it never comes to rest")


@dataclass
class Row:
    """The target as the database holds it."""

    facts: Facts
    due: float
    next_at: float
    epoch: int = 0
    owner: str | None = None
    lease_until: float | None = None
    intent: float | None = None
    handles: list[StoredHandle] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


@dataclass
class Request:
    """A publish call that left a worker; what it does, it does until `deadline`."""

    handle: str
    deadline: float
    is_over: bool = False


@dataclass
class Gate:
    """Something that waits to be let through."""

    kind: str
    future: "asyncio.Future[str]"
    request: Request | None = None


class World:
    """One target, its database row, its platform, and workers that fight over it."""

    def __init__(
        self,
        *,
        timing: Timing = PRODUCTION,
        settle: timedelta | None = None,
        reconciler: type[Reconciler] = Reconciler,
    ) -> None:
        self.loop = ModelLoop()
        self.timing = timing
        self.settle_after = (settle if settle is not None else PRODUCTION.settle).total_seconds()
        self.reconciler = reconciler
        self.target_id, self.post_id, self.account_id = uuid4(), uuid4(), uuid4()
        self.row = Row(Facts("scheduled"), due=0.0, next_at=0.0)
        self.made: list[str] = []
        self.public: list[str] = []
        self.early = False
        self.requests: list[Request] = []
        self.workers: list[Worker] = []

    def close(self) -> None:
        for worker in self.workers:
            worker.crash()
        self.loop.settle()
        self.loop.close()

    @property
    def now(self) -> float:
        return self.loop.moment

    def make_public(self, request: Request) -> None:
        """Let a request do its work. A platform that takes a second one is the worst there is."""
        if not request.is_over:
            request.is_over = True
            self.public.append(request.handle)
            self.early = self.early or self.now < self.row.due

    def pass_time(self, seconds: float, *, lands: bool) -> None:
        """Let time pass; what was sent and given up by then did its work at the last moment."""
        end = self.now + seconds
        for request in sorted(self.requests, key=lambda one: one.deadline):
            if not request.is_over and request.deadline <= end:
                self.loop.moment = max(self.now, request.deadline)
                if lands:
                    self.make_public(request)
                request.is_over = True
        self.loop.moment = end
        self.loop.settle()


class ModelClock:
    """`models.clock.Clock` by the loop's time."""

    shift = timedelta()

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> datetime:
        return BEGINNING + timedelta(seconds=self._world.now)

    def monotonic(self) -> float:
        return self._world.now

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Links:
    """A media store of which only links are asked."""

    def signed_url(self, key: str, *, lives: timedelta) -> str:
        return f"https://media.example/{key}?lives={int(lives.total_seconds())}"


class OneToken:
    """Tokens that are always good."""

    def credentials(self, account: AccountRow) -> Credentials:
        return Credentials(account.platform_user_id, SecretStr("token"))


class NoOutages:
    """A platform that is never held back: its failures alone are looked at here."""

    def wait(self, platform: str) -> timedelta:
        return timedelta(0)

    def is_down(self, platform: str, err: BaseException | None) -> bool:
        return False

    async def note(self, platform: str, err: BaseException | None) -> None:
        return


@dataclass(frozen=True, slots=True)
class Named:
    """What stands in the leases of a worker."""

    owner: str


class Worker:
    """A process: the real publisher and steps, with its own view of store and platform."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.is_dead = False
        self.gates: deque[Gate] = deque()
        clock = ModelClock(world)
        tokens: Any = OneToken()
        platform: Any = PlatformOf(self)
        store: Any = StoreOf(self)
        outages: Any = NoOutages()
        presence: Any = Named(name)
        metrics = EngineMetrics(CollectorRegistry())
        outcomes = Outcomes(store, tokens, metrics, clock, world.timing, lambda: 0.5)
        reconciler = world.reconciler(tokens, outcomes, outages, clock, world.timing)
        media: Any = Links()
        steps = Steps(
            {"model": platform},
            media,
            tokens,
            Quotas(clock),
            outcomes,
            reconciler,
            outages,
            clock,
            world.timing,
        )
        self.publisher = Publisher(store, steps, clock, world.timing, presence=presence)
        world.workers.append(self)

    async def gate(self, kind: str, request: Request | None = None) -> str:
        """Wait until the test lets this through; returns what it wants to happen."""
        if self.is_dead:
            raise asyncio.CancelledError
        gate = Gate(kind, asyncio.get_running_loop().create_future(), request)
        self.gates.append(gate)
        try:
            return await gate.future
        finally:
            if gate in self.gates:
                self.gates.remove(gate)

    def claim(self) -> None:
        """Take up what is due, as a worker does by itself."""
        self.world.loop.run_until_complete(self.publisher.claim(overdue_by=timedelta(0)))
        self.world.loop.settle()

    def proceed(self, wish: str) -> None:
        """Let the oldest outside call of this worker through."""
        if self.gates:
            gate = self.gates[0]
            if not gate.future.done():
                gate.future.set_result(wish)
            self.world.loop.settle()

    def crash(self) -> None:
        """Die: nothing more is written, what was sent stays sent."""
        self.is_dead = True
        for task in asyncio.all_tasks(self.world.loop):
            if task in self.publisher._work | self.publisher._links:
                task.cancel()
        self.world.loop.settle()


class PlatformOf:
    """The platform as one worker reaches it."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._world = worker.world

    def review(self, outgoing: Outgoing) -> list[object]:
        return []

    async def quota(self, who: Credentials) -> None:
        return None

    async def prepare(
        self, who: Credentials, outgoing: Outgoing, handles: Sequence[Handle]
    ) -> Made | Waiting | Ready:
        wish = await self._worker.gate("prepare")
        if wish == "fail":
            raise TryAgainLater(Trouble.PLATFORM_DOWN, code="503")
        if handles:
            return Ready()
        self._world.made.append(f"c{len(self._world.made) + 1}")
        return Made(Handle("post", 0, self._world.made[-1], timedelta(hours=24)))

    async def check(self, who: Credentials, handles: Sequence[Handle]) -> Ready | Published:
        # What was true when it was asked is what the answer says, however late it comes.
        is_public = handles[0].external_id in self._world.public
        if await self._worker.gate("check") == "fail":
            raise TryAgainLater(Trouble.PLATFORM_DOWN, code="503")
        return Published(Receipt()) if is_public else Ready()

    async def find_published(
        self, who: Credentials, outgoing: Outgoing, *, since: datetime
    ) -> Receipt | None:
        found = list(self._world.public)
        if await self._worker.gate("find") == "fail":
            raise TryAgainLater(Trouble.PLATFORM_DOWN, code="503")
        return Receipt(media_id=f"m-{found[0]}") if found else None

    async def publish(self, who: Credentials, handles: Sequence[Handle]) -> Published:
        timing = PRODUCTION
        lands_until = (
            self._world.now + (timing.publish_timeout + timing.may_still_act).total_seconds()
        )
        request = Request(handles[0].external_id, lands_until)
        self._world.requests.append(request)
        match await self._worker.gate("publish", request):
            case "lose_answer":
                self._world.make_public(request)
                raise OutcomeUnknown(Trouble.UNCLEAR, code="reset")
            case "hang_up":
                raise OutcomeUnknown(Trouble.UNCLEAR, code="reset")
            case "lose_request":
                request.is_over = True
                raise OutcomeUnknown(Trouble.UNCLEAR, code="reset")
            case "fail" if request.is_over:
                # It did its work already: a platform that says no after that says nothing clear.
                raise OutcomeUnknown(Trouble.UNCLEAR, code="500")
            case "fail":
                request.is_over = True
                raise TryAgainLater(Trouble.PLATFORM_DOWN, code="503")
            case _:
                self._world.make_public(request)
                return Published(Receipt(media_id=f"m-{request.handle}"))

    async def describe(self, who: Credentials, media_id: str) -> Receipt:
        return Receipt(media_id=media_id, permalink="https://example.com/p")


class StoreOf:
    """`scheduling.store.TargetStore` for one target in memory; only writes wait at a gate."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._world = worker.world

    async def claim_jobs(self, limit: int, *, owner: str, overdue_by: timedelta) -> list[Job]:
        row, now = self._world.row, self._world.now
        is_free = row.lease_until is None or row.lease_until < now
        if row.facts.state not in WAITING_STATES or not is_free or row.next_at > now:
            return []
        row.epoch += 1
        row.owner, row.lease_until = owner, now + self._world.timing.lease.total_seconds()
        return [self._job()]

    def _job(self) -> Job:
        world, row, now = self._world, self._world.row, self._world.now
        intent = None if row.intent is None else BEGINNING + timedelta(seconds=row.intent)
        return Job(
            id=world.target_id,
            post_id=world.post_id,
            epoch=row.epoch,
            facts=row.facts,
            due_at=BEGINNING + timedelta(seconds=row.due),
            intent_at=intent,
            due_in=row.due - now,
            behind=now - max(row.due, row.next_at),
            settled_in=(row.intent or 0.0) + world.settle_after - now,
            answered_at=now,
            safe_until=now + world.timing.trust_lease_for.total_seconds(),
            account=_account(world.account_id),
            handles=list(row.handles),
            media=[StoredMedia("stored", "", "image", "image/jpeg", 9, 9, 9, None, "k", "")],
        )

    async def give_back(self, held: Iterable[Job]) -> None:
        for job in held:
            if job.epoch == self._world.row.epoch:
                self._world.row.owner = self._world.row.lease_until = None

    async def write(self, change: Change) -> bool:
        require_target_move(change.was, change.facts.state)
        if self._worker.is_dead:
            raise asyncio.CancelledError
        row = self._world.row
        is_ours = row.epoch == change.epoch and row.facts.state == change.was
        if is_ours:
            self._apply(change)
        await self._worker.gate("write")
        return is_ours

    def _apply(self, change: Change) -> None:
        row, now = self._world.row, self._world.now
        row.facts = change.facts
        if change.next_at is not None:
            row.next_at = (change.next_at - BEGINNING).total_seconds()
        elif change.next_in is not None:
            row.next_at = now + change.next_in
        row.intent = {"now": now, "clear": None, "keep": row.intent}[change.intent]
        row.lease_until = None if change.lease is None else now + change.lease.total_seconds()
        row.owner = row.owner if change.lease is not None else None
        if change.drops_handles:
            row.handles = []
        if change.made is not None and change.made_id is not None:
            lapses = BEGINNING + timedelta(seconds=now) + timedelta(hours=24)
            row.handles.append(
                StoredHandle(change.made_id, change.made, lapses, ever_published=False)
            )
        row.notices += [say.event for say in change.says if say.purpose == "notice"]

    async def note_published(self, handle_ids: Sequence[UUID]) -> None:
        self._world.row.handles = [
            replace(one, ever_published=one.ever_published or one.id in handle_ids)
            for one in self._world.row.handles
        ]

    async def write_link(self, one: Linkless, permalink: str) -> None:
        return


def _account(account_id: UUID) -> AccountRow:
    return AccountRow(
        id=account_id,
        team_id=account_id,
        platform="model",
        platform_user_id="1",
        username="model",
        state="active",
        trouble="",
        sealed_token="sealed",
        token_version=1,
        token_issued_at=None,
        token_expires_at=None,
        checked_at=None,
    )
