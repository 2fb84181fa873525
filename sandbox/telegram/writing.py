"""What every sending method shares: formatted texts, files, replies, topics, buttons."""

import asyncio
from dataclasses import dataclass
from typing import Any

import aiohttp

from sandbox.telegram import limits, markup, media
from sandbox.telegram.errors import ApiError, bad_request
from sandbox.telegram.keyboards import checked_markup
from sandbox.telegram.request import Params
from sandbox.telegram.state import Bot, Chat, Json, Message
from sandbox.telegram.world import World

FETCH_SECONDS = 10.0


def formatted(source: str, parse_mode: str, entities: list[Any]) -> tuple[str, list[Json]]:
    """Read a text as the server does: parse, clean, trim, then find links and the like."""
    mode = parse_mode.lower()
    if mode == "html":
        text, given = markup.from_html(markup.clean(source))
    elif mode:
        # The real server knows Markdown; a bot that uses it escapes wrongly sooner or later.
        raise bad_request("unsupported parse_mode")
    else:
        text = markup.clean(source)
        given = markup.checked(list(entities), text)
    text, given = markup.trimmed(text, given)
    if len(given) > limits.MAX_ENTITIES:
        raise bad_request(f"too many entities: {len(given)}")
    return text, markup.found_in(text, given)


def text_content(params: Params, *, name: str = "text", entities: str = "entities") -> Json:
    """Read the text of a message."""
    text, marks = formatted(params.text(name), params.text("parse_mode"), params.listing(entities))
    if not text:
        raise bad_request("message text is empty")
    if limits.utf16_units(text) > limits.MAX_TEXT_UNITS:
        raise bad_request("message is too long")
    content: Json = {"text": text}
    if marks:
        content["entities"] = marks
    if preview := params.structure("link_preview_options"):
        content["link_preview_options"] = preview
    return content


def caption_content(caption: str, parse_mode: str, entities: list[Any]) -> Json:
    """Read a caption; nothing when it is empty."""
    text, marks = formatted(caption, parse_mode, entities)
    if limits.utf16_units(text) > limits.MAX_CAPTION_UNITS:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    return {"caption": text, "caption_entities": marks} if marks else {"caption": text}


