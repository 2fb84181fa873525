"""Slack's own client libraries, unmodified, walk through the stand-in from end to end."""

import asyncio
import html
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackSandbox
from sandbox.telegram import a_jpeg
from tests.support.slack import RunningSlack, judge_calls, running_slack, serving_bolt

CARD = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Scheduled* #142"}},
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "text": {"type": "plain_text", "text": "Change time"},
                "action_id": "time",
                "value": "p1:time:abc:1",
            },
            {
                "type": "button",
                "text": {"type": "plain_text", "text": "Cancel post"},
                "style": "danger",
                "action_id": "cancel",
                "value": "p1:cancel:abc:1",
            },
        ],
    },
]
MODAL = {
    "type": "modal",
    "callback_id": "edit",
    "title": {"type": "plain_text", "text": "Schedule"},
    "submit": {"type": "plain_text", "text": "Save"},
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "when",
            "label": {"type": "plain_text", "text": "When"},
            "element": {"type": "datetimepicker", "action_id": "at"},
        },
        {
            "type": "input",
            "block_id": "words",
            "optional": True,
            "label": {"type": "plain_text", "text": "Caption"},
            "element": {"type": "plain_text_input", "action_id": "caption", "multiline": True},
        },
        {
            "type": "input",
            "block_id": "account",
            "optional": True,
            "label": {"type": "plain_text", "text": "Account"},
            "element": {
                "type": "external_select",
                "action_id": "accounts",
                "min_query_length": 1,
            },
        },
        {
            "type": "input",
            "block_id": "more",
            "optional": True,
            "label": {"type": "plain_text", "text": "Photos"},
            "element": {"type": "file_input", "action_id": "photos", "max_files": 2},
        },
    ],
}
ACCOUNTS = [
    {"text": {"type": "plain_text", "text": name}, "value": name} for name in ("brand", "bakery")
]
PAST, FUTURE = 1_700_000_000, 1_900_000_000


class Desk:
    """A small app on Bolt, which remembers what it was told."""

    def __init__(self, app: AsyncApp, origin: str) -> None:
        self.app = app
        self.origin = origin
        self.heard: list[str] = []
        self.files: list[bytes] = []
        self.bodies: list[dict[str, Any]] = []
        app.event("message")(self.on_message)
        app.event("app_mention")(self.on_mention)
        app.event("app_home_opened")(self.on_home)
        app.event("file_shared")(self.on_nothing)
        app.command("/post")(ack=self.on_command, lazy=[self.on_command_later])
        app.shortcut("schedule_this")(self.on_message_shortcut)
        app.shortcut("new_post")(self.on_message_shortcut)
        app.action("cancel")(self.on_cancel)
        app.options("accounts")(self.on_options)
        app.view("edit")(self.on_submit)
        app.view_closed("edit")(self.on_closed)

    async def on_message(self, event: dict[str, Any], client: AsyncWebClient) -> None:
        self.heard.append(event.get("subtype", "message"))
        if event.get("subtype") != "file_share":
            return
        async with aiohttp.ClientSession() as session:
            for file in event["files"]:
                headers = {"Authorization": f"Bearer {client.token}"}
                async with session.get(file["url_private_download"], headers=headers) as got:
                    assert got.content_type == file["mimetype"]
                    self.files.append(await got.read())
        await client.reactions_add(channel=event["channel"], timestamp=event["ts"], name="eyes")
        await client.chat_postMessage(
            channel=event["channel"], thread_ts=event["ts"], text="Scheduled #142", blocks=CARD
        )

    async def on_mention(self, event: dict[str, Any], client: AsyncWebClient) -> None:
        self.heard.append("mention")
        zone = (await client.users_info(user=event["user"]))["user"]["tz"]
        await client.chat_postEphemeral(
            channel=event["channel"], user=event["user"], text=f"Your zone is {zone}"
        )

    async def on_home(self, event: dict[str, Any], client: AsyncWebClient) -> None:
        self.heard.append("home")
        await client.views_publish(
            user_id=event["user"], view={"type": "home", "blocks": CARD[:1]}
        )

    async def on_nothing(self) -> None:
        self.heard.append("file_shared")

    async def on_command(self, ack: Callable[..., Awaitable[None]]) -> None:
        await ack("One moment")

    async def on_command_later(self, respond: Callable[..., Awaitable[None]]) -> None:
        await respond("Nothing is scheduled")

    async def on_message_shortcut(
        self, ack: Callable[..., Awaitable[None]], body: dict[str, Any], client: AsyncWebClient
    ) -> None:
        await ack()
        self.bodies.append(body)
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    async def on_cancel(
        self, ack: Callable[..., Awaitable[None]], body: dict[str, Any], client: AsyncWebClient
    ) -> None:
        await ack()
        self.bodies.append(body)
        await client.chat_update(
            channel=body["channel"]["id"],
            ts=body["message"]["ts"],
            text="Cancelled #142",
            blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "Cancelled #142"}}],
        )

    async def on_options(
        self, ack: Callable[..., Awaitable[None]], payload: dict[str, Any]
    ) -> None:
        typed = payload["value"]
        await ack(options=[one for one in ACCOUNTS if one["value"].startswith(typed)])

    async def on_submit(self, ack: Callable[..., Awaitable[None]], view: dict[str, Any]) -> None:
        chosen = view["state"]["values"]["when"]["at"]["selected_date_time"]
        if chosen < FUTURE:
            await ack(response_action="errors", errors={"when": "That time is in the past"})
            return
        values = view["state"]["values"]
        self.heard.append(f"saved {values['words']['caption']['value']}")
        chosen = values["account"]["accounts"]["selected_option"]["value"]
        self.heard.append(f"for {chosen} with {len(values['more']['photos']['files'])} photos")
        await ack()

    async def on_closed(self, ack: Callable[..., Awaitable[None]]) -> None:
        self.heard.append("closed")
        await ack()


