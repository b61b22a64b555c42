"""Nodes at which the agent's part is over: a person, a queue, a callback, a farewell. Secrets are wiped here at the latest."""

from agents.flows.acts import Act, Handover, HangUp
from agents.flows.definition import CallbackNode, EndNode, QueueNode, TransferNode
from agents.flows.engine.moves import Move, Stop
from agents.flows.engine.scene import Scene
from agents.flows.texts import Texts

CALLBACK_SLOT = "callback_number"
"""Where whoever notes callbacks looks for the number."""


class Transferring:
    def enter(self, scene: Scene, node: TransferNode, text: str) -> Move:
        return _end(scene, node.say, Handover(_reason(scene, node.reason), _queue(scene, node.queue), "warm"))


class Queueing:
    def enter(self, scene: Scene, node: QueueNode, text: str) -> Move:
        return _end(scene, node.say, Handover(_reason(scene, node.reason), _queue(scene, node.queue), "blind"))


class CallingBack:
    def enter(self, scene: Scene, node: CallbackNode, text: str) -> Move:
        if number := scene.state.slots.get(node.slot):
            scene.state.slots[CALLBACK_SLOT] = number
        return _end(scene, node.say, HangUp(node.reason))


class Ending:
    def enter(self, scene: Scene, node: EndNode, text: str) -> Move:
        return _end(scene, node.say, HangUp(node.reason))


def _end(scene: Scene, say: Texts, last: Act) -> Move:
    state = scene.state
    state.ended, state.waiting_for, state.card, state.secrets = True, "", state.card.wiped(), {}
    return Stop([*scene.said(say, "say", interruptible=False), last])


def _reason(scene: Scene, own: str) -> str:
    return own or scene.state.reason or "caller_request"


def _queue(scene: Scene, own: str | None) -> str:
    return scene.state.queue or own or scene.agent.queue