def caption_of(params: Params) -> Json:
    """Read the caption of a call."""
    return caption_content(
        params.text("caption"), params.text("parse_mode"), params.listing("caption_entities")
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a chat a message goes, and what it carries besides its content."""

    chat: Chat
    markup: Json | None
    reply_to: int | None
    thread: int | None


def place_of(world: World, bot: Bot, params: Params) -> Place:
    """Check all that a sending method says about where and how."""
    chat = world.writable_chat(bot, params)
    keyboard = checked_markup(params.structure("reply_markup"))
    reply_to = _reply(world, chat, params)
    thread = params.number("message_thread_id") or None
    if thread is not None and thread not in chat.topics:
        raise bad_request("message thread not found")
    if (
        thread is not None
        and chat.topics[thread].get("is_closed")
        and chat.members[bot.id] != "administrator"
    ):
        raise bad_request("TOPIC_CLOSED")
    world.tempo.note(bot.id, chat.key, is_group=chat.kind != "private")
    return Place(chat, keyboard, reply_to, thread)


def send(
    world: World, bot: Bot, place: Place, content: Json, *, album: str | None = None
) -> Message:
    """Post what a bot says."""
    author = None if place.chat.kind == "channel" else bot.id
    if place.markup is not None and "inline_keyboard" not in place.markup:
        place.chat.keyboard = None if place.markup.get("remove_keyboard") else place.markup
    return world.post(
        place.chat,
        author,
        content,
        markup=place.markup,
        reply_to=place.reply_to,
        thread=place.thread,
        album=album,
    )


def _reply(world: World, chat: Chat, params: Params) -> int | None:
    wanted = params.structure("reply_parameters") or {}
    if not isinstance(wanted, dict):
        raise bad_request("object expected as reply parameters")
    number = int(wanted.get("message_id") or params.number("reply_to_message_id"))
    if not number:
        return None
    if str(wanted.get("chat_id", chat.id)) != str(chat.id):
        raise bad_request("message to be replied not found")
    if world.message(chat, number) is None:
        if wanted.get("allow_sending_without_reply") or params.flag("allow_sending_without_reply"):
            return None
        raise bad_request("message to be replied not found")
    return number


async def media_content(
    world: World, params: Params, kind: str, reference: str, details: Json
) -> Json:
    """Give the media fields of a message: *reference* is an upload, a file id or an address.

    *details* holds what the bot says about a film: width, height, duration.
    """
    upload = params.upload(reference) or params.uploads.get(kind if reference == "" else reference)
    if upload is not None:
        return await _from_bytes(world, kind, upload.data, upload.name, details)
    if reference.startswith(("http://", "https://")):
        return await _from_bytes(
            world, kind, await _fetched(reference, kind), reference.rsplit("/", 1)[-1], details
        )
    if not reference:
        raise bad_request(f"there is no {kind.replace('_', ' ')} in the request")
    file = world.files.get(reference)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if file.kind != kind:
        raise bad_request(f"can't use file of type {file.kind.title()} as {kind.title()}")
    return _shown(kind, file.shape)


async def _from_bytes(world: World, kind: str, data: bytes, name: str, details: Json) -> Json:
    if not data:
        raise bad_request("file must be non-empty")
    most = limits.MAX_PHOTO_UPLOAD_BYTES if kind == "photo" else limits.MAX_UPLOAD_BYTES
    if len(data) > most:
        raise ApiError(413, "Request Entity Too Large")
    mime = media.kind_of(data, name)
    if kind == "photo":
        return {"photo": world.files.photo(await _photo(data))}
    if kind in {"video", "animation"}:
        seen = await asyncio.to_thread(_film_measures, data, details)
        return _shown(
            kind, world.files.video(data, kind=kind, mime=mime, name=name, measures=seen)
        )
    small = await asyncio.to_thread(media.thumbnail, data) if mime.startswith("image/") else None
    return {"document": world.files.document(data, name=name or "file", mime=mime, small=small)}


async def _photo(data: bytes) -> list[media.PhotoSize]:
    seen = await asyncio.to_thread(media.measured_picture, data)
    if seen is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    longer, shorter = max(seen.width, seen.height), min(seen.width, seen.height)
    if longer + shorter > limits.MAX_PHOTO_SIDES_SUM or longer > shorter * limits.MAX_PHOTO_RATIO:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    sizes = await asyncio.to_thread(media.photo_sizes, data)
    if sizes is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    return sizes


def _film_measures(data: bytes, details: Json) -> media.Measures:
    seen = media.measured_film(data)
    return media.Measures(
        int(details.get("width") or seen.width),
        int(details.get("height") or seen.height),
        float(details.get("duration") or seen.seconds),
    )


def _shown(kind: str, shape: Json) -> Json:
    if kind == "animation":
        document = {
            name: value
            for name, value in shape.items()
            if name not in {"width", "height", "duration"}
        }
        return {"animation": shape, "document": document}
    return {kind: shape}


async def _fetched(url: str, kind: str) -> bytes:
    most = limits.MAX_FETCHED_PHOTO_BYTES if kind == "photo" else limits.MAX_FETCHED_BYTES
    timeout = aiohttp.ClientTimeout(total=FETCH_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as answer:
            data = await answer.content.read(most + 1) if answer.ok else b""
            while (
                answer.ok
                and len(data) <= most
                and (more := await answer.content.read(most + 1 - len(data)))
            ):
                data += more
    except (aiohttp.ClientError, TimeoutError, OSError) as err:
        raise bad_request("failed to get HTTP URL content") from err
    if not data or len(data) > most:
        raise bad_request("failed to get HTTP URL content")
    return data
