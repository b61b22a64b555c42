"""What holds of any rules in any call."""

import copy
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from handoff.rules.decisions import Decision
from handoff.rules.happenings import Happening
from handoff.rules.ruleset import RuleSet
from handoff.rules.state import WatchState
from handoff.rules.watch import step
from tests.handoff.rules.rules_strategies import calls, rulesets


def run(rules: RuleSet, call: list[Happening]) -> list[list[Decision]]:
    state, found = WatchState(), []
    for happening in call:
        state, decisions = step(state, rules, happening)
        found.append(decisions)
    return found


@given(rules=rulesets, call=calls())
def test_cooldowns_and_rests_are_kept(rules: RuleSet, call: list[Happening]) -> None:
    decisions = [decision for at_once in run(rules, call) for decision in at_once]
    for name, rule in rules.rules.items():
        times = [decision.at_ms for decision in decisions if decision.rule == name]
        assert all(later - earlier >= max(1, rule.rest_s * 1000) for earlier, later in pairwise(times))
        if rule.once:
            assert len(times) <= (2 if rule.act == "try_once" else 1)
    acting = [decision for decision in decisions if not decision.shadow and decision.act in ("escalate", "try_once")]
    for earlier, later in pairwise(acting):
        assert earlier.act == "try_once" or later.at_ms - earlier.at_ms >= rules.rest_s * 1000
        # What is said may be read as a feeling and as a concern in the same moment: then a person goes before one more try.
        if later.at_ms == earlier.at_ms and rules.rest_s:
            assert (earlier.act, later.act) == ("try_once", "escalate")
            assert earlier.rule != later.rule


@given(rules=rulesets, call=calls())
def test_every_decision_has_its_grounds(rules: RuleSet, call: list[Happening]) -> None:
    for at_once in run(rules, call):
        for decision in at_once:
            assert decision.grounds
            # Nothing is decided on what is not known.
            assert all(ground.value is not None for ground in decision.grounds)
            assert all(ground.turn is None or ground.turn > 0 for ground in decision.grounds)


@given(rules=rulesets, call=calls())
def test_at_most_one_acting_call_at_once_and_it_is_the_first(rules: RuleSet, call: list[Happening]) -> None:
    for at_once in run(rules, call):
        calling = [i for i, decision in enumerate(at_once) if decision.act in ("escalate", "try_once") and not decision.shadow]
        assert calling in ([], [0])


@given(rules=rulesets, call=calls())
def test_shadows_never_act_and_change_nothing(rules: RuleSet, call: list[Happening]) -> None:
    assert all(decision.shadow for at_once in run(rules.in_shadow(), call) for decision in at_once)
    live = RuleSet(rules={name: rule for name, rule in rules.rules.items() if not rule.shadow}, rest_s=rules.rest_s)
    without = [decision for at_once in run(live, call) for decision in at_once]
    assert without == [decision for at_once in run(rules, call) for decision in at_once if not decision.shadow]


@given(rules=rulesets, call=calls())
def test_one_more_try_comes_before_a_person(rules: RuleSet, call: list[Happening]) -> None:
    decisions = [decision for at_once in run(rules, call) for decision in at_once]
    for name, rule in rules.rules.items():
        acts = [decision.act for decision in decisions if decision.rule == name]
        expected = ["try_once", "escalate"] * len(acts) if rule.act == "try_once" else [rule.act] * len(acts)
        assert acts == expected[: len(acts)]


@given(rules=rulesets, call=calls())
def test_states_never_change(rules: RuleSet, call: list[Happening]) -> None:
    state = WatchState()
    for happening in call:
        before = repr(state)
        first = step(state, rules, happening)
        told = Happening(happening.kind, happening.at, copy.deepcopy(dict(happening.data)))
        assert repr(state) == before
        assert step(state, rules, told) == first
        state = first[0]


@given(rules=rulesets, call=calls(), begun=st.sampled_from([0.0, 1234.567, 98765.4321]))
def test_the_clock_may_begin_anywhere(rules: RuleSet, call: list[Happening], begun: float) -> None:
    """As monotonic clocks do: what counts is the time since the start of the call."""

    def later(happening: Happening) -> Happening:
        data = {name: value + begun if name in ("start", "end") else value for name, value in happening.data.items()}  # type: ignore[operator]
        return Happening(happening.kind, happening.at + begun, data)

    assert run(rules, [later(happening) for happening in call]) == run(rules, call)
