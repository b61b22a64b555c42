from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from ari_app.service.front.metrics_text import merged


def page(calls: int, route: str) -> str:
    registry = CollectorRegistry()
    Counter("patchcord_calls", "Calls", ["route"], registry=registry).labels(route).inc(calls)
    Gauge("patchcord_lines", "Lines", registry=registry).set(calls)
    Histogram("patchcord_setup_seconds", "Setup", buckets=(1,), registry=registry).observe(0.5)
    return generate_latest(registry).decode()


def test_each_family_comes_once_with_the_samples_of_all_workers() -> None:
    families = {family.name: family for family in text_string_to_metric_families(merged({1: page(2, "a"), 2: page(3, 'odd"} 1\\')}))}
    calls = [sample for sample in families["patchcord_calls"].samples if sample.name == "patchcord_calls_total"]
    assert [(sample.labels, sample.value) for sample in calls] == [
        ({"worker": "1", "route": "a"}, 2.0),
        ({"worker": "2", "route": 'odd"} 1\\'}, 3.0),
    ]
    assert [(sample.labels["worker"], sample.value) for sample in families["patchcord_lines"].samples] == [("1", 2.0), ("2", 3.0)]
    buckets = [sample for sample in families["patchcord_setup_seconds"].samples if sample.name.endswith("_bucket")]
    assert {(sample.labels["worker"], sample.labels["le"]) for sample in buckets} == {
        ("1", "1.0"),
        ("1", "+Inf"),
        ("2", "1.0"),
        ("2", "+Inf"),
    }


def test_help_and_type_stand_once_before_their_samples() -> None:
    text = merged({1: page(1, "a"), 2: page(1, "b")})
    assert text.count("# TYPE patchcord_calls_total counter\n") == 1
    lines = text.splitlines()
    assert lines.index("# TYPE patchcord_lines gauge") < lines.index('patchcord_lines{worker="1"} 1.0')


def test_nobody_gives_nothing() -> None:
    assert merged({}) == ""
