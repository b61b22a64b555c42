"""Signs and feelings for tests: strategies for any of them, and short ways to make one."""

from hypothesis import strategies as st

from agents.emotion.signs import STATES, BehaviourSigns, Feeling, Level, Reason, State, VoiceSigns, WordSigns

share = st.floats(0, 1)
valence = st.floats(-1, 1)
states = st.dictionaries(st.sampled_from(STATES), share)


@st.composite
def _reasons(draw: st.DrawFn, prefix: str) -> tuple[Reason, ...]:
    names = draw(st.lists(st.sampled_from("abcdef"), max_size=4, unique=True))
    return tuple(Reason(f"{prefix}.{name}", draw(share), None, draw(st.floats(-1, 1))) for name in names)


voices = st.builds(VoiceSigns, share, valence, share, share, st.floats(0, 60), _reasons("voice"))
words = st.builds(WordSigns, valence, share, states, share, _reasons("words"))
deeds = st.builds(BehaviourSigns, states)


@st.composite
def feelings(draw: st.DrawFn, low: float = 0.0, high: float = 1.0, least_confidence: float = 0.0) -> Feeling:
    """With the levels of all states between ``low`` and ``high``."""
    levels = {state: Level(draw(st.floats(low, high)), draw(st.floats(least_confidence, 1))) for state in STATES}
    return Feeling(draw(valence), draw(share), levels, "text")


def feeling(state: State, level: float, confidence: float = 0.8) -> Feeling:
    """Of an utterance that speaks for one state, and surely for no other."""
    return Feeling(0.0, 0.5, {other: Level(level if other == state else 0.0, confidence) for other in STATES}, "text")
