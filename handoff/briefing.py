"""What a person hears before they take a caller: who, why, one or two facts, and what was tried. Then nothing else."""

import re
from collections.abc import Iterator
from typing import Final

from handoff.card_facts import slot_name, wish_of
from handoff.card_types import Card, KeyFact
from handoff.card_words import PHRASES, PROMISED, REASONS, SLOTS, WISHES, in_words, words_for
from handoff.emotion_course import mood_in_words, mood_that_matters

MOST_SECONDS: Final = 8.0
CHARACTERS_PER_SECOND: Final = 14.0
"""Of spoken text at the speed of an ordinary voice, pauses included: 150 to 160 English words in a minute, 5.4 characters each."""
MOST_CHARACTERS: Final = int(MOST_SECONDS * CHARACTERS_PER_SECOND)
MOST_WORDS: Final = 20
_DIGIT_CHARACTERS: Final = 6
"""The longest digit in words ("three", "cuatro")."""
_NUMBER_CHARACTERS: Final = 14
"""What one digit of a longer number adds at most: "trescientos y"."""
_MARKS: Final = "-:%$€£"
_MARK_CHARACTERS: Final = 12
"""What one mark adds at most: " por ciento "."""
_DIGIT: Final = re.compile(r"(?<![0-9])[0-9](?![0-9])")
_LONGEST_VALUE: Final = 8
"""Digits that can be taken in by ear; of more the last four are said."""
_LAST_DIGITS: Final = 4
_SAID: Final = "0123456789"
"""Other numerals, such as a quarter, are whole phrases to a voice."""
_TOLD_FIRST: Final = ("order_number", "order", "amount", "postcode", "device", "reference")


def spoken_brief(card: Card, language: str = "en", *, callback: bool = False) -> str:
    """At most 20 words and 8 s of speech, in words and single digits that every voice reads alike.

    ``callback``: the caller has hung up and is called when it is over.
    """
    clauses = [words_for(PHRASES, language)["callback"]] if callback else []
    for clause in _clauses(card, language):
        if _fits([*clauses, clause]):
            clauses.append(clause)
    return _joined(clauses)


def spoken_seconds(text: str) -> float:
    """How long ``text`` takes to say, at most: a bound on characters, each digit counted as its word."""
    alone = len(_DIGIT.findall(text))
    others = sum(char.isdigit() for char in text) - alone
    longer = alone * (_DIGIT_CHARACTERS - 1) + others * (_NUMBER_CHARACTERS - 1)
    longer += sum(char in _MARKS for char in text) * _MARK_CHARACTERS
    return (len(text) + longer) / CHARACTERS_PER_SECOND


def _fits(clauses: list[str]) -> bool:
    text = _joined(clauses)
    return len(text.split()) <= MOST_WORDS and spoken_seconds(text) <= MOST_SECONDS


def _joined(clauses: list[str]) -> str:
    text = ", ".join(clauses[:2])
    return ". ".join([text, *(clause[:1].upper() + clause[1:] for clause in clauses[2:])]) + "."


def _clauses(card: Card, language: str) -> Iterator[str]:
    """The most important first: what does not fit is left out."""
    phrases, wish = words_for(PHRASES, language), wish_of(card)
    yield _who(card, language)
    if wish:
        yield phrases["wish"].format(wish=_letters(in_words(WISHES, language, wish)))
    reason = _letters(in_words(REASONS, language, card.reason.code or "caller_request"))
    point = mood_that_matters(card.emotion)
    mood = mood_in_words(point, language, briefly=True) if point is not None else ""
    if reason and (not wish or card.reason.code not in ("", "caller_request")) and not (point and card.reason.code == point.label):
        yield reason
    if mood and card.reason.code != "upset":
        yield mood
    for fact in _facts(card):
        yield f"{in_words(SLOTS, language, slot_name(fact.key))} {_sayable(fact.value)}"
    for promise in reversed(card.promises):
        if promised := next((words for pattern, words in PROMISED[_known(language)] if pattern.search(promise.text)), ""):
            yield promised
            break
    if card.reason.code != "tool_error":
        for attempt in [attempt for attempt in card.attempted if not attempt.ok][-1:]:
            yield phrases["tool_failed"].format(tool=attempt.tool.replace(".", " ").replace("_", " "))


def _known(language: str) -> str:
    code = language.lower().split("-")[0]
    return code if code in PROMISED else "en"


def _who(card: Card, language: str) -> str:
    phrases = words_for(PHRASES, language)
    if name := _letters(card.caller.name):
        return " ".join(name.split()[:3])
    digits = [char for char in card.caller.number if char in "0123456789"]
    if len(digits) < _LAST_DIGITS:
        return phrases["caller"]
    return phrases["ending"].format(digits=" ".join(digits[-_LAST_DIGITS:]))


def _facts(card: Card) -> list[KeyFact]:
    rank = {name: index for index, name in enumerate(_TOLD_FIRST)}
    return sorted(card.key_facts, key=lambda fact: rank.get(slot_name(fact.key), len(rank)))[:2]


def _sayable(value: str) -> str:
    """Digits one by one; amounts as they are."""
    if not value.isdigit():
        return _plain(value)
    return " ".join(value if len(value) <= _LONGEST_VALUE else value[-_LAST_DIGITS:])


def _letters(text: str) -> str:
    """Codes of an installation's own may hold marks, each of which a voice would say as a word or two."""
    return " ".join("".join(char if char.isalpha() or char in _SAID + "'’" else " " for char in text).split())


def _plain(text: str) -> str:
    """On one line, without marks that a voice would stumble over."""
    return " ".join("".join(char if char.isalpha() or char in _SAID + " .,'’-:%$€£" else " " for char in text).split())
