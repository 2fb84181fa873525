"""Telegram's updates as chat-neutral `Inbound` values. Pure: no network, no clock, no raising.

Source of the shapes: Telegram Bot API 10.0 (May 2026). Whatever does not look as documented there
becomes `ignored`; half a message is never passed on.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from integrations.chat.incoming import (
    Actor,
    Attachment,
    AttachmentKind,
    Inbound,
    InboundKind,
    PlaceRef,
    Press,
    Span,
)

CHAT = "telegram"
WANTED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of update we ask Telegram for (`allowed_updates`)."""

_LARGEST_NUMBER = 2**63
_LAST_OF_BASIC_PLANE = 0xFFFF
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@(\w{1,64}))?(?:\s+(.*))?\s*", re.DOTALL)
_SPAN_KINDS = {
    "url": "url",
    "text_link": "url",
    "mention": "mention",
    "text_mention": "mention",
    "hashtag": "hashtag",
    "cashtag": "hashtag",
    "code": "code",
    "pre": "code",
    "email": "email",
}
_UNWANTED = {
    "sticker": "sticker",
    "voice": "voice message",
    "video_note": "video note",
    "audio": "audio file",
    "contact": "contact",
    "venue": "location",
    "location": "location",
    "poll": "poll",
    "dice": "dice",
    "game": "game",
    "story": "story",
    "checklist": "checklist",
    "paid_media": "paid media",
    "invoice": "invoice",
    "giveaway": "giveaway",
}
"""What people send that no post is made of, and the word for it."""

_OPEN_STANDINGS = frozenset({"creator", "administrator", "member"})

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Ourselves:
    """Who our bot is: what parsing needs to tell our own things from other people's.

    *username* is empty until Telegram was asked; a command for a named bot then counts as ours.
    """

    bot_id: str
    username: str = ""


def parse_update(raw: bytes, us: Ourselves) -> Inbound:
    """Understand one stored update; an unknown, broken or foreign one is `ignored`."""
    update = read_object(raw)
    if update is None:
        return _ignored()
    if message := _object(update, "message"):
        return _from_message(message, us, "message")
    if message := _object(update, "edited_message"):
        return _from_message(message, us, "edit")
    if query := _object(update, "callback_query"):
        return _from_press(query)
    if change := _object(update, "my_chat_member"):
        return _from_standing(change, us)
    return _ignored()


