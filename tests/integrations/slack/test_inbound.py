"""Slack's events as what they mean: pure, and never an exception."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.chat.incoming import Actor, AttachmentKind, Inbound, PlaceRef, Span
from integrations.slack.inbound import keys_of, parse_envelope, parts_of, ref_of, submitted_in

BOT = "UBOT"
TS, ROOT = "1700000000.000200", "1700000000.000100"


def envelope(event: dict[str, Any], **outer: Any) -> bytes:
    payload = {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev1",
        "event_time": 1_700_000_000,
        "authorizations": [{"team_id": "T1", "user_id": BOT, "is_bot": True}],
        "event": event,
        **outer,
    }
    return json.dumps({"type": "events_api", "payload": payload}).encode()


def message(**more: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "channel": "C1",
        "channel_type": "channel",
        "user": "U1",
        "ts": TS,
        "text": "hello",
        **more,
    }


def read(event: dict[str, Any], **outer: Any) -> Inbound:
    return parse_envelope(envelope(event, **outer))


def rich(*elements: dict[str, Any]) -> list[dict[str, Any]]:
    section = {"type": "rich_text_section", "elements": list(elements)}
    return [{"type": "rich_text", "elements": [section]}]


# ── messages ─────────────────────────────────────────────────────────────────────────────────


def test_a_message_in_a_channel_belongs_to_the_channel_and_a_direct_one_to_its_person() -> None:
    there = read(message())
    here = read(message(channel="D1", channel_type="im"))

    assert there.place == PlaceRef("slack", "T1", "C1", is_private=False)
    assert here.place == PlaceRef("slack", "T1", "U1")
    assert here.message_ref == f"D1/{TS}"
    assert here.sent_at is not None
    assert (here.kind, here.text) == ("message", "hello")


def test_b2_a_message_of_ours_comes_back_with_the_mark_it_was_sent_with() -> None:
    ours = message(
        user=BOT, bot_id="B1", thread_ts=ROOT, blocks=[{"type": "section", "block_id": "card:7"}]
    )

    found = read(ours)
    assert (found.kind, found.mark, found.message_ref) == ("echo", "card:7", f"C1/{ROOT}/{TS}")
    for other in (
        {**ours, "user": "UOTHER"},
        {**ours, "bot_id": ""},
        {**ours, "subtype": "bot_message"},
        {**ours, "blocks": [{"type": "section", "block_id": "a1b2c3"}]},
        message(subtype="message_changed", message=ours),
    ):
        assert not read(other).mark


def test_b17_a_reply_in_a_thread_names_the_message_it_answers() -> None:
    ours = read(message(thread_ts=ROOT, parent_user_id=BOT))
    theirs = read(message(thread_ts=ROOT, parent_user_id="U2"))
    root = read(message(ts=ROOT, thread_ts=ROOT))

    assert (ours.message_ref, ours.reply_to) == (f"C1/{ROOT}/{TS}", f"C1/{ROOT}")
    assert (ours.reply_to_bot, theirs.reply_to_bot) == (True, False)
    assert (root.message_ref, root.reply_to) == (f"C1/{ROOT}", "")


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B1"},
        {"subtype": "bot_message", "bot_id": "B1"},
        {"subtype": "channel_join"},
        {"subtype": "message_deleted", "previous_message": {"user": "U1", "bot_id": "B1"}},
        {"subtype": "message_deleted", "previous_message": {"user": "USLACKBOT", "ts": TS}},
        {"user": "USLACKBOT"},
        {"subtype": "message_replied"},
        {"user": ""},
        {"user": 7},
        {"ts": None},
        {"text": ""},
    ],
)
def test_bad_080_what_no_person_says_is_not_for_us(more: dict[str, Any]) -> None:
    assert read(message(**more)).kind == "ignored"


def test_b47_people_of_another_company_in_a_shared_channel_are_not_of_the_team() -> None:
    assert read(message(user_team="T2", text=f"<@{BOT}> now")).kind == "ignored"
    assert read(message(user_team="T1", text=f"<@{BOT}> now")).mentions_bot


def test_b47_the_workspace_is_the_one_that_has_us_not_the_one_that_speaks() -> None:
    shared = {"team_id": "T2", "context_team_id": "T1", "is_ext_shared_channel": True}

    ours = read(message(user_team="T1"), **shared)
    theirs = read(message(user_team="T2", text=f"<@{BOT}> now"), **shared)

    assert (ours.kind, ours.place.workspace) == ("message", "T1")
    assert theirs.kind == "ignored"
    assert keys_of(json.loads(envelope(message(), **shared)))[2] == "slack:T1:C1"  # type: ignore[index]


def test_b47_of_an_organisation_every_workspace_is_ours_but_no_other_company() -> None:
    org = {
        "authorizations": [{"user_id": BOT, "is_enterprise_install": True, "enterprise_id": "E1"}]
    }
    shared = {**org, "is_ext_shared_channel": True, "context_team_id": "T1"}

    assert read(message(user_team="T9"), **org).kind == "message"
    assert read(message(user_team="E1"), **shared).kind == "message"
    assert read(message(user_team="T1"), **shared).kind == "message"
    assert read(message(user_team="T9"), **shared).kind == "ignored"
    assert read(message(user_team="E2"), **shared).kind == "ignored"


def test_b47_a_press_by_the_other_company_is_not_of_the_team() -> None:
    at = {"channel_id": "C1", "message_ts": TS}

    assert press(at, user={"id": "U1", "team_id": "T1"}).actor == Actor("U1", "")
    assert press(at, user={"id": "U9", "team_id": "T2"}).actor == Actor("U9", "", home="T2")
    elsewhere = press(at, view={"app_installed_team_id": "T7"}, user={"id": "U1"})
    assert elsewhere.place.workspace == "T7"


def test_b47_a_press_in_an_organisation_is_where_the_message_is_whoever_pressed() -> None:
    at = {"channel_id": "C1", "message_ts": TS}
    org = {"team": None, "enterprise": {"id": "E1"}, "is_enterprise_install": True}
    ours = {"bot_id": "B1", "team": "T1", "ts": TS}

    near = press(at, **org, message=ours, user={"id": "U1", "team_id": "T1"})
    far = press(at, **org, message=ours, user={"id": "U9", "team_id": "T2"})

    assert near.place == far.place
    assert near.place.workspace == "T1@E1"
    assert (near.actor, far.actor) == (Actor("U1", ""), Actor("U9", "", home="T2"))


def test_b16_a_deleted_message_is_told_of_its_author_answered_or_not() -> None:
    before = {"user": "U1", "ts": TS, "text": "tomorrow 9am", "thread_ts": TS}
    stone = {"subtype": "tombstone", "user": "USLACKBOT", "ts": TS, "hidden": True}

    gone = read(message(subtype="message_deleted", user=None, previous_message=before))
    answered = read(
        message(subtype="message_changed", user=None, message=stone, previous_message=before)
    )

    for one in (gone, answered):
        assert (one.kind, one.message_ref) == ("deleted", f"C1/{TS}")
        assert one.actor is not None
        assert one.actor.external_id == "U1"
    direct = message(
        channel="D1", subtype="message_changed", user=None, message=stone, previous_message=before
    )
    assert keys_of(json.loads(envelope(direct)))[2] == "slack:T1:U1"  # type: ignore[index]


def test_a_reply_that_is_sent_to_the_channel_too_is_a_reply_once() -> None:
    said = read(message(subtype="thread_broadcast", thread_ts=ROOT, root={"ts": ROOT}))
    change = read(
        message(
            subtype="message_changed",
            message=message(thread_ts=ROOT, subtype="thread_broadcast"),
            previous_message=message(thread_ts=ROOT),
        )
    )

    assert (said.kind, said.reply_to) == ("message", f"C1/{ROOT}")
    assert change.kind == "ignored"


def test_b16_a_rewritten_message_is_an_edit_and_a_preview_of_a_link_is_none() -> None:
    before = {"user": "U1", "ts": TS, "text": "tomorrow 9am"}
    edited = {**before, "text": "tomorrow 10am", "edited": {"user": "U1", "ts": "1700000009.0"}}
    unfurled = {**before, "attachments": [{"title": "x"}]}

    changed = read(message(subtype="message_changed", message=edited, previous_message=before))
    same = read(message(subtype="message_changed", message=unfurled, previous_message=before))

    assert (changed.kind, changed.text, changed.message_ref) == (
        "edit",
        "tomorrow 10am",
        f"C1/{TS}",
    )
    assert same.kind == "ignored"


# ── words ────────────────────────────────────────────────────────────────────────────────────


def test_a_caption_is_what_was_typed_emoji_and_signs_included() -> None:
    blocks = rich(
        {"type": "user", "user_id": BOT},
        {"type": "text", "text": " Autumn <menu> & *more* "},
        {"type": "emoji", "name": "fallen_leaf", "unicode": "1f342"},
        {"type": "emoji", "name": "wave", "unicode": "1f44b-1f3fd"},
        {"type": "emoji", "name": "our_logo"},
        {"type": "text", "text": "\nfri 18:30"},
    )
    said = read(message(text=f"<@{BOT}> Autumn &lt;menu&gt; :fallen_leaf:", blocks=blocks))

    assert said.text == "Autumn <menu> & *more* 🍂👋🏽:our_logo:\nfri 18:30"
    assert said.mentions_bot


def test_without_blocks_slacks_markup_is_undone() -> None:
    said = read(
        message(text="a &lt; b &amp; <https://e.org/?a=1&amp;b=2|e.org> <@U9|mia> <!here>")
    )

    assert said.text == "a < b & e.org mia @here"
    assert [(one.kind, said.text[one.start : one.end]) for one in said.spans] == [
        ("url", "e.org"),
        ("mention", "mia"),
        ("mention", "@here"),
    ]


def test_code_and_links_are_no_mere_words() -> None:
    blocks = rich(
        {"type": "text", "text": "see "},
        {"type": "link", "url": "https://e.org"},
        {"type": "text", "text": " "},
        {"type": "text", "text": "9am", "style": {"code": True}},
    )

    said = read(message(blocks=blocks))

    assert said.text == "see https://e.org 9am"
    assert said.spans == (Span("url", 4, 17), Span("code", 18, 21))


# ── files ────────────────────────────────────────────────────────────────────────────────────


def test_files_are_named_by_workspace_and_id_never_by_an_address() -> None:
    files = [
        {"id": "F1", "mimetype": "image/png", "size": 9, "mode": "hosted", "original_w": 4,
         "url_private": "https://files.slack.com/x"},
        {"id": "F2", "mimetype": "video/mp4", "mode": "hosted", "duration_ms": 34_000},
        {"id": "F3", "name": "late.mov", "mimetype": "", "size": 0, "mode": "hosted"},
        {"id": "F4", "mode": "hosted", "file_access": "check_file_info"},
        {"id": "F5", "mode": "tombstone"},
    ]  # fmt: skip

    found = read(message(subtype="file_share", text="", files=files)).attachments

    assert [one.file_id for one in found] == ["T1|F1", "T1|F2", "T1|F3", "T1|F4"]
    assert [one.kind for one in found] == ["document", "video", "video", "document"]
    assert (found[0].size_bytes, found[0].width) == (9, 4)
    assert found[1].duration_seconds == 34
    assert "slack.com" not in repr(found)


@pytest.mark.parametrize(
    ("file", "what"),
    [
        ({"mode": "external"}, "linked file"),
        ({"mode": "remote", "mimetype": "image/jpeg"}, "linked file"),
        ({"mode": "snippet", "mimetype": "text/plain"}, "text snippet"),
        ({"mode": "hosted", "mimetype": "audio/mp4"}, "audio file"),
    ],
)
def test_bad_022_bad_030_what_no_post_is_made_of_is_named(file: dict[str, Any], what: str) -> None:
    said = read(message(subtype="file_share", files=[{"id": "F1", **file}]))

    (found,) = said.attachments
    assert (found.kind, found.what, found.file_id) == (AttachmentKind.UNWANTED, what, "")


# ── places, workspaces ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("event", "is_open"),
    [
        ({"type": "member_joined_channel", "user": BOT, "channel": "C1"}, True),
        ({"type": "member_left_channel", "user": BOT, "channel": "C1"}, False),
        ({"type": "channel_archive", "channel": "C1", "user": "U1"}, False),
        ({"type": "group_archive", "channel": "C1", "user": "U1"}, False),
        ({"type": "channel_left", "channel": "C1"}, False),
        ({"type": "group_left", "channel": "C1"}, False),
        ({"type": "channel_deleted", "channel": "C1"}, False),
        ({"type": "group_unarchive", "channel": "C1", "user": "U1"}, True),
        ({"type": "channel_unarchive", "channel": "C1", "user": "U1"}, True),
    ],
)
def test_b50_our_way_into_a_channel_opens_and_closes(event: dict[str, Any], is_open: bool) -> None:
    said = read(event)

    assert (said.kind, said.route_open, said.place.chat_id) == ("route", is_open, "C1")


@pytest.mark.parametrize("kind", ["channel_rename", "group_rename"])
def test_b50_a_channel_that_is_called_otherwise_is_told_with_its_name(kind: str) -> None:
    event = {"type": kind, "channel": {"id": "C1", "name": "larder", "created": 1}}

    said = read(event)

    assert (said.kind, said.place.chat_id, said.place.title) == ("renamed", "C1", "#larder")
    assert keys_of(json.loads(envelope(event)))[2] == "slack:T1:C1"  # type: ignore[index]
    assert read({**event, "channel": {"id": "C1"}}).kind == "ignored"


def test_somebody_elses_coming_and_going_is_not_ours() -> None:
    event = {"type": "member_joined_channel", "user": "U7", "channel": "C1"}

    assert read(event).kind == "ignored"


def test_bad_079_the_end_of_an_installation_is_told_with_its_time() -> None:
    gone = read({"type": "app_uninstalled"})
    revoked = read({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT]}})
    of_people = read({"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}})

    assert [one.kind for one in (gone, revoked, of_people)] == ["removed", "removed", "ignored"]
    assert gone.sent_at is not None
    assert gone.sent_at.timestamp() == 1_700_000_000


def test_an_organisations_workspace_is_named_with_it() -> None:
    org = {
        "authorizations": [{"user_id": BOT, "is_enterprise_install": True, "enterprise_id": "E1"}]
    }

    assert read(message(), **org).place.workspace == "T1@E1"
    assert read(message(), enterprise_id="E1").place.workspace == "T1"


def test_b32_an_opened_home_is_a_place_of_its_own() -> None:
    home = read({"type": "app_home_opened", "user": "U1", "tab": "home", "channel": "D1"})
    other = read({"type": "app_home_opened", "user": "U1", "tab": "messages", "channel": "D1"})

    assert home.place == PlaceRef("slack", "T1", "U1", thread="home", is_home=True)
    assert (home.kind, other.kind) == ("home", "ignored")


# ── presses ──────────────────────────────────────────────────────────────────────────────────


def press(container: dict[str, Any], **more: Any) -> Inbound:
    payload = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1"},
        "channel": {"id": "C1", "name": "team"},
        "container": container,
        "trigger_id": "1.2.x",
        "actions": [{"type": "button", "value": "p1:cancel:x:1"}],
        **more,
    }
    return parse_envelope(json.dumps({"type": "interactive", "payload": payload}).encode())


def test_b13_a_press_knows_where_its_answer_goes_and_what_may_be_opened() -> None:
    at_root = press({"channel_id": "C1", "message_ts": ROOT, "thread_ts": ROOT})
    in_thread = press({"channel_id": "C1", "message_ts": TS, "thread_ts": ROOT})

    assert at_root.press is not None
    assert in_thread.press is not None
    assert at_root.press.press_ref == "T1|C1|U1|"
    assert in_thread.press.press_ref == f"T1|C1|U1|{ROOT}"
    assert (in_thread.message_ref, in_thread.press.payload) == (f"C1/{ROOT}/{TS}", "p1:cancel:x:1")
    assert in_thread.form_ref == "T1|1.2.x|C1"


def test_b32_a_press_on_a_home_is_answered_in_direct_messages() -> None:
    found = press({"type": "view", "view_id": "V1"}, channel=None)

    assert found.place == PlaceRef("slack", "T1", "U1")
    assert found.press is not None
    assert found.press.press_ref == "T1||U1|"


def test_a_shortcut_leaves_our_name_out_of_the_words_as_a_mention_does() -> None:
    payload = {
        "type": "message_action",
        "callback_id": "schedule_this",
        "trigger_id": "1.2.x",
        "team": {"id": "T1"},
        "user": {"id": "U1"},
        "channel": {"id": "C1"},
        "message": {"ts": "1700000000.000100", "text": "<@UBOT> Look\nfri 18:30"},
    }
    raw = json.dumps({"type": "interactive", "payload": payload}).encode()

    assert parse_envelope(raw, us="UBOT").text == "Look\nfri 18:30"


def test_a_button_that_only_leads_somewhere_is_nothing_to_handle() -> None:
    link = [{"type": "button", "url": "https://e.org"}]

    assert press({"channel_id": "C1", "message_ts": TS}, actions=link).kind == "ignored"


# ── keys ─────────────────────────────────────────────────────────────────────────────────────


def test_a_trigger_is_the_key_of_what_has_no_number() -> None:
    press = {"type": "interactive", "payload": {"type": "block_actions", "trigger_id": "1.2"}}
    typed = {"type": "slash_commands", "payload": {"command": "/post", "trigger_id": "1.3"}}

    assert keys_of(press) is not None
    assert keys_of(typed) is not None
    assert keys_of(press)[0] != keys_of(typed)[0]  # type: ignore[index]
    assert keys_of({"type": "interactive", "payload": {"type": "block_actions"}}) is None


def test_a_message_and_its_edit_have_keys_of_their_own() -> None:
    said = json.loads(envelope(message()))
    edit = json.loads(
        envelope(message(subtype="message_changed", message=message()), event_id="Ev2")
    )

    assert keys_of(said)[1] == f"said:T1:C1:{TS}"  # type: ignore[index]
    assert keys_of(edit)[1] is None  # type: ignore[index]


@given(
    st.sampled_from(["C1", "D9"]), st.sampled_from([TS, "9.9"]), st.sampled_from(["", ROOT, TS])
)
def test_a_reference_says_channel_message_and_thread(channel: str, ts: str, root: str) -> None:
    found = parts_of(ref_of(channel, ts, root))

    assert found == (channel, ts, root or ts)


NAMES = [
    "type", "payload", "event", "event_id", "message", "previous_message", "blocks", "elements",
    "files", "channel", "user", "ts", "text", "view", "state", "values", "actions", "container",
    "team", "id", "authorizations", "private_metadata", "trigger_id", "subtype", "edited",
]  # fmt: skip
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=6),
    st.sampled_from(
        [
            "events_api",
            "interactive",
            "slash_commands",
            "message",
            "app_mention",
            "block_actions",
            "view_submission",
            "message_action",
            "rich_text",
            "rich_text_section",
            "emoji",
            "text",
        ]
    ),
)
things = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
    ),
    max_leaves=30,
)


@given(things, st.sampled_from(["events_api", "interactive", "slash_commands", "x"]))
def test_whatever_is_stored_is_read_without_an_exception(thing: Any, kind: str) -> None:
    whole = {"type": kind, "payload": thing}

    assert isinstance(parse_envelope(json.dumps(whole).encode()), Inbound)
    keys_of(whole)
    submitted_in(whole)


@given(things)
def test_whatever_an_event_holds_it_is_read(thing: Any) -> None:
    for event in (thing, message(message=thing), message(blocks=thing), message(files=thing)):
        assert isinstance(
            parse_envelope(envelope(event if isinstance(event, dict) else {})), Inbound
        )


@given(st.binary())
def test_bytes_of_any_kind_are_read(raw: bytes) -> None:
    assert parse_envelope(raw).kind == "ignored"
