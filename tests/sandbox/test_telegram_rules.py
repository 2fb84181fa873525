"""What the stand-in refuses, as Telegram would, and how it counts."""

import html
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import ShiftedClock
from sandbox.telegram import Person, TelegramSandbox, a_jpeg, an_mp4
from sandbox.telegram.errors import ApiError
from sandbox.telegram.limits import utf16_units
from sandbox.telegram.markup import clean, found_in, from_html, to_html, trimmed
from tests.support.telegram import RunningTelegram, running_telegram


@pytest.fixture
def shifted() -> ShiftedClock:
    return ShiftedClock()


@pytest.fixture
async def chat(shifted: ShiftedClock) -> AsyncIterator[RunningTelegram]:
    async with running_telegram(shifted) as running:
        yield running


@pytest.fixture
def box(chat: RunningTelegram) -> TelegramSandbox:
    return chat.box


@pytest.fixture
async def dana(box: TelegramSandbox) -> Person:
    person = box.person("Dana")
    await person.starts()
    return person


def keyboard(*rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"inline_keyboard": list(rows)}


def button(text: str = "Go", **action: Any) -> dict[str, Any]:
    return {"text": text, **(action or {"callback_data": "x"})}


async def test_an_unknown_token_is_unauthorized(chat: RunningTelegram) -> None:
    body = await chat.call("getMe", token="42:wrong")

    assert body == {"ok": False, "error_code": 401, "description": "Unauthorized"}


async def test_an_unknown_method_is_404_and_written_down(chat: RunningTelegram) -> None:
    body = await chat.call("sendHologram", chat_id=1)

    assert body == {"ok": False, "error_code": 404, "description": "Not Found"}
    assert chat.box.journal.unknown_methods == ["sendHologram"]
    assert [call.error for call in chat.box.journal.refused()] == ["Not Found"]


async def test_method_names_need_no_capitals_and_get_works(
    chat: RunningTelegram, dana: Person
) -> None:
    url = f"{chat.api}/bot{chat.box.token}/SENDmessage"

    async with chat.session.get(url, params={"chat_id": dana.id, "text": "by query"}) as answer:
        body = await answer.json()

    assert body["result"]["text"] == "by query"
    assert chat.box.journal.of("sendMessage")[0].status == 200


async def test_nobody_is_written_to_before_they_pressed_start(chat: RunningTelegram) -> None:
    mia = chat.box.person("Mia")

    stranger = await chat.refusal("sendMessage", chat_id=mia.id, text="hi")
    nobody = await chat.refusal("sendMessage", chat_id=777, text="hi")

    assert stranger == "403 Forbidden: bot can't initiate conversation with a user"
    assert nobody == "400 Bad Request: chat not found"


@pytest.mark.parametrize(
    ("text", "is_taken"),
    [
        ("x" * 4096, True),
        ("x" * 4097, False),
        ("🎉" * 2048, True),
        ("🎉" * 2049, False),
        ("&lt;" * 4096, True),
        ("<b>" + "x" * 4096 + "</b>", True),
        ("   ", False),
        ("<b></b>", False),
    ],
)
async def test_a_text_is_counted_after_its_entities(
    chat: RunningTelegram, dana: Person, text: str, is_taken: bool
) -> None:
    body = await chat.call("sendMessage", chat_id=dana.id, text=text, parse_mode="HTML")

    assert body["ok"] is is_taken


