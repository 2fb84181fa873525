"""Every misfortune of the pretend Instagram does what its name says, as often as asked."""

import asyncio

import aiohttp
import pytest
from aiohttp import web

from sandbox.serving import serving
from tests.sandbox.conftest import CAFE, CAFE_ID, Stage


async def _ready(stage: Stage) -> str:
    return await stage.client.made(image_url=stage.house.photo(), caption="x")


async def test_a_lost_answer_did_publish(stage: Stage) -> None:
    container = await _ready(stage)
    stage.box.fault("drop_after", "publish")

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await stage.client.publish(container)

    assert [post.container_id for post in stage.box.published] == [container]
    assert await stage.client.status(container) == "PUBLISHED"


async def test_a_connection_dropped_before_the_work_published_nothing(stage: Stage) -> None:
    container = await _ready(stage)
    stage.box.fault("drop_before", "publish")

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await stage.client.publish(container)

    assert stage.box.published == []
    assert stage.box.containers[0].publish_calls == 0
    assert (await stage.client.publish(container)).status == 200


@pytest.mark.parametrize(("action", "posts"), [("error", 0), ("error_after", 1)])
async def test_a_500_comes_before_or_after_the_work(stage: Stage, action: str, posts: int) -> None:
    container = await _ready(stage)
    stage.box.fault(action, "publish", status=500, code=1)

    answer = await stage.client.publish(container)

    assert (answer.status, answer.code) == (500, (1, None))
    assert len(stage.box.published) == posts


async def test_half_an_answer_is_no_json(stage: Stage) -> None:
    container = await _ready(stage)
    stage.box.fault("truncate", "publish")

    with pytest.raises(ValueError, match=r"line 1 column"):
        await stage.client.publish(container)

    assert len(stage.box.published) == 1


async def test_a_page_instead_of_json_has_status_200(stage: Stage) -> None:
    stage.box.fault("html", "me")

    with pytest.raises(aiohttp.ContentTypeError):
        await stage.client.ask("GET", "me")


@pytest.mark.parametrize(("action", "posts"), [("hang_before", 0), ("hang_after", 1)])
async def test_a_silence_ends_only_with_the_callers_patience(
    stage: Stage, action: str, posts: int
) -> None:
    container = await _ready(stage)
    stage.box.fault(action, "publish")

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await stage.client.publish(container)

    assert len(stage.box.published) == posts


async def test_a_delay_answers_all_the_same(stage: Stage) -> None:
    stage.box.fault("delay", "me", seconds=0.01)

    assert (await stage.client.ask("GET", "me")).status == 200


async def test_a_fault_narrows_by_account_route_and_count(stage: Stage) -> None:
    stage.box.fault("error", "me", account=CAFE, times=2, skip=1, code=4)

    mine = [(await stage.client.ask("GET", "me")).status for _ in range(4)]
    stage.box.fault("error", "me", account=CAFE)
    stage.client.token = stage.box.issue_token("mira.on.wheels").value
    other = await stage.client.ask("GET", "me")

    assert mine == [200, 403, 403, 200]
    assert other.status == 200


async def test_a_fault_that_is_used_up_is_told_of(stage: Stage) -> None:
    stage.box.fault("drop_before", "publish", times=1)
    container = await _ready(stage)

    with stage.box.bell.listening() as told, pytest.raises(aiohttp.ServerDisconnectedError):
        await stage.client.publish(container)

    assert "faults" in [told.get_nowait() for _ in range(told.qsize())]


async def test_down_lasts_until_it_comes_back(stage: Stage) -> None:
    stage.box.go_down()
    down = [(await stage.client.ask("GET", "me")).status for _ in range(3)]

    stage.box.come_back()

    assert down == [503, 503, 503]
    assert (await stage.client.ask("GET", "me")).status == 200
    assert stage.box.faults.waiting() == []


