"""The methods about the bot itself, its updates and the chats it is in."""

import ipaddress
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from sandbox.telegram import limits
from sandbox.telegram.errors import bad_request
from sandbox.telegram.request import Params
from sandbox.telegram.state import Bot, Chat, Json, Webhook
from sandbox.telegram.world import PRESENT, World

TOPIC_COLOUR = 7322096
MOST_UPDATES_AT_ONCE = 100

Method = Callable[[World, Bot, Params], Awaitable[object]]


async def get_me(world: World, bot: Bot, params: Params) -> Json:
    """Tell who the bot is."""
    del world, params
    return bot.user() | {
        "can_join_groups": True,
        "can_read_all_group_messages": bot.reads_all_group_messages,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
    }


async def say_yes(world: World, bot: Bot, params: Params) -> bool:
    """Agree (logOut, close)."""
    del world, bot, params
    return True


async def get_updates(world: World, bot: Bot, params: Params) -> list[Json]:
    """Long polling."""
    limit = params.number("limit", MOST_UPDATES_AT_ONCE)
    limit = limit if 1 <= limit <= MOST_UPDATES_AT_ONCE else MOST_UPDATES_AT_ONCE
    _set_allowed(bot, params)
    timeout = min(max(params.number("timeout"), 0), limits.MAX_LONG_POLL_SECONDS)
    return await world.office.poll(bot, params.number("offset"), limit, timeout)


async def set_webhook(world: World, bot: Bot, params: Params) -> bool:
    """Have updates pushed; https only, except to this machine."""
    url = params.text("url").strip()
    secret = params.text("secret_token")
    connections = params.number("max_connections", 40)
    if url:
        _check_webhook_address(url)
    if secret and not limits.WEBHOOK_SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters or is too long")
    if connections not in limits.WEBHOOK_CONNECTIONS:
        connections = 40
    _set_allowed(bot, params)
    webhook = Webhook(url, secret, connections) if url else None
    world.office.set_webhook(bot, webhook, drop_pending=params.flag("drop_pending_updates"))
    return True


async def delete_webhook(world: World, bot: Bot, params: Params) -> bool:
    """Go back to polling."""
    world.office.set_webhook(bot, None, drop_pending=params.flag("drop_pending_updates"))
    return True


async def get_webhook_info(world: World, bot: Bot, params: Params) -> Json:
    """Tell how pushing goes."""
    del world, params
    shape: Json = {
        "url": "",
        "has_custom_certificate": False,
        "pending_update_count": len(bot.updates),
    }
    if bot.allowed_updates:
        shape["allowed_updates"] = bot.allowed_updates
    if bot.webhook is not None:
        shape |= {"url": bot.webhook.url, "max_connections": bot.webhook.max_connections}
        if bot.webhook.last_error_date:
            shape["last_error_date"] = bot.webhook.last_error_date
            shape["last_error_message"] = bot.webhook.last_error_message
    return shape


async def get_file(world: World, bot: Bot, params: Params) -> Json:
    """Open the download link of a file."""
    del bot
    if not params.has("file_id"):
        raise bad_request("file_id not specified")
    granted = world.files.grant(params.text("file_id"), is_local=world.local_mode)
    world.changed()
    return granted


async def get_chat(world: World, bot: Bot, params: Params) -> Json:
    """Tell all about a chat."""
    chat = world.readable_chat(bot, params)
    shape = world.chat_shape(chat) | {"accent_color_id": 0, "max_reaction_count": 11}
    shape["accepted_gift_types"] = dict.fromkeys(
        (
            "unlimited_gifts",
            "limited_gifts",
            "unique_gifts",
            "premium_subscription",
            "gifts_from_channels",
        ),
        False,
    )
    if chat.pinned and (pinned := world.message(chat, chat.pinned[-1])) is not None:
        shape["pinned_message"] = world.wire(chat, pinned, with_reply=False)
    return shape


