"""What an utterance weighs against the agent's own words: a backchannel, an echo, a command or speech."""

from collections.abc import Mapping, Sequence
from typing import Final

from agents.nlu.slots.likeness import alike
from agents.turns.events import Expected, Words
from agents.turns.knobs import TurnKnobs
from agents.turns.phrases import Kind, Language, Phrase, lists_of, table, words_of

_ONE_ERROR_IN: Final = 5
"""So many words of an echo may hold one that is not the agent's. Fewer must all be: "I want to order" answers "Do you want to order?"."""
_FEW: Final = 4
"""Where the agent has said no more words than these, even a single one can be its echo; among more it is rather a choice from a list."""


def weigh(text: str, *, agent_text: str, expected: Expected, knobs: TurnKnobs, language: str = "en") -> tuple[Words, int]:
    """The weight of a transcript, and its words apart from backchannels and fillers.

    ``agent_text`` is what the agent has said so shortly before that it could be on its way back. Commands alone are commands even if the
    agent has used the same words. Raises ValueError for a language without a list.
    """
    lists = lists_of(language)
    words = words_of(text)
    if not words:
        return Words.NONE, 0
    if words in lists.misheard:
        return Words.ACK, 0
    kinds = kinds_of(words, _phrases(lists, knobs))
    count = sum(1 for kind in kinds if kind is None or kind is Kind.STOP)
    if Kind.STOP in kinds and None not in kinds:
        return Words.STOP, count
    if is_echo(words, words_of(agent_text)):
        return Words.ECHO, count
    if Kind.STOP in kinds or (expected is Expected.DIGITS and any(word in lists.digits or word.isdigit() for word in words)):
        return Words.STOP, count
    return (Words.SPEECH if count else Words.ACK), count


def _phrases(lists: Language, knobs: TurnKnobs) -> Mapping[Phrase, Kind]:
    bargein = knobs.bargein
    if not bargein.ack_phrases and not bargein.stop_phrases:
        return lists.kinds
    return {**lists.kinds, **table(bargein.ack_phrases, Kind.ACK), **table(bargein.stop_phrases, Kind.STOP)}


def kinds_of(words: Sequence[str], phrases: Mapping[Phrase, Kind]) -> list[Kind | None]:
    """The kind of the longest phrase that each word belongs to, taken from the left; None: a word like any other."""
    longest = max(map(len, phrases), default=0)
    kinds: list[Kind | None] = []
    while (at := len(kinds)) < len(words):
        for length in range(min(longest, len(words) - at), 0, -1):
            kind = phrases.get(tuple(words[at : at + length]))
            if kind is not None:
                kinds += [kind] * length
                break
        else:
            kinds.append(None)
    return kinds


def is_echo(heard: Sequence[str], said: Sequence[str]) -> bool:
    """Whether ``heard`` is a run of what the agent ``said``, its ends perhaps clipped: Levenshtein distance to the nearest run."""
    if not said or (len(heard) == 1 and len(said) > _FEW):
        return False
    row = [0] * (len(said) + 1)
    for i, word in enumerate(heard, 1):
        last, row[0] = row[0], i
        for j, own in enumerate(said, 1):
            differs = not _same(word, own, first=i == 1, final=i == len(heard))
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + differs)
    return min(row) <= len(heard) // _ONE_ERROR_IN


def _same(heard: str, own: str, *, first: bool, final: bool) -> bool:
    """The first word of an echo may lack its beginning, the last one its end."""
    if alike(heard, own) > 0:
        return True
    clipped = len(heard) >= 3 and len(heard) < len(own)
    return clipped and ((first and own.endswith(heard)) or (final and own.startswith(heard)))
