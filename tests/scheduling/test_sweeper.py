from datetime import timedelta

from models.account import Account, ConnectState
from models.inbox import Inbox
from models.outbox import Delivery, Outbox, tell
from models.post import Attempt, Target
from scheduling.prune import prune
from tests.support.engine_world import World

DAY = timedelta(days=1)


async def test_a_waiting_target_without_a_next_moment_is_found(world: World) -> None:
    post = await world.scheduled()
    await Target.filter(post_id=post.id).update(next_attempt_at=None)
    engine = world.engine()
    await world.turn(engine)
    forgotten = await world.state(post)

    found = await engine.sweeper.mend_forgotten()
    await world.turn(engine)

    assert (forgotten, found) == ("scheduled", 1)
    assert await world.state(post) == "published"


async def test_posts_of_an_account_that_works_again_go_on_even_if_nobody_said_so(
    world: World,
) -> None:
    world.platform.faults = ["restricted"]
    engine = world.engine()
    await world.scheduled()
    ahead = await world.scheduled(DAY)
    await world.turn(engine)
    await Account.filter(id=world.account.id).update(state="active", updated_at=world.clock.now())

    at_once = await engine.sweeper.resume_forgotten()
    world.clock.pass_time(timedelta(seconds=61))
    later = await engine.sweeper.resume_forgotten()

    assert (at_once, later) == (0, 1)
    assert await world.state(ahead) == "scheduled"


async def test_attempts_are_kept_for_ninety_days(world: World) -> None:
    await world.scheduled()
    await world.turn(world.engine())
    count = await Attempt.all().count()

    await prune(world.clock.now() + 89 * DAY)
    kept = await Attempt.all().count()
    gone = await prune(world.clock.now() + 91 * DAY)

    assert kept == count > 0
    assert gone["attempt"] == count


async def test_what_was_not_said_yet_is_never_thrown_away(world: World) -> None:
    now = world.clock.now()
    await tell("post", world.team.id, "changed", now=now)
    await tell("post", world.team.id, "published", now=now)
    waiting, said = await Outbox.all().order_by("id")
    await Outbox.all().update(fanned_out_at=now)
    for outbox, state in ((waiting, "waiting"), (said, "sent")):
        await Delivery.create(
            outbox=outbox, place=world.place, state=state, next_attempt_at=now, created_at=now
        )

    await prune(now + 30 * DAY)

    assert [one.id for one in await Outbox.all()] == [waiting.id]


async def test_handled_events_go_and_waiting_ones_stay(world: World) -> None:
    now = world.clock.now()
    for number, state in enumerate(("done", "ignored", "waiting", "parked")):
        await Inbox.create(
            source="fake:1",
            external_id=str(number),
            conversation="c",
            body=b"",
            state=state,
            received_at=now,
            ready_at=now,
            handled_at=None if state == "waiting" else now,
        )

    await prune(now + 30 * DAY)

    assert {one.state for one in await Inbox.all()} == {"waiting", "parked"}


async def test_used_up_connect_links_go(world: World) -> None:
    now = world.clock.now()
    await ConnectState.create(
        platform="fake",
        link_hash="0" * 64,
        team=world.team,
        member=world.member,
        place=world.place,
        created_at=now,
        expires_at=now,
    )

    await prune(now + DAY)
    kept = await ConnectState.all().count()
    await prune(now + 8 * DAY)

    assert kept == 1
    assert await ConnectState.all().count() == 0