async def test_a_caption_ends_at_1024(chat: RunningTelegram, dana: Person) -> None:
    photo = (await dana.sends_photo(a_jpeg())).file_id

    await chat.result("sendPhoto", chat_id=dana.id, photo=photo, caption="y" * 1024)
    refused = await chat.refusal("sendPhoto", chat_id=dana.id, photo=photo, caption="y" * 1025)

    assert refused == "400 Bad Request: message caption is too long"
    with pytest.raises(ValueError, match="1024"):
        await dana.sends_photo(a_jpeg(), "y" * 1025)


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        (keyboard([button(callback_data="x" * 64)]), None),
        (keyboard([button(callback_data="x" * 65)]), "BUTTON_DATA_INVALID"),
        (keyboard([button(callback_data="é" * 33)]), "BUTTON_DATA_INVALID"),
        (keyboard([button(callback_data="")]), "BUTTON_DATA_INVALID"),
        (keyboard([button()] * 8), None),
        (keyboard([button()] * 9), "8 buttons"),
        (keyboard(*[[button()] * 5] * 20), None),
        (keyboard(*[[button()] * 5] * 20, [button()]), "100 buttons"),
        (keyboard([{"text": "no action"}]), "Text buttons are unallowed"),
        (keyboard([button(callback_data="x", url="https://a.bc")]), "exactly one"),
        (keyboard([button(text=" ")]), "non-empty"),
        (keyboard([button(url="http://localhost:8000/x")]), "Wrong HTTP URL"),
        (keyboard([button(url="http://127.0.0.1:8000/x?y=1")]), None),
        (keyboard([button(url="javascript:alert(1)")]), "Wrong HTTP URL"),
        (keyboard([button(style="danger", callback_data="x")]), None),
        (keyboard([button(style="pink", callback_data="x")]), "style"),
        (keyboard([button(copy_text={"text": "c" * 256})]), None),
        (keyboard([button(copy_text={"text": "c" * 257})]), "copy text"),
        (keyboard([button(web_app={"url": "http://a.bc"})]), "HTTPS"),
        ({"force_reply": True, "input_field_placeholder": "p" * 65}, "placeholder"),
        ({"force_reply": True, "input_field_placeholder": "tomorrow 9am"}, None),
    ],
)
async def test_buttons_are_held_to_telegrams_limits(
    chat: RunningTelegram, dana: Person, markup: dict[str, Any], words: str | None
) -> None:
    body = await chat.call("sendMessage", chat_id=dana.id, text="x", reply_markup=markup)

    assert body["ok"] is (words is None)
    if words is not None:
        assert words in body["description"]


@pytest.mark.parametrize(("count", "is_taken"), [(1, False), (2, True), (10, True), (11, False)])
async def test_an_album_has_two_to_ten_items(
    chat: RunningTelegram, dana: Person, count: int, is_taken: bool
) -> None:
    photo = (await dana.sends_photo(a_jpeg(64, 64))).file_id
    media = [{"type": "photo", "media": photo}] * count

    body = await chat.call("sendMediaGroup", chat_id=dana.id, media=media)

    assert body["ok"] is is_taken


async def test_replies_edits_and_files_that_do_not_exist_are_named(
    chat: RunningTelegram, dana: Person
) -> None:
    own = await dana.writes("mine")
    card = (await chat.result("sendMessage", chat_id=dana.id, text="card"))["message_id"]
    picture = (await dana.sends_photo(a_jpeg(64, 64))).file_id
    photo = (await chat.result("sendPhoto", chat_id=dana.id, photo=picture))["message_id"]
    here = {"chat_id": dana.id, "text": "x"}

    refusals = [
        await chat.refusal("sendMessage", **here, reply_parameters={"message_id": 9999}),
        await chat.refusal("sendMessage", **here, message_thread_id=5),
        await chat.refusal("editMessageText", **here, message_id=9999),
        await chat.refusal("editMessageText", **here, message_id=own.id),
        await chat.refusal("editMessageText", **here, message_id=photo),
        await chat.refusal("editMessageCaption", chat_id=dana.id, message_id=card, caption="c"),
        await chat.refusal("sendPhoto", chat_id=dana.id, photo="AgADnothing"),
        await chat.refusal("sendVideo", chat_id=dana.id, video=picture),
        await chat.refusal("sendPhoto", chat_id=dana.id),
        await chat.refusal("getFile", file_id="AgADnothing"),
        await chat.refusal("answerCallbackQuery", callback_query_id="1"),
    ]
    anyway = {"message_id": 9999, "allow_sending_without_reply": True}
    await chat.result("sendMessage", **here, reply_parameters=anyway)

    assert [words.removeprefix("400 Bad Request: ") for words in refusals] == [
        "message to be replied not found",
        "message thread not found",
        "message to edit not found",
        "message can't be edited",
        "there is no text in the message to edit",
        "there is no caption in the message to edit",
        "wrong file identifier/HTTP URL specified",
        "can't use file of type Photo as Video",
        "there is no photo in the request",
        "invalid file_id",
        "query is too old and response timeout expired or query ID is invalid",
    ]


async def test_a_file_over_20_mib_is_too_big_and_a_link_lives_an_hour(
    chat: RunningTelegram, dana: Person, shifted: ShiftedClock
) -> None:
    large = await dana.sends_video(an_mp4(), size=20 * 2**20 + 1)
    fits = await dana.sends_video(an_mp4(), size=20 * 2**20)

    refused = await chat.refusal("getFile", file_id=large.file_id)
    granted = await chat.result("getFile", file_id=fits.file_id)
    link = f"{chat.api}/file/bot{chat.box.token}/{granted['file_path']}"
    async with chat.session.get(link) as answer:
        data = await answer.read()
    shifted.advance(timedelta(seconds=3602))
    async with chat.session.get(link) as answer:
        late = answer.status

    assert refused == "400 Bad Request: file is too big"
    assert data == fits.file
    assert late == 404


