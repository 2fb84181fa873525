"""What is wrong with blocks and views, as Slack's own check would tell it.

``blocks_problems`` and ``view_problems`` give a list of sentences; an empty one means all is well.
A field that Slack does not know is a problem too. Source: docs.slack.dev/reference (2026).
"""

import re
from collections.abc import Callable
from typing import Any, TypeGuard

from sandbox.slack import limits, richtext
from sandbox.slack.state import Json

Surface = str  # message · modal · home
Check = Callable[["_Lint", Any, str], None]

_HTTP = re.compile(r"https?://\S+")
_BUTTON_STYLES = frozenset({"primary", "danger"})
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def blocks_problems(blocks: object, surface: Surface) -> list[str]:
    """Tell what is wrong with the blocks of a message, a modal or a Home tab."""
    lint = _Lint(surface)
    lint.blocks(blocks)
    return lint.problems


def view_problems(view: object) -> list[str]:
    """Tell what is wrong with a view that is to be opened or published."""
    if not isinstance(view, dict):
        return ["must provide an object [json-pointer:/view]"]
    kind = view.get("type")
    if kind not in {"modal", "home"}:
        return [f"unsupported type: {kind} [json-pointer:/view/type]"]
    lint = _Lint(str(kind))
    lint.view(view)
    return lint.problems


