"""Telegram in a fault run: it may push its updates twice, late and out of order."""

import asyncio
import random
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from functools import partial
from typing import Any

from aiohttp import web

from sandbox.clock import Clock
from sandbox.telegram import TelegramSandbox
from sandbox.telegram.people import Person
from sandbox.telegram.view import Seen
from tests.faults.chats import Address, Shown

_NEWEST = 4


class TelegramSide:
    """Telegram; with *is_pushed* it delivers to our door instead of being asked."""

    chat = "telegram"

    def __init__(self, clock: Clock, *, is_pushed: bool = False) -> None:
        self.box = TelegramSandbox(clock)
        self.count: Counter[str] = Counter()
        self._is_pushed = is_pushed
        self._disorder: _Disorder | None = None

    def add_to(self, app: web.Application) -> None:
        self.box.add_to(app)

    def settings(self, outside: str, public_url: str) -> dict[str, str]:
        del public_url
        found = {
            "TELEGRAM_BOT_TOKEN": self.box.token,
            "TELEGRAM_API_URL": f"{outside}/telegram",
            "TELEGRAM_MODE": "polling",
        }
        if self._is_pushed:
            found |= {"TELEGRAM_MODE": "webhook", "TELEGRAM_WEBHOOK_SECRET": "w" * 32}
            self.box.world.office.first_pause_seconds = 0.1
        return found

    def speaker(self, name: str) -> "_Speaker":
        return _Speaker(self.box.person(name))

    def shown(self, place: str) -> list[Shown]:
        person = next(one for one in self.box.people() if str(one.private.id) == place)
        return [_shown(person, seen) for seen in person.private.from_bot()]

    def disturb(self, seed: int) -> None:
        if self._is_pushed:
            self._disorder = _Disorder(self.box, seed, self.count)

    async def calm(self) -> None:
        self.box.heals()
        if self._disorder:
            await self._disorder.end()

    def hurry(self) -> None:
        """Telegram does not wait long."""

    def fail(self, dice: random.Random) -> str:
        kind = dice.choice(("drop", "drop_before", "server_error"))
        self.box.fails(kind, dice.choice(("sendMessage", "editMessageText")))  # type: ignore[arg-type]
        return kind

    def given_up(self, marks: Collection[str]) -> set[str]:
        del marks
        return set()

    def broken_rules(self) -> list[str]:
        return [f"Telegram: no method {one}" for one in self.box.journal.unknown_methods]


class _Speaker:
    def __init__(self, person: Person) -> None:
        self.person = person

    @property
    def addresses(self) -> tuple[Address, ...]:
        return (Address("telegram", "", str(self.person.id), str(self.person.private.id)),)

    async def arrives(self) -> None:
        await self.person.starts()

    async def begins(self, address: Address, words: str) -> str:
        del address, words
        return ""

    async def sends(self, picture: bytes, words: str) -> Any:
        return await self.person.sends_photo(picture, words)

    async def edits(self, said: Any, words: str) -> None:
        await self.person.edits(said, words)

    async def answers(self, said: Any, words: str) -> None:
        await self.person.replies(said, words)

    async def takes_back(self, said: Any) -> None:
        """A bot is told nothing of it."""

    def newest(self) -> list[Shown]:
        return [_shown(self.person, seen) for seen in self.person.private.from_bot()[-_NEWEST:]]

    async def tidies_up(self) -> bool:
        """Nothing opens here."""
        return False


def _shown(person: Person, seen: Seen) -> Shown:
    buttons = tuple(
        (one.text, partial(person.forges_press, seen, one.data))
        for row in seen.buttons
        for one in row
        if one.data
    )
    return Shown(seen.text.split("\n")[0], buttons=buttons)


class _Disorder:
    """Makes a pushing Telegram deliver twice, late and out of order."""

    def __init__(self, box: TelegramSandbox, seed: int, count: Counter[str]) -> None:
        office = box.world.office
        self._dice = random.Random(seed)
        self._deliver = office._post
        self._later: set[asyncio.Task[None]] = set()
        self._is_on = True
        self._count = count
        office._post = self._post  # type: ignore[method-assign]

    async def _post(self, webhook, update) -> tuple[str, float | None]:
        if self._is_on:
            if self._dice.random() < 0.4:
                self._count["webhook: held back"] += 1
                await asyncio.sleep(self._dice.uniform(0.05, 1.5))
            for chance, name, delay in ((0.3, "doubled", 0.0), (0.2, "repeated late", 6.0)):
                if self._dice.random() < chance:
                    self._count[f"webhook: {name}"] += 1
                    again = self._again(webhook, update, self._dice.uniform(0, 1) * delay)
                    self._later.add(task := asyncio.create_task(again))
                    task.add_done_callback(self._later.discard)
        return await self._deliver(webhook, update)

    async def _again(self, webhook, update, after: float) -> None:
        await asyncio.sleep(after)
        await self._deliver(webhook, update)

    async def end(self) -> None:
        """Deliver in order from now on."""
        self._is_on = False
        for task in list(self._later):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
