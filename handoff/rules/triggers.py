"""Feelings with which an agent in Python wants a person (agents.sdk.triggers.EmotionTrigger), as rules."""

from collections.abc import Iterable
from typing import Final, Protocol

from agents.sdk.emotion_names import state_named
from handoff.rules.conditions import Condition, EmotionPart
from handoff.rules.errors import RulesError
from handoff.rules.rule import ForPart, Rule

TRIGGER: Final = "trigger_"
"""How names of such rules begin; no rule of a file may be called so."""


class Feeling(Protocol):
    """As EmotionTrigger has it."""

    @property
    def emotion(self) -> str: ...
    @property
    def above(self) -> float: ...
    @property
    def turns(self) -> int: ...
    @property
    def queue(self) -> str: ...


def rules_of_triggers(triggers: Iterable[Feeling]) -> dict[str, Rule]:
    """Name to rule, ``trigger_anger`` and so on; of two for one feeling the second is ``trigger_anger_2``. Raises RulesError."""
    rules: dict[str, Rule] = {}
    for trigger in triggers:
        name = f"{TRIGGER}{trigger.emotion}"
        again = sum(1 for known in rules if known == name or known.startswith(f"{name}_"))
        rules[f"{name}_{again + 1}" if again else name] = _rule(trigger)
    return rules


def _rule(trigger: Feeling) -> Rule:
    try:
        state = state_named(trigger.emotion)
    except ValueError as error:
        raise RulesError(f"an emotion trigger: {error}") from error
    level = EmotionPart(state=state, of="utterance", at_least=trigger.above)
    return Rule.model_validate(
        {
            "description": "The agent's own wish.",
            "when": Condition(emotion=level),
            "for": ForPart(turns=trigger.turns) if trigger.turns > 1 else None,
            "act": "escalate",
            "queue": trigger.queue,
            "reason": trigger.emotion,
        }
    )
