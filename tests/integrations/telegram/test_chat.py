"""Telegram as a chat, in front of the stand-in, over real HTTP."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from integrations.chat.errors import (
    ChatBusy,
    FileGone,
    MessageGone,
    PlaceMoved,
    RouteDead,
    TokenRefused,
)
from integrations.chat.incoming import PlaceRef, Received, Refused
from integrations.chat.outgoing import CommandWords, Reaction, Text
from integrations.registry import build_chats
from integrations.telegram.chat import (
    MAX_FETCH_BYTES,
    SECRET_HEADER,
    TelegramChat,
    TelegramSettings,
    Webhook,
)
from sandbox.telegram import Attachment, Person, TelegramSandbox, a_jpeg, an_mp4
from tests.integrations.chat_conformance import (
    ChatConformance,
    Shown,
    card,
    listening,
    whole,
)
from tests.support.at_the_door import handed_in
from tests.support.telegram import RunningTelegram, judge_call, running_telegram
from tests.support.waiting import wait_until

WEBHOOK = Webhook("https://postcue.example.org/hooks/telegram/x", SecretStr("s3cret_word-" * 3))


class Pauses:
    """Waits a blink in the place of every pause, and remembers how long it should have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        never = asyncio.Event()
        try:
            await asyncio.wait_for(never.wait(), 0.01)
        except TimeoutError:
            return


class TelegramStage:
    """Dana in a private chat with our bot."""

    def __init__(self, running: RunningTelegram, chat: TelegramChat, dana: Person) -> None:
        self.box: TelegramSandbox = running.box
        self.chat = chat
        self.dana = dana
        self.secrets: Sequence[str] = [running.box.token, running.box.token.split(":")[1]]
        self._queries: list[Any] = []

    async def says(self, text: str) -> str:
        return str((await self.dana.writes(text)).id)

    async def edits(self, reference: str, text: str) -> None:
        await self.dana.edits(self._message(reference), text)

    async def sends_picture(self, picture: bytes, caption: str) -> str:
        return str((await self.dana.sends_photo(picture, caption)).id)

    async def presses(self, reference: str, label: str) -> None:
        self._queries.append(self.dana.taps(self._message(reference), label))

    async def deletes_ours(self, reference: str) -> None:
        await self.dana.deletes(self._message(reference))

    async def shuts_us_out(self) -> None:
        await self.dana.blocks()

    def place(self) -> PlaceRef:
        return PlaceRef("telegram", "", str(self.dana.id))

    def shown(self) -> list[Shown]:
        return [
            Shown(
                str(one.id),
                one.text,
                tuple(one.button_texts),
                str(one.reply_to.id) if one.reply_to else "",
            )
            for one in self.dana.private.from_bot()
        ]

    def toasts(self) -> list[str]:
        return [answer["text"] for query in self._queries for answer in query.answers]

    def a_picture(self) -> bytes:
        return a_jpeg(640, 480)

    def goes_down(self) -> None:
        self.box.fails("server_error", times=3)
        self.box.fails("server_error", "getUpdates", times=2)

    def loses_answers(self) -> None:
        self.box.fails("drop", "sendMessage")

    def menu(self) -> list[str]:
        (call, *_) = self.box.journal.of("setMyCommands")
        return [one["command"] for one in call.parameters["commands"]]

    def _message(self, reference: str) -> Any:
        return next(one for one in self.dana.messages() if str(one.id) == reference)


@pytest.fixture
async def running() -> AsyncIterator[RunningTelegram]:
    async with running_telegram() as telegram:
        yield telegram
        assert telegram.box.journal.unknown_methods == []
        for call in telegram.box.journal.calls:
            judge_call(call)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


def _built(
    running: RunningTelegram, pauses: Pauses, *, webhook: Webhook | None = None, token: str = ""
) -> TelegramChat:
    settings = TelegramSettings(SecretStr(token or running.box.token), running.api, webhook)
    return TelegramChat(settings, session=running.session, pause=pauses, call_seconds=2.0)


@pytest.fixture
async def chat(running: RunningTelegram, pauses: Pauses) -> AsyncIterator[TelegramChat]:
    async with _built(running, pauses) as opened:
        yield opened


@pytest.fixture
async def dana(running: RunningTelegram) -> Person:
    person = running.box.person("Dana", language="de")
    await person.starts()
    return person


@pytest.fixture
async def stage(running: RunningTelegram, chat: TelegramChat, dana: Person) -> TelegramStage:
    return TelegramStage(running, chat, dana)


class TestTelegram(ChatConformance):
    """Telegram does what any chat must do."""