async def test_rejected_media_is_a_refusal_for_photos_and_a_status_for_films(
    stage: Stage,
) -> None:
    stage.box.fault("reject_media", times=2)

    photo = await stage.client.create(image_url=stage.house.photo())
    await stage.client.made(media_type="REELS", video_url=stage.house.film())
    await stage.box.bell.until(lambda: stage.box.containers[0].work != "fetching")
    after = await stage.client.create(image_url=stage.house.photo())

    assert photo.code == (36003, 2207009)
    assert stage.box.containers[0].error == (352, 2207026)
    assert after.status == 200


@pytest.mark.parametrize("subcode", [458, 460, 463])
async def test_a_killed_token_says_why(stage: Stage, subcode: int) -> None:
    stage.box.kill_tokens(CAFE, subcode)

    assert (await stage.client.ask("GET", "me")).code == (190, subcode)


async def test_the_control_side_does_it_over_http(stage: Stage) -> None:
    control = stage.client.control
    added = await control("POST", "faults", {"action": "error", "route": "me", "times": None})
    during = await stage.client.ask("GET", "me")
    cleared = await control("DELETE", f"faults?id={added.json['id']}")
    settings = await control("POST", "settings", {"quota_total": 3, "processing_seconds": 2})
    down = await control("POST", "down", {"down": True})
    up = await control("POST", "down", {"down": False})
    killed = await control("POST", f"accounts/{CAFE}/kill-tokens")

    assert (added.status, during.status, cleared.json) == (201, 503, {"cleared": 1})
    assert (settings.json["quota_total"], settings.json["processing_seconds"]) == (3, 2.0)
    assert (down.json, up.json) == ({"down": True}, {"down": False})
    assert killed.json == {"killed": 1}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"action": "sulk"}),
        ("faults", {"action": "error", "route": "elsewhere"}),
        ("faults", {"action": "error", "mood": 1}),
        ("settings", {"moods": 1}),
        ("settings", {"quota_total": "many"}),
    ],
)
async def test_the_control_side_refuses_what_it_does_not_know(
    stage: Stage, path: str, body: dict
) -> None:
    assert (await stage.client.control("POST", path, body)).status == 400


async def test_likes_and_deletions_show_in_the_state(stage: Stage) -> None:
    container = await _ready(stage)
    media = (await stage.client.publish(container)).json["id"]

    liked = await stage.client.control("POST", f"posts/{media}/like")
    before = await stage.client.control("GET", "state")
    await stage.client.control("POST", f"posts/{media}/delete")
    after = await stage.client.control("GET", "state")

    assert (liked.json["likes"], liked.json["is_liked"]) == (1, True)
    assert [post["id"] for post in before.json["posts"]] == [media]
    assert after.json["posts"] == []
    assert (await stage.client.control("GET", "published")).json[0]["publish_calls"] == 1


@pytest.mark.parametrize(("what", "is_alive"), [("deauthorize", False), ("deletion", True)])
async def test_meta_calls_back_with_a_signed_request(
    stage: Stage, what: str, is_alive: bool
) -> None:
    heard: list[str] = []

    async def hear(request: web.Request) -> web.Response:
        heard.append(str((await request.post())["signed_request"]))
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_post("/heard", hear)
    async with serving(app) as base:
        answer = await stage.client.control(
            "POST", f"accounts/{CAFE}/{what}", {"url": f"{base}/heard"}
        )

    assert answer.json == {"status": 200, "body": "ok"}
    assert heard == [stage.box.signed_request(CAFE)]
    assert ((await stage.client.ask("GET", "me")).status == 200) is is_alive


async def test_the_journal_holds_names_and_no_token(stage: Stage) -> None:
    await stage.client.ask("GET", f"{CAFE_ID}/media", fields="id")

    journal = (await stage.client.control("GET", "journal")).json

    assert journal[-1]["route"] == "list"
    assert journal[-1]["account"] == CAFE
    assert stage.client.token not in str(journal)
