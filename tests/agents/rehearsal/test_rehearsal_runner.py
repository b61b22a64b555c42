"""Conversation files at work: what passes, and what a failure says."""

from pathlib import Path

import pytest

from agents.rehearsal.finding import find_conversations
from agents.rehearsal.runner import FileResult, run_files
from tests.agents.rehearsal.lamp_shop import LAMP_SHOP

WHOLE = """\
agent: ../lamp-shop.yaml
name: the whole call
tools:
  orders.find: {gives: {found: true, item: a lamp}}
model:
  - says: [Take the blue one.]
    exit: enough
steps:
  - says: [THIS is the lamp   shop, /do for you.$/]
    node: main
  - caller: where is my order
    node: number
    slots: {order_number: null}
  - silence: true
    event: no_input
  - keys: "10482"
    tool: {name: orders.find, with: {number: "10482"}, failed: false}
    says: a lamp is on
    slots: {order_number: "10482"}
    absent: ["no such order", "/colou?r/i"]
    language: en
  - caller: some advice
    says: the blue one
  - caller: a person
    ends: transfer
    queue: lamps
    reason: caller_request
  - returns: TIMEOUT
    says: Nobody was free
  - caller: goodbye
    ends: end
says: [the blue one]
absent: [refund]
tools_called: [orders.find]
never_called: [payments.charge]
slots: {order_number: "10482", phone_number: null}
ends: end
"""


async def test_what_is_learned_before_the_call_is_known_in_it(tmp_path: Path) -> None:
    learned = "learned: {order_number: '10482'}\n"
    known = f"agent: ../lamp-shop.yaml\nname: known\n{learned}steps: [{{slots: {{order_number: '10482'}}}}]\n"
    assert (await result_of(written(tmp_path, known))).passed
    assert not (await result_of(written(tmp_path, known.replace(learned, "")))).passed


def written(folder: Path, text: str, name: str = "one") -> Path:
    (folder / "lamp-shop.yaml").write_text(LAMP_SHOP, "utf-8")
    (folder / "conversations").mkdir(exist_ok=True)
    path = folder / "conversations" / f"{name}.yaml"
    path.write_text(text, "utf-8")
    return path


async def result_of(path: Path) -> FileResult:
    (result,) = await run_files([path])
    return result


async def test_a_call_as_expected_passes(tmp_path: Path) -> None:
    result = await result_of(written(tmp_path, WHOLE))
    assert result.passed, (result.error, result.failures)
    assert result.name == "the whole call"


@pytest.mark.parametrize(
    ("old", "new", "line", "expected", "got"),
    [
        ("THIS is", "That is", 9, "the agent to say 'That is the lamp   shop'", "'This is the lamp shop. What can I do for you?'"),
        ("    node: number", "    node: numbre", 12, "the node numbre", "number"),
        ("order_number: null", 'order_number: "1"', 13, "order_number to be '1'", "unknown"),
        ("event: no_input", "event: noise", 15, "the event noise", "no_input"),
        ('{number: "10482"}', '{number: "10483"}', 17, "the tool orders.find(number='10483'), with success", "orders.find(number='10482')"),
        ("failed: false", "failed: true", 17, "the tool orders.find(number='10482'), failing", "orders.find(number='10482')"),
        ("no such order", "on its way", 20, "the agent not to say 'on its way'", "on its way"),
        ("/colou?r/i", "/A LAMP/i", 20, "the agent not to say '/A LAMP/i'", "a lamp"),
        ("language: en", "language: es", 21, "the language es", "en"),
        ("ends: transfer", "ends: queue", 25, "the call to end as queue", "it ended as transfer, queue lamps, reason caller_request"),
        ("queue: lamps", "queue: sales", 26, "the queue sales", "lamps"),
        ("reason: caller_request", "reason: no_input", 27, "the reason no_input", "caller_request"),
        ("  - returns: TIMEOUT\n    says: Nobody was free\n", "", 28, "a call that goes on", "it had ended as transfer"),
        ("says: [the blue one]", "says: [the red one]", 32, "the agent to say 'the red one'", "the blue one"),
        ("absent: [refund]", "absent: [lamp shop]", 33, "the agent not to say 'lamp shop'", "This is the lamp shop"),
        ("tools_called: [orders.find]", "tools_called: []", 34, "the tools none", "orders.find"),
        ("never_called: [payments.charge]", "never_called: [orders.find]", 35, "orders.find never to be called", "orders.find(number="),
        ("phone_number: null", 'phone_number: "5"', 36, "phone_number to be '5'", "unknown"),
        ("ends: end\n", "ends: transfer\n", 31, "the call to end as transfer", "it ended as end, reason done"),
    ],
)
async def test_a_failure_names_line_expected_got_and_the_call_so_far(
    tmp_path: Path, old: str, new: str, line: int, expected: str, got: str
) -> None:
    assert old in WHOLE
    path = written(tmp_path, WHOLE.replace(old, new, 1))
    result = await result_of(path)
    assert not result.error
    (failure,) = result.failures
    assert (failure.path, failure.line, failure.expected) == (path, line, expected)
    assert got in failure.got
    assert failure.transcript[0] == "agent   This is the lamp shop. What can I do for you?"


