"""Names of people: "my name is Anna Smith", "it's Smyth, S M Y T H"."""

import re
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from agents.nlu.slots.codes import spelled_words
from agents.nlu.slots.language import language_of
from agents.nlu.slots.part import NameSlot
from agents.nlu.slots.reader import Reading, SlotContext
from agents.nlu.slots.words import opened
from agents.nlu.slots.yes_no import yes_or_no

_WORD: Final = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_MOST_WORDS: Final = 5
_LEAST_ALIKE: Final = 0.5
"""A spelled name this much like the word that was said replaces it; else it is another part of the name."""
_UNINTRODUCED: Final = 0.8


@lru_cache
def _patterns(language: str) -> dict[str, re.Pattern[str]]:
    lists = language_of(language).names
    return {
        "intro": re.compile(rf"(?:.*\b)?(?:{lists.intro})\b"),
        "strong": re.compile(rf"(?:.*\b)?(?:{lists.strong_intro})\b"),
        "self": re.compile(rf"(?:.*\b)?(?:{lists.self_intro})\b(?P<name>.*?)\b(?:{lists.self_outro})\b.*"),
        "outro": re.compile(rf"\b(?:{lists.outro})\b.*"),
        "spelled": re.compile(rf"\b(?:{lists.spelled_intro})\b"),
    }


class NameReader:
    longest_keys = 0

    def __init__(self, part: NameSlot) -> None:
        self._part = part

    def hear(self, text: str, context: SlotContext, so_far: str = "") -> Reading | None:
        language = context.language
        plain = " ".join(opened(text, language).split())
        patterns = _patterns(language)
        found = patterns["intro"].match(plain)
        rest = patterns["outro"].sub("", plain[found.end() :] if found else plain)
        spelled = spelled_words(rest, language)
        words = self._words(rest, language, spelled)
        if spelled:
            words = _with_spelled(words, spelled)
        if not words or len(words) > _MOST_WORDS:
            return None
        particles = language_of(language).names.particles
        name = " ".join(w if w in particles and i else _capital(w) for i, w in enumerate(words))
        return Reading(name, "complete", 1.0 if found or spelled else _UNINTRODUCED)

    def find(self, text: str, context: SlotContext) -> Reading | None:
        """Only behind "my name is" and the like; "this is Anna calling"."""
        plain = " ".join(opened(text, context.language).split())
        patterns = _patterns(context.language)
        introduced = patterns["strong"].match(plain) or patterns["self"].match(plain)
        reading = self.hear(text, context) if introduced else None
        return reading if reading and len(reading.value.split()) <= 3 else None

    def mend(self, current: str, text: str, context: SlotContext, *, refused: bool) -> Reading | None:
        """A spelled word replaces the part of the name that it is like; else the name is said again."""
        reading = self.hear(text, context)
        spelled = spelled_words(text, context.language)
        if spelled and len(current.split()) > 1:
            kept = _with_spelled([word.lower() for word in current.split()], spelled)
            return Reading(" ".join(_capital(word) for word in kept[: len(current.split())]))
        if reading is None or (not refused and not spelled and yes_or_no(text, context.language)):
            return None
        return reading if refused or spelled or reading.confidence == 1.0 else None

    def keyed(self, keys: str, context: SlotContext) -> Reading | None:
        return None

    def unfinished(self, text: str, context: SlotContext, so_far: str = "") -> bool:
        words = opened(text, context.language).split()
        return bool(words) and words[-1].strip(".,") in language_of(context.language).dangling and self.hear(text, context) is None

    def speak(self, value: str, language: str = "en") -> str:
        return value

    def _words(self, rest: str, language: str, spelled: str) -> list[str]:
        """What may be a name; empty as soon as a word says that the caller talks of something else."""
        file = language_of(language)
        said = rest
        if spelled:
            said = _patterns(language)["spelled"].split(said)[0]
            letters = [word for word in _WORD.findall(said) if len(word) > 1 and word not in file.letters.strong]
            return [word for word in letters if word not in file.names.never and word not in file.letters.weak]
        words = [word for word in _WORD.findall(said) if word not in file.hesitation]
        while words and words[0] in file.names.never and words[0] in {phrase[0] for phrase in file.restarts}:
            words.pop(0)
        return [] if any(word in file.names.never or len(word) < 2 for word in words) else words


def _with_spelled(words: list[str], spelled: str) -> list[str]:
    """The word that is most like the spelled one gives way to it; one that is like none stands alone or behind."""
    scores = [SequenceMatcher(None, word, spelled).ratio() for word in words]
    if scores and max(scores) >= _LEAST_ALIKE:
        best = scores.index(max(scores))
        return [*words[:best], spelled, *words[best + 1 :]]
    return [*words, spelled][-3:]


def _capital(word: str) -> str:
    return "-".join("'".join(piece[:1].upper() + piece[1:] for piece in part.split("'")) for part in word.split("-"))
