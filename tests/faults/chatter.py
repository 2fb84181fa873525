"""People who write while everything burns: they send posts, change captions, cancel and press."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sandbox.telegram.media import a_jpeg
from tests.faults.chats import Shown, Speaker
from tests.faults.house import House
from tests.faults.posts import CHATTERS

_LEAVES = ("Connect", "Reconnect", "Open")


@dataclass(slots=True)
class _Sent:
    person: Speaker
    message: Any
    mark: str
    line: str
    edits: int = 0


class Chatter:
    """Sends posts, changes captions, cancels and presses, at random, on the chats there are."""

    def __init__(self, house: House, seed: int, *, pause: float) -> None:
        self._dice = random.Random(seed)
        self._people = [[side.speaker(name) for side in house.sides] for name in CHATTERS]
        self._pause = pause
        self._sent: list[_Sent] = []
        self._weights = {self._send: 6, self._edit: 3, self._cancel: 1, self._press: 3}
        if house.slack_side:
            self._weights |= {self._move: 2, self._tidy_up: 2}
        if len(house.sides) > 1:
            self._weights[self._press_in_both] = 4
        self.count: Counter[str] = Counter()

    @property
    def marks(self) -> tuple[str, ...]:
        """What begins the caption of everything that was sent."""
        return tuple(one.mark for one in self._sent)

    async def talk(self) -> None:
        """Go on until cancelled."""
        while True:
            await asyncio.sleep(self._dice.uniform(0.3, 1.7) * self._pause)
            acts = tuple(self._weights)
            await self._dice.choices(acts, tuple(self._weights.values()))[0]()

    def _anyone(self) -> Speaker:
        person = self._dice.choice(self._people)
        return person[0] if len(person) == 1 else self._dice.choice(person)

    async def _send(self) -> None:
        number = len(self._sent) + 1
        mark = f"fault run chat {number:05d}"
        line = f"in {self._dice.randint(4, 12)} seconds"
        person = self._anyone()
        message = await person.sends(a_jpeg(320, 320, str(number)), f"{mark}\n{line}")
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
            await sent.person.answers(sent.message, "cancel")
            self.count["chat: cancels"] += 1

    async def _move(self) -> None:
        """Give another time in the thread of the message."""
        for sent in self._sent[-1:]:
            await sent.person.answers(sent.message, f"in {self._dice.randint(5, 12)} seconds")
            self.count["chat: times changed"] += 1

    async def _press(self) -> None:
        person = self._anyone()
        shown = [press for seen in person.newest() for press in _presses(seen)]
        if shown:
            press = self._dice.choice(shown)
            for _ in range(self._dice.choice((1, 1, 2))):
                press()
            self.count["chat: buttons pressed"] += 1

    async def _press_in_both(self) -> None:
        """Press the same button of the same post in both chats at once."""
        here, there = (_by_line(one) for one in self._dice.choice(self._people))
        same = sorted(here.keys() & there.keys())
        if same:
            chosen = self._dice.choice(same)
            here[chosen]()
            there[chosen]()
            self.count["chat: buttons pressed in both chats at once"] += 1

    async def _tidy_up(self) -> None:
        await self._anyone().tidies_up()


def _presses(seen: Shown):
    return [press for words, press in seen.buttons if not words.startswith(_LEAVES)]


def _by_line(person: Speaker):
    """Return what presses each button, by the line that names the post and the button's words."""
    return {
        (seen.line, words): press
        for seen in person.newest()
        for words, press in seen.buttons
        if "#" in seen.line and not words.startswith(_LEAVES)
    }
