"""While a platform is down its posts wait, use up no tries, and one notice tells about it."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.cards.incident import incident_card, places_of_incident
from models.incident import Incident, IncidentPost
from models.outbox import Outbox
from models.post import Post
from platforms.errors import (
    HandleLost,
    OutcomeUnknown,
    PlatformError,
    Rejected,
    Trouble,
    TryAgainLater,
)
from scheduling.breaker import PROBE_EVERY, Breaker, is_no_answer
from scheduling.engine import Engine
from scheduling.outages import Outages
from tests.support.engine_world import World

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DOWN = TryAgainLater(Trouble.PLATFORM_DOWN, code="503")


# ── the breaker ──────────────────────────────────────────────────────────────────────────────


def opened(at: datetime = NOW) -> Breaker:
    breaker = Breaker()
    for _ in range(5):
        breaker.failed(at)
    return breaker


def test_it_opens_after_five_failures_in_a_row_within_a_minute() -> None:
    breaker = Breaker()

    outcomes = [breaker.failed(NOW + 14 * SECOND * index) for index in range(5)]

    assert outcomes == [False, False, False, False, True]
    assert breaker.wait(NOW + 60 * SECOND) > timedelta(0)


def test_slow_failures_and_failures_between_answers_do_not_open_it() -> None:
    slow, mixed = Breaker(), Breaker()
    for index in range(8):
        slow.failed(NOW + 20 * SECOND * index)
        mixed.failed(NOW)
        if index % 3 == 2:
            mixed.answered()

    assert not slow.is_open
    assert not mixed.is_open


def test_while_open_one_call_goes_every_thirty_seconds() -> None:
    breaker = opened()

    waits = [bool(breaker.wait(NOW + SECOND * second)) for second in range(95)]

    assert [second for second, waited in enumerate(waits) if not waited] == [30, 60, 90]


def test_a_probe_that_is_answered_closes_it() -> None:
    breaker = opened()
    assert breaker.wait(NOW + PROBE_EVERY) == timedelta(0)

    assert breaker.answered()

    assert breaker.wait(NOW + PROBE_EVERY) == timedelta(0)


@pytest.mark.parametrize(
    ("err", "counts"),
    [
        (DOWN, True),
        (TimeoutError(), True),
        (OutcomeUnknown(Trouble.UNCLEAR, code="no_answer"), True),
        (OutcomeUnknown(Trouble.UNCLEAR, code="no_id"), False),
        (TryAgainLater(Trouble.RATE_LIMITED, is_window=True), False),
        (TryAgainLater(Trouble.PLATFORM_DOWN, is_window=True), False),
        (HandleLost(Trouble.HANDLE_EXPIRED), False),
        (Rejected(Trouble.CONTENT_REFUSED), False),
        (None, False),
    ],
)
def test_only_a_platform_that_is_not_there_counts(err: PlatformError | None, counts: bool) -> None:
    assert is_no_answer(err) is counts


# ── the engine ───────────────────────────────────────────────────────────────────────────────


async def break_down(world: World, engine: Engine) -> list[Post]:
    """Have five calls unanswered at once; those posts come again and find the breaker open."""
    world.platform.prepare_faults = [DOWN] * 5
    posts = [await world.scheduled() for _ in range(5)]
    await world.turn(engine)
    return posts


async def test_posts_wait_for_the_platform_without_using_up_tries(world: World) -> None:
    engine = world.engine()
    await break_down(world, engine)
    post = await world.scheduled()
    before = world.platform.calls["prepare"]

    await world.turn(engine)

    target = await world.target(post)
    assert world.platform.calls["prepare"] == before
    assert (target.state, target.attempt) == ("scheduled", 0)
    assert target.last_error["trouble"] == "platform_down"


async def test_an_hour_of_outage_loses_nothing_and_all_go_out_afterwards(world: World) -> None:
    engine = world.engine()
    await break_down(world, engine)
    late = [await world.scheduled() for _ in range(3)]
    world.platform.prepare_faults = [DOWN] * 60
    await world.pass_time(engine, timedelta(minutes=20))
    assert {(await world.target(post)).attempt for post in late} == {0}
    assert len(world.platform.public) == 0

    world.platform.prepare_faults = []
    await world.pass_time(engine, timedelta(minutes=15))

    assert {await world.state(post) for post in late} == {"published"}
    assert len(world.platform.public) == 8


async def test_one_incident_for_all_processes_told_when_it_opens_and_when_it_is_over(
    world: World,
) -> None:
    one, two = world.engine("w1"), world.engine("w2")
    await break_down(world, one)
    post = await world.scheduled()
    await world.turn(one)
    world.platform.prepare_faults = [DOWN] * 5
    for _ in range(5):
        await world.scheduled()
    await world.turn(two)
    incident = await Incident.get()
    assert incident.closed_at is None
    assert await IncidentPost.filter(incident=incident, post=post).exists()
    assert await places_of_incident(incident.id) == [world.place.id]
    card = await incident_card(incident.id, world.place, "en")
    assert card is not None
    assert "does not answer since" in card.fallback_text

    world.platform.prepare_faults = []
    await world.pass_time(one, timedelta(minutes=12))
    await Outages(world.clock).follow()

    incident = await Incident.get()
    assert incident.closed_at is not None
    assert incident.settled_at is not None
    card = await incident_card(incident.id, world.place, "en")
    assert card is not None
    assert "is back since" in card.fallback_text
    assert "went out" in card.fallback_text
    assert await Outbox.filter(subject_kind="incident", subject_id=incident.id).exists()


async def test_an_outage_that_nobody_touches_any_more_is_closed(world: World) -> None:
    outages = Outages(world.clock)
    for _ in range(5):
        await outages.saw("fake", DOWN)
    await outages.follow()
    assert (await Incident.get()).closed_at is None
    world.clock.pass_time(timedelta(minutes=6))

    await Outages(world.clock).follow()

    assert (await Incident.get()).closed_at is not None


async def test_a_fresh_process_closes_what_a_dead_one_left_open(world: World) -> None:
    outages = Outages(world.clock)
    for _ in range(5):
        await outages.saw("fake", DOWN)

    await Outages(world.clock).saw("fake", None)

    assert (await Incident.get()).closed_at is not None
