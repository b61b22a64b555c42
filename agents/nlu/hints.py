"""What a recogniser may be told before it listens: the words that are likely, and whether digits are."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

DIGIT_KINDS: Final = frozenset({"digits", "code", "phone", "amount", "number"})
"""Kinds of slot that are told mostly in digits."""
_LIGHT_SHARE: Final = 0.2
"""A word in more than this share of the examples tells nothing about any of them …"""
_FEW_EXAMPLES: Final = 10
"""… but among so few even that is chance."""
_WORD: Final = re.compile(r"(?<![\w'’])[^\W\d_]{4,}(?![\w'’])")
"""Of four letters or more and without an apostrophe: recognisers need no help with the others, the commonest of a language."""


class ExpectedSlot(Protocol):
    """As much of a slot's definition as matters here."""

    @property
    def kind(self) -> str: ...


@dataclass(frozen=True, slots=True)
class RecogniserHints:
    words: tuple[str, ...] = ()
    """Expected words and phrases, the most important first: for a recogniser's prompt or its list of hot words."""
    digits: bool = False
    """A number is likely, said digit by digit."""

    @property
    def prompt(self) -> str:
        """The words as one line, for recognisers that take text; empty without any."""
        return ", ".join(self.words)


def hints(slots: Sequence[ExpectedSlot], choices: Sequence[str], examples: Sequence[str], limit: int = 40) -> RecogniserHints:
    """``slots``: what is asked for or may be told along. ``choices``: words and phrases that would be whole answers; they come first.

    ``examples``: sentences of the intents that are waited for; of these the words that tell them apart, the most frequent first.
    At most ``limit`` words and phrases. Raises ValueError for a negative limit.
    """
    if limit < 0:
        raise ValueError(f"a list of {limit} words cannot be; the limit must be 0 or more")
    wanted = dict.fromkeys(_tidy(choices))
    said = {word for phrase in wanted for word in phrase.split()}
    wanted.update(dict.fromkeys(word for word in _telling(examples) if word not in said))
    return RecogniserHints(tuple(wanted)[:limit], any(slot.kind in DIGIT_KINDS for slot in slots))


def _tidy(choices: Sequence[str]) -> Iterator[str]:
    yield from (phrase for phrase in (" ".join(choice.split()) for choice in choices) if phrase)


def _telling(examples: Sequence[str]) -> list[str]:
    """By frequency, then in the order they come."""
    holding = Counter(word for example in examples for word in dict.fromkeys(_WORD.findall(example.lower())))
    most = len(examples) * _LIGHT_SHARE if len(examples) > _FEW_EXAMPLES else len(examples)
    return [word for word, count in holding.most_common() if count <= most]
