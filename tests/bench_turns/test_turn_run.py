"""What a run keeps and reads again, and what the parts that decide about turns cost."""

from pathlib import Path

import numpy as np
import pytest

from tests.bench.turns import cost
from tests.bench.turns.agent import Place
from tests.bench.turns.events import Kind
from tests.bench.turns.figures import Inside
from tests.bench.turns.live import Placed
from tests.bench.turns.outcomes import Recorded
from tests.bench.turns.placing import reference_calls
from tests.bench.turns.run import reference_texts
from tests.bench.turns.sounds import Sound
from tests.bench_turns.wire import voice


def test_what_calls_left_comes_back_from_its_file(tmp_path: Path) -> None:
    inside = Inside({"880001": Recorded("880001", [{"who": "agent"}], [], {"lost": 1}, 7)}, {"count": 3.0}, {}, {"mind_process": 1.5})
    placed = Placed(inside, 2.5, ["call 3 broke off"])
    placed.save(tmp_path / "placed.json")
    assert Placed.load(tmp_path / "placed.json") == placed


def test_every_reference_is_recorded_and_has_its_text() -> None:
    recorded = [(event.id, scene.place) for call in reference_calls() for scene in call.scenes for event in scene.events]
    assert {name for name, _ in recorded} == set(reference_texts())
    assert {place for _, place in recorded} == {Place.GREETING, Place.LONG, Place.SHORT, Place.LEGAL}
    assert all(event.kind is Kind.LISTEN for call in reference_calls() for event in call.events)


@pytest.mark.speech
def test_cost_names_every_part() -> None:
    sound = Sound("sentence-1", "sentence", "words", voice(1.5, 1), "made", "made", (), 0.0, 1.5)
    found = cost.measured([sound], 5.0)
    assert found["voice_activity"] > 0
    assert all(np.isfinite(list(found.values())))
