"""A second client (aiogram) reads what the stand-in answers and is understood by it."""

from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    ReactionTypeEmoji,
    ReplyParameters,
)

from sandbox.telegram import Person, a_jpeg, an_mp4
from tests.support.telegram import RunningTelegram, running_telegram

MARKUP = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text="Go", callback_data="x", style="success")]]
)


@pytest.fixture
async def chat() -> AsyncIterator[RunningTelegram]:
    async with running_telegram() as running:
        yield running


@pytest.fixture
async def bot(chat: RunningTelegram) -> AsyncIterator[Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(chat.api))
    async with Bot(chat.box.token, session=session) as client:
        yield client


@pytest.fixture
async def dana(chat: RunningTelegram) -> Person:
    person = chat.box.person("Dana")
    await person.starts()
    return person


async def test_it_reads_everything_a_bot_may_ask(
    chat: RunningTelegram, bot: Bot, dana: Person
) -> None:
    photo = await dana.sends_photo(a_jpeg(300, 300), "tomorrow 9am")
    group = chat.box.group("Team", [dana], is_forum=True)
    group.adds_bot(dana)
    group.promotes_bot(dana)

    updates = await bot.get_updates()
    file = await bot.get_file(photo.file_id)
    assert file.file_path
    downloaded = await bot.download_file(file.file_path)
    await bot.set_my_commands([BotCommand(command="queue", description="What is next")])

    assert (await bot.me()).is_bot
    assert len(updates) == 5
    assert updates[1].message is not None
    assert updates[1].message.caption == "tomorrow 9am"
    assert downloaded is not None
    assert downloaded.read() == photo.file
    assert (await bot.get_my_commands())[0].command == "queue"
    assert (await bot.get_webhook_info()).pending_update_count == 5
    assert (await bot.get_chat(dana.id)).first_name == "Dana"
    assert (await bot.get_chat_member(group.id, dana.id)).status == "creator"
    assert (await bot.get_chat_member(group.id, 42)).status == "administrator"
    assert (await bot.create_forum_topic(group.id, "Brand")).name == "Brand"
    assert (await bot.get_user_profile_photos(dana.id)).total_count == 0


async def test_it_sends_edits_and_reacts(bot: Bot, dana: Person) -> None:
    mine = await dana.writes("hi")

    sent = await bot.send_message(
        dana.id,
        "<b>card</b>",
        parse_mode="HTML",
        reply_markup=MARKUP,
        reply_parameters=ReplyParameters(message_id=mine.id),
    )
    album = await bot.send_media_group(
        dana.id,
        [
            InputMediaPhoto(media=BufferedInputFile(a_jpeg(64, 64), "1.jpg"), caption="one"),
            InputMediaPhoto(media=BufferedInputFile(a_jpeg(64, 64), "2.jpg")),
        ],
    )
    video = await bot.send_video(dana.id, BufferedInputFile(an_mp4(100, 50), "v.mp4"))
    await bot.set_message_reaction(dana.id, mine.id, [ReactionTypeEmoji(emoji="👍")])
    await bot.edit_message_text("changed", chat_id=dana.id, message_id=sent.message_id)

    assert (await dana.sees("changed")).id == sent.message_id
    assert mine.reactions == ["👍"]
    assert album[0].media_group_id == album[1].media_group_id
    assert video.video is not None
    assert (video.video.width, video.video.height) == (100, 50)


async def test_it_knows_the_refusals(chat: RunningTelegram, bot: Bot, dana: Person) -> None:
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(1, "x")
    chat.box.fails("flood", "sendMessage", retry_after=3)
    with pytest.raises(TelegramRetryAfter) as refused:
        await bot.send_message(dana.id, "x")
    await dana.blocks()
    with pytest.raises(TelegramForbiddenError, match="blocked"):
        await bot.send_message(dana.id, "x")

    assert refused.value.retry_after == 3
