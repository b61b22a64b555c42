"""A call in at most 60 words. Every fact names its turn; nothing is said that is not in the transcript."""

from collections.abc import Iterator
from typing import Final

from handoff.card_facts import asks_for_a_person, shortened, slot_name, wish_of
from handoff.card_types import Card, Fact, Summary
from handoff.card_words import PHRASES, REASONS, SLOTS, WISH_CUES, WISHES, in_words, words_for
from handoff.emotion_course import mood_in_words, mood_that_matters
from handoff.grounding import canonical

MOST_WORDS: Final = 60
_QUOTE_WORDS: Final = 16
_TELLING_WORDS: Final = 4
"""Words that are no numbers, from which on a turn says what a call is about."""
_MOST_SLOTS: Final = 3
_MOST_FAILED: Final = 2
_MOST_PROMISES: Final = 2


def summarise(card: Card) -> Summary:
    """From intent, slots, tools, promises and the caller's own words, the most important first. The same card gives the same summary."""
    facts: list[Fact] = []
    words = 0
    for fact in _facts(card):
        count = len(fact.text.split())
        if words + count <= MOST_WORDS:
            facts.append(fact)
            words += count
    return Summary(" ".join(fact.text for fact in facts), tuple(facts))


def with_mood(summary: Summary, card: Card) -> Summary:
    """``summary`` and how the caller seems, where that matters and there is room for it."""
    facts = (*summary.facts, *_mood(card))
    text = " ".join([summary.text, *(fact.text for fact in facts[len(summary.facts) :])])
    return Summary(text, facts) if len(text.split()) <= MOST_WORDS else summary


def _facts(card: Card) -> Iterator[Fact]:
    language, phrases = card.caller.language, words_for(PHRASES, card.caller.language)
    yield from _wish(card)
    yield from _mood(card)
    for item in card.key_facts[:_MOST_SLOTS]:
        name = in_words(SLOTS, language, slot_name(item.key)).capitalize()
        yield Fact(phrases["slot"].format(name=name, value=item.value.rstrip(". ")), item.turn)
    for attempt in [attempt for attempt in card.attempted if not attempt.ok][-_MOST_FAILED:]:
        yield Fact(phrases["failed"].format(tool=attempt.tool), attempt.turn)
    for promise in card.promises[-_MOST_PROMISES:]:
        yield Fact(phrases["told"].format(text=_quote(promise.text)), promise.turn)
    if card.open_question is not None:
        yield Fact(phrases["asks"].format(text=_quote(card.open_question.text)), card.open_question.turn)
    turn = _turn_of_reason(card)
    if turn is not None and not _is_told_as_mood(card):
        yield Fact(phrases["because"].format(reason=in_words(REASONS, language, card.reason.code)), turn)


def _wish(card: Card) -> Iterator[Fact]:
    """The wish, at the turn in which it was said; one of which no turn is known is not claimed, the caller's own words stand for it."""
    language, phrases, wish = card.caller.language, words_for(PHRASES, card.caller.language), wish_of(card)
    spoken = [turn for turn in card.turns if turn.who == "caller" and turn.via == "speech"]
    for turn in spoken:
        if wish and any(cue in turn.text.lower() for cue in WISH_CUES[wish]):
            yield Fact(phrases["wants"].format(wish=in_words(WISHES, language, wish)), turn.number)
            return
    about = [turn for turn in spoken if _plain_words(turn.text) >= _TELLING_WORDS and not asks_for_a_person(turn.text)]
    if about:
        yield Fact(phrases["said"].format(text=_quote(about[0].text)), about[0].number)


def _mood(card: Card) -> Iterator[Fact]:
    point = mood_that_matters(card.emotion)
    if point is not None and any(turn.number == point.turn for turn in card.turns):
        told = mood_in_words(point, card.caller.language)
        yield Fact(f"{told[:1].upper()}{told[1:]}.", point.turn)


def _is_told_as_mood(card: Card) -> bool:
    return any(card.emotion[-1].label == card.reason.code for _ in _mood(card))


def _plain_words(text: str) -> int:
    """Words that are no numbers."""
    return sum(not word.isdigit() for word in canonical(text).split())


def _turn_of_reason(card: Card) -> int | None:
    """None: no reason is known, or it is one that the caller never gave."""
    if card.reason.code in ("", "caller_request"):
        for turn in reversed(card.turns):
            if turn.who == "caller" and (asks_for_a_person(turn.text) or (turn.via == "keypad" and turn.text == "0")):
                return turn.number
        return None
    if card.reason.code == "tool_error":
        for attempt in reversed(card.attempted):
            if not attempt.ok:
                return attempt.turn
    return card.turns[-1].number if card.turns else 0


def _quote(text: str) -> str:
    words = text.split()
    return shortened(text if len(words) <= _QUOTE_WORDS else " ".join(words[:_QUOTE_WORDS]) + "…", 120)
