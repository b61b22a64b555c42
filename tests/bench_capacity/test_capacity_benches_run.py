"""Each capacity measurement runs and tells; the figures of so short a run say nothing."""

import json
from pathlib import Path

import pytest

from ari_app.commands.bench import run_bench


def _lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_media_capacity(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, drawn = tmp_path / "media.jsonl", tmp_path / "media.svg"
    arguments = ["--lines", "1", "3", "--seconds", "2", "--settle", "1", "--beyond", "--out", str(out), "--plot", str(drawn)]
    assert run_bench("media_capacity", arguments) == 0
    steps = [json.loads(line)["step"] for line in out.read_text().splitlines()]
    assert [step["lines"] for step in steps] == [1, 3]
    assert all(step["packets"] > 0 and step["cores"] > 0 and step["callers_cores"] > 0 for step in steps)
    assert drawn.read_text().startswith("<svg")
    assert _lines(capsys.readouterr().out)[-1]["bench"] == "media_capacity"


def test_soak_reports_on_what_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "soak.jsonl"
    line = {"minute": 1, "placed": 4, "lost": 0, "refused": 0, "restarts": ["mind"], "packets": 9000, "late": 0, "gap_p95_ms": None}
    out.write_text(json.dumps({**line, "memory_mb": {}, "orphans": None}) + '\n{"minute": 2, "pla')
    assert run_bench("soak", ["--report", "--out", str(out)]) == 0
    told = _lines(capsys.readouterr().out)[-1]
    assert told["figures"]["minutes"] == 1  # type: ignore[index]
    assert run_bench("soak", ["--report", "--out", str(tmp_path / "nothing")]) == 1


@pytest.mark.e2e
def test_load_curve(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, drawn = tmp_path / "curve.jsonl", tmp_path / "curve.svg"
    arguments = ["--steps", "1", "2", "--seconds", "6", "--first-seconds", "10", "--settle", "3", "--beyond"]
    assert run_bench("load_curve", [*arguments, "--out", str(out), "--plot", str(drawn)]) == 0
    steps = [json.loads(line)["step"] for line in out.read_text().splitlines()]
    assert [(step["calls"], step["live"], step["failed"]) for step in steps] == [(1, 1, 0), (2, 2, 0)]
    assert all(step["packets"] > 200 and {"asterisk", "media", "mind"} <= set(step["calls_per_core"]) for step in steps)
    assert sum(step["turns"] for step in steps) > 0
    assert all(step["speech"]["recogniser_burnt_s"] >= 0 for step in steps)
    assert drawn.read_text().startswith("<svg")
    assert _lines(capsys.readouterr().out)[-1]["bench"] == "load_curve"


@pytest.mark.e2e
def test_overload_is_shed_exactly(tmp_path: Path) -> None:
    out = tmp_path / "overload.json"
    assert run_bench("overload", ["--capacity", "2", "--seconds", "4", "--settle", "3", "--out", str(out)]) == 0
    result = json.loads(out.read_text())
    assert result["faults"] == []
    assert set(result["places"]) == {"at_callers", "at_asterisk", "in_metrics"}


@pytest.mark.e2e
def test_soak_is_gone_on_with(tmp_path: Path) -> None:
    out = tmp_path / "soak.jsonl"
    arguments = ["--capacity", "4", "--minute-s", "12", "--mean", "4", "--restart-every", "0", "--out", str(out), "--minutes"]
    run_bench("soak", [*arguments, "1"])
    run_bench("soak", [*arguments, "2"])
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line.get("minute") for line in lines] == [1, None, 2, None]
    assert all(not line["left_behind"] for line in lines if "left_behind" in line)
    assert all(not any(line["orphans"].values()) for line in lines if line.get("orphans"))
