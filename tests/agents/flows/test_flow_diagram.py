"""Drawings of an agent: complete, well-formed, and the same every time."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.flows.definition import AgentDefinition
from agents.flows.diagram import mermaid
from agents.flows.loader import parse_agent
from agents.flows.outline import outline
from agents.flows.routes import edges
from agents.library import load_agent
from tests.agents.flows.flow_texts import SMALL, changed
from tests.agents.flows.test_flow_subflows import OUTER, PAY

NESTED = parse_agent(OUTER, "outer.yaml", {"pay-back": PAY})
_ARROW = re.compile(r"\s+(\w+) -(?:-|\.-)>(?:\|\"[^\"|]*\"\|)? (\w+)")
_BOX = re.compile(r"\s+(\w+)[\[({>]{1,2}/?\"[^\"]*\"/?[\])}]{1,2}")


def drawn(agent: AgentDefinition) -> tuple[set[str], list[tuple[str, str]]]:
    """Boxes and arrows of a flowchart, every line of which must be one of the forms that are known."""
    boxes, arrows, open_groups = set(), [], 0
    first, *lines = mermaid(agent).splitlines()
    assert first == "flowchart TD"
    for line in lines:
        if re.fullmatch(r'\s+subgraph \w+ \["[^"]+"\]', line):
            open_groups += 1
        elif line.strip() == "end":
            open_groups -= 1
        elif arrow := _ARROW.fullmatch(line):
            arrows.append((arrow[1], arrow[2]))
        else:
            box = _BOX.fullmatch(line)
            assert box, line
            assert box[1] not in boxes
            boxes.add(box[1])
    assert open_groups == 0
    return boxes, arrows


@pytest.mark.parametrize("agent", [load_agent("front-desk"), NESTED], ids=["front-desk", "nested"])
def test_every_node_and_way_is_drawn_once(agent: AgentDefinition) -> None:
    boxes, arrows = drawn(agent)
    assert len([box for box in boxes if box.startswith("n")]) == len(agent.nodes)
    assert all(source in boxes and target in boxes for source, target in arrows)
    ways = {(name, target) for name, node in agent.nodes.items() for _, target in edges(node)}
    assert len([arrow for arrow in arrows if arrow[0].startswith("n")]) == len(ways)
    assert mermaid(agent) == mermaid(agent.model_copy())


def test_a_subflow_is_a_group() -> None:
    text = mermaid(NESTED)
    group = text[text.index("subgraph n") :]
    assert '["back_money"]' in group.splitlines()[0]
    assert group.index("ask_amount") < group.index("\n  end")


def test_the_outline_tells_every_node_and_its_ways() -> None:
    text = outline(NESTED)
    lines = text.splitlines()
    assert lines[0].startswith("small (en), ")
    assert all(any(line.strip().startswith(f"{name}  ") for line in lines) for name in NESTED.nodes)
    assert "start -> greeting" in lines
    assert "    goodbye -> farewell" in lines
    assert "    a number, refund, key 1 -> number" in lines
    assert "digression: hours -> hours" in lines
    assert "[back_money]" in lines
    assert "        has.back_money__limit and back_money__sum > back_money__limit"[2:] + " -> back_money/person" in "\n".join(lines)
    assert max(map(len, lines)) <= 100


@settings(deadline=None)
@given(st.text(min_size=1, max_size=80).filter(lambda text: text.strip() and not set(text) & set("{}")))
def test_whatever_is_said_cannot_break_the_drawing(said: str) -> None:
    agent = parse_agent(SMALL, "small.yaml")
    node = agent.nodes["greeting"]
    broken = agent.model_copy(update={"nodes": {**agent.nodes, "greeting": node.model_copy(update={"say": type(node.say)([said])})}})  # type: ignore[union-attr]
    boxes, _ = drawn(broken)
    assert len([box for box in boxes if box.startswith("n")]) == len(agent.nodes)
    assert outline(broken)


def test_conditions_are_shown() -> None:
    assert "otherwise -> talk" in outline(parse_agent(changed(("say: [Hello.]", "say: [Hi.]")), "small.yaml"))
