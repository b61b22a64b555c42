"""How long to wait at a pause before the caller's turn counts as over."""

from dataclasses import replace
from typing import Final

from agents.endpointing import waits
from agents.endpointing.completeness import completeness
from agents.endpointing.evidence import Evidence, Grasp, Verdict
from agents.endpointing.habits import Habits
from agents.endpointing.language import language
from agents.endpointing.model import features, model
from agents.endpointing.words import ends_in_number, is_answer, split
from agents.turns.events import Expected
from agents.turns.knobs import EndpointingKnobs

_ANSWERED: Final = 0.97
"""A yes or a no where one was asked for, and a number that cannot become longer."""
_BRIEF: Final = 2
"""Words of a short answer."""
_PIECE: Final = 0.5
"""At most this, while a number is half said or an address is dictated: what was said may always be one piece of more."""


class EndOfTurnJudge:
    """One per call: it learns the caller's habits. Raises LanguageError and ModelError for a language it does not know."""

    def __init__(self, language_code: str = "en") -> None:
        self._language = language(language_code)
        self._model = model(language_code)
        self._wording = completeness(language_code)
        self._habits = Habits()

    def wait_s(self, evidence: Evidence, knobs: EndpointingKnobs) -> Verdict:
        """Costs about 2 ms of processor time; changes nothing."""
        p_finished = self._p_finished(evidence)
        extra = self._habits.extra_s if knobs.learn_pauses else 0.0
        wait = waits.wait_s(p_finished, waits.delays(knobs, evidence.asked, evidence.text), extra)
        if evidence.grasp is Grasp.PARTIAL:
            wait += knobs.numbers_extra_s
        return Verdict(p_finished, wait)

    def _as_asked(self, evidence: Evidence) -> Evidence:
        """Words of another kind than asked for are judged as any others: "where is my" is no nearer its end after a yes-or-no question."""
        other = (evidence.expected is Expected.YES_NO and not is_answer(evidence.text, self._language)) or (
            evidence.expected is Expected.DIGITS and not ends_in_number(evidence.text, self._language)
        )
        return replace(evidence, expected=Expected.OPEN) if other else evidence

    def _p_finished(self, evidence: Evidence) -> float:
        p_finished = self._model.probability(features(self._as_asked(evidence), self._language, self._wording))
        dictated = evidence.expected is Expected.OPEN and self._language.dictated.search(evidence.asked)
        number = ends_in_number(evidence.text, self._language) and evidence.grasp is not Grasp.COMPLETE
        if evidence.grasp is Grasp.PARTIAL or dictated or number:
            return min(p_finished, _PIECE)
        answer = is_answer(evidence.text, self._language)
        answered = answer and evidence.expected is Expected.YES_NO
        if (answer and not answered) or self._brief(evidence):
            # It may be the beginning of a sentence, but nobody who has said no more waits longer for being brief.
            p_finished = max(p_finished, waits.OPEN)
        whole = evidence.expected is Expected.DIGITS and evidence.grasp is Grasp.COMPLETE and ends_in_number(evidence.text, self._language)
        return max(p_finished, _ANSWERED) if answered or whole else p_finished

    def _brief(self, evidence: Evidence) -> bool:
        """No words at all, or one or two where a short answer was asked for: perhaps that answer, misheard."""
        words = split(evidence.text)
        if not words or evidence.expected is Expected.OPEN:
            return not words
        return len(words) <= _BRIEF and not all(word in self._language.classes["filler"] for word in words)

    def went_on(self, pause_s: float) -> None:
        """The caller continued the same turn after ``pause_s`` of silence."""
        self._habits.paused(pause_s)

    def ended(self) -> None:
        """The turn is over."""
        self._habits.turn_ended()
