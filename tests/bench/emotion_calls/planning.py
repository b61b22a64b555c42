"""Plans of calm and of angry calls. Pure: the same calls for the same seed, each independent of how many there are."""

import random
from collections.abc import Iterator, Mapping
from typing import Final

from tests.bench.emotion_calls.call import Call, Line, Manner, Noise, Purpose, Utterance
from tests.bench.emotion_calls.wording import Texts, filled, texts

VOICES: Final[Mapping[Purpose, tuple[str, ...]]] = {
    "tune": ("rhvoice:bdl", "rhvoice:alan", "flite:rms", "flite:kal16", "pico:en-US"),
    "report": ("rhvoice:slt", "rhvoice:clb", "flite:slt", "flite:awb", "pico:en-GB"),
}
"""All offline English voices that may be used: American, British and Scottish. ``flite:kal`` is the man of ``kal16``."""
MANNERS: Final[tuple[Manner, ...]] = ("usual", "usual", "loud", "nearer", "cheerful")
"""In turn, so that each has its part of the calm calls."""
NOISES: Final[tuple[tuple[Noise, float], ...]] = (
    ("none", float("inf")),
    ("street", 20.0),
    ("babble", 20.0),
    ("street", 10.0),
    ("babble", 10.0),
)
LEVELS_DBOV: Final = (-32.0, -15.0)
LOUD_DBOV: Final = (-17.0, -15.0)
LOUD_SEMITONES: Final = 1.0
LOUD_TILT_DB: Final = 1.5
"""Who always speaks up does so with a higher and sharper voice, not only with a higher level."""
NEARER_DB: Final = 9.0
"""How much louder a caller has become at the end who moves nearer to the telephone."""
EVENTS: Final = ("no_input", "transcription_failed")
EVENT_SHARE: Final = 0.2
"""Of the calm calls with one such event."""
CALM_BEFORE: Final = (1, 3)
"""Calm turns, from and to, before an angry call turns angry."""
ANGRY_TURNS: Final = 3


def calm_calls(count: int = 200, seed: int = 1, purpose: Purpose = "report") -> tuple[Call, ...]:
    return tuple(_calm(index, seed, purpose) for index in range(count))


def angry_calls(count: int = 100, seed: int = 1, purpose: Purpose = "report") -> tuple[Call, ...]:
    return tuple(_angry(index, seed, purpose) for index in range(count))


def _calm(index: int, seed: int, purpose: Purpose) -> Call:
    known, voices = texts(purpose), VOICES[purpose]
    chance = random.Random(f"{purpose} calm {seed} {index}")
    manner = MANNERS[index % len(MANNERS)]
    voice = voices[index // len(MANNERS) % len(voices)]
    noise, snr_db = NOISES[(index + index // len(MANNERS) + index // 25) % len(NOISES)]
    domain = chance.choice(known.domains)
    said = [filled(template, known, chance) for template in _calm_templates(domain, chance.randint(3, 6), manner, chance, known)]
    level = chance.uniform(*(LOUD_DBOV if manner == "loud" else LEVELS_DBOV))
    if manner == "nearer":
        level = min(level, LEVELS_DBOV[1] - NEARER_DB)
    spoken = tuple(_calm_utterance(text, position, len(said), level, manner, chance) for position, text in enumerate(said))
    events = ((chance.randrange(len(said)), chance.choice(EVENTS)),) if chance.random() < EVENT_SHARE else ()
    return Call(f"calm-{index:03}", "calm", domain, voice, manner, Line(noise, snr_db), seed * 100_000 + index, spoken, events)


def _calm_templates(domain: str, turns: int, manner: Manner, chance: random.Random, known: Texts) -> Iterator[str]:
    """Opening, turns in between, closing; no sentence twice."""
    yield chance.choice(known.first[domain])
    groups = ["details", "answers", "later", "answers", "in_another_sense", "a_little_pressed" if chance.random() < 0.3 else "details"]
    if manner == "cheerful":
        groups = ["pleased", "answers", "pleased", "later", "pleased"]
    chance.shuffle(groups)
    used: set[str] = set()
    for group in groups[: turns - 2]:
        offered = [text for text in (known.later[domain] if group == "later" else known.anybody[group]) if text not in used]
        used.add(picked := chance.choice(offered))
        yield picked
    yield chance.choice(known.anybody["closing"])


def _calm_utterance(text: str, position: int, turns: int, level: float, manner: Manner, chance: random.Random) -> Utterance:
    usual = level + chance.uniform(-1.5, 1.5)
    pause_s = chance.uniform(2.0, 7.0)
    if manner == "nearer":
        return Utterance(text, False, usual + NEARER_DB * position / (turns - 1), pause_s=pause_s)
    if manner == "loud":
        return Utterance(text, False, usual, semitones=LOUD_SEMITONES, tilt_db=LOUD_TILT_DB, pause_s=pause_s)
    if manner == "cheerful" and position > 0:
        return Utterance(text, False, usual + 3.0, semitones=chance.uniform(1.0, 2.0), widening=1.15, pause_s=pause_s)
    return Utterance(text, False, usual, pause_s=pause_s)


def _angry(index: int, seed: int, purpose: Purpose) -> Call:
    known, voices = texts(purpose), VOICES[purpose]
    chance = random.Random(f"{purpose} angry {seed} {index}")
    domain = known.domains[index % len(known.domains)]
    noise, snr_db = NOISES[index % 3]
    level = chance.uniform(-30.0, -21.0)
    before = chance.randint(*CALM_BEFORE)
    calm = list(_calm_templates(domain, before + 2, "usual", chance, known))[:before]
    angry = chance.sample(known.angry[domain], 2) + chance.sample(known.angry_anybody, 2)
    chance.shuffle(angry)
    spoken = [
        Utterance(filled(text, known, chance), False, level + chance.uniform(-1.5, 1.5), pause_s=chance.uniform(2, 7)) for text in calm
    ]
    spoken += [
        Utterance(
            filled(text, known, chance),
            True,
            min(-13.0, level + chance.uniform(6.0, 10.0)),
            semitones=chance.uniform(2.0, 4.0),
            widening=1.3,
            tilt_db=chance.uniform(1.0, 3.0),
            pause_s=chance.uniform(1.5, 5.0),
        )
        for text in angry[:ANGRY_TURNS]
    ]
    voice = voices[index % len(voices)]
    return Call(f"angry-{index:03}", "angry", domain, voice, "angry", Line(noise, snr_db), seed * 100_000 + index, tuple(spoken))
