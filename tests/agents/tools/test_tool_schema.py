"""From signatures and docstrings to schemas, and from what arrives to what the function takes."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import jsonschema
import pytest
from pydantic import BaseModel, Field

from agents.tools import CallFacts, ToolDefinitionError, ToolError, tool
from agents.tools.threads import ToolThreads

FACTS = CallFacts("call-1", "5550101", "100", "front-desk", "en")


class Light(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Street:
    name: str
    house: int = 1


class Visit(BaseModel):
    at: datetime
    floor: int | None = None


async def use(function: Callable[..., object], **arguments: Any) -> dict[str, Any]:
    made = tool(function)
    return dict(await made.run(arguments, FACTS, ToolThreads(2)))


def everything(
    number: int,
    share: float,
    text: str,
    sure: bool,
    kind: Literal["new", "old"],
    light: Light,
    when: date,
    street: Street,
    visit: Visit,
    tags: list[str],
    note: str | None = None,
    count: Annotated[int, Field(ge=1, le=9, description="How many.")] = 1,
) -> dict[str, object]:
    """Takes one of each kind.

    More of the summary, which goes
    on here.

    Args:
        number: A whole number
            that goes on in the next line.
        text (str): Words: with a colon.

    Returns:
        number: is no parameter here.
    """
    return {name: type(value).__name__ for name, value in locals().items()}


GIVEN: dict[str, Any] = {
    "number": "7",
    "share": "0.5",
    "text": 10482,
    "sure": "yes",
    "kind": "new",
    "light": "blue",
    "when": "2026-11-27",
    "street": {"name": "Long Lane"},
    "visit": {"at": "2026-11-27T14:30", "floor": "3"},
    "tags": ["a"],
}


def test_schema_of_every_kind() -> None:
    info = tool(everything).info
    schema = dict(info.parameters)
    jsonschema.Draft202012Validator.check_schema(schema)
    properties: Any = schema["properties"]
    assert info.name == "everything"
    assert info.description == "Takes one of each kind. More of the summary, which goes on here."
    assert properties["number"] == {"type": "integer", "description": "A whole number that goes on in the next line."}
    assert properties["text"] == {"type": "string", "description": "Words: with a colon."}
    assert properties["kind"] == {"type": "string", "enum": ["new", "old"]}
    assert properties["when"] == {"type": "string", "format": "date"}
    assert properties["count"] == {"type": "integer", "minimum": 1, "maximum": 9, "default": 1, "description": "How many."}
    assert properties["note"] == {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    assert schema["required"] == list(GIVEN)
    assert schema["additionalProperties"] is False
    assert '"title"' not in str(schema).replace("'", '"')
    jsonschema.validate({**GIVEN, "number": 7, "share": 0.5, "text": "10482", "sure": True, "visit": {"at": "2026-11-27T14:30"}}, schema)


async def test_arguments_arrive_as_the_annotated_types() -> None:
    kinds = await use(everything, **GIVEN)
    assert list(kinds.values()) == ["int", "float", "str", "bool", "str", "Light", "date", "Street", "Visit", "list", "NoneType", "int"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"number": "4111 1111 1111 1111"}, "'number': input should be a valid integer"),
        ({"kind": "secret-word"}, "'kind': input should be 'new' or 'old'"),
        ({"when": "secret-word"}, "'when': "),
        ({"count": 12}, "'count': input should be less than or equal to 9"),
        ({"visit": {"at": "secret-word"}}, "'visit.at': "),
        ({"numbre": 1}, "everything has no argument 'numbre'; did you mean 'number'?"),
    ],
)
async def test_wrong_arguments_are_named_and_never_repeated(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ToolError) as caught:
        await use(everything, **{**GIVEN, **change})
    assert message in str(caught.value)
    assert "4111" not in str(caught.value)
    assert "secret-word" not in str(caught.value)


async def test_a_missing_argument_is_named() -> None:
    with pytest.raises(ToolError, match=r"everything: 'number': field required"):
        await use(everything, **{name: value for name, value in GIVEN.items() if name != "number"})


async def test_an_empty_slot_counts_as_not_given_only_where_there_is_a_default() -> None:
    def shown(needed: str, wanted: str = "own default", day: date | None = None) -> list[Any]:
        return [needed, wanted, day]

    assert await use(shown, needed="", wanted="", day="") == {"result": ["", "own default", None]}


async def test_names_that_a_model_class_would_not_allow() -> None:
    def odd(schema: str, copy: str, model_config: str, title: str, json: int = 2) -> list[Any]:
        return [schema, copy, model_config, title, json]

    properties: Any = tool(odd).info.parameters["properties"]
    assert list(properties) == ["schema", "copy", "model_config", "title", "json"]
    assert await use(odd, schema="a", copy="b", model_config="c", title="d") == {"result": ["a", "b", "c", "d", 2]}


async def test_facts_of_the_call_are_given_and_not_in_the_schema() -> None:
    def who(call: CallFacts, greeting: str) -> str:
        return f"{greeting} {call.caller} in {call.call_id}"

    assert list(tool(who).info.parameters["properties"]) == ["greeting"]  # type: ignore[arg-type]
    assert await use(who, greeting="hello") == {"result": "hello 5550101 in call-1"}
    with pytest.raises(ToolError, match="no argument 'call'"):
        await use(who, greeting="hello", call={"caller": "forged"})


def test_docstring_in_rest_style() -> None:
    def find(number: str) -> None:
        """Finds it.

        :param str number: the number
        :returns: nothing
        """

    assert tool(find).info.description == "Finds it."
    assert tool(find).info.parameters["properties"] == {"number": {"type": "string", "description": "the number"}}


def no_type(number) -> None:  # type: ignore[no-untyped-def]
    """Lacks an annotation."""


def many(*numbers: int) -> None:
    """Takes any number of them."""


def positional(number: int, /) -> None:
    """Has no names for others."""


def late(number: str, call: CallFacts) -> None:
    """Has the facts behind."""


def stale(number: str) -> None:
    """Was renamed.

    Args:
        nummer: the old name
    """


def formless(number: Callable[[], int]) -> None:
    """Takes what JSON cannot hold."""


def object_in(thing: ToolThreads) -> None:
    """Takes an object of ours."""


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (no_type, r"no_type: parameter 'number' has no type; annotate it, as in number: str"),
        (many, r"many: parameter 'numbers' has no name"),
        (positional, r"positional: parameter 'number' has no name"),
        (late, r"late: the parameter of type CallFacts comes first"),
        (stale, r"stale: the docstring describes 'nummer', which is no parameter; did you mean 'number'"),
        (formless, r"formless: a parameter's type has no JSON form"),
        (object_in, r"object_in: a parameter's type has no JSON form"),
    ],
)
def test_functions_that_cannot_be_tools_are_refused_at_once(function: Callable[..., object], message: str) -> None:
    with pytest.raises(ToolDefinitionError, match=message):
        tool(function)


@pytest.mark.parametrize("name", ["Orders.find", "orders find", "orders.", "", "9lives"])
def test_names_are_plain(name: str) -> None:
    if name:
        with pytest.raises(ToolDefinitionError, match="cannot be the name of a tool"):
            tool(name=name)(many)
    with pytest.raises(ToolDefinitionError, match="cannot be the name of a tool"):
        tool(lambda: None)


def test_limits_are_reasonable() -> None:
    for limit in (0, -1, 61, float("nan")):
        with pytest.raises(ToolDefinitionError, match="limit_s"):
            tool(limit_s=limit)(use)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, {}),
        (7, {"result": 7}),
        ({"when": date(2026, 11, 27), 3: Decimal("12.50")}, {"when": "2026-11-27", "3": "12.50"}),
        (Street("Long Lane"), {"name": "Long Lane", "house": 1}),
        (Visit(at=datetime(2026, 11, 27, 14, 30)), {"at": "2026-11-27T14:30:00", "floor": None}),  # noqa: DTZ001
        ({"light": Light.RED, "both": (1, {2})}, {"light": "red", "both": [1, [2]]}),
        ({"share": float("nan"), "deep": [float("inf")]}, {"share": None, "deep": [None]}),
    ],
)
async def test_results_become_plain(value: object, plain: object) -> None:
    def answer() -> object:
        return value

    assert await use(answer) == plain


async def test_results_that_json_cannot_hold() -> None:
    loop: list[object] = []
    loop.append(loop)
    for value in (object(), loop, {"x": ToolThreads}, lambda: 0):

        def answer(value: object = None, kept: object = value) -> object:
            return kept

        with pytest.raises((ToolError, ToolDefinitionError)):
            await use(answer)
