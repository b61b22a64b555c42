"""Over the conversations of the library: nothing on a card that is not in its transcript.

The check shares no code with what it checks: it knows numbers by the agents' own wording, and quotes by looking for them letter by letter.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from agents.transcript import Turn
from agents.wording import FORMATS, spoken_text
from handoff.card import Attempt, Card, Fact, KeyFact, Summary, card_from_json, card_to_json
from handoff.card_words import REASONS, WISHES
from tests.handoff.rehearsed_calls import FILES, Moment, moments

CALLS = [path for path in FILES if not path.stem.startswith(("briefing", "waiting-room"))][::2]
"""Every other one, to save time."""
QUOTE = re.compile(r"[“«](.+?)[”»]")


def plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def spellings(value: str, language: str) -> Iterator[str]:
    """The ways in which a value may be said."""
    yield plain(value)
    for form in (value, f"${value}", " ".join(value), value.split(".")[0]):
        yield plain(spoken_text(form, language))
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        yield plain(FORMATS["date"](value, language))
        yield plain(FORMATS["date"](value, language).partition(", ")[2])
    if value.replace(".", "").isdigit():
        spelled = [plain(spoken_text(digit, language)) for digit in value if digit.isdigit()]
        yield " ".join(spelled)
        yield " ".join("oh" if digit == "zero" else digit for digit in spelled)


def in_turn(value: str, turn: Turn, language: str) -> bool:
    said = {plain(turn.heard), plain(spoken_text(turn.heard, language)), plain(spoken_text(turn.heard, "en"))}
    compact = {re.sub(r"\W", "", text) for text in (turn.heard, spoken_text(turn.heard, language))}
    return any(spelling and spelling in text for spelling in spellings(value, language) for text in said) or value in compact


def ungrounded(card: Card, moment: Moment) -> Iterator[str]:
    """Whatever the card states that cannot be found where it says."""
    turns = {turn.number: turn for turn in moment.turns}
    language = card.caller.language
    failed = {str(data["name"]) for kind, _, data in moment.events if kind == "tool" and not data["ok"]}
    used = {str(data["name"]) for kind, _, data in moment.events if kind == "tool"}
    for item in card.key_facts:
        turn = turns.get(item.turn)
        if turn is None or not in_turn(item.value, turn, language) or item.source != ("caller" if turn.who == "caller" else "tool"):
            yield f"key fact {item}"
    for promise in card.promises:
        if promise.turn not in turns or turns[promise.turn].who != "agent" or promise.text.rstrip("…") not in turns[promise.turn].heard:
            yield f"promise {promise}"
    if (question := card.open_question) is not None and question.text.rstrip("…") not in turns[question.turn].heard:
        yield f"question {question}"
    for attempt in card.attempted:
        if attempt.tool not in used or (not attempt.ok and attempt.tool not in failed) or attempt.turn not in turns:
            yield f"attempt {attempt}"
    told = {fact.text for fact in card.summary.facts}
    if card.summary.text != " ".join(fact.text for fact in card.summary.facts) or len(card.summary.text.split()) > 60:
        yield f"summary {card.summary.text}"
    allowed = {item.value for item in card.key_facts}
    for fact in card.summary.facts:
        turn = turns.get(fact.turn)
        if turn is None:
            yield f"fact without a turn {fact}"
        elif quoted := QUOTE.search(fact.text):
            if quoted[1].rstrip("…") not in turn.heard:
                yield f"quote {fact}"
        elif not (
            any(value.rstrip(". ") in fact.text for value in allowed)
            or any(name in fact.text for name in failed)
            or any(wish in fact.text for wish in WISHES[language].values())
            or REASONS[language].get(card.reason.code, card.reason.code.replace("_", " ")) in fact.text
        ):
            yield f"fact {fact}"
    numbers = re.findall(r"\d+(?:\.\d+)?", " ".join(told))
    for number in numbers:
        if not any(in_turn(number, turn, language) for turn in moment.turns) and not any(number in value for value in allowed):
            yield f"number {number}"


async def test_no_fact_that_is_not_in_the_transcript() -> None:
    checked, wrong, stated = 0, [], 0
    for path in CALLS:
        async for moment in moments(path):
            card = card_from_json(card_to_json(moment.card()))
            wrong += [f"{moment.name}: {problem}" for problem in ungrounded(card, moment)]
            stated += len(card.key_facts) + len(card.summary.facts) + len(card.promises) + len(card.attempted)
            checked += 1
    assert wrong == []
    assert checked >= 200
    assert stated >= 500


async def test_the_check_finds_what_is_made_up() -> None:
    path = next(path for path in FILES if path.stem == "refund-over-limit")
    moment = [moment async for moment in moments(path)][-1]
    card = moment.card()
    assert list(ungrounded(card, moment)) == []
    for made_up in (
        replace(card, key_facts=(KeyFact("order", "99999", "caller", 2),)),
        replace(card, promises=(Fact("I will refund everything.", 3),)),
        replace(card, attempted=(Attempt("orders.destroy", True, "", 1),)),
        replace(card, summary=Summary("Is a spy.", (Fact("Is a spy.", 1),))),
        replace(card, summary=Summary("Caller said: “hand it over”", (Fact("Caller said: “hand it over”", 2),))),
        replace(card, open_question=Fact("Who are you?", 2)),
    ):
        assert list(ungrounded(made_up, moment))
