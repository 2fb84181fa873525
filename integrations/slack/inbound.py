"""Slack's events, interactions and commands as chat-neutral `Inbound` values. Pure.

What comes by HTTP and what comes over a socket is brought into one form first, an envelope
`{"type": …, "payload": …}`. Whatever does not look as documented becomes `ignored`.

A message is named `channel/ts`, in a thread `channel/thread/ts`. A private place is named by its
person, not by the channel: commands, the Home and forms tell only who it was.
Source of the shapes: docs.slack.dev, events and interaction payloads (2026).
"""

import json
import mimetypes
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import parse_qs

from integrations.chat.incoming import (
    Actor,
    Attachment,
    AttachmentKind,
    Inbound,
    PlaceRef,
    Press,
    Submitted,
)
from integrations.slack.words import words_of

CHAT = "slack"
SEPARATOR = "|"
"""Between the parts of a reference (place of a press, a file, a trigger)."""

EVENT = "events_api"
"""The type of the envelope that an event comes in."""

EnvelopeKind = Literal["events_api", "interactive", "slash_commands"]
Json = Mapping[str, object]

_MESSAGES = frozenset({"", "file_share", "thread_broadcast", "me_message"})
"""Subtypes of what a person said."""

_CLOSING = frozenset(
    {
        "channel_archive",
        "channel_deleted",
        "channel_left",
        "group_archive",
        "group_deleted",
        "group_left",
    }
)
"""After these nothing can be said in a channel (any more): it is closed, or we are out of it."""

_TOMBSTONE = "tombstone"
"""What stands in the place of a deleted message that was answered."""

_SLACKBOT = "USLACKBOT"
_ELSEWHERE = frozenset({"external", "remote"})
_WRITTEN = frozenset({"snippet", "post", "space", "email", "quip", "canvas", "list", "docs"})
_NO_NAMES = frozenset({"directmessage", "privategroup"})
"""What stands in the place of a name where Slack does not tell it."""

_OUTER = frozenset({"event_callback", "app_rate_limited", "url_verification"})
"""The types of what comes as an event: the event itself is inside."""

_SHORTCUTS = frozenset({"message_action", "shortcut"})


