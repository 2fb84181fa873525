"""The human side: what people do, and what of it a bot hears, read by an outside judge."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl

import pytest

from sandbox.telegram import (
    Attachment,
    Group,
    Person,
    TelegramSandbox,
    a_gif,
    a_jpeg,
    a_png,
    an_mp4,
)
from sandbox.telegram.media import Measures, measured_film, measured_picture
from tests.support.telegram import RunningTelegram, judge_update, running_telegram


@pytest.fixture
async def chat() -> AsyncIterator[RunningTelegram]:
    """A stand-in whose every update is read by the judge when the test ends."""
    async with running_telegram() as running:
        heard: list[dict[str, Any]] = []
        queue = running.box.world.office.queue

        def listening(*what: Any) -> Any:
            update = queue(*what)
            heard.extend([update] if update else [])
            return update

        running.box.world.office.queue = listening  # type: ignore[method-assign]
        yield running
        for update in heard:
            judge_update(update)


@pytest.fixture
def box(chat: RunningTelegram) -> TelegramSandbox:
    return chat.box


@pytest.fixture
async def dana(box: TelegramSandbox) -> Person:
    person = box.person("Dana")
    await person.starts()
    box.bot.updates.clear()
    return person


def heard(box: TelegramSandbox) -> list[tuple[str, dict[str, Any]]]:
    """Give the pending updates as (kind, what), and forget them."""
    got = [
        next((k, v) for k, v in one.items() if k != "update_id") for one in box.pending_updates()
    ]
    box.bot.updates.clear()
    return got


async def test_the_judge_is_no_pushover(box: TelegramSandbox, dana: Person) -> None:
    await dana.writes("hi")
    update = box.pending_updates()[0]

    without_date = {name: value for name, value in update["message"].items() if name != "date"}
    with pytest.raises(ValueError, match="date"):
        judge_update({**update, "message": without_date})
    with pytest.raises(AssertionError, match="invented"):
        judge_update({**update, "message": {**update["message"], "invented": 1}})


async def test_an_album_arrives_out_of_order_but_its_ids_keep_the_order(
    box: TelegramSandbox, dana: Person
) -> None:
    album = await dana.sends_album(
        [a_jpeg(64, 64, str(n)) for n in range(5)], "x", is_out_of_order=True
    )

    came = [message["message_id"] for _, message in heard(box)]
    assert came != sorted(came)
    assert sorted(came) == [part.id for part in album]
    assert album[0].text == "x"


async def test_parts_held_back_come_when_released(box: TelegramSandbox, dana: Person) -> None:
    album = await dana.sends_album([a_jpeg(64, 64)] * 4, hold_back=1)
    at_first = heard(box)

    album.release()

    assert len(at_first) == 3
    assert [message["message_id"] for _, message in heard(box)] == [album[3].id]


async def test_parts_may_trickle_in(box: TelegramSandbox, dana: Person) -> None:
    await dana.sends_album([a_jpeg(64, 64)] * 3, jitter_seconds=0.01, late_seconds=0.02)

    assert len(heard(box)) == 3


async def test_bad_023_eleven_photos_leave_as_two_groups(
    box: TelegramSandbox, dana: Person
) -> None:
    await dana.sends_album([a_jpeg(64, 64)] * 12)

    groups = [message["media_group_id"] for _, message in heard(box)]
    assert [groups.count(one) for one in dict.fromkeys(groups)] == [10, 2]


async def test_bad_025_each_part_may_have_its_caption(box: TelegramSandbox, dana: Person) -> None:
    await dana.sends_album([a_jpeg(64, 64)] * 2, captions=["one", "two"])

    assert [message["caption"] for _, message in heard(box)] == ["one", "two"]


async def test_an_edit_is_told_and_an_unchanged_one_is_not(
    box: TelegramSandbox, dana: Person
) -> None:
    sent = await dana.sends_photo(a_jpeg(64, 64), "tomorrow 9am")
    heard(box)

    await dana.edits(sent, "tomorrow 10am")
    await dana.edits(sent, "tomorrow 10am")
    await dana.edits_media(sent, a_png(32, 32))

    told = heard(box)
    assert [kind for kind, _ in told] == ["edited_message", "edited_message"]
    assert told[0][1]["caption"] == "tomorrow 10am"
    assert "edit_date" in told[0][1]
    assert told[1][1]["photo"][-1]["width"] == 32
    assert [said.text for said in sent.history] == [
        "tomorrow 9am",
        "tomorrow 10am",
        "tomorrow 10am",
    ]


async def test_nobody_edits_what_is_not_theirs(
    box: TelegramSandbox, chat: RunningTelegram, dana: Person
) -> None:
    await chat.result("sendMessage", chat_id=dana.id, text="card")
    card = await dana.sees("card")

    with pytest.raises(LookupError, match="not theirs"):
        await dana.edits(card, "x")


async def test_a_long_text_leaves_in_pieces_and_an_empty_one_not_at_all(
    box: TelegramSandbox, dana: Person
) -> None:
    await dana.writes("x" * 5000)

    assert [len(message["text"]) for _, message in heard(box)] == [4096, 904]
    with pytest.raises(ValueError, match="empty"):
        await dana.writes("  ")


async def test_a_reply_carries_the_message_it_answers(box: TelegramSandbox, dana: Person) -> None:
    first = await dana.writes("first")
    heard(box)

    await dana.replies(first, "make it 10am")

    assert heard(box)[0][1]["reply_to_message"]["text"] == "first"


async def test_a_stale_press_is_possible_on_purpose_only(
    box: TelegramSandbox, chat: RunningTelegram, dana: Person
) -> None:
    markup = {"inline_keyboard": [[{"text": "Cancel", "callback_data": "old"}]]}
    sent = await chat.result("sendMessage", chat_id=dana.id, text="card", reply_markup=markup)
    await chat.result(
        "editMessageText", chat_id=dana.id, message_id=sent["message_id"], text="gone"
    )
    card = await dana.sees("gone")

    with pytest.raises(LookupError, match="no button"):
        dana.taps(card, "Cancel")
    dana.taps(card, "Cancel", is_stale=True)
    dana.forges_press(card, "p1:forged:1:1")

    assert [query["data"] for _, query in heard(box)] == ["old", "p1:forged:1:1"]


async def test_a_press_nobody_answers_fails_the_test(chat: RunningTelegram, dana: Person) -> None:
    markup = {"inline_keyboard": [[{"text": "Go", "callback_data": "x"}]]}
    await chat.result("sendMessage", chat_id=dana.id, text="card", reply_markup=markup)

    with pytest.raises(AssertionError, match="not answered"):
        await dana.presses(await dana.sees("card"), "Go", seconds=0.01)


async def test_buttons_that_open_or_copy_tell_what_they_do(
    box: TelegramSandbox, chat: RunningTelegram, dana: Person
) -> None:
    row = [
        {"text": "Open", "url": "https://a.bc"},
        {"text": "Copy", "copy_text": {"text": "#tag"}},
    ]
    await chat.result(
        "sendMessage", chat_id=dana.id, text="card", reply_markup={"inline_keyboard": [row]}
    )
    card = await dana.sees("card")

    assert (await dana.presses(card, "Open")).url == "https://a.bc"
    assert (await dana.presses(card, "Copy")).copied == "#tag"
    assert heard(box) == []


async def test_what_never_comes_is_told_with_the_chat(dana: Person) -> None:
    with pytest.raises(AssertionError, match=r"not seen within[\s\S]*/start"):
        await dana.sees("card", seconds=0.01)


async def test_b50_a_blocked_bot_hears_of_it_and_cannot_write(
    box: TelegramSandbox, chat: RunningTelegram, dana: Person
) -> None:
    await dana.blocks()
    refused = await chat.refusal("sendMessage", chat_id=dana.id, text="x")
    await dana.writes("back again")
    await chat.result("sendMessage", chat_id=dana.id, text="x")
    await dana.vanishes()
    gone = await chat.refusal("sendMessage", chat_id=dana.id, text="x")

    assert refused == "403 Forbidden: bot was blocked by the user"
    assert gone == "403 Forbidden: user is deactivated"
    told = heard(box)
    assert [kind for kind, _ in told] == ["my_chat_member", "my_chat_member", "message"]
    assert told[0][1]["new_chat_member"]["status"] == "kicked"


@pytest.fixture
def group(box: TelegramSandbox, dana: Person) -> Group:
    return box.group("Team", [dana, box.person("Mia")])


async def test_in_a_group_a_bot_hears_only_what_is_meant_for_it(
    box: TelegramSandbox, chat: RunningTelegram, dana: Person, group: Group
) -> None:
    group.adds_bot(dana)
    card = await chat.result("sendMessage", chat_id=group.id, text="card")
    heard(box)

    await dana.writes("just talking", chat=group)
    await dana.sends_photo(a_jpeg(64, 64), "holiday", chat=group)
    await dana.writes("/queue", chat=group)
    await dana.writes(f"hey @{box.bot.username} do it", chat=group)
    seen = group.messages(lambda one: one.id == card["message_id"])[0]
    await dana.replies(seen, "make it 10")
    group.promotes_bot(dana)
    await dana.writes("heard by an administrator", chat=group)

    said = [one["text"] for kind, one in heard(box) if kind == "message"]
    assert said == [
        "/queue",
        f"hey @{box.bot.username} do it",
        "make it 10",
        "heard by an administrator",
    ]


async def test_bad_070_a_removed_bot_is_told_so(
    box: TelegramSandbox, chat: RunningTelegram, dana: Person, group: Group
) -> None:
    stranger = await chat.refusal("sendMessage", chat_id=group.id, text="x")
    group.adds_bot(dana)
    await chat.result("sendMessage", chat_id=group.id, text="x")
    group.removes_bot(dana)
    removed = await chat.refusal("sendMessage", chat_id=group.id, text="x")

    assert stranger == "400 Bad Request: chat not found"
    assert removed == "403 Forbidden: bot was kicked from the supergroup chat"
    kinds = [kind for kind, _ in heard(box)]
    assert kinds == ["my_chat_member", "message", "message", "my_chat_member"]


async def test_members_and_administrators_can_be_asked_for(
    box: TelegramSandbox, chat: RunningTelegram, dana: Person, group: Group
) -> None:
    group.adds_bot(dana)
    group.promotes_bot(dana)
    mia = box.person("Mia")

    creator = await chat.result("getChatMember", chat_id=group.id, user_id=dana.id)
    member = await chat.result("getChatMember", chat_id=group.id, user_id=mia.id)
    admins = await chat.result("getChatAdministrators", chat_id=group.id)
    count = await chat.result("getChatMemberCount", chat_id=group.id)
    shown = await chat.result("getChat", chat_id=group.id)
    await chat.result("leaveChat", chat_id=group.id)

    assert (creator["status"], member["status"], count) == ("creator", "member", 3)
    assert [one["status"] for one in admins] == ["creator", "administrator"]
    assert (shown["title"], shown["type"]) == ("Team", "supergroup")
    assert "not a member" in await chat.refusal("sendMessage", chat_id=group.id, text="x")


async def test_a_group_that_migrates_says_where_to(
    box: TelegramSandbox, chat: RunningTelegram, dana: Person
) -> None:
    old = box.group("Small", [dana], is_supergroup=False)
    old.adds_bot(dana)
    heard(box)

    new = old.migrates(dana)
    body = await chat.call("sendMessage", chat_id=old.id, text="x")
    await chat.result("sendMessage", chat_id=new.id, text="x")

    assert body["parameters"] == {"migrate_to_chat_id": new.id}
    told = [message for _, message in heard(box)]
    assert told[0]["migrate_to_chat_id"] == new.id
    assert told[1]["migrate_from_chat_id"] == old.id


async def test_topics_keep_what_is_said_in_them(
    box: TelegramSandbox, chat: RunningTelegram, dana: Person
) -> None:
    forum = box.group("Desk", [dana], is_forum=True)
    forum.adds_bot(dana)
    refused = await chat.refusal("createForumTopic", chat_id=forum.id, name="Brand")
    forum.promotes_bot(dana)
    topic = forum.topic("From a person", dana)
    made = await chat.result("createForumTopic", chat_id=forum.id, name="Brand")
    heard(box)

    await dana.writes("here", chat=forum, topic=topic)
    sent = await chat.result(
        "sendMessage", chat_id=forum.id, text="x", message_thread_id=made["message_thread_id"]
    )
    here = {"chat_id": forum.id, "message_thread_id": topic}
    await chat.result("closeForumTopic", **here)
    twice = await chat.refusal("closeForumTopic", **here)
    await chat.result("reopenForumTopic", **here)
    await chat.result("editForumTopic", **here, name="New name")
    await chat.result("deleteForumTopic", **here)

    assert "not enough rights" in refused
    assert heard(box)[0][1]["message_thread_id"] == topic
    assert sent["is_topic_message"]
    assert "TOPIC_NOT_MODIFIED" in twice
    assert "message thread not found" in await chat.refusal("sendMessage", **here, text="x")


async def test_a_channel_posts_without_an_author(
    box: TelegramSandbox, chat: RunningTelegram, dana: Person
) -> None:
    channel = box.channel("News", dana, username="brand_news")
    channel.adds_bot(dana)
    heard(box)

    await channel.posts("hello")
    await channel.posts(a_jpeg(64, 64), "picture")
    sent = await chat.result("sendMessage", chat_id="@brand_news", text="by the bot")

    told = heard(box)
    assert [kind for kind, _ in told] == ["channel_post", "channel_post"]
    assert "from" not in told[0][1]
    assert told[0][1]["sender_chat"]["title"] == "News"
    assert sent["chat"]["id"] == channel.id


async def test_every_kind_of_media_has_the_shape_it_should(
    dana: Person, box: TelegramSandbox
) -> None:
    await dana.sends(a_jpeg(200, 100), "by gallery")
    await dana.sends(an_mp4(), "film")
    await dana.sends(a_gif(), "moves")
    await dana.sends(b"%PDF-1.4", "paper")
    await dana.sends(Attachment(b"", "document", name="empty.jpg"))
    await dana.sends_document(b"<html>", name="photo.jpg", mime="image/jpeg")
    await dana.sends_sticker()
    await dana.sends_voice()
    await dana.sends_video_note()
    await dana.sends_audio()
    await dana.sends_contact()
    await dana.sends_location()
    await dana.sends_poll()
    await dana.writes("<b>bold</b>", is_formatted=True)

    kinds = [seen.kind for seen in dana.messages()][1:]
    assert kinds == [
        "photo", "video", "animation", "document", "document", "document", "sticker", "voice",
        "video_note", "audio", "contact", "location", "poll", "text",
    ]  # fmt: skip
    assert len(heard(box)) == len(kinds)


async def test_a_photo_that_no_app_can_open_is_not_sent_as_one(dana: Person) -> None:
    with pytest.raises(ValueError, match="cannot open"):
        await dana.sends_photo(b"<html>")


def test_made_films_and_pictures_tell_the_truth() -> None:
    assert measured_film(an_mp4(640, 360, 7.5)) == Measures(640, 360, 7.5)
    assert measured_film(an_mp4(640, 360, 7.5, index_last=True, sound=False)) == Measures(
        640, 360, 7.5
    )
    assert measured_film(b"\x00\x00\x00\x08junk") == Measures()
    assert measured_picture(a_png(30, 20)) == Measures(30, 20)
    assert measured_picture(b"junk") is None


async def test_init_data_is_signed_with_the_token_of_the_bot(
    box: TelegramSandbox, dana: Person
) -> None:
    fields = dict(parse_qsl(box.sign_init_data(dana, auth_date=1_800_000_000)))

    given = fields.pop("hash")
    checked = "\n".join(sorted(f"{name}={value}" for name, value in fields.items()))
    key = hmac.new(b"WebAppData", box.token.encode(), hashlib.sha256).digest()
    assert given == hmac.new(key, checked.encode(), hashlib.sha256).hexdigest()
    assert json.loads(fields["user"])["id"] == dana.id


async def test_what_is_looked_for_is_what_is_found(chat: RunningTelegram, dana: Person) -> None:
    for text in ("first card", "second card", "first again"):
        await chat.result("sendMessage", chat_id=dana.id, text=text)

    first, second, again = dana.private.from_bot()
    assert (await dana.sees("second")).id == second.id
    assert (await dana.sees("first")).id == again.id
    assert (await dana.sees(lambda seen: seen.text == "first card")).id == first.id
    assert (await dana.sees(after=second)).id == again.id
    with pytest.raises(AssertionError, match="second card"):
        await dana.sees("second", after=second, seconds=0.01)
