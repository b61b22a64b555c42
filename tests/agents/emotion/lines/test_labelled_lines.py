"""The set is what it says it is: large enough, varied, clean, and labelled with words that exist."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.agents.emotion.lines import lines as module
from tests.agents.emotion.lines.lines import CONCERN_NAMES, STATES, Line, concerns, feelings
from tests.agents.emotion.lines.scores import Share, score


@pytest.mark.parametrize("read", [feelings, concerns])
def test_ids_and_texts_are_unique(read: object) -> None:
    lines: Sequence[Line] = feelings() if read is feelings else concerns()
    assert not [key for key, times in Counter(line.id for line in lines).items() if times > 1]
    assert not [text for text, times in Counter(line.text for line in lines).items() if times > 1]


def test_texts_are_as_a_recogniser_writes_them() -> None:
    for line in (*feelings(), *concerns()):
        assert re.fullmatch(r"[a-z'\- ]+", line.text), line
        assert 1 <= len(line.text.split()) <= 40, line
        assert line.language == "en"


def test_every_state_has_its_part_of_the_set() -> None:
    lines = feelings()
    assert len(lines) >= 480
    counts = Counter(label for line in lines for label in line.labels)
    shares = {label: counts[label] / len(lines) for label in STATES}
    assert 0.30 <= shares["frustrated"] <= 0.40
    assert min(shares.values()) >= 0.08
    assert sum(not line.labels for line in lines) / len(lines) >= 0.3


def test_every_concern_has_ten_lines_and_a_quarter_has_none() -> None:
    lines = concerns()
    assert len(lines) >= 120
    counts = Counter(label for line in lines for label in line.labels)
    assert all(counts[name] >= 10 for name in CONCERN_NAMES), counts
    assert sum(not line.labels for line in lines) / len(lines) >= 0.25


def test_the_lines_are_long_and_short() -> None:
    lengths = [len(line.text.split()) for line in feelings() if "frustrated" in line.labels]
    assert sum(length <= 3 for length in lengths) >= 15
    assert sum(length >= 15 for length in lengths) >= 25


def test_an_unknown_label_is_named_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken.tsv"
    broken.write_text("# head\nid\tlanguage\tlabels\ttext\nx1\ten\tcross\ttext\n", encoding="utf-8")
    monkeypatch.setattr(module, "FEELINGS", broken)
    with pytest.raises(ValueError, match=r"broken\.tsv, line 3: unknown label cross"):
        feelings()


def test_a_score_counts_right_missed_and_wrong_ones() -> None:
    given = [Line(str(n), "en", frozenset({"a"} if n < 4 else set()), f"text {n}") for n in range(10)]
    (found,) = score(given, ["a"], lambda text: {"a"} if int(text.split()[1]) in (1, 2, 3, 9) else set())
    assert [line.id for line in found.missed] == ["0"] and [line.id for line in found.wrongly] == ["9"]
    assert (found.precision.value, found.recall.value, found.f1[0]) == pytest.approx((0.75, 0.75, 0.75))
    assert found.f1[1] < 0.75 < found.f1[2]


def test_wilsons_interval_against_known_values() -> None:
    assert Share(81, 263).interval == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert Share(0, 0).interval == (0.0, 1.0)
    assert Share(200, 200).interval[0] == pytest.approx(0.9812, abs=1e-4)
