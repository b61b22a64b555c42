"""One feeling of the voice, the words and the behaviour.

Each source that has something to say of a state moves its log-odds away from a common starting point, ``PRIOR``, by as much as its own
level lies from where that source usually is, times its weight by confidence (``SURE``) and its trust (``TRUST``): naive Bayes with
weights. Sources that say nothing move nothing, so that each contribution can be told and the sum explained. A level is how far the
outcome lies above the starting point: ``(sigmoid(sum) - PRIOR) / (1 - PRIOR)``, and 0 where nothing speaks for the state.

What holds of it:
- more anger in the voice, more of a state in the words or in the behaviour never lowers that state;
- a loud voice alone is arousal. It takes anger in it or words for ``frustrated``, words for ``satisfied``, and words or behaviour for
  ``urgent``;
- words that were badly heard count less, and those of anger less so where the voice is angry;
- pleasant words lower ``frustrated``, however loud they are; a calm voice takes little from angry words.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from agents.emotion.behaviour import speaks_for
from agents.emotion.signs import STATES, BehaviourSigns, Feeling, Level, Reason, State, VoiceSigns, WordSigns

Source: TypeAlias = Literal["voice", "words", "behaviour"]

PRIOR: Final = 0.05
"""Share of utterances in which a state holds, before anything is known of one."""
LEAST_DOUBT: Final = 0.02
"""No source is believed beyond 1 - LEAST_DOUBT."""
TRUST: Final[Mapping[Source, float]] = {"words": 1.0, "voice": 1.0, "behaviour": 0.8}
"""What the log-odds of a source count at full weight."""
SURE: Final[Mapping[Source, float]] = {"words": 0.5, "voice": 0.6}
"""Confidence from which a source has its full weight. Words: their level has their doubt in it already. Voice: about what the shipped
judge has of two seconds of voice on a quiet line, a few utterances into the call."""
CALM_VOICE: Final = 0.6
"""The most that a voice without anger takes from ``frustrated``, in log-odds: people can be angry in a calm voice."""
PLEASANT_WORDS: Final = 2.5
"""What wholly pleasant words take from ``frustrated``, in log-odds."""
UNPLEASANT_WORDS: Final = 0.8
"""What wholly unpleasant words that complain of nothing add to it."""
RAISED: Final = 1.0
"""What a wholly aroused voice adds to ``frustrated``, in log-odds, for a caller whose words wholly speak for it: who complains and raises
the voice means it. It makes up for angry callers of whom noise has left few words."""
HASTE: Final = 3.0
"""What a wholly aroused voice adds to ``urgent``, in log-odds, for a caller who is pressing in words or deeds."""
UNPLEASANT: Final = 2.0
"""What a wholly unpleasant voice takes from ``satisfied``, in log-odds: thanks can be bitter."""
VOICE_VALENCE: Final = 0.5
"""Voices tell little of how pleasant something is: weight beside words."""
WORD_AROUSAL: Final = 0.5
"""Words tell little of arousal: weight beside the voice."""
NEUTRAL: Final = 0.25
"""Weight of the middle in valence and arousal, so that what is hardly known lies near it."""
SEES: Final[Mapping[Source, Mapping[State, float]]] = {
    "words": dict.fromkeys(STATES, 1.0),
    "voice": {"frustrated": 0.7, "confused": 0.0, "urgent": 0.3, "satisfied": 0.3},
    "behaviour": {"frustrated": 1.0, "confused": 1.0, "urgent": 0.5, "satisfied": 0.0},
}
"""How much of a state a source sees at all: for the confidence."""
NOTICEABLE: Final = 0.005
"""A reason that moved a level by less is left out."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What one source adds to the log-odds of a state, and its own reasons for it."""

    signal: str
    value: float
    usual: float | None
    odds: float
    reasons: tuple[Reason, ...]


def neutral() -> Feeling:
    """Of an utterance of which nothing is known."""
    return Feeling(0.0, 0.5, {state: Level() for state in STATES}, "text")


def fuse(voice: VoiceSigns | None, words: WordSigns, behaviour: BehaviourSigns, clarity: float = 1.0) -> Feeling:
    """``voice``: None where it was not listened to. ``clarity``: 0 to 1, how far the words were heard as they were said; they count that
    share. The reasons are those of the strongest state, each with how far it moved its level."""
    heard = voice if voice is not None and voice.confidence > 0 else None
    parts = {state: _parts(state, heard, words, behaviour, clarity) for state in STATES}
    words = replace(words, confidence=words.confidence * clarity)
    levels = {
        state: Level(_level(sum(part.odds for part in parts[state])), _confidence(state, heard, words, behaviour)) for state in STATES
    }
    strongest = max(STATES, key=lambda state: levels[state].level)
    return Feeling(
        valence=_valence(heard, words),
        arousal=_arousal(heard, words),
        states=levels,
        method="text" if heard is None else "audio",
        reasons=_reasons(parts[strongest]),
    )


