"""What the end-of-turn judge is fitted on: a row of features for each sample, noisy and invented ones among them."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.audio import Pcm
from agents.endpointing.completeness import completeness
from agents.endpointing.evidence import Grasp
from agents.endpointing.language import language
from agents.endpointing.model import features
from tests.bench.endpointing.evidence import evidence, grasp
from tests.bench.endpointing.material import Sample
from tests.bench.endpointing.places import words_of

Matrix = NDArray[np.float64]
Row = tuple[Sample, dict[str, float]]
SHARES: Final = {"synthetic": 1.0, "prompts": 1.0, "digits": 0.3, "address": 0.2, "answer": 0.2, "single digit": 0.1, "invented": 1.0}
"""What each source weighs in all, so that the many do not drown the few."""
KINDS: Final = {"phrase": 0.3, "natural": 2.0}
"""What a sample weighs beside the others of its source. A synthetic phrase of its own ends like a sentence: it only teaches the words."""
NOISY_EVERY: Final = 3
_OPEN_CLASSES: Final = (
    "conjunction",
    "preposition",
    "to",
    "article",
    "possessive",
    "determiner",
    "auxiliary",
    "subject",
    "filler",
    "transitive",
)


def rows(samples: list[Sample]) -> list[Row]:
    """Each sample as if nothing were known of the dialogue, and with the front desk's grasp where it has one; every third in noise too."""
    words, wording = language("en"), completeness("en")
    out = []
    for number, sample in enumerate(samples):
        plain = evidence("fit", sample, Grasp.UNKNOWN)
        out.append((sample, features(plain, words, wording)))
        if grasp(sample) is Grasp.COMPLETE:
            out.append((sample, features(replace(plain, grasp=Grasp.COMPLETE), words, wording)))
        if number % NOISY_EVERY == 0:
            out.append((sample, features(replace(plain, pcm=in_noise(plain.pcm, number)), words, wording)))
    return out + list(invented(samples))


def in_noise(pcm: Pcm, seed: int) -> Pcm:
    """White noise 8 to 25 dB below the speech."""
    rng = np.random.default_rng(seed)
    below = 10 ** (-rng.uniform(8, 25) / 20) * float(np.sqrt(np.mean(pcm.astype(np.float64) ** 2)))
    out: Pcm = np.clip(pcm + rng.normal(0, max(1.0, below), len(pcm)), -32768, 32767).astype(np.int16)
    return out


def invented(samples: list[Sample]) -> Iterator[Row]:
    """Sentences that stop behind a word which cannot end them, each with the sound and the marks of some other inner pause."""
    words, wording, rng = language("en"), completeness("en"), random.Random(7)
    unfinished = [sample for sample in samples if sample.source == "synthetic" and sample.kind in ("breath", "cut") and sample.heard]
    for text in dict.fromkeys(sample.whole for sample in samples if sample.source == "synthetic" and sample.finished):
        tokens = words_of(text)
        places = [n for n in range(1, len(tokens)) if any(tokens[n - 1] in words.classes[name] for name in _OPEN_CLASSES)]
        for place in rng.sample(places, min(2, len(places))):
            sound = rng.choice(unfinished)
            said = " ".join(tokens[:place]).capitalize()
            mark = sound.heard[-1] if sound.heard[-1] in ".,?!" else ""
            sample = replace(sound, source="invented", kind="invented", said=said, heard=said + mark, whole=text)
            yield sample, features(evidence("fit", sample, Grasp.UNKNOWN), words, wording)


def importances(samples: list[Sample]) -> Matrix:
    """One per row; each source counts as much for its ends as for its inner pauses."""
    own = np.array([KINDS.get(sample.kind, 1.0) for sample in samples])
    totals: Counter[tuple[str, bool]] = Counter()
    for sample, weight in zip(samples, own, strict=True):
        totals[sample.source, sample.finished] += weight
    shares = np.array([SHARES[sample.source] / totals[sample.source, sample.finished] for sample in samples])
    out: Matrix = own * shares * len(samples) / 2
    return out