class _Lint:
    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self.problems: list[str] = []
        self._markdown_chars = 0

    # the whole

    def view(self, view: Json) -> None:
        is_modal = view["type"] == "modal"
        known = {"type", "blocks", "private_metadata", "callback_id", "external_id"}
        known |= {"title", "submit", "close"} if is_modal else set()
        known |= {"clear_on_close", "notify_on_close", "submit_disabled"} if is_modal else set()
        self.fields(view, "/view", required={"blocks"}, known=known)
        self.length(view, "private_metadata", limits.MAX_PRIVATE_METADATA_CHARS, "/view")
        self.length(view, "callback_id", limits.MAX_CALLBACK_ID_CHARS, "/view")
        if is_modal:
            if "title" not in view:
                self.tell("missing required field: title", "/view")
            for name in ("title", "submit", "close"):
                if name in view:
                    self.plain(view[name], f"/view/{name}", limits.MAX_VIEW_TITLE_CHARS)
        blocks = view.get("blocks")
        self.blocks(blocks, "/view/blocks")
        has_input = isinstance(blocks, list) and any(
            isinstance(block, dict) and block.get("type") == "input" for block in blocks
        )
        if is_modal and has_input and "submit" not in view:
            self.tell("missing required field: submit", "/view")

    def blocks(self, blocks: object, at: str = "/blocks") -> None:
        most = limits.MAX_MESSAGE_BLOCKS if self.surface == "message" else limits.MAX_VIEW_BLOCKS
        if not isinstance(blocks, list):
            self.tell("must provide an array", at)
            return
        if len(blocks) > most:
            self.tell(f"no more than {most} items allowed", at)
        seen: set[str] = set()
        for number, block in enumerate(blocks):
            self.block(block, f"{at}/{number}", seen)

    def block(self, block: object, at: str, seen: set[str]) -> None:
        if not isinstance(block, dict):
            self.tell("must be an object", at)
            return
        check = _BLOCKS.get(str(block.get("type")))
        if check is None:
            self.tell(f"unsupported type: {block.get('type')}", f"{at}/type")
            return
        self.length(block, "block_id", limits.MAX_BLOCK_ID_CHARS, at)
        name = block.get("block_id")
        if name and name in seen:
            self.tell(f"block_id `{name}` already exists", f"{at}/block_id")
        seen.add(str(name))
        check(self, block, at)

    # what many share

    def tell(self, problem: str, at: str) -> None:
        self.problems.append(f"{problem} [json-pointer:{at}]")

    def fields(self, thing: Json, at: str, *, required: set[str], known: set[str]) -> bool:
        """Tell of missing and of unknown fields; True when none is missing."""
        absent = [name for name in sorted(required) if name not in thing]
        for name in absent:
            self.tell(f"missing required field: {name}", at)
        for name in sorted(thing.keys() - required - known - {"type", "block_id"}):
            self.tell(f"invalid additional property: {name}", at)
        return not absent

    def length(self, thing: Json, name: str, most: int, at: str, least: int = 0) -> None:
        """Tell of a text that is none, or too long or too short."""
        if name not in thing:
            return
        value = thing[name]
        if not isinstance(value, str):
            self.tell("must be a string", f"{at}/{name}")
        elif len(value) > most:
            self.tell(f"must be less than {most + 1} characters", f"{at}/{name}")
        elif len(value) < least:
            self.tell(f"must be more than {least - 1} characters", f"{at}/{name}")

    def text(self, text: object, at: str, most: int) -> None:
        """Check a text object of either kind."""
        if not isinstance(text, dict):
            self.tell("must be an object", at)
            return
        kind = text.get("type")
        if kind not in {"plain_text", "mrkdwn"}:
            self.tell(f"unsupported type: {kind}", f"{at}/type")
            return
        own = "emoji" if kind == "plain_text" else "verbatim"
        if self.fields(text, at, required={"text"}, known={own}):
            self.length(text, "text", most, at, least=1)

    def plain(self, text: object, at: str, most: int) -> None:
        """Check a text object that must be plain."""
        if isinstance(text, dict) and text.get("type") != "plain_text":
            self.tell(f"unsupported type: {text.get('type')}", f"{at}/type")
            return
        self.text(text, at, most)

    def many(self, things: object, at: str, most: int) -> list[object]:
        """Check that there is a list of 1 to *most*; gives it."""
        if not isinstance(things, list):
            self.tell("must provide an array", at)
            return []
        if not things:
            self.tell("no fewer than 1 items allowed", at)
        if len(things) > most:
            self.tell(f"no more than {most} items allowed", at)
        return things

    def url(self, thing: Json, name: str, at: str, most: int = 3_000) -> None:
        """Check an address, when there is one."""
        self.length(thing, name, most, at)
        value = thing.get(name)
        if isinstance(value, str) and not _HTTP.fullmatch(value):
            self.tell("must be a valid URL", f"{at}/{name}")

    def element(self, thing: object, at: str, allowed: frozenset[str]) -> None:
        """Check an element that must be one of the *allowed*."""
        if not isinstance(thing, dict):
            self.tell("must be an object", at)
            return
        kind = str(thing.get("type"))
        if kind not in allowed:
            self.tell(f"unsupported type: {kind}", f"{at}/type")
            return
        self.length(thing, "action_id", limits.MAX_ACTION_ID_CHARS, at)
        _ELEMENTS[kind](self, thing, at)

    def elements(self, things: object, at: str, most: int, allowed: frozenset[str]) -> None:
        """Check elements that stand side by side; their action ids differ."""
        seen: set[str] = set()
        for number, thing in enumerate(self.many(things, at, most)):
            self.element(thing, f"{at}/{number}", allowed)
            name = thing.get("action_id") if isinstance(thing, dict) else None
            if name and name in seen:
                self.tell(f"action_id `{name}` already exists", f"{at}/{number}/action_id")
            seen.add(str(name))

    def confirm(self, thing: Json, at: str) -> None:
        """Check the question before an action, when there is one."""
        if "confirm" not in thing:
            return
        asked, at = thing["confirm"], f"{at}/confirm"
        if not isinstance(asked, dict):
            self.tell("must be an object", at)
            return
        if self.fields(asked, at, required={"title", "text", "confirm", "deny"}, known={"style"}):
            self.plain(asked["title"], f"{at}/title", 100)
            self.text(asked["text"], f"{at}/text", 300)
            self.plain(asked["confirm"], f"{at}/confirm", 30)
            self.plain(asked["deny"], f"{at}/deny", 30)

    def options(self, things: object, at: str, most: int, *, may_be_mrkdwn: bool = False) -> None:
        """Check options to choose from."""
        for number, option in enumerate(self.many(things, at, most)):
            self.option(option, f"{at}/{number}", may_be_mrkdwn=may_be_mrkdwn)

    def groups(self, things: object, at: str, most: int) -> None:
        """Check groups of options; only selects have them."""
        for number, group in enumerate(self.many(things, at, limits.MAX_OPTION_GROUPS)):
            where = f"{at}/{number}"
            if not isinstance(group, dict):
                self.tell("must be an object", where)
            elif missing := {"label", "options"} - group.keys():
                self.tell(f"missing required field: {min(missing)}", where)
            else:
                self.plain(group["label"], f"{where}/label", 75)
                self.options(group["options"], f"{where}/options", most)

    def option(self, option: object, at: str, *, may_be_mrkdwn: bool = False) -> None:
        if not isinstance(option, dict):
            self.tell("must be an object", at)
            return
        if not self.fields(option, at, required={"text", "value"}, known={"description", "url"}):
            return
        check = self.text if may_be_mrkdwn else self.plain
        check(option["text"], f"{at}/text", 75)
        self.length(option, "value", 150, at)
        if "description" in option:
            check(option["description"], f"{at}/description", 75)
        self.url(option, "url", at)

    def placeholder(self, thing: Json, at: str) -> None:
        if "placeholder" in thing:
            self.plain(thing["placeholder"], f"{at}/placeholder", 150)

    def count_markdown(self, text: object, at: str) -> None:
        """Count the text of all markdown blocks together."""
        self._markdown_chars += len(text) if isinstance(text, str) else 0
        if self._markdown_chars > limits.MAX_MARKDOWN_CHARS:
            self.tell(f"must be less than {limits.MAX_MARKDOWN_CHARS + 1} characters", at)


