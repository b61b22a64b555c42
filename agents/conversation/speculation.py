"""The answer to words that may not be all: tried out on a copy of the dialogue, its first sentence given to the voice.

Nothing of it is certain: no tool runs, nothing is written down, and going on speaking throws it away.
"""

from collections.abc import Callable

from agents.conversation.dialogue_steps import DialogueSteps
from agents.conversation.history import History
from agents.conversation.model_run import ModelRunner
from agents.conversation.mouth import Mouth
from agents.conversation.prepared import Prepared
from agents.conversation.reply import first_sentence
from agents.flows.acts import Act, AskModel, Say


class Speculation:
    """One at a time; ``begin`` throws the one before away."""

    def __init__(self, steps: DialogueSteps, mouth: Mouth, models: ModelRunner, history: History, clock: Callable[[], float]) -> None:
        self._steps = steps
        self._mouth = mouth
        self._models = models
        self._history = history
        self._clock = clock
        self._first: Prepared | None = None
        self._first_said: Say | None = None
        self._first_from = 0.0

    def begin(self, utterance: int, revision: int, text: str, *, unheard: bool) -> None:
        self.forget()
        acts = self._steps.speculate(utterance, revision, text, unheard=unheard)
        if ask := next((act for act in acts if isinstance(act, AskModel)), None):
            self._models.guess(ask, self._history.turns)
        if first := first_sentence(acts):
            self._first, self._first_from = self._mouth.prepare(first.text, first.language), self._clock()
            self._first_said = first

    def take(self, acts: list[Act]) -> tuple[Prepared | None, float | None]:
        """The first sentence of ``acts``, the answer that counts, and when the voice began with it; None twice if it was not foreseen."""
        if not any(isinstance(act, AskModel) for act in acts):
            self._models.forget()
        first, self._first = self._first, None
        if first is None or self._first_said != first_sentence(acts):
            self._steps.forget()
            if first is not None:
                first.abandon()
            return None, None
        return first, self._first_from

    def forget(self) -> None:
        self._steps.forget()
        self._models.forget()
        if self._first is not None:
            self._first.abandon()
            self._first = None
