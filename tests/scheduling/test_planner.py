from datetime import UTC, datetime, timedelta

import pytest
from tortoise.transactions import in_transaction

from models.account import Account
from models.outbox import Audit, Outbox
from models.post import Handle, Post, Target
from scheduling import holding
from scheduling.errors import AccountNotReady, AlreadyGoingOut, PlanningError, UndoIsOver
from scheduling.planner import Slot
from tests.support.engine_world import World

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def do(world: World, what: str, post: Post, *args) -> None:
    """Do one thing to a post as a flow does: in a transaction that holds its row."""
    async with in_transaction():
        locked = await Post.select_for_update().get(id=post.id)
        await getattr(world.planner, what)(locked, *args, by=world.member, now=world.clock.now())


async def test_booking_makes_one_target_per_account_and_commits_the_post(world: World) -> None:
    other = await world.connected("other")
    post = await world.draft()

    await do(world, "book", post, [world.account, other], world.slot(DAY))

    booked = await Post.get(id=post.id)
    targets = await Target.filter(post_id=post.id)
    assert booked.stage == "committed"
    assert booked.rev == post.rev + 1
    assert {target.account_id for target in targets} == {world.account.id, other.id}
    assert {target.state for target in targets} == {"scheduled"}
    assert {target.due_at for target in targets} == {booked.due_at}


async def test_what_is_planned_is_told_in_the_same_transaction(world: World) -> None:
    post = await world.draft()

    async def book_and_fail() -> None:
        async with in_transaction():
            await world.planner.book(
                post, [world.account], world.slot(DAY), by=world.member, now=world.clock.now()
            )
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await book_and_fail()
    told_after_rollback = await Outbox.all().count()
    fresh = await Post.get(id=post.id)
    await do(world, "book", fresh, [world.account], world.slot(DAY))

    assert told_after_rollback == 0
    assert await Target.all().count() == 1
    assert [row.event for row in await Outbox.filter(subject_id=post.id)] == ["changed"]


async def test_a_slot_keeps_wall_clock_and_zone(world: World) -> None:
    post = await world.draft()
    slot = Slot(datetime(2026, 12, 24, 17, 0, tzinfo=UTC), "2026-12-24T18:00:00", "Europe/Berlin")

    await do(world, "book", post, [world.account], slot)

    target = await world.target(post)
    assert (target.due_at, target.wall_time, target.zone) == (
        slot.due_at,
        slot.wall_time,
        slot.zone,
    )


def test_a_slot_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Slot(datetime(2026, 12, 24, 17, 0), "", "UTC")  # noqa: DTZ001 - that is the point


async def test_a_committed_post_is_not_booked_twice(world: World) -> None:
    post = await world.scheduled(DAY)

    with pytest.raises(PlanningError):
        await do(world, "book", post, [world.account], world.slot(DAY))

    assert await Target.all().count() == 1


@pytest.mark.parametrize("state", ["unconfirmed", "disconnected"])
async def test_nothing_is_promised_for_an_account_that_cannot_publish(
    world: World, state: str
) -> None:
    await Account.filter(id=world.account.id).update(state=state)
    account = await Account.get(id=world.account.id)
    post = await world.draft()

    with pytest.raises(AccountNotReady):
        await do(world, "book", post, [account], world.slot(DAY))


async def test_a_moved_post_goes_out_at_its_new_time_only(world: World) -> None:
    engine = world.engine()
    post = await world.scheduled(timedelta(minutes=20))
    await world.turn(engine)

    await do(world, "move", post, world.slot(timedelta(hours=4)))
    await world.pass_time(engine, timedelta(hours=3))
    early = list(world.platform.public)
    await world.pass_time(engine, timedelta(hours=2))

    assert not early
    assert await world.state(post) == "published"
    assert len(world.platform.public) == 1


async def test_what_was_prepared_is_kept_where_it_outlives_the_new_slot(world: World) -> None:
    engine = world.engine()
    near, far = await world.scheduled(timedelta(minutes=20)), await world.scheduled(HOUR)
    await world.pass_time(engine, timedelta(minutes=31))

    await do(world, "move", far, world.slot(timedelta(hours=2)))
    kept = await world.handles(far)
    await do(world, "move", far, world.slot(timedelta(hours=23, minutes=30)))

    assert await world.state(near) == "published"
    assert kept
    assert await world.handles(far) == []


