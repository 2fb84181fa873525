"""The methods by which a bot says something new."""

from sandbox.telegram import limits
from sandbox.telegram.errors import bad_request
from sandbox.telegram.request import Params
from sandbox.telegram.state import Bot, Json, Message
from sandbox.telegram.world import World
from sandbox.telegram.writing import (
    Place,
    caption_content,
    caption_of,
    media_content,
    place_of,
    send,
    text_content,
)

FILM_DETAILS = ("width", "height", "duration")
ALBUM_KINDS = frozenset({"photo", "video", "document"})
FIRST_ALBUM_ID = 13_900_000_000_000_001


async def send_message(world: World, bot: Bot, params: Params) -> Json:
    """Send a text."""
    place = place_of(world, bot, params)
    return world.wire(place.chat, send(world, bot, place, text_content(params)))


async def send_photo(world: World, bot: Bot, params: Params) -> Json:
    """Send a photo."""
    return await _send_media(world, bot, params, "photo")


async def send_video(world: World, bot: Bot, params: Params) -> Json:
    """Send a video."""
    return await _send_media(world, bot, params, "video")


async def send_animation(world: World, bot: Bot, params: Params) -> Json:
    """Send a GIF or a silent film."""
    return await _send_media(world, bot, params, "animation")


async def send_document(world: World, bot: Bot, params: Params) -> Json:
    """Send a file."""
    return await _send_media(world, bot, params, "document")


async def send_media_group(world: World, bot: Bot, params: Params) -> list[Json]:
    """Send an album; it can carry no buttons."""
    place = place_of(world, bot, params)
    place = Place(place.chat, None, place.reply_to, place.thread)
    items = params.listing("media")
    if len(items) not in limits.ALBUM_ITEMS:
        raise bad_request("can't parse media: group must include 2-10 items")
    contents = [await input_media(world, params, item) for item in items]
    kinds = {str(item.get("type")) for item in items}
    if not kinds <= ALBUM_KINDS or (kinds - {"photo", "video"} and len(kinds) > 1):
        raise bad_request("can't parse media: these kinds can't be mixed in an album")
    album = new_album(world)
    sent = [send(world, bot, place, content, album=album) for content in contents]
    return [world.wire(place.chat, message) for message in sent]


async def copy_message(world: World, bot: Bot, params: Params) -> Json:
    """Send the content of another message as if it were new."""
    place = place_of(world, bot, params)
    content = dict(_original(world, bot, params, "copy").content)
    if params.has("caption"):
        content = {
            name: value for name, value in content.items() if not name.startswith("caption")
        }
        content |= caption_of(params)
    return {"message_id": send(world, bot, place, content).id}


async def forward_message(world: World, bot: Bot, params: Params) -> Json:
    """Send another message on, with its origin, without its buttons."""
    place = place_of(world, bot, params)
    original = _original(world, bot, params, "forward")
    message = send(world, bot, Place(place.chat, None, None, place.thread), dict(original.content))
    if original.sender_id is not None:
        sender = world.user(original.sender_id)
        origin = {"type": "user", "sender_user": sender, "date": original.date}
        message.extras["forward_origin"] = origin
    return world.wire(place.chat, message)


async def send_chat_action(world: World, bot: Bot, params: Params) -> bool:
    """Show "typing…" and the like."""
    chat = world.writable_chat(bot, params)
    if params.text("action") not in limits.CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.feed.tell("action", chat=chat.id, key=chat.key, action=params.text("action"))
    return True


async def input_media(world: World, params: Params, item: object) -> Json:
    """Read one InputMedia: content and caption."""
    if not isinstance(item, dict) or "media" not in item:
        raise bad_request("can't parse InputMedia: media not found")
    kind = str(item.get("type"))
    if kind not in {"photo", "video", "animation", "document"}:
        raise bad_request("can't parse InputMedia: wrong type")
    content = await media_content(world, params, kind, str(item["media"]), item)
    entities = item.get("caption_entities") or []
    return content | caption_content(
        str(item.get("caption") or ""), str(item.get("parse_mode") or ""), entities
    )


def new_album(world: World) -> str:
    """Give the id of a new album."""
    return str(world.state.next("album", first=FIRST_ALBUM_ID))


async def _send_media(world: World, bot: Bot, params: Params, kind: str) -> Json:
    place = place_of(world, bot, params)
    caption = caption_of(params)
    details = {name: params.number(name) for name in FILM_DETAILS if params.has(name)}
    content = await media_content(world, params, kind, params.text(kind), details)
    return world.wire(place.chat, send(world, bot, place, content | caption))


def _original(world: World, bot: Bot, params: Params, what: str) -> Message:
    source = world.readable_chat(bot, params, "from_chat_id")
    message = world.message(source, params.number("message_id"))
    if message is None:
        raise bad_request(f"message to {what} not found")
    return message


SENDING = {
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendVideo": send_video,
    "sendAnimation": send_animation,
    "sendDocument": send_document,
    "sendMediaGroup": send_media_group,
    "copyMessage": copy_message,
    "forwardMessage": forward_message,
    "sendChatAction": send_chat_action,
}
"""Method names and what answers them."""
