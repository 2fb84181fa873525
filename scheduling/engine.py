"""The engine as wiring builds it: one object, and a loop for each role."""

import asyncio
import logging
import random
from collections.abc import Mapping

from prometheus_client import CollectorRegistry
from taskiq import AsyncBroker

from integrations.storage.contract import MediaStore
from models.clock import Clock
from models.database import Wakeups
from models.sealed import Keyring
from platforms.contract import Platform
from scheduling.due import Due
from scheduling.hindsight import Hindsight
from scheduling.lines import CALLS_AT_ONCE, Lines
from scheduling.links import MissingLinks
from scheduling.metrics import EngineMetrics
from scheduling.outages import Outages
from scheduling.outcomes import Outcomes
from scheduling.planner import Planner
from scheduling.presence import DeadOwners, Presence
from scheduling.publisher import Publisher
from scheduling.quotas import Quotas
from scheduling.reach import Reach
from scheduling.reconcile import Reconciler
from scheduling.steps import Steps
from scheduling.store import TargetStore
from scheduling.sweeper import Sweeper
from scheduling.tasks import register_tasks
from scheduling.timing import PRODUCTION, Timing
from scheduling.tokens import Tokens
from scheduling.worker import Worker

log = logging.getLogger(__name__)


class Engine:
    """Publishes what is due, exactly once, and writes down what people are to be told.

    `name` tells this process from all others (host, role, number): it stands in the leases. With
    `database_url` a worker shows that it is alive, and its death is noticed within seconds. The
    database must be open; `wakeups` must listen to `models.database.TARGET` and be run by whoever
    built it.
    """

    def __init__(
        self,
        *,
        platforms: Mapping[str, Platform],
        keyring: Keyring,
        media: MediaStore,
        clock: Clock,
        wakeups: Wakeups,
        broker: AsyncBroker,
        name: str,
        database_url: str = "",
        registry: CollectorRegistry | None = None,
        reach: Reach | None = None,
        timing: Timing = PRODUCTION,
        calls_at_once: int = CALLS_AT_ONCE,
    ) -> None:
        roll = random.SystemRandom().random
        self.tokens = Tokens(platforms, keyring, clock)
        self.planner = Planner(timing)
        self.store = TargetStore(clock, timing)
        outages = Outages(clock)
        metrics = EngineMetrics(registry or CollectorRegistry())
        outcomes = Outcomes(self.store, self.tokens, metrics, clock, timing, roll)
        reconciler = Reconciler(self.tokens, outcomes, outages, clock, timing)
        steps = Steps(
            platforms,
            media,
            self.tokens,
            Quotas(clock),
            outcomes,
            reconciler,
            outages,
            clock,
            timing,
            Lines(calls_at_once),
        )
        self._presence = Presence(database_url, name, clock)
        self.publisher = Publisher(
            self.store,
            steps,
            clock,
            timing,
            presence=self._presence,
            concurrency=2 * calls_at_once,
        )
        self._broker = broker
        kick = register_tasks(broker, self.publisher)
        self.due = Due(self.store, kick, wakeups, clock, timing)
        links = MissingLinks(platforms, self.tokens, clock)
        self.hindsight = Hindsight(platforms, self.tokens, clock)
        self.sweeper = Sweeper(self.tokens, outages, links, self.hindsight, clock, timing, reach)
        self.dead_owners = DeadOwners(clock)
        self.worker = Worker(broker, self.publisher, wakeups, clock, timing)

    @property
    def unexpected_errors(self) -> int:
        """How often a loop went on after an error nobody foresaw."""
        loops = (self.due, self.sweeper, self.dead_owners, self.worker, self.publisher)
        return sum(loop.unexpected_errors for loop in loops)

    async def run_clock(self) -> None:
        """Claim, kick and sweep until cancelled."""
        await self._broker.startup()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.due.run())
                group.create_task(self.sweeper.run())
                group.create_task(self.dead_owners.run())
        finally:
            await self._broker.shutdown()

    async def run_worker(self) -> None:
        """Publish until cancelled; then finish what is at hand (25 seconds at most)."""
        self._broker.is_worker_process = True
        await self._broker.startup()
        try:
            async with self._presence.held(), asyncio.TaskGroup() as group:
                # The clock may have died with the worker whose posts wait.
                group.create_task(self.dead_owners.run())
                group.create_task(self.publisher.keep_leases())
                group.create_task(self.worker.run())
        finally:
            await self._broker.shutdown()

    async def run_embedded(self) -> None:
        """Be clock and worker in one process, until cancelled; then finish what is at hand."""
        await self._broker.startup()
        try:
            async with self._presence.held(), asyncio.TaskGroup() as group:
                group.create_task(self.due.run())
                group.create_task(self.sweeper.run())
                group.create_task(self.dead_owners.run())
                group.create_task(self.publisher.keep_leases())
                group.create_task(self.worker.run())
        finally:
            await self._broker.shutdown()
