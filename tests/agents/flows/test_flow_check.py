# ruff: noqa: E501 - tables of cases read best one case to a line
"""What is wrong with a flow as a whole is found when it is read, at its line and with a remedy."""

import pytest

from agents.flows.check import names
from agents.flows.loader import AgentError, parse_agent
from agents.tools import ToolInfo
from tests.agents.flows.flow_texts import SMALL, changed, line_of

TOOLS = {
    "orders.find": ToolInfo("orders.find", "", {"type": "object", "properties": {"number": {"type": "string"}}, "required": ["number"]}),
    "payments.charge": ToolInfo(
        "payments.charge", "", {"type": "object", "properties": {name: {} for name in ("card", "expiry", "cvc", "amount", "order")}}
    ),
}


def complaints(text: str) -> str:
    with pytest.raises(AgentError) as caught:
        parse_agent(text, "small.yaml", describe=TOOLS.get)
    return str(caught.value)


def test_the_small_flow_itself_is_right() -> None:
    agent = parse_agent(SMALL, "small.yaml", describe=TOOLS.get)
    assert {node.do for node in agent.nodes.values()} >= {"say", "ask", "collect", "confirm", "branch", "set", "tool", "llm", "payment"}
    assert {"number", "has.number", "result.found", "today", "caller"} <= names(agent)


