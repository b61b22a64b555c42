"""One flow laid over another: what merges, what replaces, and errors at the line of the file that is to be mended."""

from pathlib import Path

import pytest

from agents.flows.definition import AskNode, CollectNode, EndNode, SayNode, TransferNode
from agents.flows.loader import AgentError, parse_agent, read_agent, texts_needed
from tests.agents.flows.flow_texts import changed, line_of

BASE = changed(("name: small", "name: base\nabstract: true"))
CHILD = """\
name: child
extends: base
give_up_after: 2
nodes:
  greeting: {say: [Welcome.]}
  main: {on: {goodbye: call}, fills: [day, amount]}
  farewell: {do: transfer, say: [One moment.]}
"""


def complaints(text: str, library: dict[str, str]) -> str:
    with pytest.raises(AgentError) as caught:
        parse_agent(text, "child.yaml", library)
    return str(caught.value)


def test_mappings_merge_and_everything_else_replaces() -> None:
    agent = parse_agent(CHILD, "child.yaml", {"base": BASE})
    greeting, main, farewell = (agent.nodes[name] for name in ("greeting", "main", "farewell"))
    assert (agent.name, agent.abstract, agent.give_up_after, agent.start) == ("child", False, 2, "greeting")
    assert isinstance(greeting, SayNode)
    assert (greeting.say.of("en"), greeting.next) == (("Welcome.",), "main")
    assert isinstance(main, AskNode)
    assert main.on == {"refund": "number", "goodbye": "call"}
    assert main.fills == ("day", "amount")
    assert main.keyed == "number"
    assert isinstance(farewell, TransferNode)
    assert (farewell.say.of("en"), farewell.reason) == (("One moment.",), ""), "another kind of node replaces the whole of it"


def test_a_base_may_extend_another() -> None:
    middle = "name: middle\nextends: base\nabstract: true\nnodes:\n  farewell: {say: [So long.], reason: left}\n"
    agent = parse_agent(CHILD.replace("extends: base", "extends: middle").replace("  farewell: {do: transfer, say: [One moment.]}\n", ""),
                        "child.yaml", {"base": BASE, "middle": middle})  # fmt: skip
    farewell = agent.nodes["farewell"]
    assert isinstance(farewell, EndNode)
    assert (farewell.say.of("en"), farewell.reason) == (("So long.",), "left")


def test_what_is_inherited_and_of_no_use_is_left_out() -> None:
    assert "talk" in parse_agent(CHILD, "child.yaml", {"base": BASE}).nodes
    short = CHILD + "  told: {cases: [{next: note}]}\n"
    assert "talk" not in parse_agent(short, "child.yaml", {"base": BASE}).nodes
    own = short + "  talk: {max_turns: 3}\n"
    assert "child.yaml:9: nodes.talk: no way leads here" in complaints(own, {"base": BASE})


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("extends: base", "extends: bas", "child.yaml:2: extends: no flow 'bas'; did you mean 'base'?; it is looked for as bas.yaml"),
        ("extends: base", "extends: child", "child.yaml:2: extends: child -> child goes in a circle"),
        ("say: [Welcome.]", "sya: [Welcome.]", "child.yaml:5: nodes.greeting.sya: unknown key; did you mean 'say'?"),
        ("goodbye: call", "goodbye: cal", "child.yaml:6: nodes.main.on.goodbye: no node 'cal'; did you mean 'call'?"),
        ("give_up_after: 2", "give_up_after: 0", "child.yaml:3: give_up_after: Input should be greater than or equal to 1; it is 0"),
        ("say: [Welcome.]", "say: ['{welcome}']", "child.yaml:5: nodes.greeting.say: no value named 'welcome'"),
    ],
)
def test_a_fault_in_the_file_itself(old: str, new: str, message: str) -> None:
    assert message in complaints(changed((old, new), text=CHILD), {"base": BASE})


def test_a_fault_in_the_base_is_shown_in_the_base() -> None:
    base = changed(("resume: back", "resume: bak"), ("failed: line", "faild: line"), text=BASE)
    found = complaints(CHILD, {"base": base})
    assert f"base.yaml:{line_of(base, 'faild')}: nodes.pay.faild: unknown key; did you mean 'failed'?" in found
    found = complaints(CHILD, {"base": base.replace("faild", "failed")})
    assert f"base.yaml:{line_of(base, 'resume')}: resume: no node 'bak'; did you mean 'back'?" in found
    assert "base.yaml:2: not valid YAML" in complaints(CHILD, {"base": "name: base\n- x"})


def test_a_circle_of_two_is_named() -> None:
    other = "name: other\nextends: child\n"
    found = complaints(
        CHILD.replace("extends: base", "extends: other"), {"other": other, "child": CHILD.replace("extends: base", "extends: other")}
    )
    assert found.startswith("other.yaml:2: extends: child -> other -> child goes in a circle")


def test_an_abstract_flow_is_no_agent() -> None:
    assert complaints(BASE, {}) == "child.yaml:3: abstract: base is only there to be extended; write a flow that extends it"


def test_files_are_found_beside_and_in_the_library_and_can_be_kept(tmp_path: Path) -> None:
    library, own = tmp_path / "library", tmp_path / "own"
    library.mkdir()
    own.mkdir()
    (library / "base.yaml").write_text(BASE, "utf-8")
    path = own / "child.yaml"
    path.write_text(CHILD, "utf-8")
    from_library = read_agent(path, library)
    kept = texts_needed(path, library)
    assert kept == {"base": BASE}
    (own / "base.yaml").write_text(BASE.replace("[Goodbye.]", "[So long.]").replace("[Nobody was free.]", "[All are busy.]"), "utf-8")
    from_beside = read_agent(path, library)
    assert from_beside.nodes["back"] != from_library.nodes["back"]
    assert parse_agent(CHILD, str(path), kept) == from_library
    with pytest.raises(AgentError, match=r"child\.yaml:2: extends: no flow 'base'"):
        parse_agent(CHILD, str(path))
    (library / "base.yaml").write_bytes(b"name: \xff")
    (own / "base.yaml").unlink()
    with pytest.raises(AgentError, match=r"base\.yaml: cannot be read"):
        read_agent(path, library)


def test_a_slot_of_another_kind_replaces_the_whole_slot() -> None:
    agent = parse_agent(CHILD + "slots:\n  day: {kind: text, longest: 9}\n  number: {longest: 6}\n", "child.yaml", {"base": BASE})
    assert agent.slots["day"].model_dump() == {"kind": "text", "longest": 9}
    assert agent.slots["number"].model_dump() == {"kind": "digits", "shortest": 5, "longest": 6}
    assert isinstance(agent.nodes["number"], CollectNode)