async def test_a_file_can_be_expired_cut_off_or_endless(
    chat: RunningTelegram, dana: Person
) -> None:
    sent = await dana.sends_document(b"x" * 1000, name="a.bin")
    granted = await chat.result("getFile", file_id=sent.file_id)
    link = f"{chat.api}/file/bot{chat.box.token}/{granted['file_path']}"

    chat.box.spoil_download(sent.file_id, "endless")
    async with chat.session.get(link) as answer:
        got = await answer.content.readexactly(2**20)
    chat.box.spoil_download(sent.file_id, "cut")
    with pytest.raises(Exception, match=r"(?i)payload|closed|reset|disconnected"):
        async with chat.session.get(link) as answer:
            await answer.read()
    chat.box.expire_file(sent.file_id)

    assert len(got) == 2**20
    assert "temporarily unavailable" in await chat.refusal("getFile", file_id=sent.file_id)


async def test_a_press_is_answered_twice_at_most_and_not_too_late(
    chat: RunningTelegram, dana: Person, shifted: ShiftedClock
) -> None:
    await chat.result(
        "sendMessage", chat_id=dana.id, text="card", reply_markup=keyboard([button()])
    )
    card = await dana.sees("card")
    first, second = dana.taps(card, "Go"), dana.taps(card, "Go")
    assert first is not None
    assert second is not None

    await chat.result("answerCallbackQuery", callback_query_id=first.id, text="1" * 200)
    too_long = await chat.refusal(
        "answerCallbackQuery", callback_query_id=first.id, text="1" * 201
    )
    await chat.result("answerCallbackQuery", callback_query_id=first.id, text="again")
    third = await chat.refusal("answerCallbackQuery", callback_query_id=first.id)
    shifted.advance(timedelta(minutes=5))
    late = await chat.refusal("answerCallbackQuery", callback_query_id=second.id)

    assert too_long == "400 Bad Request: MESSAGE_TOO_LONG"
    assert "query is too old" in third
    assert "query is too old" in late
    assert [answer["text"][:5] for answer in first.answers] == ["11111", "again"]


async def test_messages_older_than_two_days_stay(
    chat: RunningTelegram, dana: Person, shifted: ShiftedClock
) -> None:
    card = await chat.result("sendMessage", chat_id=dana.id, text="card")
    shifted.advance(timedelta(hours=48, seconds=1))

    refused = await chat.refusal("deleteMessage", chat_id=dana.id, message_id=card["message_id"])

    assert refused == "400 Bad Request: message can't be deleted for everyone"


async def test_talking_too_fast_is_429_when_tempo_is_kept(
    chat: RunningTelegram, dana: Person
) -> None:
    chat.box.flood_control = True

    answers = [await chat.call("sendMessage", chat_id=dana.id, text=str(n)) for n in range(5)]

    refused = [body for body in answers if not body["ok"]]
    assert refused
    assert refused[0]["parameters"] == {"retry_after": 1}


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"commands": [{"command": "Queue", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "q" * 33, "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "q", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": [{"command": "q", "description": "x"}] * 101}, "BOT_COMMANDS_TOO_MUCH"),
    ],
)
async def test_commands_are_held_to_their_limits(
    chat: RunningTelegram, parameters: dict[str, Any], words: str
) -> None:
    assert await chat.refusal("setMyCommands", **parameters) == f"400 Bad Request: {words}"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 0'),
        ("<script>x</script>", 'Unsupported start tag "script" at byte offset 0'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b", 'Unclosed start tag "b" at byte offset 0'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<tg-time unix="soon">x</tg-time>', 'Tag "tg-time" must have a valid "unix"'),
        ('<tg-time unix="1" format="x">x</tg-time>', 'Tag "tg-time" has an invalid "format"'),
    ],
)
async def test_broken_html_is_refused_in_telegrams_words(
    chat: RunningTelegram, dana: Person, source: str, words: str
) -> None:
    refused = await chat.refusal("sendMessage", chat_id=dana.id, text=source, parse_mode="HTML")

    assert refused.startswith("400 Bad Request: can't parse entities: ")
    assert words in refused


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("<strong>🎉</strong>x", "🎉x", [("bold", 0, 2)]),
        (
            "<u>a</u><s>b</s><del>c</del>",
            "abc",
            [("underline", 0, 1), ("strikethrough", 1, 1), ("strikethrough", 2, 1)],
        ),
        ("<tg-spoiler>a</tg-spoiler>", "a", [("spoiler", 0, 1)]),
        ('<span class="tg-spoiler">a</span>', "a", [("spoiler", 0, 1)]),
        ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", 0, 1)]),
        ("<blockquote>q</blockquote>", "q", [("blockquote", 0, 1)]),
        ('<pre><code class="language-py">x</code></pre>', "x", [("pre", 0, 1)]),
        ('<a href="https://x.yz/?a=1&amp;b=2">l</a>', "l", [("text_link", 0, 1)]),
        ('<a href="javascript:x">l</a>', "l", []),
        ("&lt;&gt;&amp;&quot;&#39;&#x41;&nbsp;", "<>&\"'A&nbsp;", []),
        ("<code>x</code>", "x", [("code", 0, 1)]),
        ("<tg-time unix='5' format='r'>t</tg-time>", "t", [("date_time", 0, 1)]),
    ],
)
def test_html_becomes_text_with_entities(
    source: str, text: str, entities: list[tuple[str, int, int]]
) -> None:
    got, marks = from_html(source)

    assert got == text
    assert [(one["type"], one["offset"], one["length"]) for one in marks] == entities


