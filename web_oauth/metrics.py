"""What the site counts, in a registry that is handed in."""

from collections.abc import Mapping
from functools import lru_cache

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

_KEPT = 256


class SiteMetrics:
    """Counters of requests and of what the doors took and refused."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._requests = Counter(
            "postcue_site_requests", "Requests answered", ["route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "postcue_site_request_seconds", "Time to answer", ["route"], registry=registry
        )
        self._stored = Counter(
            "postcue_hook_events_stored",
            "Events committed to the inbox",
            ["chat"],
            registry=registry,
        )
        self._refused = Counter(
            "postcue_hook_events_refused",
            "Events refused at the door",
            ["chat", "status"],
            registry=registry,
        )

        # Finding the child of a metric by its labels costs more than counting.
        self._requests_of = lru_cache(_KEPT)(self._requests.labels)
        self._seconds_of = lru_cache(_KEPT)(self._seconds.labels)
        self._stored_of = lru_cache(_KEPT)(self._stored.labels)
        self._oldest_due = Gauge(
            "postcue_oldest_due_unclaimed_seconds",
            "Age of the oldest due post that nobody took, 0 when there is none",
            registry=registry,
        )
        self._oldest_notice = Gauge(
            "postcue_oldest_unsent_notice_seconds",
            "Age of the oldest message that waits to be sent, 0 when there is none",
            registry=registry,
        )
        self._depth = Gauge(
            "postcue_queue_depth", "How much waits, due now", ["queue"], registry=registry
        )

    def waits(self, *, oldest_due: float, oldest_notice: float, depths: Mapping[str, int]) -> None:
        """Set what waits now: ages in seconds, and how much of each queue is due."""
        self._oldest_due.set(oldest_due)
        self._oldest_notice.set(oldest_notice)
        for queue, depth in depths.items():
            self._depth.labels(queue).set(depth)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        self._requests_of(route, str(status)).inc()
        self._seconds_of(route).observe(seconds)

    def hook_stored(self, chat: str) -> None:
        """Count an event that was committed (or was there already)."""
        self._stored_of(chat).inc()

    def hook_refused(self, chat: str, status: int) -> None:
        """Count an event that was refused."""
        self._refused.labels(chat, str(status)).inc()

    def exposition(self) -> web.Response:
        """Return everything in the registry as Prometheus reads it."""
        return web.Response(
            body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )
