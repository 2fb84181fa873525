"""The human side over HTTP, as a page uses it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from sandbox.telegram import a_gif, a_jpeg, an_mp4
from tests.support.telegram import RunningTelegram, running_telegram

BUTTONS = {
    "inline_keyboard": [
        [
            {"text": "Approve", "callback_data": "ok", "style": "success"},
            {"text": "Open", "url": "https://a.bc/"},
        ]
    ]
}


class Page:
    """A browser's side of it."""

    def __init__(self, running: RunningTelegram) -> None:
        self.running = running
        self.box = running.box

    async def get(self, path: str, expects: int = 200) -> Any:
        async with self.running.session.get(self.running.control + path) as answer:
            assert answer.status == expects, await answer.text()
            return await answer.json()

    async def post(self, path: str, expects: int = 200, **body: Any) -> Any:
        url = self.running.control + path
        async with self.running.session.post(url, json=body) as answer:
            assert answer.status == expects, await answer.text()
            return await answer.json()

    async def send_files(self, chat: int, *files: tuple[str, bytes], **fields: str) -> Any:
        form = aiohttp.FormData(fields)
        for name, data in files:
            form.add_field("file", data, filename=name)
        url = f"{self.running.control}/chats/{chat}/messages"
        async with self.running.session.post(url, data=form) as answer:
            return await answer.json()


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with running_telegram() as running:
        yield Page(running)


@pytest.fixture
async def dana(page: Page) -> int:
    person = await page.post("/people", name="Dana", language="de")
    return int(person["id"])


async def test_a_newcomer_sees_the_bot_and_a_chat_to_start(page: Page, dana: int) -> None:
    bots = await page.get("/bots")
    before = await page.get(f"/chats?person={dana}")
    again = await page.post("/people", name="Dana")
    await page.post(f"/chats/{dana}/start", payload="c_x")
    after = await page.get(f"/chats?person={dana}")

    assert (bots[0]["username"], bots[0]["name"]) == ("postcue_demo_bot", "Postcue")
    assert again["id"] == dana
    assert (before[0]["title"], before[0]["is_started"], before[0]["last"]) == (
        "Postcue",
        False,
        None,
    )
    assert after[0]["is_started"]
    assert after[0]["last"]["text"] == "/start c_x"
    assert page.box.pending_updates()[0]["message"]["from"]["language_code"] == "de"


async def test_a_photo_sent_from_the_page_can_be_looked_at(page: Page, dana: int) -> None:
    sent = (await page.send_files(dana, ("p.jpg", a_jpeg(600, 300)), text="tomorrow 9am"))["sent"][
        0
    ]

    shown = (await page.get(f"/chats/{dana}/messages"))["messages"][0]
    assert shown == sent
    assert (shown["mine"], shown["kind"], shown["text"]) == (True, "photo", "tomorrow 9am")
    attached = shown["attachments"][0]
    async with page.running.session.get(page.running.origin + attached["url"]) as answer:
        assert answer.content_type == "image/jpeg"
        assert (await answer.read())[:3] == b"\xff\xd8\xff"
    assert (attached["width"], attached["height"]) == (600, 300)


@pytest.mark.parametrize(
    ("send_as", "name", "data", "kind"),
    [
        ("auto", "p.jpg", a_jpeg(64, 64), "photo"),
        ("document", "p.jpg", a_jpeg(64, 64), "document"),
        ("auto", "v.mp4", an_mp4(), "video"),
        ("auto", "g.gif", a_gif(), "animation"),
        ("auto", "t.txt", b"words", "document"),
    ],
)
async def test_a_file_is_sent_as_asked(
    page: Page, dana: int, send_as: str, name: str, data: bytes, kind: str
) -> None:
    fields = {"as": send_as}

    sent = await page.send_files(dana, (name, data), **fields)

    assert sent["sent"][0]["kind"] == kind
    assert sent["sent"][0]["attachments"][0]["kind"] == kind


async def test_several_files_leave_as_an_album(page: Page, dana: int) -> None:
    files = [(f"{n}.jpg", a_jpeg(64, 64, str(n))) for n in range(3)]

    sent = (await page.send_files(dana, *files, text="fri 18:30"))["sent"]

    assert len({one["album"] for one in sent}) == 1
    assert [one["text"] for one in sent] == ["fri 18:30", "", ""]


async def test_what_an_app_would_not_send_is_said_in_words(page: Page, dana: int) -> None:
    nothing = await page.post(f"/chats/{dana}/messages", expects=400, text=" ")
    no_photo = await page.send_files(dana, ("x.jpg", b"<html>"), **{"as": "photo"})
    long = await page.send_files(dana, ("x.jpg", a_jpeg(64, 64)), text="x" * 1025)
    nobody = await page.get("/chats/12345/messages", expects=404)

    assert "empty" in nothing["error"]
    assert "cannot open" in no_photo["error"]
    assert "1024" in long["error"]
    assert "12345" in nobody["error"]


