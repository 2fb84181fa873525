"""The queue that carries "look at these ids now": inside this process, or Redis streams.

It carries no state. It may lose or double anything: PostgreSQL knows what is due.
"""

from pydantic import SecretStr
from taskiq import AsyncBroker, InMemoryBroker

from models.clock import Clock


def build_broker(redis_url: SecretStr | None, *, consumer: str, clock: Clock) -> AsyncBroker:
    """Return the queue: Redis streams at *redis_url*, without one a queue in this process."""
    if redis_url is None or not redis_url.get_secret_value():
        return InMemoryBroker()
    # The client takes 6 MB and a fifth of a second: who needs no Redis loads none.
    from scheduling.streams import StreamBroker  # noqa: PLC0415

    return StreamBroker(redis_url, consumer=consumer, clock=clock)


def is_down(queue: AsyncBroker) -> bool:
    """Say whether *queue* is known to carry nothing now."""
    return bool(getattr(queue, "is_down", False))
