"""People who write while everything burns, and a Telegram that delivers twice and in disorder."""

import asyncio
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

from sandbox.telegram.delivery import Office
from sandbox.telegram.media import a_jpeg
from sandbox.telegram.people import Person
from sandbox.telegram.view import Seen
from tests.faults.house import House
from tests.faults.posts import CHATTERS

_LEAVES = ("Connect", "Reconnect", "Open")


@dataclass(slots=True)
class _Sent:
    person: Person
    message: Seen
    mark: str
    line: str
    edits: int = 0


class Chatter:
    """Sends posts, changes captions, cancels and presses, at random."""

    def __init__(self, house: House, seed: int, *, pause: float) -> None:
        self._dice = random.Random(seed)
        self._people = [house.telegram.person(name) for name in CHATTERS]
        self._pause = pause
        self._sent: list[_Sent] = []
        self.count: Counter[str] = Counter()

    @property
    def marks(self) -> tuple[str, ...]:
        """What begins the caption of everything that was sent."""
        return tuple(one.mark for one in self._sent)

    async def talk(self) -> None:
        """Go on until cancelled."""
        acts = (self._send, self._edit, self._cancel, self._press)
        while True:
            await asyncio.sleep(self._dice.uniform(0.3, 1.7) * self._pause)
            await self._dice.choices(acts, (6, 3, 1, 3))[0]()

    async def _send(self) -> None:
        number = len(self._sent) + 1
        mark = f"fault run chat {number:05d}"
        line = f"in {self._dice.randint(4, 12)} seconds"
        person = self._dice.choice(self._people)
        picture = a_jpeg(320, 320, str(number))
        message = await person.sends_photo(picture, f"{mark}\n{line}")
        self._sent.append(_Sent(person, message, mark, line))
        self.count["chat: posts sent"] += 1

    async def _edit(self) -> None:
        for sent in self._sent[-2:-1]:
            sent.edits += 1
            text = f"{sent.mark}, edited {sent.edits}\n{sent.line}"
            await sent.person.edits(sent.message, text)
            self.count["chat: captions edited"] += 1

    async def _cancel(self) -> None:
        for sent in self._sent[-1:]:
            await sent.person.replies(sent.message, "cancel")
            self.count["chat: cancels"] += 1

    async def _press(self) -> None:
        person = self._dice.choice(self._people)
        shown = [
            (seen, one)
            for seen in person.private.from_bot()[-4:]
            for row in seen.buttons
            for one in row
            if one.data and not one.text.startswith(_LEAVES)
        ]
        if shown:
            seen, button = self._dice.choice(shown)
            for _ in range(self._dice.choice((1, 1, 2))):
                person.forges_press(seen, button.data)
            self.count["chat: buttons pressed"] += 1


class Disorder:
    """Makes a pushing Telegram deliver twice, late and out of order."""

    def __init__(self, office: Office, seed: int) -> None:
        self._dice = random.Random(seed)
        self._deliver = office._post
        self._later: set[asyncio.Task[None]] = set()
        self.is_on = True
        self.count: Counter[str] = Counter()
        office._post = self._post  # type: ignore[method-assign]

    async def _post(self, webhook, update) -> tuple[str, float | None]:
        if self.is_on:
            if self._dice.random() < 0.4:
                self.count["webhook: held back"] += 1
                await asyncio.sleep(self._dice.uniform(0.05, 1.5))
            for chance, name, delay in ((0.3, "doubled", 0.0), (0.2, "repeated late", 6.0)):
                if self._dice.random() < chance:
                    self.count[f"webhook: {name}"] += 1
                    again = self._again(webhook, update, self._dice.uniform(0, 1) * delay)
                    self._later.add(task := asyncio.create_task(again))
                    task.add_done_callback(self._later.discard)
        return await self._deliver(webhook, update)

    async def _again(self, webhook, update, after: float) -> None:
        await asyncio.sleep(after)
        await self._deliver(webhook, update)

    async def end(self) -> None:
        """Deliver in order from now on."""
        self.is_on = False
        for task in list(self._later):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
