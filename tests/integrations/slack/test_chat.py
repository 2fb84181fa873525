"""Slack as a chat, in front of the stand-in, over real sockets and HTTP."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from pydantic import SecretStr

from integrations.chat.errors import ChatBusy, RouteDead, TokenRefused
from integrations.chat.incoming import Actor, PlaceRef
from integrations.chat.outgoing import Button, CommandWords, Field, Form, Text
from integrations.slack.calling import plain_errors
from integrations.slack.chat import SlackChat
from sandbox.slack import Person
from tests.integrations.chat_conformance import ChatConformance, card, listening
from tests.integrations.slack.stage import Pauses, SlackStage, built
from tests.support.slack import RunningSlack, judge_calls, running_slack


@pytest.fixture
async def running() -> AsyncIterator[RunningSlack]:
    async with running_slack() as slack:
        slack.box.office.ack_seconds = 1.0
        slack.box.office.retry_pauses = (0.05, 0.05, 0.05)
        yield slack
        assert slack.box.violations == []
        judge_calls(slack.box)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def chat(running: RunningSlack, pauses: Pauses) -> AsyncIterator[SlackChat]:
    async with built(running, pauses) as opened:
        yield opened


@pytest.fixture
async def dana(running: RunningSlack) -> Person:
    return running.box.person("Dana", locale="de-DE")


@pytest.fixture
async def stage(running: RunningSlack, chat: SlackChat, dana: Person) -> SlackStage:
    return SlackStage(running, chat, dana)


class TestSlack(ChatConformance):
    """Slack does what any chat must do."""

    async def test_the_commands_stand_in_the_menu(self, stage: SlackStage) -> None:
        """Slack's menus come from the manifest, which a test of its own holds to the commands."""
        await stage.chat.announce([CommandWords("queue", "What is coming", in_groups=True)])

        assert not stage.box.journal.calls


# ── what only Slack does ─────────────────────────────────────────────────────────────────────


async def test_a_right_that_is_missing_is_told_with_who_we_are(
    running: RunningSlack, chat: SlackChat
) -> None:
    assert (await chat.introduce()).missing_rights == ()

    running.box.install().scopes.remove("reactions:write")

    assert (await chat.introduce()).missing_rights == ("reactions:write",)


async def test_b36_a_stranger_is_known_by_their_profile(chat: SlackChat, dana: Person) -> None:
    place = PlaceRef("slack", dana.user.team, dana.id)

    found = await chat.profile(place, Actor(dana.id, ""))

    assert (found.display_name, found.zone, found.language) == ("Dana", "Europe/Berlin", "de-DE")


async def test_b47_in_an_organisation_the_profile_tells_who_is_of_the_house(
    running: RunningSlack, pauses: Pauses
) -> None:
    box = running.box
    here, there = (box.add_workspace(name, enterprise="E1") for name in ("North", "South"))
    install = box.installs(here, is_org=True)
    colleague = box.person("Mia", workspace=there)

    async def token_of(workspace: str, *, fresh: bool = False) -> SecretStr | None:
        return SecretStr(install.token)

    async with built(running, pauses, token_of=token_of) as chat:
        place = PlaceRef("slack", f"{here.id}@E1", "C1", is_private=False)
        of_us = await chat.profile(place, Actor(colleague.id, "", home=there.id))
        stranger = await chat.profile(place, Actor("U404", "", home="T404"))
        elsewhere = replace(place, workspace=f"{here.id}@E2")
        of_others = await chat.profile(elsewhere, Actor(colleague.id, "", home=there.id))

    assert (of_us.display_name, of_us.home) == ("Mia", "")
    assert (stranger.home, of_others.home) == ("T404", there.id)


async def test_a_stranger_of_whom_slack_says_nothing_is_still_somebody(chat: SlackChat) -> None:
    nobody = Actor("U404", "")

    assert await chat.profile(PlaceRef("slack", "T404", "U404"), nobody) == nobody


async def test_bad_078_a_slow_house_is_told_again_and_keeps_it_once(
    running: RunningSlack, chat: SlackChat, dana: Person
) -> None:
    running.box.loses_acks(2)
    async with listening(chat) as heard:
        await dana.writes("once is enough")
        await running.box.all_told()
        await heard.next(lambda one: one.text == "once is enough")

    assert heard.batches >= 3
    assert len([one for one in heard.inbound() if one.text == "once is enough"]) == 1


async def test_what_cannot_be_stored_for_a_moment_is_kept_and_stored(
    running: RunningSlack, chat: SlackChat, dana: Person
) -> None:
    async with listening(chat, failures=3) as heard:
        await dana.writes("while the database is away")
        await running.box.all_told()

    (said,) = running.box.delivered("message")
    assert [attempt.failure for attempt in said.attempts] == [""]
    assert len(heard.rows) == 1