# ── files ────────────────────────────────────────────────────────────────────────────────────


async def test_bad_015_a_film_over_20_mb_is_refused_before_any_download(
    stage: TelegramStage,
) -> None:
    async with listening(stage.chat) as heard:
        await stage.dana.sends_video(an_mp4(), size=30_000_000)
        read = await heard.next(lambda one: bool(one.attachments))

    (film,) = read.attachments
    assert film.size_bytes == 30_000_000
    assert stage.chat.capabilities.max_fetch_bytes == MAX_FETCH_BYTES < film.size_bytes
    with pytest.raises(FileGone) as gone:
        await whole(stage.chat.fetch(film.file_id, max_bytes=10**9))
    assert gone.value.reason == "too_big"
    assert stage.box.journal.of("(download)") == []


async def test_bad_015_between_the_two_20_mb_figures_the_smaller_one_holds(
    stage: TelegramStage,
) -> None:
    sent = await stage.dana.sends_video(an_mp4(), size=20_500_000)

    with pytest.raises(FileGone) as gone:
        await whole(stage.chat.fetch(sent.file_id, max_bytes=10**9))

    assert gone.value.reason == "too_big"


async def test_bad_032_an_endless_file_is_cut_at_the_cap(stage: TelegramStage) -> None:
    sent = await stage.dana.sends_video(an_mp4(), size=1000)
    stage.box.spoil_download(sent.file_id, "endless")
    received = 0

    async def drain() -> None:
        nonlocal received
        async for chunk in stage.chat.fetch(sent.file_id, max_bytes=300_000):
            received += len(chunk)

    with pytest.raises(FileGone) as gone:
        await drain()

    assert gone.value.reason == "too_big"
    assert 0 < received <= 300_000


async def test_a_download_that_breaks_off_is_busy_not_half_a_file(stage: TelegramStage) -> None:
    sent = await stage.dana.sends_photo(a_jpeg())
    stage.box.spoil_download(sent.file_id, "cut")

    with pytest.raises(ChatBusy) as busy:
        await whole(stage.chat.fetch(sent.file_id, max_bytes=10**7))

    assert stage.box.token not in repr(busy.value) + str(busy.value.__cause__)


async def test_bad_029_an_expired_file_id_is_gone(stage: TelegramStage) -> None:
    sent = await stage.dana.sends_photo(a_jpeg())
    stage.box.expire_file(sent.file_id)

    with pytest.raises(FileGone) as gone:
        await whole(stage.chat.fetch(sent.file_id, max_bytes=10**7))

    assert gone.value.reason == "gone"


async def test_a_server_error_while_downloading_is_busy(stage: TelegramStage) -> None:
    sent = await stage.dana.sends_photo(a_jpeg())
    stage.box.fails("server_error", "(download)")

    with pytest.raises(ChatBusy):
        await whole(stage.chat.fetch(sent.file_id, max_bytes=10**7))


# ── sending ──────────────────────────────────────────────────────────────────────────────────


async def test_being_too_fast_says_how_long_to_wait(stage: TelegramStage) -> None:
    stage.box.fails("flood", "sendMessage", retry_after=7)

    with pytest.raises(ChatBusy) as busy:
        await stage.chat.send(stage.place(), card("x"))

    assert busy.value.after == timedelta(seconds=7)


async def test_a_call_that_hangs_ends_in_time(stage: TelegramStage) -> None:
    stage.box.fails("hang", "sendMessage", times=None)

    with pytest.raises(ChatBusy):
        await stage.chat.send(stage.place(), card("x"))


async def test_a_group_that_became_a_supergroup_names_its_new_id(
    stage: TelegramStage, running: RunningTelegram
) -> None:
    group = running.box.group("Bakery", [stage.dana], is_supergroup=False)
    group.adds_bot(stage.dana)
    new = group.migrates(stage.dana)

    with pytest.raises(PlaceMoved) as moved:
        await stage.chat.send(PlaceRef("telegram", "", str(group.id), is_private=False), card("x"))

    assert moved.value.new_chat_id == str(new.id)


async def test_a_topic_that_is_gone_does_not_stop_a_card(
    stage: TelegramStage, running: RunningTelegram
) -> None:
    group = running.box.group("Bakery", [stage.dana], is_forum=True)
    group.adds_bot(stage.dana)
    place = PlaceRef("telegram", "", str(group.id), thread="4711", is_private=False)

    await stage.chat.send(place, card("here instead"))

    assert [one.text for one in group.from_bot()] == ["here instead"]


