"""How whole a sentence is by its wording, and what that is learnt from."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.endpointing.completeness import Completeness, CompletenessError, completeness, cues
from agents.endpointing.language import language
from agents.endpointing.words import split
from tests.bench.endpointing.fit_words import learn, measured_on, own_lines

ENGLISH = language("en")
SHIPPED = completeness("en")


def odds(text: str) -> float:
    assert SHIPPED is not None
    return SHIPPED.log_odds(split(text), ENGLISH)


@pytest.mark.parametrize(
    ("begun", "whole"),
    [
        ("where is my", "where is my parcel"),
        ("I would like to talk", "I would like to talk to someone"),
        ("the lamp that I", "the lamp that I bought is broken"),
        ("if it isn't", "if it isn't here by friday I want my money back"),
        ("my daughter's phone", "my daughter's phone has no signal"),
        ("could you send me a", "could you send me a new one please"),
        ("because nobody", "because nobody called me"),
    ],
)
def test_a_beginning_is_less_whole_than_its_sentence(begun: str, whole: str) -> None:
    assert odds(begun) < odds(whole) - 1
    assert odds(begun) < 0


def test_without_words_nothing_is_told() -> None:
    assert odds("") == 0.0


@given(st.lists(st.text(min_size=1), min_size=1, max_size=30))
def test_any_words_have_cues_and_finite_odds(words: list[str]) -> None:
    assert cues(words, ENGLISH)
    assert SHIPPED is not None and abs(SHIPPED.log_odds(words, ENGLISH)) < 100


def test_only_the_last_words_the_first_ones_and_the_verbs_count() -> None:
    """So that a long turn costs no more than a short one tells."""
    assert len(cues(["so"] * 60, ENGLISH)) < 30


@pytest.mark.parametrize("code", ["xx", "../en", ""])
def test_a_language_that_nothing_was_learnt_of_has_none(code: str) -> None:
    assert completeness(code) is None


@pytest.mark.parametrize("text", ["", "[]", '{"base": 0}', '{"base": 0, "weights": {"w a": "x"}}'])
def test_weights_that_cannot_be_read_name_the_file_and_the_remedy(tmp_path: Path, text: str) -> None:
    (tmp_path / "en.words.json").write_text(text)
    with pytest.raises(CompletenessError, match=r"en\.words\.json: .*python -m tests\.bench\.endpointing\.fit_words"):
        completeness("en", tmp_path)


def test_what_is_learnt_tells_whole_lines_from_their_beginnings() -> None:
    lines = [split(f"{who} {what}") for who in ("my", "your", "their") for what in ("parcel arrived", "lamp arrived", "bag was lost")] * 3
    learnt = learn(lines)
    assert learnt.log_odds(split("their bag was lost"), ENGLISH) > 0 > learnt.log_odds(split("their bag was"), ENGLISH)
    assert Completeness(learnt.base, json.loads(json.dumps(dict(learnt.weights)))) == learnt


def test_nothing_is_learnt_from_what_is_measured() -> None:
    lines = {tuple(line) for line in own_lines()}
    assert len(lines) > 4000
    assert not lines & measured_on()
    assert tuple(split("I would like to know where my order is.")) in measured_on()
