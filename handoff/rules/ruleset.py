"""A set of rules, ready to judge a call."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from agents.flows.hours import Hours
from handoff.rules.conditions import EventsPart, FactPart, QueuePart
from handoff.rules.rule import Rule

DEFAULT: Final = Path(__file__).with_name("default.yaml")


@dataclass(frozen=True, slots=True)
class RuleSet:
    rules: Mapping[str, Rule] = field(default_factory=lambda: MappingProxyType({}))
    """By name; earlier ones go first."""
    rest_s: float = 30.0
    """Seconds after an escalation in which no rule escalates or tries once more."""
    hours: Hours | None = None
    holidays: frozenset[date] = frozenset()
    source: str = ""
    """File it was read from, for messages."""

    @classmethod
    def load(cls, source: Path | Mapping[str, object] | None = None) -> "RuleSet":
        """From a YAML file, or from the tree of one; without a source those that ship. Raises RulesError."""
        from handoff.rules.loading import read_rules, rules_of_tree  # the loader makes RuleSets

        return rules_of_tree(source) if isinstance(source, Mapping) else read_rules(source or DEFAULT)

    def for_call(self, number: str, agent: str) -> "RuleSet":
        """Without the rules that hold for other numbers and agents only."""
        return replace(self, rules=MappingProxyType({name: rule for name, rule in self.rules.items() if meant_for(rule, number, agent)}))

    def with_rules(self, more: Mapping[str, Rule]) -> "RuleSet":
        """With ``more`` behind them; one whose name is taken is left out."""
        return replace(self, rules=MappingProxyType({**self.rules, **{name: more[name] for name in more if name not in self.rules}}))

    def in_shadow(self) -> "RuleSet":
        """All of them only write down what they would do."""
        return replace(self, rules=MappingProxyType({name: rule.model_copy(update={"shadow": True}) for name, rule in self.rules.items()}))

    def acting(self) -> "RuleSet":
        """None of them in shadow: for a replay."""
        return replace(self, rules=MappingProxyType({name: rule.model_copy(update={"shadow": False}) for name, rule in self.rules.items()}))

    @property
    def facts_read(self) -> frozenset[str]:
        """The only facts that the rules need to be told: data minimisation for the caller of ``step``."""
        return frozenset(leaf.name for leaf in self._leaves() if isinstance(leaf, FactPart))

    @property
    def notes_read(self) -> frozenset[str]:
        """Events that are counted by their own names."""
        return frozenset(leaf.note for leaf in self._leaves() if isinstance(leaf, EventsPart) and leaf.note)

    @property
    def queues_read(self) -> frozenset[str]:
        """Queues whose state is asked; an empty name is the agent's own."""
        return frozenset(
            leaf.name or rule.queue for rule in self.rules.values() for leaf in rule.when.leaves() if isinstance(leaf, QueuePart)
        )

    def clock(self, moment: datetime) -> dict[str, object]:
        """The data of a ``clock`` happening. ``moment`` has a time zone; without hours in the file it is taken as it is."""
        local = moment.astimezone(self.hours.zone()) if self.hours is not None and self.hours.timezone else moment
        return {"weekday": local.weekday(), "minute": local.hour * 60 + local.minute, "holiday": local.date() in self.holidays}

    def _leaves(self) -> Iterable[object]:
        return (leaf for rule in self.rules.values() for leaf in rule.when.leaves())


def meant_for(rule: Rule, number: str, agent: str) -> bool:
    """By dialled number and agent."""
    only = rule.only
    return only is None or ((not only.numbers or number in only.numbers) and (not only.agents or agent in only.agents))
