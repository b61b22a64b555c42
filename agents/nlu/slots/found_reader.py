"""Readers that search a sentence by rules: what they share."""

from abc import ABC, abstractmethod

from agents.nlu.slots.language import language_of
from agents.nlu.slots.reader import Reading, SlotContext
from agents.nlu.slots.sentence import Found, meant, said
from agents.nlu.slots.yes_no import yes_or_no


class FoundReader(ABC):
    """A reader whose values are found by ``_all`` in the sentence."""

    longest_keys = 0

    @abstractmethod
    def _all(self, sentence: str, context: SlotContext) -> list[Found]:
        """Every value in ``sentence``, without overlaps, in its order; those that break the slot's limits are left out."""

    @abstractmethod
    def speak(self, value: str, language: str = "en") -> str: ...

    def keyed(self, keys: str, context: SlotContext) -> Reading | None:
        return None

    def hear(self, text: str, context: SlotContext, so_far: str = "") -> Reading | None:
        return self._chosen(text, context)

    def find(self, text: str, context: SlotContext) -> Reading | None:
        """Only a value that is said once, or again after a change of mind, and that could be nothing else."""
        reading = self._chosen(text, context)
        if reading is None or reading.verdict != "complete":
            return None
        sentence = said(text, context.language)
        strong = [item for item in meant(sentence, self._all(sentence, context), context.language) if not item.weak]
        values = {item.value for item in strong}
        return reading if values == {reading.value} else None

    def mend(self, current: str, text: str, context: SlotContext, *, refused: bool) -> Reading | None:
        """A word that may be a value is none in a sentence that agrees: "yes, that is the one"."""
        reading = self.hear(text, context)
        if reading is None and refused and "," in text:
            return self.hear(text.rpartition(",")[2], context)
        if reading is None or refused or yes_or_no(text, context.language) != "yes":
            return reading
        sentence = said(text, context.language)
        strong = [item for item in meant(sentence, self._all(sentence, context), context.language) if not item.weak]
        return reading if strong else None

    def unfinished(self, text: str, context: SlotContext, so_far: str = "") -> bool:
        sentence = said(text, context.language)
        if not sentence:
            return False
        reading = self.hear(text, context, so_far)
        if reading is None:
            return sentence.split()[-1] in language_of(context.language).dangling
        return reading.verdict == "partial"

    def _chosen(self, text: str, context: SlotContext) -> Reading | None:
        """The first strong value that is meant, or else the first weak one."""
        sentence = said(text, context.language)
        kept = meant(sentence, self._all(sentence, context), context.language)
        best = min(kept, key=lambda item: item.weak, default=None)
        return Reading(best.value, "complete", best.confidence) if best else None