def read_object(raw: bytes | str) -> Json | None:
    """Read *raw* as a JSON object; None when it is none."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def read_form(raw: bytes) -> Json | None:
    """Read what Slack sends as a form: a command's fields, or an object in one of them.

    None: neither; an empty object where Slack only looks at our certificate. Bolt is not asked:
    it takes a command for empty that has the word "payload" in it (slack_bolt 1.30.0).
    """
    try:
        found = parse_qs(raw.decode(), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return None
    fields = {name: many[0] for name, many in found.items()}
    if fields.get("ssl_check"):
        return {}
    if "payload" in fields:
        return read_object(fields["payload"])
    return fields if "command" in fields else None


def in_envelope(event: bytes) -> bytes | None:
    """Return the envelope of an *event* that was read already, around its text as it came.

    None: a text that does not begin as an object in UTF-8 does, which must be written anew.
    """
    if not event.startswith(b"{") or event[1:2] == b"\0":
        return None
    return b'{"type":"%b","payload":%b}' % (EVENT.encode(), event)


def envelope_of(payload: Json) -> Json:
    """Put what Slack told into its envelope; what it is can be seen by itself, however it came."""
    if "command" in payload:
        return {"type": "slash_commands", "payload": payload}
    is_event = "event" in payload or _string(payload, "type") in _OUTER
    kind = EVENT if is_event else "interactive"
    return {"type": kind, "payload": payload}


def keys_of(envelope: Json) -> tuple[str, str | None, str] | None:
    """Return what an envelope is known by: its id, a second key, its conversation.

    None: it has none of the marks by which Slack's own things are told apart.
    """
    payload = _object(envelope, "payload")
    workspace = _workspace(payload)
    match envelope.get("type"):
        case "events_api":
            number, event = _string(payload, "event_id"), _object(payload, "event")
            second = _second_key(workspace, event)
            return (number, second, _conversation(workspace, payload)) if number else None
        case "interactive" if _string(payload, "type") in {"view_submission", "view_closed"}:
            view = _object(payload, "view")
            number = f"{_string(view, 'id')}:{_string(view, 'hash')}"
            return (f"view:{number}", None, _conversation(workspace, payload)) if view else None
        case "interactive" | "slash_commands":
            number, where = _string(payload, "trigger_id"), _conversation(workspace, payload)
            return (f"trigger:{number}", None, where) if number else None
        case _:
            return None


def parse_envelope(raw: bytes, *, us: str = "") -> Inbound:
    """Understand one stored envelope; an unknown, broken or foreign one is `ignored`.

    *us* is our user, where it is known: a shortcut does not name it as an event does.
    """
    envelope = read_object(raw)
    payload = _object(envelope, "payload")
    match (envelope or {}).get("type"):
        case "events_api":
            return _from_event(payload)
        case "slash_commands":
            return _from_command(payload)
        case "interactive":
            return _from_interaction(payload, us)
        case _:
            return _ignored()


def submitted_in(envelope: Json) -> Submitted | None:
    """Return the form that an envelope sends off, None when it is none of ours."""
    payload = _object(envelope, "payload")
    if envelope.get("type") != "interactive" or _string(payload, "type") != "view_submission":
        return None
    return _submitted(_object(payload, "view"))


def ref_of(channel: str, ts: str, root: str = "") -> str:
    """Name a message, in the thread of *root* where it is not the root itself."""
    return f"{channel}/{root}/{ts}" if root and root != ts else f"{channel}/{ts}"


def parts_of(ref: str) -> tuple[str, str, str]:
    """Return channel, ts and the thread's root of a message's name ("" for what it lacks)."""
    channel, _, rest = ref.partition("/")
    root, slash, ts = rest.partition("/")
    return (channel, ts, root) if slash else (channel, root, root)


# ── events ───────────────────────────────────────────────────────────────────────────────────


def _from_event(payload: Json) -> Inbound:
    event = _object(payload, "event")
    match _string(event, "type"):
        case "message" | "app_mention":
            return _from_message(payload, event)
        case "app_home_opened" if _string(event, "tab") == "home":
            user = _string(event, "user")
            home = PlaceRef(CHAT, _workspace(payload), user, thread="home", is_home=True)
            return Inbound("home", home, actor=Actor(user, "")) if user else _ignored()
        case "member_joined_channel" if _string(event, "user") == _bot_of(payload):
            return _route(payload, event, is_open=True)
        case "member_left_channel" if _string(event, "user") == _bot_of(payload):
            return _route(payload, event, is_open=False)
        case kind if kind in _CLOSING:
            return _route(payload, event, is_open=False)
        case "channel_rename" | "group_rename":
            return _renamed(payload, _object(event, "channel"))
        case "channel_unarchive" | "group_unarchive":
            return _route(payload, event, is_open=True)
        case "app_uninstalled":
            return _removed(payload)
        case "tokens_revoked" if _object(event, "tokens").get("bot"):
            return _removed(payload)
        case _:
            return _ignored()


def _from_message(payload: Json, event: Json) -> Inbound:
    is_edit = _string(event, "subtype") == "message_changed"
    message = _object(event, "message") if is_edit else event
    if _string(message, "subtype") in {"message_deleted", _TOMBSTONE}:
        return _from_deletion(payload, event)
    channel, user, ts = _string(event, "channel"), _string(message, "user"), _string(message, "ts")
    if mark := _mark_of(event, _bot_of(payload)):
        place = _place(payload, channel, user, is_private=channel.startswith("D"))
        ref = ref_of(channel, ts, _string(message, "thread_ts"))
        return Inbound("echo", place, message_ref=ref, mark=mark)
    if not (channel and user and ts) or not _is_said_by_a_person(message):
        return _ignored()
    if _is_from_another_house(message, payload):
        return _ignored()
    if is_edit and not _was_rewritten(message, _object(event, "previous_message")):
        return _ignored()
    bot, root = _bot_of(payload), _string(message, "thread_ts")
    # An edit is told in whole seconds; when it was told of is finer, and orders quick ones.
    edited_ts = _string(event, "event_ts") or _string(_object(message, "edited"), "ts")
    found = words_of(message, bot)
    attachments = tuple(_attachments(message, _workspace(payload)))
    if not found.text and not attachments:
        return _ignored()
    is_private = _string(event, "channel_type") == "im" or channel.startswith("D")
    is_reply = bool(root) and root != ts
    return Inbound(
        "edit" if is_edit else "message",
        _place(payload, channel, user, is_private=is_private),
        actor=Actor(user, ""),
        message_ref=ref_of(channel, ts, root),
        text=found.text,
        spans=found.spans,
        attachments=attachments,
        reply_to=ref_of(channel, root) if is_reply else "",
        reply_to_bot=is_reply and bool(bot) and _string(message, "parent_user_id") == bot,
        mentions_bot=found.names_us or _string(event, "type") == "app_mention",
        sent_at=_moment(edited_ts if is_edit else ts),
    )


def _from_deletion(payload: Json, event: Json) -> Inbound:
    """Read that a person's message is gone; whoever took it away, it counts as its author."""
    message, channel = _object(event, "previous_message"), _string(event, "channel")
    user, ts = _string(message, "user"), _string(message, "ts")
    if not (channel and user and ts) or not _is_said_by_a_person(message):
        return _ignored()
    if _is_from_another_house(message, payload):
        return _ignored()
    is_private = _string(event, "channel_type") == "im" or channel.startswith("D")
    return Inbound(
        "deleted",
        _place(payload, channel, user, is_private=is_private),
        actor=Actor(user, ""),
        message_ref=ref_of(channel, ts, _string(message, "thread_ts")),
        sent_at=_moment(_string(event, "event_ts")),
    )