async def get_chat_member(world: World, bot: Bot, params: Params) -> Json:
    """Tell someone's standing in a chat."""
    chat = world.readable_chat(bot, params)
    number = params.number("user_id")
    if number not in world.state.users and world.bot(number) is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return world.member_shape(chat, number)


async def get_chat_administrators(world: World, bot: Bot, params: Params) -> list[Json]:
    """List a group's administrators, other bots left out."""
    chat = world.writable_chat(bot, params)
    if chat.kind == "private":
        raise bad_request("there are no administrators in the private chat")
    chosen = [
        number for number, status in chat.members.items() if status in {"creator", "administrator"}
    ]
    return [
        world.member_shape(chat, one) for one in chosen if one == bot.id or world.bot(one) is None
    ]


async def get_chat_member_count(world: World, bot: Bot, params: Params) -> int:
    """Count who is in a chat."""
    chat = world.readable_chat(bot, params)
    return sum(status in PRESENT for status in chat.members.values())


async def leave_chat(world: World, bot: Bot, params: Params) -> bool:
    """Leave a group or channel."""
    chat = world.writable_chat(bot, params)
    if chat.kind == "private":
        raise bad_request("chat member status can't be changed in private chats")
    world.change_member(chat, bot.id, "left", by=bot.id)
    return True


async def set_my_commands(world: World, bot: Bot, params: Params) -> bool:
    """Keep the commands of one scope and language."""
    commands = params.listing("commands")
    if len(commands) > limits.MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for one in commands:
        if not isinstance(one, dict) or not limits.COMMAND_NAME.fullmatch(
            str(one.get("command")).removeprefix("/")
        ):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(one.get("description", ""))) <= limits.MAX_COMMAND_DESCRIPTION_CHARS:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    bot.commands[_scope(params)] = commands
    world.feed.tell("commands", bot=bot.id)
    world.changed()
    return True


async def get_my_commands(world: World, bot: Bot, params: Params) -> list[Json]:
    """Give the commands of one scope and language."""
    del world
    return bot.commands.get(_scope(params), [])


async def delete_my_commands(world: World, bot: Bot, params: Params) -> bool:
    """Forget the commands of one scope and language."""
    bot.commands.pop(_scope(params), None)
    world.changed()
    return True


async def set_chat_menu_button(world: World, bot: Bot, params: Params) -> bool:
    """Set the menu button of one chat or of all."""
    bot.menu_buttons[params.text("chat_id", "all")] = params.structure("menu_button") or {
        "type": "default"
    }
    world.changed()
    return True


async def get_chat_menu_button(world: World, bot: Bot, params: Params) -> Json:
    """Give the menu button of a chat."""
    del world
    fallback = bot.menu_buttons.get("all", {"type": "commands"})
    return bot.menu_buttons.get(params.text("chat_id", "all"), fallback)


async def create_forum_topic(world: World, bot: Bot, params: Params) -> Json:
    """Open a topic."""
    chat = _forum(world, bot, params)
    name = params.text("name")
    if not 1 <= len(name) <= limits.MAX_TOPIC_CHARS:
        raise bad_request("TOPIC_TITLE_EMPTY" if not name else "TOPIC_TITLE_TOO_LONG")
    return open_topic(world, chat, bot.id, name)


async def edit_forum_topic(world: World, bot: Bot, params: Params) -> bool:
    """Rename a topic."""
    topic = _topic(_forum(world, bot, params), params)
    topic["name"] = params.text("name") or topic["name"]
    world.changed()
    return True


async def close_forum_topic(world: World, bot: Bot, params: Params) -> bool:
    """Close a topic."""
    return _set_closed(world, bot, params, is_closed=True)


async def reopen_forum_topic(world: World, bot: Bot, params: Params) -> bool:
    """Open a closed topic again."""
    return _set_closed(world, bot, params, is_closed=False)