async def test_every_miss_of_a_step_is_told_and_no_later_step_is_played(tmp_path: Path) -> None:
    result = await result_of(written(tmp_path, WHOLE.replace("node: main", "node: mane").replace("THIS", "That")))
    assert [failure.line for failure in result.failures] == [9, 10]
    assert not any(line.startswith("caller") for line in result.failures[0].transcript)


async def test_a_call_that_ends_too_early_fails(tmp_path: Path) -> None:
    text = "agent: ../lamp-shop.yaml\nname: early\nsteps:\n  - caller: goodbye\n  - caller: order\n"
    (failure,) = (await result_of(written(tmp_path, text))).failures
    assert (failure.line, failure.expected, failure.got) == (4, "the call to go on", "it ended as end, reason done")


async def test_a_file_or_agent_that_cannot_be_used_is_an_error_and_not_a_failure(tmp_path: Path) -> None:
    mistaken = written(tmp_path, "agent: ../lamp-shop.yaml\nname: x\nsteps: []\n", "mistaken")
    nobody = written(tmp_path, "agent: nobody\nname: x\nsteps: [{says: a}]\n", "nobody")
    good = written(tmp_path, WHOLE, "good")
    results = await run_files([mistaken, nobody, good])
    assert [result.passed for result in results] == [False, False, True]
    assert f"{mistaken}:3: steps" in results[0].error
    assert results[1].error.startswith(f"{nobody}:1: its agent cannot be used:")
    assert "'nobody'" in results[1].error


async def test_live_files_are_skipped_with_the_remedy(tmp_path: Path) -> None:
    result = await result_of(written(tmp_path, "agent: ../lamp-shop.yaml\nname: x\ntools: live\nsteps: [{says: a}]\n"))
    assert "--live" in result.skipped
    assert not result.passed


async def test_the_clock_stands_still_and_moves_when_told(tmp_path: Path) -> None:
    agent = LAMP_SHOP.replace("[What can I do for you?]", '["You called {call_seconds} seconds ago."]').replace(
        '["What can I do for you?"]', '["You called {call_seconds} seconds ago."]'
    )
    path = written(
        tmp_path,
        "agent: ../lamp-shop.yaml\nname: x\nsteps: [{says: 0 seconds}, {caller: order, later_s: 90}, {keys: '10482', says: 90 seconds}]\n"
        "tools: {orders.find: {gives: {found: false}}}\n",
    )
    (tmp_path / "lamp-shop.yaml").write_text(agent, "utf-8")
    result = await result_of(path)
    assert result.passed, (result.error, result.failures)


async def test_a_slow_tool_fails_at_once(tmp_path: Path) -> None:
    text = (
        "agent: ../lamp-shop.yaml\nname: x\ntools: {orders.find: {gives: {found: true}, takes_s: 60}}\n"
        "steps: [{caller: order}, {keys: '10482', tool: {name: orders.find, failed: true}, ends: transfer}]\n"
    )
    result = await result_of(written(tmp_path, text))
    assert result.passed, (result.error, result.failures)


async def test_answers_may_differ_by_arguments_and_from_time_to_time(tmp_path: Path) -> None:
    text = """\
agent: ../lamp-shop.yaml
name: x
tools:
  orders.find:
    - {with: {number: "10482"}, fails: down, times: 0}
    - {gives: {found: false}, times: 1}
    - {gives: {found: true, item: a torch}}
steps:
  - caller: order
  - keys: "11111"
    says: no such order
  - caller: order
  - keys: "11111"
    says: a torch
  - caller: order
  - keys: "10482"
    ends: transfer
"""
    result = await result_of(written(tmp_path, text))
    assert result.passed, (result.error, result.failures)


async def test_answers_may_be_shared_by_files(tmp_path: Path) -> None:
    text = """\
agent: ../lamp-shop.yaml
name: x
tools: {orders.find: {with: {number: "10482"}, gives: {found: true, item: a torch}}}
tools_from: ../shared.yaml
steps:
  - caller: order
  - {keys: "10482", says: a torch}
  - caller: order
  - {keys: "11111", says: a kettle}
"""
    path = written(tmp_path, text)
    result = await result_of(path)
    assert "shared.yaml: cannot be read" in result.error
    (tmp_path / "shared.yaml").write_text("tools: {orders.find: {gives: {found: true, item: a kettle}}}\n", "utf-8")
    result = await result_of(path)
    assert result.passed, (result.error, result.failures)


async def test_many_files_at_once_share_nothing(tmp_path: Path) -> None:
    paths = [written(tmp_path, WHOLE, f"call-{number}") for number in range(40)]
    results = await run_files(paths, at_once=20)
    assert [result.path for result in results] == paths
    assert all(result.passed for result in results)


def test_conversation_files_are_found_by_their_steps(tmp_path: Path) -> None:
    one = written(tmp_path, WHOLE)
    deeper = tmp_path / "conversations" / "refunds"
    deeper.mkdir()
    (deeper / "two.yaml").write_text(WHOLE)
    assert find_conversations([tmp_path]) == [one, deeper / "two.yaml"]
    assert find_conversations([one]) == [one]
