"""Whom a caption mentions, by the names that readers of it know."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from integrations.chat.incoming import Inbound, PlaceRef, Unnamed
from integrations.slack.words import is_nameless, renamed, words_of
from sandbox.telegram import a_jpeg
from tests.integrations.slack.stage import Pauses, built, now
from tests.support.slack import running_slack

UNNAMED = Unnamed("somebody", "a channel", "our team")


def said(text: str, blocks: list[dict] | None = None) -> Inbound:
    found = words_of({"text": text, "blocks": blocks or []}, "UBOT")
    return Inbound("message", PlaceRef("slack", "T1", "C1"), text=found.text, spans=found.spans)


def test_a_mention_is_called_by_its_label_until_somebody_asked_for_its_name() -> None:
    found = said("<@U1> <@U2|mia> <#C1|news> <#C2|> <!subteam^S1|@cooks> <!here>")

    assert found.text == "U1 mia #news #C2 cooks @here"
    assert [one.target for one in found.spans] == ["@U1", "@U2", "#C1", "#C2", "!S1", ""]
    assert [is_nameless(found.text, one) for one in found.spans] == [
        True, False, False, True, False, False,
    ]  # fmt: skip


def test_blocks_take_the_labels_of_the_text_beside_them() -> None:
    elements = [{"type": "channel", "channel_id": "C1"}, {"type": "text", "text": " today"}]
    section = {"type": "rich_text_section", "elements": elements}

    found = said("<#C1|news> today", [{"type": "rich_text", "elements": [section]}])

    assert found.text == "#news today"


def test_names_take_their_places_and_every_span_moves_with_them() -> None:
    found = said("<@U1> with <@U2> at https://a.example <https://e.org|here>")
    again = renamed(found.text, found.spans, {"@U1": "Dana Ek", "@U2": None})

    assert again.text == "Dana Ek with  at https://a.example here"
    assert again.names_us
    assert [again.text[one.start : one.end] for one in again.spans] == ["Dana Ek", "here"]


def test_a_name_at_the_end_that_goes_leaves_no_blank() -> None:
    found = said("look <@UUS>")

    assert renamed(found.text, found.spans, {"@UUS": None}).text == "look"


@pytest.fixture
async def slack():
    async with running_slack() as running:
        yield running


async def test_people_channels_and_groups_are_called_as_colleagues_know_them(slack) -> None:
    box = slack.box
    dana, mia = box.person("Dana"), box.person("Mia")
    news = box.channel("news", [mia])
    cooks = box.user_group("cooks", "The cooks", [mia])
    clock = [now()]
    chat = built(slack, Pauses(), now=lambda: clock[0])
    await chat.introduce()
    bot, group = mia.bot, cooks.id
    text = f"<@{bot}> Thanks <@{mia.id}> of <!subteam^{group}> <#{news.id}|> <@{dana.id}> <!here>"
    found = words_of({"text": text}, "")
    inbound = Inbound(
        "shortcut",
        PlaceRef("slack", box.workspace.id, news.id, is_private=False),
        text=found.text,
        spans=found.spans,
    )

    told = await chat.named(inbound, UNNAMED)

    assert told.text == "Thanks Mia of The cooks #news Dana @here"
    assert [one.kind for one in told.spans] == ["mention"] * 5

    # Remembered for an hour, then asked for again.
    before = len(box.journal.calls)
    assert (await chat.named(inbound, UNNAMED)).text == told.text
    assert len(box.journal.calls) == before
    mia.user.real_name = "Mia K"
    clock[0] += timedelta(minutes=61)
    assert "Thanks Mia K of" in (await chat.named(inbound, UNNAMED)).text


async def test_whom_nobody_can_name_gets_words_and_a_label_stays(slack) -> None:
    box = slack.box
    chat = built(slack, Pauses())
    text = "<@U404> <@U405|old.name> <#C404|> <#C405|secret> <!subteam^S404>"
    found = words_of({"text": text}, "")
    place = PlaceRef("slack", box.workspace.id, "C1", is_private=False)
    inbound = Inbound("message", place, text=found.text, spans=found.spans)

    told = await chat.named(inbound, UNNAMED)
    assert told.text == "somebody old.name a channel #secret our team"

    # Slack being away is no reason to lose a post, and nothing of it is remembered.
    box.fails("server_error", times=10)
    down = await built(slack, Pauses()).named(inbound, UNNAMED)
    assert down.text == told.text
    # Where we are not (any more) nobody can be asked.
    gone = replace(inbound, place=replace(place, workspace="T404"))
    assert (await chat.named(gone, UNNAMED)).text == told.text


async def test_a_message_of_many_names_asks_for_a_bounded_number(slack) -> None:
    box = slack.box
    chat = built(slack, Pauses())
    await chat.introduce()
    found = words_of({"text": " ".join(f"<@U{number}>" for number in range(100))}, "")
    place = PlaceRef("slack", box.workspace.id, "C1", is_private=False)
    box.fails("server_error", "users.info", times=200)

    told = await chat.named(Inbound("message", place, text=found.text, spans=found.spans), UNNAMED)

    assert told.text.split() == ["somebody"] * 100
    assert len(box.journal.of("users.info")) == 30


async def test_our_name_is_known_where_a_workspace_installed_us(slack) -> None:
    box = slack.box
    cafe = box.add_workspace("Cafe Nord")
    token = box.installs(cafe).token

    async def bot_of(workspace: str) -> str:
        return cafe.bot_user if workspace == cafe.id else ""

    async def token_of(workspace: str, *, fresh: bool = False) -> SecretStr | None:
        return SecretStr(token) if workspace == cafe.id else None

    chat = built(slack, Pauses(), token_of=token_of, bot_of=bot_of)
    found = words_of({"text": f"<@{cafe.bot_user}> Look\nfri 18:30"}, "")
    place = PlaceRef("slack", cafe.id, "C1", is_private=False)
    shortcut = Inbound("shortcut", place, text=found.text, spans=found.spans)

    assert (await chat.named(shortcut, UNNAMED)).text == "Look\nfri 18:30"


async def test_what_people_type_comes_as_ids_in_text_and_blocks(slack) -> None:
    box = slack.box
    dana, mia = box.person("Dana"), box.person("Mia")
    general = box.channel("general", [mia])
    sent = await dana.sends(a_jpeg(), "Thanks @mia and @here in #general")

    assert sent.message.text == f"Thanks <@{mia.id}> and <!here> in <#{general.id}|>"
    assert [one["type"] for one in sent.message.blocks[0]["elements"][0]["elements"]] == [
        "text", "user", "text", "broadcast", "text", "channel",
    ]  # fmt: skip
