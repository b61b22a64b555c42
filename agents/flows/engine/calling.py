"""A tool is called; the call goes on with what it brought."""

from collections.abc import Iterable, Mapping

from agents.flows.acts import CallTool
from agents.flows.definition import ToolNode
from agents.flows.engine import trail
from agents.flows.engine.failing import leave
from agents.flows.engine.moves import Go, Move, Stop
from agents.flows.engine.scene import Scene
from agents.flows.state import Fact
from agents.flows.template import places
from agents.transcript import JsonValue


class Calling:
    def enter(self, scene: Scene, node: ToolNode, text: str) -> Move:
        scene.state.waiting_for = node.tool
        secret = any(name in scene.agent.secret_slots for template in node.arguments.values() for name, _ in places(template))
        arguments: dict[str, JsonValue] = {name: scene.fill(template) for name, template in node.arguments.items()}
        return Stop([*scene.said(node.say, "say"), CallTool(node.tool, arguments, node.limit_s, secret)])

    def returned(self, scene: Scene, node: ToolNode, result: Mapping[str, JsonValue] | None) -> Move:
        """``None``: it failed or took too long."""
        if node.commits:
            trail.seal(scene)
        if result is None:
            return leave(scene, node.failed, "tool_error")
        scene.state.result = plain(result, node.returns)
        return Go(node.next)


def plain(result: Mapping[str, JsonValue], fields: Iterable[str]) -> dict[str, Fact]:
    """The ``fields`` as texts and expressions use them."""
    return {name: _plain(result.get(name)) for name in fields}


def _plain(value: JsonValue) -> Fact:
    return value if isinstance(value, str | int | float | bool) else "" if value is None else str(value)
