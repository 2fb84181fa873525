"""News of every change in a stand-in, for whoever listens: a waiting test, a page."""

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

Event = dict[str, Any]


class Subscription:
    """What happened since it was entered, in order: ``with feed.subscribe() as news``."""

    def __init__(self, feed: "Feed") -> None:
        self._feed = feed
        self._waiting: asyncio.Queue[Event | None] = asyncio.Queue()

    def __enter__(self) -> Self:
        self._feed.join(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._feed.leave(self)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._feed.leave(self)

    def put(self, event: Event | None) -> None:
        """Hand over an event; None ends the stream."""
        self._waiting.put_nowait(event)

    async def next(self) -> Event | None:
        """Wait for the next event; None when the stand-in stops."""
        return await self._waiting.get()

    async def __aiter__(self) -> AsyncIterator[Event]:
        while (event := await self.next()) is not None:
            yield event


class Feed:
    """Passes every event of one *area* on to all open subscriptions."""

    def __init__(self, area: str) -> None:
        self._area = area
        self._open: set[Subscription] = set()
        self._ended = False

    def subscribe(self) -> Subscription:
        """Give a subscription; it hears from the moment it is entered."""
        return Subscription(self)

    def join(self, subscription: Subscription) -> None:
        """Let *subscription* hear from now on."""
        self._open.add(subscription)
        if self._ended:
            subscription.put(None)

    def leave(self, subscription: Subscription) -> None:
        """Tell *subscription* nothing more."""
        self._open.discard(subscription)

    def tell(self, kind: str, **details: Any) -> None:
        """Tell everyone of one change."""
        for subscription in self._open:
            subscription.put({"area": self._area, "kind": kind, **details})

    def end(self) -> None:
        """End every stream: the stand-in stops."""
        self._ended = True
        for subscription in self._open:
            subscription.put(None)
