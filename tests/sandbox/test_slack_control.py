"""The control side lets a page play a person, and tells it in words what cannot be done."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from sandbox.telegram import a_png
from tests.support.slack import RunningSlack, running_slack, serving_answers


class Page:
    """What a page asks for."""

    def __init__(self, slack: RunningSlack) -> None:
        self.slack = slack

    async def ask(self, verb: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        url = f"{self.slack.origin}/__sandbox/slack/{path}"
        async with self.slack.session.request(verb, url, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def gets(self, path: str) -> Any:
        status, body = await self.ask("GET", path)
        assert status == 200, body
        return body

    async def posts(self, path: str, **body: Any) -> Any:
        status, answer = await self.ask("POST", path, body)
        assert status == 200, answer
        return answer


@pytest.fixture
async def slack() -> AsyncIterator[RunningSlack]:
    async with running_slack() as running:
        running.box.office.is_held = True
        yield running


@pytest.fixture
def page(slack: RunningSlack) -> Page:
    return Page(slack)


async def test_a_person_and_a_channel_are_the_same_by_name(page: Page) -> None:
    dana = await page.posts("people", name="Dana", tz="Europe/Paris", locale="fr-FR")
    first = await page.posts("channels", name="social", members=[dana["id"]])
    assert (await page.posts("people", name="Dana"))["id"] == dana["id"]
    assert (await page.posts("channels", name="social", members=[dana["id"]])) == first

    state = await page.gets(f"state?person={dana['id']}")

    assert [one["name"] for one in state["places"]] == ["social", "Postcue"]
    assert (state["is_connected"], state["home"], state["modals"]) == (False, None, [])
    assert page.slack.box.person("Dana").user.locale == "fr-FR"


async def test_the_same_people_have_one_group_conversation(page: Page) -> None:
    people = [(await page.posts("people", name=name))["id"] for name in ("Dana", "Mia")]

    first = await page.posts("channels", is_direct=True, members=people)
    again = await page.posts("channels", is_direct=True, members=people[::-1])

    assert first == again
    assert (first["kind"], first["name"]) == ("mpim", "Dana, Mia")


async def test_what_cannot_be_done_is_said_in_words(page: Page) -> None:
    dana = await page.posts("people", name="Dana")
    place = await page.posts("channels", name="social", members=[dana["id"]])
    said = f"places/{place['id']}/messages"
    sent = (await page.posts(said, person=dana["id"], text="hello"))["sent"]

    assert await page.ask("POST", "people", {"name": " "}) == (
        400, {"error": "a person needs a name"},
    )  # fmt: skip
    status, _ = await page.ask("GET", "places/C1/messages")
    assert status == 404
    thread = {"person": dana["id"], "text": "/post queue", "thread": sent["ts"]}
    status, body = await page.ask("POST", said, thread)
    assert (status, body["error"]) == (400, "Slash commands do not work in threads.")
    other = {"person": dana["id"], "text": "/settings now"}
    status, body = await page.ask("POST", said, other)
    assert (status, body["error"]) == (
        400, "/settings is not a valid command here. There is /post.",
    )  # fmt: skip
    press = {"person": dana["id"], "block": "b", "action": "a"}
    status, body = await page.ask("POST", f"{said}/{sent['ts']}/press", press)
    assert (status, body["error"]) == (409, "that button is no longer there")
    status, _ = await page.ask("GET", "state", None, Origin="https://evil.example")
    assert status == 403
    assert (await page.ask("POST", "faults", {"kind": "flood"}))[0] == 400


async def test_pictures_are_fetched_only_where_they_stand(page: Page) -> None:
    async def picture(request: web.Request) -> web.Response:
        kind = "image/png" if request.path == "/card.png" else "text/html"
        return web.Response(body=a_png(20, 20), content_type=kind)

    dana = page.slack.box.person("Dana")
    async with serving_answers(picture) as outside:
        for name in ("card.png", "page.html"):
            block = {"type": "image", "image_url": f"{outside}/{name}", "alt_text": "x"}
            await page.slack.result("chat.postMessage", channel=dana.id, text="x", blocks=[block])
        url = f"{page.slack.origin}/__sandbox/slack/picture"
        session = page.slack.session
        async with session.get(url, params={"url": f"{outside}/card.png"}) as got:
            assert (got.status, await got.read()) == (200, a_png(20, 20))
        for wrong in (f"{outside}/page.html", f"{outside}/elsewhere.png"):
            async with session.get(url, params={"url": wrong}) as got:
                assert got.status == 404


async def test_sockets_are_troubled_and_acknowledgements_lost_on_demand(page: Page) -> None:
    box = page.slack.box
    url = (await page.slack.result("apps.connections.open", token=box.app.app_token))["url"]
    async with page.slack.session.ws_connect(url) as socket:
        assert (await socket.receive_json())["type"] == "hello"
        await page.posts("faults", sockets="warning")
        told = await socket.receive_json()
        assert (told["type"], told["reason"]) == ("disconnect", "warning")
        await page.posts("faults", lost_acks=2)
        assert box.office.sockets.mute == 2
        await page.posts("faults", sockets="cut")
        assert (await socket.receive()).type in {WSMsgType.CLOSED, WSMsgType.ERROR}
    assert (await page.ask("POST", "faults", {"sockets": "sulk"}))[0] == 400


async def test_faults_calls_and_deliveries_are_listed(page: Page) -> None:
    dana = page.slack.box.person("Dana")
    fault = await page.posts("faults", kind="error", method="auth.test", error="fatal_error")
    assert [one["id"] for one in (await page.gets("faults"))["faults"]] == [fault["id"]]
    assert (await page.slack.call("auth.test"))["error"] == "fatal_error"
    await page.posts("faults", flood_control=True)
    assert (await page.ask("DELETE", "faults"))[0] == 200
    await dana.writes("hello")

    calls = await page.gets("journal?method=auth.test")
    told = await page.gets("deliveries")

    assert [(one["error"], one["fault"]) for one in calls] == [("fatal_error", "error")]
    assert [(one["kind"], one["name"], one["taken"]) for one in told] == [
        ("events_api", "message", False)
    ]
    assert (await page.gets("faults"))["flood_control"]
