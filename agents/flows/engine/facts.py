"""The names that texts and expressions may use, with their values now."""

from datetime import datetime

from agents.flows.definition import AgentDefinition
from agents.flows.state import Fact, State

CALLER: str = "caller"
"""Learnt from outside: the number that the caller calls from."""


def facts(agent: AgentDefinition, state: State, now: datetime) -> dict[str, Fact]:
    """Every name in ``agents.flows.check.names`` that has a value now."""
    local = now.astimezone(agent.hours.zone()) if agent.hours.timezone else now
    known: dict[str, Fact] = {
        **agent.hours.facts(now, state.language or agent.language),
        "partial": state.partial,
        "queue_status": state.queue_status,
        "came_back": state.came_back,
        "language": state.language or agent.language,
        "today": local.date().isoformat(),
        "now": local.replace(tzinfo=None).isoformat(timespec="minutes"),
        "call_seconds": call_seconds(state, now),
        "caller": "",
        "card_last_four": state.card.last_four,
    }
    for slot in agent.slots:
        known[f"has.{slot}"] = bool(state.value(slot))
    for name, value in state.result.items():
        known[f"result.{name}"] = value
    known.update(state.slots)
    known.update(state.secrets)
    if state.candidate and (slot := getattr(agent.nodes.get(state.node), "slot", "")):
        known[slot] = state.candidate
    return known


def call_seconds(state: State, now: datetime) -> int:
    """Whole seconds since the call began."""
    return max(0, int((now - state.began_at).total_seconds())) if state.began_at else 0
