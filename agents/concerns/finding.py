"""Which concerns one utterance of a caller tells of."""

from collections.abc import Iterator
from dataclasses import dataclass

from agents.concerns.language import Language, Pattern, language_of
from agents.emotion.words.sentence import Line, masked


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that a person should deal with. Holds none of the caller's words."""

    name: str
    """asks_person, cancels, legal_threat, emergency, vulnerable, complaint, press_threat or fraud."""
    confidence: float
    """0 to 1."""
    pattern: str
    """Id of the pattern that told of it."""


class ConcernFinder:
    """For an unknown language it finds nothing. Building the first of a language takes some 0.1 s, finding less than 1 ms."""

    def __init__(self, language: str = "en") -> None:
        """``language`` as in ISO 639-1; ``en-GB`` is read as ``en``. Raises LanguageError when the file of the language is broken."""
        self._language = language_of(language.lower().split("-")[0].split("_")[0])

    def find(self, text: str) -> tuple[Concern, ...]:
        """Each concern once, the most certain first."""
        if self._language is None or not (line := self._language.wording.line(text)).words:
            return ()
        best: dict[str, Concern] = {}
        for found in _found(masked(line, self._language.look_alikes), self._language):
            if found.name not in best or best[found.name].confidence < found.confidence:
                best[found.name] = found
        return tuple(sorted(best.values(), key=lambda concern: (-concern.confidence, concern.name)))


def _found(line: Line, language: Language) -> Iterator[Concern]:
    for pattern in language.patterns:
        if _is_said(pattern, line, language):
            yield Concern(pattern.concern, pattern.confidence, f"{pattern.concern}.{pattern.name}")


def _is_said(pattern: Pattern, line: Line, language: Language) -> bool:
    for phrase in pattern.phrases:
        if phrase.keys.isdisjoint(line.keys):
            continue
        for found in phrase.pattern.finditer(line.text):
            if pattern.plain or not language.negation.search(line.text[: found.start()]):
                return True
    return False