def read_object(raw: bytes) -> Json | None:
    """Read *raw* as a JSON object; None when it is none."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def update_id(update: Json) -> int | None:
    """Give the number of an update, by which Telegram repeats and confirms it."""
    return _number(update, "update_id")


def conversation_of(update: Json, source: str) -> str:
    """Name the chat an update belongs to: what happens in one is handled in order."""
    for kind in WANTED_UPDATES:
        inner = _object(update, kind)
        if kind == "callback_query":
            inner = _object(inner, "message")
        chat_id = _number(_object(inner, "chat"), "id")
        if chat_id is not None:
            return f"{source}:{chat_id}"
    return f"{source}:"


def clean(text: str) -> str:
    """Give *text* without what no database and no wire can carry: NUL and halves of characters."""
    return "".join(character for character in text if _is_sound(character))


# ── messages ─────────────────────────────────────────────────────────────────────────────────


def _from_message(message: Json, us: Ourselves, kind: InboundKind) -> Inbound:
    place = _place(message)
    number = _number(message, "message_id")
    if place is None or number is None:
        return _ignored()
    moved_to = _number(message, "migrate_to_chat_id")
    if moved_to is not None:
        return Inbound("moved", place, moved_to=str(moved_to), route_open=False)
    sender = _object(message, "from")
    # A bot's words (ours too), a channel's automatic copy, an administrator without a name: there
    # is nobody a post could belong to.
    if not _is_person(sender) or message.get("is_automatic_forward") is True:
        return _ignored(place)
    text, spans = _words(message)
    attachments = tuple(_attachments(message))
    is_meant = _mentions(message, text, spans, us)
    if is_meant:
        words, rest = _without_us(message, text, spans, us)
        # A text that is nothing but our name stays a text.
        text, spans = (words, rest) if words or attachments else (text, spans)
    if not text and not attachments:
        return _ignored(place)
    command, arguments, is_for_us = _command(text, us) if kind == "message" else ("", "", True)
    if attachments:
        command = arguments = ""
    elif not is_for_us:
        return _ignored(place)
    reply_to, is_reply_to_us = _reply(message, us)
    return Inbound(
        "command" if command else kind,
        place,
        actor=_actor(sender),
        message_ref=str(number),
        text=text,
        spans=spans,
        attachments=attachments,
        album=_string(message, "media_group_id"),
        reply_to=reply_to,
        reply_to_bot=is_reply_to_us,
        mentions_bot=is_meant,
        command=command,
        arguments=arguments,
        sent_at=_moment(message, "edit_date" if kind == "edit" else "date"),
    )


def _words(message: Json) -> tuple[str, tuple[Span, ...]]:
    raw = message.get("text", message.get("caption"))
    if not isinstance(raw, str):
        return "", ()
    return clean(raw), tuple(_spans(_entities(message), _index_by_unit(raw)))


def _spans(entities: Iterator[Json], at: list[int]) -> Iterator[Span]:
    for entity in entities:
        offset, length = _number(entity, "offset"), _number(entity, "length")
        if offset is None or length is None or offset < 0 or length < 1:
            continue
        if offset + length >= len(at):
            continue
        start, end = at[offset], at[offset + length]
        if start < end:
            yield Span(_SPAN_KINDS.get(_string(entity, "type"), "other"), start, end)


def _index_by_unit(text: str) -> list[int]:
    """Give, for each UTF-16 unit of *text* and its end, the index in the cleaned Python string.

    Telegram counts entities in UTF-16 units: an emoji is two of them and one Python character.
    """
    at: list[int] = []
    index = 0
    for character in text:
        at.append(index)
        if ord(character) > _LAST_OF_BASIC_PLANE:
            at.append(index)
        index += _is_sound(character)
    at.append(index)
    return at


def _command(text: str, us: Ourselves) -> tuple[str, str, bool]:
    """Give command, arguments, and whether it is (not another bot's)."""
    match = _COMMAND.fullmatch(text)
    if match is None:
        return "", "", True
    name, addressee, arguments = match.groups()
    is_for_us = not addressee or not us.username or addressee.lower() == us.username.lower()
    return name.lower(), (arguments or "").strip(), is_for_us


def _reply(message: Json, us: Ourselves) -> tuple[str, bool]:
    replied = _object(message, "reply_to_message")
    # Everything in a topic "replies" to the service message that opened it.
    if not replied or "forum_topic_created" in replied:
        return "", False
    number = _number(replied, "message_id")
    if number is None:
        return "", False
    return str(number), _id(_object(replied, "from")) == us.bot_id


def _mentions(message: Json, text: str, spans: tuple[Span, ...], us: Ourselves) -> bool:
    return any(_names_us(text, span, us) for span in spans) or any(
        _id(_object(entity, "user")) == us.bot_id for entity in _entities(message)
    )


def _names_us(text: str, span: Span, us: Ourselves) -> bool:
    name = f"@{us.username}".lower()
    is_name = bool(us.username) and text[span.start : span.end].lower() == name
    return span.kind == "mention" and is_name


def _entities(message: Json) -> Iterator[Json]:
    return _objects(message, "entities" if "text" in message else "caption_entities")


def _without_us(
    message: Json, text: str, spans: tuple[Span, ...], us: Ourselves
) -> tuple[str, tuple[Span, ...]]:
    """Leave our own name out, by which a group calls us: it is no word of a caption."""
    ours = [span for span in spans if _names_us(text, span, us)]
    at = _index_by_unit(str(message.get("text", message.get("caption"))))
    called = (one for one in _entities(message) if _id(_object(one, "user")) == us.bot_id)
    ours += _spans(called, at)
    left, kept = text, list(spans)
    for own in sorted(set(ours), key=lambda one: -one.start):
        start, end = own.start, own.end
        if not left[:start].strip():
            start, end = 0, end + len(left[end:]) - len(left[end:].lstrip(" ,:\n"))
        elif left[end : end + 1] in {"", " ", "\n"}:
            start -= len(left[:start]) - len(left[:start].rstrip(" ,"))
        left = left[:start] + left[end:]
        gap = end - start
        kept = [
            replace(one, start=one.start - gap, end=one.end - gap) if one.start >= end else one
            for one in kept
            if one.start >= end or one.end <= start
        ]
    return left, tuple(kept)


# ── attachments ──────────────────────────────────────────────────────────────────────────────


def _attachments(message: Json) -> Iterator[Attachment]:
    """Give what hangs on a message (Telegram sends one thing a message, albums as several)."""
    if photo := _largest(message):
        yield _file(AttachmentKind.PHOTO, photo, mime="image/jpeg")
    elif video := _object(message, "video"):
        yield _file(AttachmentKind.VIDEO, video)
    elif animation := _object(message, "animation"):  # comes with a `document` for old clients
        yield _file(AttachmentKind.ANIMATION, animation)
    elif document := _object(message, "document"):
        yield _file(AttachmentKind.DOCUMENT, document)
    else:
        found = next((word for key, word in _UNWANTED.items() if key in message), "")
        if found:
            yield Attachment(AttachmentKind.UNWANTED, what=found)


def _largest(message: Json) -> Json | None:
    sizes = [size for size in _objects(message, "photo") if _string(size, "file_id")]
    return max(
        sizes,
        key=lambda size: (_number(size, "width") or 0) * (_number(size, "height") or 0),
        default=None,
    )


def _file(kind: AttachmentKind, found: Json, *, mime: str = "") -> Attachment:
    return Attachment(
        kind,
        file_id=_string(found, "file_id"),
        unique_id=_string(found, "file_unique_id"),
        mime=mime or _string(found, "mime_type"),
        size_bytes=_number(found, "file_size"),
        width=_number(found, "width"),
        height=_number(found, "height"),
        duration_seconds=_number(found, "duration"),
    )


# ── presses, standings ───────────────────────────────────────────────────────────────────────


def _from_press(query: Json) -> Inbound:
    message = _object(query, "message")
    place = _place(message) if message else None
    number = _number(message, "message_id")
    sender = _object(query, "from")
    reference, payload = _string(query, "id"), query.get("data")
    if place is None or number is None or not reference or not isinstance(payload, str):
        return _ignored(place)
    if not _is_person(sender):
        return _ignored(place)
    return Inbound(
        "press",
        place,
        actor=_actor(sender),
        message_ref=str(number),
        press=Press(reference, clean(payload), str(number)),
    )


def _from_standing(change: Json, us: Ourselves) -> Inbound:
    place = _place(change)
    member = _object(change, "new_chat_member")
    if place is None or not member or _id(_object(member, "user")) != us.bot_id:
        return _ignored(place)
    status = _string(member, "status")
    is_restricted_in = status == "restricted" and member.get("is_member") is True
    is_open = status in _OPEN_STANDINGS or (
        is_restricted_in and member.get("can_send_messages") is True
    )
    sender = _object(change, "from")
    return Inbound(
        "route",
        place,
        actor=_actor(sender) if _is_person(sender) else None,
        route_open=is_open,
        sent_at=_moment(change, "date"),
    )


# ── people and places ────────────────────────────────────────────────────────────────────────


def _is_person(user: Json | None) -> bool:
    return bool(user) and bool(_id(user)) and user is not None and user.get("is_bot") is not True


def _actor(user: Json | None) -> Actor:
    names = (_string(user, "first_name"), _string(user, "last_name"))
    return Actor(
        external_id=_id(user),
        display_name=" ".join(name for name in names if name),
        username=_string(user, "username"),
        language=_string(user, "language_code"),
    )


def _place(message: Json) -> PlaceRef | None:
    chat = _object(message, "chat")
    chat_id = _id(chat)
    if not chat_id:
        return None
    is_topic = message.get("is_topic_message") is True
    thread = _number(message, "message_thread_id") if is_topic else None
    return PlaceRef(
        chat=CHAT,
        workspace="",
        chat_id=chat_id,
        thread="" if thread is None else str(thread),
        is_private=_string(chat, "type") == "private",
        title=_string(chat, "title"),
    )


def _ignored(place: PlaceRef | None = None) -> Inbound:
    return Inbound("ignored", place or PlaceRef(chat=CHAT, workspace="", chat_id=""))


# ── reading JSON that may hold anything ──────────────────────────────────────────────────────


def _object(container: Json | None, key: str) -> Json | None:
    value = (container or {}).get(key)
    return value if isinstance(value, dict) and value else None


def _objects(container: Json, key: str) -> Iterator[Json]:
    value = container.get(key)
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _string(container: Json | None, key: str) -> str:
    value = (container or {}).get(key)
    return clean(value) if isinstance(value, str) else ""


def _number(container: Json | None, key: str) -> int | None:
    value = (container or {}).get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if abs(value) < _LARGEST_NUMBER else None


def _id(container: Json | None) -> str:
    number = _number(container, "id")
    return "" if number is None else str(number)


def _moment(container: Json, key: str) -> datetime | None:
    seconds = _number(container, key)
    if not seconds:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _is_sound(character: str) -> bool:
    return character != "\0" and not "\ud800" <= character <= "\udfff"