@pytest.mark.parametrize(
    ("old", "new", "where", "message"),
    [
        # references
        ("resume: back", "resume: bak", "resume", "no node 'bak'; did you mean 'back'?"),
        ("refund: number, goodbye", "refnd: number, goodbye", "refnd", "no intent 'refnd'; did you mean 'refund'?"),
        ("keyed: number", "keyed: hours", "keyed: hours", "must name a collect node, and 'hours' is none"),
        ("fills: [day]", "fills: [dya]", "fills", "no slot 'dya'; did you mean 'day'?"),
        ("remembers: [number]", "remembers: [nmber]", "remembers", "no slot 'nmber'; did you mean 'number'?"),
        ("also: [amount]", "also: [amount, number]", "also", "'number' is the slot of this node itself"),
        ("change: {amount: amount,", "change: {amount: number,", "change", "'number' is no collect node for 'amount'"),
        ("slot: phone}", "slot: day}", "call:", "'day' is of kind date; a callback needs one of kind phone or digits"),
        ("digressions: {hours:", "digressions: {hurs:", "digressions", "no intent 'hurs'; did you mean 'hours'?"),
        ("digressions: {hours: hours}", "digressions: {hours: hours, yes: hours}", "digressions", "'yes' is everywhere.yes already"),
        ("digressions: {hours: hours}", "digressions: {hours: farewell}", "digressions", "'farewell' never comes back to the question"),
        ("give_up: person, time_up", "give_up: main, time_up", "give_up", "must be a transfer or queue node"),
        ("yes: yes, no: no", "yes: yes, no: yes", "no: yes", "'yes' is everywhere.yes already"),
        ("repeat: repeat, yes", "repeat: repeat, help: hours, yes", "help", "help does nothing without to_help"),
        # values
        ("amount <= 100", "amout <= 100", "- {if: amout", "no value named 'amout'; did you mean 'amount'?"),
        ("has.number, next", "has.nmber, next", "- {if: amount", "no value named 'has.nmber'; did you mean 'has.number'?"),
        ("if: result.found", "if: result.fond", "- {if: result.fond", "no value named 'result.fond'; did you mean 'result.found'?"),
        ("if: result.found", "if: __import__('os')", "- {if: __import__", "no function '__import__'"),
        ("if: result.found", "if: result.found.real", "- {if: result.found.real", "'result.found.real' may not stand here"),
        ("if: result.found", "if: 2 ** 99999", "- {if: 2 **", "may not stand here"),
        ("if: result.found", "if: 'len(number, 2)'", "- {if: 'len", "len(text) takes 1 values, not 2"),
        ('"day or today"', '"day or tody"', "note:", "no value named 'tody'; did you mean 'today'?"),
        ('with: {number: "{number}"}', 'with: {number: "{nmber}"}', "find:", "no value named 'nmber'; did you mean 'number'?"),
        ('["Which number?"]', '["{partial} and?"]', "ask: [\"{partial", "no value named 'partial'"),
        ("  day: {kind: date", "  today: {kind: text}\n  day: {kind: date", "today: {kind", "the name 'today' has a meaning of its own"),
        ("values: {phone: caller, ", "values: {", "call:", "nothing ever fills the slot 'phone'; collect it, or test has.phone"),
        # languages
        ("name: small", "name: small\nlanguages: [en, xx]", "languages", "no words for speaking 'xx'; add agents/wording/languages/xx.yaml"),
        ("[Goodbye.]", "{xx: [Adios.]}", "farewell: {do", "no text in 'en'"),
        ("name: small", "name: small\nvoices: {xx: some}", "voices", "'xx' is not among the languages en"),
        ("do: set, values", "do: set, language: xx, values", "note:", "'xx' is not among the languages en"),
        # intents and keys
        ("[when are you open]", "['When are you open?', I want my money back!]", "hours: {ex", "'I want my money back!' is an example of 'refund' too"),
        ("refund: {examples: [I want my money back, give me a refund]}", "refund: {}", "refund: {}", "has neither phrases nor examples"),
        ("keys: {1: number}", "keys: {0: number}", "keys", "the key 0 always leads to a person"),
        ("keys: {1: number}", "keys: {11: number}", "keys", "write it like '1'"),
        ("    on: {refund: number, goodbye: farewell}\n    keys: {1: number}\n    keyed: number\n", "", 'ask: ["What', "no answer leads anywhere"),
        # branches
        ("      - {next: person}\n", "", "cases:", "the last case must have no condition"),
        ("      - {if: result.found, next: note}", "      - {next: person}\n      - {if: result.found, next: note}", "- {next: person}\n      - {if: result", "a case without a condition always fits"),
        # paths
        ("  line: {do: queue", "  idle: {do: end, say: [Never.]}\n  line: {do: queue", "idle:", "nodes.idle: no way leads here"),
        ("back: {do: say, say: [Nobody was free.], next: main}", "back: {do: say, say: [Nobody was free.], next: around}\n  around: {do: set, next: back}", "back: {do", "leads back to itself without ever listening to the caller (through around)"),
        ("failed: person}", "failed: find}", "find: {do", "leads back to itself without ever listening"),
        ("back: {do: say, say: [Nobody was free.], next: main}", "back: {do: ask, ask: [A.], again: [A.], silent: [A.], on: {'yes': back, refund: trap}}\n  trap: {do: confirm, ask: [B.], again: [B.], silent: [B.], 'yes': back, 'no': trap}", "back: {do", "no way from here (nor from trap) leads to an end"),
        # tools, models, payments
        ("tool: orders.find, with", "tool: orders.fnd, with", "find: {do", "no tool 'orders.fnd'; did you mean 'orders.find'?"),
        ("tool: payments.charge", "tool: shop.charge", "tool: shop", "no tool 'shop.charge'; add it to the tools of the agent"),
        ("tools: [orders.find]", "tools: [payments.charge]", "tools: [pay", "'payments.charge' charges cards for the payment node 'pay'; a language model may not call it"),
        ("with: {number:", "with: {order:", "find: {do", "orders.find takes no 'order'"),
        ("with: {number:", "with: {order:", "find: {do", "orders.find needs 'number'; give it under with"),
        ("exits: {known: {when: it is clear, next: note}}", "exits: {}", "exits", "a language model without a way out"),
        ("exits: {known:", "exits: {failed:", "exits", "the exit 'failed' is taken when no model answers"),
        ('amount: "{amount}"', "amount: free", "amount: free", "'free' is no amount; write \"12.50\""),
        ('amount: "{amount}"', "amount: 'Infinity'", "amount: 'Inf", "'Infinity' is no amount"),
        ('amount: "{amount}"', 'amount: "{amount|money}"', 'amount: "{amount|', "the tool gets the plain amount; write {amount}"),
        ('amount: "{amount}"', 'amount: "{day}"', 'amount: "{day', "'day' is of kind date; use a slot of kind amount"),
        ("failed: line", "failed: pay", "failed: pay", "a payment cannot lead back to itself"),
        ("tool: payments.charge", "tool: payments.charge\n    with: {card: '1'}", "with: {card", "'card' is what the caller keys in, or the node's own amount"),
        ("tool: payments.charge", "tool: payments.charge\n    with: {order: '{nmber}'}", "with: {order", "no value named 'nmber'; did you mean 'number'?"),
        ("tool: payments.charge", "tool: payments.charge\n    with: {ordr: '{number}'}", "with: {ordr", "payments.charge takes no 'ordr'; did you mean 'order'?"),
        ("tool: payments.charge", "tool: orders.find", "tool: orders.find\n    next: call", "orders.find takes no 'card', which a payment gives it"),
        # secrets
        ("    also: [amount]", "    also: [amount]\n    secret: true", "also", "a secret is taken by keypad alone"),
        ("    also: [amount]", "    secret: true", "partial: [", "of a secret only the whole is taken"),
        ("    also: [amount]", "    secret: true\n    confirm: {ask: [A.], corrected: [A.], rejected: [A.], again: [A.], silent: [A.]}", "confirm:", "a secret is never read back"),
        ("    also: [amount]", "    secret: true", "    keyed: number", "'number' is a secret, and keys pressed here are not"),
        ("    also: [amount]", "    secret: true", "remembers", "'number' is a secret: only a collect node with secret: true may ask for it"),
        ("    also: [amount]", "    secret: true", "change", "'number' is a secret: only a collect node with secret: true may ask for it"),
        ("    also: [amount]", "    secret: true", "    ask: [\"{amount|money}", "'number' is a secret and may not be told to anybody but a tool; remove {number}"),
        ("    also: [amount]\n    next: amount", "    secret: true\n    next: copied\n  copied: {do: set, values: {phone: number}, next: amount}", "copied:", "'number' is a secret, and 'phone' is none"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line(old: str, new: str, where: str, message: str) -> None:
    text = changed((old, new))
    found = complaints(text)
    lines = [line for line in found.splitlines() if message in line]
    assert lines, found
    assert any(line.startswith(f"small.yaml:{line_of(text, where)}: ") for line in lines), (line_of(text, where), found)


def test_a_secret_must_be_one_that_can_be_keyed() -> None:
    text = changed(("kind: amount", "kind: text"), ('["How much?"], ', '["How much?"], secret: true, '))
    assert "nodes.amount.secret: 'amount' is of kind text, which cannot be keyed in; use one of kind digits" in complaints(text)


def test_every_fault_is_told_at_once() -> None:
    found = complaints(changed(("resume: back", "resume: bak"), ("amount <= 100", "amout <= 100"), ("tool: payments", "tool: payment")))
    assert len(found.splitlines()) == 3


def test_tools_are_taken_on_trust_when_nobody_knows_them() -> None:
    assert parse_agent(changed(("tool: payments.charge", "tool: shop.charge")), "small.yaml").nodes["pay"]


def without(text: str, *nodes: str) -> str:
    """``text`` without the nodes that begin at these lines."""
    lines, kept, dropping = text.splitlines(keepends=True), [], False
    for line in lines:
        if line.startswith("  ") and not line.startswith("   "):
            dropping = line.strip().rstrip(":") in nodes
        kept += [] if dropping else [line]
    return "".join(kept)


def test_a_question_that_is_passed_over_does_not_count_as_listening() -> None:
    """The order was not found, and its number is asked for again: only if it is always asked for, or was emptied on the way."""
    asks_again = changed(
        ("next: note}\n      - {next: talk}", "next: note}\n      - {next: forget}"), ('please?"], next: sure', 'please?"], next: limit')
    )
    text = without(asks_again, "talk", "sure")
    emptied = changed(("  pay:\n", "  forget: {do: set, values: {number: none, amount: none}, next: number}\n  pay:\n"), text=text)
    assert parse_agent(emptied, "small.yaml")
    kept = changed(("values: {number: none, amount: none}", "values: {phone: none}"), text=emptied)
    found = complaints(kept)
    assert "leads back to itself without ever listening" in found
    assert "'number' is passed over once its slot is known: set ask_if_known: true there" in found
    one_emptied = changed(("values: {number: none, amount: none}", "values: {number: none}"), text=emptied)
    assert parse_agent(one_emptied, "small.yaml")
    assert parse_agent(changed(("slot: number\n", "slot: number\n    ask_if_known: true\n"), text=kept), "small.yaml")
