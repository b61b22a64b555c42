# ruff: noqa: E501 - tables of cases read best one case to a line
"""A flow within a flow: one flat agent, its own names for what belongs to the inner one, and errors at the line of the right file."""

import pytest

from agents.flows.check import names
from agents.flows.definition import AgentDefinition, BranchNode, CollectNode, ConfirmNode, LlmNode, SetNode, ToolNode, TransferNode
from agents.flows.loader import AgentError, parse_agent
from agents.flows.mentions import used_values
from agents.flows.routes import edges
from agents.flows.subflows import ReadFlow, inlined
from agents.flows.yaml_tree import compose, construct
from tests.agents.flows.flow_texts import changed, line_of

PAY = (
    """\
name: pay-back
start: ask_amount
resume: ask_amount
everywhere: {person: person, goodbye: goodbye, repeat: repeat, yes: yes, no: no, to_person: person, to_goodbye: person,
  give_up: person, time_up: person, tool_trouble: person, repeat_with: [Once more.]}
slots:
  sum: {kind: amount}
  number: {kind: digits, shortest: 5, longest: 5}
  reason: {kind: text}
  limit: {kind: amount}
  unused: {kind: text}
intents:
  person: {phrases: [a person]}
  goodbye: {phrases: [goodbye]}
  repeat: {phrases: [say again]}
  yes: {phrases: ["yes"], replies: true}
  no: {phrases: ["no"], replies: true}
  too_much: {examples: [that is too much for me]}
nodes:
  ask_amount: {do: collect, slot: sum, also: [reason], ask: [How much of it?], again: [How much?], silent: [How much?], on: {too_much: stop}, next: check}
  check:
    do: branch
    cases:
      - {if: has.limit and sum > limit, next: person}
      - {next: sure}
  sure: {do: confirm, ask: ["{sum|money} for {number|digits}?"], again: [Well?], silent: [Well?], yes: send, no: stop, change: {sum: ask_amount}}
  send: {do: tool, tool: refunds.send, with: {amount: "{sum}", order: "{number}", why: "{reason}"}, returns: [done], next: good, failed: talk}
  talk: {do: llm, goal: Say sorry., exits: {fine: {when: all is said, next: stop}}, remembers: [reason], failed: person}
  good: {do: return, exit: done}
  stop: {do: return, exit: stopped}
  person: {do: transfer, say: [One moment.]}
""".replace("[How much of it?]", '["How much of it?"]')
    .replace("[How much?]", '["How much?"]')
    .replace("[Well?]", '["Well?"]')
)
OUTER = changed(
    ("  told:\n", "  back_money: {do: subflow, flow: pay-back, with: {limit: amount * 2}, exits: {done: note, stopped: farewell}, returns: {paid: sum}}\n  told:\n"),
    ("next: note}\n      - {next: talk}", "next: back_money}\n      - {next: talk}"),
    ("  phone: {kind: phone}\n", "  phone: {kind: phone}\n  paid: {kind: amount}\n"),
    ("[Goodbye.]", '["{paid|money}. Goodbye."]'),
)  # fmt: skip


def complaints(outer: str = OUTER, inner: str = PAY, **more: str) -> str:
    with pytest.raises(AgentError) as caught:
        parse_agent(outer, "outer.yaml", {"pay-back": inner, **more})
    return str(caught.value)


def test_its_nodes_stand_in_the_place_of_the_node() -> None:
    agent = parse_agent(OUTER, "outer.yaml", {"pay-back": PAY})
    assert not any(node.do in ("subflow", "return") for name, node in agent.nodes.items() if name.startswith("back_money"))
    entering, collect, leaving = (agent.nodes[name] for name in ("back_money", "back_money/ask_amount", "back_money/good"))
    assert isinstance(entering, SetNode)
    assert entering.next == "back_money/ask_amount"
    assert {slot: value.text for slot, value in entering.values.items()} == {
        "back_money__sum": "none", "back_money__reason": "none", "back_money__limit": "amount * 2"}  # fmt: skip
    assert isinstance(collect, CollectNode)
    assert (collect.slot, collect.also) == ("back_money__sum", ("back_money__reason",))
    assert (collect.next, collect.on) == ("back_money/check", {"too_much": "back_money/stop"})
    assert isinstance(leaving, SetNode)
    assert ({slot: value.text for slot, value in leaving.values.items()}, leaving.next) == ({"paid": "back_money__sum"}, "note")
    assert all(target in agent.nodes for node in agent.nodes.values() for _, target in edges(node))
    assert "back_money/person" in agent.nodes


