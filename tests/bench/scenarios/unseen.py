"""Which wordings of the callers an agent was taught: they are no test of understanding, and are left out."""

from collections.abc import Iterable, Sequence

from agents.flows.definition import AgentDefinition
from agents.flows.intents import compile_phrase
from agents.flows.words import normalise
from agents.library import load_agent, names

_ALIKE = 0.8


def taught(openings: Iterable[str], definitions: Sequence[AgentDefinition]) -> dict[str, str]:
    """Opening to the example or phrase that it is, or nearly is.

    An example counts when four of five different words are the same, a phrase when nothing is said beside it.
    """
    examples = [example for definition in definitions for intent in definition.intents.values() for example in intent.examples]
    phrases = [phrase for definition in definitions for intent in definition.intents.values() for phrase in intent.phrases]
    sets = {example: frozenset(normalise(example)) for example in examples}
    found: dict[str, str] = {}
    for opening in openings:
        words = list(normalise(opening))
        near = next((example for example, other in sets.items() if _shared(frozenset(words), other) >= _ALIKE), None)
        if near is None:
            near = next((phrase for phrase in phrases if _is_whole(phrase, words)), None)
        if near is not None:
            found[opening] = near
    return found


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))


def _is_whole(phrase: str, words: Sequence[str]) -> bool:
    """Whether these words, all of them and in this order, are the phrase."""
    slots = compile_phrase(phrase).slots

    def fits(at: int, place: int) -> bool:
        if place == len(slots):
            return at == len(words)
        slot = slots[place]
        return (at < len(words) and words[at] in slot.words and fits(at + 1, place + 1)) or (slot.optional and fits(at, place + 1))

    return fits(0, 0)


def shipped_definitions() -> list[AgentDefinition]:
    """Every agent of the library. Raises AgentError."""
    return [load_agent(name) for name in names()]
