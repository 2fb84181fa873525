"""How updates reach a bot: long polling, webhooks, and a stand-in that was stopped in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from sandbox.telegram import Person, TelegramSandbox, a_jpeg
from tests.support.telegram import RunningTelegram, running_telegram
from tests.support.waiting import wait_until


@pytest.fixture
async def chat() -> AsyncIterator[RunningTelegram]:
    async with running_telegram() as running:
        running.box.world.office.first_pause_seconds = 0.01
        yield running


@pytest.fixture
def box(chat: RunningTelegram) -> TelegramSandbox:
    return chat.box


@pytest.fixture
async def dana(box: TelegramSandbox) -> Person:
    return box.person("Dana")


async def test_a_poll_that_waits_wakes_as_soon_as_something_is_said(
    chat: RunningTelegram, dana: Person
) -> None:
    async with asyncio.TaskGroup() as group:
        polling = group.create_task(chat.result("getUpdates", timeout=50))
        await wait_until(lambda: bool(chat.box.world.office._polls))
        await dana.writes("hi")

    assert [update["message"]["text"] for update in polling.result()] == ["hi"]


async def test_updates_stay_until_a_later_offset_confirms_them(
    chat: RunningTelegram, dana: Person
) -> None:
    for text in ("one", "two", "three"):
        await dana.writes(text)

    first = await chat.result("getUpdates", limit=2)
    again = await chat.result("getUpdates")
    after = await chat.result("getUpdates", offset=first[1]["update_id"] + 1)
    last = await chat.result("getUpdates", offset=-1)

    assert [update["message"]["text"] for update in first] == ["one", "two"]
    assert len(again) == 3
    assert [update["message"]["text"] for update in after] == ["three"]
    assert last == after
    ids = [update["update_id"] for update in again]
    assert ids == list(range(ids[0], ids[0] + 3))


async def test_a_second_poller_ends_the_first_with_a_conflict(chat: RunningTelegram) -> None:
    async with asyncio.TaskGroup() as group:
        first = group.create_task(chat.call("getUpdates", timeout=50))
        await wait_until(lambda: bool(chat.box.world.office._polls))
        await chat.result("getUpdates", timeout=0)

    assert first.result()["error_code"] == 409
    assert "terminated by other getUpdates request" in first.result()["description"]


async def test_polling_and_a_webhook_exclude_each_other(chat: RunningTelegram) -> None:
    async with asyncio.TaskGroup() as group:
        poll = group.create_task(chat.call("getUpdates", timeout=50))
        await wait_until(lambda: bool(chat.box.world.office._polls))
        await chat.result("setWebhook", url="https://bot.example.org/hook")
    refused = await chat.refusal("getUpdates")
    await chat.result("deleteWebhook")

    assert "terminated by setWebhook" in poll.result()["description"]
    assert "can't use getUpdates method while webhook is active" in refused
    assert await chat.result("getUpdates") == []


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"url": "http://bot.example.org/hook"}, "An HTTPS URL must be provided"),
        ({"url": "not an address"}, "An HTTPS URL must be provided"),
        ({"url": "https://a.bc/", "secret_token": "with space"}, "unallowed characters"),
        ({"url": "https://a.bc/", "secret_token": "x" * 257}, "unallowed characters"),
    ],
)
async def test_a_bad_webhook_is_refused(
    chat: RunningTelegram, parameters: dict[str, str], words: str
) -> None:
    assert words in await chat.refusal("setWebhook", **parameters)


async def test_a_bot_gets_only_the_kinds_it_asked_for(chat: RunningTelegram, dana: Person) -> None:
    await chat.result("getUpdates", allowed_updates=["edited_message", "message_reaction"])

    sent = await dana.writes("hi")
    await dana.edits(sent, "hello")
    await dana.reacts(sent, "👍")

    kinds = [set(update) - {"update_id"} for update in await chat.result("getUpdates")]
    assert kinds == [{"edited_message"}, {"message_reaction"}]


class Receiver:
    """A webhook that answers as it is told."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.texts: list[str] = []
        self.secrets: set[str | None] = set()
        self.running = 0
        self.most = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def receive(self, request: web.Request) -> web.Response:
        self.running += 1
        self.most = max(self.most, self.running)
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.texts.append((await request.json())["message"]["text"])
        await self.gate.wait()
        self.running -= 1
        status, headers = self.answers.pop(0) if self.answers else (200, {})
        return web.Response(status=status, headers=headers)


