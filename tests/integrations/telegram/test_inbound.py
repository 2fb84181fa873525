"""What Telegram sends, as chat-neutral values."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.chat.incoming import Actor, AttachmentKind, PlaceRef
from integrations.telegram.inbound import Ourselves, conversation_of, parse_update
from tests.integrations.telegram.updates import (
    BOT,
    DANA,
    GROUP,
    PRIVATE,
    SENT_AT,
    US,
    message,
    parsed,
    parsed_message,
)


def _photo(*sides: int) -> list[dict[str, object]]:
    return [
        {
            "file_id": f"photo{side}",
            "file_unique_id": f"u{side}",
            "width": side,
            "height": side,
            "file_size": side * 10,
        }
        for side in sides
    ]


def test_a_text_in_a_private_chat_says_who_where_when_and_what() -> None:
    read = parsed_message(text="tomorrow 9am")

    assert read.kind == "message"
    assert read.text == "tomorrow 9am"
    assert read.message_ref == "7"
    assert read.place == PlaceRef("telegram", "", "1001", is_private=True)
    assert read.actor == Actor("1001", "Dana Reyes", username="dana", language="de")
    assert read.sent_at == datetime.fromtimestamp(SENT_AT, UTC)


def test_a_message_in_a_topic_keeps_the_topic() -> None:
    read = parsed_message(
        chat=GROUP,
        text="@postcue_bot hello",
        is_topic_message=True,
        message_thread_id=55,
        reply_to_message={"message_id": 55, "forum_topic_created": {"name": "Posts"}},
    )

    assert read.place == PlaceRef("telegram", "", "-1001234", "55", False, "Bakery")
    assert read.reply_to == ""


def test_an_ordinary_reply_chain_in_a_group_is_no_topic() -> None:
    read = parsed_message(chat=GROUP, text="yes", message_thread_id=12)

    assert read.place.thread == ""


def test_the_largest_size_of_a_photo_is_taken() -> None:
    read = parsed_message(photo=_photo(90, 1280, 320), caption="Fresh bread")

    (attachment,) = read.attachments
    assert attachment.kind is AttachmentKind.PHOTO
    assert attachment.file_id == "photo1280"
    assert (attachment.width, attachment.height, attachment.size_bytes) == (1280, 1280, 12800)
    assert read.text == "Fresh bread"


def test_the_parts_of_an_album_share_its_name() -> None:
    first = parsed_message(photo=_photo(90), media_group_id="13900")
    second = parsed_message(message_id=8, photo=_photo(90), media_group_id="13900")

    assert first.album == second.album == "13900"
    assert first.message_ref != second.message_ref


def test_a_video_a_document_and_an_animation_are_told_apart() -> None:
    video = {
        "file_id": "v",
        "width": 1080,
        "height": 1920,
        "duration": 8,
        "mime_type": "video/mp4",
    }
    document = {"file_id": "d", "mime_type": "image/png", "file_size": 5}

    assert parsed_message(video=video).attachments[0].kind is AttachmentKind.VIDEO
    assert parsed_message(video=video).attachments[0].duration_seconds == 8
    assert parsed_message(document=document).attachments[0].kind is AttachmentKind.DOCUMENT
    moving = parsed_message(animation=video, document=document).attachments
    assert [one.kind for one in moving] == [AttachmentKind.ANIMATION]


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("sticker", "sticker"),
        ("voice", "voice message"),
        ("video_note", "video note"),
        ("audio", "audio file"),
        ("contact", "contact"),
        ("location", "location"),
        ("poll", "poll"),
        ("dice", "dice"),
    ],
)
def test_bad_022_what_no_post_is_made_of_is_named_in_plain_words(key: str, word: str) -> None:
    read = parsed_message(**{key: {"file_id": "x"}})

    assert read.kind == "message"
    assert [(one.kind, one.what) for one in read.attachments] == [(AttachmentKind.UNWANTED, word)]


def test_bad_033_the_name_of_a_file_goes_nowhere() -> None:
    name = "../../etc/passwd\0\u202egnp" + "x" * 4096

    read = parsed_message(document={"file_id": "d", "file_name": name, "mime_type": "image/png"})

    assert "passwd" not in repr(read)


def test_entities_in_utf16_units_become_indices_of_the_python_string() -> None:
    text = "👩‍👩‍👧 see example.org #brot"
    units = len(text[: text.index("example")].encode("utf-16-le")) // 2
    tag = len(text[: text.index("#")].encode("utf-16-le")) // 2

    read = parsed_message(
        text=text,
        entities=[
            {"type": "url", "offset": units, "length": 11},
            {"type": "hashtag", "offset": tag, "length": 5},
            {"type": "bold", "offset": 0, "length": 3},
            {"type": "url", "offset": 900, "length": 3},
        ],
    )

    assert [(one.kind, text[one.start : one.end]) for one in read.spans][:2] == [
        ("url", "example.org"),
        ("hashtag", "#brot"),
    ]
    assert len(read.spans) == 3


def test_bad_038_lone_surrogates_and_nul_are_dropped_and_spans_still_fit() -> None:
    raw = json.dumps(
        {
            "update_id": 1,
            "message": message(
                text="a\ud83d\0b #tag",
                entities=[{"type": "hashtag", "offset": 5, "length": 4}],
            ),
        }
    ).encode()

    read = parse_update(raw, US)

    assert read.text == "ab #tag"
    assert [read.text[one.start : one.end] for one in read.spans] == ["#tag"]


def test_bad_037_joined_emoji_arrive_unharmed() -> None:
    assert parsed_message(text="👩‍👩‍👧🏳️‍🌈").text == "👩‍👩‍👧🏳️‍🌈"


@pytest.mark.parametrize(
    ("text", "command", "arguments"),
    [
        ("/start", "start", ""),
        ("/start c_abc-123", "start", "c_abc-123"),
        ("/queue@postcue_bot", "queue", ""),
        ("/Timezone@Postcue_Bot  Europe/Berlin ", "timezone", "Europe/Berlin"),
        ("/cancel 142\nplease", "cancel", "142\nplease"),
    ],
)
def test_a_command_is_split_from_its_arguments(text: str, command: str, arguments: str) -> None:
    read = parsed_message(text=text)

    assert (read.kind, read.command, read.arguments) == ("command", command, arguments)
    assert read.text == text


@pytest.mark.parametrize("text", ["/", "/ start", "// no", "/start-now", "see /start"])
def test_what_only_looks_like_a_command_is_a_message(text: str) -> None:
    assert parsed_message(text=text).kind == "message"


def test_a_command_for_another_bot_is_ignored() -> None:
    assert parsed_message(chat=GROUP, text="/queue@other_bot").kind == "ignored"


def test_a_caption_that_begins_with_a_slash_stays_a_caption() -> None:
    read = parsed_message(photo=_photo(90), caption="/story tomorrow 9am")

    assert (read.kind, read.command, read.text) == ("message", "", "/story tomorrow 9am")


def test_an_edited_message_is_an_edit_at_the_time_of_the_edit() -> None:
    read = parsed("edited_message", message(text="now 10am", edit_date=SENT_AT + 60))

    assert (read.kind, read.text) == ("edit", "now 10am")
    assert read.sent_at == datetime.fromtimestamp(SENT_AT + 60, UTC)


def test_a_reply_says_to_what_and_whether_to_us() -> None:
    ours = parsed_message(
        text="make it 10am", reply_to_message=message(message_id=3) | {"from": BOT}
    )
    theirs = parsed_message(text="ok", reply_to_message=message(message_id=4))

    assert (ours.reply_to, ours.reply_to_bot) == ("3", True)
    assert (theirs.reply_to, theirs.reply_to_bot) == ("4", False)


def test_a_mention_of_us_is_noticed_and_of_others_is_not() -> None:
    entities = [{"type": "mention", "offset": 3, "length": 12}]

    assert parsed_message(chat=GROUP, text="hi @Postcue_Bot!", entities=entities).mentions_bot
    assert not parsed_message(chat=GROUP, text="hi @someone_bot!", entities=entities).mentions_bot
    assert parsed_message(
        chat=GROUP,
        text="hi bot",
        entities=[{"type": "text_mention", "offset": 3, "length": 3, "user": BOT}],
    ).mentions_bot


@pytest.mark.parametrize(
    ("caption", "left"),
    [
        ("@postcue_bot Team day\nfri 18:30 #cafe", "Team day\nfri 18:30 #cafe"),
        ("@Postcue_Bot, Team day #cafe", "Team day #cafe"),
        ("Team day @postcue_bot\nfri 18:30 #cafe", "Team day\nfri 18:30 #cafe"),
        ("🍂 Team @postcue_bot day #cafe", "🍂 Team day #cafe"),
        ("#cafe @postcue_bot", "#cafe"),
        ("@postcue_bot", ""),
    ],
)
def test_b47_our_name_calls_us_and_is_no_word_of_the_caption(caption: str, left: str) -> None:
    read = parsed_message(
        chat=GROUP,
        caption=caption,
        photo=_photo(100),
        caption_entities=[
            {"type": kind, "offset": len(caption[:at].encode("utf-16-le")) // 2, "length": length}
            for kind, at, length in (
                ("mention", caption.casefold().find("@postcue_bot"), 12),
                ("hashtag", caption.find("#cafe"), 5),
            )
            if at >= 0
        ],
    )

    assert (read.text, read.mentions_bot) == (left, True)
    assert [read.text[one.start : one.end] for one in read.spans] == ["#cafe"] * ("#" in left)


def test_a_message_that_is_nothing_but_our_name_is_still_heard() -> None:
    entities = [{"type": "mention", "offset": 0, "length": 12}]

    read = parsed_message(chat=GROUP, text="@postcue_bot", entities=entities)

    assert (read.text, read.mentions_bot) == ("@postcue_bot", True)


def test_a_press_names_button_message_and_person() -> None:
    read = parsed(
        "callback_query",
        {
            "id": "99",
            "from": DANA,
            "data": "p1:ok:abc:2",
            "message": {"message_id": 5, "chat": PRIVATE, "date": 0},
        },
    )

    assert read.kind == "press"
    assert read.press is not None
    assert (read.press.press_ref, read.press.payload, read.press.message_ref) == (
        "99",
        "p1:ok:abc:2",
        "5",
    )
    assert read.actor is not None
    assert read.actor.external_id == "1001"


@pytest.mark.parametrize(
    ("standing", "is_open"),
    [
        ({"status": "member"}, True),
        ({"status": "administrator"}, True),
        ({"status": "kicked"}, False),
        ({"status": "left"}, False),
        ({"status": "restricted", "is_member": True, "can_send_messages": False}, False),
        ({"status": "restricted", "is_member": True, "can_send_messages": True}, True),
    ],
)
def test_our_standing_in_a_chat_opens_or_closes_the_route(
    standing: dict[str, object], is_open: bool
) -> None:
    read = parsed(
        "my_chat_member",
        {
            "chat": GROUP,
            "from": DANA,
            "date": SENT_AT,
            "new_chat_member": {"user": BOT, **standing},
        },
    )

    assert (read.kind, read.route_open) == ("route", is_open)


def test_a_group_that_became_a_supergroup_has_moved() -> None:
    read = parsed_message(chat={"id": -55, "type": "group"}, migrate_to_chat_id=-100777)

    assert (read.kind, read.place.chat_id, read.moved_to) == ("moved", "-55", "-100777")


@pytest.mark.parametrize(
    "sender",
    [BOT, {"id": 77, "is_bot": True, "first_name": "Other"}, {"id": 1087968824, "is_bot": True}],
    ids=["ourselves", "another bot", "an administrator without a name"],
)
def test_bad_080_what_bots_say_is_ignored(sender: dict[str, object]) -> None:
    assert parsed("message", message(text="tomorrow 9am") | {"from": sender}).kind == "ignored"


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("channel_post", {"message_id": 1, "chat": GROUP, "date": 1, "text": "x"}),
        ("message_reaction", {"chat": PRIVATE, "message_id": 1}),
        ("something_new_in_2031", {"a": 1}),
        ("message", message(new_chat_members=[DANA])),
        ("message", message(pinned_message=message(text="x"))),
        ("callback_query", {"id": "1", "from": DANA, "inline_message_id": "x", "data": "y"}),
    ],
)
def test_bad_074_an_unknown_kind_of_update_is_ignored(kind: str, payload: object) -> None:
    assert parsed(kind, payload).kind == "ignored"


def test_everything_that_happens_in_one_chat_shares_a_conversation() -> None:
    press = {"callback_query": {"message": {"chat": PRIVATE}}}
    expected = "telegram:42:1001"

    assert conversation_of({"message": message()}, "telegram:42") == expected
    assert conversation_of({"edited_message": message()}, "telegram:42") == expected
    assert conversation_of(press, "telegram:42") == expected
    assert conversation_of({"poll": {}}, "telegram:42") == "telegram:42:"


def test_a_number_beyond_any_id_is_no_id() -> None:
    assert parsed_message(chat={"id": 10**30, "type": "private"}, text="x").kind == "ignored"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_KEYS = st.sampled_from(
    ["message", "edited_message", "callback_query", "my_chat_member", "chat", "from", "text",
     "caption", "entities", "photo", "document", "id", "message_id", "date", "data", "type",
     "reply_to_message", "new_chat_member", "user", "offset", "length", "message_thread_id",
     "is_topic_message", "migrate_to_chat_id", "status"]
)  # fmt: skip
_NEARLY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=8),
    max_leaves=25,
)


@given(_JSON | _NEARLY)
def test_no_json_whatever_makes_reading_fail(value: object) -> None:
    read = parse_update(json.dumps(value).encode(), US)

    assert read.place.chat == "telegram"


@given(st.dictionaries(_KEYS, _NEARLY, max_size=10))
def test_no_message_whatever_makes_reading_fail(fields: dict[str, object]) -> None:
    read = parsed("message", {**message(), **fields})

    json.dumps(read.text).encode("utf-8", "strict")
    assert all(0 <= one.start < one.end <= len(read.text) for one in read.spans)


@given(st.binary(max_size=200))
def test_no_bytes_whatever_make_reading_fail(raw: bytes) -> None:
    assert parse_update(raw, Ourselves("42")).kind == "ignored"


def test_json_nested_without_end_is_ignored() -> None:
    assert parse_update(b"[" * 200_000, US).kind == "ignored"
    assert parse_update(b'{"message":' * 100_000, US).kind == "ignored"
