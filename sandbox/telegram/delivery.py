"""Updates on their way to the bots: one queue a bot, taken by long polling or pushed to a webhook.

Rules kept: an update stays until a later offset or a 2xx confirms it; a second poller ends the
first with 409; polling and a webhook exclude each other. Webhook deliveries run in parallel up to
``max_connections``; a failed one is tried again after the receiver's ``Retry-After`` (an hour at
most) or a growing pause.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import aiohttp

from sandbox.clock import Clock, unix
from sandbox.telegram.errors import ApiError, conflict
from sandbox.telegram.limits import (
    MAX_RETRY_AFTER_SECONDS,
    MAX_WEBHOOK_BACKOFF_SECONDS,
    ONLY_WHEN_ASKED_FOR,
)
from sandbox.telegram.state import Bot, Json, State, Webhook

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
FIRST_UPDATE_ID = 700_000_001
WEBHOOK_TIMEOUT_SECONDS = 30.0
STOPPED_BY_OTHER = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)
STOPPED_BY_WEBHOOK = "terminated by setWebhook request"


class Office:
    """Takes in updates and gets them to their bots."""

    def __init__(
        self,
        state: State,
        clock: Clock,
        changed: Callable[[], None],
        told: Callable[..., None],
        *,
        first_pause_seconds: float = 1.0,
    ) -> None:
        self._state = state
        self._clock = clock
        self._changed = changed
        self._told = told
        self.first_pause_seconds = first_pause_seconds
        self._polls: dict[int, asyncio.Future[ApiError | None]] = {}
        self._pushing: dict[tuple[int, int], asyncio.Task[None]] = {}
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    def queue(self, bot: Bot, kind: str, payload: Json) -> Json | None:
        """Queue an update of *kind* for *bot*; None when the bot does not want such updates."""
        if not bot.hears_of(kind, unless_asked=ONLY_WHEN_ASKED_FOR):
            return None
        return self.put(bot, {kind: payload})

    def put(self, bot: Bot, update: Json) -> Json:
        """Queue *update* as it is, with the next id unless it has one."""
        number = update.get("update_id") or self._state.next(
            f"update:{bot.id}", first=FIRST_UPDATE_ID
        )
        numbered = {"update_id": number, **update}
        bot.updates.append(numbered)
        self._changed()
        self._wake(bot)
        self.push(bot)
        return numbered

    async def poll(self, bot: Bot, offset: int, limit: int, timeout_seconds: float) -> list[Json]:
        """Answer getUpdates: at once when something is there, else as soon as something comes."""
        if bot.webhook is not None:
            raise conflict(
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )
        self._end_poll(bot, conflict(STOPPED_BY_OTHER))
        self._confirm(bot, offset)
        if not bot.updates and timeout_seconds > 0 and not self._closed:
            await self._wait_for_news(bot, timeout_seconds)
        return bot.updates[:limit]

    def set_webhook(self, bot: Bot, webhook: Webhook | None, *, drop_pending: bool) -> None:
        """Turn to pushing (or, with None, back to polling)."""
        if webhook is not None:
            self._end_poll(bot, conflict(STOPPED_BY_WEBHOOK))
        if drop_pending:
            bot.updates.clear()
        bot.webhook = webhook
        for (bot_id, update_id), task in list(self._pushing.items()):
            if bot_id == bot.id:
                task.cancel()
                self._pushing.pop((bot_id, update_id), None)
        self._changed()
        self.push(bot)

    def push(self, bot: Bot) -> None:
        """Start the deliveries that the webhook has room for."""
        if bot.webhook is None or self._closed:
            return
        running = {update_id for bot_id, update_id in self._pushing if bot_id == bot.id}
        room = bot.webhook.max_connections - len(running)
        waiting = [update for update in bot.updates if update["update_id"] not in running]
        for update in waiting[: max(room, 0)]:
            key = (bot.id, update["update_id"])
            task = asyncio.create_task(self._deliver(bot, bot.webhook, update))
            self._pushing[key] = task
            task.add_done_callback(lambda done, key=key: self._delivered(bot, key, done))  # type: ignore[misc]  # bound now

    async def close(self) -> None:
        """End polls and deliveries."""
        self._closed = True
        for waiting in self._polls.values():
            if not waiting.done():
                waiting.set_result(None)
        tasks = list(self._pushing.values())
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _confirm(self, bot: Bot, offset: int) -> None:
        if offset < 0:
            bot.updates[:] = bot.updates[offset:]
        elif offset > 0:
            bot.updates[:] = [update for update in bot.updates if update["update_id"] >= offset]
        if offset:
            self._changed()
            self._told("confirmed", bot=bot.id, pending=len(bot.updates))

    async def _wait_for_news(self, bot: Bot, timeout_seconds: float) -> None:
        waiting: asyncio.Future[ApiError | None] = asyncio.get_running_loop().create_future()
        self._polls[bot.id] = waiting
        try:
            async with asyncio.timeout(timeout_seconds):
                ended_by = await waiting
        except TimeoutError:
            return
        finally:
            if self._polls.get(bot.id) is waiting:
                del self._polls[bot.id]
        if ended_by is not None:
            raise ended_by

    def _wake(self, bot: Bot) -> None:
        waiting = self._polls.get(bot.id)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    def _end_poll(self, bot: Bot, why: ApiError) -> None:
        waiting = self._polls.pop(bot.id, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(why)

    def _delivered(self, bot: Bot, key: tuple[int, int], done: asyncio.Task[None]) -> None:
        if self._pushing.get(key) is done:
            del self._pushing[key]
        if not done.cancelled():
            done.result()
            self.push(bot)

    async def _deliver(self, bot: Bot, webhook: Webhook, update: Json) -> None:
        pause = self.first_pause_seconds
        while True:
            failed, wanted = await self._post(webhook, update)
            if not failed:
                bot.updates[:] = [one for one in bot.updates if one is not update]
                self._changed()
                self._told("confirmed", bot=bot.id, pending=len(bot.updates))
                return
            webhook.last_error_date = unix(self._clock)
            webhook.last_error_message = failed
            await asyncio.sleep(pause if wanted is None else wanted)
            pause = min(pause * 2, MAX_WEBHOOK_BACKOFF_SECONDS)

    async def _post(self, webhook: Webhook, update: Json) -> tuple[str, float | None]:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=WEBHOOK_TIMEOUT_SECONDS)
            )
        headers = {SECRET_HEADER: webhook.secret} if webhook.secret else {}
        try:
            async with self._session.post(webhook.url, json=update, headers=headers) as answer:
                if answer.ok:
                    return "", None
                return (
                    f"Wrong response from the webhook: {answer.status} {answer.reason}",
                    _pause_asked(answer),
                )
        except (aiohttp.ClientError, TimeoutError, OSError) as err:
            return f"Connection failed: {type(err).__name__}", None


def _pause_asked(answer: aiohttp.ClientResponse) -> float | None:
    value: Any = answer.headers.get("Retry-After", "")
    try:
        return min(max(float(value), 0.0), float(MAX_RETRY_AFTER_SECONDS))
    except ValueError:
        return None
