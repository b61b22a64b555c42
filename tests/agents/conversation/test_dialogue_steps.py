"""Steps of a dialogue in time: tried out, taken back, continued, and told things from outside."""

from agents.conversation.dialogue_steps import DialogueSteps
from agents.conversation.manner_in_force import MannerInForce
from agents.flows.acts import AskModel, Handover, HangUp, Listen, ModelResult, Say
from agents.manner import Manner
from tests.agents.flows.flow_talk import NOON, visits


def begun() -> DialogueSteps:
    steps = DialogueSteps(visits(), lambda: NOON, lambda: 0.0)
    steps.begin()
    return steps


def said(acts: list[object]) -> str:
    return " ".join(act.text for act in acts if isinstance(act, Say))


def test_what_is_tried_out_changes_nothing() -> None:
    steps = begun()
    first = steps.speculate(1, 1, "book a visit", unheard=False)
    assert said([*first]) == "On which day?"
    assert steps.outcome("goodbye", "", "").intent == ""
    assert steps.heard(1, 1, "book a visit", unheard=False) == first
    assert steps.outcome("goodbye", "", "").intent == "book"


def test_words_that_go_on_before_the_model_was_heard_are_answered_as_one() -> None:
    steps = begun()
    steps.heard(1, 1, "my dog", unheard=False)
    acts = steps.heard(2, 1, "barked at it", unheard=True)
    assert isinstance(acts[-1], AskModel)
    assert acts[-1].said == "my dog barked at it"
    assert isinstance(steps.model_result(ModelResult(said="Is it red?"))[-1], Listen)


def test_what_is_learnt_holds_also_for_an_answer_that_is_taken_back() -> None:
    steps = begun()
    steps.heard(1, 1, "my dog", unheard=False)
    steps.learn({"light": "red"})
    acts = steps.heard(2, 1, "barked at it", unheard=True)
    assert isinstance(acts[-1], AskModel)
    assert acts[-1].facts["light"] == "red"
    assert steps.outcome("goodbye", "", "").slots == {"light": "red"}


def test_an_answer_that_was_tried_out_before_something_was_learnt_is_made_anew() -> None:
    steps = begun()
    assert said([*steps.speculate(1, 1, "book a visit", unheard=False)]) == "On which day?"
    steps.learn({"visit_day": "2026-11-27"})
    assert said([*steps.heard(1, 1, "book a visit", unheard=False)]) == "At what time?"


def test_somebody_outside_lets_a_person_take_over() -> None:
    assert begun().transfer("vip", "angry")[-1] == Handover("angry", "vip")


def test_a_farewell_is_taken_back_for_words_that_mean_something_else() -> None:
    steps = begun()
    assert isinstance(steps.heard(1, 1, "goodbye", unheard=False)[-1], HangUp)
    assert steps.reconsider("goodbye then") == []
    assert said([*steps.reconsider("book a visit")]) == "On which day?"


# --- the manner in force, and what is said on the way to a person


def mannered() -> tuple[DialogueSteps, MannerInForce]:
    manner = MannerInForce()
    steps = DialogueSteps(visits(), lambda: NOON, lambda: 0.0, manner)
    steps.begin()
    return steps, manner


def test_a_step_that_was_tried_out_in_another_manner_is_taken_anew() -> None:
    steps, manner = mannered()
    [*_, tried] = steps.speculate(1, 1, "my dog barked at it", unheard=False)
    manner.set(Manner(short=True, tone="Be calm."))
    [*_, taken] = steps.heard(1, 1, "my dog barked at it", unheard=False)
    assert isinstance(tried, AskModel)
    assert isinstance(taken, AskModel)
    assert "Be calm." not in tried.instructions
    assert "Be calm." in taken.instructions
    assert taken.instructions.startswith("You are patient.")


def test_a_pace_alone_changes_no_step() -> None:
    steps, manner = mannered()
    tried = steps.speculate(1, 1, "book a visit", unheard=False)
    manner.set(Manner(pace=0.8, slow_readback=True))
    assert steps.heard(1, 1, "book a visit", unheard=False) is tried


def test_the_manner_holds_for_an_answer_that_is_taken_back() -> None:
    steps, manner = mannered()
    steps.heard(1, 1, "my dog", unheard=False)
    manner.set(Manner(tone="Be calm."))
    [*_, act] = steps.heard(2, 1, "barked at it", unheard=True)
    assert isinstance(act, AskModel)
    assert "Be calm." in act.instructions


def test_a_transfer_says_the_usual_sentence_or_the_given_one() -> None:
    assert said([*begun().transfer("", "angry")]) == "I put you through."
    acts = begun().transfer("vip", "angry", "I understand, one moment.")
    assert acts == [Say("I understand, one moment.", interruptible=False), Handover("angry", "vip")]
    ended = begun()
    ended.transfer("", "angry")
    assert ended.transfer("", "angry", "Once more.") == [], "nothing is said when the agent's part is over"


def test_where_a_question_lies_on_the_way_to_a_person_the_sentence_comes_before_it() -> None:
    everywhere = visits().everywhere.model_copy(update={"to_person": "main"})
    steps = DialogueSteps(visits().model_copy(update={"everywhere": everywhere}), lambda: NOON, lambda: 0.0)
    steps.begin()
    acts = steps.transfer("", "angry", "I understand.")
    assert said([*acts]) == "I understand. What can I do for you?"
    assert isinstance(acts[-1], Listen)


def test_a_sentence_before_the_answer_shares_its_fate() -> None:
    steps = begun()
    answer = steps.heard(1, 1, "book a visit", unheard=False)
    assert steps.preceded("I'm sorry.", answer) == [Say("I'm sorry."), *answer]
    assert steps.preceded("", answer) is answer
    assert steps.preceded("I'm sorry.", []) == [], "nothing is said while something is under way"
    assert steps.preceded("I'm sorry.", steps.heard(2, 1, "goodbye", unheard=False))[0] == Say("I'm sorry.", interruptible=False)


def test_what_has_failed_lately_can_be_asked() -> None:
    steps = begun()
    assert (steps.language, steps.failures, steps.setbacks) == ("en", 0, 0)
    steps.silent()
    assert (steps.failures, steps.setbacks) == (1, 0)


def test_a_call_begins_in_the_language_that_was_asked_for_where_the_agent_speaks_it() -> None:
    agent = visits()
    spoken = agent.model_copy(update={"languages": (*agent.languages, "es")})
    for wanted, begins in (("es", "es"), ("", agent.language), ("fr", agent.language)):
        steps = DialogueSteps(spoken, lambda: NOON, lambda: 0.0, language=wanted)
        acts = steps.begin()
        assert steps.language == begins
        assert {act.language for act in acts if isinstance(act, Say)} == {"" if begins == agent.language else begins}
