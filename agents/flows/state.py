"""What a dialogue remembers, and the names that its texts and cases may use."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from agents.flows.definition import AgentDefinition, Fact


@dataclass(slots=True)
class State:
    node: str = ""
    confirming: bool = False
    """In a collect node: the number was read back and awaits yes or no."""
    candidate: str = ""
    """The number that was read back."""
    partial: str = ""
    """The first digits of a number of which the rest is missing."""
    slots: dict[str, str] = field(default_factory=dict)
    result: dict[str, Fact] = field(default_factory=dict)
    """Fields of the latest tool result."""
    waiting_for: str = ""
    """The tool that is at work."""
    failures: int = 0
    """Silences and misunderstandings in a row."""
    only_silence: bool = True
    """All of them were silences."""
    setbacks: int = 0
    """Understood, and yet in vain: numbers rejected or not found, since the last new question."""
    used: dict[str, int] = field(default_factory=dict)
    """How often each list of texts was drawn from, so that repeats differ."""
    last: tuple[str, ...] = ()
    """The latest texts, for "repeat that"."""
    intent: str = ""
    """The latest thing the caller wanted."""
    reason: str = ""
    """Why a person was called for."""
    queue_status: str = ""
    came_back: bool = False
    ended: bool = False

    def copy(self) -> "State":
        """Independent of this one: its containers hold only immutable values."""
        return replace(self, slots=dict(self.slots), result=dict(self.result), used=dict(self.used))


def facts(agent: AgentDefinition, state: State, now: datetime) -> dict[str, Fact]:
    """Every name in ``agents.flows.check.names`` that has a value now."""
    has = {f"has.{slot}": bool(state.slots.get(slot)) for slot in agent.slots}
    results = {f"result.{key}": value for key, value in state.result.items()}
    own: dict[str, Fact] = {"partial": state.partial, "queue_status": state.queue_status, "came_back": state.came_back}
    slots: dict[str, Fact] = dict(state.slots)
    if state.candidate and (collect := _slot_of(agent, state.node)):
        slots[collect] = state.candidate
    return {**agent.hours.facts(now), **own, **has, **results, **slots}


def _slot_of(agent: AgentDefinition, node: str) -> str:
    return getattr(agent.nodes.get(node), "slot", "")
