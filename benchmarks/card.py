"""How long somebody waits for the card after sending a photo, on the sandbox.

    python -m benchmarks.card [--photos 25]

Starts the demo in a folder of its own and sends photos as the page does, one every four
seconds (Postcue slows down whoever sends more than twenty messages a minute).  Three times are
taken from the moment the photo is handed to Telegram: the reaction under it, the card, and the
card with the photo read and nothing left to wait for.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.demo import ROOT, running_demo

PHOTO = ROOT / "sandbox/page/samples/terrace.jpg"
LOOK_EVERY_SECONDS = 0.01
PAUSE_SECONDS = 4.0
GIVE_UP_SECONDS = 20.0
STEPS = ("reaction", "card", "card, photo read")


def main() -> None:
    """Print median, 95th percentile and worst of each step."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.card", description=__doc__)
    parser.add_argument("--photos", type=int, default=25)
    asked = parser.parse_args()
    taken = asyncio.run(_measure(asked.photos))
    print(f"{'ms from the photo to':24}{'median':>8}{'p95':>8}{'worst':>8}   of {asked.photos}")
    for step in STEPS:
        values = sorted(one[step] * 1000 for one in taken)
        p95 = values[min(len(values) - 1, int(len(values) * 0.95))]
        print(f"{step:24}{statistics.median(values):8.0f}{p95:8.0f}{values[-1]:8.0f}")


async def _measure(photos: int) -> list[dict[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        async with running_demo(Path(folder) / "demo") as demo, aiohttp.ClientSession() as http:
            door = f"{demo.page}/__sandbox/telegram"
            async with http.post(f"{door}/people", json={"name": "Dana"}) as answer:
                chat = f"{door}/chats/{(await answer.json())['id']}"
            async with http.post(f"{chat}/start", json={}) as answer:
                answer.raise_for_status()
            taken = []
            # The first one also opens connections and caches: not counted.
            for number in range(photos + 1):
                await asyncio.sleep(PAUSE_SECONDS)
                one = await _one_photo(http, chat, number)
                taken.append(one)
            return taken[1:]


async def _one_photo(http: aiohttp.ClientSession, chat: str, number: int) -> dict[str, float]:
    form = aiohttp.FormData({"text": f"Terrace {number}\ntomorrow 9am"})
    form.add_field("file", PHOTO.read_bytes(), filename="terrace.jpg", content_type="image/jpeg")
    began = time.perf_counter()
    async with http.post(f"{chat}/messages", data=form) as answer:
        answer.raise_for_status()
        sent = (await answer.json())["sent"][0]["id"]
    seen: dict[str, float] = {}
    async with asyncio.timeout(GIVE_UP_SECONDS):
        while len(seen) < len(STEPS):
            async with http.get(f"{chat}/messages", params={"after": str(sent - 1)}) as answer:
                messages = (await answer.json())["messages"]
            for step in _steps_done(messages, sent):
                seen.setdefault(step, time.perf_counter() - began)
            await asyncio.sleep(LOOK_EVERY_SECONDS)
    return seen


def _steps_done(messages: list[dict[str, Any]], sent: int) -> list[str]:
    done = []
    for message in messages:
        if message["id"] == sent and message["reactions"]:
            done.append("reaction")
        if message["from_bot"] and "Draft #" in message["text"]:
            done.append("card")
            if "Getting your file" not in message["text"]:
                done.append("card, photo read")
    return done


if __name__ == "__main__":
    main()
