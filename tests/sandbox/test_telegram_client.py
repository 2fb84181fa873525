"""The unmodified python-telegram-bot client drives the stand-in, by polling and by webhook."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
import telegram
from aiohttp import web
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, InputMediaVideo
from telegram.constants import ReactionEmoji
from telegram.ext import Application, CallbackQueryHandler, MessageHandler, filters
from telegram.request import HTTPXRequest

from sandbox.telegram import Person, TelegramSandbox, a_gif, a_jpeg, a_png, an_mp4
from sandbox.telegram.limits import REACTIONS, is_reaction
from tests.support.telegram import RunningTelegram, judge_call, judge_message, running_telegram

BUTTONS = InlineKeyboardMarkup(
    [
        [
            InlineKeyboardButton("Approve", callback_data="p1:ok:1:1", style="success"),
            InlineKeyboardButton("Open", url="https://example.org/p/1"),
        ],
        [InlineKeyboardButton("Cancel post", callback_data="p1:cancel:1:1", style="danger")],
    ]
)


@pytest.fixture(autouse=True)
def _durations(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client warns of its coming types unless they are asked for; warnings are errors here."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
async def chat() -> AsyncIterator[RunningTelegram]:
    async with running_telegram() as running:
        yield running


@pytest.fixture
def box(chat: RunningTelegram) -> TelegramSandbox:
    return chat.box


@pytest.fixture
async def bot(chat: RunningTelegram) -> AsyncIterator[telegram.Bot]:
    """The client; at the end every call it made is read by an outside judge."""
    client = telegram.Bot(
        chat.box.token, base_url=f"{chat.api}/bot", base_file_url=f"{chat.api}/file/bot"
    )
    async with client:
        yield client
    assert chat.box.journal.unknown_methods == []
    for call in chat.box.journal.calls:
        judge_call(call)


@pytest.fixture
async def dana(box: TelegramSandbox) -> Person:
    person = box.person("Dana", language="en")
    await person.starts()
    return person


async def updates(bot: telegram.Bot) -> list[telegram.Update]:
    got = await bot.get_updates(timeout=1)
    if got:
        await bot.get_updates(offset=got[-1].update_id + 1, timeout=0)
    return list(got)


async def test_a_bot_learns_who_it_is(bot: telegram.Bot) -> None:
    me = await bot.get_me()

    assert (me.is_bot, me.username, me.id) == (True, "postcue_demo_bot", 42)


async def test_a_text_arrives_with_its_sender_and_language(
    bot: telegram.Bot, dana: Person
) -> None:
    await updates(bot)

    await dana.writes("see you #tomorrow at https://example.org/x")

    message = (await updates(bot))[0].message
    assert message is not None
    assert message.text == "see you #tomorrow at https://example.org/x"
    assert message.from_user is not None
    assert message.from_user.language_code == "en"
    assert message.chat.id == dana.id
    assert list(message.parse_entities().values()) == ["#tomorrow", "https://example.org/x"]


async def test_start_is_a_command_with_its_payload(
    bot: telegram.Bot, box: TelegramSandbox
) -> None:
    await box.person("Mia").starts("c_token")

    message = (await updates(bot))[0].message
    assert message is not None
    assert message.text == "/start c_token"
    assert message.entities[0].type == "bot_command"


async def test_a_photo_comes_in_sizes_and_its_largest_can_be_fetched(
    bot: telegram.Bot, dana: Person
) -> None:
    await updates(bot)

    sent = await dana.sends_photo(a_jpeg(2000, 1000, "x"), "tomorrow 9am")

    message = (await updates(bot))[0].message
    assert message is not None
    assert message.caption == "tomorrow 9am"
    assert [(size.width, size.height) for size in message.photo] == [
        (90, 45),
        (320, 160),
        (800, 400),
        (1280, 640),
    ]
    file = await message.photo[-1].get_file()
    data = bytes(await file.download_as_bytearray())
    assert data == sent.file
    assert len(data) == message.photo[-1].file_size


async def test_a_document_keeps_every_byte(bot: telegram.Bot, dana: Person) -> None:
    await updates(bot)
    data = a_png(1500, 1500)

    await dana.sends_document(data, "as file", name="p.png")

    message = (await updates(bot))[0].message
    assert message is not None
    document = message.document
    assert document is not None
    assert (document.mime_type, document.file_name) == ("image/png", "p.png")
    assert document.thumbnail is not None
    assert bytes(await (await document.get_file()).download_as_bytearray()) == data


async def test_a_video_tells_its_size_and_length(bot: telegram.Bot, dana: Person) -> None:
    await updates(bot)

    await dana.sends_video(an_mp4(720, 1280, 12.4))

    message = (await updates(bot))[0].message
    assert message is not None
    video = message.video
    assert video is not None
    assert (video.width, video.height, video.mime_type) == (720, 1280, "video/mp4")
    assert video.duration == timedelta(seconds=12)


async def test_what_is_to_be_refused_can_be_sent(bot: telegram.Bot, dana: Person) -> None:
    await updates(bot)

    await dana.sends_sticker()
    await dana.sends_voice()
    await dana.sends_video_note()
    await dana.sends_audio()
    await dana.sends_contact()
    await dana.sends_location()
    await dana.sends_poll()
    await dana.sends_animation(a_gif())

    kinds = [telegram.helpers.effective_message_type(one) for one in await updates(bot)]
    assert kinds == [
        "sticker", "voice", "video_note", "audio", "contact", "location", "poll", "animation",
    ]  # fmt: skip


async def test_a_card_with_formatting_and_buttons_is_seen_as_sent(
    bot: telegram.Bot, dana: Person
) -> None:
    photo = await dana.sends_photo(a_jpeg())

    sent = await bot.send_message(
        dana.id,
        "<b>Scheduled</b> · <i>#142</i> &amp; more\n"
        '<tg-time unix="1800000000" format="wDt">Fri</tg-time>'
        "<blockquote expandable>long &lt;caption&gt;</blockquote>",
        parse_mode="HTML",
        reply_markup=BUTTONS,
        reply_parameters=telegram.ReplyParameters(photo.id),
    )

    card = await dana.sees("Scheduled")
    assert card.text == "Scheduled · #142 & more\nFrilong <caption>"
    assert card.button_texts == ["Approve", "Open", "Cancel post"]
    assert card.button("Cancel").style == "danger"
    assert card.reply_to is not None
    assert card.reply_to.id == photo.id
    assert "<b>Scheduled</b>" in card.html
    assert 'data-unix="1800000000"' in card.html
    assert [entity.type for entity in sent.entities] == [
        "bold", "italic", "date_time", "expandable_blockquote",
    ]  # fmt: skip
    assert sent.reply_to_message is not None
    assert sent.reply_to_message.message_id == photo.id
    judge_message(card.wire)


async def test_an_edit_changes_the_same_card_and_its_past_is_kept(
    bot: telegram.Bot, dana: Person
) -> None:
    sent = await bot.send_message(dana.id, "Scheduled", reply_markup=BUTTONS)

    await bot.edit_message_text("Published", dana.id, sent.message_id)

    card = await dana.sees("Published")
    assert card.id == sent.message_id
    assert card.is_edited
    assert card.button_texts == []
    assert [said.text for said in card.history] == ["Scheduled", "Published"]


async def test_an_edit_without_a_change_is_refused(bot: telegram.Bot, dana: Person) -> None:
    sent = await bot.send_message(dana.id, "<b>Same</b>", parse_mode="HTML", reply_markup=BUTTONS)

    with pytest.raises(telegram.error.BadRequest, match="not modified"):
        await bot.edit_message_text(
            "<strong>Same</strong>",
            dana.id,
            sent.message_id,
            parse_mode="HTML",
            reply_markup=BUTTONS,
        )


async def test_a_press_reaches_the_bot_and_its_answer_the_person(
    bot: telegram.Bot, dana: Person
) -> None:
    await updates(bot)
    await bot.send_message(dana.id, "Card", reply_markup=BUTTONS)
    card = await dana.sees("Card")

    async with asyncio.TaskGroup() as group:
        pressing = group.create_task(dana.presses(card, "Cancel post"))
        query = (await updates(bot))[0].callback_query
        assert query is not None
        assert query.data == "p1:cancel:1:1"
        assert query.message is not None
        assert query.message.message_id == card.id
        await query.answer("Cancelled", show_alert=True)

    assert pressing.result().text == "Cancelled"
    assert pressing.result().is_alert


async def test_albums_go_both_ways(bot: telegram.Bot, dana: Person) -> None:
    await updates(bot)

    await dana.sends_album([a_jpeg(label="1"), an_mp4(), a_jpeg(label="2")], "fri 18:30")
    got = [one.message for one in await updates(bot)]
    media: list[Any] = [
        InputMediaPhoto(got[0].photo[-1].file_id),
        InputMediaPhoto(a_jpeg(label="3")),
    ]
    media.append(InputMediaVideo(an_mp4(), caption="moving"))
    sent = await bot.send_media_group(dana.id, media)

    assert len({message.media_group_id for message in got}) == 1
    assert [message.caption for message in got] == ["fri 18:30", None, None]
    assert got[1].video
    assert len({message.media_group_id for message in sent}) == 1
    assert sent[2].caption == "moving"
    assert sent[0].photo[-1].file_unique_id == got[0].photo[-1].file_unique_id


async def test_every_way_to_send_and_change_media(bot: telegram.Bot, dana: Person) -> None:
    photo = await bot.send_photo(dana.id, a_jpeg(), caption="<b>one</b>", parse_mode="HTML")
    video = await bot.send_video(dana.id, io.BytesIO(an_mp4()), width=100, height=50, duration=3)
    document = await bot.send_document(dana.id, a_png(), filename="a.png")
    await bot.send_animation(dana.id, a_gif())
    again = await bot.send_photo(dana.id, photo.photo[-1].file_id)
    await bot.edit_message_caption(dana.id, photo.message_id, caption="two")
    await bot.edit_message_media(InputMediaVideo(an_mp4(64, 64)), dana.id, document.message_id)
    copied = await bot.copy_message(dana.id, dana.id, photo.message_id)
    forwarded = await bot.forward_message(dana.id, dana.id, video.message_id)

    kinds = [seen.kind for seen in dana.private.from_bot()]
    assert kinds == ["photo", "video", "video", "animation", "photo", "photo", "video"]
    assert video.video
    assert (video.video.width, video.video.height) == (100, 50)
    assert again.photo[-1].file_id == photo.photo[-1].file_id
    assert dana.private.messages(lambda one: one.id == copied.message_id)[0].text == "two"
    assert forwarded.forward_origin is not None
    for seen in dana.private.from_bot():
        judge_message(seen.wire)


async def test_a_reaction_is_seen_and_others_than_the_listed_are_refused(
    bot: telegram.Bot, dana: Person
) -> None:
    album = await dana.sends_album([a_jpeg(), a_jpeg()])

    await bot.set_message_reaction(dana.id, album[1].id, "👀")
    with pytest.raises(telegram.error.BadRequest, match=r"(?i)reaction_invalid"):
        await bot.set_message_reaction(dana.id, album[0].id, "✅")

    assert album[0].reactions == ["👀"]
    assert album[1].reactions == []


def test_the_list_of_reactions_is_that_of_the_client() -> None:
    assert all(is_reaction(emoji.value) for emoji in ReactionEmoji)
    assert len(REACTIONS) == len(ReactionEmoji)


async def test_a_removed_message_is_gone_for_everyone(bot: telegram.Bot, dana: Person) -> None:
    first = await bot.send_message(dana.id, "one")
    second = await bot.send_message(dana.id, "two")

    await bot.delete_message(dana.id, first.message_id)
    await bot.delete_messages(dana.id, [second.message_id, 9999])

    assert dana.private.from_bot() == []
    with pytest.raises(telegram.error.BadRequest, match=r"(?i)message to delete not found"):
        await bot.delete_message(dana.id, first.message_id)
    with pytest.raises(telegram.error.BadRequest, match=r"(?i)message to edit not found"):
        await bot.edit_message_text("x", dana.id, second.message_id)


async def test_commands_texts_and_menu_are_kept(bot: telegram.Bot, dana: Person) -> None:
    scope = telegram.BotCommandScopeAllPrivateChats()

    await bot.set_my_commands([("queue", "What is next")], scope=scope, language_code="de")
    await bot.set_my_description("All about it")
    await bot.set_my_short_description("short")
    await bot.set_chat_menu_button(menu_button=telegram.MenuButtonCommands())
    await bot.pin_chat_message(dana.id, (await bot.send_message(dana.id, "pinned")).message_id)

    assert (await bot.get_my_commands(scope, "de"))[0].command == "queue"
    assert await bot.get_my_commands() == ()
    assert (await bot.get_my_description()).description == "All about it"
    assert (await bot.get_chat_menu_button()).type == "commands"
    shown = await bot.get_chat(dana.id)
    assert shown.pinned_message is not None
    assert shown.pinned_message.text == "pinned"
    await bot.delete_my_commands(scope, "de")
    assert await bot.get_my_commands(scope, "de") == ()
    await bot.unpin_all_chat_messages(dana.id)
    await bot.send_chat_action(dana.id, "typing")


Answer = Callable[[telegram.Bot, int], Awaitable[Any]]


@pytest.mark.parametrize(
    ("kind", "details", "expected"),
    [
        ("flood", {"retry_after": 7}, telegram.error.RetryAfter),
        ("blocked", {}, telegram.error.Forbidden),
        ("kicked", {}, telegram.error.Forbidden),
        ("chat_not_found", {}, telegram.error.BadRequest),
        ("server_error", {"status": 502}, telegram.error.NetworkError),
        ("drop", {}, telegram.error.NetworkError),
        ("drop_before", {}, telegram.error.NetworkError),
        ("error", {"status": 400, "description": "Bad Request: odd"}, telegram.error.BadRequest),
    ],
)
async def test_a_fault_on_demand_is_what_the_client_knows_and_ends_by_itself(
    box: TelegramSandbox,
    bot: telegram.Bot,
    dana: Person,
    kind: Any,
    details: dict[str, Any],
    expected: type[Exception],
) -> None:
    box.fails(kind, "sendMessage", **details)

    with pytest.raises(expected):
        await bot.send_message(dana.id, "first")
    await bot.send_message(dana.id, "second")

    done = ["first", "second"] if kind == "drop" else ["second"]
    assert [seen.text for seen in dana.private.from_bot()] == done
    assert box.journal.of("sendMessage")[0].fault == kind
    assert box.world.faults.active == []


async def test_a_call_that_hangs_times_out_and_goes_on_when_cleared(
    box: TelegramSandbox, chat: RunningTelegram, dana: Person
) -> None:
    box.fails("hang", "sendMessage", times=None)
    impatient = HTTPXRequest(read_timeout=0.2)

    async with telegram.Bot(box.token, f"{chat.api}/bot", request=impatient) as client:
        with pytest.raises(telegram.error.TimedOut):
            await client.send_message(dana.id, "lost")
        box.heals()
        await client.send_message(dana.id, "found")

    assert [seen.text for seen in dana.private.from_bot()] == ["found"]


async def test_an_application_that_polls_holds_a_conversation(
    chat: RunningTelegram, box: TelegramSandbox
) -> None:
    app = _application(chat)
    dana = box.person("Dana")
    async with app:
        await app.start()
        assert app.updater is not None
        await app.updater.start_polling()

        await dana.writes("hello")
        card = await dana.sees("You said hello")
        toast = await dana.presses(card, "Approve")
        changed = await dana.sees("Approved")

        await app.updater.stop()
        await app.stop()
    assert str(toast) == "Thanks"
    assert changed.id == card.id
    assert box.journal.refused() == [
        call for call in box.journal.calls if call.method == "getUpdates" and call.status == 409
    ]


async def test_an_application_behind_a_webhook_holds_a_conversation(
    chat: RunningTelegram, box: TelegramSandbox
) -> None:
    app = _application(chat, polls=False)
    seen_secrets = []

    async def receive(request: web.Request) -> web.Response:
        seen_secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        update = telegram.Update.de_json(await request.json(), app.bot)
        await app.process_update(update)
        return web.Response()

    async with app, _site(receive) as url:
        await app.start()
        await app.bot.set_webhook(url, secret_token="s3cret_-", max_connections=5)
        dana = box.person("Dana")

        await dana.writes("hello")
        card = await dana.sees("You said hello")
        await dana.presses(card, "Approve")
        await dana.sees("Approved")

        assert (await app.bot.get_webhook_info()).url == url
        await app.bot.delete_webhook()
        await app.stop()
    assert set(seen_secrets) == {"s3cret_-"}


def _application(
    chat: RunningTelegram, *, polls: bool = True
) -> Application[Any, Any, Any, Any, Any, Any]:
    builder = Application.builder().token(chat.box.token)
    builder = builder.base_url(f"{chat.api}/bot").base_file_url(f"{chat.api}/file/bot")
    app = (builder if polls else builder.updater(None)).build()

    async def on_message(update: telegram.Update, context: Any) -> None:
        del context
        assert update.message is not None
        await update.message.reply_text(f"You said {update.message.text}", reply_markup=BUTTONS)

    async def on_press(update: telegram.Update, context: Any) -> None:
        del context
        assert update.callback_query is not None
        await update.callback_query.answer("Thanks")
        await update.callback_query.edit_message_text("Approved")

    app.add_handler(MessageHandler(filters.TEXT, on_message))
    app.add_handler(CallbackQueryHandler(on_press))
    return app


class _site:  # noqa: N801  # read as a word in "async with"
    def __init__(self, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> None:
        app = web.Application()
        app.router.add_post("/hook", handler)
        self._runner = web.AppRunner(app)

    async def __aenter__(self) -> str:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/hook"

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()


async def test_an_upload_that_is_too_large_is_refused(chat: RunningTelegram, dana: Person) -> None:
    form = aiohttp.FormData({"chat_id": str(dana.id)})
    form.add_field("photo", io.BytesIO(bytes(10 * 2**20 + 1)), filename="p.jpg")

    async with chat.session.post(f"{chat.api}/bot{chat.box.token}/sendPhoto", data=form) as answer:
        assert answer.status == 413
