"""Sounds of the catalogue in the voices of people."""

import random
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from agents.audio import Pcm
from ari_app.media.g711 import RATE
from tests.bench.turns import human_prompts as prompts
from tests.bench.turns.human import ACTORS, DIGIT_SPEAKERS, People, Recording
from tests.bench.turns.sound import Kind, Pause, Purpose, Sound, sound
from tests.bench.turns.sounds_pauses import LENGTHS_S, Gap, gaps, with_pauses
from tests.bench.turns.sounds_spoken import GROUP_LENGTHS_S, LONGEST_INNER_S

READER: Final = {"tune": "person:jfk", "report": "person:reader"}
BREATH_S: Final = 0.09
"""Least natural pause of a person that is taken for one between words; the closure of a [t] is shorter."""
BREATH_DBOV: Final = -38.0
"""Recordings have more hiss than machines."""
EDGE_S: Final = 0.5
"""A pause is at least so far from either end."""
DIGIT_GAP_S: Final = 0.05
GROUPS: Final = ((3, 3, 4), (2, 3), (3, 2), (2, 2, 2))
NUMBERS_EACH: Final = 4
TAKES_EACH: Final = 6
_SEED: Final = {"tune": 31, "report": 47}


def recorded(purpose: Purpose, kind: Kind, people: People) -> Iterator[Sound]:
    """All recordings of one kind that are on this machine."""
    if kind == "sentence":
        sayings = [*people.prompts(prompts.SENTENCES[purpose]), *_statements(people, purpose), *_readings(people, purpose)]
        yield from (_plain(kind, each) for each in sayings if not gaps(each.pcm, LONGEST_INNER_S, BREATH_DBOV))
    elif kind == "answer":
        yield from (_plain(kind, each) for each in people.prompts(prompts.ANSWERS[purpose]))
    elif kind == "interruption":
        wishes = [*people.prompts(prompts.INTERRUPTIONS[purpose]), *list(_statements(people, purpose))[::4]]
        yield from (_plain(kind, each) for each in wishes)
    elif kind == "paused":
        for each in [*people.prompts(prompts.PAUSED[purpose]), *_readings(people, purpose)]:
            yield from _paused(each)
    elif kind == "digit":
        yield from _single_digits(people, purpose)
    elif kind == "digits":
        yield from _numbers(people, purpose)


def _plain(kind: Kind, each: Recording) -> Sound:
    return sound(f"{kind}-{each.voice}-{each.name}", kind, each.text, each.pcm, each.voice, each.source)


def _statements(people: People, purpose: Purpose) -> Iterator[Recording]:
    for actor in ACTORS[purpose]:
        yield from people.statements(actor)


def _readings(people: People, purpose: Purpose) -> Iterator[Recording]:
    yield from (each for each in people.readings() if each.voice == READER[purpose])


def _paused(each: Recording) -> Iterator[Sound]:
    breaths = gaps(each.pcm, BREATH_S, BREATH_DBOV)
    inner = [gap for gap in breaths if gap[0] > EDGE_S * RATE and gap[1] < len(each.pcm) - EDGE_S * RATE]
    if not inner:
        return
    place = max(inner, key=lambda gap: gap[1] - gap[0])
    # Any other long breath would be a second pause that nobody asked for.
    others = [gap for gap in breaths if gap != place and gap[1] - gap[0] >= LONGEST_INNER_S * RATE]
    cut = _within(place, others, len(each.pcm))
    pcm, place = each.pcm[cut[0] : cut[1]], (place[0] - cut[0], place[1] - cut[0])
    for length in LENGTHS_S:
        made, starts = with_pauses(pcm, [place], length, seed=len(pcm))
        name = f"paused-{each.voice}-{each.name}-{round(length * 1000):04}ms"
        yield sound(name, "paused", each.text, made, each.voice, each.source, [Pause(starts[0], length, place="breath")])


def _within(place: Gap, others: Sequence[Gap], end: int) -> Gap:
    """The stretch of the recording around ``place`` that holds no other long breath."""
    return (
        max((gap[1] for gap in others if gap[1] <= place[0]), default=0),
        min((gap[0] for gap in others if gap[0] >= place[1]), default=end),
    )


def _single_digits(people: People, purpose: Purpose) -> Iterator[Sound]:
    chance = random.Random(_SEED[purpose])
    for speaker in DIGIT_SPEAKERS[purpose]:
        takes = [take for digit in people.digits(speaker).values() for take in digit]
        for take in chance.sample(takes, min(TAKES_EACH, len(takes))):
            yield _plain("digit", take)


def _numbers(people: People, purpose: Purpose) -> Iterator[Sound]:
    """Digits by one person in groups, the groups apart by a pause."""
    chance = random.Random(_SEED[purpose])
    for speaker in DIGIT_SPEAKERS[purpose]:
        takes = people.digits(speaker)
        if len(takes) < 10:
            continue
        for index in range(NUMBERS_EACH):
            sizes = GROUPS[index % len(GROUPS)]
            groups = [[chance.choice(takes[str(chance.randrange(10))]) for _ in range(size)] for size in sizes]
            for length in GROUP_LENGTHS_S:
                yield _number(groups, length, index)


def _number(groups: Sequence[Sequence[Recording]], length: float, index: int) -> Sound:
    between = np.zeros(round(DIGIT_GAP_S * RATE), dtype=np.int16)
    parts: list[Pcm] = []
    places: list[Gap] = []
    for group in groups:
        if parts:
            at = sum(map(len, parts))
            places.append((at - len(between), at))
        for digit in group:
            parts += [digit.pcm, between]
    pcm, starts = with_pauses(np.concatenate(parts[:-1]), places, length, seed=index)
    texts = [" ".join(digit.text for digit in group) for group in groups]
    pauses = [Pause(start, length, " ".join(texts[: number + 1]), "group") for number, start in enumerate(starts)]
    voice, source = groups[0][0].voice, groups[0][0].source
    return sound(f"digits-{voice}-{index:03}-{round(length * 1000):04}ms", "digits", " ".join(texts), pcm, voice, source, pauses)
