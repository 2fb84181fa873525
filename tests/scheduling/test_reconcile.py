"""What happens when the answer to the publish call is lost."""

from datetime import timedelta

import pytest

from models.account import Account
from models.post import Handle, Target
from platforms.contract import Receipt
from platforms.errors import NeedsReconnect, Trouble, TryAgainLater
from tests.support.engine_world import QUICK, World

SECOND = timedelta(seconds=1)
LONG = timedelta(minutes=10)


@pytest.mark.parametrize("fault", ["drop_after", "bug_after", "slow_after"])
async def test_a_post_that_went_out_while_its_answer_was_lost_is_found_at_once(
    world: World, fault: str
) -> None:
    world.platform.faults = [fault]
    post = await world.scheduled()

    await world.turn(world.engine())

    target = await world.target(post)
    assert target.state == "published"
    assert target.platform_media_id == "m1"
    assert world.platform.calls["publish"] == 1
    assert await world.notices(post) == ["published"]


@pytest.mark.parametrize("fault", ["drop_before", "bug", "slow_before"])
async def test_a_lost_call_is_repeated_only_after_it_settled_and_with_the_same_handle(
    world: World, fault: str
) -> None:
    world.platform.faults = [fault]
    engine = world.engine()
    post = await world.scheduled()

    await world.pass_time(engine, QUICK.settle + 50 * SECOND)
    calls_before = world.platform.calls["publish"]
    await world.pass_time(engine, 20 * SECOND)

    assert calls_before == 1
    assert await world.state(post) == "published"
    assert world.platform.calls_per_container == {"c1": 2}
    assert len(world.platform.public) == 1


async def test_a_call_that_lands_late_is_seen_and_not_repeated(world: World) -> None:
    world.platform.faults = ["lands_later"]
    engine = world.engine()
    post = await world.scheduled()

    await world.pass_time(engine, 60 * SECOND)
    world.platform.land()
    await world.pass_time(engine, LONG)

    assert await world.state(post) == "published"
    assert world.platform.calls["publish"] == 1
    assert len(world.platform.public) == 1


async def test_there_is_at_most_one_second_call_and_then_a_person_decides(world: World) -> None:
    world.platform.faults = ["drop_before", "drop_before", "drop_before"]
    engine = world.engine()
    post = await world.scheduled()

    await world.pass_time(engine, timedelta(hours=1))

    assert await world.state(post) == "unconfirmed"
    assert world.platform.calls["publish"] == 2
    assert await world.notices(post) == ["unconfirmed"]


async def test_a_platform_that_cannot_be_asked_leaves_the_outcome_open_and_says_so(
    world: World,
) -> None:
    world.platform.faults = ["drop_after"]
    world.platform.check_faults = [TryAgainLater(Trouble.PLATFORM_DOWN) for _ in range(30)]
    engine = world.engine()
    post = await world.scheduled()

    await world.pass_time(engine, timedelta(hours=2))

    assert await world.state(post) == "unconfirmed"
    assert world.platform.calls["publish"] == 1
    assert await world.notices(post) == ["unconfirmed"]


async def test_a_failed_look_is_repeated_until_the_platform_answers(world: World) -> None:
    world.platform.faults = ["drop_after"]
    world.platform.check_faults = [TryAgainLater(Trouble.PLATFORM_DOWN) for _ in range(3)]
    engine = world.engine()
    post = await world.scheduled()

    await world.pass_time(engine, timedelta(hours=1))

    assert await world.state(post) == "published"
    assert world.platform.calls["publish"] == 1


async def test_a_handle_that_lapsed_unpublished_is_made_anew_after_looking_at_the_list(
    world: World,
) -> None:
    world.platform.faults = ["drop_before"]
    engine = world.engine()
    post = await world.scheduled()
    await world.turn(engine)
    world.platform.containers["c1"].status = "EXPIRED"

    await world.pass_time(engine, LONG)

    assert await world.state(post) == "published"
    assert world.platform.calls["find"] >= 1
    assert world.platform.calls_per_container == {"c1": 1, "c2": 1}
    assert len(world.platform.public) == 1


async def test_a_handle_that_lapsed_after_it_was_published_is_found_in_the_list(
    world: World,
) -> None:
    world.platform.faults = ["lands_later"]
    engine = world.engine()
    post = await world.scheduled()
    await world.turn(engine)
    world.platform.land()
    world.platform.containers["c1"].status = "EXPIRED"

    await world.pass_time(engine, LONG)

    assert await world.state(post) == "published"
    assert len(world.platform.public) == 1


async def test_once_seen_published_stays_published(world: World) -> None:
    world.platform.faults = ["drop_before"]
    engine = world.engine()
    post = await world.scheduled()
    await world.turn(engine)
    target = await world.target(post)
    await Handle.filter(target_id=target.id).update(ever_published=True)

    await world.pass_time(engine, LONG)

    assert await world.state(post) == "published"
    assert world.platform.calls["publish"] == 1


async def test_without_a_token_to_ask_with_the_outcome_stays_open(world: World) -> None:
    world.platform.faults = ["drop_after"]
    world.platform.check_faults = [NeedsReconnect(Trouble.LOGIN_EXPIRED, code="190")]
    engine = world.engine()
    post = await world.scheduled()

    await world.pass_time(engine, LONG)

    account = await Account.get(id=world.account.id)
    assert await world.state(post) == "unconfirmed"
    assert account.state == "needs_reconnect"
    assert await world.notices(post) == ["unconfirmed"]
    assert await world.account_notices() == ["needs_reconnect"]


async def test_what_was_prepared_and_is_public_already_is_recorded_and_not_sent_again(
    world: World,
) -> None:
    engine = world.engine()
    post = await world.scheduled(timedelta(minutes=20))
    await world.turn(engine)
    world.platform.make_public("c1")
    await Target.filter(post_id=post.id).update(state="preparing")

    await world.pass_time(engine, timedelta(minutes=21))

    target = await world.target(post)
    assert target.state == "published"
    assert world.platform.calls["publish"] == 0
    assert target.platform_media_id == Receipt("m1").media_id