def _mark_of(event: Json, bot: str) -> str:
    """Return the mark of a new message of ours, "" for anybody else's."""
    if not bot or _string(event, "user") != bot or _string(event, "subtype"):
        return ""
    mark = _string(next(_objects(event, "blocks"), {}), "block_id")
    return mark if _string(event, "bot_id") and _string(event, "ts") and ":" in mark else ""


def _is_said_by_a_person(message: Json) -> bool:
    is_bot = bool(_string(message, "bot_id")) or _string(message, "user") == _SLACKBOT
    return _string(message, "subtype") in _MESSAGES and not is_bot


def _is_from_another_house(message: Json, payload: Json) -> bool:
    """Tell people of another company, in a channel that two share: they are not of the team.

    Whose they are is named by their workspace or by their organisation.
    """
    home = _string(message, "user_team")
    team, _, org = _workspace(payload).partition("@")
    ours = {team, org, _enterprise(payload)} - {""}
    if org and home.startswith("T"):
        # Of an organisation every workspace is ours; in a shared channel there are others.
        return payload.get("is_ext_shared_channel") is True and home not in ours
    return bool(home) and home not in ours


def _was_rewritten(message: Json, before: Json) -> bool:
    """Tell a person's edit from Slack's own changes (a preview of a link, a reply counted)."""
    return bool(_object(message, "edited")) and message.get("text") != before.get("text")


def _route(payload: Json, event: Json, *, is_open: bool) -> Inbound:
    channel = _string(event, "channel")
    place = PlaceRef(CHAT, _workspace(payload), channel, is_private=False)
    return Inbound("route", place, route_open=is_open) if channel else _ignored()


def _renamed(payload: Json, channel: Json) -> Inbound:
    number, name = _string(channel, "id"), _string(channel, "name")
    place = PlaceRef(CHAT, _workspace(payload), number, is_private=False, title=f"#{name}")
    return Inbound("renamed", place) if number and name else _ignored()


def _removed(payload: Json) -> Inbound:
    at = _number(payload, "event_time")
    place = PlaceRef(CHAT, _workspace(payload), "")
    return Inbound("removed", place, sent_at=_moment(str(at)) if at else None)


def _second_key(workspace: str, event: Json) -> str | None:
    """Name what a message and its mention have in common: they are two events of one thing."""
    if _string(event, "type") not in {"message", "app_mention"}:
        return None
    if _string(event, "subtype") not in _MESSAGES:
        return None
    return f"said:{workspace}:{_string(event, 'channel')}:{_string(event, 'ts')}"


# ── files ────────────────────────────────────────────────────────────────────────────────────


def _attachments(message: Json, workspace: str) -> Iterator[Attachment]:
    for file in _objects(message, "files"):
        mode, number = _string(file, "mode"), _string(file, "id")
        if mode in {"tombstone", "hidden_by_limit"} or not number:
            continue
        if mode in _ELSEWHERE:
            # Its address leads anywhere, and our token would travel there: it is never asked for.
            yield Attachment(AttachmentKind.UNWANTED, what="linked file")
        elif mode in _WRITTEN:
            yield Attachment(AttachmentKind.UNWANTED, what="text snippet")
        else:
            yield _file(file, f"{workspace}{SEPARATOR}{number}")


def _file(file: Json, file_id: str) -> Attachment:
    # Just after the upload type and size are not known yet; the name tells the type then.
    mime = _string(file, "mimetype") or mimetypes.guess_type(_string(file, "name"))[0] or ""
    if mime.startswith("audio/"):
        return Attachment(AttachmentKind.UNWANTED, what="audio file")
    milliseconds = _number(file, "duration_ms")
    return Attachment(
        AttachmentKind.VIDEO if mime.startswith("video/") else AttachmentKind.DOCUMENT,
        file_id=file_id,
        unique_id=_string(file, "id"),
        mime=mime,
        size_bytes=_number(file, "size") or None,
        width=_number(file, "original_w"),
        height=_number(file, "original_h"),
        duration_seconds=milliseconds / 1000 if milliseconds else None,
    )


