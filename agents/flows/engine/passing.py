"""Nodes that are gone through without the caller: saying, deciding, setting."""

from dataclasses import replace

from agents.flows.acts import Note
from agents.flows.definition import BranchNode, SayNode, SetNode
from agents.flows.engine.failing import give_up
from agents.flows.engine.moves import Go, Move
from agents.flows.engine.scene import Scene
from agents.flows.expression_values import text as plain_text


class Saying:
    def enter(self, scene: Scene, node: SayNode, text: str) -> Move:
        said = scene.said(node.say, "say", interruptible=not node.legal)
        if node.setback and scene.set_back():
            given_up = give_up(scene)
            assert isinstance(given_up, Go)  # noqa: S101 - to a node that ends the agent's part
            return replace(given_up, before=said)
        return Go(node.next, text, (*said, Note(node.note)) if node.note else said)


class Branching:
    def enter(self, scene: Scene, node: BranchNode, text: str) -> Move:
        facts = scene.facts()
        return Go(next(case.next for case in node.cases if case.if_ is None or case.if_.holds(facts)), text)


class Setting:
    def enter(self, scene: Scene, node: SetNode, text: str) -> Move:
        facts = scene.facts()
        for slot, value in {slot: plain_text(expression.value(facts)) for slot, expression in node.values.items()}.items():
            scene.keep(slot, value)
        if node.language:
            scene.state.language = node.language
        if node.queue:
            scene.state.queue = node.queue
        return Go(node.next, text, (Note("verified", {"level": node.verified}),) if node.verified else ())
