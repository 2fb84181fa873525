"""Definite failures: again, anew, later, hold, or never — and always told."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from models.account import Account
from models.outbox import Outbox
from models.post import Attempt, Media, Post, Target
from platforms.contract import (
    Complaint,
    ComplaintCode,
    Credentials,
    Handle,
    Made,
    Outgoing,
    Ready,
    Waiting,
)
from platforms.errors import HandleLost, NeedsReconnect, Rejected, Trouble, TryAgainLater
from tests.support.engine_world import World

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


async def test_a_refused_call_is_tried_three_times_more_and_then_failed_with_its_reason(
    world: World,
) -> None:
    world.platform.faults = ["refuse"] * 9
    engine = world.engine()
    post = await world.scheduled()

    await world.pass_time(engine, HOUR)

    target = await world.target(post)
    assert target.state == "failed"
    assert target.attempt == 4
    assert world.platform.calls["publish"] == 4
    assert target.last_error["trouble"] == "platform_down"
    assert target.last_error_code == "503"
    assert await world.notices(post) == ["failed"]


async def test_a_refused_call_that_works_the_next_time_is_published_once(world: World) -> None:
    world.platform.faults = ["refuse", "refuse"]
    engine = world.engine()
    post = await world.scheduled()

    await world.pass_time(engine, HOUR)

    target = await world.target(post)
    assert target.state == "published"
    assert len(world.platform.public) == 1
    assert await world.notices(post) == ["published"]
    tried = [outcome for step, outcome in await world.attempts(post) if step == "publish"]
    assert tried == ["failed", "failed", "done"]


async def test_a_failed_attempt_keeps_the_platforms_code_and_words(world: World) -> None:
    world.platform.faults = ["refuse"]
    post = await world.scheduled()

    await world.turn(world.engine())

    target = await world.target(post)
    attempt = await Attempt.get(target_id=target.id, step="publish")
    assert attempt.error_code == "503"
    assert attempt.error["trouble"] == "platform_down"
    assert attempt.duration_ms is not None


async def test_hiccups_before_the_slot_cost_no_try(world: World) -> None:
    world.platform.prepare_faults = [TryAgainLater(Trouble.PLATFORM_DOWN) for _ in range(7)]
    engine = world.engine()
    post = await world.scheduled(timedelta(minutes=55))

    await world.pass_time(engine, HOUR)

    target = await world.target(post)
    assert target.state == "published"
    assert target.attempt == 0


async def test_refused_content_is_told_before_the_slot(world: World) -> None:
    world.platform.prepare_faults = [Rejected(Trouble.RATIO_REFUSED, code="2207009")]
    post = await world.scheduled(timedelta(minutes=20))

    await world.turn(world.engine())

    target = await world.target(post)
    assert target.state == "failed"
    assert target.last_error["trouble"] == "ratio_refused"
    assert await world.notices(post) == ["failed"]


async def test_what_the_rules_refuse_is_never_sent(world: World) -> None:
    world.platform.complaints = [Complaint(ComplaintCode.CAPTION_TOO_LONG, params={"over": 1})]
    post = await world.scheduled(timedelta(minutes=20))

    await world.turn(world.engine())

    target = await world.target(post)
    assert target.state == "failed"
    assert target.last_error["trouble"] == "caption_too_long"
    assert world.platform.calls["make"] == 0


async def test_a_limit_moves_the_post_to_the_platforms_own_time_and_costs_no_try(
    world: World,
) -> None:
    world.platform.faults = ["window"]
    engine = world.engine()
    post = await world.scheduled()

    await world.turn(engine)
    deferred = await world.target(post)
    await world.pass_time(engine, timedelta(minutes=6))
    calls_before = world.platform.calls["publish"]
    await world.pass_time(engine, timedelta(minutes=2))

    assert deferred.state == "deferred"
    assert deferred.attempt == 0
    assert calls_before == 1
    assert await world.state(post) == "published"


async def test_a_full_quota_is_waited_for(world: World) -> None:
    world.platform.used = world.platform.total
    engine = world.engine()
    post = await world.scheduled()

    await world.turn(engine)
    deferred = await world.target(post)
    world.platform.used = 3
    engine = world.engine()
    await world.pass_time(engine, timedelta(minutes=20))

    assert deferred.state == "deferred"
    assert deferred.last_error["trouble"] == "quota_reached"
    assert await world.state(post) == "published"


async def test_a_limited_account_delays_no_other(world: World) -> None:
    other = await world.connected("other")
    world.platform.faults = ["window"]
    engine = world.engine()
    limited = await world.scheduled()
    await world.turn(engine)

    post = await world.scheduled(account=other)
    await world.turn(engine)

    assert await world.state(limited) == "deferred"
    assert await world.state(post) == "published"


async def test_a_lost_handle_is_made_anew_twice_and_not_for_ever(world: World) -> None:
    world.platform.faults = ["lost"] * 9
    engine = world.engine()
    post = await world.scheduled()

    await world.pass_time(engine, HOUR)

    assert await world.state(post) == "failed"
    assert world.platform.calls["make"] == 3
    assert not world.platform.public


async def test_a_handle_lost_while_preparing_is_made_anew(world: World) -> None:
    engine = world.engine()
    post = await world.scheduled(timedelta(minutes=20))
    world.platform.digests = 1
    await world.turn(engine)
    world.platform.prepare_faults = [HandleLost(Trouble.HANDLE_EXPIRED)]

    await world.pass_time(engine, timedelta(minutes=21))

    assert await world.state(post) == "published"
    assert world.platform.calls["make"] == 2


def away(world: World, trouble: Trouble, *, until: timedelta) -> None:
    """Let nothing come of what the platform is handed for that long."""
    back_at, works = world.clock.now() + until, world.platform.prepare

    async def prepare(
        who: Credentials, outgoing: Outgoing, handles: Sequence[Handle]
    ) -> Made | Waiting | Ready:
        if handles and world.clock.now() < back_at:
            raise HandleLost(trouble, code="status/ERROR")
        return await works(who, outgoing, handles)

    world.platform.prepare = prepare  # type: ignore[method-assign]


@pytest.mark.parametrize("minutes", [20, 45])
async def test_media_that_could_not_be_fetched_long_before_the_slot_cost_the_post_nothing(
    world: World, minutes: int
) -> None:
    away(world, Trouble.MEDIA_UNFETCHABLE, until=timedelta(minutes=minutes))
    post = await world.scheduled(timedelta(minutes=55))

    await world.pass_time(world.engine(), HOUR)

    target = await world.target(post)
    assert (target.state, target.attempt) == ("published", 0)
    assert len(await world.handles(post)) == 1
    assert await world.notices(post) == ["published"]


async def test_media_that_cannot_be_fetched_for_five_minutes_at_the_slot_are_outlasted(
    world: World,
) -> None:
    away(world, Trouble.MEDIA_UNFETCHABLE, until=timedelta(seconds=299))
    post = await world.scheduled()

    await world.pass_time(world.engine(), HOUR)

    assert await world.state(post) == "published"
    assert len(world.platform.public) == 1


async def test_media_that_nobody_can_ever_fetch_fail_with_their_reason_after_four_tries(
    world: World,
) -> None:
    away(world, Trouble.MEDIA_UNFETCHABLE, until=2 * HOUR)
    post = await world.scheduled()

    await world.pass_time(world.engine(), HOUR)

    target = await world.target(post)
    assert (target.state, target.attempt) == ("failed", 4)
    assert target.last_error["trouble"] == "media_unfetchable"
    assert world.platform.calls["publish"] == 0
    assert await world.notices(post) == ["failed"]


async def test_what_could_not_be_digested_is_given_time_before_it_is_made_anew(
    world: World,
) -> None:
    away(world, Trouble.MEDIA_PROCESSING, until=timedelta(seconds=59))
    post = await world.scheduled(timedelta(minutes=20))

    await world.pass_time(world.engine(), timedelta(minutes=21))

    assert await world.state(post) == "published"
    assert world.platform.calls["make"] <= 3


async def test_a_dead_token_is_refreshed_once_before_anybody_is_bothered(world: World) -> None:
    world.platform.faults = ["auth"]
    post = await world.scheduled()

    await world.turn(world.engine())

    account = await Account.get(id=world.account.id)
    assert await world.state(post) == "published"
    assert world.platform.calls["refresh"] == 1
    assert account.token_version == 1
    assert await world.account_notices() == []


async def test_a_dead_login_holds_all_posts_of_the_account_with_one_notice(world: World) -> None:
    world.platform.faults = ["auth"] * 9
    world.platform.refresh_faults = [NeedsReconnect(Trouble.LOGIN_EXPIRED, code="190")] * 9
    engine = world.engine()
    posts = [await world.scheduled() for _ in range(3)]
    ahead = await world.scheduled(timedelta(days=2))

    await world.pass_time(engine, HOUR)

    states = [await world.state(post) for post in [*posts, ahead]]
    account = await Account.get(id=world.account.id)
    assert states == ["blocked"] * 4
    assert account.state == "needs_reconnect"
    assert account.trouble == "login_expired"
    assert await world.account_notices() == ["needs_reconnect"]
    assert world.platform.calls["publish"] == 1
    notices = await Outbox.filter(subject_kind="post", purpose="notice").count()
    assert notices == 0


async def test_a_restricted_account_is_held_and_not_refreshed(world: World) -> None:
    world.platform.faults = ["restricted"]
    post = await world.scheduled()

    await world.turn(world.engine())

    account = await Account.get(id=world.account.id)
    assert account.state == "held"
    assert await world.state(post) == "blocked"
    assert world.platform.calls["refresh"] == 0


async def test_posts_for_an_account_that_is_held_already_wait_without_another_notice(
    world: World,
) -> None:
    await Account.filter(id=world.account.id).update(
        state="needs_reconnect", trouble="login_expired"
    )
    post = await world.scheduled()

    await world.turn(world.engine())

    assert await world.state(post) == "blocked"
    assert await world.account_notices() == []
    assert world.platform.calls["prepare"] == 0


async def test_a_surprise_while_preparing_is_a_hiccup(world: World) -> None:
    world.platform.prepare_faults = [ValueError("nobody foresaw this")]
    engine = world.engine()
    post = await world.scheduled()

    await world.pass_time(engine, HOUR)

    assert await world.state(post) == "published"
    assert len(world.platform.public) == 1


async def test_a_post_waits_for_media_that_are_still_on_their_way(world: World) -> None:
    engine = world.engine()
    post = await world.scheduled(media_state="pending")
    await world.pass_time(engine, 30 * SECOND)
    before = world.platform.calls["prepare"]

    await Media.filter(post_id=post.id).update(state="stored")
    await world.pass_time(engine, 30 * SECOND)

    assert before == 0
    assert await world.state(post) == "published"


async def test_media_that_never_come_make_the_post_late_and_not_silent(world: World) -> None:
    engine = world.engine()
    post = await world.scheduled(media_state="pending")

    await world.pass_time(engine, timedelta(minutes=6))

    assert await world.state(post) == "late"
    assert await world.notices(post) == ["late"]


@pytest.mark.parametrize("state", ["refused", "gone"])
async def test_media_that_cannot_be_had_fail_the_post(world: World, state: str) -> None:
    post = await world.scheduled(media_state=state)

    await world.turn(world.engine())

    assert await world.state(post) == "failed"
    assert await world.notices(post) == ["failed"]


async def test_a_post_missed_by_more_than_the_grace_is_asked_about_and_never_sent(
    world: World,
) -> None:
    engine = world.engine()
    post = await world.scheduled(timedelta(minutes=1))
    world.clock.pass_time(timedelta(minutes=6, seconds=5))

    await world.turn(engine)

    assert await world.state(post) == "late"
    assert await world.notices(post) == ["late"]
    assert not world.platform.public


async def test_a_post_missed_by_less_than_the_grace_is_published(world: World) -> None:
    engine = world.engine()
    post = await world.scheduled(timedelta(minutes=1))
    world.clock.pass_time(timedelta(minutes=5, seconds=50))

    await world.turn(engine)

    target = await world.target(post)
    assert target.state == "published"
    assert target.published_at - target.due_at > timedelta(minutes=4)


async def test_retries_that_were_told_do_not_make_a_post_late(world: World) -> None:
    world.platform.faults = ["refuse", "window", "refuse"]
    engine = world.engine()
    post = await world.scheduled()

    await world.pass_time(engine, HOUR)

    assert await world.state(post) == "published"


async def test_a_retry_that_was_missed_by_more_than_the_grace_is_asked_about(
    world: World,
) -> None:
    world.platform.faults = ["window"]
    engine = world.engine()
    post = await world.scheduled()
    await world.turn(engine)

    world.clock.pass_time(timedelta(minutes=30))
    await world.turn(engine)

    assert await world.state(post) == "late"
    assert not world.platform.public


async def test_secrets_reach_no_column_of_the_engine(world: World) -> None:
    world.platform.faults = ["refuse", "auth", "drop_before"]
    engine = world.engine()
    await world.scheduled()

    await world.pass_time(engine, HOUR)

    rows = [*await Target.all().values(), *await Attempt.all().values()]
    rows += [*await Outbox.all().values(), *await Post.all().values()]
    assert "token-of-fake" not in repr(rows)
