"""Which rules hold for a call, and rules that agents in Python bring themselves."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import ValidationError

from agents import EmotionTrigger
from agents.emotion.signs import STATES
from handoff.rules.choosing import RuleBook, RulesSettings
from handoff.rules.errors import RulesError
from handoff.rules.ruleset import RuleSet
from handoff.rules.triggers import rules_of_triggers
from tests.handoff.rules.rules_scenes import over, spoken, started

ONE = "rules:\n  NAME: {when: {concern: {name: fraud}}, act: flag}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("usual", "number", "agent"):
        (tmp_path / f"{name}.yaml").write_text(ONE.replace("NAME", f"of_{name}"), "utf-8")
    return tmp_path


def test_the_number_goes_before_the_agent_before_the_instance(folder: Path) -> None:
    settings = RulesSettings(file="usual.yaml", agents={"front-desk": "agent.yaml"})
    book = RuleBook.load(settings, {"100": "number.yaml", "101": ""}, folder)
    assert list(book.rules_for("100", "front-desk").rules) == ["of_number"]
    assert list(book.rules_for("101", "front-desk").rules) == ["of_agent"]
    assert list(book.rules_for("101", "outage").rules) == ["of_usual"]


def test_without_a_file_those_that_ship_hold(folder: Path) -> None:
    assert RuleBook.load(RulesSettings(), {}, folder).rules_for("100", "x").rules == RuleSet.load().rules


def test_an_absolute_path_is_taken_as_it_is(folder: Path, tmp_path: Path) -> None:
    book = RuleBook.load(RulesSettings(file=str(folder / "usual.yaml")), {}, tmp_path / "elsewhere")
    assert list(book.rules_for("1", "x").rules) == ["of_usual"]


def test_a_wrong_file_is_told_at_the_start(folder: Path) -> None:
    (folder / "usual.yaml").write_text("rules: 3", "utf-8")
    with pytest.raises(RulesError, match="usual"):
        RuleBook.load(RulesSettings(), {"100": "usual.yaml"}, folder)
    with pytest.raises(RulesError, match="missing"):
        RuleBook.load(RulesSettings(file="missing.yaml"), {}, folder)


def test_off_and_in_shadow(folder: Path) -> None:
    trigger = EmotionTrigger("anger")
    assert not RuleBook.load(RulesSettings(enabled=False), {}, folder).rules_for("1", "x", [trigger]).rules
    shadow = RuleBook.load(RulesSettings(shadow=True), {"100": "number.yaml"}, folder)
    for number in ("100", "101"):
        found = shadow.rules_for(number, "x", [trigger]).rules
        assert "trigger_anger" in found
        assert all(rule.shadow for rule in found.values())


def test_an_agents_triggers_come_behind_the_rules(folder: Path) -> None:
    book = RuleBook.load(RulesSettings(file="usual.yaml"), {}, folder)
    found = book.rules_for("1", "x", [EmotionTrigger("anger", above=0.6, turns=2, queue="vip")])
    assert list(found.rules) == ["of_usual", "trigger_anger"]
    (decision,) = over(found, started(), spoken(1, 5, 0.6), spoken(3, 10, 0.7), spoken(5, 15, 0.1))
    assert (decision.act, decision.queue, decision.reason, decision.at_ms) == ("escalate", "vip", "anger", 10_000)
    assert not over(found, started(), spoken(1, 5, 0.6), spoken(3, 10, 0.5), spoken(5, 15, 0.9))


def test_feelings_and_the_states_they_are_judged_by() -> None:
    assert len(rules_of_triggers(EmotionTrigger(state) for state in STATES)) == len(STATES)
    for feeling, state in (("anger", "frustrated"), ("frustration", "frustrated"), ("distress", "urgent"), ("confusion", "confused")):
        (rule,) = rules_of_triggers([EmotionTrigger(feeling)]).values()
        assert rule.when.emotion is not None
        assert (rule.when.emotion.state, rule.when.emotion.at_least) == (state, 0.7)
    assert list(rules_of_triggers([EmotionTrigger("anger"), EmotionTrigger("anger", above=0.9)])) == ["trigger_anger", "trigger_anger_2"]


@dataclass(frozen=True)
class Wished:
    emotion: str
    above: float = 0.7
    turns: int = 1
    queue: str = ""


def test_a_feeling_that_is_not_judged() -> None:
    with pytest.raises(RulesError, match="'frustraton' is judged; did you mean 'frustration'"):
        rules_of_triggers([Wished("frustraton")])


def test_settings_refuse_what_they_do_not_know() -> None:
    with pytest.raises(ValidationError):
        RulesSettings.model_validate({"fiel": "x"})