@asynccontextmanager
async def desk_on(slack: RunningSlack, mode: str) -> AsyncIterator[Desk]:
    client = slack.client()
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=2))
    app = AsyncApp(client=client, signing_secret=slack.box.app.signing_secret)
    async with serving_bolt(app) as origin:
        desk = Desk(app, origin)
        if mode == "http":
            slack.box.uses_http(origin)
            yield desk
            return
        web_client = AsyncWebClient(base_url=slack.api)
        handler = AsyncSocketModeHandler(app, slack.box.app.app_token, web_client=web_client)
        await handler.connect_async()
        try:
            yield desk
        finally:
            await handler.close_async()


@pytest.fixture
async def slack() -> AsyncIterator[RunningSlack]:
    async with running_slack() as running:
        yield running


@pytest.mark.parametrize("mode", ["http", "socket"])
async def test_bolt_walks_from_a_file_to_a_modal(slack: RunningSlack, mode: str) -> None:
    box = slack.box
    async with desk_on(slack, mode) as desk:
        dana = box.person("Dana", tz="America/New_York")
        cafe = box.channel("cafe", [dana])

        photos = [a_jpeg(60, 60, "1"), a_jpeg(60, 60, "2")]
        box.fails("ratelimited", "chat.postMessage", retry_after=1)
        sent = await dana.sends(photos, "Team day\nfri 18:30", channel=cafe)
        card = await dana.sees("Scheduled", channel=cafe)
        assert card.thread_ts == sent.ts
        assert sent.reactions == ["eyes"]
        assert desk.files == photos
        assert card.buttons == ["Change time", "Cancel post"]

        await dana.mentions("hello", channel=cafe)
        told = await dana.sees("Your zone is America/New_York", channel=cafe)
        assert told.is_ephemeral

        assert (await dana.types("/post queue")).was_taken
        await dana.sees("One moment")
        await dana.sees("Nothing is scheduled")

        assert (await dana.uses_shortcut("Schedule this", sent)).was_taken
        modal = await dana.sees_modal("Schedule")
        assert desk.bodies[-1]["message"]["files"][0]["id"] == sent.files[0]
        assert await modal.submits() == {"When": "Please complete this required field."}
        await modal.fills("When", PAST)
        await modal.fills("Caption", "New words")
        assert await modal.submits() == {"When": "That time is in the past"}
        assert await modal.suggests("Account", "ba") == ["bakery"]
        await modal.fills("Account", ACCOUNTS[1])
        await modal.fills("Photos", [photos[0]])
        await modal.fills("When", FUTURE)
        assert await modal.submits() == {}
        assert not modal.is_open
        assert "saved New words" in desk.heard
        assert "for bakery with 1 photos" in desk.heard

        await dana.uses_shortcut("New post")
        await (await dana.sees_modal()).closes()
        assert "closed" in desk.heard

        assert (await dana.presses(card, "Cancel post")).was_taken
        cancelled = await dana.sees("Cancelled #142", channel=cafe)
        assert cancelled == card
        assert card.buttons == []
        assert desk.bodies[-1]["container"]["message_ts"] == card.ts

        await dana.opens_home()
        assert "Scheduled #142" in (await dana.sees_home("Scheduled")).text

        await box.all_told()
    heard = [one for one in desk.heard if one in {"file_share", "mention", "file_shared"}]
    assert sorted(heard) == ["file_share", "file_shared", "file_shared", "mention"]
    assert all(one.was_taken for one in box.deliveries)
    assert box.violations == []
    assert judge_calls(box) >= 4


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_bolts_own_flow_installs_the_app_and_its_rotator_renews_the_token(
    slack: RunningSlack, tmp_path: Path
) -> None:
    box = slack.box
    box.app.token_rotation = True
    cafe = box.add_workspace("Cafe Nord")
    admin = box.person("Admin", workspace=cafe)
    kept = FileInstallationStore(base_dir=str(tmp_path / "installed"))
    client = AsyncWebClient(base_url=slack.api)
    settings = AsyncOAuthSettings(
        client_id=box.app.client_id,
        client_secret=box.app.client_secret,
        scopes=["chat:write", "im:write", "im:history"],
        authorization_url=f"{slack.origin}/slack/oauth/v2/authorize",
        installation_store=kept,
        state_store=FileOAuthStateStore(expiration_seconds=60, base_dir=str(tmp_path / "states")),
    )
    app = AsyncApp(
        client=client,
        signing_secret=box.app.signing_secret,
        oauth_flow=AsyncOAuthFlow(settings=settings, client=client),
    )

    @app.event("message")
    async def answer(event: dict[str, Any], client: AsyncWebClient) -> None:
        await client.chat_postMessage(channel=event["channel"], text="Hello there")

    async with serving_bolt(app) as origin:
        box.uses_http(origin)
        async with slack.session.get(f"{origin}/slack/install", allow_redirects=False) as begun:
            page = await begun.text()
        there = html.unescape(page.split('<a href="')[1].split('"')[0])
        cookie = begun.headers["Set-Cookie"].split(";")[0]
        back = urlsplit(box.allows(f"{there}&redirect_uri={origin}/slack/oauth_redirect", admin))
        address = f"{origin}/slack/oauth_redirect?{back.query}"
        async with slack.session.get(address, headers={"Cookie": cookie}) as done:
            assert done.status == 200, await done.text()

        await admin.writes("hello")
        await admin.sees("Hello there")
        first = box.install(cafe).token
        # Its rotator renews what ends within two hours, at the next event.
        bot = kept.find_bot(enterprise_id=None, team_id=cafe.id)
        assert bot is not None
        rotator = AsyncTokenRotator(
            client=client, client_id=box.app.client_id, client_secret=box.app.client_secret
        )
        renewed = await rotator.perform_bot_token_rotation(
            bot=bot, minutes_before_expiration=13 * 60
        )

    assert renewed is not None
    assert renewed.bot_token == box.install(cafe).token != first
    assert box.violations == []


