"""What nobody knew of is looked at again later; only evidence takes the question back."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from models.account import Account
from models.outbox import Outbox
from models.post import Handle, Post, Target
from platforms.contract import Credentials, Outgoing, Published, Ready, Receipt, Waiting
from platforms.contract import Handle as PlatformHandle
from platforms.errors import HandleLost, NeedsReconnect, Trouble, TryAgainLater
from scheduling.hindsight import LOOKS_AFTER, Hindsight
from tests.support.engine_world import World

SECOND = timedelta(seconds=1)


def hindsight(world: World) -> Hindsight:
    return world.engine().hindsight


async def asked_about(world: World) -> Post:
    """A post that is published as the platform's faults will have it, until a person is asked."""
    engine, post = world.engine(), await world.scheduled()
    for _ in range(60):
        await world.pass_time(engine, timedelta(minutes=1))
        if await world.state(post) == "unconfirmed":
            return post
    raise AssertionError("its outcome became known")


async def unconfirmed(world: World) -> Post:
    """A post whose answer was lost, on a platform that could not be asked for half an hour."""
    world.platform.faults = ["lands_later"]
    world.platform.check_faults = [TryAgainLater(Trouble.PLATFORM_DOWN) for _ in range(30)]
    post = await asked_about(world)
    world.platform.check_faults.clear()
    await Outbox.all().delete()
    return post


async def until_look(world: World, post: Post, number: int) -> None:
    """Let time pass until that look is due."""
    asked_at = (await world.target(post)).updated_at
    world.clock.pass_time(asked_at + LOOKS_AFTER[number - 1] - world.clock.now() + SECOND)


async def test_what_appears_after_the_question_was_put_takes_the_question_back(
    world: World,
) -> None:
    post = await unconfirmed(world)
    world.platform.land()
    assert await hindsight(world).look() == 0, "whoever gave up looked a moment ago"
    await until_look(world, post, 1)

    found = await hindsight(world).look()

    target = await world.target(post)
    assert found == 1
    assert (target.state, target.platform_media_id) == ("published", "m1")
    assert target.published_at == target.intent_at
    told = await Outbox.filter(subject_id=post.id).order_by("id")
    assert [(one.event, one.purpose) for one in told] == [
        ("changed", "card"),
        ("published", "notice"),
    ]
    assert world.platform.calls["publish"] == 1
    assert await hindsight(world).look() == 0


async def test_what_never_appears_is_looked_at_six_times_and_stays_a_question(
    world: World,
) -> None:
    post = await unconfirmed(world)
    before = world.platform.calls["check"]

    for number in range(1, len(LOOKS_AFTER) + 1):
        await until_look(world, post, number)
        await hindsight(world).look()
        await hindsight(world).look()
    world.clock.pass_time(timedelta(days=30))
    await hindsight(world).look()

    assert world.platform.calls["check"] - before == len(LOOKS_AFTER)
    assert await world.state(post) == "unconfirmed"
    assert world.platform.calls["publish"] == 1
    assert await Outbox.filter(subject_id=post.id).count() == 0


async def test_an_account_that_could_not_be_asked_is_asked_once_it_is_connected_again(
    world: World,
) -> None:
    world.platform.faults = ["drop_after"]
    world.platform.check_faults = [NeedsReconnect(Trouble.LOGIN_EXPIRED, code="190")]
    post = await asked_about(world)
    await until_look(world, post, 2)
    assert await hindsight(world).look() == 0
    await Account.filter(id=world.account.id).update(state="active")

    assert await hindsight(world).look() == 1
    assert await world.state(post) == "published"
    assert world.platform.calls["publish"] == 1


async def test_a_look_that_fails_costs_only_itself(world: World) -> None:
    post = await unconfirmed(world)
    world.platform.land()
    world.platform.check_faults = [TryAgainLater(Trouble.PLATFORM_DOWN)]
    await until_look(world, post, 1)
    assert await hindsight(world).look() == 0
    await until_look(world, post, 2)

    assert await hindsight(world).look() == 1


async def test_what_a_person_decided_meanwhile_stands(world: World) -> None:
    post = await unconfirmed(world)
    world.platform.land()
    await until_look(world, post, 1)
    seen = world.platform.check

    async def check_while_somebody_presses(
        who: Credentials, handles: Sequence[PlatformHandle]
    ) -> Waiting | Ready | Published:
        await world.planner.drop(await Post.get(id=post.id), by=None, now=world.clock.now())
        return await seen(who, handles)

    world.platform.check = check_while_somebody_presses  # type: ignore[method-assign]

    assert await hindsight(world).look() == 0
    assert await world.state(post) == "cancelled"


async def lapsed_with_an_entry(world: World, *, after: timedelta) -> Post:
    """Leave nothing to go by but an entry with the same words, *after* the call, in the list."""
    post = await unconfirmed(world)
    target = await world.target(post)
    listed_at = target.intent_at + after

    async def lapsed(who: Credentials, handles: Sequence[PlatformHandle]) -> Ready:
        raise HandleLost(Trouble.HANDLE_EXPIRED, code="status/EXPIRED")

    async def find(who: Credentials, outgoing: Outgoing, *, since: datetime) -> Receipt | None:
        return Receipt("m9", "https://fake.example/p/9", listed_at)

    world.platform.check = lapsed  # type: ignore[method-assign]
    world.platform.find_published = find  # type: ignore[method-assign]
    await until_look(world, post, len(LOOKS_AFTER))
    return post


async def test_a_lapsed_handle_leaves_the_accounts_own_list_to_tell(world: World) -> None:
    post = await lapsed_with_an_entry(world, after=timedelta(minutes=2))

    await hindsight(world).look()

    target = await world.target(post)
    assert (target.state, target.permalink) == ("published", "https://fake.example/p/9")


async def test_the_same_words_much_later_are_somebody_elses_and_prove_nothing(
    world: World,
) -> None:
    post = await lapsed_with_an_entry(world, after=timedelta(hours=3))

    await hindsight(world).look()

    assert await world.state(post) == "unconfirmed"


async def test_a_post_without_words_is_never_told_by_its_time_alone(world: World) -> None:
    post = await lapsed_with_an_entry(world, after=timedelta(minutes=2))
    await Post.filter(id=post.id).update(caption="")

    await hindsight(world).look()

    assert await world.state(post) == "unconfirmed"


async def test_a_handle_once_seen_published_is_enough(world: World) -> None:
    post = await unconfirmed(world)
    await Handle.filter(target__post_id=post.id).update(ever_published=True)
    await until_look(world, post, 1)

    await hindsight(world).look()

    assert await world.state(post) == "published"


async def test_it_looks_from_the_first_call_on_whose_answer_was_lost(world: World) -> None:
    world.platform.faults = ["drop_before", "drop_before"]
    began = world.clock.now()
    post = await asked_about(world)
    asked: list[datetime] = []

    async def find(who: Credentials, outgoing: Outgoing, *, since: datetime) -> Receipt | None:
        asked.append(since)
        return None

    world.platform.find_published = find  # type: ignore[method-assign]
    target = await Target.get(post_id=post.id)
    await until_look(world, post, 1)

    await hindsight(world).look()

    assert target.intent_at > began + timedelta(minutes=1)
    assert asked[0] < began + timedelta(seconds=30)
