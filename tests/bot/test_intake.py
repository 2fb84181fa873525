import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import pytest
from pydantic import SecretStr

from bot.context import Context, House
from bot.intake import MAX_ATTEMPTS, QUIET, Intake
from integrations.chat.incoming import Inbound, Received
from integrations.telegram.chat import TelegramChat, TelegramSettings
from models.database import INBOX, Wakeups
from models.inbox import Album, AlbumPart, Inbox, store_received
from models.outbox import Outbox
from models.team import ChatIdentity, Member, Place
from tests.support.clock import SettableClock
from tests.support.fake_chat import FakeChat, raw
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from integrations.chat.contract import Chat

pytestmark = pytest.mark.usefixtures("database")

HOUSE = cast("House", SimpleNamespace(zone_guesses=("Europe/Berlin",)))


class Desk:
    """An intake whose flows only note what they were handed, and can be made to fail."""

    def __init__(self, clock: SettableClock, url: str) -> None:
        self.clock = clock
        self.chat: Any = FakeChat()
        self.url = url
        self.handled: list[str] = []
        self.albums: list[list[str]] = []
        self.failing: dict[str, int] = {}
        self.wakeups = Wakeups(url, (INBOX,))
        self.intake = self.another_intake()
        self._number = 0

    def another_intake(self) -> Intake:
        chats = cast("dict[str, Chat]", {self.chat.source: self.chat})
        return Intake(HOUSE, chats, self.clock, self.wakeups)

    async def handle(self, ctx: Context) -> None:
        self._perhaps_fail(ctx.inbound.text or ctx.inbound.kind)
        self.handled.append(ctx.inbound.text or ctx.inbound.kind)

    async def handle_album(self, _album: Album, parts: list[Inbound], _ctx: Context) -> None:
        self._perhaps_fail("album")
        self.albums.append(sorted(part.message_ref for part in parts))

    def _perhaps_fail(self, words: str) -> None:
        left = self.failing.get(words, 0)
        if left:
            self.failing[words] = left - 1
            raise ZeroDivisionError(words)

    async def comes(
        self, body: bytes, *, number: int | None = None, conversation: str = "1001"
    ) -> int:
        self._number += 1
        key = str(number or self._number)
        one = Received(self.chat.source, key, f"{self.chat.source}:{conversation}", body)
        return await store_received([one], now=self.clock.now())

    async def says(self, text: str, **values: Any) -> None:
        await self.comes(raw("message", text=text, ref=str(self._number + 1), **values))

    async def part(self, ref: int, group: str = "g1", **values: Any) -> None:
        body = raw("message", ref=str(ref), album=group, photos=[f"f{ref}"], **values)
        await self.comes(body)

    async def drain(self) -> int:
        return await self.intake.drain()

    async def keep_trying(self) -> None:
        for _ in range(MAX_ATTEMPTS + 1):
            await self.drain()
            self.clock.pass_time(timedelta(seconds=10))

    async def states(self) -> list[str]:
        rows = await Inbox.all().order_by("received_at", "id")
        return [row.state for row in rows]