async def test_a_card_answers_in_the_topic_it_came_from(
    stage: TelegramStage, running: RunningTelegram
) -> None:
    group = running.box.group("Bakery", [stage.dana], is_forum=True)
    group.adds_bot(stage.dana)
    topic = group.topic("Posts", stage.dana)

    await stage.chat.send(
        PlaceRef("telegram", "", str(group.id), str(topic), is_private=False), card("in the topic")
    )

    assert group.from_bot()[-1].message.thread == topic


async def test_a_wanted_answer_is_asked_for_in_groups_only(
    stage: TelegramStage, running: RunningTelegram
) -> None:
    group = running.box.group("Bakery", [stage.dana])
    group.adds_bot(stage.dana)
    asking = card("When?", asks_reply="tomorrow 9am")

    await stage.chat.send(PlaceRef("telegram", "", str(group.id), is_private=False), asking)
    await stage.chat.send(stage.place(), asking)

    in_group, in_private = stage.box.journal.of("sendMessage")
    assert in_group.parameters["reply_markup"]["input_field_placeholder"] == "tomorrow 9am"
    assert "reply_markup" not in in_private.parameters


async def test_a_server_that_does_not_know_a_tag_gets_plain_words(stage: TelegramStage) -> None:
    stage.box.fails(
        "error",
        "sendMessage",
        status=400,
        description='Bad Request: can\'t parse entities: Unsupported start tag "tg-time"',
    )

    await stage.chat.send(stage.place(), card("9 < 10", quote="<b>"))

    assert stage.shown()[-1].text == "9 < 10\n<b>"


async def test_a_card_is_silent_and_without_preview_unless_it_should_ping(
    stage: TelegramStage,
) -> None:
    await stage.chat.send(stage.place(), card("quiet"))
    await stage.chat.send(stage.place(), card("loud", is_silent=False))

    quiet, loud = stage.box.journal.of("sendMessage")
    assert quiet.parameters["disable_notification"] in {True, "true"}
    assert loud.parameters.get("disable_notification", "false") in {False, "false"}
    assert quiet.parameters["link_preview_options"] == {"is_disabled": True}


async def test_receipts_use_emoji_that_telegram_takes(stage: TelegramStage) -> None:
    said = await stage.dana.writes("hello")

    for reaction, emoji in ((Reaction.SEEN, "👀"), (Reaction.DONE, "👍"), (Reaction.FAILED, "😢")):
        await stage.chat.react(stage.place(), str(said.id), reaction)
        assert said.reactions == [emoji]


@pytest.mark.parametrize(
    ("status", "description", "expected"),
    [
        (400, "Bad Request: chat not found", RouteDead),
        (403, "Forbidden: bot was kicked from the supergroup chat", RouteDead),
        (403, "Forbidden: user is deactivated", RouteDead),
        (400, "Bad Request: not enough rights to send text messages to the chat", RouteDead),
        (400, "Bad Request: TOPIC_CLOSED", RouteDead),
        (400, "Bad Request: message to edit not found", MessageGone),
        (400, "Bad Request: message can't be edited", MessageGone),
        (400, "Bad Request: MESSAGE_ID_INVALID", MessageGone),
        (401, "Unauthorized", TokenRefused),
        (409, "Conflict: terminated by other getUpdates request", ChatBusy),
        (500, "Internal Server Error", ChatBusy),
        (503, "<html>down</html>", ChatBusy),
    ],
)
async def test_refusals_mean_what_they_say(
    stage: TelegramStage, status: int, description: str, expected: type[Exception]
) -> None:
    reference = await stage.chat.send(stage.place(), card("x"))
    stage.box.fails("error", "editMessageText", status=status, description=description)

    with pytest.raises(expected) as refused:
        await stage.chat.edit(stage.place(), reference, card("y"))

    assert type(refused.value) is expected


async def test_a_wrong_token_is_told_plainly(running: RunningTelegram, pauses: Pauses) -> None:
    async with _built(running, pauses, token="43:wrong-token-that-telegram-does-not-know") as chat:
        with pytest.raises(TokenRefused) as refused:
            await chat.introduce()

    assert "wrong-token" not in repr(refused.value)


async def test_links_into_the_chat_begin_where_the_settings_say(
    running: RunningTelegram, pauses: Pauses
) -> None:
    token = SecretStr(running.box.token)
    for link_url, wanted in (
        ("https://t.me", "https://t.me/"),
        (f"{running.origin}/t.me/", f"{running.origin}/t.me/"),
    ):
        settings = TelegramSettings(token, running.api, link_url=link_url)
        async with TelegramChat(settings, session=running.session, pause=pauses) as chat:
            known = await chat.introduce()

        assert known.deep_link == f"{wanted}{running.box.bot.username}"


