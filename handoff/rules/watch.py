"""The decision: one happening in, the next state and what the rules decide out. Pure, so that a replay decides the same."""

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from agents.manner import Manner
from handoff.rules.conditions import WEEK, ConcernPart, EmotionPart
from handoff.rules.decisions import Act, Decision, Ground
from handoff.rules.happenings import Happening
from handoff.rules.judging import judge
from handoff.rules.judging_affairs import within
from handoff.rules.noticing import noticed, whole
from handoff.rules.rule import Rule
from handoff.rules.ruleset import RuleSet, meant_for
from handoff.rules.state import RuleMemory, WatchState
from handoff.rules.verdicts import Verdict

_CALLING: Final = ("escalate", "try_once")
_UNHEARD: Final = RuleMemory()


def step(state: WatchState, rules: RuleSet, happening: Happening) -> tuple[WatchState, list[Decision]]:
    """``state`` stays as it is. Of one happening comes at most one decision that calls a person or tries once more and is no shadow; it
    is the first of the list."""
    judging = _Step(noticed(state, happening, rules.notes_read), rules, happening.kind)
    for name, rule in rules.rules.items():
        if _holds_now(rule, judging.state):
            judging.rule(name, rule)
    return judging.ended()


def _holds_now(rule: Rule, state: WatchState) -> bool:
    """Whether the rule is meant for this call at this time of day."""
    only = rule.only
    if only is None:
        return True
    if not meant_for(rule, state.number, state.agent):
        return False
    if only.hours is None and not only.weekdays:
        return True
    weekday, minute = whole(state.clock.get("weekday")), whole(state.clock.get("minute"))
    if weekday is None or minute is None or not 0 <= weekday < len(WEEK):
        return False
    return (not only.weekdays or WEEK[weekday] in only.weekdays) and (only.hours is None or within(only.hours, minute))


class _Step:
    """One pass over all rules; its own fields change, the states it is given and gives do not."""

    def __init__(self, state: WatchState, rules: RuleSet, kind: str) -> None:
        self.state, self._rules, self._kind = state, rules, kind
        self._memory = dict(state.memory)
        self._called = _resting(state.called_ms, rules, state.now_ms)
        self._shadow_called = _resting(state.shadow_called_ms, rules, state.now_ms)
        self._escalated = self._shadow_escalated = False
        self._decisions: list[Decision] = []

    def rule(self, name: str, rule: Rule) -> None:
        state, before = self.state, self._memory.get(name, _UNHEARD)
        verdict = judge(rule.when, state, self._rules, rule.queue)
        memory, ready = _followed(rule, before, verdict, state, self._kind)
        news = ready and (not before.ready or verdict.evidence_ms == state.now_ms)
        if news and not memory.spent and self._may(rule, before):
            memory = self._fire(name, rule, memory, verdict)
        elif news and verdict.evidence_ms is None:
            # It rests: a state of affairs has no later evidence, so its news is kept until the rest is over.
            ready = False
        if memory is not before or ready is not before.ready:
            self._memory[name] = replace(memory, ready=ready)

    def _may(self, rule: Rule, before: RuleMemory) -> bool:
        if before.fired_ms is not None and self.state.now_ms - before.fired_ms < max(1, round(rule.rest_s * 1000)):
            return False
        return rule.act not in _CALLING or not (self._shadow_called if rule.shadow else self._called)

    def _fire(self, name: str, rule: Rule, memory: RuleMemory, verdict: Verdict) -> RuleMemory:
        again = rule.act == "try_once" and memory.tried
        act: Act = "escalate" if again else rule.act
        decision = Decision(
            rule=name,
            act=act,
            queue=rule.queue,
            priority=rule.priority,
            reason=rule.reason or name,
            say=MappingProxyType(dict(rule.say_handing_over if again else rule.say)),
            manner=Manner(**rule.manner.model_dump()) if rule.manner else None,
            grounds=_timed(verdict.grounds, rule, memory, self.state.now_ms),
            shadow=rule.shadow,
            at_ms=self.state.now_ms,
        )
        self._note_call(decision)
        self._decisions.append(decision)
        spent = rule.once and (act != "try_once")
        return replace(memory, fired_ms=self.state.now_ms, tried=act == "try_once", spent=spent)

    def _note_call(self, decision: Decision) -> None:
        if decision.act not in _CALLING:
            return
        self._shadow_called = True
        self._shadow_escalated |= decision.act == "escalate"
        if not decision.shadow:
            self._called = True
            self._escalated |= decision.act == "escalate"

    def ended(self) -> tuple[WatchState, list[Decision]]:
        state, now = self.state, self.state.now_ms
        state = replace(
            state,
            memory=MappingProxyType(self._memory),
            called_ms=now if self._escalated else state.called_ms,
            shadow_called_ms=now if self._shadow_escalated else state.shadow_called_ms,
        )
        return state, sorted(self._decisions, key=lambda decision: (decision.shadow, decision.act not in _CALLING))


def _resting(called_ms: int | None, rules: RuleSet, now_ms: int) -> bool:
    return called_ms is not None and now_ms - called_ms < rules.rest_s * 1000


def _followed(rule: Rule, before: RuleMemory, verdict: Verdict, state: WatchState, kind: str) -> tuple[RuleMemory, bool]:
    """How long the condition has held by now, and whether that is long enough."""
    holds = verdict.holds is True
    since = (state.now_ms if before.since_ms is None else before.since_ms) if holds else None
    turns, turn = before.turns, before.last_true_turn
    if holds and turn != state.turn and kind in _kinds_of_turns(rule):
        turns, turn = turns + 1, state.turn
    changed = (since, turns, turn) != (before.since_ms, before.turns, before.last_true_turn)
    memory = replace(before, since_ms=since, turns=turns, last_true_turn=turn) if changed else before
    wait = rule.for_
    if not holds or since is None or wait is None:
        return memory, holds
    if wait.turns is not None:
        return memory, turn == state.turn and turns >= wait.turns
    return memory, wait.seconds is not None and state.now_ms - since >= wait.seconds * 1000


def _kinds_of_turns(rule: Rule) -> frozenset[str]:
    """Happenings at which a turn of the caller can be counted for the rule: what is read out of a turn comes after the turn."""
    leaves = rule.when.leaves()
    read = {"emotion" for leaf in leaves if isinstance(leaf, EmotionPart)} | {"concern" for leaf in leaves if isinstance(leaf, ConcernPart)}
    return frozenset(read or {"turn"})


def _timed(grounds: tuple[Ground, ...], rule: Rule, memory: RuleMemory, now_ms: int) -> tuple[Ground, ...]:
    if rule.for_ is None or rule.for_.seconds is None or memory.since_ms is None:
        return grounds
    held_s = (now_ms - memory.since_ms) / 1000
    return tuple(ground if ground.held_s is not None else replace(ground, held_s=held_s) for ground in grounds)
