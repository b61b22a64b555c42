"""Dashboard and alerts ask for figures that there are, by labels that they have, and lead to pages that there are."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from ari_app.calls.metrics import CallMetrics
from ari_app.service.media_gauges import MediaGauges
from ari_app.telemetry.figures import ConversationFigures, InstanceGauges

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / "docker" / "observability"
ADDED_BY_PROMETHEUS = {"instance", "job", "le"}
ADDED_BY_US = {"worker"}


@pytest.fixture(scope="module")
def known() -> dict[str, set[str]]:
    """Name of each figure, as Prometheus has it, to the labels that it has."""
    registry = CollectorRegistry()
    CallMetrics(registry)
    MediaGauges(registry)
    ConversationFigures(registry)
    InstanceGauges(registry, ready=lambda: True, pending=lambda: 0, database_up=lambda: True)
    found: dict[str, set[str]] = {}
    for collector in set(registry._collector_to_names):
        names = registry._collector_to_names[collector]
        labels = set(getattr(collector, "_labelnames", ()))
        found |= dict.fromkeys(names, labels)
    return found


def alerts() -> list[dict[str, Any]]:
    tree = yaml.safe_load((FOLDER / "alerts.yml").read_text())
    return [rule for group in tree["groups"] for rule in group["rules"]]


def expressions() -> list[str]:
    board = json.loads((FOLDER / "grafana-dashboard.json").read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    return [*asked, *(rule["expr"] for rule in alerts())]


def test_every_figure_that_is_asked_for_is_there(known: dict[str, set[str]]) -> None:
    asked = {name for expression in expressions() for name in re.findall(r"patchcord_[a-z_]+", expression)}
    assert len(asked) > 15
    assert asked <= set(known), asked - set(known)


def test_every_label_that_is_asked_for_is_there(known: dict[str, set[str]]) -> None:
    for expression in expressions():
        for name, chosen in re.findall(r"(patchcord_[a-z_]+)\{([^}]*)\}", expression):
            wanted = set(re.findall(r"(\w+)\s*(?:=~|!=|=|!~)", chosen)) - ADDED_BY_PROMETHEUS - ADDED_BY_US
            assert wanted <= known[name], (name, wanted)
        labels = {label for names in re.findall(r"by \(([^)]*)\)", expression) for label in re.split(r",\s*", names)}
        used = set().union(*(known[name] for name in re.findall(r"patchcord_[a-z_]+", expression)), set())
        assert labels <= used | ADDED_BY_PROMETHEUS | ADDED_BY_US, expression


def test_alerts_tell_how_bad_it_is_and_lead_to_a_part_of_a_page() -> None:
    page = (PROJECT / "docs" / "troubleshooting.md").read_text()
    headings = set(re.findall(r"^## (.+)$", page, re.MULTILINE))
    for rule in alerts():
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]
        for heading in re.findall(r'docs/troubleshooting\.md, "([^"]+)"', rule["annotations"]["description"]):
            assert heading in headings, heading


def test_the_dashboard_is_whole() -> None:
    board = json.loads((FOLDER / "grafana-dashboard.json").read_text())
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) > 20
    for panel in panels:
        if panel["type"] != "row":
            assert panel["targets"] and panel["title"]
            assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24


def test_figures_told_of_on_the_page_are_there(known: dict[str, set[str]]) -> None:
    page = (PROJECT / "docs" / "operations.md").read_text()
    told = re.findall(r"`(patchcord_[a-z_]+?)(?:\{([a-z,]+)\})?`", page)
    assert len(told) > 12
    for name, labels in told:
        found = known.get(name, known.get(f"{name}_bucket"))
        assert found is not None, name
        assert set(labels.split(",")) - {""} <= found, name
