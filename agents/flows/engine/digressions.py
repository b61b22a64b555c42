"""A question of the caller's in the middle of ours: answered, and then ours is asked again as it stood."""

from typing import Final

from agents.flows.definition import ReturnNode
from agents.flows.engine import trail
from agents.flows.engine.moves import AskAgain, Go, Move
from agents.flows.engine.scene import Scene
from agents.flows.state import Detour

DEEPEST: Final = 3
"""Digressions within digressions; one more leaves the innermost for good."""


def digress(scene: Scene, intent: str) -> Move:
    scene.progress()
    return detour(scene, scene.agent.digressions[intent])


def detour(scene: Scene, target: str) -> Move:
    """To ``target`` and, when that is through, back to the question that is open."""
    state = scene.state
    here = Detour(state.node, state.confirming, state.candidate, state.partial, state.last, state.model_turns)
    if len(state.detours) < DEEPEST:
        state.detours = (*state.detours, here)
    return Go(target)


def inside(scene: Scene, target: str) -> bool:
    """Whether the question that is open belongs to ``target`` itself."""
    return scene.state.node == target


class Return:
    """The end of a digression, or of a flow that stands alone."""

    def enter(self, scene: Scene, node: ReturnNode, text: str) -> Move:
        state = scene.state
        if not state.detours:
            return Go(scene.everywhere.to_anything_else or scene.everywhere.to_goodbye)
        here, state.detours = state.detours[-1], state.detours[:-1]
        trail.leave_detour(scene)
        state.node, state.confirming, state.candidate, state.partial = here.node, here.confirming, here.candidate, here.partial
        state.last, state.model_turns = here.last, here.model_turns
        return AskAgain()
