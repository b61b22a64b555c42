"""Which events happen when: drawn from a seed alone. The same seed and catalogue give the same events on every machine.

Random offsets and the order of sounds come from ``random.Random`` with a seed of each kind and condition of its own, so that leaving a
kind out (``only``) changes nothing in the others.
"""

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Final, Literal, TypeAlias

from tests.bench.turns.agent import Place
from tests.bench.turns.events import Call, Condition, Event, Kind, Scene
from tests.bench.turns.sounds import Sound

Size: TypeAlias = Literal["quick", "full"]

CLEAN: Final = Condition()
QUIET: Final = Condition("quiet", level_dbov=-34.0)
LINE_NOISE: Final = Condition("line-noise", noise_dbov=-38.0)
NOISY: Final = tuple(Condition(f"snr-{snr}", noise_dbov=-20.0 - snr) for snr in (20, 10, 5))
LOSSY: Final = tuple(Condition(f"loss-{percent}", loss=percent / 100) for percent in (1, 2, 3))
ECHO_DB: Final = (-15.0, -20.0, -30.0)
ECHO_MS: Final = (20.0, 60.0, 110.0, 160.0, 200.0)
ECHOES: Final = tuple(Condition(f"echo{level:g}-{delay:g}ms", echo_db=level, echo_ms=delay) for level in ECHO_DB for delay in ECHO_MS)
MIDDLING: Final = frozenset({NOISY[1], LOSSY[1]})
QUICK_ECHOES: Final = frozenset({ECHOES[1], ECHOES[9]})
LOUD_ECHOES: Final = tuple(Condition(f"echo-10-{delay:g}ms", echo_db=-10.0, echo_ms=delay) for delay in (20.0, 110.0, 200.0))

GREETING_S: Final = 5.0
INTERRUPT_S: Final = 6.0
"""Interruptions begin within so much of the agent's turn."""
EARLY_SHARE: Final = 0.25
EARLY_S: Final = 0.8
"""This share of the events over the agent falls into the very beginning of its turn, where other systems are deaf."""
SURVIVE_AT: Final = ((0.07, 3.0), (5.0, 7.0), (9.5, 11.0))
"""Windows, in s, of the sounds over one long answer."""
QUIET_S: Final = (0.35, 0.7)
"""The caller's own pause before it speaks, in s."""
SCENES_PER_CALL: Final = 12


@dataclass(frozen=True, slots=True)
class Want:
    """So many events of a kind on a line; ``materials``: kinds of sounds (and whether from people), taken in turn."""

    kind: Kind
    condition: Condition
    full: int
    quick: int
    materials: tuple[tuple[str, bool | None], ...] = ()
    place: Place = Place.HOME

    def count(self, size: Size) -> int:
        return self.full if size == "full" else self.quick


SENTENCES: Final = (("sentence", False), ("sentence", True))
WISHES: Final = (("interruption", None),)


def wants() -> list[Want]:
    """Everything that is measured, before ``only`` and ``n``."""
    finished = [
        Want(Kind.FINISHED, CLEAN, 50, 5, (("sentence", False),)),
        Want(Kind.FINISHED, CLEAN, 40, 4, (("sentence", True),)),
        Want(Kind.FINISHED, CLEAN, 32, 4, (("answer", None),), Place.CHOICE),
        Want(Kind.FINISHED, CLEAN, 24, 3, (("digit", None),), Place.DIGIT),
        Want(Kind.FINISHED, QUIET, 24, 2, SENTENCES),
        Want(Kind.FINISHED, LINE_NOISE, 16, 1, SENTENCES),
        *(Want(Kind.FINISHED, line, 10, int(line in MIDDLING), SENTENCES) for line in (*NOISY, *LOSSY)),
    ]
    pauses = [
        Want(Kind.PAUSE, CLEAN, 80, 8, (("paused", None),)),
        Want(Kind.PAUSE, CLEAN, 24, 2, (("digits", None),), Place.NUMBER),
        Want(Kind.PAUSE, CLEAN, 24, 2, (("address", None),), Place.ADDRESS),
        Want(Kind.HANGING, CLEAN, 32, 3, (("paused", None),)),
    ]
    interruptions = [
        Want(Kind.INTERRUPT, CLEAN, 200, 8, WISHES, Place.LONG),
        Want(Kind.INTERRUPT, QUIET, 30, 2, WISHES, Place.LONG),
        Want(Kind.INTERRUPT, LINE_NOISE, 30, 1, WISHES, Place.LONG),
        *(Want(Kind.INTERRUPT, line, 10, int(line in MIDDLING), WISHES, Place.LONG) for line in (*NOISY, *LOSSY)),
        *(Want(Kind.INTERRUPT, line, 2, 0, WISHES, Place.LONG) for line in ECHOES),
        Want(Kind.KEY, CLEAN, 15, 2, (), Place.LONG),
        Want(Kind.LEGAL, CLEAN, 10, 1, WISHES, Place.LEGAL),
    ]
    surviving = [
        Want(Kind.BACKCHANNEL, CLEAN, 110, 6, (("backchannel", None),), Place.LONG),
        Want(Kind.NOISE, CLEAN, 100, 6, (("noise", None),), Place.LONG),
    ]
    undisturbed = [
        *(Want(Kind.LISTEN, line, 14, 3 * int(line in QUICK_ECHOES), (), Place.SHORT) for line in ECHOES),
        *(Want(Kind.LISTEN, line, 6, 0, (), Place.SHORT) for line in LOUD_ECHOES),
        Want(Kind.LISTEN, LINE_NOISE, 15, 2, (), Place.LONG),
    ]
    return [*finished, *pauses, *interruptions, *surviving, *undisturbed]


