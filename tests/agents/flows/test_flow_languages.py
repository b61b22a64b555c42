"""In which languages a call can come to a node, and so which texts are needed."""

import pytest

from agents.flows.check_languages import languages_of_nodes
from agents.flows.definition import AgentDefinition
from agents.flows.loader import AgentError, parse_agent
from agents.flows.yaml_tree import compose, construct

DESK = """\
name: desk
languages: [en, es]
start: main
resume: main
everywhere: {person: person, goodbye: goodbye, repeat: repeat, yes: yes, no: no, to_person: person, to_goodbye: farewell,
  give_up: person, time_up: person, tool_trouble: person, to_anything_else: main, repeat_with: {en: [Again.], es: [Otra vez.]}}
intents:
  person: {phrases: [a person]}
  goodbye: {phrases: [goodbye]}
  repeat: {phrases: [say again]}
  yes: {phrases: ["yes"], replies: true}
  no: {phrases: ["no"], replies: true}
  start_over: {phrases: [start over]}
  spanish: {phrases: [spanish]}
  hours: {phrases: [hours]}
nodes:
  main: {do: ask, ask: [What.], again: [What.], silent: [What.], on: {spanish: switch, hours: told}}
  told: {do: say, say: [Nine.], next: main}
  switch: {do: set, language: es, next: which}
  which: {do: ask, ask: {es: ["¿Qué?"]}, again: {es: ["¿Qué?"]}, silent: {es: ["¿Qué?"]}, on: {hours: person}}
  person: {do: transfer, say: {en: [Please hold.], es: [Espere.]}}
  farewell: {do: end, say: {en: [Goodbye.], es: [Adiós.]}}
"""


def aside(node: str) -> str:
    """``DESK`` with a digression that begins with this node and comes back."""
    return DESK.replace("nodes:\n", "digressions: {yes: aside}\nnodes:\n") + f"  aside: {node}\n  back: {{do: return}}\n"


def spoken(text: str) -> dict[str, set[str]]:
    return languages_of_nodes(AgentDefinition.model_validate(construct(compose(text, "desk.yaml"))))


def test_only_what_lies_behind_the_switch_is_spanish() -> None:
    assert spoken(DESK) == {
        "main": {"en"},
        "told": {"en"},
        "switch": {"en"},
        "which": {"es"},
        "person": {"en", "es"},
        "farewell": {"en", "es"},
    }


def test_a_way_back_to_the_beginning_makes_everything_spanish() -> None:
    found = spoken(DESK.replace("on: {hours: person}", "on: {hours: main}"))
    assert {name for name, languages in found.items() if "es" in languages} == set(found)


def test_starting_over_is_in_the_first_language() -> None:
    text = DESK.replace("repeat: repeat, yes", "repeat: repeat, start_over: start_over, yes")
    assert spoken(text) == spoken(DESK)


@pytest.mark.parametrize(("ending", "more"), [("{do: return}", {"main", "told", "switch"}), ("{do: end, say: {es: [Adiós.]}}", set())])
def test_a_return_leads_on_in_the_language_of_the_call(ending: str, more: set[str]) -> None:
    found = spoken(DESK.replace("on: {hours: person}", "on: {hours: over}") + f"  over: {ending}\n")
    assert {name for name, languages in found.items() if "es" in languages} == {"which", "person", "farewell", "over", *more}


def test_a_digression_is_told_in_every_language_and_comes_back_in_it() -> None:
    found = spoken(aside("{do: say, say: [So.], next: back}"))
    assert found["aside"] == found["back"] == {"en", "es"}
    assert found["main"] == found["told"] == {"en"}


def test_a_digression_that_changes_the_language_asks_every_question_in_it() -> None:
    assert spoken(aside("{do: set, language: es, next: back}"))["main"] == {"en", "es"}


@pytest.mark.parametrize(
    ("old", "new", "missing"),
    [
        ("say: {en: [Please hold.], es: [Espere.]}", "say: [Please hold.]", "nodes.person.say"),
        ("repeat_with: {en: [Again.], es: [Otra vez.]}", "repeat_with: [Again.]", "everywhere.repeat_with"),
        ("on: {hours: person}", "on: {hours: told}", "nodes.told.say"),
    ],
)
def test_a_text_that_is_missing_there_is_told(old: str, new: str, missing: str) -> None:
    assert old in DESK
    with pytest.raises(AgentError) as caught:
        parse_agent(DESK.replace(old, new), "desk.yaml")
    assert f"{missing}: no text in 'es', in which a call can come here" in str(caught.value)
