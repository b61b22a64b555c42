# ruff: noqa: E501 - tables of sentences read best one case to a line
"""Agents as files: what is refused, with which words; and the small parts that texts go through."""

from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.flows.hours import Hours, speak_time
from agents.flows.loader import AgentError, parse_agent
from agents.flows.sentences import heard_part, split
from agents.flows.template import is_constant, render, speak_date
from agents.library import load_agent, names

SOURCE = (Path(__file__).parents[3] / "agents/library/front-desk.yaml").read_text("utf-8")


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


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
        ("Your order, {result.item}, was cancelled.", "Your order, {result.item|shout}, was cancelled.", "unknown format 'shout'; known are date, digits"),
        ("Your order, {result.item}, was cancelled.", "Your order, {result.item, was cancelled.", "a brace without its partner"),
        ("Your order, {result.item}, was cancelled.", "Your order, {result.__class__}, was cancelled.", "no value named 'result.__class__'"),
        ("    next: main\n\n  main:", "    next: greeting\n\n  main:", "leads back to itself without ever listening"),
        ('monday: ["09:00-17:30"]', 'monday: ["9-17"]', 'write it as "09:00-17:30"'),
        ('timezone: ""', "timezone: Atlantis/Capital", "unknown time zone 'Atlantis/Capital'"),
        ("order_number: {shortest: 5, longest: 5}", "order_number: {shortest: 6, longest: 5}", "shortest 6 is more than longest 5"),
        ("give_up: giving_up", "give_up: main", "must be a handover node"),
        ("      - {next: look_up_failed}\n", "", "the last case must have no condition"),
        ("name: front-desk", "name: Front Desk", "name: String should match pattern"),
        ("    slot: callback_number", "    slot: calback_number", "no slot 'calback_number'; did you mean 'callback_number'?"),
        ("      - come again", "      - come 24/7", "is not a word"),
        ("  farewell:\n", "  farewell:\n    do: hangup\n", "'do' stands here a second time"),
        ("    do: hangup\n    reason: done", "    do: hangupp\n    reason: done", "hangupp"),
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
    assert load_agent(copy) == load_agent(str(copy)) == load_agent("front-desk")
    with pytest.raises(AgentError, match="did you mean 'front-desk'"):
        load_agent("frontdesk")
    with pytest.raises(AgentError, match=r"missing\.yaml: cannot be read"):
        load_agent(tmp_path / "missing.yaml")


def test_fixed_sentences_are_those_that_never_change() -> None:
    sentences = load_agent("front-desk").fixed_sentences()
    assert "How can I help you?" in sentences
    assert "Is that right?" in sentences
    assert len(set(sentences)) == len(sentences)
    assert all(is_constant(sentence) and split(sentence) == [sentence] for sentence in sentences)


def test_every_text_is_short_and_speakable() -> None:
    for text in load_agent("front-desk").texts():
        for sentence in split(text):
            assert len(sentence) <= 130, sentence
            assert not set(sentence) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ {}|._,?:'-"), sentence


def test_templates_fill_known_names_only() -> None:
    assert (
        render("Order {n|digits} on {d|date}, {x}.", {"n": "405", "d": "2026-12-01"})
        == "Order four, zero, five on Tuesday, December first, ."
    )
    assert speak_date("soon") == "soon"


@pytest.mark.parametrize(
    ("clock", "spoken"),
    [
        (time(9, 0), "nine in the morning"),
        (time(17, 30), "five thirty in the afternoon"),
        (time(12, 0), "noon"),
        (time(0, 0), "midnight"),
        (time(12, 5), "twelve oh five in the afternoon"),
        (time(20, 45), "eight forty-five in the evening"),
        (time(8, 15), "eight fifteen in the morning"),
    ],
)
def test_times_for_the_ear(clock: time, spoken: str) -> None:
    assert speak_time(clock) == spoken


def test_hours_follow_their_time_zone_and_may_be_empty() -> None:
    moment = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    assert Hours(timezone="Europe/Berlin", friday=("09:00-17:00",)).facts(moment)["open_now"] is True
    assert Hours(friday=("09:00-17:00",)).facts(moment)["open_now"] is False
    assert Hours().facts(moment) == {"open_now": False, "closes_at": "", "opens_next": ""}


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


@pytest.mark.parametrize(
    ("heard_s", "words"),
    [(0.0, ""), (0.3, ""), (0.5, "Hello"), (1.0, "Hello"), (1.1, "Hello there"), (2.0, "Hello there world"), (9.0, "Hello there world")],
)
def test_only_whole_words_count_as_heard(heard_s: float, words: str) -> None:
    assert heard_part("Hello there world", heard_s, 1.7) == words


@given(st.text(max_size=100), st.floats(0, 20), st.floats(0, 20))
def test_what_was_heard_is_a_beginning(text: str, heard_s: float, whole_s: float) -> None:
    assert text.startswith(heard_part(text, heard_s, whole_s))
