from typing import Any

import pytest

from agents.llm.guard import Guard, Leave, Refuse, Remember, RunTool
from agents.llm.model import Call
from tests.agents.llm.llm_doubles import ORDER, Shelf, find, task

EXITS = {"done": "the caller is helped", "person": "the caller wants a person"}
SLOTS = {"order_number": "five digits"}


def guard(**more: Any) -> Guard:
    return Guard(task(exits=EXITS, remembers=SLOTS, **more), Shelf({"find_order": {}, "refund": {}}))


def reason(call: Call, **more: Any) -> str:
    verdict = guard(**more).judge(call)
    assert isinstance(verdict, Refuse), verdict
    return verdict.reason


def test_offers_the_tools_of_the_state_exits_and_slots() -> None:
    offered = {function.name: function for function in guard().functions()}
    assert list(offered) == ["find_order", "leave", "remember"]
    assert offered["find_order"].parameters == ORDER
    assert offered["leave"].parameters["properties"] == {"exit": {"type": "string", "enum": ["done", "person"]}}
    assert "the caller wants a person" in offered["leave"].description


def test_offers_nothing_that_makes_no_sense() -> None:
    assert [function.name for function in Guard(task(), Shelf()).functions()] == ["find_order"]
    assert Guard(task(tools=("gone",)), Shelf()).functions() == []
    assert [function.name for function in guard().functions(tools=False)] == ["leave", "remember"]


def test_a_call_that_fits() -> None:
    verdict = guard().judge(find())
    assert isinstance(verdict, RunTool) and verdict.info.name == "find_order" and verdict.arguments == {"number": "10482"}


def test_a_tool_of_the_box_that_the_state_does_not_allow() -> None:
    assert reason(Call("c", "refund", '{"number": "10482"}')) == "there is no such function here"


@pytest.mark.parametrize("name", ["drop_tables", "", "leave()", "find_order ", "FIND_ORDER", "refund"])
def test_a_tool_that_nobody_offered(name: str) -> None:
    assert "no such function" in reason(Call("c", name, "{}"))


@pytest.mark.parametrize(
    "arguments",
    [
        '{"number": ',
        "[]",
        "null",
        "3",
        '"10482"',
        "",
        '{"number": 10482}',
        '{"number": "abc"}',
        '{"number": "10482", "force": true}',
        "{}",
        "[" * 9000,
    ],
)
def test_arguments_that_do_not_fit(arguments: str) -> None:
    assert reason(Call("c", "find_order", arguments))


def test_the_reason_names_the_field_but_not_its_value() -> None:
    text = reason(Call("c", "find_order", '{"number": "my secret"}'))
    assert text.startswith("number: does not fit pattern") and "secret" not in text


def test_names_with_a_point_are_offered_without_it() -> None:
    made = Guard(task(tools=("orders.find",)), Shelf({"orders.find": {}}))
    assert [function.name for function in made.functions()] == ["orders_find"]
    verdict = made.judge(Call("c", "orders_find", '{"number": "10482"}'))
    assert isinstance(verdict, RunTool) and verdict.info.name == "orders.find"


def test_a_tool_cannot_take_the_name_of_an_exit() -> None:
    made = Guard(task(tools=("leave",), exits=EXITS), Shelf({"leave": {}}))
    assert len(made.functions()) == 1 and isinstance(made.judge(Call("c", "leave", '{"exit": "done"}')), Leave)


def test_exits_only_those_offered() -> None:
    assert guard().judge(Call("c", "leave", '{"exit": "done"}')) == Leave("done")
    for arguments in ('{"exit": "refund_everything"}', "{}", '{"exit": 3}', "oops", '{"exit": ["done"]}'):
        assert "done, person" in reason(Call("c", "leave", arguments))
    assert isinstance(Guard(task(), Shelf()).judge(Call("c", "leave", '{"exit": "done"}')), Refuse)


def test_slots_only_those_offered() -> None:
    assert guard().judge(Call("c", "remember", '{"slot": "order_number", "value": " 1 04 82 "}')) == Remember("order_number", "1 04 82")
    assert guard().judge(Call("c", "remember", '{"slot": "order_number", "value": 10482}')) == Remember("order_number", "10482")
    for arguments in ('{"slot": "is_admin", "value": "yes"}', '{"slot": "order_number"}', '{"slot": "order_number", "value": ""}', "x"):
        assert reason(Call("c", "remember", arguments))
    assert reason(Call("c", "remember", '{"slot": "order_number", "value": "%s"}' % ("9" * 400)))


def test_a_schema_that_is_none_lets_nothing_through() -> None:
    shelf = Shelf()
    shelf.schema = {"type": "objekt"}
    assert isinstance(Guard(task(), shelf).judge(find()), Refuse)


def test_a_schema_may_allow_more_fields() -> None:
    shelf = Shelf()
    shelf.schema = {**ORDER, "additionalProperties": True}
    assert isinstance(Guard(task(), shelf).judge(Call("c", "find_order", '{"number": "10482", "note": "x"}')), RunTool)


def test_fields_of_a_combined_schema_are_known() -> None:
    shelf = Shelf()
    shelf.schema = {"type": "object", "allOf": [dict(ORDER)]}
    assert isinstance(Guard(task(), shelf).judge(find()), RunTool)