async def test_bad_080_our_own_words_are_not_for_us(
    running: RunningSlack, chat: SlackChat, dana: Person
) -> None:
    place = PlaceRef("slack", dana.user.team, dana.id)
    async with listening(chat) as heard:
        ref = await chat.send(place, card("Scheduled"))
        await chat.edit(place, ref, card("Published"))
        await running.box.all_told()

    assert len(heard.rows) >= 2
    assert {one.kind for one in heard.inbound()} == {"ignored"}


async def test_b2_a_message_whose_answer_got_lost_is_told_with_its_name_and_mark(
    running: RunningSlack, chat: SlackChat, dana: Person
) -> None:
    place = PlaceRef("slack", dana.user.team, dana.id)
    running.box.fails("drop", "chat.postMessage")
    async with listening(chat) as heard:
        with pytest.raises(ChatBusy):
            await chat.send(place, card("Scheduled", mark="card:7"))
        await running.box.all_told()

    (echo,) = [one for one in heard.inbound() if one.kind == "echo"]
    await chat.edit(place, echo.message_ref, card("Published"))
    assert echo.mark == "card:7"
    assert [seen.text for seen in dana.direct.from_bot()] == ["Published"]


async def test_a_mention_is_told_by_two_events_that_have_one_key(
    running: RunningSlack, chat: SlackChat, dana: Person
) -> None:
    team = running.box.channel("team", [dana])
    async with listening(chat) as heard:
        sent = await dana.mentions("fri 18:30", channel=team)
        await running.box.all_told()

    first, second = heard.rows.values()
    assert first.second_key == second.second_key == f"said:{dana.user.team}:{team.id}:{sent.ts}"
    for one in heard.inbound():
        assert (one.text, one.mentions_bot, one.place.is_private) == ("fri 18:30", True, False)


async def test_with_the_manifest_group_direct_messages_arrive(
    running: RunningSlack, chat: SlackChat, dana: Person
) -> None:
    path = Path(__file__).parents[3] / "deploy" / "slack-manifest.socket.yaml"
    running.box.reads_manifest(yaml.safe_load(path.read_text()))
    group = running.box.group([dana, running.box.person("Mia")])
    async with listening(chat) as heard:
        await dana.mentions("sat noon", channel=group)
        read = await heard.next(lambda one: one.text == "sat noon")

    assert (read.place.chat_id, read.place.is_private) == (group.id, False)


async def test_b50_with_the_manifest_a_channels_new_name_is_told(
    running: RunningSlack, chat: SlackChat, dana: Person
) -> None:
    path = Path(__file__).parents[3] / "deploy" / "slack-manifest.socket.yaml"
    running.box.reads_manifest(yaml.safe_load(path.read_text()))
    kitchen = running.box.channel("kitchen", [dana])
    async with listening(chat) as heard:
        kitchen.is_renamed("larder")
        read = await heard.next(lambda one: one.kind == "renamed")

    assert (read.place.chat_id, read.place.title) == (kitchen.id, "#larder")


async def test_a_socket_that_slack_takes_away_is_opened_anew(
    running: RunningSlack, chat: SlackChat, dana: Person
) -> None:
    async with listening(chat) as heard:
        await running.box.sees_socket()
        await running.box.disconnects()
        await dana.writes("over the new one")
        await heard.next(lambda one: one.text == "over the new one")

    assert running.box.office.sockets.opened >= 2


async def test_slowing_down_says_how_long(
    running: RunningSlack, chat: SlackChat, dana: Person
) -> None:
    await chat.introduce()
    running.box.fails("ratelimited", "chat.postMessage", retry_after=7)

    with pytest.raises(ChatBusy) as busy:
        await chat.send(PlaceRef("slack", dana.user.team, dana.id), card("x"))

    assert busy.value.after == timedelta(seconds=7)


