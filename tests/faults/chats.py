"""The chats of a fault run: who speaks on them, what is seen there, what goes wrong with them."""

import random
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from aiohttp import web

ChatMode = Literal["telegram", "slack-http", "slack-socket", "both"]
"""Which chats people are on. With both, Slack comes over sockets and everyone is on both."""

CHATS_OF: dict[str, tuple[str, ...]] = {
    "telegram": ("telegram",),
    "slack-http": ("slack",),
    "slack-socket": ("slack",),
    "both": ("telegram", "slack"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A message of ours as it stands: its first line, what it answers, what can be pressed.

    *answers* is what the message began with whose thread it stands in, "" for none; *buttons* are
    words and what presses them.
    """

    line: str
    answers: str = ""
    buttons: tuple[tuple[str, Callable[[], object]], ...] = ()


@dataclass(frozen=True, slots=True)
class Address:
    """How a chat knows a person and the place where they talk."""

    chat: str
    workspace: str
    person: str
    place: str
    is_private: bool = True


class Speaker(Protocol):
    """A person on a chat. What they said is given back as the chat's own thing."""

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Where they talk with us; the first is private."""

    async def arrives(self) -> None:
        """Do what somebody new does first."""

    async def begins(self, address: Address, words: str) -> str:
        """Say what a post comes from and return how we name it, "" where nothing is needed."""

    async def sends(self, picture: bytes, words: str) -> Any:
        """Send a picture with words."""

    async def edits(self, said: Any, words: str) -> None:
        """Change the words."""

    async def answers(self, said: Any, words: str) -> None:
        """Say something in answer to it."""

    async def takes_back(self, said: Any) -> None:
        """Delete it, where a chat tells us of that."""

    def newest(self) -> list[Shown]:
        """Return the newest messages of ours to this person."""

    async def tidies_up(self) -> bool:
        """Deal with an open form; True when it was sent off, False when it was closed."""


class Side(Protocol):
    """One chat."""

    chat: str
    count: Counter[str]

    def add_to(self, app: web.Application) -> None:
        """Mount the stand-in."""

    def settings(self, outside: str, public_url: str) -> dict[str, str]:
        """Return what a product needs to know that talks with it."""

    def speaker(self, name: str) -> Speaker:
        """Return the person of that name."""

    def shown(self, place: str) -> list[Shown]:
        """Return what stands in a place of ours, oldest first."""

    def disturb(self, seed: int) -> None:
        """Deliver twice, late and out of order from now on."""

    async def calm(self) -> None:
        """Mend everything, and deliver in order from now on."""

    def hurry(self) -> None:
        """Let what the chat will try again to deliver come now."""

    def fail(self, dice: random.Random) -> str:
        """Have a call or some fail, and return how."""

    def given_up(self, marks: Collection[str]) -> set[str]:
        """Return those of *marks* whose messages the chat itself stopped trying to deliver."""

    def broken_rules(self) -> list[str]:
        """Return what the product asked for that no careful one does."""