def plan(sounds: Sequence[Sound], *, seed: int, size: Size, only: Collection[Kind] = (), n: int | None = None) -> list[Call]:
    """The calls, longest conditions first. ``n`` replaces the count of every wanted row that is not empty at this size."""
    scenes: dict[Condition, list[Scene]] = {}
    for index, want in enumerate(wants()):
        count = want.count(size)
        if (only and want.kind not in only) or not count:
            continue
        chosen = random.Random(f"{seed} {index} {want.kind.value} {want.condition.name}")
        scenes.setdefault(want.condition, []).extend(_scenes(want, index, n or count, sounds, chosen))
    calls: list[Call] = []
    for condition, members in scenes.items():
        random.Random(f"{seed} {condition.name}").shuffle(members)
        for call in _calls(members):
            calls.append(Call(len(calls) + 1, condition, call))
    return calls


def _scenes(want: Want, index: int, count: int, sounds: Sequence[Sound], chance: random.Random) -> list[Scene]:
    names = _names(want.materials, sounds, count, chance)
    if want.materials and not names:
        return []
    names = names or (["8"] if want.kind is Kind.KEY else [""]) * count
    events = [Event(f"{want.kind.value}-{index:02}-{each:03}", want.kind, name, 0.0) for each, name in enumerate(names, 1)]
    if want.kind in (Kind.BACKCHANNEL, Kind.NOISE):
        groups = [events[start : start + len(SURVIVE_AT)] for start in range(0, len(events), len(SURVIVE_AT))]
        return [Scene(want.place, tuple(_timed(event, at) for event, at in zip(group, _moments(chance), strict=False))) for group in groups]
    return [Scene(want.place, (_timed(event, _moment(want, chance)),)) for event in events]


def _timed(event: Event, at_s: float) -> Event:
    return Event(event.id, event.kind, event.sound, round(at_s, 3))


def _moments(chance: random.Random) -> list[float]:
    first, *others = SURVIVE_AT
    early = (first[0], EARLY_S) if chance.random() < EARLY_SHARE else first
    return [chance.uniform(*early), *(chance.uniform(*window) for window in others)]


def _moment(want: Want, chance: random.Random) -> float:
    if want.kind in (Kind.INTERRUPT, Kind.KEY):
        return chance.uniform(0.0, EARLY_S if chance.random() < EARLY_SHARE else INTERRUPT_S)
    if want.kind is Kind.LEGAL:
        return chance.uniform(0.5, 3.5)
    return chance.uniform(*QUIET_S)


def _names(materials: Iterable[tuple[str, bool | None]], sounds: Sequence[Sound], count: int, chance: random.Random) -> list[str]:
    """Names of sounds, the materials in equal parts; a sound comes again only when all of its material have been used."""
    pools: list[list[str]] = []
    for kind, human in materials:
        found = [sound for sound in sounds if sound.kind == kind and (human is None or sound.human == human)]
        pools += [pool] if (pool := _evenly(found, chance)) else []
    if not pools:
        return []
    draws = [cycle(pool) for pool in pools]
    return [next(draws[each % len(draws)]) for each in range(count)]


def _evenly(sounds: Sequence[Sound], chance: random.Random) -> list[str]:
    """All names in random order, voices and lengths of pauses taking turns, so that a few of them are already a fair sample."""
    groups: Mapping[tuple[str, int], list[str]] = {}
    grouped = dict(groups)
    for sound in sorted(sounds, key=lambda each: each.name):
        longest = max((pause.length_s for pause in sound.pauses), default=0.0)
        grouped.setdefault((sound.voice, round(longest * 10)), []).append(sound.name)
    pools = list(grouped.values())
    chance.shuffle(pools)
    for pool in pools:
        chance.shuffle(pool)
    longest_pool = max((len(pool) for pool in pools), default=0)
    return [pool[row] for row in range(longest_pool) for pool in pools if row < len(pool)]


def _calls(scenes: Sequence[Scene]) -> list[tuple[Scene, ...]]:
    """Scenes dealt out to as few calls as hold them; the first interruption of each call moves to the greeting."""
    count = -(-len(scenes) // SCENES_PER_CALL)
    calls = [list(islice(scenes, start, None, count)) for start in range(count)]
    return [tuple(_greeted(members)) for members in calls]


def _greeted(scenes: list[Scene]) -> list[Scene]:
    """An interruption of the very first thing the agent says comes first; its moment is folded into the shorter text."""
    for index, scene in enumerate(scenes):
        event = scene.events[0]
        if event.kind is Kind.INTERRUPT:
            rest = scenes[:index] + scenes[index + 1 :]
            return [Scene(Place.GREETING, (_timed(event, event.at_s % GREETING_S),)), *rest]
    return scenes