# blocks


def _section(lint: _Lint, block: Json, at: str) -> None:
    lint.fields(block, at, required=set(), known={"text", "fields", "accessory", "expand"})
    if "text" not in block and "fields" not in block:
        lint.tell("missing required field: text or fields", at)
    if "text" in block:
        lint.text(block["text"], f"{at}/text", 3_000)
    if "fields" in block:
        for number, one in enumerate(lint.many(block["fields"], f"{at}/fields", 10)):
            lint.text(one, f"{at}/fields/{number}", 2_000)
    if "accessory" in block:
        lint.element(block["accessory"], f"{at}/accessory", _IN_SECTION)


def _header(lint: _Lint, block: Json, at: str) -> None:
    if lint.fields(block, at, required={"text"}, known={"level"}):
        lint.plain(block["text"], f"{at}/text", 150)


def _divider(lint: _Lint, block: Json, at: str) -> None:
    lint.fields(block, at, required=set(), known=set())


def _image_block(lint: _Lint, block: Json, at: str) -> None:
    lint.fields(block, at, required={"alt_text"}, known={"image_url", "slack_file", "title"})
    _picture(lint, block, at)
    if "title" in block:
        lint.plain(block["title"], f"{at}/title", 2_000)


def _context(lint: _Lint, block: Json, at: str) -> None:
    if not lint.fields(block, at, required={"elements"}, known=set()):
        return
    for number, one in enumerate(lint.many(block["elements"], f"{at}/elements", 10)):
        where = f"{at}/elements/{number}"
        if isinstance(one, dict) and one.get("type") == "image":
            lint.element(one, where, frozenset({"image"}))
        else:
            lint.text(one, where, 3_000)


def _actions(lint: _Lint, block: Json, at: str) -> None:
    if lint.fields(block, at, required={"elements"}, known=set()):
        lint.elements(block["elements"], f"{at}/elements", 25, _IN_ACTIONS)