@pytest.fixture
async def desk(database: str, clock: SettableClock, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(clock, database)
    monkeypatch.setattr("bot.intake.handle", desk.handle)
    monkeypatch.setattr("bot.intake.handle_album", desk.handle_album)
    return desk


# ── once, and in order ───────────────────────────────────────────────────────────────────────


async def test_bad_072_the_same_update_five_times_is_handled_once(desk: Desk) -> None:
    body = raw("message", text="hello", ref="7")

    new = [await desk.comes(body, number=99) for _ in range(5)]
    await desk.drain()

    assert new == [1, 0, 0, 0, 0]
    assert desk.handled == ["hello"]


async def test_bad_072_an_update_repeated_after_it_was_handled_stays_handled(desk: Desk) -> None:
    body = raw("message", text="hello", ref="7")
    await desk.comes(body, number=99)
    await desk.drain()

    await desk.comes(body, number=99)
    await desk.drain()

    assert desk.handled == ["hello"]
    assert await desk.states() == ["done"]


async def test_a_conversation_is_handled_in_its_order(desk: Desk) -> None:
    batch = [
        Received(desk.chat.source, str(number), "c", raw("message", text=str(number), ref="1"))
        for number in (9, 10, 11, 100)
    ]
    await store_received(batch, now=desk.clock.now())

    await desk.drain()

    assert desk.handled == ["9", "10", "11", "100"]


async def test_two_intakes_at_once_handle_a_row_once(desk: Desk) -> None:
    for index in range(12):
        chat = str(index % 3)
        await desk.comes(raw("message", text=str(index), ref="1", chat=chat), conversation=chat)
    intakes = [desk.another_intake() for _ in range(3)]

    await asyncio.gather(*(intake.drain() for intake in intakes))
    await desk.drain()

    assert sorted(desk.handled, key=int) == [str(index) for index in range(12)]
    assert await Member.all().count() == 1
    for conversation in range(3):
        mine = [one for one in desk.handled if int(one) % 3 == conversation]
        assert mine == sorted(mine, key=int)


async def test_a_crash_in_the_middle_leaves_the_row_for_the_next_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(ctx: Context) -> None:
        raise asyncio.CancelledError

    await desk.says("hello")
    with monkeypatch.context() as patched:
        patched.setattr("bot.intake.handle", die)
        with pytest.raises(asyncio.CancelledError):
            await desk.drain()

    await desk.another_intake().drain()

    assert desk.handled == ["hello"]
    assert await Member.all().count() == 1


# ── failures ─────────────────────────────────────────────────────────────────────────────────


async def test_k19_a_row_that_fails_is_tried_again_and_those_behind_it_wait(desk: Desk) -> None:
    desk.failing = {"first": 2}
    await desk.says("first")
    await desk.says("second")

    await desk.drain()
    at_once = list(desk.handled)
    await desk.keep_trying()

    assert at_once == []
    assert desk.handled == ["first", "second"]


async def test_k19_after_five_failures_a_row_is_parked_and_the_person_is_told(desk: Desk) -> None:
    await desk.says("hello")
    await desk.drain()
    desk.failing = {"poison": 99}
    await desk.says("poison")
    await desk.says("after it")

    await desk.keep_trying()

    row = await Inbox.get(state="parked")
    (told,) = await Outbox.filter(event="say")
    assert row.attempts == MAX_ATTEMPTS
    assert row.error == "ZeroDivisionError"
    assert f"ref E-{row.id.hex[-4:].upper()}" in str(told.payload["text"])
    assert told.payload["reply_to"] == "2"
    assert desk.handled == ["hello", "after it"]
    assert desk.failing == {"poison": 99 - MAX_ATTEMPTS}


async def test_k19_a_failing_row_leaves_no_half_of_its_work(desk: Desk) -> None:
    desk.failing = {"poison": 99}
    await desk.says("poison")

    await desk.keep_trying()

    assert await Member.all().count() == 0
    assert await desk.states() == ["parked"]


async def test_b13_a_press_that_cannot_be_handled_is_answered_in_the_end(desk: Desk) -> None:
    desk.failing = {"press": 99}
    await desk.comes(raw("press", press="p1:cancel:x:1", ref="5"))

    await desk.keep_trying()

    ((_, words),) = desk.chat.toasts
    assert words.startswith("That did not work. Please try again (ref E-")


async def test_k19_what_cannot_even_be_read_is_parked_and_the_next_goes_on(desk: Desk) -> None:
    poison = raw("message", text="unreadable", ref="1")
    desk.chat.unparsable = {poison}
    await desk.comes(poison)
    await desk.says("after it")

    await desk.keep_trying()

    assert await desk.states() == ["parked", "done"]
    assert desk.handled == ["after it"]


async def test_k19_an_album_that_cannot_be_handled_is_told_too(desk: Desk) -> None:
    await desk.says("hello")
    await desk.drain()
    desk.failing = {"album": 99}
    await desk.part(11)
    await desk.part(12)

    await desk.keep_trying()

    (told,) = await Outbox.filter(event="say")
    assert told.payload["reply_to"] == "11"


async def test_conversations_that_back_off_hold_no_other_one_up(desk: Desk) -> None:
    desk.failing = {"poison": 999}
    for index in range(20):
        body = raw("message", text="poison", ref="1", chat=str(index))
        await desk.comes(body, conversation=f"bad{index}")
        await desk.comes(raw("message", text="behind", ref="2"), conversation=f"bad{index}")
    await desk.drain()
    await desk.says("hello")

    assert await desk.drain() == 1

    assert desk.handled == ["hello"]


async def test_a_running_intake_outlives_a_row_that_breaks_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    handle_next = desk.intake._handle_next

    async def fail_first(conversation: str) -> bool:
        seen.append(conversation)
        if len(seen) == 1:
            raise RuntimeError("unheard of")
        return await handle_next(conversation)

    monkeypatch.setattr(desk.intake, "_handle_next", fail_first)
    running = asyncio.create_task(desk.intake.run())
    await desk.says("hello")

    await wait_until(lambda: desk.handled == ["hello"], what="it was handled in the end")

    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


# ── what is not for us ───────────────────────────────────────────────────────────────────────


async def test_bad_074_an_unknown_kind_is_stored_as_ignored(desk: Desk) -> None:
    await desk.comes(raw("ignored"))

    await desk.drain()

    assert await desk.states() == ["ignored"]
    assert desk.handled == []


async def test_events_of_a_bot_that_is_not_here_are_ignored(desk: Desk) -> None:
    one = Received("telegram:77", "1", "telegram:77:1", raw("message", text="hello", ref="1"))
    await store_received([one], now=desk.clock.now())

    await desk.drain()

    assert await desk.states() == ["ignored"]


@pytest.mark.parametrize("kind", ["message", "edit"])
async def test_b47_talk_of_others_in_a_group_is_not_kept(desk: Desk, kind: str) -> None:
    await desk.comes(raw(kind, text="just talk", ref="1", chat="-5", private=False))

    await desk.drain()

    assert await desk.states() == ["ignored"]
    assert await Member.all().count() == 0
    assert await ChatIdentity.all().count() == 0
    assert await Place.all().count() == 0


async def test_b47_in_a_group_we_act_when_we_are_meant(desk: Desk) -> None:
    await desk.comes(
        raw("message", text="@postcue hi", ref="1", chat="-5", private=False, mentions=True)
    )

    await desk.drain()

    assert desk.handled == ["@postcue hi"]


async def test_b50_a_route_that_closes_and_opens_is_followed(desk: Desk) -> None:
    await desk.says("hello")
    await desk.comes(raw("route", route_open=False))
    await desk.drain()
    closed = await Place.get(chat_id="1001")
    await desk.comes(raw("route", route_open=True))
    await desk.drain()

    assert not closed.is_open
    assert (await Place.get(chat_id="1001")).is_open


async def test_b50_a_group_that_moved_keeps_its_place_even_if_we_heard_from_it_already(
    desk: Desk,
) -> None:
    group: dict[str, Any] = {"private": False, "mentions": True}
    await desk.says("before", chat="-5", **group)
    await desk.drain()
    first = await Place.get()
    await desk.comes(raw("message", text="after", ref="9", chat="-100", **group))
    await desk.comes(raw("moved", chat="-5", private=False, moved_to="-100"))

    await desk.drain()

    place = await Place.get()
    assert (place.id, place.chat_id) == (first.id, "-100")
    assert await desk.states() == ["done", "done", "done"]


async def test_b47_a_press_from_another_house_is_turned_away_and_makes_nobody(
    desk: Desk,
) -> None:
    await desk.comes(raw("press", press="p1:cancel:x:1", ref="5", home="T2"))

    await desk.drain()

    assert desk.chat.toasts == [("q1", "This chat belongs to a team you are not in.")]
    assert desk.handled == []
    assert await Member.all().count() == 0


async def test_b50_a_place_is_called_by_its_new_name(desk: Desk) -> None:
    at = {"chat": "-5", "private": False, "title": "#kitchen"}
    await desk.comes(raw("command", command="queue", ref="1", **at))
    await desk.drain()

    await desk.comes(raw("renamed", **{**at, "title": "#larder"}))
    await desk.drain()

    assert (await Place.get()).title == "#larder"


# ── versions ─────────────────────────────────────────────────────────────────────────────────


async def test_b16_a_message_that_comes_after_its_edit_has_the_words_of_the_edit(
    desk: Desk,
) -> None:
    for at, words in ((20, "first edit"), (30, "second edit")):
        await desk.comes(raw("edit", text=words, ref="7", at=at))
    await desk.drain()

    await desk.comes(raw("message", text="as it was", ref="7", photos=["f7"], at=10))
    await desk.comes(raw("message", text="another", ref="17", photos=["f17"], at=40))
    await desk.drain()

    assert desk.handled == ["first edit", "second edit", "second edit", "another"]


async def test_a_message_that_was_taken_back_before_it_came_in_makes_no_post(desk: Desk) -> None:
    await desk.comes(raw("deleted", ref="7", at=20))
    await desk.drain()

    await desk.comes(raw("message", text="as it was", ref="7", photos=["f7"], at=10))
    await desk.drain()

    assert "as it was" not in desk.handled
    assert (await desk.states())[-1] == "ignored"


async def test_b15_an_answer_that_overtook_its_message_is_taken_up_again_after_it(
    desk: Desk,
) -> None:
    await desk.comes(raw("message", text="cancel", ref="8", reply_to="7", at=20))
    await desk.comes(raw("message", text="cancel", ref="9", reply_to="6", at=20))
    await desk.drain()
    early = list(desk.handled)

    await desk.comes(raw("message", text="late", ref="7", photos=["f7"], at=10))
    await desk.drain()
    await desk.comes(raw("edit", text="late, edited", ref="7", photos=["f7"], at=30))
    await desk.drain()

    assert early == ["cancel", "cancel"]
    assert desk.handled[2:] == ["late", "cancel", "late, edited"]
    assert set(await desk.states()) == {"done"}


async def test_b16_of_two_edits_the_later_one_counts_whichever_comes_last(desk: Desk) -> None:
    await desk.comes(raw("message", text="as it was", ref="7", photos=["f7"], at=10))
    await desk.comes(raw("edit", text="second edit", ref="7", at=30))
    await desk.drain()

    await desk.comes(raw("edit", text="first edit", ref="7", at=20))
    await desk.comes(raw("edit", text="third edit", ref="7", at=40))
    await desk.drain()

    assert desk.handled == ["as it was", "second edit", "third edit"]


async def test_b16_a_part_of_an_album_that_comes_after_its_edit_is_kept_as_edited(
    desk: Desk,
) -> None:
    await desk.comes(raw("edit", text="edited", ref="11", album="g1", photos=["f11"], at=20))
    await desk.drain()
    await desk.part(11, text="as it was", at=10)
    await desk.drain()

    kept = await AlbumPart.get(message_ref="11")
    assert json.loads(kept.body)["text"] == "edited"


# ── albums ───────────────────────────────────────────────────────────────────────────────────


async def test_b1_an_album_is_handled_once_it_has_been_quiet(desk: Desk) -> None:
    await desk.part(11)
    await desk.part(12)
    await desk.drain()
    before = list(desk.albums)

    desk.clock.pass_time(QUIET + timedelta(seconds=0.1))
    await desk.drain()

    assert before == []
    assert desk.albums == [["11", "12"]]


async def test_bad_026_parts_late_and_out_of_order_make_one_whole_album(desk: Desk) -> None:
    for ref in (13, 11):
        await desk.part(ref)
        await desk.drain()
        desk.clock.pass_time(timedelta(seconds=1))
    await desk.part(12)
    await desk.part(11)
    await desk.drain()
    desk.clock.pass_time(QUIET + timedelta(seconds=0.1))
    await desk.drain()

    await desk.part(14)
    await desk.drain()
    desk.clock.pass_time(QUIET + timedelta(seconds=0.1))
    await desk.drain()

    assert desk.albums == [["11", "12", "13"], ["11", "12", "13", "14"]]
    assert await AlbumPart.all().count() == 4


async def test_bad_026_an_album_half_received_is_whole_after_a_restart(desk: Desk) -> None:
    await desk.part(11)
    await desk.drain()
    await desk.part(12)

    after_restart = desk.another_intake()
    await after_restart.drain()
    desk.clock.pass_time(QUIET + timedelta(seconds=0.1))
    await after_restart.drain()

    assert desk.albums == [["11", "12"]]


async def test_talk_goes_on_while_an_album_is_still_coming(desk: Desk) -> None:
    await desk.part(11)
    await desk.says("and this?")

    await desk.drain()

    assert desk.handled == ["and this?"]


async def test_two_albums_are_two(desk: Desk) -> None:
    await desk.part(11, "g1")
    await desk.part(12, "g2")
    await desk.drain()
    desk.clock.pass_time(QUIET + timedelta(seconds=0.1))

    await desk.drain()

    assert sorted(desk.albums) == [["11"], ["12"]]


async def test_b47_an_album_in_a_group_that_means_us_nowhere_is_not_kept(desk: Desk) -> None:
    await desk.part(11, chat="-5", private=False)
    await desk.part(12, chat="-5", private=False)
    await desk.drain()
    desk.clock.pass_time(QUIET + timedelta(seconds=0.1))
    await desk.drain()

    assert desk.albums == []
    assert await Member.all().count() == 0


# ── raw bytes of Telegram that no database holds ─────────────────────────────────────────────


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramChat]:
    async with aiohttp.ClientSession() as session:
        settings = TelegramSettings(SecretStr("42:" + "x" * 35), "http://127.0.0.1:9", None)

        async def pause(seconds: float) -> None:
            return None

        yield TelegramChat(settings, session=session, pause=pause)


