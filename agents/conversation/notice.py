"""What the caller must be told before anything else goes on, put where a greeting has room for it."""

from agents.flows.acts import Act, Say
from agents.flows.sentences import split


def last_sentence(notice: str) -> str:
    """The one with whose end all of ``notice`` has been heard."""
    return split(notice)[-1]


def with_notice(acts: list[Act], notice: str) -> list[Act]:
    """``acts`` with ``notice`` behind their first sentence when more follow, else before them. No voice interrupts it."""
    found = next(((index, act) for index, act in enumerate(acts) if isinstance(act, Say)), None)
    if found is None:
        return [Say(notice, interruptible=False), *acts]
    place, greeting = found
    told = Say(notice, interruptible=False, language=greeting.language)
    sentences = split(greeting.text)
    if len(sentences) > 1:
        rest = Say(" ".join(sentences[1:]), greeting.interruptible, greeting.language)
        return [*acts[:place], Say(sentences[0], greeting.interruptible, greeting.language), told, rest, *acts[place + 1 :]]
    if any(isinstance(act, Say) for act in acts[place + 1 :]):
        return [*acts[: place + 1], told, *acts[place + 1 :]]
    return [*acts[:place], told, *acts[place:]]
