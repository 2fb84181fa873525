"""What tests and the demo can do to every pretend chat, and ask of it."""

from collections.abc import AsyncIterator
from typing import Any, Generic, Protocol

from sandbox.chats.faults import AnyFault, Faults
from sandbox.feed import Feed, Subscription


class Tempo(Protocol):
    """What refuses a bot that talks too fast, while it is kept."""

    is_kept: bool


class Inside(Protocol[AnyFault]):
    """What a box needs of the world it holds."""

    @property
    def feed(self) -> Feed:
        """News of every change."""
        ...

    @property
    def faults(self) -> Faults[AnyFault]:
        """What goes wrong now."""
        ...

    @property
    def tempo(self) -> Tempo:
        """How fast a bot may talk."""
        ...


class Box(Generic[AnyFault]):
    """Faults, news and tempo of a pretend chat; each chat adds its people and its bots."""

    world: Inside[AnyFault]

    def goes_wrong(self, fault: AnyFault) -> AnyFault:
        """Switch *fault* on."""
        self.world.faults.add(fault)
        self.world.feed.tell("faults")
        return fault

    def heals(self, fault: AnyFault | None = None) -> None:
        """Switch one fault off, or all."""
        self.world.faults.clear(fault.id if fault is not None else None)
        self.world.feed.tell("faults")

    def subscribe(self) -> Subscription:
        """Give news of every change: ``with box.subscribe() as news: async for event in news``."""
        return self.world.feed.subscribe()

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """Give every change from now on, until the stand-in stops."""
        with self.subscribe() as news:
            async for event in news:
                yield event

    @property
    def flood_control(self) -> bool:
        """Whether a bot that talks too fast is refused (off at first)."""
        return self.world.tempo.is_kept

    @flood_control.setter
    def flood_control(self, is_kept: bool) -> None:
        self.world.tempo.is_kept = is_kept