async def test_a_call_that_hangs_is_busy_in_time(
    running: RunningSlack, chat: SlackChat, dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chat.introduce()
    monkeypatch.setattr(plain_errors.__wrapped__, "__defaults__", (0.1,))  # type: ignore[attr-defined]
    running.box.fails("hang", "chat.postMessage")

    with pytest.raises(ChatBusy):
        await chat.send(PlaceRef("slack", dana.user.team, dana.id), card("x"))


@pytest.mark.parametrize("error", ["invalid_auth", "token_revoked", "account_inactive"])
async def test_a_token_that_slack_does_not_know_waits_until_it_is_mended(
    running: RunningSlack, chat: SlackChat, error: str
) -> None:
    running.box.fails("error", "auth.test", error=error)

    with pytest.raises(TokenRefused):
        await chat.introduce()


@pytest.mark.parametrize(
    "error", ["channel_not_found", "not_in_channel", "is_archived", "restricted_action"]
)
async def test_b50_a_place_we_cannot_reach_is_a_dead_route(
    running: RunningSlack, chat: SlackChat, dana: Person, error: str
) -> None:
    await chat.introduce()
    running.box.fails("error", "chat.postMessage", error=error)

    with pytest.raises(RouteDead):
        await chat.send(PlaceRef("slack", dana.user.team, dana.id), card("x"))


async def test_where_the_app_is_not_installed_nothing_is_asked(
    running: RunningSlack, chat: SlackChat
) -> None:
    await chat.introduce()
    elsewhere = PlaceRef("slack", "T404", "U1")

    with pytest.raises(RouteDead):
        await chat.send(elsewhere, card("x"))
    assert not await chat.is_in(elsewhere)
    assert await chat.is_in(PlaceRef("slack", running.box.workspace.id, "U1"))
    assert [call.method for call in running.box.journal.calls] == ["auth.test"]


async def test_a_whisper_in_a_channel_is_seen_by_one_and_elsewhere_comes_directly(
    running: RunningSlack, chat: SlackChat, dana: Person
) -> None:
    mia = running.box.person("Mia")
    team = running.box.channel("team", [dana, mia])
    foreign = running.box.channel("foreign", [dana], with_bot=False)
    workspace = dana.user.team

    await chat.whisper(PlaceRef("slack", workspace, team.id, is_private=False), dana.id, card("a"))
    await chat.whisper(
        PlaceRef("slack", workspace, foreign.id, is_private=False), dana.id, card("b")
    )

    (seen,) = team.from_bot(viewer=dana.id)
    assert (seen.text, seen.is_ephemeral) == ("a", True)
    assert team.from_bot(viewer=mia.id) == []
    assert [one.text for one in dana.direct.from_bot()] == ["b"]


async def test_a_pressed_whisper_is_redrawn_in_place_and_later_said_anew(
    running: RunningSlack, chat: SlackChat, dana: Person
) -> None:
    team = running.box.channel("team", [dana])
    place = PlaceRef("slack", dana.user.team, team.id, is_private=False, title="#team")
    first = card("a", buttons=((Button("On", "p1:seton0:x:0"),),))
    async with listening(chat) as heard:
        await chat.whisper(place, dana.id, first)
        (seen,) = team.from_bot(viewer=dana.id)
        await dana.presses(seen, "On")
        pressed = await heard.next(lambda one: one.kind == "press")
    assert pressed.press is not None
    assert (pressed.place, pressed.message_ref) == (place, "")
    again = pressed.press.whisper_ref

    for number in range(5):
        await chat.whisper(place, dana.id, card(f"b{number}"), replaces=again)
        assert [one.text for one in team.from_bot(viewer=dana.id)] == [f"b{number}"]

    # Five times are all that Slack allows; a foreign address is never asked.
    for address in (again, "https://evil.example/", "http://[::1"):
        await chat.whisper(place, dana.id, card("c"), replaces=address)
    assert [one.text for one in team.from_bot(viewer=dana.id)] == ["b4", "c", "c", "c"]


async def test_a_form_opens_says_what_is_wrong_and_comes_back_once(
    running: RunningSlack, chat: SlackChat, dana: Person
) -> None:
    form = Form(
        title="Time and caption of #1",
        payload="p1:ftime:AAAAAAAAAAAAAAAAAAAAAA:1",
        submit="Save",
        fields=(
            Field("when", "When", "moment", value="1900000000"),
            Field("caption", "Caption", "long_text", value="Old <b>&", is_optional=True),
            Field("who", "Accounts", "choices", "a", (("a", "@one"), ("b", "@two"))),
        ),
        lines=((Text("Pick a time."),),),
        language="de",
    )
    async with listening(chat) as heard:
        await dana.types("/post tomorrow 9am New mugs")
        asked = await heard.next(lambda one: one.kind == "command")
        await chat.open_form(asked.form_ref, form)
        modal = await dana.sees_modal("Pick a time.")
        await modal.fills("When", 1_600_000_000)
        assert await modal.submits() == {"When": "That time is in the past"}
        await modal.fills("When", 1_950_000_000)
        await modal.fills("Caption", "New <b>&")
        await modal.fills("Accounts", ["@one", "@two"])
        assert await modal.submits() == {}
        read = await heard.next(lambda one: one.kind == "form")

    assert not modal.is_open
    assert read.form is not None
    assert (read.form.payload, read.form.language) == (form.payload, "de")
    assert read.form.values == {"when": "1950000000", "caption": "New <b>&", "who": "a,b"}
    assert len([one for one in heard.inbound() if one.kind == "form"]) == 1