def test_every_name_inside_follows() -> None:
    nodes = parse_agent(OUTER, "outer.yaml", {"pay-back": PAY}).nodes
    branch, confirm, tool, model = (nodes[f"back_money/{name}"] for name in ("check", "sure", "send", "talk"))
    assert isinstance(branch, BranchNode)
    assert branch.cases[0].if_
    assert branch.cases[0].if_.names == {"has.back_money__limit", "back_money__sum", "back_money__limit"}
    assert isinstance(confirm, ConfirmNode)
    assert confirm.ask.of("en") == ("{back_money__sum|money} for {number|digits}?",)
    assert (confirm.yes, confirm.change) == ("back_money/send", {"back_money__sum": "back_money/ask_amount"})
    assert isinstance(tool, ToolNode)
    assert tool.arguments == {"amount": "{back_money__sum}", "order": "{number}", "why": "{back_money__reason}"}
    assert isinstance(model, LlmNode)
    assert (model.remembers, model.exits["fine"].next, model.failed) == (("back_money__reason",), "back_money/stop", "back_money/person")


def test_slots_are_shared_by_name_and_content_and_its_own_are_its_own() -> None:
    agent = parse_agent(OUTER, "outer.yaml", {"pay-back": PAY})
    assert {slot for slot in agent.slots if "__" in slot} == {"back_money__sum", "back_money__reason", "back_money__limit"}
    assert "unused" not in agent.slots
    assert "too_much" in agent.intents
    assert {name for node in agent.nodes.values() for _, name in used_values(node)} <= names(agent) | {"partial"}


def test_one_flow_may_be_used_twice_and_within_another() -> None:
    twice = changed(
        ("  told:\n", "  again: {do: subflow, flow: pay-back, exits: {done: note, stopped: farewell}}\n  told:\n"),
        ("stopped: farewell}, returns", "stopped: again}, returns"),
        text=OUTER,
    )
    agent = parse_agent(twice, "outer.yaml", {"pay-back": PAY})
    assert {"again/check", "back_money/check", "again", "back_money"} <= set(agent.nodes)
    assert {"again__sum", "back_money__sum"} <= set(agent.slots)
    middle = changed(
        ("name: small", "name: middle"),
        ("  call: {do: callback, say:", "  finish: {do: return}\n  call: {do: callback, say:"),
        ("no: farewell\n    change", "no: finish\n    change"),
        text=OUTER,
    )
    whole = changed(
        ("  told:\n", "  inner: {do: subflow, flow: middle, exits: {done: note}}\n  told:\n"),
        ("next: note}\n      - {next: talk}", "next: inner}\n      - {next: talk}"),
    )
    nested = parse_agent(whole, "outer.yaml", {"middle": middle, "pay-back": PAY})
    check = nested.nodes["inner/back_money/check"]
    assert isinstance(check, BranchNode)
    assert check.cases[0].if_
    assert check.cases[0].if_.names == {"has.inner__back_money__limit", "inner__back_money__sum", "inner__back_money__limit"}
    assert all(target in nested.nodes for node in nested.nodes.values() for _, target in edges(node))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("flow: pay-back", "flow: pay-bak", "flow: no flow 'pay-bak'; did you mean 'pay-back'?; it is looked for as pay-bak.yaml"),
        ("stopped: farewell}, r", "stoped: farewell}, r", "nodes.back_money.exits: pay-back can end in 'stopped'; say under exits where that leads"),
        ("stopped: farewell}, r", "stoped: farewell}, r", "nodes.back_money.exits.stoped: pay-back has no exit 'stoped'; did you mean 'stopped'?"),
        ("stopped: farewell}, r", "stopped: farewel}, r", "nodes.back_money.exits.stopped: no node 'farewel'; did you mean 'farewell'?"),
        ("with: {limit:", "with: {limt:", "nodes.back_money.with.limt: pay-back has no slot 'limt'; did you mean 'limit'?"),
        ("returns: {paid: sum}", "returns: {paid: summ}", "nodes.back_money.returns.paid: pay-back has no slot 'summ'; did you mean 'sum'?"),
        ("returns: {paid: sum}", "returns: {pad: sum}", "nodes.back_money.returns.pad: no slot 'pad'; did you mean 'paid'?"),
        ("limit: amount * 2", "limit: amunt * 2", "no value named 'amunt'; did you mean 'amount'?"),
        ("flow: pay-back", "flow: small", "flow: small -> small goes in a circle"),
    ],
)  # fmt: skip
def test_a_fault_at_the_node(old: str, new: str, message: str) -> None:
    text = changed((old, new), text=OUTER)
    found = [line for line in complaints(text, small=OUTER).splitlines() if message in line]
    assert found, complaints(text, small=OUTER)
    assert found[0].startswith(f"outer.yaml:{line_of(text, '  back_money:')}: ")


