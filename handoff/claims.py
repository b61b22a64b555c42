"""Whether a sentence about a call says nothing that its turns do not say. Strict: what cannot be shown to be right counts as wrong."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from agents.transcript import Turn
from handoff.card_types import Card
from handoff.grounding import numbers_in, plain_number, sentences_of, words_in
from handoff.number_words import HUNDREDS, SMALL, TENS

_PLAIN: Final = (
    " the and but for with from that this these those they them their his her its our your you who which what when where why how there here"
    " has have had was were are been being did does not cannot about after before into onto over under than then also because while still"
    " again only just very more most some any all each both out off per via between during until since as at by in is it of on or to an he"
    " she we me my so if no up us be do am can could would should may might"
    " caller customer agent assistant person colleague wants want wanted asks asked ask asking says said say saying told tells tell reports"
    " reported needs need needed gave gives given call called calls calling order number turn regarding question request requested whether"
    " requests speak talk human someone"
    " los las una uno del con por para que qué como cuando donde este esta esto ese esa fue era son está han hay más pero sin sobre entre"
    " cliente llama quiere quería pide pidió dice dijo pregunta preguntó necesita agente asistente persona pedido número el la un de en"
    " y a o se su lo le al es no ha si ya "
)
"""Words that claim nothing by themselves."""
_DEEDS: Final = re.compile(
    r"(?:refund|book|cancell?|chang|mov|charg|credit|deliver|promis|guarante|approv|confirm|arrang|schedul|compensat|waiv|discount|replac"
    r"|repair|resolv|fix|complet|agre|offer|unlock|verif|reset|process|escalat|dispatch|reserv|reembols|cancel|envi|cambi|promet|aprob)\w*"
    r"|will|shall|sent|paid|free|gift|sorry|apolog\w*|voucher|coupon|compensation|bonus|va|van",
    re.IGNORECASE,
)
"""What somebody did or is bound to do: must be said in exactly that form, as a statement."""
_NOT: Final = re.compile(
    r"\b(?:not|no|never|none|nothing|cannot|without|neither|nor|nunca|nada|sin|unable|refus\w+|declin\w+)\b|n't\b", re.IGNORECASE
)
_ANSWER: Final = re.compile(r"^\s*(?:no|yes|sí)\s*[,.]\s*", re.IGNORECASE)
_OF_AGENT: Final = re.compile(r"\b(?:agent|assistant|agente|asistente|we|us|company|shop)\b", re.IGNORECASE)
_OF_CALLER: Final = re.compile(r"\b(?:caller|customer|cliente|wants?|quiere|asks?|asked)\b", re.IGNORECASE)
_ASKING: Final = re.compile(r"\b(?:ask\w*|whether|pregunt\w+)\b", re.IGNORECASE)
_CONDITION: Final = re.compile(r"^\s*(?:if|unless|si)\b", re.IGNORECASE)
_PLAIN_TEXT: Final = re.compile(r"[\w\s.,;:'’\"“”$€£%()/-]+")
_MONEY: Final = re.compile(r"(?:dollar|euro|pound|dólar|libra)", re.IGNORECASE)
_BEFORE_MONEY: Final = 7
"""Words of the longest amount."""
_SHORTEST: Final = 3
_STEM: Final = 4


def is_grounded(claim: str, numbers: Sequence[int], card: Card) -> bool:
    """``numbers``: the turns that ``claim`` is said to come from."""
    by_number: Mapping[int, Turn] = {turn.number: turn for turn in card.turns}
    if not numbers or any(number not in by_number for number in numbers) or not _PLAIN_TEXT.fullmatch(claim):
        return False
    turns = [by_number[number] for number in numbers]
    source = " . ".join(turn.heard for turn in turns)
    values = " . ".join(fact.value for fact in card.key_facts if fact.turn in numbers)
    return (
        numbers_in(claim) | _written(claim) <= numbers_in(source) | numbers_in(values)
        and _amounts(claim, source, values)
        and _words(claim, f"{source} {values}")
        and _speakers(claim, turns)
        and _deeds(claim, turns)
        and _same_sense(claim, turns)
    )


def _written(claim: str) -> set[str]:
    """Whatever is written in digits, looked at as a number of its own."""
    return {plain_number(found) for found in re.findall(r"[0-9][0-9,.]*[0-9]|[0-9]", claim)}


def _amounts(claim: str, source: str, values: str) -> bool:
    """What the claim gives in money is given in money by the turns; the value of a slot may be an amount too."""
    known = set().union(numbers_in(values), *_money_in(source))
    return all(amount & known for amount in _money_in(claim))


def _money_in(text: str) -> list[set[str]]:
    """The numbers right before each word for money, and behind each sign."""
    words = text.split()
    named = [numbers_in(" ".join(words[max(0, at - _BEFORE_MONEY) : at + 1])) for at, word in enumerate(words) if _MONEY.match(word)]
    return named + [{plain_number(found)} for found in re.findall(r"[$€£]\s?([0-9][0-9,]*(?:\.[0-9]+)?)", text)]


def _words(claim: str, source: str) -> bool:
    """Every word that means something has its like in the turns; deeds are looked at more closely elsewhere."""
    known = set(words_in(source))
    stems = {word[: max(_STEM, len(word) - 3)] for word in known}
    for word in words_in(claim):
        plain = f" {_bare(word)} " in _PLAIN or len(word) < _SHORTEST or word in SMALL or word in TENS or word in HUNDREDS
        if plain or word[0].isdigit() or word in known or word in ("hundred", "thousand"):
            continue
        if len(word) <= _STEM or word[: max(_STEM, len(word) - 3)] not in stems:
            return False
    return True


def _bare(word: str) -> str:
    return word.removesuffix("'s")


def _speakers(claim: str, turns: Sequence[Turn]) -> bool:
    said_by = {turn.who for turn in turns}
    if _OF_AGENT.search(claim):
        return "agent" in said_by
    return "caller" in said_by or not _OF_CALLER.search(claim)


def _deeds(claim: str, turns: Sequence[Turn]) -> bool:
    """A deed is the agent's word, or the caller's where the claim says so; never one that was only asked about."""
    of_agent, asking = _OF_AGENT.search(claim) is not None, _ASKING.search(claim) is not None
    of_caller = _OF_CALLER.search(claim) is not None and not of_agent
    stated = {
        word
        for turn in turns
        for sentence in sentences_of(turn.heard)
        if (turn.who == "agent" and ("?" not in sentence or (of_agent and asking)) and not _CONDITION.match(sentence))
        or (turn.who == "caller" and of_caller)
        for word in words_in(sentence)
    }
    return all(word in stated for word in words_in(claim) if _DEEDS.fullmatch(word))


def _same_sense(claim: str, turns: Sequence[Turn]) -> bool:
    """The sentence that is nearest to the claim denies when the claim does, and asks only when the claim says so."""
    wanted = {word for word in words_in(claim) if f" {word} " not in _PLAIN}
    sentences = [(turn.who, _ANSWER.sub("", sentence)) for turn in turns for sentence in sentences_of(turn.heard)]
    if not sentences:
        return False
    who, nearest = max(sentences, key=lambda item: len(wanted & set(words_in(item[1]))))
    if who == "agent" and "?" in nearest and not _ASKING.search(claim):
        return False
    return (_NOT.search(claim) is None) == (_NOT.search(nearest) is None)