@asynccontextmanager
async def receiving(receiver: Receiver) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/hook", receiver.receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


async def test_a_failed_delivery_comes_again_after_the_pause_the_receiver_asks_for(
    chat: RunningTelegram, dana: Person
) -> None:
    chat.box.world.office.first_pause_seconds = 600
    receiver = Receiver()
    receiver.answers = [(503, {"Retry-After": "0"}), (200, {})]
    async with receiving(receiver) as url:
        await chat.result("setWebhook", url=url)
        await dana.writes("hi")
        await wait_until(lambda: chat.box.pending_updates() == [])
        await chat.result("deleteWebhook")

    assert receiver.texts == ["hi", "hi"]


async def test_a_failed_delivery_comes_again_until_it_is_taken(
    chat: RunningTelegram, dana: Person
) -> None:
    receiver = Receiver()
    receiver.answers = [(404, {}), (500, {}), (200, {})]
    async with receiving(receiver) as url:
        await chat.result("setWebhook", url=url, secret_token="abc")
        await dana.writes("hi")
        await wait_until(lambda: chat.box.pending_updates() == [])
        told = await chat.result("getWebhookInfo")
        await chat.result("deleteWebhook")

    assert receiver.texts == ["hi", "hi", "hi"]
    assert receiver.secrets == {"abc"}
    assert told["last_error_message"].startswith("Wrong response from the webhook: 500")
    assert told["pending_update_count"] == 0


async def test_deliveries_run_in_parallel_up_to_the_connections_allowed(
    chat: RunningTelegram, dana: Person
) -> None:
    receiver = Receiver()
    receiver.gate.clear()
    async with receiving(receiver) as url:
        await chat.result("setWebhook", url=url, max_connections=3)
        for number in range(6):
            await dana.writes(str(number))
        await wait_until(lambda: receiver.running == 3)
        receiver.gate.set()
        await wait_until(lambda: chat.box.pending_updates() == [])
        await chat.result("deleteWebhook")

    assert receiver.most == 3
    assert sorted(receiver.texts) == list("012345")


async def test_a_restart_goes_on_where_it_stopped_and_no_id_begins_again(tmp_path: Path) -> None:
    async with running_telegram(folder=tmp_path) as before:
        dana = before.box.person("Dana")
        await dana.writes("hi")
        photo = await dana.sends_photo(a_jpeg(64, 64), "later")
        card = await before.result("sendMessage", chat_id=dana.id, text="card")
        pending = before.box.pending_updates()

    async with running_telegram(folder=tmp_path) as after:
        dana = after.box.person("Dana")
        still = await after.result("getUpdates")
        granted = await after.result("getFile", file_id=photo.file_id)
        edited = await after.result(
            "editMessageText", chat_id=dana.id, message_id=card["message_id"], text="changed"
        )
        new = await dana.writes("again")
        fresh = after.box.pending_updates()[-1]
        somebody = after.box.person("Mia")

    assert still == pending
    assert granted["file_size"] == len(photo.file)
    assert edited["text"] == "changed"
    assert new.id > card["message_id"]
    assert fresh["update_id"] > pending[-1]["update_id"]
    assert somebody.id > dana.id


