"""What rules would have decided in a stored call, and how that compares with what happened. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from handoff.rules.conditions import EmotionPart, HoursPart
from handoff.rules.decisions import Decision
from handoff.rules.happenings import Happening
from handoff.rules.ruleset import RuleSet
from handoff.rules.state import WatchState
from handoff.rules.stored import Row, StoredCall, happenings
from handoff.rules.triggers import TRIGGER
from handoff.rules.watch import step

Change: TypeAlias = Literal["earlier", "later", "same", "not_at_all", "newly", "never"]
"""What becomes of a call's escalation. newly: it had none and would have one; never: none then and none now."""
CHANGES: Final[tuple[Change, ...]] = ("earlier", "later", "newly", "not_at_all", "same", "never")
AGENT: Final = "agent"
"""Who escalated, where no rule did: the dialogue, which does so again under any rules, as do triggers of agents in Python."""
_AT_ONCE_MS: Final = 2000
_SAME_ANSWER_MS: Final = 15_000
"""From a decision to the event of a handover the agent says a sentence."""


@dataclass(frozen=True, slots=True)
class Escalation:
    at_ms: int
    by: str
    """Name of the rule, or AGENT."""
    reason: str
    queue: str
    grounds: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    call: StoredCall
    change: Change
    was: Escalation | None
    would: Escalation | None
    decisions: tuple[Decision, ...]
    """All that the rules would have decided, shadows included."""
    unjudged: frozenset[str]
    """What the rules ask about of which this call has no record: ``emotion``, ``facts``, ``queue``, ``clock``."""


def decide(rules: RuleSet, told: Iterable[Happening]) -> tuple[Decision, ...]:
    """All decisions over a whole call."""
    state, decided = WatchState(), list[Decision]()
    for happening in told:
        state, decisions = step(state, rules, happening)
        decided += decisions
    return tuple(decided)


def replayed(call: StoredCall, rules: RuleSet) -> tuple[Decision, ...]:
    """``rules``: a whole set; those for other numbers and agents are left out."""
    rules = rules.for_call(call.number, call.agent)
    return decide(rules, happenings(call, rules))


def compared(call: StoredCall, rules: RuleSet) -> Comparison:
    decisions = replayed(call, rules)
    acting = next((decision for decision in decisions if decision.act == "escalate" and not decision.shadow), None)
    was, stays = _was(call)
    new = _of_decision(acting) if acting is not None else None
    would = min((one for one in (new, stays) if one is not None), key=lambda one: one.at_ms, default=None)
    return Comparison(call, _change(call, was, would), was, would, decisions, unjudged(call, rules.for_call(call.number, call.agent)))


def unjudged(call: StoredCall, rules: RuleSet) -> frozenset[str]:
    """See Comparison. A call in which nobody spoke has nothing to judge a feeling by."""
    leaves = [leaf for rule in rules.rules.values() for leaf in rule.when.leaves()]
    missing = set[str]()
    if any(isinstance(leaf, EmotionPart) for leaf in leaves) and call.caller_turns and not call.has("emotion"):
        missing.add("emotion")
    if rules.facts_read and not call.has("facts"):
        missing.add("facts")
    if rules.queues_read and not call.has("queue"):
        missing.add("queue")
    if call.started_at is None and any(isinstance(leaf, HoursPart) for leaf in leaves):
        missing.add("clock")
    return frozenset(missing)


def _was(call: StoredCall) -> tuple[Escalation | None, Escalation | None]:
    """The first escalation that there was, and the first that no rule of a file made."""
    by_rules: list[Escalation] = []
    by_agent: Escalation | None = None
    for event in call.events:
        data = event.get("data")
        if not isinstance(data, Mapping):
            continue
        if event["kind"] == "escalation_rule" and data.get("act") == "escalate" and not data.get("shadow"):
            by_rules.append(_of_event(event, data))
            if by_agent is None and by_rules[-1].by.startswith(TRIGGER):
                by_agent = by_rules[-1]
        elif by_agent is None and _is_handover(str(event["kind"]), data):
            reason = str(data.get("reason") or "")
            if reason not in {one.reason for one in by_rules}:
                by_agent = Escalation(_at(event), AGENT, reason, str(data.get("queue") or ""))
    first = [one for one in (*by_rules, by_agent) if one is not None]
    return min(first, key=lambda one: one.at_ms, default=None), by_agent


def _is_handover(kind: str, data: Row) -> bool:
    return kind == "handover" or (kind == "conversation_ended" and data.get("kind") == "handover")


def _of_event(event: Row, data: Row) -> Escalation:
    grounds = data.get("grounds")
    return Escalation(
        _at(event),
        str(data.get("rule") or ""),
        str(data.get("reason") or ""),
        str(data.get("queue") or ""),
        tuple(ground for ground in grounds if isinstance(ground, Mapping)) if isinstance(grounds, list) else (),
    )


def _of_decision(decision: Decision) -> Escalation:
    grounds = decision.event()["grounds"]
    told = tuple(ground for ground in grounds if isinstance(ground, Mapping)) if isinstance(grounds, list) else ()
    return Escalation(decision.at_ms, decision.rule, decision.reason, decision.queue, told)


def _at(event: Row) -> int:
    at = event["at_ms"]
    return int(at) if isinstance(at, int | float) else 0


def _change(call: StoredCall, was: Escalation | None, would: Escalation | None) -> Change:
    if was is None:
        return "never" if would is None else "newly"
    if would is None:
        return "not_at_all"
    if _same_moment(call, was.at_ms, would.at_ms):
        return "same"
    return "earlier" if would.at_ms < was.at_ms else "later"


def _same_moment(call: StoredCall, one_ms: int, other_ms: int) -> bool:
    """At once after one another, or in the answer to the same turn of the caller."""
    first, last = sorted((one_ms, other_ms))
    if last - first <= _AT_ONCE_MS:
        return True
    ends = [turn["ended_ms"] for turn in call.turns if turn["who"] == "caller"]
    between = any(isinstance(end, int | float) and first < end <= last for end in ends)
    return not between and last - first <= _SAME_ANSWER_MS