def test_a_fault_in_the_inner_flow_is_shown_there() -> None:
    inner = changed(("next: sure}", "next: suer}"), text=PAY)
    assert f"pay-back.yaml:{line_of(inner, '- {next: suer')}: nodes.check.cases.1.next: no node 'suer'; did you mean 'sure'?" in complaints(
        inner=inner
    )


def test_what_only_shows_in_the_whole_is_shown_where_it_stands() -> None:
    switch = ("next: back_money}\n", "next: switch}\n"), ("  told:\n", "  switch: {do: set, language: xx, next: back_money}\n  told:\n")
    found = complaints(changed(("name: small", "name: small\nlanguages: [en, xx]"), *switch, text=OUTER))
    assert f"pay-back.yaml:{line_of(PAY, '  sure:')}: nodes.back_money/sure.ask: no text in 'xx'" in found
    assert f"pay-back.yaml:{line_of(PAY, '  send:')}" not in found


def test_the_same_name_for_something_else_is_refused_with_both_places() -> None:
    inner = changed(("number: {kind: digits, shortest: 5", "number: {kind: digits, shortest: 4"), text=PAY)
    here, there = line_of(OUTER, "  number: {kind"), line_of(inner, "  number: {kind")
    assert f"outer.yaml:{here}: slots.number: pay-back.yaml:{there} has a slot of this name that is different" in complaints(inner=inner)
    outer = changed(("  refund: {examples", "  too_much: {examples: [too expensive]}\n  refund: {examples"), text=OUTER)
    here, there = line_of(outer, "  too_much:"), line_of(PAY, "  too_much:")
    assert f"outer.yaml:{here}: intents.too_much: pay-back.yaml:{there} has an intent of this name that is different" in complaints(outer)
    unused = changed(("  number: {kind", "  unused: {kind: date}\n  number: {kind"), text=OUTER)
    assert parse_agent(unused, "outer.yaml", {"pay-back": PAY})
    taken = changed(("  number: {kind", "  back_money__sum: {kind: date}\n  number: {kind"), text=OUTER)
    assert "'back_money__sum' is taken; rename that slot or this node" in complaints(taken)


def test_flows_within_each_other_are_refused() -> None:
    inner = changed(
        ("  talk: {do", "  more: {do: subflow, flow: pay-back, exits: {done: good, stopped: stop}}\n  talk: {do"),
        ("failed: talk", "failed: more"),
        text=PAY,
    )
    assert "pay-back.yaml:" in complaints(inner=inner)
    assert "flow: small -> pay-back -> pay-back goes in a circle" in complaints(inner=inner)


def test_a_slot_that_only_the_outer_flow_fills_is_fine_inside_and_missing_alone() -> None:
    inner = changed(("if: has.limit and sum > limit", "if: sum > limit"), text=PAY)
    assert parse_agent(OUTER, "outer.yaml", {"pay-back": inner})
    with pytest.raises(AgentError, match="nothing ever fills the slot 'limit'"):
        parse_agent(inner, "pay-back.yaml")
    unpassed = changed(("with: {limit: amount * 2}, ", ""), text=OUTER)
    assert (
        f"pay-back.yaml:{line_of(inner, '- {if: sum')}: nodes.back_money/check.cases.0.if: nothing ever fills the slot 'back_money__limit'"
        in complaints(unpassed, inner)
    )


def test_texts_of_an_inner_flow_keep_their_language() -> None:
    """A plain list belongs to the first language of the file in which it stands."""
    outer_tree = compose(changed(("name: small", "name: small\nlanguages: [en, es]"), text=OUTER), "outer.yaml")
    inner_tree = compose(changed(("name: pay-back", "name: pay-back\nlanguages: [es, en]"), text=PAY), "pay-back.yaml")
    outer, inner = (AgentDefinition.model_validate(construct(tree)) for tree in (outer_tree, inner_tree))
    agent = inlined(outer, outer_tree, lambda name, where: ReadFlow(inner, inner_tree)).agent
    theirs, ours = agent.nodes["back_money/person"], agent.nodes["person"]
    assert isinstance(theirs, TransferNode)
    assert isinstance(ours, TransferNode)
    assert [theirs.say.speaks(language, first="en") for language in ("es", "en")] == [True, False]
    assert [ours.say.speaks(language, first="en") for language in ("es", "en")] == [False, True]