def _input(lint: _Lint, block: Json, at: str) -> None:
    known = {"hint", "optional", "dispatch_action"}
    if not lint.fields(block, at, required={"label", "element"}, known=known):
        return
    lint.plain(block["label"], f"{at}/label", 2_000)
    if "hint" in block:
        lint.plain(block["hint"], f"{at}/hint", 2_000)
    allowed = _IN_INPUT if lint.surface == "modal" else _IN_INPUT - {"file_input"}
    lint.element(block["element"], f"{at}/element", allowed)


def _markdown(lint: _Lint, block: Json, at: str) -> None:
    if lint.surface != "message":
        lint.tell("unsupported type: markdown", f"{at}/type")
    if lint.fields(block, at, required={"text"}, known=set()):
        lint.length(block, "text", limits.MAX_MARKDOWN_CHARS, at, least=1)
        lint.count_markdown(block["text"], f"{at}/text")


def _rich_text(lint: _Lint, block: Json, at: str) -> None:
    if lint.fields(block, at, required={"elements"}, known=set()):
        lint.problems += richtext.problems(block, at)


def _card(lint: _Lint, block: Json, at: str) -> None:
    known = {"icon", "title", "subtitle", "hero_image", "body", "actions", "subtext"}
    lint.fields(block, at, required=set(), known=known)
    if not block.keys() & {"title", "hero_image", "body", "actions"}:
        lint.tell("missing required field: title, hero_image, body or actions", at)
    for name, most in (("title", 150), ("subtitle", 150), ("body", 200), ("subtext", 200)):
        if name in block:
            lint.text(block[name], f"{at}/{name}", most)
    for name in ("icon", "hero_image"):
        if name in block:
            lint.element(block[name], f"{at}/{name}", frozenset({"image"}))
    if "actions" in block:
        lint.elements(block["actions"], f"{at}/actions", 25, frozenset({"button"}))


def _carousel(lint: _Lint, block: Json, at: str) -> None:
    if lint.fields(block, at, required={"elements"}, known=set()):
        for number, one in enumerate(lint.many(block["elements"], f"{at}/elements", 10)):
            where = f"{at}/elements/{number}"
            if not isinstance(one, dict) or one.get("type") != "card":
                lint.tell("unsupported type", where)
            else:
                _card(lint, one, where)


def _alert(lint: _Lint, block: Json, at: str) -> None:
    if lint.surface != "modal":
        lint.tell("unsupported type: alert", f"{at}/type")
    if lint.fields(block, at, required={"text"}, known={"level"}):
        lint.text(block["text"], f"{at}/text", 3_000)
        if block.get("level", "default") not in {
            "default", "info", "warning", "error", "success",
        }:  # fmt: skip
            lint.tell("must be a valid enum value", f"{at}/level")


def _table(lint: _Lint, block: Json, at: str) -> None:
    if not lint.fields(block, at, required={"rows"}, known={"column_settings"}):
        return
    for number, row in enumerate(lint.many(block["rows"], f"{at}/rows", 100)):
        lint.many(row, f"{at}/rows/{number}", 20)


_BLOCKS: dict[str, Check] = {
    "section": _section,
    "header": _header,
    "divider": _divider,
    "image": _image_block,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "markdown": _markdown,
    "rich_text": _rich_text,
    "card": _card,
    "carousel": _carousel,
    "alert": _alert,
    "table": _table,
}


# elements


def _picture(lint: _Lint, thing: Json, at: str) -> None:
    """Check what is shown: an address or a file of Slack's, and its words."""
    lint.length(thing, "alt_text", 2_000, at, least=1)
    lint.url(thing, "image_url", at)
    if ("image_url" in thing) == ("slack_file" in thing):
        lint.tell("must have exactly one of image_url and slack_file", at)
    file = thing.get("slack_file")
    if file is not None and (
        not isinstance(file, dict) or len(file.keys() & {"id", "url"}) != 1 or len(file) != 1
    ):
        lint.tell("must have exactly one of id and url", f"{at}/slack_file")


def _image(lint: _Lint, thing: Json, at: str) -> None:
    lint.fields(thing, at, required={"alt_text"}, known={"image_url", "slack_file"})
    _picture(lint, thing, at)


