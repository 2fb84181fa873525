"""What docs/operating.md says of metrics, checks and alerts is what the program exports."""

import re
from pathlib import Path

from prometheus_client import CollectorRegistry

from scheduling.metrics import EngineMetrics
from web_oauth.metrics import SiteMetrics

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "operating.md").read_text()
TABLE = TEXT.partition("<!-- metrics -->")[2].partition("<!-- /metrics -->")[0]
OF_A_HISTOGRAM = re.compile(r"_(?:bucket|sum|count)$")


def exported() -> dict[str, set[str]]:
    """Return what /metrics shows, by name, each with its labels."""
    registry = CollectorRegistry()
    engine, site = EngineMetrics(registry), SiteMetrics(registry)
    engine.called("instagram", 0.1)
    engine.ended("instagram", "published")
    site.answered("/", 200, 0.1)
    site.hook_stored("telegram")
    site.hook_refused("telegram", 403)
    site.waits(oldest_due=0, oldest_notice=0, depths={"inbox": 0})
    found: dict[str, set[str]] = {}
    for family in registry.collect():
        for sample in family.samples:
            if not sample.name.endswith("_created"):
                name = OF_A_HISTOGRAM.sub("", sample.name)
                found.setdefault(name, set()).update(set(sample.labels) - {"le"})
    return found


def test_every_metric_is_explained_with_its_labels_and_none_besides() -> None:
    rows = re.findall(r"^\| `(postcue_\w+)` \| ([^|]*) \|", TABLE, re.MULTILINE)
    told = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}

    assert told == exported()


def test_every_metric_that_an_alert_names_is_exported() -> None:
    named = {OF_A_HISTOGRAM.sub("", name) for name in re.findall(r"postcue_\w+", TEXT)}

    assert len(named) > 5
    assert named - set(exported()) == set()


def test_every_outcome_that_an_alert_looks_for_is_one_that_is_counted() -> None:
    source = (Path(__file__).resolve().parents[2] / "scheduling" / "outcomes.py").read_text()

    named = set(re.findall(r'outcome="(\w+)"', TEXT))

    assert named == {"unconfirmed", "failed", "blocked"}
    assert all(f'"{one}"' in source for one in named)
