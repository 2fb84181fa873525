"""Raw updates as Telegram sends them, for the pure tests of reading."""

import json
from typing import Any

from integrations.chat.incoming import Inbound
from integrations.telegram.inbound import Ourselves, parse_update

US = Ourselves("42", "postcue_bot")
BOT = {"id": 42, "is_bot": True, "first_name": "Postcue", "username": "postcue_bot"}
DANA = {
    "id": 1001,
    "is_bot": False,
    "first_name": "Dana",
    "last_name": "Reyes",
    "username": "dana",
    "language_code": "de",
}
PRIVATE = {"id": 1001, "type": "private", "first_name": "Dana"}
GROUP = {"id": -1001234, "type": "supergroup", "title": "Bakery"}
SENT_AT = 1_795_510_800


def message(**fields: Any) -> dict[str, Any]:
    return {"message_id": 7, "date": SENT_AT, "chat": PRIVATE, "from": DANA, **fields}


def parsed(kind: str, payload: Any) -> Inbound:
    return parse_update(json.dumps({"update_id": 1, kind: payload}).encode(), US)


def parsed_message(**fields: Any) -> Inbound:
    return parsed("message", message(**fields))
