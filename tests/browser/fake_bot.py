"""A bot of a few lines that answers on the sandbox Telegram and posts to the sandbox Instagram.

It stands in for the product where the page itself is what is tested.
"""

import asyncio
import html
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp

from sandbox.server import Sandbox

CAFE = "cafe.lindenhof"
DUE_IN_SECONDS = 18 * 3600
KEYS = {
    "inline_keyboard": [
        [{"text": "Toast", "callback_data": "toast"}, {"text": "Alert", "callback_data": "alert"}],
        [{"text": "Edit me", "callback_data": "edit"}, {"text": "Read", "url": "https://example.org/"}],
    ]
}  # fmt: skip


class FakeBot:
    """Polls, answers each message with a card, and publishes media when told."""

    def __init__(self, sandbox: Sandbox, base: str, session: aiohttp.ClientSession) -> None:
        self._base = base
        self._session = session
        self._bot = f"{base}/telegram/bot{sandbox.telegram.token}"
        self._token = sandbox.instagram.issue_token(CAFE).value
        self._albums: set[str] = set()
        self.updates: list[dict] = []

    async def call(self, method: str, **given) -> dict:
        form = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in given.items()
        }
        async with self._session.post(f"{self._bot}/{method}", data=form) as answer:
            return (await answer.json())["result"]

    async def publish(self, **container: str) -> None:
        """Put a post on the pretend Instagram, as an adapter would."""
        made = await self.graph("media", **container)
        await self.graph("media_publish", creation_id=made["id"])

    async def graph(self, edge: str, **given: str) -> dict:
        where = f"{self._base}/instagram/graph/v25.0/me/{edge}"
        headers = {"Authorization": f"Bearer {self._token}"}
        async with self._session.post(where, data=given, headers=headers) as answer:
            return await answer.json()

    async def run(self) -> None:
        offset = 0
        await self.call("setMyCommands", commands=[{"command": "queue", "description": "Next"}])
        while True:
            for update in await self.call("getUpdates", offset=offset, timeout=20):
                offset = update["update_id"] + 1
                self.updates.append(update)
                await self._answer(update)

    async def _answer(self, update: dict) -> None:
        if "callback_query" in update:
            await self._answer_press(update["callback_query"])
        message = update.get("message")
        if message is None or message.get("media_group_id") in self._albums:
            return
        self._albums.add(message.get("media_group_id", "none yet"))
        chat, number = message["chat"]["id"], message["message_id"]
        due = int(time.time()) + DUE_IN_SECONDS
        words = message.get("caption", message.get("text", ""))
        await self.call(
            "sendMessage",
            chat_id=chat,
            parse_mode="HTML",
            reply_parameters={"message_id": number},
            reply_markup=KEYS,
            text=f'🗓 <b>Scheduled</b> #142 · <tg-time unix="{due}" format="r">soon</tg-time>\n'
            f"<blockquote>{html.escape(words)}</blockquote>",
        )
        await self.call(
            "setMessageReaction",
            chat_id=chat,
            message_id=number,
            reaction=[{"type": "emoji", "emoji": "👀"}],
        )

    async def _answer_press(self, query: dict) -> None:
        verb, message = query["data"], query["message"]
        if verb == "edit":
            await self.call(
                "editMessageText",
                chat_id=message["chat"]["id"],
                message_id=message["message_id"],
                text="✅ Published #142",
            )
        await self.call(
            "answerCallbackQuery",
            callback_query_id=query["id"],
            text=f"You pressed {verb}",
            show_alert=verb == "alert",
        )


@asynccontextmanager
async def running_bot(sandbox: Sandbox, base: str) -> AsyncIterator[FakeBot]:
    async with aiohttp.ClientSession() as session:
        bot = FakeBot(sandbox, base, session)
        task = asyncio.create_task(bot.run())
        try:
            yield bot
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
