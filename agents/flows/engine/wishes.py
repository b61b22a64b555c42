"""A wish that has its own way out of the node: followed."""

from agents.flows.engine.filling import fill
from agents.flows.engine.moves import Go, Move
from agents.flows.engine.scene import Scene


def follow(scene: Scene, target: str, intent: str, text: str = "", fills: tuple[str, ...] = ()) -> Move:
    """The caller's ``intent`` leads to ``target``; ``text`` may hold more than the wish."""
    if intent not in (scene.everywhere.yes, scene.everywhere.no):
        scene.state.intent = intent
    scene.progress()
    fill(scene, fills, text)
    return Go(target, text)