async def test_bolt_reconnects_and_is_told_again_what_it_did_not_acknowledge(
    slack: RunningSlack,
) -> None:
    box = slack.box
    box.office.ack_seconds = 0.3
    box.office.retry_pauses = (0.0, 0.0, 0.0)
    async with desk_on(slack, "socket") as desk:
        dana = box.person("Dana")
        await box.sees_socket()

        box.loses_acks(1)
        await dana.writes("hello")
        await box.all_told()
        again = box.delivered("message")[0]
        first, *others = again.attempts
        assert (first.number, first.failure) == (0, "timeout")
        assert (others[0].number, others[-1].failure) == (1, "")
        assert desk.heard == ["message"] * len(again.attempts)

        await box.disconnects()
        await dana.writes("still there?")
        await box.all_told()
        assert box.office.sockets.opened == 2
        assert desk.heard[-1] == "message"


async def test_bolt_refuses_forged_and_old_requests_and_answers_the_handshake(
    slack: RunningSlack,
) -> None:
    box = slack.box
    async with desk_on(slack, "http") as desk:
        dana = box.person("Dana")
        assert await box.verifies_url()

        box.office.retry_pauses = (0.0,)
        right, box.app.signing_secret = box.app.signing_secret, "another-secret"
        await dana.writes("forged")
        await box.all_told()
        statuses = [one.status for one in box.delivered("message")[-1].attempts]
        assert statuses == [401, 401]
        assert desk.heard == []

        box.app.signing_secret = right
        await dana.writes("real")
        await box.all_told()
        assert desk.heard == ["message"]
        assert box.deliveries[-1].attempts[0].status == 200


