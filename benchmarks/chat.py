"""The webhooks of the chats: delivered, committed to the inbox, answered."""

import argparse
import asyncio
import hashlib
import hmac
import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import aiohttp
import psutil

from benchmarks.engine import FOLDER
from models.database import open_database
from models.inbox import Inbox
from tests.faults.house import Member, open_house

SECRET = "a-word-of-the-benchmark-0123456789"
IN_FLIGHT = 64
ONE_BY_ONE = 300
WARM_UP = 300
CAPTION = "tomorrow 9am " + "a caption of some length " * 6


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a chat delivers its n-th message: the body, and the headers that vouch for it."""

    chat: str
    body: Callable[[int], bytes]
    headers: Callable[[bytes], Mapping[str, str]]


def update(number: int) -> bytes:
    """Return a text message as Telegram delivers it, 500 people write in turn."""
    person = {"id": 10_000 + number % 500, "is_bot": False, "first_name": "Dana"}
    chat = {"id": person["id"], "first_name": "Dana", "type": "private"}
    message = {
        "message_id": number, "date": 1_780_000_000, "chat": chat, "from": person, "text": CAPTION,
    }  # fmt: skip
    return json.dumps({"update_id": number, "message": message}).encode()


def event(number: int) -> bytes:
    """Return a text message as Slack delivers it: the text twice, and who may see it."""
    words = {"type": "text", "text": CAPTION}
    section = {"type": "rich_text_section", "elements": [words]}
    message = {
        "type": "message", "channel": f"D{number % 500:08}", "channel_type": "im",
        "user": f"U{number % 500:08}", "team": "T00000001", "text": CAPTION,
        "ts": f"1780000000.{number:06}", "event_ts": f"1780000000.{number:06}",
        "client_msg_id": f"00000000-0000-0000-0000-{number:012}",
        "blocks": [{"type": "rich_text", "block_id": "b1", "elements": [section]}],
    }  # fmt: skip
    seen_by = {
        "enterprise_id": None, "team_id": "T00000001", "user_id": "U99999999", "is_bot": True,
        "is_enterprise_install": False,
    }  # fmt: skip
    return json.dumps({
        "token": "not looked at", "team_id": "T00000001", "api_app_id": "A00000001",
        "event": message, "type": "event_callback", "event_id": f"Ev{number:010}",
        "event_time": 1_780_000_000, "authorizations": [seen_by],
        "is_ext_shared_channel": False, "event_context": "4-" + "x" * 80,
    }).encode()  # fmt: skip


def signed(body: bytes) -> dict[str, str]:
    """Return the headers by which Slack vouches for *body*."""
    stamp = str(int(time.time()))
    mark = hmac.new(SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={mark.hexdigest()}",
    }


DELIVERIES = (
    Delivery("telegram", update, lambda _: {"X-Telegram-Bot-Api-Secret-Token": SECRET}),
    Delivery("slack", event, signed),
)


async def measure(count: int, only: str = "") -> None:
    """Deliver *count* messages of each chat side by side, and 300 one at a time."""
    async with open_house(FOLDER) as house, open_database(house.database_url, pool_size=2):
        site = next(one for one in house.members if one.role == "site")
        site.module = "benchmarks.process"
        site.environ |= {
            "TELEGRAM_MODE": "webhook",
            "TELEGRAM_WEBHOOK_SECRET": SECRET,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_CLIENT_ID": "1.2",
            "SLACK_CLIENT_SECRET": SECRET,
            "SLACK_API_URL": f"{house.outside}/slack/api",
            "LOG_LEVEL": "warning",
        }
        await site.start()
        door = f"http://127.0.0.1:{site.environ['HTTP_PORT']}/hooks"
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(
            headers={"Content-Type": "application/json"}, connector=connector
        ) as session:
            for one in DELIVERIES:
                if only in {"", one.chat}:
                    await _measure(one, f"{door}/{one.chat}", session, count, site)


async def _measure(
    chat: Delivery, url: str, session: aiohttp.ClientSession, count: int, site: Member
) -> None:
    line = asyncio.Semaphore(IN_FLIGHT)

    async def deliver(number: int) -> float:
        body = chat.body(number)
        headers = chat.headers(body)
        started = time.perf_counter()
        async with session.post(url, data=body, headers=headers) as answer:
            if not answer.ok:
                raise RuntimeError(f"{chat.chat} was answered {answer.status}")
        return (time.perf_counter() - started) * 1000

    async def in_line(number: int) -> float:
        async with line:
            return await deliver(number)

    await _until_it_answers(deliver)
    await asyncio.gather(*(in_line(10 + n) for n in range(WARM_UP)))
    one_by_one = [await deliver(1000 + n) for n in range(ONE_BY_ONE)]
    before, worked = await Inbox.all().count(), _cpu_seconds(site)
    started = time.perf_counter()
    together = await asyncio.gather(*(in_line(2000 + n) for n in range(count)))
    took, worked = time.perf_counter() - started, _cpu_seconds(site) - worked
    stored = await Inbox.all().count() - before
    size = len(chat.body(2000))
    print(f"(d) {count:,} deliveries of {chat.chat}, {size} bytes, "
          f"committed to the inbox before the answer")  # fmt: skip
    print(f"    {IN_FLIGHT} side by side: {count / took:.0f} per second, "
          f"p50 {statistics.median(together):.1f} ms; stored {stored:,}")  # fmt: skip
    print(f"    the site's own time: {worked / count * 1e6:.0f} µs each")
    print(f"    one at a time: p50 {statistics.median(one_by_one):.2f} ms")


def _cpu_seconds(site: Member) -> float:
    """Return how long the site has worked; unlike the rest it does not grow with others' load."""
    if site.process is None:
        raise RuntimeError("the site is not up")
    spent = psutil.Process(site.process.pid).cpu_times()
    return spent.user + spent.system


async def _until_it_answers(deliver: "object") -> None:
    for _ in range(300):
        try:
            await deliver(1)  # type: ignore[operator]
        except aiohttp.ClientError:
            await asyncio.sleep(0.1)
        else:
            return
    raise TimeoutError("the site does not start")


def main(words: Sequence[str]) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks chat")
    parser.add_argument("--updates", type=int, default=5000)
    parser.add_argument("--only", choices=[one.chat for one in DELIVERIES], default="")
    asked = parser.parse_args(words)
    asyncio.run(measure(asked.updates, asked.only))
