import asyncio
from collections.abc import Mapping

import pytest

from agents.tools import CallFacts, Toolbox, ToolError, ToolInfo, ToolSet, ToolUse, tool
from agents.tools.source import OtherToolbox
from agents.transcript import JsonValue


class Counter:
    """A toolbox as somebody might write one."""

    def __init__(self) -> None:
        self.count = 0

    def describe(self, name: str) -> ToolInfo | None:
        return ToolInfo(name, "Counts.") if name in ("count.up", "count.down") else None

    async def call(self, name: str, arguments: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        self.count += 1 if name == "count.up" else -1
        return {"count": self.count}


class PerCall:
    """A source that makes one toolbox for each call."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.closed = False

    def infos(self) -> list[ToolInfo]:
        return [ToolInfo("count.up", "Counts.")]

    def for_call(self, facts: CallFacts) -> Toolbox:
        self.made.append(facts.call_id)
        return Counter()

    async def close(self) -> None:
        self.closed = True


@tool(name="orders.find", examples=["where is my order"])
def find(call: CallFacts, number: str) -> dict[str, str]:
    """Finds an order."""
    return {"number": number, "caller": call.caller}


def plain(number: int) -> int:
    """Is not decorated."""
    return number + 1


async def test_tools_of_every_kind_by_name() -> None:
    tools = ToolSet([find, plain, OtherToolbox(Counter(), ["count.up"])])
    assert tools.names == ["count.up", "orders.find", "plain"]
    assert tools.examples == {"orders.find": ("where is my order",)}
    call = tools.for_call(CallFacts(caller="5550101"))
    for box in (tools, call):
        info = box.describe("orders.find")
        assert info is not None
        assert info.description == "Finds an order."
        assert box.describe("orders.fnd") is None
    assert await call.call("orders.find", {"number": 10482}) == {"number": "10482", "caller": "5550101"}
    assert await call.call("plain", {"number": "1"}) == {"result": 2}
    assert await call.call("count.up", {}) == {"count": 1}
    assert await tools.call("orders.find", {"number": "1"}) == {"number": "1", "caller": ""}


async def test_an_unknown_tool_is_told_with_the_nearest() -> None:
    tools = ToolSet([find])
    with pytest.raises(ToolError, match=r"^there is no tool 'order.find'; did you mean 'orders.find'\?$"):
        await tools.call("order.find", {})
    with pytest.raises(ToolError, match=r"there is no tool 'weather'; known: orders.find$"):
        await tools.call("weather", {})
    with pytest.raises(ToolError, match="known: none"):
        await ToolSet().call("x", {})


def test_names_taken_twice_are_refused() -> None:
    with pytest.raises(ValueError, match=r"two tools named 'orders.find'"):
        ToolSet([find, find])
    with pytest.raises(ValueError, match=r"two tools named 'count.up'"):
        ToolSet([PerCall(), OtherToolbox(Counter(), ["count.up"])])
    with pytest.raises(ValueError, match=r"Counter has no tool 'count.sideways'"):
        ToolSet([OtherToolbox(Counter(), ["count.sideways"])])


async def test_each_call_has_a_toolbox_of_its_own_and_keeps_it() -> None:
    source = PerCall()
    tools = ToolSet([source])
    first, second = tools.for_call(CallFacts("a")), tools.for_call(CallFacts("b"))
    assert source.made == [], "a call that uses no tool costs nothing"
    assert [(await box.call("count.up", {}))["count"] for box in (first, first, second)] == [1, 2, 1]
    assert source.made == ["a", "b"]
    await tools.close()
    assert source.closed


async def test_every_use_is_told_to_metrics_and_metrics_cannot_hurt() -> None:
    uses: list[ToolUse] = []

    def on_use(use: ToolUse) -> None:
        uses.append(use)
        raise ValueError("the metrics are broken")

    @tool
    async def slow() -> None:
        await asyncio.sleep(30)

    call = ToolSet([find, slow], on_use=on_use).for_call(CallFacts("call-1"))
    await call.call("orders.find", {"number": "1"})
    with pytest.raises(ToolError):
        await call.call("orders.find", {})
    with pytest.raises(ToolError):
        await call.call("nothing", {})
    task = asyncio.create_task(call.call("slow", {}))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [(use.name, use.outcome, use.call_id) for use in uses] == [
        ("orders.find", "done", "call-1"),
        ("orders.find", "failed", "call-1"),
        ("nothing", "failed", "call-1"),
        ("slow", "given_up", "call-1"),
    ]
