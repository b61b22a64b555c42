"""What the caller was asked, and the knobs in force for the answer."""

import json
from collections.abc import Iterable, Sequence

from agents.flows.acts import Act, Listen
from agents.turns.events import Expected, FloorGiven
from agents.turns.knobs import Layer, TurnKnobs, layered


class Floor:
    """``layers`` from the weakest to the strongest; a question's own come on top.

    Raises pydantic.ValidationError for knobs that are unknown or out of range.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = tuple(layers)
        self._known: dict[str, TurnKnobs] = {}
        self._greeted = False
        self.knobs = self._at({})
        self.expected = Expected.OPEN
        self.asked = ""
        """The agent's last sentence."""
        self.patient = False
        """Nothing was asked, and silence needs no answer."""
        self._given: FloorGiven | None = None

    def give(self, listen: Listen, asked: str) -> FloorGiven:
        self.knobs, self.expected, self.asked, self.patient = self._at(listen.knobs), listen.expected, asked, listen.patient
        self._given = FloorGiven(listen.max_keys, listen.at_once, listen.menu, listen.enough, listen.expected, self.knobs)
        return self._given

    def again(self) -> FloorGiven | None:
        """The same once more, without a word; None before it was given for the first time."""
        return self._given

    def may_interrupt(self, acts: Iterable[Act]) -> bool:
        """Whether the caller's voice may interrupt what ``acts`` say, as far as the knobs go. To be asked once for each thing said."""
        bargein = next((self._at(act.knobs) for act in acts if isinstance(act, Listen)), self._at({})).bargein
        first, self._greeted = not self._greeted, True
        return bargein.enabled and (bargein.greeting_interruptible or not first)

    def _at(self, node: Layer) -> TurnKnobs:
        key = json.dumps(node, sort_keys=True, default=str) if node else ""
        if key not in self._known:
            self._known[key] = layered(*self._layers, node)
        return self._known[key]