async def test_a_slow_app_is_told_again_under_the_same_event_id(slack: RunningSlack) -> None:
    box = slack.box
    box.office.ack_seconds = 0.3
    box.office.retry_pauses = (0.0, 0.0, 0.0)
    is_over = asyncio.Event()
    headers: list[str | None] = []
    app = AsyncApp(client=slack.client(), signing_secret=box.app.signing_secret)

    @app.middleware
    async def slow(req: Any, next: Callable[[], Awaitable[None]]) -> None:  # noqa: A002
        headers.append((req.headers.get("x-slack-retry-num") or [None])[0])
        if headers == [None]:
            await is_over.wait()
        await next()

    app.event("message")(ack_nothing)
    async with serving_bolt(app) as origin:
        box.uses_http(origin)
        await box.person("Dana").writes("hello")
        await box.all_told()
        is_over.set()

    delivery = box.delivered("message")[0]
    assert (delivery.attempts[0].failure, delivery.attempts[-1].failure) == ("http_timeout", "")
    assert delivery.attempts[1].reason == "http_timeout"
    assert headers[:2] == [None, "1"]
    assert box.office.slow == [delivery]


async def ack_nothing() -> None:
    """Take a message without a word."""


async def test_the_web_client_uploads_a_file_into_a_thread(slack: RunningSlack) -> None:
    box = slack.box
    dana = box.person("Dana")
    place = box.channel("cafe", [dana])
    root = await dana.writes("how was the week?", channel=place)
    client = slack.client()

    answer = await client.files_upload_v2(
        channel=place.id,
        thread_ts=root.ts,
        initial_comment="Your week",
        filename="week.png",
        content=a_jpeg(40, 40),
        alt_txt="A chart",
    )

    shown = (await place.sees("Your week")).as_json
    assert shown["thread_ts"] == root.ts
    assert shown["files"][0]["alt_txt"] == "A chart"
    assert answer["files"][0]["shares"]["public"][place.id]


async def test_the_web_client_reads_who_and_where(slack: RunningSlack) -> None:
    box = slack.box
    dana = box.person("Dana", locale="de-DE")
    mia = box.person("Mia")
    place = box.channel("cafe", [dana, mia])
    client = slack.client()

    me = await client.auth_test()
    assert me["team_id"] == box.workspace.id
    assert me.headers["x-oauth-scopes"].startswith("app_mentions:read")
    person = await client.users_info(user=dana.id, include_locale=True)
    assert (person["user"]["locale"], person["user"]["tz"]) == ("de-DE", "Europe/Berlin")
    members = [
        member
        async for page in await client.conversations_members(channel=place.id, limit=1)
        for member in page["members"]
    ]
    assert members == [dana.id, mia.id, dana.bot]
    opened = await client.conversations_open(users=[dana.id, mia.id])
    group = box.place(opened["channel"]["id"])
    await client.chat_postMessage(channel=group.id, text="To both")
    assert (await mia.sees("To both", channel=group)).ts
    link = await client.chat_getPermalink(channel=group.id, message_ts=group.messages()[-1].ts)
    assert group.id in link["permalink"]
    assert (await client.team_info())["team"]["name"] == "Lindenhof"
    assert (await client.conversations_info(channel=place.id))["channel"]["is_member"]


def test_the_box_is_ready_without_a_loop() -> None:
    assert SlackSandbox().token.startswith("xoxb-")


@pytest.mark.parametrize("mode", ["http", "socket"])
async def test_an_acknowledgement_that_gets_lost_brings_the_event_again(
    slack: RunningSlack, mode: str
) -> None:
    box = slack.box
    box.office.ack_seconds, box.office.retry_pauses = 0.3, (0.0, 0.0, 0.0)
    async with desk_on(slack, mode) as desk:
        box.loses_acks(1)
        await box.person("Dana").writes("hello")
        await box.all_told()

        tries = box.delivered("message")[0].attempts
        assert [one.number for one in tries] == [0, 1]
        assert tries[0].failure in {"timeout", "http_timeout"}
        assert not tries[1].failure
        assert desk.heard.count("message") == 2


async def test_an_event_that_is_held_back_is_overtaken_until_it_is_hurried(
    slack: RunningSlack,
) -> None:
    box = slack.box
    async with desk_on(slack, "http"):
        waits = iter((60.0, 0.0))
        box.office.hold_back = lambda _: next(waits)
        dana = box.person("Dana")
        first, second = await dana.writes("first"), await dana.writes("second")
        one, other = box.delivered("message")
        await other.settled.wait()
        assert (one.attempts, len(other.attempts)) == ([], 1)

        box.office.hurry()
        await box.all_told()

        assert one.attempts[0].at >= other.attempts[0].at
        assert first.ts < second.ts
