"""A condition judged on what is remembered of a call."""

from dataclasses import replace

from handoff.rules.conditions import CallPart, ConcernPart, Condition, EmotionPart, EventsPart, FactPart, HoursPart, Leaf
from handoff.rules.decisions import Ground
from handoff.rules.judging_affairs import fact, hours, queue
from handoff.rules.judging_emotion import emotion
from handoff.rules.ruleset import RuleSet
from handoff.rules.state import Mark, WatchState
from handoff.rules.verdicts import Verdict, all_of, any_of

FAILURES = frozenset({"no_input", "no_match", "tool_error", "recognition_failed"})
LONG_SILENCE_S = 4.0


def judge(condition: Condition, state: WatchState, rules: RuleSet, own_queue: str) -> Verdict:
    """``own_queue``: of the rule."""
    if condition.all is not None:
        return all_of([judge(part, state, rules, own_queue) for part in condition.all])
    if condition.any is not None:
        return any_of([judge(part, state, rules, own_queue) for part in condition.any])
    if condition.not_ is not None:
        return judge(condition.not_, state, rules, own_queue).opposite()
    return _leaf(condition.leaf(), state, rules, own_queue)


def _leaf(leaf: Leaf, state: WatchState, rules: RuleSet, own_queue: str) -> Verdict:
    if isinstance(leaf, EmotionPart):
        return emotion(leaf, state)
    if isinstance(leaf, ConcernPart):
        return _concern(leaf, state)
    if isinstance(leaf, EventsPart):
        return _events(leaf, state)
    if isinstance(leaf, CallPart):
        return _call(leaf, state)
    if isinstance(leaf, FactPart):
        return fact(leaf, state)
    if isinstance(leaf, HoursPart):
        return hours(leaf, state, rules)
    return queue(leaf, state, leaf.name or own_queue)


def _concern(part: ConcernPart, state: WatchState) -> Verdict:
    found = max((found for found in state.found if found.name == part.name), key=lambda found: found.confidence, default=None)
    confidence = found.confidence if found else 0.0
    ground = _placed(Ground(f"concern.{part.name}", confidence, ">=", part.confidence), state, state.turn or None)
    return Verdict(found is not None and confidence >= part.confidence, (ground,), found.at_ms if found else None)


def _events(part: EventsPart, state: WatchState) -> Verdict:
    since = state.now_ms - part.within_s * 1000 if part.within_s is not None else 0
    found = [mark for mark in state.marks if mark.at_ms >= since and _counts(mark, part)]
    newest = found[-1] if found else None
    signal = f"events.{part.count or part.note}"
    ground = _placed(Ground(signal, len(found), ">=", part.at_least), state, newest.turn if newest and newest.turn else None)
    return Verdict(len(found) >= part.at_least, (ground,), newest.at_ms if newest else None)


def _counts(mark: Mark, part: EventsPart) -> bool:
    if part.note is not None:
        return mark.kind == f"note:{part.note}"
    if part.count == "failure":
        return mark.kind in FAILURES
    if part.count == "silence":
        return mark.kind == "silence" and mark.lasted_s >= (part.longer_than_s or LONG_SILENCE_S)
    return mark.kind == part.count


def _call(part: CallPart, state: WatchState) -> Verdict:
    seconds = state.now_ms / 1000
    return Verdict(seconds > part.longer_than_s, (Ground("call.seconds", seconds, ">", part.longer_than_s),))


def _placed(ground: Ground, state: WatchState, turn: int | None) -> Ground:
    """With the turn and where it is in the audio."""
    span = state.turns.get(turn) if turn is not None else None
    return replace(ground, turn=turn, start_ms=span.start_ms if span else None, end_ms=span.end_ms if span else None)
