"""Yes and no in many forms: "yep that's the one", "I don't think so", "yeah no that's right"."""

import re
from functools import lru_cache
from typing import Final, Literal

from agents.nlu.slots.cardinals import any_of
from agents.nlu.slots.language import language_of
from agents.nlu.slots.part import YesNoSlot
from agents.nlu.slots.reader import Reading, SlotContext
from agents.nlu.slots.sentence import whole_words
from agents.nlu.slots.words import words_of

Answer = Literal["yes", "no"]
_LONGEST: Final = 25
"""Words: in a longer speech only its beginning is an answer."""
_KINDS: Final = ("yes", "no", "decisive_yes", "decisive_no", "hedges", "ignored")


@lru_cache
def _phrases(language: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """One expression for all phrases, the longest first, and the kind of each."""
    lists = language_of(language).yes_no
    kinds = {" ".join(words_of(phrase, language)) or phrase: kind for kind in _KINDS for phrase in getattr(lists, kind)}
    return whole_words(any_of(kinds)), kinds


@lru_cache(maxsize=512)
def yes_or_no(text: str, language: str) -> Answer | None:
    """None for a sentence that says neither, or hedges."""
    pattern, kinds = _phrases(language)
    sentence = " ".join(words_of(text, language)[:_LONGEST])
    said = [kinds[found[0]] for found in pattern.finditer(sentence)]
    decisive = [kind for kind in said if kind.startswith("decisive")]
    if decisive:
        # "no, that is wrong" and "yes, that is right" as well as "yeah no, that is right": what is said of the thing itself counts
        return "yes" if decisive[-1] == "decisive_yes" else "no"
    if "hedges" in said:
        return None
    plain = [kind for kind in said if kind in ("yes", "no")]
    if not plain:
        return None
    return "yes" if plain[-1] == "yes" else "no"


class YesNoReader:
    longest_keys = 1

    def __init__(self, part: YesNoSlot) -> None:
        self._part = part

    def hear(self, text: str, context: SlotContext, so_far: str = "") -> Reading | None:
        answer = yes_or_no(text, context.language)
        return Reading(answer) if answer else None

    def find(self, text: str, context: SlotContext) -> Reading | None:
        """Never: a yes belongs to the question before it."""
        return None

    def mend(self, current: str, text: str, context: SlotContext, *, refused: bool) -> Reading | None:
        """ "no" after the read-back turns the answer round."""
        if refused:
            return Reading("no" if current == "yes" else "yes")
        return None

    def keyed(self, keys: str, context: SlotContext) -> Reading | None:
        """1 is yes, 2 is no."""
        return {"1": Reading("yes"), "2": Reading("no")}.get(keys)

    def unfinished(self, text: str, context: SlotContext, so_far: str = "") -> bool:
        words = words_of(text, context.language)
        return bool(words) and self.hear(text, context) is None and words[-1] in language_of(context.language).dangling

    def speak(self, value: str, language: str = "en") -> str:
        lists = language_of(language).yes_no
        return {"yes": lists.yes[0], "no": lists.no[0]}.get(value, value)
