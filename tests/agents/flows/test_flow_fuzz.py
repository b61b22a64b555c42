# ruff: noqa: E501 - tables of pieces read best on few lines
"""Broken files: whatever is done to a flow, it is read or refused with a line to mend, and never breaks what reads it."""

import json
import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.flows.check import names
from agents.flows.diagram import mermaid
from agents.flows.loader import AgentError, parse_agent
from agents.flows.mentions import used_values
from agents.flows.outline import outline
from agents.flows.routes import edges, entrances
from tests.agents.flows.test_flow_subflows import OUTER, PAY

TOKENS = ["{", "}", "[", "]", ":", "-", "&a ", "*a", "<<: ", "!!int ", "!!map ", "!!seq ", "!!str ", "!!bool ", "null", "true", "1e9", "'", '"', "\n", "  ", "\t", "0", "-1", "{x}", "{x|digits}", "do: return",
          "do: end", "do: subflow", "next: main", "flow: pay-back", "extends: pay-back", "abstract: true", "languages: [es]", "\x00", "ä", "\ud7ff", "? ", "|", ">", "#", "%", "@", "number", "back_money"]  # fmt: skip


def cut(text: str, chance: random.Random) -> str:
    start = chance.randrange(len(text))
    return text[:start] + text[start + chance.randrange(1, 40) :]


def insert(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text))
    return text[:place] + chance.choice(TOKENS) + text[place:]


def drop_line(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    del lines[chance.randrange(len(lines))]
    return "".join(lines)


def repeat_line(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    place = chance.randrange(len(lines))
    return "".join([*lines[:place], lines[chance.randrange(len(lines))], *lines[place:]])


def swap_word(text: str, chance: random.Random) -> str:
    """One name for another that stands elsewhere: most of these are still well-formed."""
    words = text.replace(",", " ").replace("}", " ").replace("{", " ").split()
    return text.replace(chance.choice(words), chance.choice([*words, *TOKENS]), 1)


CHANGES: list[Callable[[str, random.Random], str]] = [cut, insert, drop_line, repeat_line, swap_word, swap_word]


def read(outer: str, inner: str) -> None:
    """An agent that was read is whole; one that was refused says where."""
    try:
        agent = parse_agent(outer, "outer.yaml", {"pay-back": inner})
    except AgentError as error:
        assert all(line.startswith(("outer.yaml:", "pay-back.yaml:")) for line in str(error).splitlines()), str(error)
        return
    assert all(target in agent.nodes for _, target in entrances(agent))
    assert all(target in agent.nodes for node in agent.nodes.values() for _, target in edges(node))
    used = {name for node in agent.nodes.values() for _, name in used_values(node)}
    assert used - {"partial"} <= names(agent)
    assert not any(node.do == "subflow" for node in agent.nodes.values())
    assert mermaid(agent)
    assert outline(agent)
    assert agent.compiled
    assert isinstance(agent.fixed_sentences(), tuple)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.integers(1, 4), st.booleans())
def test_a_mutated_flow_is_read_whole_or_refused(chance: random.Random, count: int, inside: bool) -> None:
    text = PAY if inside else OUTER
    for _ in range(count):
        text = chance.choice(CHANGES)(text, chance) or "x"
    read(*((OUTER, text) if inside else (text, PAY)))


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(TOKENS), max_size=30).map("".join)))
def test_any_text_is_refused_with_its_name(text: str) -> None:
    with pytest.raises(AgentError, match=r"^outer\.yaml"):
        parse_agent(text, "outer.yaml", {"pay-back": PAY})


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(allow_nan=False), st.sampled_from([*TOKENS, "say", "x"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["do", "say", "next", "on", "if", "x", "en"]), inner, max_size=3)),
    max_leaves=6,
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(st.sampled_from([line.split(":")[0].strip() for line in OUTER.splitlines() if line.startswith("    ") and ":" in line]), VALUES)
def test_any_value_in_any_place(key: str, value: object) -> None:
    at = OUTER.index(f"    {key}:")
    end = OUTER.index("\n", at)
    read(OUTER[:at] + f"    {key}: {json.dumps(value)}" + OUTER[end:], PAY)
