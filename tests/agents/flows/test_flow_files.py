# ruff: noqa: E501 - tables of sentences read best one case to a line
"""Agents as files: what is refused, with which words; and the small parts that texts go through."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.flows.definition import AgentDefinition, AskNode, SayNode, Texts
from agents.flows.hours import Hours
from agents.flows.loader import AgentError, parse_agent
from agents.flows.sentences import split
from agents.flows.template import is_constant, rename, render
from agents.flows.yaml_tree import compose, construct
from agents.library import load_agent, names
from tests.agents.flows.flow_texts import SMALL, changed, line_of
from tests.agents.flows.small_desk import DESK, FILE

SOURCE = FILE.read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("give_up_after: 3", "give_up_afetr: 3", "give_up_afetr: unknown key; did you mean 'give_up_after'?"),
        ("    keyed: order_number\n\n  what_then", "    keeyd: order_number\n\n  what_then", "nodes.main.keeyd: unknown key; did you mean 'keyed'?"),
        ("    limit_s: 3", "    limits_s: 3", "nodes.look_up.limits_s: unknown key; did you mean 'limit_s'?"),
        ("      corrected:\n        - \"Then it is {order", "      korrected:\n        - \"Then it is {order", "nodes.order_number.confirm.korrected: unknown key; did you mean 'corrected'?"),
        ("    next: look_up\n", "    next: lookup\n", "nodes.order_number.next: no node 'lookup'; did you mean 'look_up'?"),
        ("start: greeting", "start: greting", "start: no node 'greting'; did you mean 'greeting'?"),
        ("opening_hours: hours, this_number", "openning_hours: hours, this_number", "no intent 'openning_hours'; did you mean 'opening_hours'?"),
        ("Your order, {result.item}, was cancelled.", "Your order, {result.itme}, was cancelled.", "no value named 'result.itme'; did you mean 'result.item'?"),
        ("Your order, {result.item}, was cancelled.", "Your order, {result.item|shout}, was cancelled.", "unknown format 'shout'; known are date, datetime, digits, email"),
        ("Your order, {result.item}, was cancelled.", "Your order, {result.item, was cancelled.", "a brace without its partner"),
        ("Your order, {result.item}, was cancelled.", "Your order, {result.__class__}, was cancelled.", "result.__class__"),
        ("    next: main\n\n  main:", "    next: greeting\n\n  main:", "leads back to itself without ever listening"),
        ('monday: ["09:00-17:30"]', 'monday: ["9-17"]', 'write it as "09:00-17:30"'),
        ('timezone: ""', "timezone: Atlantis/Capital", "unknown time zone 'Atlantis/Capital'"),
        ("order_number: {kind: digits, shortest: 5, longest: 5}", "order_number: {kind: digits, shortest: 6, longest: 5}", "slots.order_number: shortest: 6 is more than longest: 5; swap them"),
        ("give_up: giving_up", "give_up: main", "must be a transfer or queue node"),
        ("      - {next: look_up_failed}\n", "", "the last case must have no condition"),
        ("name: front-desk", "name: Front Desk", "name: 'Front Desk' is no name that can stand here; write it like 'my-name'"),
        ("    slot: callback_number", "    slot: calback_number", "no slot 'calback_number'; did you mean 'callback_number'?"),
        ("      - come again", "      - come 24/7", "is not a word"),
        ("  farewell:\n", "  farewell:\n    do: end\n", "'do' stands here a second time"),
        ("    do: end\n    reason: done", "    do: endd\n    reason: done", "nodes.farewell: do: 'endd' is unknown; did you mean 'end'?"),
        ("    do: end\n    reason: done", "    reason: done", "nodes.farewell: do is missing; add one of say, ask, collect"),
        ("order_number: {kind: digits, sh", "order_number: {kind: digit, sh", "slots.order_number: kind: 'digit' is unknown; did you mean 'digits'?"),
        ("order_number: {kind: digits, sh", "order_number: {kind: digits, shrtest: 4, sh", "slots.order_number.shrtest: unknown key; did you mean 'shortest'?"),
        ("    limit_s: 3", "    limit_s: soon", "nodes.look_up.limit_s: Input should be a valid number"),
        ("    say: [\"Hello, this is the automated assistant.\"]", "    say: Hello.", "nodes.greeting.say: write a list of wordings"),
        ("    say: [\"Hello, this is the automated assistant.\"]", "    say: []", "nodes.greeting.say: an empty list of wordings"),
        ("    say: [\"Hello, this is the automated assistant.\"]", "    say: {English: [Hello.]}", "nodes.greeting.say: 'English' is no language"),
        ("    say: [\"Hello, this is the automated assistant.\"]", "    say: !!set {a, b}", "the tag"),
        ("  monday: [", "  ? [monday]\n  : [", "a key must be a plain word"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(old: str, new: str, message: str) -> None:
    assert SOURCE.count(old) >= 1
    with pytest.raises(AgentError) as caught:
        parse_agent(SOURCE.replace(old, new, 1), "desk.yaml")
    assert message in str(caught.value)
    assert all(line.startswith("desk.yaml:") and line.split(":")[1].isdigit() for line in str(caught.value).splitlines())


def test_the_line_is_the_right_one() -> None:
    broken = SOURCE.replace("give_up_after: 3", "give_up_afetr: 3")
    with pytest.raises(AgentError, match=rf"^desk\.yaml:{line_of(broken, 'give_up_afetr')}: "):
        parse_agent(broken, "desk.yaml")


@pytest.mark.parametrize(
    ("text", "message"), [("", "is empty"), ("- a", "not a mapping"), ("a: [", "desk.yaml:1: not valid YAML"), ("a: *b", "not valid YAML")]
)
def test_what_is_no_agent_at_all(text: str, message: str) -> None:
    with pytest.raises(AgentError, match=message):
        parse_agent(text, "desk.yaml")


def test_the_library_and_files(tmp_path: Path) -> None:
    assert "front-desk" in names()
    copy = tmp_path / "mine.yaml"
    copy.write_text(SOURCE, "utf-8")
    assert load_agent(copy) == load_agent(str(copy)) == DESK
    with pytest.raises(AgentError, match="did you mean 'front-desk'"):
        load_agent("frontdesk")
    with pytest.raises(AgentError, match=r"missing\.yaml: cannot be read"):
        load_agent(tmp_path / "missing.yaml")


def test_fixed_sentences_are_those_that_never_change() -> None:
    sentences = DESK.fixed_sentences()
    assert "How can I help you?" in sentences
    assert "Is that right?" in sentences
    assert len(set(sentences)) == len(sentences)
    assert all(is_constant(sentence) and split(sentence) == [sentence] for sentence in sentences)


def test_every_text_is_short_and_speakable() -> None:
    for text in DESK.texts():
        for sentence in split(text):
            assert len(sentence) <= 130, sentence
            assert not set(sentence) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ {}|._,?:'-"), sentence


def test_templates_fill_known_names_only() -> None:
    text = "Order {n|digits} on {d|date}, {x}."
    assert render(text, {"n": "405", "d": "2026-12-01"}) == "Order four, zero, five on Tuesday, December first, ."
    assert render("{d|date}", {"d": "soon"}, "en") == "soon"
    assert rename(text + "{has.n}{result.n}", {"n": "a__n", "x": "y"}) == "Order {a__n|digits} on {d|date}, {y}.{has.a__n}{result.n}"


def test_texts_are_found_by_language() -> None:
    plain, both = Texts.model_validate(["Hello.", "Good day."]), Texts.model_validate({"en": ["Hello."], "es": ["Hola."]})
    assert plain.of("en") == plain.of("es") == ("Hello.", "Good day.")
    assert (both.of("es"), both.of("en"), both.of("fr")) == (("Hola.",), ("Hello.",), ("Hello.",))
    assert not Texts()
    assert Texts().of("en") == ()
    assert [text.speaks("es", first="en") for text in (plain, both, Texts())] == [False, True, True]
    assert plain.speaks("es", first="es")
    assert plain.in_first("es").of("es") == plain.of("es")
    assert not plain.in_first("es").speaks("en", first="en")


def test_words_of_yaml_that_would_be_something_else_stay_text() -> None:
    """Keys and words such as ``yes``, ``1`` and ``12:30`` mean what they look like."""
    text = changed(("keys: {1: number}", "keys: {1: number, '*': person}"), ("say: [Hello.]", "say: [yes, 12:30, 007, ~x, on]"))
    nodes = parse_agent(text, "small.yaml").nodes
    main, greeting = nodes["main"], nodes["greeting"]
    assert isinstance(main, AskNode)
    assert isinstance(greeting, SayNode)
    assert main.keys == {"1": "number", "*": "person"}
    assert greeting.say.of("en") == ("yes", "12:30", "007", "~x", "on")


def test_aliases_and_merge_keys_work_and_cannot_multiply() -> None:
    text = changed(('silent: ["Are you there?"]\n', 'silent: &there ["Are you there?"]\n'))
    text = changed(('ask: ["How much?"]', "<<: {ask: *there, again: *there}"), text=text)
    collect = parse_agent(text, "small.yaml").nodes["amount"]
    assert getattr(collect, "ask", Texts()).of("en") == ("Are you there?",)
    assert getattr(collect, "again", Texts()).of("en") == ("How much please?",)
    layers = "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))
    for broken in (
        "a0: &a0 [x]\n" + layers,
        "a: &a {b: *a}\n",
        "a: " + "[" * 60 + "]" * 60,
        "a: " + "[" * 5000,
        "a: &a\n  <<: *a\n",
        "a: !!int ",
        "a: !!map x",
        "a: !!str [x]",
    ):
        with pytest.raises(AgentError, match=r"^small\.yaml"):
            parse_agent(broken, "small.yaml")


def test_hours_follow_their_time_zone_and_may_be_empty() -> None:
    moment = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    assert Hours(timezone="Europe/Berlin", friday=("09:00-17:00",)).facts(moment)["open_now"] is True
    assert Hours(friday=("09:00-17:00",)).facts(moment)["open_now"] is False
    assert Hours().facts(moment) == {"open_now": False, "closes_at": "", "opens_next": ""}
    assert Hours(friday=("08:00-17:05",)).facts(moment)["closes_at"] == "five oh five in the afternoon"
    assert Hours(friday=("12:00-17:00",)).facts(moment)["opens_next"] == "today at noon"
    assert Hours(saturday=("00:00-17:00",)).facts(moment)["opens_next"] == "tomorrow at midnight"
    assert Hours(monday=("09:30-17:00",)).facts(moment)["opens_next"] == "on Monday at nine thirty in the morning"


@pytest.mark.parametrize("name", ["../../etc", "Europe", "/etc/passwd", "x" * 5000])
def test_a_time_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="unknown time zone"):
        Hours(timezone=name).zone()


def test_sentences_are_cut_where_they_end() -> None:
    assert split("Thank you. One moment please. It is 4.5 euros!  Right?") == [
        "Thank you. One moment please.",
        "It is 4.5 euros!",
        "Right?",
    ]
    assert split("") == []


@given(st.text(max_size=200))
def test_cutting_loses_no_word(text: str) -> None:
    assert " ".join(split(text)).split() == text.split()


def test_the_texts_of_a_language_are_those_written_in_it() -> None:
    spanish = changed(("name: small", "name: small\nlanguages: [en, es]"), ("[Goodbye.]", "{en: [Goodbye.], es: [Adiós.]}"))
    agent = AgentDefinition.model_validate(construct(compose(spanish, "small.yaml")))
    assert list(agent.texts("es")) == list(agent.fixed_sentences("es")) == ["Adiós."]
    assert {"Goodbye.", "Hello.", "Once more."} <= set(agent.texts())
    assert "Adiós." not in agent.texts()


def test_what_is_made_once_is_there_before_the_first_call() -> None:
    agent = parse_agent(SMALL, "small.yaml")
    made = {"compiled", "intent_model", "readers", "agreement", "understood", "fluent"}
    assert not made & vars(agent).keys()
    agent.warm()
    assert made <= vars(agent).keys()
    agent.warm()
