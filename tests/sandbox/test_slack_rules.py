"""The stand-in for Slack refuses what Slack refuses, in its words."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackObjectFormationError

from sandbox.slack import Attachment, Person, Place, SlackSandbox, lint
from sandbox.telegram import a_jpeg
from tests.support.slack import RunningSlack, judge_blocks, running_slack, serving_answers


class HandClock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 14, 10, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
async def slack() -> AsyncIterator[RunningSlack]:
    async with running_slack(HandClock()) as running:
        yield running


@pytest.fixture
def dana(slack: RunningSlack) -> Person:
    return slack.box.person("Dana")


@pytest.fixture
def cafe(slack: RunningSlack, dana: Person) -> Place:
    return slack.box.channel("cafe", [dana])


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(text), **more}


def button(text: str = "Go", **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(text), "action_id": "go", **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def options(count: int, text: str = "x", value: str = "v") -> list[dict[str, Any]]:
    return [{"text": plain(text), "value": f"{value}{number}"} for number in range(count)]


def groups(*counts: int) -> list[dict[str, Any]]:
    return [{"label": plain("x"), "options": options(count)} for count in counts]


def several(**more: Any) -> dict[str, Any]:
    """Give a section to choose several in."""
    return section("x", accessory={"type": "multi_static_select", "action_id": "s", **more})


def select(**more: Any) -> dict[str, Any]:
    return {"type": "static_select", "placeholder": plain("Which"), "action_id": "s", **more}


def rich(*parts: dict[str, Any], kind: str = "rich_text_section") -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(parts)}]}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain("Edit"), "blocks": list(blocks), **more}


WRONG_BLOCKS = {
    "a long section": [section("x" * 3001)],
    "an empty section": [section("")],
    "a section of markdown": [{"type": "section", "text": {"type": "markdown", "text": "x"}}],
    "text that is none": [{"type": "section", "text": "x"}],
    "a bare button": [{"type": "button", "text": plain("x")}],
    "button text as a string": [actions({"type": "button", "text": "Go"})],
    "a long button": [actions(button("x" * 76))],
    "a long value": [actions(button(value="x" * 2001))],
    "an unknown style": [actions(button(style="success"))],
    "26 buttons": [actions(*[button(action_id=str(number)) for number in range(26)])],
    "no buttons": [actions()],
    "the same action twice": [actions(button(), button())],
    "the same block twice": [section("x", block_id="b"), section("y", block_id="b")],
    "an invented field": [section("x", colour="red")],
    "a field of another text": [{"type": "section", "text": {**plain("x"), "verbatim": True}}],
    "51 blocks": [{"type": "divider"}] * 51,
    "a long header": [{"type": "header", "text": plain("x" * 151)}],
    "a header in markup": [{"type": "header", "text": mrkdwn("x")}],
    "11 in a context": [{"type": "context", "elements": [mrkdwn("x")] * 11}],
    "11 fields": [{"type": "section", "fields": [mrkdwn("x")] * 11}],
    "a picture without words": [{"type": "image", "image_url": "https://a.example/x.jpg"}],
    "a picture from nowhere": [{"type": "image", "alt_text": "x"}],
    "a picture of no address": [{"type": "image", "alt_text": "x", "image_url": "x.jpg"}],
    "101 options": [actions(select(options=options(101)))],
    "a long option": [actions(select(options=options(1, text="x" * 76)))],
    "a long option value": [actions(select(options=options(1, value="v" * 150)))],
    "no options": [actions(select())],
    "101 options in a group": [actions(select(option_groups=groups(101)))],
    "101 groups": [actions(select(option_groups=groups(*[1] * 101)))],
    "no groups": [actions(select(option_groups=[]))],
    "a group without options": [actions(select(option_groups=[{"label": plain("x")}]))],
    "a group that is none": [actions(select(option_groups=["x"]))],
    "a long label of a group": [
        actions(select(option_groups=[{"label": plain("x" * 76), "options": options(1)}]))
    ],
    "options and groups": [actions(select(options=options(1), option_groups=groups(1)))],
    "nothing that may be chosen": [several(options=options(1), max_selected_items=0)],
    "more chosen than may be": [
        several(options=options(2), initial_options=options(2), max_selected_items=1)
    ],
    "chosen by no list": [several(options=options(2), initial_options={})],
    "none chosen": [several(options=options(2), initial_options=[])],
    "several of no list": [several(options=options(1), initial_options=options(2))],
    "an initial option of no list": [
        actions(select(options=options(1), initial_option=options(2)[1]))
    ],
    "6 in an overflow": [section("x", accessory={"type": "overflow", "options": options(6)})],
    "text input in actions": [actions({"type": "plain_text_input", "action_id": "x"})],
    "a file input in a message": [
        {"type": "input", "label": plain("x"), "element": {"type": "file_input"}}
    ],
    "a date in words": [actions({"type": "datepicker", "initial_date": "tomorrow"})],
    "a short instant": [actions({"type": "datetimepicker", "initial_date_time": 5})],
    "11 cards": [{"type": "carousel", "elements": [{"type": "card", "title": plain("x")}] * 11}],
    "much markdown": [{"type": "markdown", "text": "x" * 7000}] * 2,
    "an alert in a message": [{"type": "alert", "text": plain("x")}],
    "a confirm without a no": [actions(button(confirm={"title": plain("x"), "text": plain("y")}))],
    "rich text of nothing": [{"type": "rich_text", "elements": []}],
    "rich text with markup": [rich(mrkdwn("x"))],
    "rich text without a word": [rich({"type": "text", "text": ""})],
    "rich text of a colour": [rich({"type": "text", "text": "x", "style": {"red": True}})],
    "rich text with a field": [rich({"type": "text", "text": "x", "size": 3})],
    "rich text called section": [{"type": "rich_text", "elements": [section("x")]}],
    "a call to nobody known": [rich({"type": "broadcast", "range": "all"})],
    "a link to nowhere": [rich({"type": "link", "text": "x"})],
    "not a list": {"type": "section"},
}
# What slack_sdk's own models find too, so that the two agree.
ALSO_FOUND_BY_THE_MODELS = (
    "a long section", "a long button", "a long header", "11 in a context", "26 buttons",
    "a long value", "11 fields",
)  # fmt: skip


@pytest.mark.parametrize("name", sorted(WRONG_BLOCKS))
async def test_wrong_blocks_are_refused(slack: RunningSlack, cafe: Place, name: str) -> None:
    body = await slack.call(
        "chat.postMessage", channel=cafe.id, text="x", blocks=WRONG_BLOCKS[name]
    )

    assert (body["ok"], body["error"]) == (False, "invalid_blocks")
    assert body["response_metadata"]["messages"]
    assert cafe.from_bot() == []


@pytest.mark.parametrize("name", ALSO_FOUND_BY_THE_MODELS)
def test_the_models_of_slack_sdk_agree(name: str) -> None:
    with pytest.raises(SlackObjectFormationError):
        judge_blocks(WRONG_BLOCKS[name])


def test_what_fits_exactly_is_taken_by_both() -> None:
    blocks = [
        section("x" * 3000, accessory=button("x" * 75, value="v" * 2000, style="primary")),
        {"type": "section", "fields": [mrkdwn("x" * 2000)] * 10},
        {"type": "header", "text": plain("x" * 150)},
        {"type": "context", "elements": [mrkdwn("x")] * 10},
        actions(*[button(action_id=str(number)) for number in range(25)]),
        actions(
            select(options=options(100, text="x" * 75), initial_option=options(1, "x" * 75)[0])
        ),
        actions(select(option_groups=groups(*[1] * 99, 100))),
        several(options=options(2), initial_options=options(2), max_selected_items=2),
        {"type": "image", "alt_text": "x" * 2000, "slack_file": {"id": "F1"}, "title": plain("x")},
        {"type": "divider"},
        actions({"type": "datetimepicker", "action_id": "d", "initial_date_time": 1_900_000_000}),
        {"type": "markdown", "text": "x" * 12_000},
        *[{"type": "divider"}] * 38,
    ]

    assert lint.blocks_problems(blocks, "message") == []
    judge_blocks(blocks)


WRONG_VIEWS = {
    "no title": {"type": "modal", "blocks": []},
    "a long title": modal(title=plain("x" * 25)),
    "a title in markup": modal(title=mrkdwn("x")),
    "101 blocks": modal(*[{"type": "divider"}] * 101),
    "input without submit": modal(
        {"type": "input", "label": plain("x"), "element": {"type": "plain_text_input"}}
    ),
    "long metadata": modal(private_metadata="x" * 3001),
    "a long callback id": modal(callback_id="x" * 256),
    "a home with submit": {"type": "home", "blocks": [], "submit": plain("x")},
    "a workflow step": {"type": "workflow_step", "blocks": []},
    "a markdown block": modal({"type": "markdown", "text": "x"}),
    "nothing": None,
}


@pytest.mark.parametrize("name", sorted(WRONG_VIEWS))
async def test_wrong_views_are_refused(slack: RunningSlack, dana: Person, name: str) -> None:
    trigger = slack.box.world.new_trigger(dana.user.team, dana.id).id

    error = await slack.refusal("views.open", trigger_id=trigger, view=WRONG_VIEWS[name])

    assert error == "invalid_arguments"
    assert dana.modal is None


async def test_a_view_of_more_than_250_kilobytes_is_refused(
    slack: RunningSlack, dana: Person
) -> None:
    trigger = slack.box.world.new_trigger(dana.user.team, dana.id).id
    big = modal(*[section("🍂" * 3_000)] * 21)

    assert await slack.refusal("views.open", trigger_id=trigger, view=big) == "view_too_large"


async def test_what_a_bot_may_not_do_in_a_channel(
    slack: RunningSlack, dana: Person, cafe: Place
) -> None:
    box = slack.box
    foreign = box.channel("other", [dana], with_bot=False)
    secret = box.channel("secret", [dana], is_private=True, with_bot=False)
    closed = box.channel("closed", [dana])
    closed.archives()
    hers = await dana.writes("hi", channel=cafe)
    mine = (await slack.result("chat.postMessage", channel=cafe.id, text="card"))["ts"]
    await slack.result("chat.delete", channel=cafe.id, ts=mine)

    post = "chat.postMessage"
    assert await slack.refusal(post, channel="C1", text="x") == "channel_not_found"
    assert await slack.refusal(post, channel=secret.id, text="x") == "channel_not_found"
    assert await slack.refusal(post, channel=foreign.id, text="x") == "not_in_channel"
    assert await slack.refusal(post, channel=closed.id, text="x") == "is_archived"
    assert await slack.refusal(post, channel=cafe.id) == "no_text"
    assert await slack.refusal(post, channel=cafe.id, text="x" * 40_001) == "msg_too_long"
    assert await slack.refusal(post, text="x") == "invalid_arguments"
    update = "chat.update"
    assert await slack.refusal(update, channel=cafe.id, ts="1.2", text="x") == "message_not_found"
    assert await slack.refusal(update, channel=cafe.id, ts=mine, text="x") == "message_not_found"
    assert (
        await slack.refusal(update, channel=cafe.id, ts=hers.ts, text="x") == "cant_update_message"
    )
    gone = await slack.refusal("chat.delete", channel=cafe.id, ts=hers.ts)
    assert gone == "cant_delete_message"
    unseen = await slack.refusal("chat.postEphemeral", channel=cafe.id, user="U1", text="x")
    assert unseen == "user_not_in_channel"
    assert await slack.refusal("users.info", user="U1") == "user_not_found"
    reaction = {"channel": cafe.id, "timestamp": hers.ts, "name": "eyes"}
    await slack.result("reactions.add", **reaction)
    assert await slack.refusal("reactions.add", **reaction) == "already_reacted"
    await slack.result("reactions.remove", **reaction)
    assert await slack.refusal("reactions.remove", **reaction) == "no_reaction"


async def test_tokens_and_scopes_are_minded(slack: RunningSlack, cafe: Place) -> None:
    box = slack.box

    assert await slack.refusal("auth.test", token="xoxb-wrong") == "invalid_auth"
    assert await slack.refusal("auth.test", token=box.app.app_token) == "not_allowed_token_type"
    assert await slack.refusal("apps.connections.open") == "not_allowed_token_type"
    async with slack.session.post(f"{slack.api}auth.test") as answer:
        assert (await answer.json())["error"] == "not_authed"
    box.install().scopes.remove("chat:write")
    body = await slack.call("chat.postMessage", channel=cafe.id, text="x")
    assert (body["error"], body["needed"]) == ("missing_scope", "chat:write")
    token = box.token
    box.revokes()
    assert await slack.refusal("auth.test", token=token) == "token_revoked"


async def test_an_unknown_method_is_404_and_remembered(slack: RunningSlack) -> None:
    async with slack.session.post(f"{slack.api}chat.shout") as answer:
        assert answer.status == 404

    assert slack.box.violations == ["unknown method chat.shout"]


async def test_blocks_without_a_text_are_remembered(slack: RunningSlack, cafe: Place) -> None:
    await slack.result("chat.postMessage", channel=cafe.id, blocks=[section("x")])

    assert slack.box.violations == ["blocks without a text that says the same"]


async def test_arguments_come_in_the_query_the_form_or_json(
    slack: RunningSlack, cafe: Place
) -> None:
    headers = {"Authorization": f"Bearer {slack.box.token}"}
    url = f"{slack.api}chat.postMessage"
    query = {"channel": cafe.id, "text": "by query"}
    async with slack.session.get(url, params=query, headers=headers) as answer:
        assert (await answer.json())["ok"]
    form = {"token": slack.box.token, "text": "by form", "blocks": "[]"}
    async with slack.session.post(url, params={"channel": cafe.id}, data=form) as answer:
        assert (await answer.json())["ok"]

    assert [seen.text for seen in cafe.from_bot()] == ["by query", "by form"]
    assert all("token" not in call.parameters for call in slack.box.journal.calls)


async def test_an_update_keeps_the_blocks_it_does_not_name(
    slack: RunningSlack, cafe: Place
) -> None:
    sent = await slack.result(
        "chat.postMessage", channel=cafe.id, text="a", blocks=[section("old")]
    )
    await slack.result("chat.update", channel=cafe.id, ts=sent["ts"], text="b")
    assert cafe.from_bot()[0].text == "old"
    await slack.result("chat.update", channel=cafe.id, ts=sent["ts"], text="b", blocks=[])
    assert cafe.from_bot()[0].text == "b"


async def test_triggers_lapse_and_are_good_once(slack: RunningSlack, dana: Person) -> None:
    box = slack.box
    first = box.world.new_trigger(dana.user.team, dana.id).id
    await slack.result("views.open", trigger_id=first, view=modal())
    assert (
        await slack.refusal("views.open", trigger_id=first, view=modal()) == "exchanged_trigger_id"
    )
    box.world.trigger_seconds = -1.0
    late = box.world.new_trigger(dana.user.team, dana.id).id
    assert await slack.refusal("views.open", trigger_id=late, view=modal()) == "expired_trigger_id"
    assert await slack.refusal("views.open", trigger_id="1", view=modal()) == "invalid_trigger_id"


async def test_modals_stack_to_three_and_a_stale_hash_is_refused(
    slack: RunningSlack, dana: Person
) -> None:
    box = slack.box

    def trigger(view: str = "") -> str:
        return box.world.new_trigger(dana.user.team, dana.id, view).id

    opened = await slack.result("views.open", trigger_id=trigger(), view=modal())
    root = opened["view"]["id"]
    assert await slack.refusal("views.push", trigger_id=trigger(), view=modal()) == "not_allowed"
    for _ in range(2):
        pushed = await slack.result("views.push", trigger_id=trigger(root), view=modal())
    assert pushed["view"]["root_view_id"] == root
    refused = await slack.refusal("views.push", trigger_id=trigger(root), view=modal())
    assert refused == "push_limit_reached"
    changed = modal(section("changed"))
    await slack.result("views.update", view_id=root, hash=opened["view"]["hash"], view=changed)
    stale = await slack.refusal(
        "views.update", view_id=root, hash=opened["view"]["hash"], view=changed
    )
    assert stale == "hash_conflict"
    assert await slack.refusal("views.update", view_id="V1", view=changed) == "not_found"
    home = {"type": "home", "blocks": [section("Today")]}
    first = await slack.result("views.publish", user_id=dana.id, view=home)
    await slack.result("views.publish", user_id=dana.id, view=home, hash=first["view"]["hash"])
    again = await slack.refusal(
        "views.publish", user_id=dana.id, view=home, hash=first["view"]["hash"]
    )
    assert again == "hash_conflict"


async def test_a_response_url_is_good_five_times_and_half_an_hour(
    slack: RunningSlack, dana: Person, cafe: Place
) -> None:
    world, clock = slack.box.world, slack.box.world.clock
    assert isinstance(clock, HandClock)
    card = cafe.world.post(cafe.channel, dana.bot, {"text": "card"}, bot_id="B1")
    url = world.new_response_url(cafe.channel, dana.id, card.ts)

    async def say(**message: Any) -> int:
        async with slack.session.post(url, json=message) as answer:
            return answer.status

    assert await say(text="only you") == 200
    assert await say(text="all of you", response_type="in_channel") == 200
    assert await say(text="new card", replace_original=True) == 200
    assert await say(text="x", blocks=[section("")]) == 404
    assert await say(delete_original=True) == 200
    assert await say(text="once more") == 404
    assert [(one.text, one.is_ephemeral) for one in cafe.from_bot()] == [
        ("only you", True),
        ("all of you", False),
    ]
    url = world.new_response_url(cafe.channel, dana.id)
    clock.moment += timedelta(minutes=31)
    assert await say(text="late") == 404


async def test_a_file_goes_only_to_who_brings_a_token_and_is_in_the_channel(
    slack: RunningSlack, dana: Person, cafe: Place
) -> None:
    sent = await dana.sends(a_jpeg(50, 40), "a photo", channel=cafe)
    file = sent.as_json["files"][0]
    headers = {"Authorization": f"Bearer {slack.box.token}"}

    async def fetch(url: str, headers: dict[str, str]) -> tuple[int, str, bytes]:
        async with slack.session.get(url, headers=headers, allow_redirects=False) as got:
            return got.status, got.content_type, await got.read()

    assert (file["mimetype"], file["original_w"], file["original_h"]) == ("image/jpeg", 50, 40)
    assert await fetch(file["url_private_download"], headers) == (
        200, "image/jpeg", a_jpeg(50, 40),
    )  # fmt: skip
    status, kind, page = await fetch(file["url_private_download"], {})
    assert (status, kind) == (200, "text/html")
    assert b"Sign in" in page
    slack.box.spoils(file["id"], redirects_to="https://elsewhere.example/x")
    assert (await fetch(file["url_private"], headers))[0] == 302
    slack.box.spoils(file["id"], "missing")
    assert (await fetch(file["url_private"], headers))[0] == 404
    slack.box.spoils(file["id"], "cut")
    with pytest.raises(aiohttp.ClientPayloadError):
        await fetch(file["url_private"], headers)
    slack.box.spoils(file["id"])
    cafe.removes_bot()
    assert (await fetch(file["url_private"], headers))[1] == "text/html"


async def test_what_a_file_is_may_be_known_late_or_lie_elsewhere(
    slack: RunningSlack, dana: Person, cafe: Place
) -> None:
    late = await dana.sends(Attachment(a_jpeg(), late_seconds=5), channel=cafe)
    assert late.as_json["files"][0]["mimetype"] == ""
    assert (await slack.result("files.info", file=late.files[0]))["file"]["size"] == 0
    clock = slack.box.world.clock
    assert isinstance(clock, HandClock)
    clock.moment += timedelta(seconds=6)
    ready = (await slack.result("files.info", file=late.files[0]))["file"]
    assert ready["mimetype"] == "image/jpeg"
    assert ready["shares"]["public"][cafe.id][0]["ts"] == late.ts

    bare = await dana.sends(Attachment(a_jpeg(), is_bare=True), channel=cafe)
    assert bare.as_json["files"][0]["file_access"] == "check_file_info"
    assert (await slack.result("files.info", file=bare.files[0]))["file"]["mimetype"]
    outside = await dana.sends(
        Attachment(b"", name="plan", mode="external", url="https://drive.example/x"), channel=cafe
    )
    shown = outside.as_json["files"][0]
    assert (shown["mode"], shown["is_external"]) == ("external", True)
    assert shown["url_private"] == "https://drive.example/x"


async def test_faults_come_on_demand(slack: RunningSlack, cafe: Place) -> None:
    box = slack.box
    message = {"channel": cafe.id, "text": "x"}
    headers = {"Authorization": f"Bearer {box.token}"}
    url = f"{slack.api}chat.postMessage"

    box.fails("ratelimited", "chat.postMessage", retry_after=7)
    async with slack.session.post(url, json=message, headers=headers) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
        assert (await answer.json())["error"] == "ratelimited"
    box.fails("error", "chat.postMessage", error="restricted_action")
    assert await slack.refusal("chat.postMessage", **message) == "restricted_action"
    box.fails("server_error", status=502)
    async with slack.session.post(url, json=message, headers=headers) as answer:
        assert (answer.status, answer.content_type) == (502, "text/html")
    box.fails("drop")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await slack.call("chat.postMessage", **message)
    assert len(cafe.from_bot()) == 1
    box.fails("drop_before", channel=cafe.id)
    assert (await slack.result("auth.test"))["ok"]
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await slack.call("chat.postMessage", **message)
    assert len(cafe.from_bot()) == 1
    hanging = box.fails("hang", "auth.test", times=None)
    call = asyncio.create_task(slack.call("auth.test"))
    with box.subscribe() as news:
        await news.next()
    box.heals(hanging)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await call
    assert box.journal.refused() == []


async def test_who_talks_too_fast_is_told_to_wait(slack: RunningSlack, cafe: Place) -> None:
    slack.box.flood_control = True
    message = {"channel": cafe.id, "text": "x"}

    answers = [await slack.call("chat.postMessage", **message) for _ in range(20)]

    refused = [one for one in answers if one.get("error") == "ratelimited"]
    assert refused
    assert len(cafe.from_bot()) == 20 - len(refused)


async def test_only_what_the_manifest_asks_for_is_delivered(slack: RunningSlack) -> None:
    box = slack.box
    manifest = {
        "oauth_config": {"scopes": {"bot": ["im:history", "mpim:history", "chat:write"]}},
        "settings": {"event_subscriptions": {"bot_events": ["message.im"]}},
        "features": {"slash_commands": [{"command": "/post"}]},
    }
    box.reads_manifest(manifest)
    box.office.is_held = True
    dana, mia = box.person("Dana"), box.person("Mia")

    await dana.writes("to the bot")
    await dana.writes("to all", channel=box.group([dana, mia]))

    assert [one.payload["event"]["text"] for one in box.delivered("message")] == ["to the bot"]
    manifest["settings"]["event_subscriptions"]["bot_events"] = ["message.all"]
    with pytest.raises(ValueError, match=r"message\.all"):
        box.reads_manifest(manifest)
    with pytest.raises(LookupError):
        await dana.uses_shortcut("new_post")


async def test_what_was_kept_is_there_after_a_restart(tmp_path: Path) -> None:
    async with running_slack(folder=tmp_path) as slack:
        dana = slack.box.person("Dana")
        cafe = slack.box.channel("cafe", [dana])
        sent = await dana.sends(a_jpeg(), "kept", channel=cafe)
        await slack.result("views.publish", user_id=dana.id, view={"type": "home", "blocks": []})
        token = slack.box.token

    again = SlackSandbox(folder=tmp_path)
    place = again.place(cafe.id)

    assert again.token == token
    assert place.messages()[0].text == "kept"
    assert again.person("Dana").home is not None
    again.origin = "http://127.0.0.1:1"
    assert again.channel("new", [again.person("Dana")]).id > cafe.id
    assert (await again.person("Dana").writes("more", channel=place)).ts > sent.ts


async def test_a_file_input_takes_what_it_names(slack: RunningSlack, dana: Person) -> None:
    element = {
        "type": "file_input", "action_id": "f", "max_files": 2, "filetypes": ["jpeg", "png"],
    }  # fmt: skip
    form = modal(
        {"type": "input", "block_id": "b", "label": plain("Files"), "element": element},
        submit=plain("Save"),
    )
    trigger = slack.box.world.new_trigger(dana.user.team, dana.id).id
    await slack.result("views.open", trigger_id=trigger, view=form)
    opened = await dana.sees_modal("Edit")

    await opened.fills("Files", [a_jpeg(), a_jpeg(30, 30)])
    with pytest.raises(ValueError, match="no more than 2"):
        await opened.fills("Files", [a_jpeg()] * 3)
    with pytest.raises(ValueError, match="not taken"):
        await opened.fills("Files", b"%PDF-1.7")
    with pytest.raises(ValueError, match="10 MB"):
        await opened.fills("Files", Attachment(a_jpeg(), size=11 * 2**20))

    values = opened.view.values["b"]["f"]["files"]
    assert [one["mimetype"] for one in values] == ["image/jpeg"] * 2


async def test_errors_of_a_form_must_name_its_inputs(slack: RunningSlack, dana: Person) -> None:
    said: dict[str, Any] = {}

    async def answer(request: web.Request) -> web.Response:
        return web.json_response(said)

    form = modal(
        {
            "type": "input",
            "block_id": "words",
            "label": plain("Caption"),
            "element": {"type": "plain_text_input", "action_id": "a", "max_length": 5},
        },
        submit=plain("Save"),
    )
    async with serving_answers(answer) as origin:
        slack.box.uses_http(origin)
        trigger = slack.box.world.new_trigger(dana.user.team, dana.id).id
        await slack.result("views.open", trigger_id=trigger, view=form)
        opened = await dana.sees_modal("Edit")
        with pytest.raises(ValueError, match="0 to 5"):
            await opened.fills("Caption", "too long")
        await opened.fills("Caption", "short")
        said.update(response_action="errors", errors={"elsewhere": "No"})
        assert "trouble" in (await opened.submits())[""]
        said.update(errors={"words": "No"})
        assert await opened.submits() == {"Caption": "No"}
        said.clear()
        said.update(response_action="update", view=modal(section("Done")))
        assert await opened.submits() == {}
        assert opened.text == "Done"
        said.update(response_action="push", view=modal(section("Next")))
        await opened.submits()
        assert (await dana.sees_modal("Next")).view.previous == opened.view.id
        said.clear()
        said.update(response_action="clear")
        await (await dana.sees_modal("Next")).submits()
        assert dana.modal is None

    assert slack.box.violations == [
        "errors of a view_submission name no input: {'elsewhere': 'No'}"
    ]


Spoken = Callable[[str], str]


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("*bold* _it_ ~no~ `a*b*`", "bold it no a*b*"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        ("&lt;!channel&gt; &amp; co", "<!channel> & co"),
        ("<https://a.example/?a=1&amp;b=2|the *page*>", "the *page*"),
        ("<!here> look", "@here look"),
        ("<!date^1795424400^{date_short} {time}|Nov 23 09:00>", "Nov 23 09:00"),
        ("&gt; quoted\nnot", "quoted\nnot"),
    ],
)
async def test_markup_is_read_as_people_see_it(
    slack: RunningSlack, cafe: Place, given: str, read: str
) -> None:
    await slack.result("chat.postMessage", channel=cafe.id, text=given)

    assert cafe.from_bot()[-1].text == read


async def test_rich_text_is_read_as_people_see_it(slack: RunningSlack, cafe: Place) -> None:
    date = {"type": "date", "timestamp": 1795424400, "format": "{time}", "fallback": "9 o'clock"}
    blocks = [
        rich(
            {"type": "text", "text": "*Scheduled* <!here>", "style": {"bold": True}},
            {"type": "text", "text": "\n"},
            {"type": "link", "url": "https://a.example/?a=1&b=2", "text": "Open"},
            {"type": "text", "text": " at "},
            date,
        ),
        rich({"type": "text", "text": "a <b>\n& more"}, kind="rich_text_quote"),
        rich({"type": "broadcast", "range": "here"}, {"type": "user", "user_id": "U1"}),
    ]
    await slack.result("chat.postMessage", channel=cafe.id, text="Scheduled", blocks=blocks)
    seen = cafe.from_bot()[-1]

    assert seen.text.splitlines() == [
        "*Scheduled* <!here>", "Open at 9 o'clock", "a <b>", "& more", "@here@U1",
    ]  # fmt: skip
    assert "Open at 18:00" in seen.text_for(slack.box.person("Kim", tz="Asia/Tokyo").user)
    assert seen.pings == ["!here", "U1"]


async def test_dates_stand_in_the_zone_of_who_reads(slack: RunningSlack, cafe: Place) -> None:
    token = "<!date^1795424400^{date_short_pretty} {time}|some time>"
    await slack.result("chat.postMessage", channel=cafe.id, text=f"*{token}* &lt;x&gt;")
    there = slack.box.person("Kim", tz="Asia/Tokyo")

    seen = cafe.from_bot()[-1]

    assert seen.text_for(there.user) == "Nov 23, 2026 18:00 <x>"
    assert 'data-unix="1795424400"' in seen.html
    assert seen.html.endswith("&lt;x&gt;")
    assert seen.pings == []