def _parts(state: State, voice: VoiceSigns | None, words: WordSigns, behaviour: BehaviourSigns, clarity: float) -> list[_Part]:
    said = words.states.get(state, 0.0)
    done = behaviour.states.get(state, 0.0)
    deeds = tuple(reason for reason in behaviour.reasons if speaks_for(reason, state))
    spoken = _words(state, said, words)
    believed = clarity + (1 - clarity) * _backing(state, voice) if spoken > 0 else clarity
    parts = [
        _Part(f"words.{state}", said, None, spoken if spoken > 0 else believed * spoken, words.reasons),
        _Part("words.unclear", clarity, 1.0, (believed - 1) * max(0.0, spoken), ()),
        _Part(f"behaviour.{state}", done, None, TRUST["behaviour"] * _above_prior(done), deeds),
    ]
    if voice is not None:
        meant = said * words.confidence * clarity
        parts.append(_voice(state, voice, words, meant if state == "frustrated" else max(meant, done)))
    return [part for part in parts if part.odds]


def _words(state: State, said: float, words: WordSigns) -> float:
    odds = min(1.0, words.confidence / SURE["words"]) * TRUST["words"] * _above_prior(said)
    if state == "frustrated":
        odds += words.confidence * (UNPLEASANT_WORDS * max(0.0, -words.valence) - PLEASANT_WORDS * max(0.0, words.valence))
    return odds


def _backing(state: State, voice: VoiceSigns | None) -> float:
    """0 to 1, how far the voice makes badly heard words likely: noise can put a curse into a text, and no anger into a voice."""
    if voice is None or state != "frustrated":
        return 0.0
    return min(1.0, voice.confidence / SURE["voice"]) * max(0.0, 2 * voice.anger - 1)


def _voice(state: State, voice: VoiceSigns, words: WordSigns, pressing: float) -> _Part:
    """``pressing``: 0 to 1, how far words, or behaviour for states other than ``frustrated``, speak for the state."""
    weight = min(1.0, voice.confidence / SURE["voice"])
    excess = max(0.0, 2 * voice.arousal - 1)
    if state == "frustrated":
        odds = TRUST["voice"] * _logit(voice.anger) if voice.anger > 0.5 else CALM_VOICE * (2 * voice.anger - 1)
        return _Part("voice.anger", voice.anger, None, weight * (odds + RAISED * excess * pressing), voice.reasons)
    if state == "urgent":
        return _Part("voice.arousal", voice.arousal, 0.5, weight * HASTE * excess * pressing, voice.reasons)
    if state == "satisfied":
        odds = UNPLEASANT * (min(0.0, voice.valence) + max(0.0, voice.valence) * pressing)
        return _Part("voice.valence", voice.valence, None, weight * odds, voice.reasons)
    return _Part("voice", 0.0, None, 0.0, ())


def _confidence(state: State, voice: VoiceSigns | None, words: WordSigns, behaviour: BehaviourSigns) -> float:
    """That at least one source knows: they err apart from each other. Behaviour is known as far as it speaks."""
    known = {"words": words.confidence, "voice": voice.confidence if voice else 0.0, "behaviour": behaviour.states.get(state, 0.0)}
    return 1 - math.prod(1 - SEES[source][state] * known[source] for source in SEES)


def _valence(voice: VoiceSigns | None, words: WordSigns) -> float:
    weighed = [(words.valence, words.confidence)]
    if voice is not None:
        weighed.append((voice.valence, VOICE_VALENCE * voice.confidence))
    return sum(value * weight for value, weight in weighed) / (NEUTRAL + sum(weight for _, weight in weighed))


def _arousal(voice: VoiceSigns | None, words: WordSigns) -> float:
    weighed = [(words.arousal, WORD_AROUSAL * words.confidence), (0.5, NEUTRAL)]
    if voice is not None:
        weighed.append((voice.arousal, voice.confidence))
    return sum(value * weight for value, weight in weighed) / sum(weight for _, weight in weighed)


def _reasons(parts: list[_Part]) -> tuple[Reason, ...]:
    """What each source moved, shared out among its own reasons by their weights; the strongest first.

    A source's move is what the level lacks without it. Weights of its reasons are signed for what the source speaks for; where it speaks
    against the state they turn round.
    """
    whole = sum(part.odds for part in parts)
    reasons: list[Reason] = []
    for part in parts:
        moved = _level(whole) - _level(whole - part.odds)
        total = sum(abs(reason.weight) for reason in part.reasons)
        if not total:
            reasons.append(Reason(part.signal, part.value, part.usual, moved))
            continue
        turned = -1 if sum(reason.weight for reason in part.reasons) < 0 else 1
        reasons += [Reason(own.signal, own.value, own.usual, turned * moved * own.weight / total) for own in part.reasons]
    told = (reason for reason in reasons if abs(reason.weight) >= NOTICEABLE)
    return tuple(sorted(told, key=lambda reason: (-abs(reason.weight), reason.signal)))


def _above_prior(level: float) -> float:
    """Log-odds of ``level`` above those of PRIOR: never below 0, as a source's silence is no sign to the contrary."""
    return _logit(max(PRIOR, level)) - _logit(PRIOR)


def _logit(level: float) -> float:
    sure = min(1 - LEAST_DOUBT, max(LEAST_DOUBT, level))
    return math.log(sure / (1 - sure))


def _level(odds: float) -> float:
    """Of log-odds added to those of PRIOR; 0 for none and below."""
    share = 1 / (1 + math.exp(-(_logit(PRIOR) + odds)))
    return max(0.0, share - PRIOR) / (1 - PRIOR) if odds > 0 else 0.0
