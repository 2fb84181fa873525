import json
from datetime import timedelta

import pytest

from models.account import Account
from models.database import db
from models.outbox import Delivery, Outbox
from models.post import Post, Target
from tests.web_oauth.conftest import Answer, World


def said(answer: Answer) -> dict:
    return json.loads(answer.text)


async def ready(world: World) -> tuple[int, dict]:
    answer = await world.browser().get("/health/ready")
    return answer.status, said(answer)["checks"]


async def due(world: World, *, ago: timedelta, **more: object) -> Target:
    asker = await world.person()
    await world.connect(asker)
    await Outbox.all().delete()
    now = world.clock.now()
    post = await Post.create(
        team=asker.team, author=asker.member, place=asker.place, number=1,
        created_at=now, updated_at=now,
    )  # fmt: skip
    return await Target.create(
        **{"post": post, "account": await Account.get(), "state": "scheduled",
           "due_at": now - ago, "next_attempt_at": now - ago,
           "created_at": now, "updated_at": now} | more
    )  # fmt: skip


async def test_live_asks_nobody(world: World) -> None:
    answer = await world.browser().get("/health/live")

    assert (answer.status, said(answer)) == (200, {"live": True})


async def test_ready_when_everything_holds(world: World) -> None:
    status, checks = await ready(world)

    assert status == 200
    assert set(checks) == {"database", "schema", "clock", "targets", "deliveries", "inbox"}
    assert all(check["ok"] for check in checks.values())


async def test_k33_media_not_reached_from_here_are_a_hint_and_no_fault(world: World) -> None:
    world.flags.add("unseen")

    status, checks = await ready(world)

    assert status == 200
    assert checks["media_links"]["ok"]
    assert "PUBLIC_URL does not lead to our media from here (NeverLeft)" in str(
        checks["media_links"]["hint"]
    )


async def test_ready_in_a_demo_whose_clock_is_moved(world: World) -> None:
    world.clock.pass_time(timedelta(days=3))

    assert (await ready(world))[0] == 200


async def test_bad_090_a_clock_off_by_more_than_30_s_is_red(world: World, monkeypatch) -> None:
    real = world.clock.now
    monkeypatch.setattr(world.clock, "now", lambda: real() + timedelta(seconds=31))

    status, checks = await ready(world)

    assert status == 503
    assert not checks["clock"]["ok"]
    assert 30 < checks["clock"]["seconds"] < 33
    assert checks["clock"]["hint"]


async def test_bad_090_a_schema_older_than_the_code_is_red(world: World) -> None:
    await db().execute_query("UPDATE tortoise_migrations SET name = 'x' || name")
    try:
        status, checks = await ready(world)
    finally:
        await db().execute_query("UPDATE tortoise_migrations SET name = substr(name, 2)")

    assert status == 503
    assert "postcue migrate" in checks["schema"]["hint"]
    assert (await ready(world))[0] == 200


async def test_a_newer_schema_is_fine(world: World) -> None:
    await db().execute_query(
        "INSERT INTO tortoise_migrations (app, name, applied_at)"
        " VALUES ('models', '9999_new', now())"
    )
    try:
        assert (await ready(world))[0] == 200
    finally:
        await db().execute_query("DELETE FROM tortoise_migrations WHERE name = '9999_new'")


@pytest.mark.parametrize(
    ("ago", "more", "is_ready"),
    [
        (timedelta(seconds=59), {}, True),
        (timedelta(seconds=61), {}, False),
        (timedelta(hours=1), {"state": "published"}, True),
        (timedelta(hours=1), {"state": "late"}, True),
        (timedelta(hours=-1), {}, True),
    ],
)
async def test_a_due_post_that_nobody_takes_for_a_minute_is_red(
    world: World, ago, more, is_ready
) -> None:
    await due(world, ago=ago, **more)

    status, checks = await ready(world)

    assert checks["targets"]["ok"] is is_ready
    assert status == (200 if is_ready else 503)


async def test_a_post_that_is_being_worked_on_is_not_overdue(world: World) -> None:
    target = await due(
        world, ago=timedelta(minutes=5), lease_until=world.clock.now() + timedelta(seconds=30)
    )
    assert (await ready(world))[0] == 200

    target.lease_until = world.clock.now() - timedelta(seconds=10)
    await target.save()

    status, checks = await ready(world)
    assert status == 200  # its lease lapsed a moment ago: it may yet be taken over
    assert 9 < checks["targets"]["seconds"] < 15


async def test_a_message_that_waits_for_a_minute_is_red(world: World) -> None:
    asker, now = await world.person(), world.clock.now()
    row = await Outbox.create(
        subject_kind="place", subject_id=asker.place.id, event="say", created_at=now,
        fanned_out_at=now,
    )  # fmt: skip
    waiting = await Delivery.create(
        outbox=row, place=asker.place, created_at=now, next_attempt_at=now
    )
    world.clock.pass_time(timedelta(seconds=61))

    status, checks = await ready(world)
    assert status == 503
    assert checks["deliveries"]["seconds"] > 60

    waiting.state = "sent"
    await waiting.save()
    assert (await ready(world))[0] == 200


async def test_an_outbox_row_that_nobody_reads_is_red(world: World) -> None:
    asker = await world.person()
    await Outbox.create(
        subject_kind="place", subject_id=asker.place.id, event="say", created_at=world.clock.now()
    )
    world.clock.pass_time(timedelta(seconds=61))

    assert (await ready(world))[0] == 503


async def test_a_process_that_is_being_stopped_is_red_and_still_live(world: World) -> None:
    world.flags.add("stopping")

    assert (await ready(world))[0] == 503
    assert (await world.browser().get("/health/live")).status == 200


async def test_an_unreachable_database_is_red_and_not_an_error(world: World, monkeypatch) -> None:
    def away() -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("web_oauth.health.db", away)

    status, checks = await ready(world)

    assert status == 503
    assert checks == {
        "database": {"ok": False, "seconds": None, "hint": "the database does not answer"}
    }


async def test_metrics_are_for_the_inside_only(world: World) -> None:
    browser = world.browser()
    await browser.get("/connect/" + "s" * 43)

    inside = await browser.get("/metrics")
    outside = await browser.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})

    assert inside.status == 200
    assert 'route="/connect/{token}",status="404"' in inside.text
    assert "s" * 43 not in inside.text
    assert outside.status == 404


async def test_metrics_tell_what_waits_and_for_how_long(world: World) -> None:
    await due(world, ago=timedelta(seconds=90))
    now = world.clock.now()
    await Outbox.create(
        subject_kind="place", subject_id=(await Account.get()).id, event="say", purpose="say",
        created_at=now - timedelta(seconds=20),
    )  # fmt: skip

    text = (await world.browser().get("/metrics")).text

    figures = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert 90 <= float(figures["postcue_oldest_due_unclaimed_seconds"]) < 120
    assert 20 <= float(figures["postcue_oldest_unsent_notice_seconds"]) < 50
    assert float(figures['postcue_queue_depth{queue="targets"}']) == 1
    assert float(figures['postcue_queue_depth{queue="outbox"}']) == 1
