"""A Slack app of a few lines, on Bolt, that shows one of everything the page can draw."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox

DUE_IN_SECONDS = 18 * 3600


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def option(text: str, value: str) -> dict[str, Any]:
    return {"text": plain(text), "value": value}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def button(text: str, action: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(text), "action_id": action, "value": action, **more}


def card(caption: str, file: str) -> list[dict[str, Any]]:
    due = int(time.time()) + DUE_IN_SECONDS
    when = f"<!date^{due}^{{date_short_pretty}}, {{time}}|some time>"
    thumb = {"type": "image", "slack_file": {"id": file}, "alt_text": f"Picture: {caption}"}
    return [
        {
            "type": "section",
            "text": mrkdwn(f"🗓 *Scheduled* #142\n@cafe.lindenhof · Photo\n*{when}*"),
            **({"accessory": thumb} if file else {}),
        },
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_quote", "elements": [{"type": "text", "text": caption}]}
            ],
        },
        {"type": "context", "elements": [mrkdwn("27 / 2,200 · from “tomorrow 9am”")]},
        {
            "type": "actions",
            "elements": [
                button("Change time", "change", style="primary"),
                button("Read ↗", "read", url="https://example.org/"),
                button("Cancel post", "cancel", style="danger"),
            ],
        },
    ]


FORM = {
    "type": "modal",
    "callback_id": "edit",
    "title": plain("Change post #142"),
    "submit": plain("Save"),
    "close": plain("Never mind"),
    "blocks": [
        {"type": "section", "text": mrkdwn("It goes out at the time you choose.")},
        {
            "type": "input",
            "block_id": "when",
            "label": plain("When"),
            "hint": plain("In your own time zone"),
            "element": {"type": "datetimepicker", "action_id": "at"},
        },
        {
            "type": "input",
            "block_id": "words",
            "optional": True,
            "label": plain("Caption"),
            "element": {
                "type": "plain_text_input",
                "action_id": "caption",
                "multiline": True,
                "initial_value": "Autumn menu is here",
            },
        },
        {
            "type": "input",
            "block_id": "kind",
            "label": plain("Account"),
            "element": {
                "type": "static_select",
                "action_id": "account",
                "initial_option": option("cafe.lindenhof", "1"),
                "option_groups": [
                    {"label": plain("Own"), "options": [option("cafe.lindenhof", "1")]},
                    {"label": plain("Team"), "options": [option("team.lindenhof", "2")]},
                ],
            },
        },
        {
            "type": "input",
            "block_id": "pictures",
            "optional": True,
            "label": plain("Pictures"),
            "element": {"type": "file_input", "action_id": "files", "filetypes": ["jpg"]},
        },
        {
            "type": "input",
            "block_id": "more",
            "optional": True,
            "label": plain("Also"),
            "element": {
                "type": "checkboxes",
                "action_id": "also",
                "options": [
                    {"text": plain("Tell the team"), "value": "tell"},
                    {"text": plain("Keep as template"), "value": "keep"},
                ],
            },
        },
    ],
}
HOME = {
    "type": "home",
    "blocks": [
        {"type": "header", "text": plain("Today")},
        {
            "type": "section",
            "text": mrkdwn("*Nothing failed.* 3 posts are planned."),
            "fields": [mrkdwn("*@cafe.lindenhof*\nconnected"), mrkdwn("*Next*\n18:30 Team day")],
        },
        {"type": "divider"},
        {"type": "actions", "elements": [button("New post", "change", style="primary")]},
    ],
}


class FakeDesk:
    """Answers files with a card in the thread, and presses with a form."""

    def __init__(self, app: AsyncApp) -> None:
        self.submitted: list[dict[str, Any]] = []
        app.event("message")(self.on_message)
        app.event("app_mention")(self.on_nothing)
        app.event("file_shared")(self.on_nothing)
        app.event("member_joined_channel")(self.on_nothing)
        app.event("app_home_opened")(self.on_home)
        app.command("/post")(self.on_command)
        app.action("change")(self.on_change)
        app.action("read")(self.on_ack)
        app.action("cancel")(self.on_cancel)
        app.shortcut("schedule_this")(self.on_change)
        app.shortcut("new_post")(self.on_change)
        app.view("edit")(self.on_submit)

    async def on_nothing(self) -> None:
        """Take it."""

    async def on_ack(self, ack: Any) -> None:
        await ack()

    async def on_message(self, event: dict[str, Any], client: AsyncWebClient) -> None:
        if event.get("subtype") not in {None, "file_share"}:
            return
        place, ts = event["channel"], event["ts"]
        if not event.get("files"):
            thread = event.get("thread_ts", ts)
            await client.chat_postMessage(channel=place, thread_ts=thread, text="I heard you")
            return
        await client.reactions_add(channel=place, timestamp=ts, name="eyes")
        caption = event["text"].split("\n")[0]
        await client.chat_postMessage(
            channel=place,
            thread_ts=ts,
            text="Scheduled #142 for tomorrow",
            blocks=card(caption, event["files"][0]["id"]),
        )

    async def on_home(self, event: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_publish(user_id=event["user"], view=HOME)

    async def on_command(self, ack: Any) -> None:
        await ack("*Nothing* is planned")

    async def on_change(self, ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    async def on_cancel(self, ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.chat_update(
            channel=body["channel"]["id"],
            ts=body["message"]["ts"],
            text="Cancelled #142",
            blocks=[{"type": "section", "text": mrkdwn("🗑 Cancelled #142")}],
        )

    async def on_submit(self, ack: Any, view: dict[str, Any]) -> None:
        values = view["state"]["values"]
        if values["when"]["at"]["selected_date_time"] < time.time():
            await ack(response_action="errors", errors={"when": "That time is in the past"})
            return
        self.submitted.append(values)
        await ack()


@asynccontextmanager
async def running_desk(sandbox: Sandbox, base: str) -> AsyncIterator[FakeDesk]:
    """Run the app beside the sandbox until the block ends."""
    client = AsyncWebClient(token=sandbox.slack.token, base_url=f"{base}/slack/api/")
    app = AsyncApp(client=client)
    desk = FakeDesk(app)
    handler = AsyncSocketModeHandler(
        app, sandbox.slack.app.app_token, web_client=AsyncWebClient(base_url=client.base_url)
    )
    await handler.connect_async()
    try:
        yield desk
    finally:
        await handler.close_async()
