"""Workers stopped anywhere, answers lost, clocks running on: one post, public once, told truly.

The engine's own steps run over a store and a platform in memory. That this search finds things
is shown by weakened protocols, each of which it must break.
"""

# ruff: noqa: ARG002 - a weakened part keeps the whole one's arguments

import time
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from models.post import WAITING_STATES
from platforms.contract import Outgoing, Platform
from scheduling.job import Job
from scheduling.reconcile import Reconciler
from scheduling.timing import PRODUCTION, Timing
from tests.support.engine_model import Worker, World

WORKERS = st.sampled_from([0, 1])
WISHES = st.sampled_from(
    ["answer", "answer", "lose_answer", "hang_up", "hang_up", "lose_request", "fail"]
)
SOME_TIME = st.sampled_from([0.3, 1.5, 5.0, 25.0, 61.0, 90.0])


class Protocol(RuleBasedStateMachine):
    """The protocol as it is."""

    timing: ClassVar[Timing] = PRODUCTION
    settle: ClassVar[timedelta] = PRODUCTION.settle
    reconciler: ClassVar[type[Reconciler]] = Reconciler

    def __init__(self) -> None:
        super().__init__()
        self.world = World(timing=self.timing, settle=self.settle, reconciler=self.reconciler)
        self.workers = [Worker(self.world, "w0"), Worker(self.world, "w1")]

    @initialize(due=st.sampled_from([0.0, 20.0]), is_patient=st.sampled_from([True, True, False]))
    def a_post_is_scheduled(self, due: float, *, is_patient: bool) -> None:
        """A patient one goes out however late it is, so that much time may pass on its way."""
        self.world.row.due = due
        self.world.row.facts = replace(self.world.row.facts, lateness_allowed=is_patient)

    @rule(who=WORKERS)
    def a_worker_takes_what_is_due(self, who: int) -> None:
        self.workers[who].claim()

    @rule(who=WORKERS)
    def a_worker_prepares(self, who: int) -> None:
        """Let it go on without trouble up to the publish call, or up to its end."""
        self._undisturbed(who, until=("publish",))

    @rule(who=WORKERS)
    def a_worker_goes_on_to_its_intent(self, who: int) -> None:
        """Stop it between the committed intent and the call."""
        worker = self.workers[who]
        for _ in range(12):
            if self.world.row.facts.state == "publishing" or not worker.gates:
                return
            worker.proceed("answer")

    @rule(who=WORKERS, wish=WISHES)
    def an_outside_call_ends(self, who: int, wish: str) -> None:
        self.workers[who].proceed(wish)

    @rule(who=WORKERS)
    def a_worker_dies_and_another_starts(self, who: int) -> None:
        self.workers[who].crash()
        self.workers[who] = Worker(self.world, f"w{len(self.world.workers)}")

    @rule(seconds=SOME_TIME, lands=st.booleans())
    def time_passes(self, seconds: float, *, lands: bool) -> None:
        self.world.pass_time(seconds, lands=lands)

    @rule()
    def a_request_does_its_work(self) -> None:
        for request in self.world.requests:
            self.world.make_public(request)

    @rule()
    def the_lease_is_ended_early(self) -> None:
        if self.world.row.lease_until is not None:
            self.world.row.lease_until = self.world.now - 0.001

    @invariant()
    def nothing_is_doubled_early_or_told_falsely(self) -> None:
        world = self.world
        assert len(world.public) <= 1, "doubled"
        assert not world.early, "early"
        if world.row.facts.state == "published":
            assert world.public, "a false success"
        if world.row.facts.state == "failed":
            assert not world.public, "a false failure"
        assert world.row.notices.count("published") <= 1, "told twice"

    def teardown(self) -> None:
        try:
            self._come_to_rest()
            self.nothing_is_doubled_early_or_told_falsely()
            state = self.world.row.facts.state
            assert state in {"published", "unconfirmed", "failed", "late"}, f"lost: {state}"
            if state == "published":
                assert self.world.public
            assert self.world.row.notices[-1:] == [state], "not told"
            for worker in self.world.workers:
                assert worker.publisher.unexpected_errors == 0, "an error nobody foresaw"
        finally:
            self.world.close()

    def _come_to_rest(self) -> None:
        """Whoever was frozen wakes up; then one worker does the rest without trouble."""
        for who in (0, 1):
            self._undisturbed(who)
        for _ in range(40):
            if self.world.row.facts.state not in WAITING_STATES:
                break
            self.world.pass_time(61.0, lands=True)
            self.workers[0].claim()
            self._undisturbed(0)
        self.world.pass_time(200.0, lands=True)

    def _undisturbed(self, who: int, *, until: tuple[str, ...] = ()) -> None:
        worker = self.workers[who]
        for _ in range(60):
            if not worker.gates or worker.gates[0].kind in until:
                return
            worker.proceed("answer")


class NewContainerEachTry(Reconciler):
    """A lost answer taken for a failure: everything from the start."""

    async def look(self, job: Job, platform: Platform, outgoing: Outgoing) -> bool:
        await self._outcomes.commit(
            job,
            replace(job.facts, state="preparing"),
            next_in=0,
            intent="clear",
            keeps=True,
            drops_handles=True,
        )
        return True


class NewContainer(Protocol):
    reconciler = NewContainerEachTry


class NoSettle(Protocol):
    settle = timedelta(0)
    timing = replace(PRODUCTION, second_look=timedelta(0))


class NoSendDeadline(Protocol):
    timing = replace(PRODUCTION, send_deadline=timedelta(hours=9))


LONG_RUNS, LONG_SECONDS, CHUNK = 8000, 420.0, 250


def search(examples: int, steps: int = 50, *, is_seeded: bool = False) -> settings:
    """Return how to search: always the same way, or as the machine's own seed says."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=not is_seeded,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )


def test_the_protocol_neither_doubles_nor_loses_nor_lies() -> None:
    run_state_machine_as_test(Protocol, settings=search(250))


@pytest.mark.faults
@pytest.mark.timeout(3600)
def test_the_protocol_holds_in_a_long_search() -> None:
    """8,000 runs of 80 steps, a seed for every 250; on a slow machine as many as fit its time."""
    began, runs = time.monotonic(), 0
    while runs < LONG_RUNS and time.monotonic() - began < LONG_SECONDS:
        machine = seed(runs)(type("Protocol", (Protocol,), {}))
        run_state_machine_as_test(machine, settings=search(CHUNK, 80, is_seeded=True))
        runs += CHUNK

    print(f"{runs} runs of 80 steps in {time.monotonic() - began:.0f} s")  # noqa: T201 - the figure
    assert runs >= CHUNK


@pytest.mark.parametrize("weakened", [NewContainer, NoSettle, NoSendDeadline])
def test_a_weakened_protocol_is_found_out(weakened: type[Protocol]) -> None:
    with pytest.raises(AssertionError, match="doubled"):
        run_state_machine_as_test(weakened, settings=search(2000))
