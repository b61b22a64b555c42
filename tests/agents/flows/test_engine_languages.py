"""A call that changes its language, and the ways back to the first one."""

from collections.abc import Sequence

import pytest

from agents.flows.acts import Handover, Say
from agents.flows.loader import parse_agent
from tests.agents.flows.flow_talk import NOON, Talk

TEXT = """\
name: desk
languages: [en, es]
start: main
resume: main
everywhere: {person: person, goodbye: goodbye, repeat: repeat, yes: yes, no: no, back: back, start_over: start_over, to_person: person,
  to_goodbye: farewell, give_up: person, time_up: person, tool_trouble: person, repeat_with: {en: [Again.], es: [Otra vez.]}}
slots: {day: {kind: date}}
intents:
  person: {phrases: [a person]}
  goodbye: {phrases: [goodbye]}
  repeat: {phrases: [say again]}
  yes: {phrases: ["yes"], replies: true}
  no: {phrases: ["no"], replies: true}
  back: {phrases: [go back]}
  start_over: {phrases: [start over]}
  spanish: {phrases: [spanish]}
nodes:
  main: {do: ask, ask: [What.], again: [What.], silent: [What.], on: {spanish: switch}}
  switch: {do: set, language: es, queue: support-es, next: which}
  which: {do: collect, slot: day, ask: {es: ["¿Qué día?"]}, again: {es: ["¿Qué?"]}, silent: {es: ["¿Qué?"]}, next: farewell}
  person: {do: transfer, say: {en: [Please hold.], es: [Espere.]}}
  farewell: {do: end, say: {en: [Goodbye.], es: ["Adiós, {day|date}."]}}
"""
DESK = parse_agent(TEXT, "desk.yaml")


def talk_of(*lines: str) -> Talk:
    talk = Talk(DESK)
    talk(*lines)
    return talk


def test_everything_is_said_in_the_language_of_the_call() -> None:
    talk = talk_of("spanish")
    assert [(act.text, act.language) for act in talk.acts if isinstance(act, Say)] == [("¿Qué día?", "es")]
    talk("say again")
    assert talk.said[0] == "Otra vez."
    assert talk.dialogue.state.language == "es"


@pytest.mark.parametrize("leaving", ["a person", "<0>"])
def test_a_person_who_speaks_it_takes_over(leaving: str) -> None:
    talk = talk_of("spanish")
    assert talk(leaving) == "Espere."
    assert talk.end == Handover("caller_request", "support-es")


def test_also_when_the_call_is_taken_away_from_outside() -> None:
    assert talk_of("spanish").dialogue.transfer("", "angry", NOON)[-1] == Handover("angry", "support-es")
    assert talk_of("spanish").dialogue.transfer("vip", "angry", NOON)[-1] == Handover("angry", "vip")


@pytest.mark.parametrize("way", [["go back"], ["start over"]])
def test_the_way_back_leads_out_of_the_language(way: Sequence[str]) -> None:
    talk = talk_of("spanish", *way)
    assert talk.said == ["What."]
    assert talk("a person") == "Please hold."
    assert talk.end == Handover("caller_request", "support")


def test_an_agent_that_can_say_everything_in_it_starts_over_in_it() -> None:
    spanish = TEXT
    for plain in ("ask: [What.]", "again: [What.]", "silent: [What.]"):
        spanish = spanish.replace(plain, plain.replace("[What.]", "{en: [What.], es: [Qué.]}"))
    for key in ("ask: {es:", "again: {es:", "silent: {es:"):
        spanish = spanish.replace(key, key.replace("{es:", "{en: [Which day.], es:"))
    agent = parse_agent(spanish, "desk.yaml")
    assert agent.fluent == {"en", "es"}
    talk = Talk(agent)
    assert talk("spanish", "start over") == "Qué."
