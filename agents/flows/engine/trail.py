"""The questions put so far, and the way back along them."""

from dataclasses import replace
from typing import Final

from agents.flows.definition import CollectNode
from agents.flows.engine.moves import AskAgain, Go, Move
from agents.flows.engine.scene import Scene
from agents.flows.state import Point

LONGEST: Final = 24
"""Questions remembered."""


def put(scene: Scene) -> None:
    """The question of the present node is put to the caller."""
    state = scene.state
    if not state.trail or state.trail[-1].node != state.node:
        here = Point(state.node, depth=len(state.detours), language=state.language, queue=state.queue)
        state.trail = (*state.trail, here)[-LONGEST:]


def note_filled(scene: Scene, slots: tuple[str, ...]) -> None:
    """``slots`` got their value by the answer to the latest question."""
    state = scene.state
    if state.trail and slots:
        latest = state.trail[-1]
        state.trail = (*state.trail[:-1], replace(latest, filled=tuple(dict.fromkeys((*latest.filled, *slots)))))


def back(scene: Scene) -> Move:
    """To the question before, as if it had not been answered; within a digression, out of it."""
    state = scene.state
    scene.progress()
    if isinstance(scene.node, CollectNode) and (state.confirming or state.partial):
        if state.candidate and scene.node.slot in state.unconfirmed:
            scene.forget([scene.node.slot])
        scene.begin(state.node)
        return AskAgain()
    if len(state.trail) < 2 or state.trail[-2].depth > len(state.detours):
        return AskAgain()
    before, here = state.trail[-2:]
    state.trail = state.trail[:-2]
    state.detours = state.detours[: before.depth]
    state.language, state.queue = before.language, before.queue
    state.answered = frozenset()
    scene.forget((*before.filled, *here.filled))
    return Go(before.node)


def cut(scene: Scene, index: int) -> None:
    """Nothing behind the question at ``index`` was ever asked: language and queue are those of that time."""
    state = scene.state
    state.language, state.queue = state.trail[index].language, state.trail[index].queue
    state.detours = state.detours[: state.trail[index].depth]
    state.trail = state.trail[: index + 1]


def leave_detour(scene: Scene) -> None:
    """The questions of a digression that is over lie on no way back."""
    state = scene.state
    while state.trail and state.trail[-1].depth > len(state.detours):
        state.trail = state.trail[:-1]


def seal(scene: Scene) -> None:
    """What was done cannot be taken back: no way leads to the questions before."""
    scene.state.trail = ()
