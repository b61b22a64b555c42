"""Nodes at which a language model talks: what it is told, what is taken from it, and every way out."""

import pytest

from agents.flows.acts import AskModel, Handover, Listen, ModelResult, Say
from agents.llm.task import FAILED
from tests.agents.flows.flow_talk import NOON, Talk, visits


def asked(talk: Talk) -> AskModel:
    assert isinstance(talk.end, AskModel)
    return talk.end


def test_a_sentence_that_fits_nothing_goes_to_the_model_with_all_that_is_known() -> None:
    talk = Talk(visits())
    talk.dialogue.learn({"light": "red", "caller": "+4930123456"})
    talk("my dog barked at it")
    ask = asked(talk)
    assert (ask.said, ask.goal, ask.instructions) == ("my dog barked at it", "Help with a red light.", "You are patient.")
    assert ask.tools == ("manual.search", "notes.add")
    assert ask.exits == {"solved": "it works", "visit": "a technician is needed"}
    assert set(ask.remembers) == {"visit_day", "visitors"}
    assert ask.facts["light"] == "red"
    assert ask.facts["caller"] == "+4930123456"
    assert (ask.facts["today"], ask.facts["open_now"], ask.facts["call_seconds"]) == ("2026-11-20", True, 0)


def test_the_goal_goes_on_until_an_exit_fits() -> None:
    talk = Talk(visits())
    talk.models = [ModelResult(said="Is it red?"), ModelResult("solved", said="Fine.")]
    talk("my dog barked at it")
    assert isinstance(talk.end, Listen)
    assert talk("yes it is") == "Anything else?"
    assert [ask.said for ask in talk.asked] == ["my dog barked at it", "yes it is"]


def test_facts_are_taken_only_as_far_as_the_slots_understand_them() -> None:
    talk = Talk(visits())
    facts = {"visit_day": "next Friday", "visitors": "ninety", "due": "5", "nonsense": "x"}
    talk.models = [ModelResult("visit", facts, "We will come.")]
    assert talk("my dog barked at it") == "At what time?"
    assert talk.slots == {"visit_day": "2026-11-27"}


@pytest.mark.parametrize("result", [ModelResult(FAILED), ModelResult(FAILED, {"visitors": "2"}, "half a")])
def test_a_model_that_fails_leads_on(result: ModelResult) -> None:
    talk = Talk(visits())
    talk.models = [result]
    talk("my dog barked at it")
    assert talk.end == Handover("model_error", "support")


def test_an_unknown_exit_leaves_the_floor_to_the_caller() -> None:
    talk = Talk(visits())
    talk.models = [ModelResult("moon", said="Well.")]
    talk("my dog barked at it")
    assert isinstance(talk.end, Listen)
    assert talk.node == "free"


def test_after_so_many_turns_a_person_takes_over() -> None:
    talk = Talk(visits())
    talk.models = [ModelResult(said="Hm.")] * 3
    talk("my dog barked at it", "and then", "and then it rained", "and so on")
    assert talk.end == Handover("model_turns", "support")


def test_silence_and_mumbling_at_a_model_repeat_its_words_and_then_end() -> None:
    talk = Talk(visits())
    talk.models = [ModelResult(said="Is it red?")]
    talk("my dog barked at it")
    assert talk("...") == "Is it red?"
    assert talk("?") == "Is it red?"
    talk("...")
    assert talk.end == Handover("repeated_failure", "support")


def test_intents_of_the_node_come_before_the_model() -> None:
    talk = Talk(visits())
    talk.models = [ModelResult(said="Is it red?")]
    assert talk("my dog barked at it", "I'd rather pay my bill") == "Key in your card number."
    assert len(talk.asked) == 1


def test_what_came_late_is_for_nobody() -> None:
    talk = Talk(visits())
    assert talk.dialogue.model_result(ModelResult("solved"), NOON) == []
    assert talk.dialogue.tool_result({"found": True}, NOON) == []
    assert talk.node == "main"


def test_keys_are_told_to_the_model() -> None:
    talk = Talk(visits())
    talk.models = [ModelResult(said="Is it red?")]
    talk("my dog barked at it", "<42>")
    assert asked(talk).said == "4 2"


def test_transfer_and_learning_from_outside() -> None:
    talk = Talk(visits())
    assert talk.dialogue.learn({"visit_day": "2026-11-27"}) == []
    acts = talk.dialogue.transfer("vip", "angry", NOON)
    assert acts == [Say("I put you through.", False), Handover("angry", "vip")]
    assert talk.dialogue.transfer("vip", "angry", NOON) == []
    again = Talk(visits())
    assert again.dialogue.transfer("", "angry", NOON)[-1] == Handover("angry", "support")
