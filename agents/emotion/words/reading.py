"""What the words of one caller utterance say about their feeling: phrases found, graded, and brought together."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from agents.emotion.signs import STATES, Reason, State, WordSigns
from agents.emotion.words.language import Language, Pattern, language_of
from agents.emotion.words.phrases import Span
from agents.emotion.words.repeats import repeats
from agents.emotion.words.sentence import Line
from agents.emotion.words.weak import weak_signs

STRONGER: Final = 1.3
"""Factor of a sign after a word of degree: "very angry"."""
WEAKER: Final = 0.6
"""And after "a bit"."""
MILD: Final = 0.6
"""Signs up to this are made milder by politeness."""
POLITE: Final = 0.75
MOST: Final = 0.97
"""One sign alone is never certain."""
_VALENCE: Final[Mapping[State, float]] = {"frustrated": -0.8, "confused": -0.25, "urgent": -0.1, "satisfied": 0.9}
"""Of a sign that fully speaks for the state."""
_AROUSAL: Final[Mapping[State, float]] = {"frustrated": 0.35, "confused": 0.05, "urgent": 0.4, "satisfied": 0.1}
_WEAK: Final[Mapping[State, tuple[str, str]]] = {
    "frustrated": ("weak", "calm"),
    "confused": ("weak_confused", "not_confused"),
    "urgent": ("weak_urgent", "not_urgent"),
    "satisfied": ("weak_satisfied", "not_satisfied"),
}
"""The reasons by which weak signs raise and lower a level."""
_NOTICEABLE: Final = 0.02
_MOST_REASONS: Final = 6


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing found in the words. Weights as in ``language.Entry``."""

    name: str
    states: Mapping[State, float]
    valence: float
    arousal: float
    strength: float
    """0 to 1: how much it says, also when that is calm."""


class WordReader:
    """For an unknown language it finds nothing. Building the first of a language takes less than 1 s, reading mostly less than 1 ms."""

    def __init__(self, language: str = "en") -> None:
        """``language`` as in ISO 639-1; ``en-GB`` is read as ``en``. Raises LanguageError when the files of the language are broken."""
        code = language.lower().split("-")[0].split("_")[0]
        self._language, self._weak = language_of(code), weak_signs(code)

    def read(self, text: str) -> WordSigns:
        """Of any text; marks are not needed."""
        found, words = self.by_patterns(text)
        return _moved(found, self._weak.joined(found.states, words)) if self._weak is not None and words else found

    def by_patterns(self, text: str) -> tuple[WordSigns, tuple[str, ...]]:
        """What the patterns alone say, and the words in which the weak signs are looked for: without those that only look like a sign."""
        if self._language is None or not (line := self._language.wording.line(text)).words:
            return WordSigns(), ()
        look_alikes, rest = self._language.apart(line)
        signs = [_sign(pattern, pattern.entry.states, 1.0) for pattern in look_alikes]
        signs += _signs(rest, self._language, self._language.is_polite(line))
        return _brought_together(tuple(signs)), rest.words


def _signs(line: Line, known: Language, polite: bool) -> Iterator[Sign]:
    for pattern, spans in known.lexicon.find(line):
        yield _graded(pattern, spans, line.text, known, polite)
    yield from (_of_states(name, {"frustrated": weight}) for name, weight in repeats(line.words))


def _moved(found: WordSigns, levels: Mapping[State, float]) -> WordSigns:
    """What the patterns found, brought to the levels that have the weak signs in them."""
    moves = {state: levels[state] - found.states.get(state, 0.0) for state in STATES}
    told = [Reason(f"words.{_WEAK[state][move < 0]}", round(levels[state], 3), weight=round(move, 3)) for state, move in moves.items()]
    reasons = (*found.reasons, *(reason for reason in told if abs(reason.weight) >= _NOTICEABLE))
    return WordSigns(
        valence=max(-1.0, min(1.0, found.valence + sum(_VALENCE[state] * move for state, move in moves.items()))),
        arousal=max(0.0, min(1.0, found.arousal + sum(_AROUSAL[state] * move for state, move in moves.items()))),
        states={state: round(level, 3) for state, level in levels.items() if level},
        confidence=max(found.confidence, *(round(level, 3) for level in levels.values())),
        reasons=tuple(sorted(reasons, key=lambda reason: -abs(reason.weight))[:_MOST_REASONS]),
    )


