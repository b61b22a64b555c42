"""What agents say, found and changed: nothing is missing, nothing else changes."""

import pytest

from agents.flows.loader import is_abstract, parse_agent
from agents.library import FOLDER
from handoff.desk.knobs.applying import apply
from handoff.desk.knobs.text_fields import text_fields
from handoff.desk.knobs.workspace import check

TEXTS = {path.stem: path.read_text("utf-8") for path in FOLDER.glob("*.yaml")}
AGENTS = sorted(name for name, text in TEXTS.items() if not is_abstract(text))


@pytest.mark.parametrize("name", AGENTS)
def test_everything_an_agent_says_has_a_field(name: str) -> None:
    agent = parse_agent(TEXTS[name], f"{name}.yaml", TEXTS)
    shown = {wording for field in text_fields(name, TEXTS, agent) for variants in field.variants for wording in variants.wordings}
    said = {text for language in agent.languages for text in agent.texts(language)}
    # Slots of subflows have other names in the whole agent.
    assert {text for text in said - shown if "__" not in text} == set()


@pytest.mark.parametrize("name", AGENTS)
def test_a_form_that_was_not_touched_changes_nothing(name: str) -> None:
    given = {
        field.name_of(variants, number): wording
        for field in text_fields(name, TEXTS, None)
        for variants in field.variants
        for number, wording in enumerate(variants.wordings)
    }
    assert given
    assert apply(name, TEXTS, given).texts == TEXTS


def test_a_text_is_changed_where_it_stands() -> None:
    done = apply("front-desk", TEXTS, {"text|harbor-base|nodes.farewell.say|en|0": "Thanks. Bye."})
    assert done.refused == {}
    changed = {name: text for name, text in done.texts.items() if text != TEXTS[name]}
    assert changed == {"harbor-base": TEXTS["harbor-base"].replace("Thank you for calling. Goodbye.", "Thanks. Bye.")}
    agent = check("front-desk", done.texts, None).definition
    assert agent is not None and "Thanks. Bye." in set(agent.texts())


def test_wordings_come_and_go() -> None:
    name = "text|front-desk|nodes.main.ask||"
    done = apply("front-desk", TEXTS, {f"{name}0": "", f"{name}1": "What is it?", f"{name}+": "Yes: how can I help?"})
    assert done.refused == {}
    assert '    ask:\n      - What is it?\n      - "Yes: how can I help?"\n    again:' in done.texts["front-desk"]


def test_the_only_wording_cannot_be_emptied_unseen() -> None:
    done = apply("front-desk", TEXTS, {"text|harbor-base|nodes.farewell.say|en|0": " "})
    mistakes = check("front-desk", done.texts, None).mistakes
    assert [mistake.what for mistake in mistakes if mistake.path.startswith("nodes.farewell.say")]


def test_a_language_is_added_to_a_plain_list() -> None:
    done = apply("front-desk", TEXTS, {"text|front-desk|nodes.what_then.ask|es|new": "¿De qué se trata?"})
    assert done.refused == {}
    agent = check("front-desk", done.texts, None).definition
    assert agent is not None and "¿De qué se trata?" in set(agent.texts("es"))
    assert "Please tell me in a few words" in done.texts["front-desk"]


def test_fields_that_are_no_texts_are_passed_over() -> None:
    for name in (
        "text|front-desk|start||0",
        "text|nowhere|nodes.main.ask||0",
        "text|front-desk|nodes.main.do||0",
        "yaml|nowhere",
        "turns.x",
    ):
        assert apply("front-desk", TEXTS, {name: "x"}).texts == TEXTS, name


def test_a_short_form_is_changed_where_it_stands() -> None:
    key = "text|front-desk|nodes.main.again|short.en|0"
    assert key in {
        field.name_of(variants, number)
        for field in text_fields("front-desk", TEXTS, None)
        for variants in field.variants
        for number, _ in enumerate(variants.wordings)
    }
    done = apply("front-desk", TEXTS, {key: "Sorry. An order?"})
    assert done.refused == {}
    changed = {name: text for name, text in done.texts.items() if text != TEXTS[name]}
    assert changed == {"front-desk": TEXTS["front-desk"].replace("I'm sorry. Is it about an order?", "Sorry. An order?")}
    assert check("front-desk", done.texts, None).definition is not None
