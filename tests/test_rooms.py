"""Who may know whom: the rooms of the project, by what their files import."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
FORBIDDEN = {
    "agents": {"ari_app", "handoff", "dialplan", "tests"},
    "handoff": {"ari_app", "dialplan", "tests"},
    "dialplan": {"ari_app", "agents", "handoff", "tests"},
    "ari_app": {"tests"},
}
HEARS_VOICES = "agents.emotion.voice.listen"


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("room", sorted(FORBIDDEN))
def test_arrows_point_one_way(room: str) -> None:
    wrong = {
        f"{path.relative_to(PROJECT)} imports {name}"
        for path in (PROJECT / room).rglob("*.py")
        for name in imported(path)
        if name.split(".")[0] in FORBIDDEN[room]
    }
    assert not wrong


def test_sound_enters_the_analysis_of_feelings_at_one_place() -> None:
    """Only what is tagged as the caller's passes there; whoever measured a voice without it would go round that."""
    gates = {str(path.relative_to(PROJECT)) for path in (PROJECT / "agents").rglob("*.py") if HEARS_VOICES in set(imported(path))}
    assert gates == {"agents/emotion/monitor.py"}
    measured = {
        str(path.relative_to(PROJECT))
        for room in FORBIDDEN
        for path in (PROJECT / room).rglob("*.py")
        if "agents.emotion.voice.features" in set(imported(path))
        and "def measure" not in path.read_text()
        and "measure(" in path.read_text()
    }
    training = {path for path in measured if path.startswith("agents/emotion/training/")}
    assert measured - training == {"agents/emotion/monitor.py"}, "calls are measured behind the gate, clips in training"