def _button(lint: _Lint, thing: Json, at: str) -> None:
    known = {"action_id", "url", "value", "style", "confirm", "accessibility_label"}
    if lint.fields(thing, at, required={"text"}, known=known):
        lint.plain(thing["text"], f"{at}/text", 75)
    lint.length(thing, "value", 2_000, at)
    lint.length(thing, "accessibility_label", 75, at)
    lint.url(thing, "url", at)
    if "style" in thing and thing["style"] not in _BUTTON_STYLES:
        lint.tell("must be a valid enum value", f"{at}/style")
    lint.confirm(thing, at)


def _choice(known: set[str], required: set[str], most: int = 100) -> Check:
    """Make the check of an element whose options are written out."""

    def check(lint: _Lint, thing: Json, at: str) -> None:
        lint.fields(
            thing, at, required=required, known={"action_id", "confirm", "focus_on_load", *known}
        )
        lint.placeholder(thing, at)
        lint.confirm(thing, at)
        may = thing.get("type") in {"checkboxes", "radio_buttons"}
        if "options" in thing:
            lint.options(thing["options"], f"{at}/options", most, may_be_mrkdwn=may)
        if "option_groups" in thing:
            lint.groups(thing["option_groups"], f"{at}/option_groups", most)
        if _MANY in thing and not _is_count(thing[_MANY]):
            lint.tell("must be greater than 0", f"{at}/{_MANY}")
        if "option_groups" in known and ("options" in thing) == ("option_groups" in thing):
            lint.tell("must have exactly one of options and option_groups", at)
        _initial(lint, thing, at)

    return check


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _offered(thing: Json) -> list[object]:
    """Give all that can be chosen, in groups or not, as far as it has a form."""
    parts = [thing.get("options")]
    groups = thing.get("option_groups")
    if isinstance(groups, list):
        parts += [group.get("options") for group in groups if isinstance(group, dict)]
    return [one for part in parts if isinstance(part, list) for one in part]


def _initial(lint: _Lint, thing: Json, at: str) -> None:
    offered = _offered(thing)
    if not offered:
        return
    if "initial_option" in thing and thing["initial_option"] not in offered:
        lint.tell("must be one of the options", f"{at}/initial_option")
    if "initial_options" not in thing:
        return
    first = lint.many(thing["initial_options"], f"{at}/initial_options", len(offered))
    for number, one in enumerate(first):
        if one not in offered:
            lint.tell("must be one of the options", f"{at}/initial_options/{number}")
    most = thing.get(_MANY)
    if _is_count(most) and len(first) > most:
        lint.tell(f"no more than {most} items allowed", f"{at}/initial_options")


def _picker(pattern: re.Pattern[str], initial: str, *more: str) -> Check:
    def check(lint: _Lint, thing: Json, at: str) -> None:
        known = {"action_id", "confirm", "focus_on_load", "placeholder", initial, *more}
        lint.fields(thing, at, required=set(), known=known)
        lint.placeholder(thing, at)
        lint.confirm(thing, at)
        value = thing.get(initial)
        if value is not None and not pattern.fullmatch(str(value)):
            lint.tell("must match the format", f"{at}/{initial}")

    return check


def _datetime(lint: _Lint, thing: Json, at: str) -> None:
    known = {"action_id", "confirm", "focus_on_load", "initial_date_time"}
    lint.fields(thing, at, required=set(), known=known)
    lint.confirm(thing, at)
    value = thing.get("initial_date_time")
    if value is not None and (
        not isinstance(value, int) or isinstance(value, bool) or not 10**9 <= value < 10**10
    ):
        lint.tell("must be 10 digits", f"{at}/initial_date_time")


