"""What the engine counts, in a registry that is handed in."""

from prometheus_client import CollectorRegistry, Counter, Histogram

_LATENESS = (0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600)


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

    def called(self, platform: str, seconds_late: float) -> None:
        """Count a publish call that is about to be sent."""
        self._lateness.labels(platform).observe(max(seconds_late, 0.0))

    def ended(self, platform: str, outcome: str, error: str = "") -> None:
        """Count what came of a post: the state it reached, or "retried"."""
        self._outcomes.labels(platform, outcome, error).inc()
