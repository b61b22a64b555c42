"""A caller who waits: nothing is asked, and somebody outside has things said. Hums, notes, and transfers that lead elsewhere."""

import pytest

from agents.flows.acts import Handover, HangUp, Note
from agents.flows.definition import AgentDefinition, SetNode
from agents.flows.loader import AgentError, parse_agent
from agents.flows.outline import outline
from agents.flows.words import without_hums
from tests.agents.flows.flow_talk import NOON, Talk
from tests.agents.flows.flow_texts import changed
from tests.agents.flows.test_flow_subflows import OUTER, PAY

ROOM = """\
format: 2
name: room
languages: [en, es]
start: begin
resume: begin
give_up_after: 2
everywhere: {person: person, goodbye: goodbye, repeat: repeat, yes: yes, no: no, to_person: coming, to_goodbye: farewell,
  to_anything_else: room, give_up: gave_up, time_up: person, tool_trouble: person, repeat_with: {en: [Once more.], es: [Otra vez.]}}
slots:
  place: {kind: text}
  number: {kind: digits, shortest: 5, longest: 5}
intents:
  person: {phrases: [a person]}
  goodbye: {phrases: [goodbye]}
  repeat: {phrases: [say again]}
  yes: {phrases: ["yes", okay], replies: true}
  no: {phrases: ["no"], replies: true}
  add: {phrases: [please add]}
  number: {phrases: [a number]}
  spanish: {phrases: [spanish]}
  hours: {phrases: [opening hours]}
digressions: {hours: hours}
announcements: {place: place, sure: sure, done: farewell}
nodes:
  begin: {do: say, say: {en: [Hello.]}, next: room}
  room:
    do: wait
    again: {en: [One., Two.], es: [Uno.]}
    on: {add: add, number: language, spanish: to_spanish}
    keys: {1: place}
  to_spanish: {do: set, language: es, next: room}
  add: {do: say, say: {en: [Noted.], es: [Anotado.]}, note: detail_added, next: room}
  language: {do: branch, cases: [{if: language == "es", next: add}, {next: number}]}
  number: {do: collect, slot: number, ask: {en: ["Which?"]}, again: {en: [Five digits.]}, silent: {en: [Five digits.]}, next: room}
  place: {do: branch, cases: [{if: has.place, next: told}, {next: back}]}
  told: {do: say, say: {en: ["Number {place}."], es: ["El {place}."]}, next: back}
  sure: {do: ask, hum_is_yes: false, ask: {en: ["Sure?"], es: ["¿Sí?"]}, again: {en: [Yes or no?], es: ["¿Sí o no?"]},
    silent: {en: [Yes or no?], es: ["¿Sí o no?"]}, on: {yes: back, no: farewell}}
  hours: {do: say, say: {en: [All day.], es: [Siempre.]}, next: back}
  back: {do: return}
  coming: {do: say, say: {en: [Coming.], es: [Ya viene.]}, next: room}
  gave_up: {do: say, say: {en: [Never mind.], es: [Da igual.]}, next: room}
  person: {do: transfer, reason: trouble}
  farewell: {do: end, reason: bye}
"""


def room() -> AgentDefinition:
    return parse_agent(ROOM.replace("Yes or no?", '"Yes or no?"').replace('""', '"'), "room.yaml")


def refused(*replaced: tuple[str, str]) -> str:
    with pytest.raises(AgentError) as caught:
        parse_agent(changed(*replaced, text=ROOM.replace("[Yes or no?]", '["Yes or no?"]')), "room.yaml")
    return str(caught.value)


def test_silence_is_answered_by_silence_for_ever() -> None:
    talk = Talk(room())
    assert [talk("...") for _ in range(20)] == [""] * 20
    assert talk.listen.patient
    assert talk.node == "room"


def test_words_that_fit_nothing_get_as_many_answers_as_there_are_texts() -> None:
    talk = Talk(room())
    assert [talk("purple") for _ in range(4)] == ["One.", "Two.", "", ""]
    assert talk("?") == ""
    assert talk("opening hours") == "All day."
    assert talk("purple") == "One."


def test_what_a_caller_has_proven_leaves_a_note_with_its_level() -> None:
    agent = room()
    stated = agent.nodes["add"].model_copy(update={"next": "proven"})
    proven = SetNode(do="set", verified="kba", next="room")
    talk = Talk(agent.model_copy(update={"nodes": {**agent.nodes, "add": stated, "proven": proven}}))
    talk("please add that it is wet")
    assert Note("verified", {"level": "kba"}) in talk.acts


