"""Short forms of texts: how they are written, what is refused, when they are said."""

import json

import jsonschema
import pytest
from pydantic import ValidationError

from agents.flows.definition import AskNode, Texts, texts_of
from agents.flows.dialogue import Dialogue
from agents.flows.errors import AgentError
from agents.flows.loader import parse_agent
from agents.flows.schema import FILE
from agents.library import load_agent
from tests.agents.flows.flow_talk import NOON, Talk
from tests.agents.flows.flow_texts import SMALL, changed, line_of

BOTH = {"en": ["Please tell me your number."], "es": ["Dígame su número, por favor."], "short": {"en": ["Your number?"]}}
ASK = 'again: ["What is it please?"]'
SHORT = 'again: {en: ["What is it please, I did not get that?"], short: {en: ["What is it?"]}}'


def brief(text: str = SMALL, *, short: bool = True) -> Talk:
    talk = Talk(parse_agent(text, "small"))
    talk.dialogue.talk(short=short, tone="")
    return talk


def test_a_short_form_is_taken_where_there_is_one_and_the_text_elsewhere() -> None:
    texts = Texts.model_validate(BOTH)
    assert texts.of("en") == ("Please tell me your number.",)
    assert texts.of("en", short=True) == ("Your number?",)
    assert texts.of("es", short=True) == ("Dígame su número, por favor.",), "no other language stands in for a missing short form"
    assert Texts.model_validate(["Hello."]).of("en", short=True) == ("Hello.",)


def test_short_forms_are_known_wherever_all_texts_are_gone_through() -> None:
    texts = Texts.model_validate(BOTH)
    assert ("en", "Your number?") in [*texts.every()]
    assert texts.written_in("en", "en") == ("Please tell me your number.", "Your number?")
    assert texts.written_in("es", "en") == ("Dígame su número, por favor.",)
    assert not texts.speaks("fr", "en")
    placed = Texts.model_validate({"en": ["Is {number|digits} right, please?"], "short": {"en": ["{number|digits}?"]}})
    assert placed.renamed({"number": "a__number"}).of("en", short=True) == ("{a__number|digits}?",)


def test_they_are_prepared_before_the_first_call() -> None:
    agent = parse_agent(changed((ASK, SHORT)), "small")
    assert {"What is it?", "What is it please, I did not get that?"} <= set(agent.fixed_sentences())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"en": ["Hello."], "short": ["Hi."]}, "write short forms by language"),
        ({"en": ["Hello."], "short": {}}, "write short forms by language"),
        ({"en": ["Hello."], "short": {"en": []}}, "an empty list of wordings"),
        ({"en": ["Hello."], "short": {"es": ["Hola."]}}, "short forms in 'es', but no text in it"),
        ({"en": ["Hello."], "short": {"english": ["Hi."]}}, "'english' is no language"),
        ({"en": ["Hello."], "short": {"en": ["Hello there."]}}, "is not shorter than the text"),
        ({"en": ["Hello."], "short": {"en": ["{no"]}}, "a brace without its partner"),
    ],
)
def test_what_is_no_short_form_is_refused_with_the_remedy(given: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Texts.model_validate(given)


def test_a_wrong_short_form_is_found_in_its_line() -> None:
    text = changed((ASK, SHORT.replace("What is it?", "What is it please, I really did not get that at all?")))
    with pytest.raises(AgentError) as refused:
        parse_agent(text, "small.yaml")
    assert f":{line_of(text, 'again: {en')}" in str(refused.value)
    assert "not shorter than the text" in str(refused.value)


def test_a_name_that_no_slot_has_is_found_in_short_forms_too() -> None:
    with pytest.raises(AgentError, match="nubmer"):
        parse_agent(changed((ASK, SHORT.replace("What is it?", "{nubmer}?"))), "small.yaml")


def test_the_schema_of_the_editor_takes_what_the_loader_takes() -> None:
    schema = json.loads(FILE.read_text("utf-8"))
    texts = {"$schema": schema["$schema"], "$defs": schema["$defs"], "$ref": "#/$defs/Texts"}
    jsonschema.validate(BOTH, texts)
    for wrong in ({"en": ["Hello."], "short": ["Hi."]}, {"en": ["Hello."], "short": {"english": ["Hi."]}}, {"en": ["x"], "brief": ["y"]}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, texts)


def test_a_brief_agent_says_the_short_form_and_goes_the_same_way() -> None:
    text = changed((ASK, SHORT))
    usual, short = brief(text, short=False), brief(text)
    assert usual("?") == "What is it please, I did not get that?"
    assert short("?") == "What is it?"
    assert usual.dialogue.state.node == short.dialogue.state.node
    short.dialogue.talk(short=False, tone="")
    assert short("?") == "What is it please, I did not get that?"


def test_a_copy_talks_as_its_original() -> None:
    dialogue = Dialogue(parse_agent(changed((ASK, SHORT)), "small"))
    dialogue.start(NOON)
    dialogue.talk(short=True, tone="Be calm.")
    assert dialogue.copy().manner == dialogue.without_secrets().manner == (True, "Be calm.")


def test_the_front_desk_has_short_forms_where_it_speaks_longest() -> None:
    agent = load_agent("front-desk")
    main = agent.nodes["main"]
    assert isinstance(main, AskNode)
    for texts in (
        main.again,
        main.silent,
        *(texts for name in ("hours_open", "hours_closed", "to_person", "help") for _, texts in texts_of(agent.nodes[name])),
    ):
        assert max(map(len, texts.of("en", short=True))) <= 70 < max(map(len, texts.of("en")))
