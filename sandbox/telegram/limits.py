"""What Telegram allows, written down here independently of any client of it.

Source: Bot API reference and the server's own source (tdlib/telegram-bot-api), as of Bot API 10.0
(2026). Lengths of texts are counted in UTF-16 units, the unit of entity offsets.
"""

import re

MAX_TEXT_UNITS = 4096
MAX_CAPTION_UNITS = 1024
MAX_ENTITIES = 100
MAX_CALLBACK_DATA_BYTES = 64
MAX_BUTTONS_IN_A_ROW = 8
MAX_BUTTONS = 100
MAX_BUTTON_URL_CHARS = 2048
MAX_COPY_TEXT_CHARS = 256
MAX_PLACEHOLDER_CHARS = 64
BUTTON_STYLES = frozenset({"primary", "success", "danger"})
ALBUM_ITEMS = range(2, 11)
MAX_TOAST_CHARS = 200
MAX_ANSWERS_TO_A_PRESS = 2
QUERY_LIFE_SECONDS = 60
MAX_DOWNLOAD_BYTES = 20 * 2**20
DOWNLOAD_LINK_LIFE_SECONDS = 3600
MAX_PHOTO_UPLOAD_BYTES = 10 * 2**20
MAX_UPLOAD_BYTES = 50 * 2**20
MAX_FETCHED_PHOTO_BYTES = 5 * 2**20
MAX_FETCHED_BYTES = 20 * 2**20
MAX_PHOTO_SIDES_SUM = 10_000
MAX_PHOTO_RATIO = 20
DELETABLE_FOR_SECONDS = 48 * 3600
MAX_IDS_IN_A_CALL = 100
MAX_TOPIC_CHARS = 128
MAX_COMMANDS = 100
COMMAND_NAME = re.compile(r"[a-z0-9_]{1,32}")
MAX_COMMAND_DESCRIPTION_CHARS = 256
MAX_DESCRIPTION_CHARS = 512
MAX_SHORT_DESCRIPTION_CHARS = 120
MAX_NAME_CHARS = 64
WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
WEBHOOK_CONNECTIONS = range(1, 101)
DEEP_LINK_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
MAX_LONG_POLL_SECONDS = 50
MAX_RETRY_AFTER_SECONDS = 3600
MAX_WEBHOOK_BACKOFF_SECONDS = 60.0
MESSAGES_A_MINUTE_IN_A_GROUP = 20
MESSAGES_A_SECOND_OVERALL = 30

CHAT_ACTIONS = frozenset({
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
    "upload_document", "choose_sticker", "find_location", "record_video_note",
    "upload_video_note",
})  # fmt: skip

UPDATE_KINDS = (
    "message", "edited_message", "channel_post", "edited_channel_post", "business_connection",
    "business_message", "edited_business_message", "deleted_business_messages",
    "message_reaction", "message_reaction_count", "inline_query", "chosen_inline_result",
    "callback_query", "shipping_query", "pre_checkout_query", "purchased_paid_media", "poll",
    "poll_answer", "my_chat_member", "chat_member", "chat_join_request", "chat_boost",
    "removed_chat_boost",
)  # fmt: skip
"""Every kind of update a bot may ask for."""

ONLY_WHEN_ASKED_FOR = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds that come only to a bot that names them in ``allowed_updates``."""

REACTIONS = frozenset({
    "❤", "👍", "👎", "🔥", "🥰", "👏", "😁", "🤔", "🤯", "😱", "🤬", "😢",
    "🎉", "🤩", "🤮", "💩", "🙏", "👌", "🕊", "🤡", "🥱", "🥴", "😍", "🐳",
    "❤‍🔥", "🌚", "🌭", "💯", "🤣", "⚡", "🍌", "🏆", "💔", "🤨", "😐", "🍓",
    "🍾", "💋", "🖕", "😈", "😴", "😭", "🤓", "👻", "👨‍💻", "👀", "🎃", "🙈",
    "😇", "😨", "🤝", "✍", "🤗", "🫡", "🎅", "🎄", "☃", "💅", "🤪", "🗿",
    "🆒", "💘", "🙉", "🦄", "😘", "💊", "🙊", "😎", "👾", "🤷‍♂", "🤷", "🤷‍♀",
    "😡",
})  # fmt: skip
"""The emoji a bot may react with, without the invisible variation selector."""


def is_reaction(emoji: str) -> bool:
    """Tell whether a bot may react with *emoji*; a variation selector makes no difference."""
    return emoji.replace("\ufe0f", "") in REACTIONS


def utf16_units(text: str) -> int:
    """Count *text* as Telegram does: two for each character beyond the basic plane."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