# ── commands, presses, forms ─────────────────────────────────────────────────────────────────


def _from_command(payload: Json) -> Inbound:
    user, channel = _string(payload, "user_id"), _string(payload, "channel_id")
    if not user:
        return _ignored()
    is_private = _string(payload, "channel_name") == "directmessage" or channel.startswith("D")
    place = _place(payload, channel, user, is_private=is_private or not channel)
    name, _, arguments = _string(payload, "text").strip().partition(" ")
    return Inbound(
        "command",
        place,
        actor=Actor(user, ""),
        text=_string(payload, "text"),
        command=name.lower(),
        arguments=arguments.strip(),
        form_ref=_form_ref(payload, "" if place.is_private else channel),
    )


def _from_interaction(payload: Json, us: str) -> Inbound:
    user = _string(_object(payload, "user"), "id")
    kind = _string(payload, "type")
    if not user:
        return _ignored()
    if kind == "block_actions":
        return _from_press(payload, user)
    if kind == "view_submission":
        return _from_form(payload, user)
    if kind in _SHORTCUTS:
        return _from_shortcut(payload, user, us)
    return _ignored()


def _hand(payload: Json, user: str) -> Actor:
    """Name who does something; in a channel that is shared they may be of another house.

    Whose another workspace of an organisation is cannot be seen here: their profile tells it.
    """
    team, _, org = _workspace(payload).partition("@")
    home = _string(_object(payload, "user"), "team_id")
    is_here = not home or home in {team, org, _enterprise(payload)}
    return Actor(user, "", home="" if is_here else home)


def _from_press(payload: Json, user: str) -> Inbound:
    action = next(_objects(payload, "actions"), {})
    value = action.get("value")
    if not isinstance(value, str) or not value:
        return _ignored()  # a link that opened: there is nothing for us to do
    container = _object(payload, "container")
    channel = _string(container, "channel_id") or _string(_object(payload, "channel"), "id")
    ts, root = _string(container, "message_ts"), _string(container, "thread_ts")
    is_private = _is_direct(payload, channel)
    # What only one person sees has no name by which it could be changed later, but an address.
    is_whispered = container.get("is_ephemeral") is True
    whisper = _string(payload, "response_url") if is_whispered else ""
    ref = ref_of(channel, ts, root) if channel and ts and not is_whispered else ""
    # Words for one person are shown in a thread only where people already talk in it.
    thread = root if root != ts else ""
    return Inbound(
        "press",
        _place(payload, channel, user, is_private=is_private),
        actor=_hand(payload, user),
        message_ref=ref,
        reply_to=ref_of(channel, thread) if channel and thread else "",
        press=Press(
            SEPARATOR.join((_workspace(payload), channel, user, thread)), value, ref, whisper
        ),
        form_ref=_form_ref(payload, "" if is_private else channel),
    )


def _from_form(payload: Json, user: str) -> Inbound:
    view = _object(payload, "view")
    form = _submitted(view)
    if form is None:
        return _ignored()
    channel = _string(_private(view), "channel")
    files = [
        file
        for inputs in _values(view)
        for one in inputs.values()
        if isinstance(one, dict)
        for file in _objects(one, "files")
    ]
    return Inbound(
        "form",
        _place(payload, channel, user, is_private=not channel),
        actor=_hand(payload, user),
        attachments=tuple(_attachments({"files": files}, _workspace(payload))),
        form=form,
    )


def _from_shortcut(payload: Json, user: str, us: str) -> Inbound:
    message = _object(payload, "message")
    channel = _string(_object(payload, "channel"), "id")
    is_private = _is_direct(payload, channel)
    place = _place(payload, channel, user, is_private=is_private)
    ts, root = _string(message, "ts"), _string(message, "thread_ts")
    found = words_of(message, us)
    return Inbound(
        "shortcut",
        place,
        actor=_hand(payload, user),
        message_ref=ref_of(channel, ts, root) if channel and ts else "",
        text=found.text,
        spans=found.spans,
        attachments=tuple(_attachments(message, _workspace(payload))),
        form_ref=_form_ref(payload, "" if is_private else channel),
    )


def _submitted(view: Json) -> Submitted | None:
    private = _private(view)
    payload = _string(private, "payload")
    if not payload:
        return None
    values: dict[str, str] = {}
    for block in _values(view):
        for name, one in block.items():
            if isinstance(one, dict):
                values[name] = _value(one)
    return Submitted(payload, values, _string(private, "language") or "en")


