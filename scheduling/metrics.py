"""What the engine counts, in a registry that is handed in."""

from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Histogram

_LATENESS = (0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600)
_KEPT = 256


class EngineMetrics:
    """Lateness and outcomes of this process's publishing."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lateness = Histogram(
            "postcue_publish_lateness_seconds",
            "First publish call of a post minus its due time",
            ["platform"],
            buckets=_LATENESS,
            registry=registry,
        )
        self._outcomes = Counter(
            "postcue_post_outcomes",
            "What came of posts, by the reason a platform gave",
            ["platform", "outcome", "error"],
            registry=registry,
        )

        # Finding the child of a metric by its labels costs more than counting.
        self._lateness_of = lru_cache(_KEPT)(self._lateness.labels)
        self._outcomes_of = lru_cache(_KEPT)(self._outcomes.labels)

    def called(self, platform: str, seconds_late: float) -> None:
        """Count a publish call that is about to be sent."""
        self._lateness_of(platform).observe(max(seconds_late, 0.0))

    def ended(self, platform: str, outcome: str, error: str = "") -> None:
        """Count what came of a post: the state it reached, or "retried"."""
        self._outcomes_of(platform, outcome, error).inc()