async def test_moving_takes_a_post_out_of_the_hands_that_prepare_it(world: World) -> None:
    engine = world.engine()
    post = await world.scheduled(timedelta(minutes=20))
    job = await world.take(engine, post)

    await do(world, "move", post, world.slot(DAY))
    engine.publisher._begin([job])
    await engine.publisher.idle()

    target = await world.target(post)
    assert target.state == "scheduled"
    assert target.epoch > job.epoch
    assert world.platform.calls["make"] == 0


async def test_a_cancelled_post_never_goes_out(world: World) -> None:
    engine = world.engine()
    post = await world.scheduled(timedelta(minutes=20))
    await world.turn(engine)

    await do(world, "cancel", post)
    await world.pass_time(engine, HOUR)

    assert await world.state(post) == "cancelled"
    assert not world.platform.public


async def test_undo_brings_a_scheduled_post_back_within_ten_minutes(world: World) -> None:
    engine = world.engine()
    post = await world.scheduled(HOUR)
    await do(world, "cancel", post)
    world.clock.pass_time(timedelta(minutes=9))

    await do(world, "undo", post)
    await world.pass_time(engine, HOUR)

    assert (await Post.get(id=post.id)).stage == "committed"
    assert await world.state(post) == "published"
    assert len(world.platform.public) == 1


async def test_undo_is_over_after_ten_minutes(world: World) -> None:
    post = await world.scheduled(HOUR)
    await do(world, "cancel", post)
    world.clock.pass_time(timedelta(minutes=10, seconds=1))

    with pytest.raises(UndoIsOver):
        await do(world, "undo", post)

    assert (await Post.get(id=post.id)).stage == "cancelled"


async def test_undo_of_a_cancelled_draft_leads_back_to_the_draft(world: World) -> None:
    post = await world.draft()
    await do(world, "cancel", post)

    await do(world, "undo", post)

    assert (await Post.get(id=post.id)).stage == "draft"
    assert await Target.all().count() == 0


async def test_undo_does_not_bring_back_an_account_that_was_left_before(world: World) -> None:
    other = await world.connected("other")
    post = await world.scheduled(HOUR)
    await do(world, "change_account", post, other)
    world.clock.pass_time(timedelta(seconds=1))
    await do(world, "cancel", post)

    await do(world, "undo", post)

    states = {one.account_id: one.state for one in await Target.filter(post_id=post.id)}
    assert states == {world.account.id: "cancelled", other.id: "scheduled"}


@pytest.mark.parametrize(
    "what",
    [
        ("cancel",),
        ("content_changed",),
        ("publish_now",),
        ("retry",),
        ("drop",),
        ("back_to_draft",),
    ],
)
@pytest.mark.parametrize("state", ["publishing", "published"])
async def test_what_is_going_out_cannot_be_called_back(world: World, what, state: str) -> None:
    post = await world.scheduled()
    target = await world.target(post)
    for step in ("preparing", "ready", "publishing", "published"):
        target.state = step
        await target.save()
        if step == state:
            break

    with pytest.raises(AlreadyGoingOut) as raised:
        await do(world, what[0], post)

    assert raised.value.is_published == (state == "published")
    assert await world.state(post) == state


async def test_a_changed_caption_is_the_one_that_goes_out(world: World) -> None:
    engine = world.engine()
    post = await world.scheduled(timedelta(minutes=20), caption="before")
    await world.turn(engine)
    assert await world.state(post) == "ready"
    await Post.filter(id=post.id).update(caption="after")

    await do(world, "content_changed", post)
    await world.pass_time(engine, timedelta(minutes=21))

    assert [one.caption for one in world.platform.public] == ["after"]


async def test_publish_now_goes_out_at_once_and_counts_from_now(world: World) -> None:
    engine = world.engine()
    post = await world.scheduled(DAY)

    await do(world, "publish_now", post)
    await world.turn(engine)

    target = await world.target(post)
    assert target.state == "published"
    assert target.published_at - target.due_at < timedelta(minutes=1)
    assert len(world.platform.public) == 1


async def test_publish_now_of_a_missed_post_is_not_late_again(world: World) -> None:
    engine = world.engine()
    post = await world.scheduled()
    world.clock.pass_time(timedelta(minutes=6))
    await world.turn(engine)
    missed = await world.state(post)

    await do(world, "publish_now", post)
    world.clock.pass_time(timedelta(minutes=6))
    await world.turn(engine)

    assert missed == "late"
    assert await world.state(post) == "published"


async def test_publish_now_waits_for_an_account_that_needs_a_person(world: World) -> None:
    post = await world.scheduled(DAY)
    await Account.filter(id=world.account.id).update(state="needs_reconnect")

    with pytest.raises(AccountNotReady):
        await do(world, "publish_now", post)


async def test_retry_begins_a_failed_post_anew(world: World) -> None:
    world.platform.faults = ["reject"]
    engine = world.engine()
    post = await world.scheduled()
    await world.turn(engine)
    failed = await world.state(post)

    await do(world, "retry", post)
    world.clock.pass_time(timedelta(minutes=6))
    await world.turn(engine)

    target = await world.target(post)
    assert failed == "failed"
    assert target.state == "published"
    assert target.attempt == 0
    assert len(world.platform.public) == 1


async def test_retry_of_a_held_account_goes_on_with_it(world: World) -> None:
    world.platform.faults = ["restricted"]
    engine = world.engine()
    post, other = await world.scheduled(), await world.scheduled(DAY)
    await world.turn(engine)

    await do(world, "retry", post)
    await world.turn(engine)

    assert await world.state(post) == "published"
    assert await world.state(other) == "scheduled"
    assert (await Account.get(id=world.account.id)).state == "active"


async def test_a_dropped_post_is_closed(world: World) -> None:
    world.platform.faults = ["reject"]
    post = await world.scheduled()
    await world.turn(world.engine())

    await do(world, "drop", post)

    closed = await Post.get(id=post.id)
    assert closed.stage == "cancelled"
    assert await world.state(post) == "cancelled"
    assert closed.undo_until is not None


async def unclear_post(world: World) -> Post:
    world.platform.faults = ["drop_before", "drop_before"]
    post = await world.scheduled()
    await world.pass_time(world.engine(), HOUR)
    assert await world.state(post) == "unconfirmed"
    return post


async def test_an_unclear_post_left_alone_is_closed_for_good(world: World) -> None:
    post = await unclear_post(world)

    await do(world, "drop", post)

    closed = await Post.get(id=post.id)
    assert closed.stage == "cancelled"
    assert closed.notes["outcome"] == "unknown"
    with pytest.raises(UndoIsOver):
        await do(world, "undo", post)


async def test_a_persons_word_makes_an_unclear_post_published(world: World) -> None:
    post = await unclear_post(world)

    await do(world, "confirm_live", post)

    target = await world.target(post)
    assert target.state == "published"
    assert target.published_at is not None


async def test_an_unclear_post_is_published_again_only_when_a_person_says_so(
    world: World,
) -> None:
    post = await unclear_post(world)
    calls_before = world.platform.calls["publish"]
    engine = world.engine()
    await world.pass_time(engine, DAY)

    await do(world, "post_again", post)
    await world.turn(engine)

    assert calls_before == 2
    assert await world.state(post) == "published"
    assert world.platform.calls["publish"] == 3
    assert len(world.platform.public) == 1


async def test_a_post_that_went_back_to_the_draft_is_booked_again(world: World) -> None:
    engine = world.engine()
    post = await world.scheduled(timedelta(minutes=20))
    await world.turn(engine)

    await do(world, "back_to_draft", post)
    drafted = await world.state(post), (await Post.get(id=post.id)).stage
    await do(world, "book", post, [world.account], world.slot(timedelta(minutes=30)))
    await world.pass_time(engine, HOUR)

    assert drafted == ("draft", "draft")
    assert await world.state(post) == "published"
    assert len(world.platform.public) == 1


async def test_another_account_gets_the_post_instead(world: World) -> None:
    other = await world.connected("other")
    engine = world.engine()
    post = await world.scheduled(timedelta(minutes=20))
    await world.turn(engine)

    await do(world, "change_account", post, other)
    await world.pass_time(engine, HOUR)

    states = {one.account_id: one.state for one in await Target.filter(post_id=post.id)}
    assert states == {world.account.id: "cancelled", other.id: "published"}
    assert len(world.platform.public) == 1


# Accounts


async def held_posts(world: World) -> dict[str, Post]:
    posts = {
        "pressed": await world.scheduled(HOUR),
        "missed": await world.scheduled(HOUR),
        "ahead": await world.scheduled(2 * DAY),
    }
    async with in_transaction():
        await world.planner.hold_account(
            world.account.id, trouble="login_expired", who="owner", now=world.clock.now()
        )
    world.clock.pass_time(2 * HOUR)
    return posts


async def test_after_reconnecting_what_lies_ahead_goes_on_and_what_was_missed_asks(
    world: World,
) -> None:
    posts = await held_posts(world)
    held = {name: await world.state(post) for name, post in posts.items()}

    async with in_transaction():
        await world.planner.resume_account(
            world.account.id, pressed_post_id=posts["pressed"].id, now=world.clock.now()
        )
    await world.turn(world.engine())

    states = {name: await world.state(post) for name, post in posts.items()}
    assert set(held.values()) == {"blocked"}
    assert states == {"pressed": "published", "missed": "late", "ahead": "scheduled"}
    assert await world.notices(posts["missed"]) == ["late"]
    assert (await Account.get(id=world.account.id)).state == "active"


async def test_b24_a_pressed_post_keeps_its_time_so_that_it_can_say_how_late_it_is(
    world: World,
) -> None:
    posts = await held_posts(world)

    async with in_transaction():
        await world.planner.resume_account(
            world.account.id, pressed_post_id=posts["pressed"].id, now=world.clock.now()
        )
    await world.turn(world.engine())

    target = await Target.get(post_id=posts["pressed"].id)
    assert (target.state, target.due_at) == ("published", posts["pressed"].due_at)
    assert target.published_at is not None
    assert target.published_at - target.due_at >= HOUR


async def test_b24_a_held_posts_card_is_drawn_anew_once_when_its_time_comes(
    world: World,
) -> None:
    await held_posts(world)

    counts = [await holding.tell_passed(world.clock.now()) for _ in range(2)]
    world.clock.pass_time(2 * DAY)
    counts.append(await holding.tell_passed(world.clock.now()))

    assert counts == [2, 0, 1]
    assert await Target.filter(state="blocked").count() == 3


async def test_a_pressed_post_whose_time_is_ahead_keeps_its_time(world: World) -> None:
    posts = await held_posts(world)

    async with in_transaction():
        await world.planner.resume_account(
            world.account.id, pressed_post_id=posts["ahead"].id, now=world.clock.now()
        )
    await world.turn(world.engine())

    target = await Target.get(post_id=posts["ahead"].id)
    assert (target.state, target.due_at) == ("scheduled", posts["ahead"].due_at)
    assert world.platform.public == []


async def test_one_trouble_of_an_account_is_told_once(world: World) -> None:
    await held_posts(world)

    async with in_transaction():
        again = await world.planner.hold_account(
            world.account.id, trouble="login_expired", who="owner", now=world.clock.now()
        )

    assert not again
    assert await world.account_notices() == ["needs_reconnect"]


async def test_disconnecting_forgets_the_token_and_holds_the_posts(world: World) -> None:
    posts = [await world.scheduled(DAY) for _ in range(2)]

    async with in_transaction():
        touched = await world.planner.disconnect_account(
            world.account.id, reason="by_person", by=world.member, now=world.clock.now()
        )

    account = await Account.get(id=world.account.id)
    assert touched == 2
    assert account.state == "disconnected"
    assert account.sealed_token == ""
    assert [await world.state(post) for post in posts] == ["blocked"] * 2
    assert await Audit.filter(action="account.disconnected").count() == 1


async def test_every_change_makes_old_buttons_old(world: World) -> None:
    post = await world.draft()
    revisions = [(await Post.get(id=post.id)).rev]

    for what, *args in (
        ("book", [world.account], world.slot(DAY)),
        ("move", world.slot(2 * DAY)),
        ("content_changed",),
        ("cancel",),
        ("undo",),
        ("publish_now",),
    ):
        await do(world, what, post, *args)
        revisions.append((await Post.get(id=post.id)).rev)

    assert revisions == list(range(revisions[0], revisions[0] + 7))


async def test_handles_of_a_changed_post_are_dropped_not_forgotten(world: World) -> None:
    engine = world.engine()
    post = await world.scheduled(timedelta(minutes=20))
    await world.turn(engine)

    await do(world, "content_changed", post)

    [handle] = await Handle.all()
    assert handle.dropped_at is not None