def _graded(pattern: Pattern, spans: Iterable[Span], text: str, known: Language, polite: bool) -> Sign:
    """The strongest of the places where it stands."""
    entry = pattern.entry
    found = [_at(pattern, text[: span.start], known) for span in spans]
    sign = max(found, key=lambda each: (each.states.get("frustrated", 0), each.strength))
    frustrated = sign.states.get("frustrated", 0.0)
    if polite and not entry.plain and 0 < frustrated < MILD:
        return replace(sign, states={**sign.states, "frustrated": frustrated * POLITE})
    return sign


def _at(pattern: Pattern, before: str, known: Language) -> Sign:
    entry = pattern.entry
    if not entry.plain and known.negation.search(before):
        states = entry.negated or {}
        sign = _of_states(f"not_{pattern.name}", states)
        return sign if states else Sign(sign.name, {}, 0.0, 0.0, 0.4)
    factor = 1.0
    if entry.graded:
        factor = STRONGER if known.stronger.search(before) else WEAKER if known.weaker.search(before) else 1.0
    return _sign(pattern, entry.states, factor)


def _sign(pattern: Pattern, weights: Mapping[State, float], factor: float) -> Sign:
    states = {state: min(MOST, weight * factor) for state, weight in weights.items()}
    sign, entry = _of_states(pattern.name, states), pattern.entry
    valence = sign.valence if entry.valence is None else entry.valence * min(factor, 1.0)
    arousal = sign.arousal if entry.arousal is None else entry.arousal * factor
    return Sign(sign.name, states, valence, arousal, max(sign.strength, abs(valence)))


def _of_states(name: str, states: Mapping[State, float]) -> Sign:
    valence = sum(_VALENCE[state] * max(0.0, level) for state, level in states.items())
    arousal = sum(_AROUSAL[state] * max(0.0, level) for state, level in states.items())
    return Sign(name, states, max(-1.0, min(1.0, valence)), arousal, max(map(abs, states.values()), default=0.0))


def _brought_together(signs: tuple[Sign, ...]) -> WordSigns:
    states = {state: _level(each.states.get(state, 0.0) for each in signs) for state in STATES}
    frustrated, satisfied = states["frustrated"], states["satisfied"]
    states["satisfied"] = satisfied * (1 - frustrated)
    states["frustrated"] = frustrated if frustrated > MILD else frustrated * (1 - satisfied / 2)
    return WordSigns(
        valence=_level(max(0.0, each.valence) for each in signs) - _level(max(0.0, -each.valence) for each in signs),
        arousal=max(0.0, min(1.0, 0.5 + sum(each.arousal for each in signs))),
        states={state: round(level, 3) for state, level in states.items() if level >= 0.005},
        confidence=round(_level(each.strength for each in signs), 3),
        reasons=tuple(sorted((_reason(sign) for sign in signs if sign.strength), key=lambda reason: -abs(reason.weight))[:_MOST_REASONS]),
    )


def _level(weights: Iterable[float]) -> float:
    """Independent signs: each takes its share of what the others leave open; those against take theirs of the whole."""
    open_, against = 1.0, 1.0
    for weight in weights:
        open_ *= 1 - max(0.0, weight)
        against *= 1 + min(0.0, weight)
    return (1 - open_) * against


def _reason(sign: Sign) -> Reason:
    """Weight: of the state that it moves most."""
    weight = max(sign.states.values(), key=abs, default=sign.valence)
    return Reason(f"words.{sign.name}", value=round(sign.strength, 3), weight=round(weight, 3))
