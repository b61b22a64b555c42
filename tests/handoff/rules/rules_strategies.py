"""Any rules and any calls, for property tests."""

from typing import Any

from hypothesis import strategies as st

from handoff.rules.happenings import Happening
from handoff.rules.rule import Rule
from handoff.rules.ruleset import RuleSet
from tests.handoff.rules.rules_scenes import clock, concern, emotion, event, started, turn

LEVELS = st.sampled_from([0.0, 0.2, 0.5, 0.8, 1.0])
STATES = st.sampled_from(["frustrated", "confused", "urgent", "satisfied"])
NAMES = st.sampled_from(["fraud", "emergency"])

emotions = st.fixed_dictionaries(
    {"state": STATES, "of": st.sampled_from(["course", "utterance"]), "at_least": LEVELS},
    optional={"confidence": LEVELS, "method": st.sampled_from(["text", "audio"]), "besides_voice": st.booleans()},
)
leaves = st.one_of(
    emotions.map(lambda part: {"emotion": part}),
    st.builds(lambda state, on: {"emotion": {"state": state, "on": on}}, STATES, st.booleans()),
    NAMES.map(lambda name: {"concern": {"name": name}}),
    st.builds(lambda n, within: {"events": {"count": "failure", "at_least": n, "within_s": within}}, st.integers(1, 3), st.integers(5, 60)),
    st.integers(1, 60).map(lambda seconds: {"call": {"longer_than_s": seconds}}),
    st.sampled_from(["vip", "usual"]).map(lambda tier: {"fact": {"name": "tier", "is": tier}}),
    st.integers(0, 3).map(lambda n: {"queue": {"measure": "waiting", "at_least": n}}),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=5,
)
one_rule = st.fixed_dictionaries(
    {"when": conditions, "act": st.sampled_from(["escalate", "try_once", "adapt", "flag"])},
    optional={
        "cooldown_s": st.sampled_from([0, 2, 10]),
        "once": st.booleans(),
        "shadow": st.booleans(),
        "for": st.one_of(st.builds(dict, turns=st.integers(1, 3)), st.builds(dict, seconds=st.integers(1, 10))),
    },
)


def built(parts: list[dict[str, Any]], rest_s: float) -> RuleSet:
    return RuleSet(rules={f"r{i}": Rule.model_validate(part) for i, part in enumerate(parts)}, rest_s=rest_s)


rulesets = st.builds(built, st.lists(one_rule, min_size=1, max_size=4), st.sampled_from([0.0, 5.0, 30.0]))


def told(kind: str, at: float, number: int, level: float, state: str, voice: bool) -> Happening:
    match kind:
        case "turn":
            return turn(number, max(0.0, at - 1), at)
        case "agent":
            return turn(number, max(0.0, at - 1), at, who="agent", interrupted=voice)
        case "emotion":
            on = [state] if level > 0.5 else []
            return emotion(number, at, level, state=state, on=on, method="audio" if voice else "text", course=level * 0.8)
        case "concern":
            return concern(number, at, "fraud" if voice else "emergency", level)
        case "facts":
            return event("facts", at, {"tier": "vip" if voice else "usual"})
        case "queue":
            return event("queue", at, {"queue": "support", "waiting": number % 4})
        case "clock":
            return clock(at, minute=number)
        case _:
            return event(kind, at, {"ok": False})


KINDS = ["turn", "agent", "emotion", "emotion", "concern", "facts", "queue", "clock", "no_input", "no_match", "tool"]


@st.composite
def calls(draw: st.DrawFn) -> list[Happening]:
    at, number, call = 0.0, 1, [started()]
    for kind, pause, level, state, voice in draw(
        st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from([0, 0.4, 2, 7]), LEVELS, STATES, st.booleans()), max_size=25)
    ):
        at += pause
        number += kind in ("turn", "agent")
        call.append(told(kind, at, number, level, state, voice))
    return call
