"""Which rules hold for a call: by its dialled number, else by its agent, else those of the instance, else those that ship."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from handoff.rules.ruleset import RuleSet
from handoff.rules.triggers import Feeling, rules_of_triggers

RulesFileName = Annotated[str, Field(max_length=400)]


class RulesSettings(BaseModel):
    """The section ``rules`` of the settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(True, description="Let rules call a person and change the agent's manner; false: nobody watches.")
    file: RulesFileName = Field(
        "", description="YAML file with the rules of this instance; empty: those that ship. See: patchcord rules show."
    )
    shadow: bool = Field(False, description="All rules only write down what they would do.")
    agents: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")], RulesFileName] = Field(
        default_factory=dict, description="Agent to a rules file of its own."
    )


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules of an instance, read once at its start."""

    usual: RuleSet
    numbers: Mapping[str, RuleSet]
    agents: Mapping[str, RuleSet]
    enabled: bool = True

    @classmethod
    def load(cls, settings: RulesSettings, numbers: Mapping[str, str], folder: Path) -> "RuleBook":
        """``numbers``: dialled number to its rules file, empty where it has none; files that are named relatively lie in ``folder``.

        Raises RulesError.
        """
        read: dict[str, RuleSet] = {}

        def rules(file: str) -> RuleSet:
            if file not in read:
                found = RuleSet.load(folder / Path(file).expanduser() if file else None)
                read[file] = found.in_shadow() if settings.shadow else found
            return read[file]

        return cls(
            usual=rules(settings.file),
            numbers={number: rules(file) for number, file in numbers.items() if file},
            agents={agent: rules(file) for agent, file in settings.agents.items() if file},
            enabled=settings.enabled,
        )

    def sentences(self, language: str) -> list[str]:
        """All that rules may have said in ``language``, so that it can be made ready."""
        sets = (self.usual, *self.numbers.values(), *self.agents.values())
        said = (texts.get(language) for rules in sets for rule in rules.rules.values() for texts in (rule.say, rule.say_handing_over))
        return sorted({text for text in said if text}) if self.enabled else []

    def rules_for(self, number: str, agent: str, triggers: Iterable[Feeling] = ()) -> RuleSet:
        """``triggers``: those that the agent brings itself; they come behind the rules, in shadow where all of those are."""
        if not self.enabled:
            return RuleSet(source="rules.enabled: false")
        rules = self.numbers.get(number) or self.agents.get(agent) or self.usual
        own = rules_of_triggers(triggers)
        if rules.rules and all(rule.shadow for rule in rules.rules.values()):
            own = {name: rule.model_copy(update={"shadow": True}) for name, rule in own.items()}
        return rules.with_rules(own).for_call(number, agent)
