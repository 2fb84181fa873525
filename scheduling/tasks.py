"""The tasks that travel through the queue: their names and arguments, nothing more.

A message carries a list of target ids as text and no state (K28). Names and arguments stay the
same for one release after they change, because old messages may still lie in the queue.
"""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from taskiq import AsyncBroker

from scheduling.publisher import Publisher

PUBLISH = "publish"
IDS_PER_MESSAGE = 50

Kick = Callable[[Sequence[UUID]], Awaitable[None]]
"""Sends ids to whoever publishes."""


def register_tasks(broker: AsyncBroker, publisher: Publisher | None) -> Kick:
    """Register the tasks with *broker* and return how to kick them.

    A process that only kicks has no publisher; it never runs the task.
    """

    async def publish(ids: list[str]) -> None:
        if publisher is None:
            raise RuntimeError("this process sends work and does none")
        await publisher.publish([UUID(one) for one in ids[:IDS_PER_MESSAGE]])

    task = broker.register_task(publish, task_name=PUBLISH, ack_type="when_received")

    async def kick(ids: Sequence[UUID]) -> None:
        await task.kiq([str(one) for one in ids])

    return kick
