"""Secret slots: asked for by keypad alone, and nowhere else to be seen or heard."""

from collections.abc import Iterator

from agents.flows.definition import AgentDefinition, AskNode, CollectNode, LlmNode, PaymentNode, SetNode, texts_of
from agents.flows.errors import Problem
from agents.flows.mentions import named_slots
from agents.flows.routes import Path
from agents.flows.template import places
from agents.nlu.slots import slot_reader


def secret_problems(agent: AgentDefinition) -> Iterator[Problem]:
    """For an agent in which every reference leads somewhere."""
    secret = agent.secret_slots
    if not secret:
        return
    for path, texts in texts_of(agent.everywhere):
        yield from _said(("everywhere", *path), [text for _, text in texts.every()], secret)
    for name, node in agent.nodes.items():
        at = ("nodes", name)
        for path, texts in texts_of(node):
            yield from _said((*at, *path), [text for _, text in texts.every()], secret)
        if isinstance(node, LlmNode):
            yield from _said((*at, "goal"), [node.goal], secret)
        if isinstance(node, PaymentNode):
            yield from _said((*at, "amount"), [node.amount], secret)
        if isinstance(node, CollectNode) and node.secret:
            yield from (Problem((*at, *path), what) for path, what in _asking(agent, node))
        elif isinstance(node, SetNode):
            yield from _copied(at, node, secret)
        else:
            yield from _elsewhere(at, node, secret)
        asked = agent.nodes[node.keyed] if isinstance(node, AskNode) and node.keyed else None
        if isinstance(asked, CollectNode) and asked.secret:
            yield Problem((*at, "keyed"), f"{asked.slot!r} is a secret, and keys pressed here are not; lead there by an intent or a key")


def _said(path: Path, texts: list[str], secret: frozenset[str]) -> Iterator[Problem]:
    for slot in sorted({name for text in texts for name, _ in places(text)} & secret):
        yield Problem(path, f"{slot!r} is a secret and may not be told to anybody but a tool; remove {{{slot}}}")


def _asking(agent: AgentDefinition, node: CollectNode) -> Iterator[tuple[Path, str]]:
    if slot_reader(agent.slots[node.slot]).longest_keys < 2:
        yield ("secret",), f"{node.slot!r} is of kind {agent.slots[node.slot].kind}, which cannot be keyed in; use one of kind digits"
    if node.confirm:
        yield ("confirm",), "a secret is never read back; remove confirm, or secret"
    if node.partial:
        yield ("partial",), "of a secret only the whole is taken, in one entry; remove partial"
    if node.also:
        yield ("also",), "a secret is taken by keypad alone, so no sentence holds another slot; remove also"


def _copied(at: Path, node: SetNode, secret: frozenset[str]) -> Iterator[Problem]:
    for slot, value in node.values.items():
        if slot not in secret and (told := sorted(value.names & secret)):
            yield Problem((*at, "values", slot), f"{told[0]!r} is a secret, and {slot!r} is none; ask for it by a secret collect node")


def _elsewhere(at: Path, node: object, secret: frozenset[str]) -> Iterator[Problem]:
    for path, slot in named_slots(node):  # type: ignore[arg-type] # every node but those above
        if slot in secret:
            yield Problem((*at, *path), f"{slot!r} is a secret: only a collect node with secret: true may ask for it; remove it here")
