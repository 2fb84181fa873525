"""The values of a form: what is in it at first, and what a person puts in."""

from datetime import datetime
from typing import Any

from sandbox.slack import payloads
from sandbox.slack.reading import Control, words_of
from sandbox.slack.state import Json, StoredFile, View
from sandbox.slack.world import World

REQUIRED = "Please complete this required field."
_WRITTEN = frozenset(
    {"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input"}
)
_ONE = {
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "overflow": "selected_option",
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
_MANY = {
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "multi_users_select": "selected_users",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
    "file_input": "files",
}


def value_key(kind: str) -> str:
    """Give the name under which an element of *kind* keeps its value."""
    return _ONE.get(kind) or _MANY.get(kind) or "value"


def first_value(element: Json) -> Json:
    """Give what an element holds before anyone touched it."""
    kind = str(element["type"])
    key = value_key(kind)
    if kind in _WRITTEN:
        first = element.get("initial_value")
    elif kind == "file_input":
        first = []
    else:
        first = element.get(key.replace("selected", "initial"))
        if first is None and kind in _MANY:
            first = []
    return {"type": kind, key: first}


def values_of(view: View, controls: list[Control]) -> dict[str, dict[str, Json]]:
    """Give the whole state of a view: first values, and over them what was put in."""
    found = first_values(controls)
    for block, many in found.items():
        for action in many:
            many[action] = view.values.get(block, {}).get(action) or many[action]
    return found


def first_values(controls: list[Control]) -> dict[str, dict[str, Json]]:
    """Give the state of controls that nobody has touched; buttons have none."""
    found: dict[str, dict[str, Json]] = {}
    for control in controls:
        if control.kind not in {"button", "overflow"} and control.action_id:
            found.setdefault(control.block_id, {})[control.action_id] = first_value(
                control.element
            )
    return found


def put_in(world: World, view: View, control: Control, value: Any) -> Json:  # noqa: ANN401
    """Put *value* into a control as a person would.

    A text for what is written; the words or the value of an option, or several, for what is
    chosen; a time (aware) or a number for a date and time; files for a file input.

    Raises:
        ValueError: the client would not let a person do that.
    """
    made = value_in(world, control, value)
    view.values.setdefault(control.block_id, {})[control.action_id] = made
    world.changed()
    world.feed.tell("typed", user=view.user, view=view.id)
    return made


def value_in(world: World, control: Control, value: Any) -> Json:  # noqa: ANN401
    """Give what a control holds once *value* is put into it."""
    kind, key = control.kind, value_key(control.kind)
    if kind in _WRITTEN:
        return {"type": kind, key: _written(control, value)}
    if kind == "datetimepicker":
        if isinstance(value, datetime):
            value = int(value.timestamp())
        return {"type": kind, key: int(value) if value is not None else None}
    if kind == "file_input":
        return {"type": kind, key: _files(world, control, list(value))}
    if key == "selected_option":
        return {"type": kind, key: _option(control, value) if value is not None else None}
    if key == "selected_options":
        many = [value] if isinstance(value, str) else list(value)
        return {"type": kind, key: _options(control, many)}
    return {"type": kind, key: value}


def missing(view: View, controls: list[Control]) -> dict[str, str]:
    """Give what a client says of a form before it is sent: required fields that are empty."""
    values = values_of(view, controls)
    return {
        control.block_id: REQUIRED
        for control in controls
        if control.is_input
        and not control.block.get("optional")
        and not _holds(values[control.block_id][control.action_id])
    }


def _holds(value: Json) -> bool:
    return any(found not in (None, "", []) for name, found in value.items() if name != "type")


def _written(control: Control, value: Any) -> str | None:  # noqa: ANN401
    if value is None or value == "":
        return None
    text = str(value)
    most = int(control.element.get("max_length") or 3_000)
    least = int(control.element.get("min_length") or 0)
    if not least <= len(text) <= most:
        raise ValueError(f"{control.text}: {least} to {most} characters are taken")
    if not control.element.get("multiline") and control.kind == "plain_text_input":
        text = text.replace("\n", " ")
    return text


def _options(control: Control, values: list[Any]) -> list[Json]:
    """Give each chosen option once; no more are taken than may be chosen."""
    found: list[Json] = []
    for value in values:
        option = _option(control, value)
        if option not in found:
            found.append(option)
    most = control.element.get("max_selected_items")
    if most is not None and len(found) > int(most):
        raise ValueError(f"{control.text}: no more than {most} can be chosen")
    return found


def _option(control: Control, value: Any) -> Json:  # noqa: ANN401
    if isinstance(value, dict):
        return value
    offered = list(control.element.get("options") or [])
    for group in control.element.get("option_groups") or []:
        offered += group.get("options") or []
    for option in offered:
        if value in {option["value"], words_of(option["text"], lambda name: name)}:
            found: Json = option
            return found
    raise ValueError(f"{control.text}: {value!r} is not offered")


def _files(world: World, control: Control, files: list[StoredFile]) -> list[Json]:
    most = int(control.element.get("max_files") or 1)
    if len(files) > most:
        raise ValueError(f"{control.text}: no more than {most} files are taken")
    return [payloads.file(world, one) for one in files]