async def delete_forum_topic(world: World, bot: Bot, params: Params) -> bool:
    """Delete a topic with its messages."""
    chat = _forum(world, bot, params)
    _topic(chat, params)
    number = params.number("message_thread_id")
    for message in [
        one for one in chat.messages.values() if one.thread == number and not one.deleted
    ]:
        world.delete(chat, message)
    del chat.topics[number]
    world.changed()
    return True


async def get_user_profile_photos(world: World, bot: Bot, params: Params) -> Json:
    """Give a person's profile photos: there are none."""
    del bot
    if params.number("user_id") not in world.state.users:
        raise bad_request("user not found")
    return {"total_count": 0, "photos": []}


def open_topic(world: World, chat: Chat, creator_id: int, name: str) -> Json:
    """Open a topic in a forum; its id is that of the message that tells of it."""
    made = {"name": name, "icon_color": TOPIC_COLOUR}
    message = world.post(chat, creator_id, {"forum_topic_created": made})
    message.thread = message.id
    chat.topics[message.id] = {**made, "is_closed": False}
    world.changed()
    return {"message_thread_id": message.id, **made}


def _text_setter(field: str, most: int) -> Method:
    async def setter(world: World, bot: Bot, params: Params) -> bool:
        if len(params.text(field)) > most:
            raise bad_request(f"bot {field.replace('_', ' ')} is too long")
        bot.texts[f"{field} {params.text('language_code')}"] = params.text(field)
        world.changed()
        return True

    return setter


def _text_getter(field: str) -> Method:
    async def getter(world: World, bot: Bot, params: Params) -> Json:
        del world
        default = bot.texts.get(f"{field} ", bot.name if field == "name" else "")
        return {field: bot.texts.get(f"{field} {params.text('language_code')}", default)}

    return getter


def _scope(params: Params) -> str:
    scope = params.structure("scope") or {"type": "default"}
    return " ".join(
        [*(f"{name}={scope[name]}" for name in sorted(scope)), params.text("language_code")]
    )


def _set_allowed(bot: Bot, params: Params) -> None:
    allowed = params.structure("allowed_updates")
    if isinstance(allowed, list):
        # Unknown kinds are passed over, as the real server does.
        bot.allowed_updates = [str(kind) for kind in allowed if kind in limits.UPDATE_KINDS]


def _check_webhook_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme != "http" or not _is_this_machine(parts.hostname or ""):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _forum(world: World, bot: Bot, params: Params) -> Chat:
    chat = world.writable_chat(bot, params)
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    if chat.members[bot.id] != "administrator":
        raise bad_request("not enough rights to create a topic")
    return chat


def _topic(chat: Chat, params: Params) -> Json:
    number = params.number("message_thread_id")
    if number not in chat.topics:
        raise bad_request("message thread not found")
    return chat.topics[number]


def _set_closed(world: World, bot: Bot, params: Params, *, is_closed: bool) -> bool:
    topic = _topic(_forum(world, bot, params), params)
    if bool(topic.get("is_closed")) == is_closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic["is_closed"] = is_closed
    world.changed()
    return True


SETTLING = {
    "getMe": get_me,
    "logOut": say_yes,
    "close": say_yes,
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "getFile": get_file,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "leaveChat": leave_chat,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
    "setMyDescription": _text_setter("description", limits.MAX_DESCRIPTION_CHARS),
    "getMyDescription": _text_getter("description"),
    "setMyShortDescription": _text_setter("short_description", limits.MAX_SHORT_DESCRIPTION_CHARS),
    "getMyShortDescription": _text_getter("short_description"),
    "setMyName": _text_setter("name", limits.MAX_NAME_CHARS),
    "getMyName": _text_getter("name"),
    "createForumTopic": create_forum_topic,
    "editForumTopic": edit_forum_topic,
    "closeForumTopic": close_forum_topic,
    "reopenForumTopic": reopen_forum_topic,
    "deleteForumTopic": delete_forum_topic,
    "getUserProfilePhotos": get_user_profile_photos,
}
"""Method names and what answers them."""
