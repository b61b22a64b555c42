"""The small things of a line that are weighed: words, pairs of words, what kind of words they are, and how the line is built."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

FIGURE: Final = "<figure>"
_FEWEST: Final = 12
"""Cues from which a line is brought to unit length: of a short line none shall weigh too much."""
_STEM: Final = 5
"""Letters of a longer word that count by themselves, for its other forms."""
_SCOPE: Final = 3
"""Words after a negation that are told from the same words without one."""
_SHAPE: Final = 0.3
"""Weight of how a line is built, beside what is said in it."""
_LONG: Final = 20
"""Words from which a line counts as wholly long."""
_SHORT: Final = 3
_WITH: Final = ("you", "me", "not", "question")
"""Roles that change what a group of words means."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """What a language tells of single words."""

    slots: Mapping[str, str]
    """What stands for a word: ``<weekday>``."""
    groups: Mapping[str, tuple[str, ...]]
    """What a word is counted as besides: ``{contact}``. In pairs of words the first of them stands."""
    roles: Mapping[str, frozenset[str]]
    """The words that play a part in how a line is built: ``you``, ``me``, ``not``, ``question``, ``pointing``, ``asking``, ``polite``."""


def cues(words: Sequence[str], kinds: Kinds) -> dict[str, float]:
    """By name: ``a`` and ``a b`` are words, ``^`` and ``$`` the ends of the line, ``<a>`` a slot, ``{a}`` a group, ``{a}+you`` a group
    beside a role, ``!a`` is denied, ``abcde*`` a stem, ``/a`` the shape. Those of words have unit length together, of few words less."""
    known = [FIGURE if word[:1].isdigit() else kinds.slots.get(word, word) for word in words]
    here = {name for name, members in kinds.roles.items() if not members.isdisjoint(known)}
    found = {*known, *(f"{first} {second}" for first, second in pairwise(("^", *known, "$")))}
    groups = [kinds.groups.get(word, ()) for word in known]
    for name in {name for each in groups for name in each}:
        found.add(name)
        found.update(f"{name}+{role}" for role in _WITH if role in here)
    first_groups = ("^", *(each[0] if each else word for word, each in zip(known, groups, strict=True)), "$")
    found.update(f"{first} {second}" for first, second in pairwise(first_groups) if "{" in (first[0], second[0]))
    found.update(f"{word[:_STEM]}*" for word in known if len(word) > _STEM)
    found.update(_denied(known, kinds.roles.get("not", frozenset())))
    share = max(len(found), _FEWEST) ** -0.5
    return dict.fromkeys(found, share) | {f"/{name}": _SHAPE * value for name, value in _shape(known, kinds, here) if value}


def _denied(words: Sequence[str], negation: frozenset[str]) -> Iterator[str]:
    left = 0
    for word in words:
        if word in negation:
            left = _SCOPE
        elif left:
            left -= 1
            yield f"!{word}"


def _shape(words: Sequence[str], kinds: Kinds, here: set[str]) -> Iterator[tuple[str, float]]:
    """Length 0 to 1, all others 0 or 1."""
    yield "words", min(len(words), _LONG) / _LONG
    yield "short", len(words) <= _SHORT
    for name in ("you", "me", "not", "polite"):
        yield name, name in here
    for both in (("you", "not"), ("you", "me")):
        yield "+".join(both), here.issuperset(both)
    yield "figures", any(word in {"<number>", "<ordinal>", FIGURE} for word in words)
    roles = ("question", "you", "me", "pointing", "asking")
    yield f"first {next((name for name in roles if words and words[0] in kinds.roles.get(name, ())), 'other')}", 1.0
