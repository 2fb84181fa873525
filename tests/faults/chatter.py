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
    number: int
    """Whose it is."""

    edits: int = 0
    is_taken_back: bool = False
    is_certain: bool = True
    """Nothing was pressed since that may have changed the words, too."""

    @property
    def caption(self) -> str:
        return f"{self.mark}, edited {self.edits}" if self.edits else self.mark


class Chatter:
    """Sends posts, changes captions, cancels and presses, at random, on the chats there are."""

    def __init__(self, house: House, seed: int, *, pause: float) -> None:
        self._dice = random.Random(seed)
        self._people = [[side.speaker(name) for side in house.sides] for name in CHATTERS]
        self._pause = pause
        self._sent: list[_Sent] = []
        self._weights = {self._send: 6, self._edit: 3, self._cancel: 1, self._press: 3}
        if house.slack_side:
            self._weights |= {self._move: 2, self._tidy_up: 2, self._take_back: 1}
        if len(house.sides) > 1:
            self._weights[self._press_in_both] = 4
        self.count: Counter[str] = Counter()

    @property
    def marks(self) -> tuple[str, ...]:
        """What begins the caption of everything that was sent."""
        return tuple(one.mark for one in self._sent)

    @property
    def taken_back(self) -> set[str]:
        """What begins the captions of messages that were deleted: these may never be handled."""
        return {one.mark for one in self._sent if one.is_taken_back}

    @property
    def said(self) -> dict[str, str]:
        """The caption that each of them was given last, by its mark; where that is certain."""
        return {one.mark: one.caption for one in self._sent if one.is_certain}

    async def talk(self) -> None:
        """Go on until cancelled."""
        while True:
            await asyncio.sleep(self._dice.uniform(0.3, 1.7) * self._pause)
            acts = tuple(self._weights)
            await self._dice.choices(acts, tuple(self._weights.values()))[0]()

    def _anyone(self) -> tuple[int, Speaker]:
        person = self._dice.choice(self._people)
        speaker = person[0] if len(person) == 1 else self._dice.choice(person)
        return self._people.index(person), speaker

    def _muddle(self, number: int) -> None:
        """Know no longer what the captions of a person's posts must be."""
        for sent in self._sent:
            sent.is_certain = sent.is_certain and sent.number != number

    async def _send(self) -> None:
        number = len(self._sent) + 1
        mark = f"fault run chat {number:05d}"
        line = f"in {self._dice.randint(4, 12)} seconds"
        whose, person = self._anyone()
        message = await person.sends(a_jpeg(320, 320, str(number)), f"{mark}\n{line}")
        self._sent.append(_Sent(person, message, mark, line, whose))
        self.count["chat: posts sent"] += 1

    async def _edit(self) -> None:
        for sent in self._sent[-2:-1]:
            if sent.is_taken_back:
                continue
            sent.edits += 1
            await sent.person.edits(sent.message, f"{sent.caption}\n{sent.line}")
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

    async def _take_back(self) -> None:
        """Delete the message; a post that was made of it goes on."""
        for sent in self._sent[-1:]:
            sent.is_taken_back = True
            await sent.person.takes_back(sent.message)
            self.count["chat: messages deleted"] += 1

    async def _press(self) -> None:
        whose, person = self._anyone()
        shown = [press for seen in person.newest() for press in _presses(seen)]
        if shown:
            press = self._dice.choice(shown)
            for _ in range(self._dice.choice((1, 1, 2))):
                press()
            self._muddle(whose)
            self.count["chat: buttons pressed"] += 1

    async def _press_in_both(self) -> None:
        """Press the same button of the same post in both chats at once."""
        person = self._dice.choice(self._people)
        here, there = (_by_line(one) for one in person)
        same = sorted(here.keys() & there.keys())
        if same:
            chosen = self._dice.choice(same)
            here[chosen]()
            there[chosen]()
            self._muddle(self._people.index(person))
            self.count["chat: buttons pressed in both chats at once"] += 1

    async def _tidy_up(self) -> None:
        whose, person = self._anyone()
        if await person.tidies_up():
            self._muddle(whose)


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
