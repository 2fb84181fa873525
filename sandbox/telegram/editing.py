"""The methods by which a bot changes what stands in a chat, and answers presses."""

from typing import Any

from sandbox.clock import unix
from sandbox.telegram import limits
from sandbox.telegram.errors import bad_request
from sandbox.telegram.keyboards import inline_only
from sandbox.telegram.request import Params
from sandbox.telegram.sending import input_media
from sandbox.telegram.state import Bot, Chat, Json, Message
from sandbox.telegram.world import PRESENT, World
from sandbox.telegram.writing import caption_of, text_content

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
QUERY_GONE = "query is too old and response timeout expired or query ID is invalid"
CAPTIONED = ("photo", "video", "animation", "document", "audio", "voice")


async def edit_message_text(world: World, bot: Bot, params: Params) -> Json:
    """Change the text; buttons not given are taken away."""
    chat, message = _own_message(world, bot, params)
    content = text_content(params)
    if "text" not in message.content:
        raise bad_request("there is no text in the message to edit")
    return _changed(world, chat, message, content, params)


async def edit_message_caption(world: World, bot: Bot, params: Params) -> Json:
    """Change the caption."""
    chat, message = _own_message(world, bot, params)
    if not any(name in message.content for name in CAPTIONED):
        raise bad_request("there is no caption in the message to edit")
    kept = {
        name: value for name, value in message.content.items() if not name.startswith("caption")
    }
    return _changed(world, chat, message, kept | caption_of(params), params)


async def edit_message_reply_markup(world: World, bot: Bot, params: Params) -> Json:
    """Change the buttons alone."""
    chat, message = _own_message(world, bot, params)
    return _changed(world, chat, message, dict(message.content), params)


async def edit_message_media(world: World, bot: Bot, params: Params) -> Json:
    """Change picture or film, with its caption."""
    chat, message = _own_message(world, bot, params)
    content = await input_media(world, params, params.structure("media"))
    return _changed(world, chat, message, content, params)


async def delete_message(world: World, bot: Bot, params: Params) -> bool:
    """Delete a message younger than 48 hours that the bot may delete."""
    chat = world.writable_chat(bot, params)
    message = world.message(chat, params.number("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    if not _may_delete(world, bot, chat, message):
        raise bad_request("message can't be deleted for everyone")
    world.delete(chat, message)
    return True


async def delete_messages(world: World, bot: Bot, params: Params) -> bool:
    """Delete several messages; those that are not there are skipped."""
    chat = world.writable_chat(bot, params)
    wanted = params.listing("message_ids")
    if not 1 <= len(wanted) <= limits.MAX_IDS_IN_A_CALL:
        raise bad_request("there must be 1-100 message identifiers")
    for number in wanted:
        message = world.message(chat, int(number))
        if message is not None and _may_delete(world, bot, chat, message):
            world.delete(chat, message)
    return True


async def pin_chat_message(world: World, bot: Bot, params: Params) -> bool:
    """Pin a message."""
    chat = world.writable_chat(bot, params)
    message = world.message(chat, params.number("message_id"))
    if message is None:
        raise bad_request("message to pin not found")
    if chat.kind != "private" and chat.members[bot.id] != "administrator":
        raise bad_request("not enough rights to manage pinned messages in the chat")
    if message.id not in chat.pinned:
        chat.pinned.append(message.id)
    world.feed.tell("pin", chat=chat.id, key=chat.key, message_id=message.id)
    world.changed()
    return True


async def unpin_chat_message(world: World, bot: Bot, params: Params) -> bool:
    """Unpin one message, the newest pinned when none is named."""
    chat = world.writable_chat(bot, params)
    number = params.number("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if number not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(number)
    world.feed.tell("pin", chat=chat.id, key=chat.key, message_id=number)
    world.changed()
    return True


async def unpin_all_chat_messages(world: World, bot: Bot, params: Params) -> bool:
    """Unpin everything."""
    chat = world.writable_chat(bot, params)
    chat.pinned.clear()
    world.changed()
    return True


async def answer_callback_query(world: World, bot: Bot, params: Params) -> bool:
    """Answer a press: the toast or alert that the person sees."""
    query = world.queries.get(params.text("callback_query_id"))
    too_old = query is not None and unix(world.clock) - query.at > limits.QUERY_LIFE_SECONDS
    if (
        query is None
        or query.bot_id != bot.id
        or too_old
        or len(query.answers) >= limits.MAX_ANSWERS_TO_A_PRESS
    ):
        raise bad_request(QUERY_GONE)
    text, url = params.text("text"), params.text("url")
    if len(text) > limits.MAX_TOAST_CHARS:
        raise bad_request("MESSAGE_TOO_LONG")
    if url and not url.startswith(
        (f"https://t.me/{bot.username}?start=", f"t.me/{bot.username}?start=")
    ):
        raise bad_request("URL_INVALID")
    answer = {"text": text, "show_alert": params.flag("show_alert"), "url": url}
    query.answers.append(answer)
    query.answered.set()
    world.feed.tell("answer", user=query.user_id, query=query.id, **answer)
    return True


async def set_message_reaction(world: World, bot: Bot, params: Params) -> bool:
    """React with a standard emoji, or with none; on an album it lands on the first message."""
    chat = world.writable_chat(bot, params)
    message = world.message(chat, params.number("message_id"))
    if message is None:
        raise bad_request("message to react not found")
    wanted = params.listing("reaction")
    if len(wanted) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    for one in wanted:
        if (
            not isinstance(one, dict)
            or one.get("type") != "emoji"
            or not limits.is_reaction(str(one.get("emoji")))
        ):
            raise bad_request("REACTION_INVALID")
    if message.album is not None:
        members = [
            one for one in chat.messages.values() if one.album == message.album and not one.deleted
        ]
        message = min(members, key=lambda one: one.id)
    world.react(chat, message, bot.id, [one["emoji"] for one in wanted])
    return True


def _own_message(world: World, bot: Bot, params: Params) -> tuple[Chat, Message]:
    chat = world.writable_chat(bot, params)
    message = world.message(chat, params.number("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    may_edit_posts = chat.kind == "channel" and message.sender_id is None
    if message.sender_id != bot.id and not may_edit_posts:
        raise bad_request("message can't be edited")
    return chat, message


def _changed(world: World, chat: Chat, message: Message, content: Json, params: Params) -> Json:
    markup = inline_only(params.structure("reply_markup"))
    if _plain(content) == _plain(message.content) and markup == message.markup:
        raise bad_request(NOT_MODIFIED)
    world.edit(chat, message, content, markup)
    return world.wire(chat, message)


def _plain(content: Json) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name != "link_preview_options"}


def _may_delete(world: World, bot: Bot, chat: Chat, message: Message) -> bool:
    if unix(world.clock) - message.date >= limits.DELETABLE_FOR_SECONDS:
        return False
    if message.sender_id == bot.id or chat.kind == "private":
        return True
    return chat.members.get(bot.id) in PRESENT - {"member", "restricted"}


EDITING = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "editMessageMedia": edit_message_media,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "pinChatMessage": pin_chat_message,
    "unpinChatMessage": unpin_chat_message,
    "unpinAllChatMessages": unpin_all_chat_messages,
    "answerCallbackQuery": answer_callback_query,
    "setMessageReaction": set_message_reaction,
}
"""Method names and what answers them."""