async def test_a_card_is_shown_as_a_client_draws_it(page: Page, dana: int) -> None:
    mine = (await page.post(f"/chats/{dana}/messages", text="hi"))["sent"][0]
    await page.running.result(
        "sendMessage",
        chat_id=dana,
        text="<b>A &lt; B</b>\n<blockquote expandable>q</blockquote>",
        parse_mode="HTML",
        reply_markup=BUTTONS,
        reply_parameters={"message_id": mine["id"]},
    )
    await page.running.result(
        "setMessageReaction",
        chat_id=dana,
        message_id=mine["id"],
        reaction=[{"type": "emoji", "emoji": "👀"}],
    )

    own, card = (await page.get(f"/chats/{dana}/messages"))["messages"]
    assert [one["emoji"] for one in own["reactions"]] == ["👀"]
    assert own["reactions"][0]["from_bot"]
    assert card["html"] == '<b>A &lt; B</b>\n<blockquote class="expandable">q</blockquote>'
    assert card["sender"] == {"id": 42, "name": "Postcue", "is_bot": True}
    assert (card["mine"], card["from_bot"], card["edited"]) == (False, True, None)
    assert card["reply_to"]["text"] == "hi"
    approve, link = card["buttons"][0]
    assert (approve["kind"], approve["style"]) == ("press", "success")
    assert (link["kind"], link["url"]) == ("url", "https://a.bc/")


async def test_a_press_brings_the_toast_and_a_vanished_button_is_said(
    page: Page, dana: int
) -> None:
    await page.post(f"/chats/{dana}/start")
    card = await page.running.result(
        "sendMessage", chat_id=dana, text="card", reply_markup=BUTTONS
    )
    path = f"/chats/{dana}/messages/{card['message_id']}"

    async with asyncio.TaskGroup() as group:
        pressing = group.create_task(page.post(path + "/press", row=0, column=0))
        offset = page.box.pending_updates()[0]["update_id"] + 1
        update = (await page.running.result("getUpdates", timeout=5, offset=offset))[0]
        await page.running.result(
            "answerCallbackQuery",
            callback_query_id=update["callback_query"]["id"],
            text="Done",
            show_alert=True,
        )
    opened = await page.post(path + "/press", words="Open")
    await page.running.result(
        "editMessageText", chat_id=dana, message_id=card["message_id"], text="later"
    )
    gone = await page.post(path + "/press", expects=409, row=0, column=0)
    full = await page.get(path)

    pressed = pressing.result()
    assert (pressed["answered"], pressed["text"], pressed["is_alert"]) == (True, "Done", True)
    assert opened["url"] == "https://a.bc/"
    assert "no longer there" in gone["error"]
    assert [said["text"] for said in full["history"]] == ["card", "later"]


async def test_messages_can_be_edited_reacted_to_and_deleted(page: Page, dana: int) -> None:
    sent = (await page.post(f"/chats/{dana}/messages", text="tomorow"))["sent"][0]
    path = f"/chats/{dana}/messages/{sent['id']}"

    edited = (await page.post(path + "/edit", text="tomorrow"))["sent"][0]
    await page.post(path + "/react", emoji="👍")
    reacted = await page.get(path)
    await page.post(path + "/delete")

    assert edited["text"] == "tomorrow"
    assert edited["edited"]
    assert [one["emoji"] for one in reacted["reactions"]] == ["👍"]
    assert (await page.get(f"/chats/{dana}/messages"))["messages"] == []
    assert (await page.get(f"/chats/{dana}/messages?deleted=1"))["messages"][0]["deleted"]


async def test_the_bot_can_be_blocked_and_unblocked(page: Page, dana: int) -> None:
    await page.post(f"/chats/{dana}/start")

    await page.post(f"/chats/{dana}/block")
    blocked = (await page.get(f"/chats?person={dana}"))[0]["is_blocked"]
    refused = await page.running.refusal("sendMessage", chat_id=dana, text="x")
    await page.post(f"/chats/{dana}/unblock")

    assert blocked
    assert "blocked by the user" in refused
    await page.running.result("sendMessage", chat_id=dana, text="x")