async def test_s5_an_address_where_nobody_listens_stays_out_of_the_error(
    running: RunningTelegram, pauses: Pauses, unused_tcp_port: int
) -> None:
    token = "42:a-token-nobody-may-see"
    settings = TelegramSettings(SecretStr(token), f"http://127.0.0.1:{unused_tcp_port}")
    async with TelegramChat(settings, session=running.session, pause=pauses) as chat:
        with pytest.raises(ChatBusy) as busy:
            await chat.introduce()

    told = "".join(traceback.format_exception(busy.value))
    assert "nobody-may-see" not in told
    assert "ConnectError" in told


# ── listening ────────────────────────────────────────────────────────────────────────────────


async def test_an_update_is_confirmed_only_after_it_was_stored(stage: TelegramStage) -> None:
    reached, let_go = asyncio.Event(), asyncio.Event()

    async def slow_store(batch: Sequence[Received]) -> None:
        reached.set()
        await let_go.wait()

    await stage.says("hold on to me")
    polling = asyncio.create_task(stage.chat.poll(slow_store))
    await asyncio.wait_for(reached.wait(), 5)

    assert stage.box.pending_updates()
    let_go.set()
    await wait_until(lambda: not stage.box.pending_updates())
    polling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await polling


async def test_what_nobody_asked_for_is_not_delivered(
    stage: TelegramStage, running: RunningTelegram
) -> None:
    channel = running.box.channel("News", stage.dana)
    channel.adds_bot(stage.dana)
    async with listening(stage.chat) as heard:
        await heard.next(lambda one: one.kind == "route")
        await channel.posts("hello")
        await stage.says("done")
        await heard.next(lambda one: one.text == "done")

    assert all("channel_post" not in row.raw.decode() for row in heard.rows.values())


async def test_a_second_receiver_is_told_plainly_and_waited_out(
    stage: TelegramStage, pauses: Pauses, caplog: pytest.LogCaptureFixture
) -> None:
    stage.box.fails(
        "error",
        "getUpdates",
        status=409,
        description="Conflict: terminated by other getUpdates request",
    )

    async with listening(stage.chat) as heard:
        await stage.says("still here")
        await heard.next(lambda one: one.text == "still here")

    assert "telegram.other_receiver" in caplog.messages
    assert 10.0 in pauses.seconds


async def test_pauses_grow_while_the_service_is_down_and_heed_its_wish(
    stage: TelegramStage, pauses: Pauses
) -> None:
    stage.box.fails("server_error", "getUpdates", times=3)
    stage.box.fails("flood", "getUpdates", retry_after=11)

    async with listening(stage.chat) as heard:
        await stage.says("back")
        await heard.next(lambda one: one.text == "back")

    assert pauses.seconds == [1.0, 2.0, 4.0, 11.0]


async def test_an_album_arrives_as_parts_of_one_name(stage: TelegramStage) -> None:
    async with listening(stage.chat) as heard:
        await stage.dana.sends_album([a_jpeg(label="1"), a_jpeg(label="2")], "Two")
        await wait_until(lambda: sum(bool(one.album) for one in heard.inbound()) == 2)

    first, second = [one for one in heard.inbound() if one.album]
    assert first.album == second.album
    assert (first.text, second.text) == ("Two", "")


async def test_a_picture_sent_as_a_file_is_a_document_with_its_type(stage: TelegramStage) -> None:
    async with listening(stage.chat) as heard:
        await stage.dana.sends(Attachment(a_jpeg(), "document", name="../../x.jpg"))
        read = await heard.next(lambda one: bool(one.attachments))

    (document,) = read.attachments
    assert (document.kind, document.mime) == ("document", "image/jpeg")


async def test_bad_022_a_sticker_is_named(stage: TelegramStage) -> None:
    async with listening(stage.chat) as heard:
        await stage.dana.sends_sticker()
        read = await heard.next(lambda one: bool(one.attachments))

    assert read.attachments[0].what == "sticker"


async def test_blocking_and_unblocking_close_and_open_the_route(stage: TelegramStage) -> None:
    async with listening(stage.chat) as heard:
        await stage.dana.blocks()
        await heard.next(lambda one: one.kind == "route" and not one.route_open)
        await stage.dana.unblocks()
        await heard.next(lambda one: one.kind == "route" and one.route_open)


# ── the webhook door ─────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def door(running: RunningTelegram, pauses: Pauses) -> AsyncIterator[TelegramChat]:
    async with _built(running, pauses, webhook=WEBHOOK) as opened:
        yield opened