STRANGE = "a\0b\ud800c\udfff\u202e"


@pytest.mark.parametrize("escaped", [True, False])
async def test_k19_bad_038_nul_and_lone_surrogates_in_the_raw_bytes_stop_nothing(
    desk: Desk, telegram: TelegramChat, escaped: bool
) -> None:
    person = {
        "id": 1001, "is_bot": False, "first_name": STRANGE, "username": STRANGE,
        "language_code": STRANGE,
    }  # fmt: skip
    chat = {"id": 1001, "type": "private", "title": STRANGE}
    message = {"message_id": 7, "date": 1_795_510_800, "chat": chat, "from": person}
    press = {"id": STRANGE, "from": person, "message": message, "data": STRANGE}
    updates = [
        {"update_id": 1, "message": {**message, "text": STRANGE}},
        {"update_id": 2, "edited_message": {**message, "text": STRANGE}},
        {"update_id": 3, "callback_query": press},
        {
            "update_id": 4,
            "message": {**message, "media_group_id": STRANGE, "caption": STRANGE,
                        "photo": [{"file_id": STRANGE, "file_unique_id": STRANGE}]},
        },
        {"update_id": 5, STRANGE: {}},
        {"update_id": 6, "message": {**message, "text": "plain"}},
    ]  # fmt: skip
    desk.chat = telegram
    desk.intake = desk.another_intake()
    for update in updates:
        text = json.dumps(update, ensure_ascii=escaped)
        await desk.comes(text.encode("utf-8", "surrogatepass"), number=update["update_id"])

    await desk.keep_trying()

    assert "parked" not in await desk.states()
    assert "waiting" not in await desk.states()
    if escaped:
        assert desk.handled[-1] == "plain"
        assert desk.handled[0] == "abc\u202e"
