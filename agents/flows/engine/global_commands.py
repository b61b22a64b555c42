"""What is obeyed at any question: a person, goodbye, repeat, back, start over, help; and the digressions."""

from agents.flows.acts import Act
from agents.flows.card import Card
from agents.flows.definition import Reprompts
from agents.flows.engine import digressions, trail
from agents.flows.engine.failing import leave
from agents.flows.engine.moves import AskAgain, Go, Move, Stop
from agents.flows.engine.scene import Scene
from agents.flows.texts import Texts


def obey(scene: Scene, intent: str) -> Move | None:
    """What ``intent`` means wherever it is said; None: nothing."""
    everywhere = scene.everywhere
    if not intent:
        return None
    if intent == everywhere.repeat:
        return _repeat(scene)
    if intent == everywhere.back:
        return trail.back(scene)
    if intent == everywhere.start_over:
        return _start_over(scene)
    if intent == everywhere.help:
        return _help(scene)
    if intent in scene.agent.digressions:
        return digressions.digress(scene, intent)
    return obey_ending(scene, intent)


def obey_ending(scene: Scene, intent: str) -> Move | None:
    """The commands that end the agent's part: all that is obeyed while a tool or a model works."""
    if intent == scene.everywhere.person:
        return to_person(scene)
    if intent == scene.everywhere.goodbye:
        scene.progress()
        return Go(scene.everywhere.to_goodbye)
    return None


def to_person(scene: Scene) -> Move:
    scene.state.intent = scene.state.intent or scene.everywhere.person
    return leave(scene, scene.everywhere.to_person, "caller_request")


def _repeat(scene: Scene) -> Move:
    scene.state.failures = 0
    again: list[Act] = [scene.say(scene.draw_as(scene.everywhere.repeat_with, "everywhere.repeat"))]
    return Stop([*again, *map(scene.say, scene.state.last)], new=False)


def _start_over(scene: Scene) -> Move:
    """Everything that the caller said is forgotten; what was learnt from outside is not.

    So is a language in which the agent cannot say everything, since now everything may follow, and the queue with it.
    """
    state = scene.state
    scene.progress()
    state.slots, state.unconfirmed, state.result = dict(state.learned), frozenset(), {}
    state.intent, state.pending, state.setbacks = "", "", 0
    state.trail, state.detours, state.answered = (), (), frozenset()
    state.card, state.secrets = Card(), {}
    if state.language not in scene.agent.fluent:
        state.language = state.queue = ""
    return Go(scene.everywhere.to_start_over or scene.agent.start)


def _help(scene: Scene) -> Move:
    """The node's own words, else the help node, else the hint that a failure would bring; none of them counts as a failure."""
    scene.progress()
    node = scene.node
    own = getattr(node, "help", None)
    if isinstance(own, Texts) and own:
        return AskAgain(scene.said(own, "help"))
    if scene.everywhere.to_help and not digressions.inside(scene, scene.everywhere.to_help):
        return digressions.detour(scene, scene.everywhere.to_help)
    hints = node.again if isinstance(node, Reprompts) else None
    return Stop([*scene.said(hints, "again")]) if hints else AskAgain()
