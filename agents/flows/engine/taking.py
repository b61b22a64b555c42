"""What becomes of the value that was read for a slot: read back, kept, asked on for, or refused."""

from agents.flows.definition import CollectNode
from agents.flows.engine import trail
from agents.flows.engine.failing import failed
from agents.flows.engine.moves import Go, Move, Stop
from agents.flows.engine.scene import Scene
from agents.nlu.slots import Reading


def take(scene: Scene, node: CollectNode, reading: Reading | None) -> Move:
    """``reading`` is all of the value, a part of it, too much, or nothing."""
    state = scene.state
    if reading is None:
        return failed(scene, node)
    if reading.verdict == "complete":
        return take_whole(scene, node, reading.value)
    if reading.verdict == "partial" and reading.value != state.partial:
        state.partial = reading.value
        scene.progress()
        return Stop(scene.said(node.partial or node.again, "partial"))
    if reading.verdict == "too_many":
        state.partial = ""
        return failed(scene, node, instead=node.too_many)
    return failed(scene, node)


def take_whole(scene: Scene, node: CollectNode, value: str) -> Move:
    return read_back(scene, node, value) if node.confirm else settle(scene, node, value)


def read_back(scene: Scene, node: CollectNode, value: str, *, corrected: bool = False) -> Move:
    """Ask whether ``value`` is right."""
    assert node.confirm  # noqa: S101 - only nodes with a read-back come here
    state = scene.state
    state.candidate, state.partial, state.confirming = value, "", True
    scene.progress()
    return Stop(scene.said(node.confirm.corrected, "corrected") if corrected else scene.said(node.confirm.ask, "confirm"))


def settle(scene: Scene, node: CollectNode, value: str) -> Move:
    """The slot has its value; on with the call."""
    scene.keep(node.slot, value)
    trail.note_filled(scene, (node.slot,))
    scene.state.answered |= {scene.state.node}
    scene.progress()
    return Go(node.next)


def given(scene: Scene, name: str, node: CollectNode, value: str) -> Move:
    """The whole value came before the question of the node ``name`` was put."""
    scene.begin(name)
    scene.state.answered |= {name}
    trail.put(scene)
    scene.progress()
    return take_whole(scene, node, value)


def keyed_value(scene: Scene, node: CollectNode, keys: str) -> Move:
    """Keys pressed for the slot, or for the rest of it; of a secret nothing but the whole is kept."""
    reader, partial = scene.reader(node.slot), scene.state.partial
    reading = reader.keyed(keys, scene.context)
    if node.secret:
        return settle(scene, node, reading.value) if reading and reading.verdict == "complete" else failed(scene, node)
    if partial and reading and reading.verdict == "partial":
        reading = reader.keyed(partial + keys, scene.context)
    return take(scene, node, reading)
