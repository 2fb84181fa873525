import json

import pytest

from models.account import Account, DeletionRequest
from models.outbox import Audit, Outbox
from models.post import Post, Target
from tests.web_oauth.conftest import Asker, World
from web_oauth.meta_callbacks import finish_open_deletions

SIGNED = b"signed-by-instagram=app-id-brand"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def target(world: World, asker: Asker, state: str, **more: object) -> Target:
    now, account = world.clock.now(), await world.account()
    post = await Post.create(
        team=asker.team, author=asker.member, place=asker.place, created_at=now, updated_at=now,
        number=1 + await Post.all().count(), caption="Autumn menu", source_text="Autumn menu",
    )  # fmt: skip
    return await Target.create(
        post=post, account=account, state=state, due_at=now, next_attempt_at=now,
        created_at=now, updated_at=now, **more,
    )  # fmt: skip


@pytest.fixture
async def dana(world: World) -> Asker:
    asker = await world.person()
    await world.connect(asker)
    await Account.all().update(state="active")
    await Outbox.all().delete()
    return asker


async def test_s15_deauthorizing_takes_the_token_and_holds_the_posts(
    world: World, dana: Asker
) -> None:
    waiting = [
        await target(world, dana, state, lease_owner="w1", lease_until=world.clock.now(), epoch=4)
        for state in ("scheduled", "preparing", "waiting_media", "ready")
    ]
    waiting.append(await target(world, dana, "deferred", resume_state="preparing"))
    others = [
        await target(world, dana, state)
        for state in ("publishing", "published", "failed", "cancelled", "late", "unconfirmed")
    ]

    answer = await world.browser().post("/meta/deauthorize", data=SIGNED, headers=FORM)

    assert answer.status == 200
    account = await world.account()
    assert (account.state, account.sealed_token) == ("disconnected", "")
    assert account.trouble == "access_removed"
    assert account.token_version == 2
    for one in waiting:
        await one.refresh_from_db()
        assert one.state == "blocked"
        assert (one.lease_owner, one.lease_until) == (None, None)
        assert one.last_error == {"trouble": "access_removed", "code": ""}
    assert waiting[0].epoch == 5  # whoever works on it is fenced out
    for one in others:
        before = one.state
        await one.refresh_from_db()
        assert one.state == before
    (row,) = await world.told("account", "disconnected")
    assert row.payload == {"reason": "deauthorized"}
    assert row.purpose == "notice"
    redrawn = {row.subject_id for row in await world.told("post", "changed")}
    assert redrawn == {one.post_id for one in waiting}
    assert await Audit.filter(action="account.deauthorized", subject_id=account.id).exists()


async def test_s15_what_may_be_live_already_is_left_to_be_found_out(
    world: World, dana: Asker
) -> None:
    unclear = await target(world, dana, "deferred", resume_state="publishing")

    await world.browser().post("/meta/deauthorize", data=SIGNED, headers=FORM)

    await unclear.refresh_from_db()
    assert unclear.state == "deferred"


async def test_s15_deauthorizing_twice_tells_once(world: World, dana: Asker) -> None:
    browser = world.browser()

    answers = [await browser.post("/meta/deauthorize", data=SIGNED) for _ in range(3)]

    assert {answer.status for answer in answers} == {200}
    assert len(await world.told("account", "disconnected")) == 1


async def test_s15_a_stranger_who_leaves_touches_nobody(world: World, dana: Asker) -> None:
    answer = await world.browser().post(
        "/meta/deauthorize", data=b"signed-by-instagram=somebody-else"
    )

    assert answer.status == 200
    assert (await world.account()).state == "active"


async def test_s15_another_platforms_callback_touches_its_own_accounts_only(
    world: World, dana: Asker
) -> None:
    answer = await world.browser().post(
        "/meta/deauthorize", data=b"signed-by-threads=app-id-brand"
    )

    assert answer.status == 200
    assert (await world.account()).state == "active"


@pytest.mark.parametrize("path", ["/meta/deauthorize", "/meta/deletion"])
@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"signed_request=a.b", 400), (b"signed-by-other=app-id-brand", 400),
     (b"signed-by-instagram=", 400), (b"\xff\x00", 400), (b"x" * 70_000, 413)],
)  # fmt: skip
async def test_bad_081_a_forged_callback_is_refused_and_changes_nothing(
    world: World, dana: Asker, path, body, status
) -> None:
    answer = await world.browser().post(path, data=body, headers=FORM)

    assert answer.status == status
    assert b"Traceback" not in answer.body
    assert (await world.account()).state == "active"
    assert not await DeletionRequest.all().count()


async def test_s15_a_deletion_forgets_the_person_and_keeps_the_teams_words(
    world: World, dana: Asker
) -> None:
    done = await target(
        world, dana, "published", platform_media_id="179", permalink="https://ig.example/p/1"
    )
    waiting = await target(world, dana, "scheduled")
    account_id = (await world.account()).id

    answer = await world.browser().post("/meta/deletion", data=SIGNED, headers=FORM)

    assert answer.status == 200
    told = json.loads(answer.text)
    assert told["url"] == f"{world.public_url}/meta/deletion/{told['confirmation_code']}"
    account = await Account.get(id=account_id)
    assert account.state == "disconnected"
    everything = str((await Account.filter(id=account_id).values())[0])
    for forgotten in ("id-brand", "app-id-brand", "brand", "BUSINESS", "v1.k1"):
        assert forgotten not in everything
    await done.refresh_from_db()
    await waiting.refresh_from_db()
    assert (done.platform_media_id, done.permalink) == ("", "")
    assert waiting.state == "blocked"
    assert {post.caption for post in await Post.all()} == {"Autumn menu"}
    request = await DeletionRequest.get()
    assert request.done_at is not None
    assert request.app_user_id == ""
    (row,) = await world.told("account", "disconnected")
    assert row.payload == {"reason": "deleted"}

    page = await world.browser().get(told["url"])
    assert page.status == 200
    assert "Your data is deleted" in page.text
    assert told["confirmation_code"] in page.text
    assert "Instagram" in page.text


@pytest.mark.parametrize("code", ["nope", "a" * 22, "<script>", "..", "%00"])
async def test_s15_an_unknown_code_is_a_friendly_404(world: World, code) -> None:
    page = await world.browser().get(f"/meta/deletion/{code}")

    assert page.status == 404
    assert "<script>" not in page.text


async def test_f13_what_a_crash_left_of_a_deletion_is_finished_later(
    world: World, dana: Asker
) -> None:
    await DeletionRequest.create(
        platform="instagram", confirmation_code="c" * 22, app_user_id="app-id-brand",
        requested_at=world.clock.now(),
    )  # fmt: skip
    page = await world.browser().get(f"/meta/deletion/{'c' * 22}")
    assert "being deleted" in page.text

    assert await finish_open_deletions(now=world.clock.now()) == 1
    assert await finish_open_deletions(now=world.clock.now()) == 0

    assert (await Account.get()).username == "deleted"
    page = await world.browser().get(f"/meta/deletion/{'c' * 22}")
    assert "Your data is deleted" in page.text


async def test_a_deleted_account_can_be_connected_anew(world: World, dana: Asker) -> None:
    await world.browser().post("/meta/deletion", data=SIGNED, headers=FORM)

    page = await world.connect(dana)

    assert "@brand connected" in page.text
    assert await Account.all().count() == 2
