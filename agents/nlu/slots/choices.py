"""One of a few things, by the words that stand for it: "flashing red, not blue" is red."""

from difflib import SequenceMatcher
from typing import Final

from agents.nlu.slots.cardinals import expanded
from agents.nlu.slots.language import language_of
from agents.nlu.slots.likeness import alike
from agents.nlu.slots.part import ChoiceSlot
from agents.nlu.slots.reader import Reading, SlotContext
from agents.nlu.slots.sentence import Found, apart, is_refused, meant, whole_words
from agents.nlu.slots.words import words_of

_SHORT_ANSWER: Final = 4
"""Words: in so short an answer a word that sounds much like a choice is taken for it."""
_SOUNDS_LIKE: Final = 0.6
_BY_LIKENESS: Final = 0.5
_BY_EXCLUSION: Final = 0.5
_MISSPELT: Final = 0.85


class ChoiceReader:
    longest_keys = 1

    def __init__(self, part: ChoiceSlot) -> None:
        self._names = tuple(part.choices)
        self._longest = max(len(word.split()) for words in part.choices.values() for word in words)
        self._spoken = {name: words[0] for name, words in part.choices.items()}
        self._raw = {name: (*words, name.replace("_", " ")) for name, words in part.choices.items()}

    def hear(self, text: str, context: SlotContext, so_far: str = "") -> Reading | None:
        if named := self._named(text, context):
            return named
        words = words_of(text, context.language)
        return self._by_position(words, context) or self._by_exclusion(words, context) or self._by_likeness(words, context)

    def find(self, text: str, context: SlotContext) -> Reading | None:
        """Only by words that name it, without a doubt between two."""
        return self._named(text, context)

    def mend(self, current: str, text: str, context: SlotContext, *, refused: bool) -> Reading | None:
        reading = self._named(text, context)
        if reading is None and refused:
            reading = self.hear(text, context)
        if reading is None and refused and len(self._names) == 2:
            return Reading(next(name for name in self._names if name != current), "complete", _BY_EXCLUSION)
        return reading

    def keyed(self, keys: str, context: SlotContext) -> Reading | None:
        """1 is the first choice."""
        if keys in tuple("123456789") and int(keys) <= len(self._names):
            return Reading(self._names[int(keys) - 1])
        return None

    def unfinished(self, text: str, context: SlotContext, so_far: str = "") -> bool:
        words = words_of(text, context.language)
        return bool(words) and words[-1] in language_of(context.language).dangling and self.hear(text, context) is None

    def speak(self, value: str, language: str = "en") -> str:
        return self._spoken.get(value, value)

    def _named(self, text: str, context: SlotContext) -> Reading | None:
        words = words_of(text, context.language)
        sentence = " ".join(words)
        kept = meant(sentence, self._in(words, context.language), context.language)
        values = {item.value for item in kept}
        return Reading(kept[0].value, "complete", min(item.confidence for item in kept)) if len(values) == 1 else None

    def _in(self, words: tuple[str, ...], language: str) -> list[Found]:
        """Where a choice is named, refused or not."""
        starts = [sum(len(word) + 1 for word in words[:index]) for index in range(len(words) + 1)]
        found = []
        for name, phrases in self._raw.items():
            for phrase in {words_of(phrase, language) for phrase in phrases} - {()}:
                for index in range(len(words) - len(phrase) + 1):
                    likeness = min(alike(heard, wanted) for heard, wanted in zip(words[index:], phrase, strict=False))
                    if likeness:
                        sure = 1.0 if likeness == 1.0 else _MISSPELT
                        found.append(Found(starts[index], starts[index + len(phrase)] - 1, name, sure < 1.0, sure))
        return apart(found)

    def _by_position(self, words: tuple[str, ...], context: SlotContext) -> Reading | None:
        lists = language_of(context.language).choices
        sentence = " ".join(word for word in words if word not in language_of(context.language).continues)
        if whole_words(lists.last).fullmatch(sentence):
            return Reading(self._names[-1])
        found = whole_words(expanded(lists.by_position, context.language)).fullmatch(sentence)
        index = lists.ordinals[found["position"]] if found else 0
        return Reading(self._names[index - 1]) if 1 <= index <= len(self._names) else None

    def _by_exclusion(self, words: tuple[str, ...], context: SlotContext) -> Reading | None:
        """Of two choices the one that is not refused."""
        sentence = " ".join(words)
        named = self._in(words, context.language)
        refused = {item.value for item in named if is_refused(sentence, item, context.language)}
        if len(self._names) != 2 or len(refused) != 1 or {item.value for item in named} != refused:
            return None
        return Reading(next(name for name in self._names if name not in refused), "complete", _BY_EXCLUSION)

    def _by_likeness(self, words: tuple[str, ...], context: SlotContext) -> Reading | None:
        """For a word that the recogniser did not know: the one choice that looks clearly most like it."""
        core = [word for word in words if word not in language_of(context.language).choices.fillers]
        if not core or len(words) > _SHORT_ANSWER or self._in(words, context.language):
            return None
        heard = " ".join(core)
        scores = sorted(
            (
                (max(SequenceMatcher(None, heard, phrase.lower()).ratio() for phrase in phrases), name)
                for name, phrases in self._raw.items()
            ),
            reverse=True,
        )
        clear = len(scores) < 2 or scores[0][0] - scores[1][0] >= 0.15
        return Reading(scores[0][1], "complete", _BY_LIKENESS) if scores[0][0] >= _SOUNDS_LIKE and clear else None
