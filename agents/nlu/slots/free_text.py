"""The caller's words as they are."""

from agents.nlu.slots.language import language_of
from agents.nlu.slots.part import TextSlot
from agents.nlu.slots.reader import Reading, SlotContext
from agents.nlu.slots.words import words_of


class TextReader:
    longest_keys = 0

    def __init__(self, part: TextSlot) -> None:
        self._longest = part.longest

    def hear(self, text: str, context: SlotContext, so_far: str = "") -> Reading | None:
        kept = " ".join(text.split())[: self._longest].strip()
        return Reading(kept) if words_of(kept, context.language) else None

    def find(self, text: str, context: SlotContext) -> Reading | None:
        """Never: every sentence is text."""
        return None

    def mend(self, current: str, text: str, context: SlotContext, *, refused: bool) -> Reading | None:
        """After a no, what follows it."""
        if not refused:
            return None
        words = text.split()
        while words and (not (plain := words_of(words[0], context.language)) or (plain in language_of(context.language).restarts)):
            words.pop(0)
        return self.hear(" ".join(words), context) if len(words) > 1 else None

    def keyed(self, keys: str, context: SlotContext) -> Reading | None:
        return None

    def unfinished(self, text: str, context: SlotContext, so_far: str = "") -> bool:
        words = words_of(text, context.language)
        return bool(words) and words[-1] in language_of(context.language).between

    def speak(self, value: str, language: str = "en") -> str:
        return value