def _value(one: Json) -> str:
    moment = _number(one, "selected_date_time")
    if moment is not None:
        return str(moment)
    chosen = _object(one, "selected_option")
    if chosen:
        return _string(chosen, "value")
    many = [_string(option, "value") for option in _objects(one, "selected_options")]
    return ",".join(many) if many else _string(one, "value")


def _values(view: Json) -> Iterator[Json]:
    for block in _object(_object(view, "state"), "values").values():
        if isinstance(block, dict):
            yield block


def _private(view: Json) -> Json:
    return read_object(_string(view, "private_metadata")) or {}


def _form_ref(payload: Json, channel: str) -> str:
    trigger = _string(payload, "trigger_id")
    return SEPARATOR.join((_workspace(payload), trigger, channel)) if trigger else ""


# ── who and where ────────────────────────────────────────────────────────────────────────────


def _place(payload: Json, channel: str, user: str, *, is_private: bool) -> PlaceRef:
    return PlaceRef(
        CHAT,
        _workspace(payload),
        user if is_private else channel,
        is_private=is_private,
        title="" if is_private else _title(payload),
    )


def _title(payload: Json) -> str:
    """Return the name of a public channel, where the event tells it ("" for any other)."""
    name = _string(payload, "channel_name") or _string(_object(payload, "channel"), "name")
    return "" if name in _NO_NAMES or name.startswith("mpdm-") or not name else f"#{name}"


def _is_direct(payload: Json, channel: str) -> bool:
    name = _string(_object(payload, "channel"), "name")
    return not channel or channel.startswith("D") or name == "directmessage"


def _workspace(payload: Json) -> str:
    """Name the workspace; where the app belongs to a whole organisation, with that behind it.

    It is the one in which the app is installed: in a channel that two companies share, an event's
    own `team_id` may be the other one's.
    """
    authorization = next(_objects(payload, "authorizations"), {})
    team = (
        _string(_object(payload, "view"), "app_installed_team_id")
        or _string(authorization, "team_id")
        or _string(payload, "context_team_id")
        or _string(payload, "team_id")
        or _string(_object(payload, "team"), "id")
        or _team_of_pressed(payload)
        or _string(_object(payload, "user"), "team_id")
    )
    is_org = authorization.get("is_enterprise_install") is True
    is_org = is_org or str(payload.get("is_enterprise_install")).lower() == "true"
    enterprise = _enterprise(payload)
    return f"{team}@{enterprise}" if is_org and enterprise else team


def _team_of_pressed(payload: Json) -> str:
    """Name the workspace of our message that was pressed, where the press itself names none.

    So it is with an organisation's app; whoever presses may be of another of its workspaces.
    """
    return _string(_object(payload, "message"), "team") if "actions" in payload else ""


def _enterprise(payload: Json) -> str:
    """Name the organisation that the app's workspace belongs to, "" where there is none."""
    authorization = next(_objects(payload, "authorizations"), {})
    return (
        _string(authorization, "enterprise_id")
        or _string(payload, "enterprise_id")
        or _string(_object(payload, "enterprise"), "id")
    )


def _bot_of(payload: Json) -> str:
    return _string(next(_objects(payload, "authorizations"), {}), "user_id")


def _conversation(workspace: str, payload: Json) -> str:
    event, container = _object(payload, "event"), _object(payload, "container")
    channel = (
        _string(event, "channel")
        or _string(_object(event, "channel"), "id")
        or _string(container, "channel_id")
        or _string(_object(payload, "channel"), "id")
        or _string(payload, "channel_id")
    )
    user = (
        _string(event, "user")
        or _string(_object(event, "previous_message"), "user")
        or _string(_object(event, "message"), "user")
        or _string(_object(payload, "user"), "id")
        or _string(payload, "user_id")
    )
    is_by_bot = bool(_string(event, "bot_id"))
    where = user if not channel or (channel.startswith("D") and not is_by_bot) else channel
    return f"{CHAT}:{workspace}:{where}"


def _ignored() -> Inbound:
    return Inbound("ignored", PlaceRef(CHAT, "", ""))


# ── reading JSON that may hold anything ──────────────────────────────────────────────────────


def _object(container: object, key: str) -> Json:
    value = container.get(key) if isinstance(container, dict) else None
    return value if isinstance(value, dict) else {}


def _objects(container: Json, key: str) -> Iterator[Json]:
    value = container.get(key)
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _string(container: Json, key: str) -> str:
    value = container.get(key)
    return value if isinstance(value, str) else ""


def _number(container: Json, key: str) -> int | None:
    value = container.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value < 2**53 else None


def _moment(ts: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return None