def test_details_of_entities_are_kept() -> None:
    _, link = from_html('<a href="https://x.yz/?a=1&amp;b=2">l</a>')
    _, moment = from_html('<tg-time unix="5" format="wDt">t</tg-time>')
    _, code = from_html('<pre><code class="language-py">x</code></pre>')

    assert link[0]["url"] == "https://x.yz/?a=1&b=2"
    assert (moment[0]["unix_time"], moment[0]["date_time_format"]) == (5, "wDt")
    assert code[0]["language"] == "py"


@given(st.text())
def test_escaped_text_comes_through_unharmed(text: str) -> None:
    got, entities = from_html(html.escape(text))

    assert (got, entities) == (text, [])


@given(st.text())
def test_any_html_is_read_or_refused_but_never_breaks(source: str) -> None:
    try:
        text, entities = from_html(source)
    except ApiError:
        return
    places = range(utf16_units(text) + 1)
    assert all(one["offset"] in places for one in entities)
    assert all(one["offset"] + one["length"] in places for one in entities)


TAGS = st.sampled_from(
    ["<b>", "</b>", "<i>", "</i>", "<code>", "</code>", "x", "🎉", " ", "&amp;", "#tag "]
)


@given(st.lists(TAGS, max_size=12))
def test_what_a_page_shows_is_balanced_and_escaped(parts: list[str]) -> None:
    try:
        text, entities = from_html("".join(parts))
    except ApiError:
        return
    text, entities = trimmed(text, entities)

    drawn = to_html(text, found_in(text, entities))

    again, _ = from_html(drawn.replace('<span class="hashtag">', "<u>").replace("</span>", "</u>"))
    assert again == text


def test_entities_that_overlap_are_drawn_without_crossing() -> None:
    marks = [
        {"type": "bold", "offset": 0, "length": 4},
        {"type": "italic", "offset": 2, "length": 4},
    ]

    assert to_html("abcdef", marks) == "<b>ab<i>cd</i></b><i>ef</i>"


def test_a_page_gets_no_script_from_a_link() -> None:
    link = {"type": "text_link", "offset": 0, "length": 3, "url": 'javascript:"><b>'}

    drawn = to_html("<x>", [link])

    assert drawn.startswith('<a href="https://javascript:&quot;&gt;&lt;b&gt;" ')
    assert drawn.endswith(">&lt;x&gt;</a>")


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a\x00b\x1fc", "a b c"), ("a\r\nb\tc", "a\nb c"), ("\u202eabc", "abc"), ("a\ud800b", "ab")],
)
def test_control_characters_do_not_survive(text: str, kept: str) -> None:
    assert clean(text) == kept


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see #you @Mia_x /queue", ["hashtag", "mention", "bot_command"]),
        ("https://a.bc/d?e=f.", ["url"]),
        ("mail me@x.org", ["email"]),
        ("#142 a/b 1#x", []),
        ("/start@my_bot_x c_1", ["bot_command"]),
        ("$EUR", ["cashtag"]),
    ],
)
def test_telegram_finds_things_by_itself(text: str, found: list[str]) -> None:
    assert [one["type"] for one in found_in(text, [])] == found
