"""Telegram's webhook: delivered, committed to the inbox, answered."""

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Sequence

import aiohttp

from benchmarks.engine import FOLDER
from models.database import open_database
from models.inbox import Inbox
from tests.faults.house import open_house

SECRET = "a-word-of-the-benchmark-0123456789"
IN_FLIGHT = 64


def update(number: int) -> bytes:
    """Return a text message as Telegram delivers it, each in a chat of its own."""
    person = {"id": 10_000 + number % 500, "is_bot": False, "first_name": "Dana"}
    chat = {"id": person["id"], "first_name": "Dana", "type": "private"}
    message = {
        "message_id": number, "date": 1_780_000_000, "chat": chat, "from": person,
        "text": "tomorrow 9am " + "a caption of some length " * 6,
    }  # fmt: skip
    return json.dumps({"update_id": number, "message": message}).encode()


async def measure(count: int) -> None:
    """Deliver *count* updates side by side, and 300 one at a time."""
    async with open_house(FOLDER) as house, open_database(house.database_url, pool_size=2):
        site = next(one for one in house.members if one.role == "site")
        site.module = "bot"
        site.environ |= {
            "TELEGRAM_MODE": "webhook",
            "TELEGRAM_WEBHOOK_SECRET": SECRET,
            "LOG_LEVEL": "warning",
        }
        await site.start()
        url = f"http://127.0.0.1:{site.environ['HTTP_PORT']}/hooks/telegram"
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(headers=headers, connector=connector) as session:

            async def deliver(number: int) -> float:
                started = time.perf_counter()
                async with session.post(url, data=update(number)) as answer:
                    if not answer.ok:
                        raise RuntimeError(f"answered {answer.status}")
                return (time.perf_counter() - started) * 1000

            await _until_it_answers(deliver)
            one_by_one = [await deliver(10 + n) for n in range(300)]
            line = asyncio.Semaphore(IN_FLIGHT)

            async def in_line(number: int) -> float:
                async with line:
                    return await deliver(number)

            started = time.perf_counter()
            together = await asyncio.gather(*(in_line(1000 + n) for n in range(count)))
            took = time.perf_counter() - started
        stored = await Inbox.filter(external_id__gte="0").count()
    print(f"(d) {count} Telegram updates into the inbox, committed before the answer")
    print(f"    {IN_FLIGHT} side by side: {count / took:.0f} per second, "
          f"p50 {statistics.median(together):.1f} ms")  # fmt: skip
    print(f"    one at a time: p50 {statistics.median(one_by_one):.2f} ms; stored {stored}")


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
    asyncio.run(measure(parser.parse_args(words).updates))