async def test_groups_are_opened_and_the_bot_moved_about(page: Page, dana: int) -> None:
    mia = (await page.post("/people", name="Mia"))["id"]
    group = await page.post("/groups", title="Team", members=[dana, mia], kind="group")
    path = f"/chats/{group['id']}"

    await page.post(path + "/bot", person=dana, does="adds")
    sent = await page.post(path + "/messages", person=mia, text="/queue")
    without = await page.post(path + "/messages", expects=400, text="who am I?")
    new = await page.post(path + "/bot", person=dana, does="migrates")
    promoted = await page.post(f"/chats/{new['id']}/bot", person=dana, does="promotes")
    removed = await page.post(f"/chats/{new['id']}/bot", person=dana, does="removes")

    assert sent["sent"][0]["sender"]["name"] == "Mia"
    assert "who acts" in without["error"]
    assert (new["kind"], promoted["bot_standing"], removed["bot_standing"]) == (
        "supergroup", "administrator", "kicked",
    )  # fmt: skip


async def test_faults_are_switched_on_counted_down_and_cleared(page: Page, dana: int) -> None:
    await page.post(f"/chats/{dana}/start")

    once = await page.post("/faults", kind="server_error", method="sendMessage", status=503)
    lasting = await page.post("/faults", kind="flood", times=None, retry_after=9)
    listed = await page.get("/faults")
    first = await page.running.call("sendMessage", chat_id=dana, text="x")
    second = await page.running.call("sendMessage", chat_id=dana, text="x")
    url = f"{page.running.control}/faults/{lasting['id']}"
    async with page.running.session.delete(url) as answer:
        assert answer.status == 200
    third = await page.running.call("sendMessage", chat_id=dana, text="x")
    wrong = await page.post("/faults", expects=400, kind="earthquake")

    assert [one["id"] for one in listed["faults"]] == [once["id"], lasting["id"]]
    assert first["error_code"] == 503
    assert second["parameters"] == {"retry_after": 9}
    assert third["ok"]
    assert "earthquake" not in listed["kinds"]
    assert "kind is one of" in wrong["error"]
    calls = await page.get("/journal?method=sendMessage")
    assert [call["fault"] for call in calls] == ["server_error", "flood", ""]


async def test_every_change_is_told_as_it_happens(page: Page, dana: int) -> None:
    url = page.running.control + "/events"
    async with page.running.session.get(url) as stream:
        assert stream.content_type == "text/event-stream"
        await page.post(f"/chats/{dana}/messages", text="hi")
        card = await page.running.result("sendMessage", chat_id=dana, text="card")
        await page.running.result(
            "editMessageText", chat_id=dana, message_id=card["message_id"], text="new"
        )

        told = [event async for event in _events(stream, until="edit")]

    kinds = [event["kind"] for event in told if event["kind"] != "call"]
    assert kinds == ["message", "message", "edit"]
    assert told[-1] == {
        "area": "telegram",
        "kind": "edit",
        "chat": dana,
        "key": f"42:{dana}",
        "message_id": card["message_id"],
    }


async def _events(stream: aiohttp.ClientResponse, until: str) -> AsyncIterator[dict[str, Any]]:
    async for line in stream.content:
        if line.startswith(b"data: "):
            event = json.loads(line.removeprefix(b"data: "))
            yield event
            if event["kind"] == until:
                return


async def test_a_file_that_a_browser_might_run_is_only_offered_to_be_saved(
    page: Page, dana: int
) -> None:
    sent = (await page.send_files(dana, ("x.svg", b"<svg onload='x'/>")))["sent"][0]

    async with page.running.session.get(
        page.running.origin + sent["attachments"][0]["url"]
    ) as got:
        assert got.content_type == "application/octet-stream"
        assert got.headers["Content-Disposition"] == "attachment"
        assert got.headers["X-Content-Type-Options"] == "nosniff"


async def test_no_token_shows_in_the_journal_or_the_stream(page: Page, dana: int) -> None:
    await page.post(f"/chats/{dana}/start")
    photo = (await page.send_files(dana, ("p.jpg", a_jpeg(64, 64))))["sent"][0]
    granted = await page.running.result("getFile", file_id=photo["attachments"][0]["file_id"])
    link = f"{page.running.api}/file/bot{page.box.token}/{granted['file_path']}"
    async with page.running.session.get(link) as answer:
        assert answer.status == 200

    shown = json.dumps(await page.get("/journal"))
    assert page.box.token not in shown
    assert "(download)" in shown


async def test_a_foreign_page_in_the_same_browser_is_turned_away(page: Page, dana: int) -> None:
    url = f"{page.running.control}/chats/{dana}/start"

    async with page.running.session.post(url, headers={"Origin": "https://evil.example"}) as got:
        foreign = got.status
    async with page.running.session.post(url, headers={"Origin": page.running.origin}) as got:
        own = got.status

    assert (foreign, own) == (403, 200)
