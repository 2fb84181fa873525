"""What the site counts, in a registry that is handed in."""

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST


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

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def hook_stored(self, chat: str) -> None:
        """Count an event that was committed (or was there already)."""
        self._stored.labels(chat).inc()

    def hook_refused(self, chat: str, status: int) -> None:
        """Count an event that was refused."""
        self._refused.labels(chat, str(status)).inc()

    def exposition(self) -> web.Response:
        """Return everything in the registry as Prometheus reads it."""
        return web.Response(
            body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )
