"""The caller waits for something: nothing is asked, silence is as good as words, and words that fit nothing end no call."""

from agents.endpointing.evidence import Grasp
from agents.flows.acts import Listen
from agents.flows.definition import WaitNode
from agents.flows.engine import trail
from agents.flows.engine.global_commands import obey
from agents.flows.engine.moves import Go, Move, Stop
from agents.flows.engine.recognition import guessed_intent, phrase_intent, whole_request, wish_behind
from agents.flows.engine.scene import Scene

QUIET = Stop(new=False)


class Staying:
    def enter(self, scene: Scene, node: WaitNode, text: str) -> Move:
        """Whatever was open before is over."""
        state = scene.state
        state.setbacks, state.detours = 0, ()
        scene.progress()
        trail.put(scene)
        return QUIET

    def ask_again(self, scene: Scene, node: WaitNode) -> Stop:
        return QUIET

    def heard(self, scene: Scene, node: WaitNode, text: str) -> Move:
        if not text.strip():
            return QUIET
        intent = wish_behind(scene, text, phrase_intent(scene, text, node.on), node.on)
        move = self._wished(scene, node, text, intent) or self._wished(scene, node, text, guessed_intent(scene, text, node.on))
        return move or self._not_understood(scene, node)

    def _wished(self, scene: Scene, node: WaitNode, text: str, intent: str) -> Move | None:
        """What the call is about stays what it was before the wait: ``intent`` is not noted."""
        if intent in node.on:
            scene.progress()
            return Go(node.on[intent], text)
        return obey(scene, intent)

    def _not_understood(self, scene: Scene, node: WaitNode) -> Stop:
        state, wordings = scene.state, scene.wordings(node.again)
        state.failures += 1
        state.only_silence = False
        if state.failures > len(wordings):
            return QUIET
        return Stop([scene.say(scene.fill(wordings[state.failures - 1]))], new=False)

    def keyed(self, scene: Scene, node: WaitNode, keys: str) -> Move:
        if keys not in node.keys:
            return QUIET
        scene.progress()
        return Go(node.keys[keys])

    def silent(self, scene: Scene, node: WaitNode) -> Move:
        return QUIET

    def listen(self, scene: Scene, node: WaitNode) -> Listen:
        return Listen(1, "0", knobs=node.turns, patient=True)

    def grasp(self, scene: Scene, node: WaitNode, text: str) -> Grasp:
        intent = phrase_intent(scene, text, node.on) or whole_request(scene, text, node.on)
        return Grasp.COMPLETE if intent else Grasp.UNKNOWN
