"""How patterns and weak signs are joined is chosen on lines that the weights have not seen."""

import math
import sys
from pathlib import Path

import pytest

from agents.emotion.words import choosing
from agents.emotion.words.choosing import Figures, Unseen, balanced, figures, fitted, unseen
from agents.emotion.words.learning import Line
from agents.emotion.words.weak import Joint

FRUSTRATED, CALM = frozenset({"frustrated"}), frozenset[str]()
PLAIN = Joint(least=0.2, level=1.0, score=1.0, bias=0.0)


def file_of(frustrated: str, calm: str) -> list[Line]:
    """Lines of which the last words are the same in all files."""
    return [(f"{frustrated} dripping gutter", FRUSTRATED), (f"{calm} tidy garden", CALM)] * 2


def test_the_lines_of_a_file_are_scored_by_the_other_files() -> None:
    files = [file_of("the", "a"), file_of("my", "our"), [("dripping gutter zebra", FRUSTRATED), ("tidy garden zebra", CALM)]]
    (_, _, last) = unseen("en", files, "frustrated")
    assert [line.meant for line in last] == [True, False]
    assert last[0].score > last[1].score
    turned = [*files[:2], [(text, CALM if states else FRUSTRATED) for text, states in files[2]]]
    assert [line.score for line in unseen("en", turned, "frustrated")[2]] == [line.score for line in last]


def test_a_stronger_ridge_keeps_scores_nearer_together() -> None:
    files = [file_of("the", "a"), file_of("my", "our")]

    def spread(ridge: float) -> float:
        first, second, *_ = unseen("en", files, "frustrated", ridge)[0]
        return first.score - second.score

    assert 0 < spread(1 / 10) < spread(1 / 1000)


def test_the_level_is_that_of_the_patterns_alone() -> None:
    files = [[("this is ridiculous", FRUSTRATED), ("thank you", CALM)], [("this is outrageous", FRUSTRATED), ("my name is joan", CALM)]]
    first, second = unseen("en", files, "frustrated")[0]
    assert (first.level, second.level) == (0.75, 0.0)


@pytest.mark.parametrize(("code", "files", "told"), [("xx", 2, "'xx'"), ("en", 1, "1 file of lines is not enough")])
def test_without_a_language_or_a_second_file_nothing_is_scored(code: str, files: int, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        unseen(code, [file_of("the", "a")] * files, "frustrated")


def test_the_bias_lets_no_more_than_the_share_be_heard_wrongly() -> None:
    lines = [Unseen(0.0, score / 7, meant=False) for score in range(-100, 100)] + [Unseen(0.0, 9.0 + n, meant=True) for n in range(40)]
    joint = balanced(lines, PLAIN, wrong=0.05)
    assert figures(lines, joint).wrong <= 0.05
    loose = Joint(joint.least, joint.level, joint.score, joint.bias + 0.15)
    assert figures(lines, loose).wrong > 0.05
    assert (joint.least, joint.level, joint.score) == (PLAIN.least, PLAIN.level, PLAIN.score)


def test_a_share_of_none_hears_none_wrongly() -> None:
    lines = [Unseen(0.6, 1.0, meant=False), Unseen(0.0, 0.5, meant=True)]
    assert figures(lines, balanced(lines, PLAIN, wrong=0.0)).wrong == 0.0


def test_without_calm_lines_the_bias_stays() -> None:
    assert balanced([Unseen(0.5, 1.0, meant=True)], PLAIN) == PLAIN


def test_figures_count_what_is_heard() -> None:
    lines = [
        Unseen(0.0, score, meant) for score, meant in ((2.0, True), (1.0, True), (0.5, False), (-1.0, True), (-2.0, False), (-3.0, False))
    ]
    assert figures(lines, PLAIN) == Figures(precision=2 / 3, recall=2 / 3, wrong=1 / 3)
    assert figures([], PLAIN) == Figures(0.0, 0.0, 0.0)


def test_heard_is_what_the_reader_takes_for_more_likely_than_not() -> None:
    for level in (0.0, 0.3, 0.6, 0.9):
        for score in (-3.0, -0.4, 0.0, 0.4, 3.0):
            assert (PLAIN.odds(level, score) > 0) == (PLAIN.of(level, score) > 0.5)


def test_what_says_nothing_gets_no_weight_and_what_says_much_gets_it() -> None:
    lines = [Unseen(0.0, 1.0 if meant == (n % 4 > 0) else -1.0, meant) for n in range(80) for meant in (True, False)]
    joint = fitted(lines, least=0.2, others=1.0)
    assert joint.level == pytest.approx(0.0, abs=0.01)
    assert joint.score == pytest.approx(math.log(3), abs=0.01)  # on each side three in four are right
    assert joint.bias == pytest.approx(0.0, abs=0.02)


def test_the_command_prints_a_row_for_every_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(
            f"frustrated: [{name} dripping gutter]\nneutral: [{name} tidy garden]\nconfused: [{name} what]\n"
            f"urgent: [{name} smoke]\nsatisfied: [{name} lovely]\n"
        )
    monkeypatch.setattr(sys, "argv", ["choosing", "en", str(tmp_path / "one.yaml"), str(tmp_path / "two.yaml")])
    choosing.main()
    printed = capsys.readouterr().out
    assert all(f"{state}, ridge 1/150000, fitted" in printed for state in ("frustrated", "confused", "urgent", "satisfied"))
    assert "frustrated, ridge 1/20000, balanced" in printed
