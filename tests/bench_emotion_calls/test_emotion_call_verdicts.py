"""What counts as a failed call, and how the calls become figures."""

import json
from collections.abc import Mapping

import pytest

from agents.transcript import JsonValue
from tests.bench.emotion_calls.call import Call, Kind, Line, Utterance
from tests.bench.emotion_calls.driving import Run
from tests.bench.emotion_calls.verdicts import failure, figures


def call(kind: Kind, calm: int, angry: int) -> Call:
    said = [Utterance(f"calm {n}", False, -24.0) for n in range(calm)] + [Utterance(f"angry {n}", True, -16.0) for n in range(angry)]
    return Call(f"{kind}-1", kind, "bank", "rhvoice:bdl", "usual", Line("none", float("inf")), 1, tuple(said))


def run_of(kind: Kind, reached: int | None, calm: int = 2, angry: int = 3) -> Run:
    made = call(kind, calm, angry if kind == "angry" else 0)
    texts = tuple(each.text for each in made.utterances)
    decision: Mapping[str, JsonValue] = {"kind": "escalation_rule", "utterance": 0, "act": "escalate", "rule": "some", "grounds": []}
    told = (decision,) if reached is not None else ()
    return Run(made, reached, "frustrated" if reached is not None else "", told, texts, (1.0, 2.0, 3.0))


@pytest.mark.parametrize(
    ("reached", "what"),
    [
        (None, "never reached a person"),
        (1, "passed on while still calm"),
        (2, ""),
        (3, ""),
        (4, "reached a person too late"),
    ],
)
def test_an_angry_call_must_be_passed_on_after_its_first_or_second_angry_utterance(reached: int | None, what: str) -> None:
    assert failure(run_of("angry", reached)) == what


def test_a_calm_call_must_not_be_passed_on() -> None:
    assert failure(run_of("calm", None)) == ""
    assert failure(run_of("calm", 1)) == "calm call passed on"


def test_the_bound_of_the_calm_calls_is_two_of_a_hundred() -> None:
    good, bad = run_of("calm", None), run_of("calm", 0)
    assert figures([good] * 98 + [bad] * 2)["met"] is True
    assert figures([good] * 97 + [bad] * 3)["met"] is False


def test_the_bound_of_the_angry_calls_is_95_of_a_hundred() -> None:
    good, bad = run_of("angry", 3), run_of("angry", 4)
    told = figures([good] * 95 + [bad] * 5)
    assert told["met"] is True and told["after_angry_utterance"] == {"2": 95, "3": 5}
    assert figures([good] * 94 + [bad] * 6)["met"] is False


def test_figures_are_json_and_name_what_failed_with_its_grounds() -> None:
    told = json.loads(json.dumps(figures([run_of("calm", None), run_of("calm", 0)]), allow_nan=False))
    (wrong,) = told["wrong"]
    assert wrong["id"] == "calm-1" and wrong["decisions"][0]["rule"] == "some"
    assert told["false_escalations"]["part"] == 1 and told["false_escalations"]["whole"] == 2
