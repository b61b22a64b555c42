"""From node to node until the caller, a tool or a model has to do something, or the agent's part is over."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agents.flows.acts import Act, AskModel, CallTool, Handover, HangUp, Note, Say
from agents.flows.engine.kinds import KINDS, WAITING
from agents.flows.engine.moves import AskAgain, Go, Move, Stop
from agents.flows.engine.scene import Scene

MOST_NODES: Final = 500
"""Nodes gone through in one step; more means that they lead in circles."""
MOST_CALLS: Final = 12
"""Tools and models called in a row without giving the caller the floor."""


def walk(scene: Scene, move: Move) -> list[Act]:
    """The acts that ``move`` leads to, all that is said on the way in front."""
    said: list[Say | Note] = []
    for _ in range(MOST_NODES):
        if isinstance(move, Stop):
            if not _in_circles(scene, move):
                return _acts(scene, said, move)
            move = _trouble(scene)
        said += move.before
        move = _enter(scene, move)
    first = next((act for act in said if isinstance(act, Say)), None)
    return _acts(scene, [first] if first else [], _ending(scene))


def _enter(scene: Scene, move: Go | AskAgain) -> Move:
    if isinstance(move, AskAgain):
        return WAITING[type(scene.node)].ask_again(scene, scene.node)
    scene.begin(move.target)
    return KINDS[type(scene.node)].enter(scene, scene.node, move.text)


def _in_circles(scene: Scene, move: Stop) -> bool:
    if not (move.acts and isinstance(move.acts[-1], CallTool | AskModel)):
        return False
    scene.state.unheard_steps += 1
    return scene.state.unheard_steps > MOST_CALLS


def _trouble(scene: Scene) -> Go:
    scene.state.waiting_for, scene.state.reason = "", "pipeline_error"
    return Go(scene.everywhere.tool_trouble)


def _ending(scene: Scene) -> Stop:
    """The node for trouble, which is always one that ends."""
    target = _trouble(scene).target
    scene.begin(target)
    move = KINDS[type(scene.node)].enter(scene, scene.node, "")
    assert isinstance(move, Stop)  # noqa: S101 - checked when the agent is loaded
    return move


def _acts(scene: Scene, said: Sequence[Say | Note], move: Stop) -> list[Act]:
    """Sentences on the way share the fate of the last act: what leads to an ending is heard to its end."""
    acts = list(move.acts)
    final = any(isinstance(act, Handover | HangUp) for act in acts)
    texts = tuple(act.text for act in [*said, *acts] if isinstance(act, Say))
    if move.new and texts:
        scene.state.last = texts
    if not (acts and isinstance(acts[-1], CallTool | AskModel | Handover | HangUp)):
        acts.append(WAITING[type(scene.node)].listen(scene, scene.node))
    before = (replace(act, interruptible=act.interruptible and not final) if isinstance(act, Say) else act for act in said)
    return [*before, *acts]
