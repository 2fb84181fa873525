"""Buttons under a message: what Telegram takes and what it refuses."""

import re

from sandbox.telegram.errors import bad_request
from sandbox.telegram.limits import (
    BUTTON_STYLES,
    MAX_BUTTON_URL_CHARS,
    MAX_BUTTONS,
    MAX_BUTTONS_IN_A_ROW,
    MAX_CALLBACK_DATA_BYTES,
    MAX_COPY_TEXT_CHARS,
    MAX_PLACEHOLDER_CHARS,
)
from sandbox.telegram.state import Json

_ACTIONS = (
    "callback_data", "url", "web_app", "copy_text", "login_url", "switch_inline_query",
    "switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "callback_game", "pay",
)  # fmt: skip
_WEB_ADDRESS = re.compile(
    r"(?i)(?:(?:https?://)?(?:[\w-]+(?:\.[\w-]+)+|\[[0-9a-f:]+\])(?::\d{1,5})?(?:[/?#]\S*)?|tg://\S+)"
)


def checked_markup(given: object) -> Json | None:
    """Give a reply markup as it is kept; None when there is none.

    Raises:
        ApiError: the real server would refuse it.
    """
    if given is None or given == {}:
        return None
    if not isinstance(given, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in given:
        rows = _rows(given["inline_keyboard"], inline=True)
        return {"inline_keyboard": rows} if rows else None
    if "keyboard" in given:
        return {**given, "keyboard": _rows(given["keyboard"], inline=False)}
    if given.get("force_reply"):
        if len(given.get("input_field_placeholder", "")) > MAX_PLACEHOLDER_CHARS:
            raise bad_request("input field placeholder is too long")
        return given
    if given.get("remove_keyboard"):
        return given
    raise bad_request("can't parse reply keyboard markup JSON object")


def inline_only(given: object) -> Json | None:
    """Give an inline keyboard for an edit, which takes no other kind."""
    markup = checked_markup(given)
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return markup


def _rows(rows: object, *, inline: bool) -> list[list[Json]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request("can't parse reply keyboard markup: expected an Array of Arrays")
    kept = [
        [_inline_button(one) if inline else _reply_button(one) for one in row]
        for row in rows
        if row
    ]
    if any(len(row) > MAX_BUTTONS_IN_A_ROW for row in kept):
        raise bad_request("reply markup is too long: more than 8 buttons in a row")
    if sum(len(row) for row in kept) > MAX_BUTTONS:
        raise bad_request("reply markup is too long: more than 100 buttons")
    return kept


def _reply_button(button: object) -> Json:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict) or not button.get("text"):
        raise bad_request("can't parse keyboard button: text is missing")
    return button


def _inline_button(button: object) -> Json:
    if (
        not isinstance(button, dict)
        or not isinstance(button.get("text"), str)
        or not button["text"].strip()
    ):
        raise bad_request(
            "can't parse inline keyboard button: inline keyboard button text must be non-empty"
        )
    actions = [name for name in _ACTIONS if name in button]
    if not actions:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if len(actions) > 1:
        raise bad_request(
            "can't parse inline keyboard button: exactly one of the optional fields must be used"
        )
    if "style" in button and button["style"] not in BUTTON_STYLES:
        raise bad_request("can't parse inline keyboard button: invalid button style specified")
    _check_action(actions[0], button[actions[0]])
    return button


def _check_action(action: str, value: object) -> None:
    if action == "callback_data" and (
        not isinstance(value, str) or not 1 <= len(value.encode()) <= MAX_CALLBACK_DATA_BYTES
    ):
        raise bad_request("BUTTON_DATA_INVALID")
    if action == "url" and not is_web_address(value):
        raise bad_request(f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
    if action == "web_app" and not _inside(value, "url").startswith("https://"):
        raise bad_request(
            f"inline keyboard button Web App URL '{_inside(value, 'url')}' is invalid: "
            "Only HTTPS links are allowed"
        )
    if action == "copy_text" and not 1 <= len(_inside(value, "text")) <= MAX_COPY_TEXT_CHARS:
        raise bad_request(
            "can't parse inline keyboard button: copy text must be 1-256 characters long"
        )


def _inside(value: object, name: str) -> str:
    return str(value.get(name, "")) if isinstance(value, dict) else ""


def is_web_address(url: object) -> bool:
    """Tell whether Telegram takes *url* for a button; it refuses hosts without a dot."""
    return (
        isinstance(url, str)
        and len(url) <= MAX_BUTTON_URL_CHARS
        and bool(_WEB_ADDRESS.fullmatch(url))
    )