def _writing(most: int, *more: str) -> Check:
    def check(lint: _Lint, thing: Json, at: str) -> None:
        known = {
            "action_id", "initial_value", "placeholder", "focus_on_load",
            "dispatch_action_config", *more,
        }  # fmt: skip
        lint.fields(thing, at, required=set(), known=known)
        lint.placeholder(thing, at)
        lint.length(thing, "initial_value", most, at)
        for name in ("min_length", "max_length"):
            value = thing.get(name)
            if name in more and value is not None and not 0 <= int(value) <= most:
                lint.tell("must be between 0 and 3000", f"{at}/{name}")

    return check


def _number(lint: _Lint, thing: Json, at: str) -> None:
    known = {
        "action_id", "initial_value", "placeholder", "focus_on_load", "dispatch_action_config",
        "min_value", "max_value",
    }  # fmt: skip
    lint.fields(thing, at, required={"is_decimal_allowed"}, known=known)
    lint.placeholder(thing, at)


def _file_input(lint: _Lint, thing: Json, at: str) -> None:
    lint.fields(thing, at, required=set(), known={"action_id", "filetypes", "max_files"})
    most = thing.get("max_files", 1)
    if not 1 <= int(most) <= limits.MAX_FILE_INPUT_FILES:
        lint.tell("must be between 1 and 10", f"{at}/max_files")


def _select(*own: str) -> Check:
    """Make the check of a select whose options Slack or the app brings."""

    def check(lint: _Lint, thing: Json, at: str) -> None:
        known = {"action_id", "confirm", "focus_on_load", "placeholder", *own}
        lint.fields(thing, at, required=set(), known=known)
        lint.placeholder(thing, at)
        lint.confirm(thing, at)

    return check


_MANY = "max_selected_items"
_ELEMENTS: dict[str, Check] = {
    "image": _image,
    "button": _button,
    "static_select": _choice({"placeholder", "options", "option_groups", "initial_option"}, set()),
    "multi_static_select": _choice(
        {"placeholder", "options", "option_groups", "initial_options", _MANY}, set()
    ),
    "overflow": _choice(set(), {"options"}, most=5),
    "checkboxes": _choice({"initial_options"}, {"options"}, most=10),
    "radio_buttons": _choice({"initial_option"}, {"options"}, most=10),
    "external_select": _select("initial_option", "min_query_length"),
    "multi_external_select": _select("initial_options", "min_query_length", _MANY),
    "users_select": _select("initial_user"),
    "multi_users_select": _select("initial_users", _MANY),
    "channels_select": _select("initial_channel", "response_url_enabled"),
    "multi_channels_select": _select("initial_channels", _MANY),
    "conversations_select": _select(
        "initial_conversation", "default_to_current_conversation", "response_url_enabled", "filter"
    ),
    "multi_conversations_select": _select(
        "initial_conversations", "default_to_current_conversation", "filter", _MANY
    ),
    "datepicker": _picker(_DAY, "initial_date"),
    "timepicker": _picker(_CLOCK, "initial_time", "timezone"),
    "datetimepicker": _datetime,
    "plain_text_input": _writing(3_000, "multiline", "min_length", "max_length"),
    "email_text_input": _writing(3_000),
    "url_text_input": _writing(3_000),
    "rich_text_input": _writing(3_000),
    "number_input": _number,
    "file_input": _file_input,
}
_SELECTS = frozenset(name for name in _ELEMENTS if name.endswith("_select"))
_IN_SECTION = _SELECTS | {
    "image", "button", "overflow", "checkboxes", "radio_buttons", "datepicker", "timepicker",
}  # fmt: skip
_IN_ACTIONS = (_SELECTS | {
    "button", "overflow", "checkboxes", "radio_buttons", "datepicker", "timepicker",
    "datetimepicker", "rich_text_input",
}) - {name for name in _SELECTS if name.startswith("multi_")}  # fmt: skip
_IN_INPUT = _SELECTS | {
    "checkboxes", "radio_buttons", "datepicker", "timepicker", "datetimepicker",
    "plain_text_input", "email_text_input", "url_text_input", "rich_text_input", "number_input",
    "file_input",
}  # fmt: skip