async def test_a_kill_right_after_a_save_gives_no_id_twice(tmp_path: Path) -> None:
    first = TelegramSandbox(folder=tmp_path)
    told = await first.person("Dana").writes("hi")
    first.world.save()
    # What comes after the last save is lost with the process.
    lost = await first.person("Dana").writes("lost")

    second = TelegramSandbox(folder=tmp_path)
    new = await second.person("Dana").writes("new")

    assert told.id < lost.id < new.id
    for one in (first, second):
        await one.close()


async def test_local_mode_has_no_limit_and_gives_a_path_on_disk(tmp_path: Path) -> None:
    async with running_telegram(folder=tmp_path) as local:
        local.box.local_mode = True
        dana = local.box.person("Dana")
        sent = await dana.sends_document(b"large", name="a.bin", size=500 * 2**20)

        granted = await local.result("getFile", file_id=sent.file_id)

    assert Path(granted["file_path"]).is_absolute()
    assert sent.file == b"large"


async def test_two_bots_do_not_hear_each_others_chats(chat: RunningTelegram) -> None:
    other = chat.box.add_bot("77:SANDBOX-another-token-for-tests", "other_bot", "Other")
    await chat.box.person("Dana").writes("to the first")
    await chat.box.person("Dana", bot=other).writes("to the other")

    first = await chat.result("getUpdates")
    body = await chat.call("getUpdates", token=other.token)

    assert [update["message"]["text"] for update in first] == ["to the first"]
    assert [update["message"]["text"] for update in body["result"]] == ["to the other"]


async def test_bad_072_an_update_can_come_again_under_its_old_id(
    chat: RunningTelegram, dana: Person
) -> None:
    await dana.writes("hi")
    update = chat.box.pending_updates()[0]

    chat.box.repeat(update)
    chat.box.repeat(update)

    assert await chat.result("getUpdates") == [update] * 3


async def test_bad_074_an_update_of_a_kind_to_come_can_be_sent(chat: RunningTelegram) -> None:
    sent = chat.box.tell_bot("hologram", {"id": 1})

    assert await chat.result("getUpdates") == [sent]
    assert sent["hologram"] == {"id": 1}


async def test_a_test_can_wait_until_all_updates_are_taken(
    chat: RunningTelegram, dana: Person
) -> None:
    await dana.writes("hi")
    number = chat.box.pending_updates()[0]["update_id"]

    with pytest.raises(TimeoutError):
        await chat.box.all_updates_taken(seconds=0.01)
    async with asyncio.TaskGroup() as group:
        group.create_task(chat.box.all_updates_taken())
        await chat.result("getUpdates", offset=number + 1)

    assert chat.box.pending_updates() == []


async def test_it_stops_at_once_whatever_is_still_open() -> None:
    started = asyncio.get_running_loop().time()
    async with running_telegram() as running:
        dana = running.box.person("Dana")
        await dana.starts()
        offset = running.box.pending_updates()[0]["update_id"] + 1
        markup = {"inline_keyboard": [[{"text": "Go", "callback_data": "x"}]]}
        sent = await running.result("sendMessage", chat_id=dana.id, text="x", reply_markup=markup)
        press = f"{running.control}/chats/{dana.id}/messages/{sent['message_id']}/press"
        running.box.fails("hang", "getChat", times=None)
        stream = await running.session.get(f"{running.control}/events")
        hanging = asyncio.create_task(running.call("getChat", chat_id=dana.id))
        polling = asyncio.create_task(running.call("getUpdates", offset=offset, timeout=50))
        await wait_until(lambda: bool(running.box.world.office._polls))
        pressing = asyncio.create_task(running.session.post(press, json={"words": "Go"}))
        await wait_until(lambda: bool(running.box.world.queries))

        await running.box.close()

        assert (await polling)["ok"]
        assert (await stream.read()).startswith(b"retry")
        assert not (await (await pressing).json())["answered"]
        with pytest.raises(aiohttp.ClientError):
            await hanging
    assert asyncio.get_running_loop().time() - started < 5
