"""A language model talks towards a goal; commands that work everywhere are obeyed before it is asked."""

from collections.abc import Mapping
from typing import Final

from agents.endpointing.evidence import Grasp
from agents.flows.acts import AskModel, Listen, ModelResult
from agents.flows.definition import LlmNode
from agents.flows.engine import trail
from agents.flows.engine.failing import count_failure, leave
from agents.flows.engine.global_commands import obey
from agents.flows.engine.moves import Go, Move, Stop
from agents.flows.engine.recognition import guessed_intent, phrase_intent, whole_request
from agents.flows.engine.scene import Scene
from agents.flows.engine.wishes import follow
from agents.flows.texts import Texts
from agents.llm.task import FAILED
from agents.transcript import JsonValue

MODEL: Final = "a language model"
"""Stands in ``State.waiting_for`` while one is at work; no tool can have this name."""
MOST_KEYS: Final = 20
BRIEF: Final = "Be brief with this caller: one short sentence at a time, one question at a time, plain words."
TONE: Final = "How to meet this caller now, without ever speaking about it:\n"
SUPERVISOR: Final = (
    "A supervisor who listens to this call tells you in private, the latest last; do it, and never let the caller know of it:\n"
)


class Modelling:
    def enter(self, scene: Scene, node: LlmNode, text: str) -> Move:
        scene.state.setbacks = scene.state.model_turns = 0
        trail.put(scene)
        if node.opening and not text:
            return Stop(scene.said(node.opening, "opening"))
        return self._ask(scene, node, text)

    def ask_again(self, scene: Scene, node: LlmNode) -> Stop:
        return Stop([*map(scene.say, scene.state.last)])

    def heard(self, scene: Scene, node: LlmNode, text: str) -> Move:
        if not text.strip():
            return self._failed(scene, node, node.again, silent=False)
        intent = phrase_intent(scene, text, node.on) or guessed_intent(scene, text, node.on, everywhere=False)
        if intent in node.on:
            return follow(scene, node.on[intent], intent, text)
        return obey(scene, intent) or self._ask(scene, node, text)

    def keyed(self, scene: Scene, node: LlmNode, keys: str) -> Move:
        return self._ask(scene, node, " ".join(keys)) if keys else self._failed(scene, node, node.again, silent=False)

    def silent(self, scene: Scene, node: LlmNode) -> Move:
        return self._failed(scene, node, node.silent, silent=True)

    def _failed(self, scene: Scene, node: LlmNode, texts: Texts, *, silent: bool) -> Move:
        if given_up := count_failure(scene, silent=silent):
            return given_up
        if texts:
            return Stop(scene.said(texts, "silent" if silent else "again"), new=False)
        return Stop([*map(scene.say, scene.state.last)] or [scene.say(scene.draw_as(scene.everywhere.repeat_with, "everywhere.repeat"))])

    def _ask(self, scene: Scene, node: LlmNode, text: str) -> Move:
        state = scene.state
        if state.model_turns >= node.max_turns:
            return leave(scene, node.failed, "model_turns")
        state.model_turns += 1
        state.waiting_for = MODEL
        scene.progress()
        return Stop([self._task(scene, node, text)])

    def _task(self, scene: Scene, node: LlmNode, text: str) -> AskModel:
        return AskModel(
            goal=scene.fill(node.goal),
            said=text,
            instructions=instructions(scene),
            tools=tuple(dict.fromkeys((*scene.agent.llm.tools, *node.tools))),
            exits={name: way.when for name, way in node.exits.items()},
            remembers={slot: meaning(scene, slot) for slot in node.remembers},
            facts=known(scene),
            language=scene.language,
        )

    def answered(self, scene: Scene, node: LlmNode, result: ModelResult) -> Move:
        state = scene.state
        if result.said:
            state.last = (result.said,)
        filled = tuple(slot for slot, value in result.facts.items() if slot in node.remembers and self._learn(scene, slot, value))
        trail.note_filled(scene, filled)
        if result.exit == FAILED:
            return leave(scene, node.failed, "model_error")
        way = node.exits.get(result.exit)
        return Go(way.next) if way else Stop()

    def _learn(self, scene: Scene, slot: str, value: str) -> bool:
        """What the model noted is taken only if the slot's own reader understands it."""
        reading = scene.reader(slot).hear(value, scene.context)
        if reading is None or reading.verdict != "complete":
            return False
        if reading.value != scene.state.slots.get(slot):
            scene.keep(slot, reading.value, confirmed=False)
        return True

    def listen(self, scene: Scene, node: LlmNode) -> Listen:
        keyed = any(scene.reader(slot).longest_keys > 1 for slot in node.remembers)
        return Listen(MOST_KEYS, "", "0", knobs=node.turns) if keyed else Listen(1, "0", knobs=node.turns)

    def grasp(self, scene: Scene, node: LlmNode, text: str) -> Grasp:
        intent = phrase_intent(scene, text, node.on) or whole_request(scene, text, node.on, everywhere=False)
        return Grasp.COMPLETE if intent else Grasp.UNKNOWN


def instructions(scene: Scene) -> str:
    """Persona and rules, how to talk to this caller now, and behind them what a supervisor of this very call has asked for."""
    state = scene.state
    tone = TONE + state.tone if state.tone else ""
    told = SUPERVISOR + "\n".join(f"- {text}" for text in state.instructions) if state.instructions else ""
    return "\n\n".join(filter(None, (scene.agent.llm.instructions, BRIEF if state.short else "", tone, told)))


def known(scene: Scene) -> Mapping[str, JsonValue]:
    """What a model is told: the slots and results that have a value, hours, date, and how long the call has lasted; no secret."""
    secrets = scene.state.secrets
    return {name: value for name, value in scene.facts().items() if value != "" and not name.startswith("has.") and name not in secrets}


def meaning(scene: Scene, slot: str) -> str:
    """What a slot holds, in words."""
    part = scene.agent.slots[slot]
    limits = part.model_dump(exclude={"kind"}, exclude_defaults=True)
    rest = f" ({', '.join(f'{name}: {_listed(value)}' for name, value in limits.items())})" if limits else ""
    return f"{slot.rsplit('__', 1)[-1].replace('_', ' ')}, {part.kind.replace('_', ' or ')}{rest}"


def _listed(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, Mapping) else str(value)
