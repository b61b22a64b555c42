"""When a caller's feeling has become so strong, for so many turns, that an agent's own code wants to know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents.emotion.signs import State
from agents.sdk.emotion_names import state_named


@dataclass(frozen=True, slots=True)
class EmotionWish:
    state: State
    above: float
    """0 to 1: reached or passed by the level as smoothed over the call."""
    turns: int
    """Of the caller, in a row."""

    @classmethod
    def checked(cls, name: str, above: float, turns: int) -> "EmotionWish":
        """Raises ValueError."""
        state = state_named(name)
        if not 0 < above <= 1:
            raise ValueError(f"on_emotion({name!r}) has above={above}; give a level above 0, up to 1")
        if turns < 1:
            raise ValueError(f"on_emotion({name!r}) has turns={turns}; give 1 or more")
        return cls(state, above, turns)


class EmotionWatch:
    """Of one call. A wish is met once each time: again only after a turn below its level."""

    def __init__(self, wishes: Sequence[EmotionWish]) -> None:
        self._wishes = wishes
        self._in_a_row = [0] * len(wishes)

    def step(self, states: Mapping[str, float]) -> list[int]:
        """The places of the wishes that this turn meets."""
        met = []
        for place, wish in enumerate(self._wishes):
            reached = states.get(wish.state, 0.0) >= wish.above
            self._in_a_row[place] = self._in_a_row[place] + 1 if reached else 0
            if self._in_a_row[place] == wish.turns:
                met.append(place)
        return met