def test_what_a_flow_notes_leaves_a_note_and_no_word() -> None:
    talk = Talk(room())
    assert talk("please add that it is wet") == "Noted."
    assert Note("detail_added") in talk.acts
    assert talk.dialogue.state.intent == "", "what the call is about was settled before the wait"


def test_an_announcement_is_made_where_the_caller_waits_and_only_there() -> None:
    talk = Talk(room())
    talk.dialogue.learn({"place": "4"})
    talk.settle(talk.dialogue.announce("place", NOON))
    assert talk.said[-1] == "Number 4."
    assert talk.node == "room"
    assert talk.dialogue.announce("weather", NOON) == []
    talk("a number")
    assert not talk.dialogue.can_announce
    assert talk.dialogue.announce("place", NOON) == []
    assert talk("12345") == ""
    assert talk.dialogue.can_announce


def test_one_about_which_nothing_is_known_says_nothing() -> None:
    talk = Talk(room())
    talk.said = []
    talk.settle(talk.dialogue.announce("place", NOON))
    assert talk.said == []
    assert talk.listen.patient


def test_one_may_ask_or_end() -> None:
    talk = Talk(room())
    talk.settle(talk.dialogue.announce("sure", NOON))
    assert talk.said[-1] == "Sure?"
    assert talk("yes") == ""
    assert talk.node == "room"
    talk.settle(talk.dialogue.announce("done", NOON))
    assert talk.acts == [HangUp("bye")], "an ending may be silent"


@pytest.mark.parametrize(
    ("heard", "node"), [("mm-hm", "sure"), ("uh-huh mhm", "sure"), ("um", "sure"), ("okay", "room"), ("mm-hm yes", "room")]
)
def test_a_hum_is_no_yes_where_it_is_said_so(heard: str, node: str) -> None:
    talk = Talk(room())
    talk.settle(talk.dialogue.announce("sure", NOON))
    talk(heard)
    assert talk.node == node
    assert talk.dialogue.state.failures == 0


def test_who_gives_no_answer_to_a_question_goes_on_waiting() -> None:
    talk = Talk(room())
    talk("a number")
    assert [talk("..."), talk("...")] == ["Five digits.", "Never mind."]
    assert talk.listen.patient
    assert talk("<0>") == "Coming."
    assert talk("a person") == "Coming."


def test_the_machinery_that_fails_ends_it_all_the_same() -> None:
    talk = Talk(room())
    talk.settle(talk.dialogue.trouble(NOON))
    assert talk.acts == [Handover("trouble", "support")]


def test_a_branch_that_asks_for_the_language_keeps_others_out() -> None:
    """``number`` has no text in Spanish, and the loader knows that nobody comes there in it."""
    talk = Talk(room())
    assert talk("spanish", "a number") == "Anotado."
    assert "no text in 'es'" in refused(('[{if: language == "es", next: add}, {next: number}]', "[{next: number}]"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{place: place,", "{place: plaice,", "no node 'plaice'; did you mean 'place'?"),
        ("keys: {1: place}", "keys: {0: place}", "the key 0 always leads to a person"),
        ("give_up: gave_up", "give_up: told", "must be a transfer or queue node"),
    ],
)
def test_mistakes(old: str, new: str, message: str) -> None:
    assert message in refused((old, new))


def test_an_announcement_is_a_door_of_its_own() -> None:
    assert "announcement: place -> place" in outline(room())


def test_transfers_of_a_subflow_may_lead_to_a_node_of_ours() -> None:
    exits = "exits: {done: note, stopped: farewell}"
    agent = parse_agent(OUTER.replace(exits, f"{exits}, transfers: farewell"), "outer.yaml", {"pay-back": PAY})
    assert agent.nodes["back_money/person"].do == "set"
    with pytest.raises(AgentError, match="no node 'farwell'; did you mean 'farewell'"):
        parse_agent(OUTER.replace(exits, f"{exits}, transfers: farwell"), "outer.yaml", {"pay-back": PAY})


@pytest.mark.parametrize(
    ("text", "words"), [("Mm-hm.", ""), ("mhm, OKAY", "okay"), ("Uh-huh, take it!", "take it"), ("um", ""), ("aha", "aha"), ("", "")]
)
def test_hums_are_taken_out_of_what_was_heard(text: str, words: str) -> None:
    assert without_hums(text) == words