RIGHT = {SECRET_HEADER: WEBHOOK.secret.get_secret_value()}
UPDATE = b'{"update_id": 7, "message": {"chat": {"id": 5}}}'


async def test_an_update_with_the_secret_is_received(door: TelegramChat) -> None:
    assert await handed_in(door, RIGHT, UPDATE) == Received(
        "telegram:42", "7", "telegram:42:5", UPDATE
    )
    lowered = {name.lower(): value for name, value in RIGHT.items()}
    assert await handed_in(door, lowered, UPDATE) == await handed_in(door, RIGHT, UPDATE)


async def test_bad_071_s6_a_wrong_secret_is_403_whatever_the_body(door: TelegramChat) -> None:
    secret = WEBHOOK.secret.get_secret_value()
    wrong = ["", "x", secret[:-1], secret + "x", "ü" * 40, "\ud800", secret.upper(), f" {secret}"]
    wrong += [
        secret[:at] + chr(ord(secret[at]) ^ 1) + secret[at + 1 :] for at in range(len(secret))
    ]

    for value in wrong:
        for body in (UPDATE, b"", b"x" * 2_000_000):
            assert await handed_in(door, {SECRET_HEADER: value}, body) == Refused(403)
    assert await handed_in(door, {}, UPDATE) == Refused(403)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"no json", 400),
        (b"[1]", 400),
        (b"{}", 400),
        (b'{"update_id": "7"}', 400),
        (b'{"update_id": true}', 400),
        (b"\xff\xfe\x00", 400),
        (b"[" * 100_000, 400),
        (b'{"update_id":' + b"9" * 5000 + b"}", 400),
        (b" " * 1_000_001, 413),
    ],
)
async def test_bad_073_s6_a_body_without_form_is_4xx(
    door: TelegramChat, body: bytes, status: int
) -> None:
    assert await handed_in(door, RIGHT, body) == Refused(status)


async def test_bad_072_the_same_update_has_the_same_name_every_time(door: TelegramChat) -> None:
    names = {repr(await handed_in(door, RIGHT, UPDATE)) for _ in range(5)}

    assert len(names) == 1


async def test_the_door_is_shut_while_polling(chat: TelegramChat) -> None:
    assert await handed_in(chat, {SECRET_HEADER: ""}, UPDATE) == Refused(403)


async def test_announcing_turns_the_webhook_on_or_off(
    running: RunningTelegram, door: TelegramChat, chat: TelegramChat
) -> None:
    await door.announce([])
    assert running.box.bot.webhook is not None
    assert running.box.bot.webhook.url == WEBHOOK.url
    assert running.box.bot.webhook.secret == WEBHOOK.secret.get_secret_value()

    await chat.announce([])
    assert running.box.bot.webhook is None


async def test_groups_are_offered_only_their_commands(
    running: RunningTelegram, chat: TelegramChat
) -> None:
    await chat.announce(
        [CommandWords("new", "New post"), CommandWords("queue", "Queue", in_groups=True)]
    )

    private, group = running.box.journal.of("setMyCommands")
    assert private.parameters["scope"] == {"type": "all_private_chats"}
    assert group.parameters["scope"] == {"type": "all_group_chats"}
    assert [one["command"] for one in group.parameters["commands"]] == ["queue"]


# ── built by the registry ────────────────────────────────────────────────────────────────────


async def test_the_registry_builds_what_has_settings(
    running: RunningTelegram, pauses: Pauses
) -> None:
    settings = TelegramSettings(SecretStr(running.box.token), running.api)

    assert list(build_chats(telegram=settings, session=running.session, pause=pauses)) == [
        "telegram"
    ]
    assert not build_chats(telegram=None, session=running.session, pause=pauses)


async def test_a_card_with_every_kind_of_run_is_taken(stage: TelegramStage) -> None:
    lines = ((Text("a", "bold"), Text("b", "italic"), Text("c", "code")),)

    await stage.chat.send(stage.place(), card("", lines=lines, quote="q\n\nr", fold_quote=True))

    (message,) = stage.dana.private.from_bot()
    assert message.text == "abc\nq\n\nr"
    assert [one["type"] for one in message.entities] == [
        "bold",
        "italic",
        "code",
        "expandable_blockquote",
    ]


async def test_bad_042_ten_megabytes_of_text_are_refused_at_the_door(door: TelegramChat) -> None:
    text = (
        b'{"update_id": 7, "message": {"chat": {"id": 5}, "text": "' + b"x" * 10_000_000 + b'"}}'
    )

    assert await handed_in(door, RIGHT, text) == Refused(413)
