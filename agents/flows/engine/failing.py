"""The caller was not understood, or said nothing: asked in other words, and in the end given to a person."""

from agents.flows.definition import Reprompts
from agents.flows.engine.moves import Go, Move, Stop
from agents.flows.engine.scene import Scene
from agents.flows.texts import Texts


def failed(scene: Scene, prompts: Reprompts, *, silent: bool = False, instead: Texts | None = None) -> Move:
    """The text for so many failures in a row. ``instead``: another one that names what was wrong; it takes turns by itself."""
    if given_up := count_failure(scene, silent=silent):
        return given_up
    if instead:
        return Stop([scene.say(scene.draw(instead, "instead"))])
    wordings = scene.wordings(prompts.silent if silent else prompts.again)
    return Stop([scene.say(scene.fill(wordings[min(scene.state.failures, len(wordings)) - 1]))])


def count_failure(scene: Scene, *, silent: bool) -> Move | None:
    """One more in a row; the way to a person when there were too many."""
    state = scene.state
    state.failures += 1
    state.only_silence = state.only_silence and silent
    return give_up(scene) if state.failures >= scene.agent.give_up_after else None


def give_up(scene: Scene) -> Move:
    state = scene.state
    silent = state.failures > 0 and state.only_silence
    return leave(scene, scene.everywhere.give_up, "no_input" if silent else "repeated_failure")


def leave(scene: Scene, target: str, reason: str) -> Move:
    """To a node that ends the agent's part."""
    scene.state.reason = reason
    return Go(target)
