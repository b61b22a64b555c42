"""A one-time code by keypad: given to its tool and to nobody else."""

import pickle

import pytest

from agents.conversation.dialogue_steps import DialogueSteps
from agents.flows.acts import AskModel, CallTool, Handover, HangUp, Listen
from agents.flows.loader import parse_agent
from tests.agents.flows.flow_talk import NOON, Talk
from tests.agents.flows.flow_texts import SMALL, changed

CODE = "73519"
VAULT = parse_agent(
    changed(
        ("  phone: {kind: phone}\n", "  phone: {kind: phone}\n  code: {kind: digits, shortest: 5, longest: 5}\n"),
        ("    on: {refund: number, goodbye: farewell}\n", "    on: {refund: code, hours: talk, goodbye: farewell}\n"),
        (
            "  line: {do: queue",
            """\
  code:
    do: collect
    slot: code
    secret: true
    ask: [Key in your code.]
    again: ["By the keys, please."]
    silent: ["By the keys, please."]
    keys: {"9": number}
    next: check
  check: {do: tool, tool: codes.check, with: {code: "{code}"}, returns: [correct], next: checked, failed: person}
  checked:
    do: branch
    cases:
      - {if: result.correct and has.code, next: talk}
      - {next: again}
  again: {do: set, values: {code: none}, next: code}
  line: {do: queue""",
        ),
    ),
    "vault.yaml",
)


def at_the_code(**result: bool) -> Talk:
    talk = Talk(VAULT, results={"codes.check": result or None})
    talk("give me a refund")
    assert talk.node == "code"
    return talk


def test_the_code_reaches_its_tool_in_secret() -> None:
    talk = at_the_code(correct=True)
    assert talk.listen.secret
    assert talk.listen.max_keys == 5
    talk(f"<{CODE}>")
    assert talk.calls == [CallTool("codes.check", {"code": CODE}, 3.0, secret=True)]


def test_a_model_that_follows_is_not_told() -> None:
    talk = at_the_code(correct=True)
    talk(f"<{CODE}>")
    assert isinstance(talk.end, AskModel)
    assert CODE not in repr(talk.end)
    assert talk.dialogue.state.value("code") == CODE


def test_a_wrong_code_is_forgotten_and_asked_for_again() -> None:
    talk = at_the_code(correct=False)
    assert talk(f"<{CODE}>") == "Key in your code."
    assert talk.dialogue.state.secrets == {}


@pytest.mark.parametrize("said", [CODE, "seven three five one nine", "my code is seven three five one nine", "banana"])
def test_a_spoken_code_is_not_taken(said: str) -> None:
    talk = at_the_code()
    assert talk(said) == "By the keys, please."
    assert talk.calls == []


def test_only_the_whole_is_taken() -> None:
    talk = at_the_code(correct=True)
    assert talk("<735>") == "By the keys, please."
    assert talk.dialogue.state.partial == ""
    assert talk("<19>") == "By the keys, please."


def test_a_key_may_lead_away() -> None:
    talk = at_the_code()
    assert talk.listen.menu == "09"
    assert talk("<9>") == "Which number?"


def test_what_works_everywhere_works_here() -> None:
    for said, end in (("a person", Handover("caller_request", "support")), ("goodbye", HangUp("done"))):
        talk = at_the_code()
        talk(said)
        assert talk.end == end


def test_the_code_is_in_no_outcome_and_in_nothing_that_is_shown() -> None:
    steps = DialogueSteps(VAULT, lambda: NOON, lambda: 0.0)
    steps.begin()
    steps.heard(1, 1, "give me a refund", unheard=False)
    steps.keyed(CODE)
    steps.tool_result({"correct": True})
    assert steps.outcome("caller_left", "", "").slots == {}
    assert steps.known() == {}
    dialogues = [dialogue for dialogue in vars(steps).values() if hasattr(dialogue, "state")]
    assert all(CODE not in repr(dialogue.state) for dialogue in dialogues)


@pytest.mark.parametrize("leaving", ["a person", "goodbye"])
def test_the_code_is_wiped_when_the_agent_is_done(leaving: str) -> None:
    talk = at_the_code(correct=True)
    talk(f"<{CODE}>", leaving)
    state = talk.dialogue.state
    assert CODE.encode() not in pickle.dumps([getattr(state, name) for name in state.__slots__])


def test_a_code_from_outside_stays_a_secret() -> None:
    talk = Talk(VAULT, results={"codes.check": {"correct": True}})
    talk.dialogue.learn({"code": CODE, "number": "12345"})
    assert talk.slots == {"number": "12345"}
    talk("give me a refund")
    assert talk.calls[0].arguments == {"code": CODE}


def test_the_small_flow_has_no_secret() -> None:
    assert parse_agent(SMALL, "small.yaml").secret_slots == frozenset()


def test_going_back_forgets_it() -> None:
    talk = at_the_code(correct=True)
    talk.models = []
    talk(f"<{CODE}>")
    copy = talk.dialogue.copy()
    copy.state.waiting_for = ""
    assert isinstance(copy.heard("12345", NOON)[-1], AskModel | Listen)
    assert talk.dialogue.without_secrets().state.secrets == {}
