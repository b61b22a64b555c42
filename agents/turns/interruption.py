"""Carries out what ``agents.turns.bargein`` thinks of a caller who speaks while the agent has something to say.

Every hold of the line ends: with the words, or at the latest when a voice that goes on has lasted ``min_voice_s + false_timeout_s``, or
``false_timeout_s`` after it has paused.
"""

from typing import Final

from agents.line import VoiceStarted
from agents.turns.bargein import Verdict, by_time
from agents.turns.events import Discard, HoldPlayout, ResumePlayout, StopPlayout, TurnAction, Words
from agents.turns.playout import Settled
from agents.turns.state import TurnState
from agents.turns.timers import Timer
from agents.turns.utterance import Utterance

FIRST_PARTIAL_S: Final = 0.35
"""Voice before the first transcript when the line is held: a "stop" fits in, and the agent is silent until it is known."""


def hold_for_voice(state: TurnState, current: Utterance, event: VoiceStarted) -> list[TurnAction]:
    """The caller speaks, perhaps over the agent; the line holds itself then, but for a clip that it got too late to know."""
    actions: list[TurnAction] = []
    if state.playout.undecided:
        _decide_after_voice(state, current)
    elif state.playout.interruptible and not state.held:
        actions = [] if state.playout.held_by(event) else [HoldPlayout()]
        actions += _hold(state, current, event.at)
    if state.playout.undecided:
        state.timers.arm(Timer.PARTIAL, event.at + min(state.knobs.listening.partial_every_s, FIRST_PARTIAL_S))
    return actions


def hold_for_clip(state: TurnState, now: float) -> list[TurnAction]:
    """Something interruptible is about to be played to a caller who is speaking, and has not interrupted already."""
    current = state.utterance
    if current is None or not current.voiced or state.held or state.playout.yielding:
        return []
    return [HoldPlayout(), *_hold(state, current, now)]


def _hold(state: TurnState, current: Utterance, since: float) -> list[TurnAction]:
    state.playout.held = True
    state.last_moment = since + state.knobs.bargein.min_voice_s + state.knobs.bargein.false_timeout_s
    _decide_after_voice(state, current)
    return settle(state)


def _decide_after_voice(state: TurnState, current: Utterance) -> None:
    """Known to be a turn: decided at the next Tick, for a clip has to reach the line before it can be dropped there."""
    due = current.onset if current.real else current.onset + state.knobs.bargein.min_voice_s
    state.timers.arm(Timer.DECISION, min(due, state.last_moment))


def decide_after_pause(state: TurnState, current: Utterance) -> None:
    state.timers.arm(Timer.DECISION, current.ended_at + state.knobs.bargein.false_timeout_s)


def decide(state: TurnState, now: float) -> list[TurnAction]:
    """The words have not decided in time."""
    current = state.utterance
    if current is None:
        return []
    verdict = by_time(current, now, last_moment=now >= state.last_moment, knobs=state.knobs)
    if verdict is Verdict.WAIT:
        state.timers.arm(Timer.DECISION, state.last_moment)
    return carry_out(state, verdict, now)


def carry_out(state: TurnState, verdict: Verdict, now: float) -> list[TurnAction]:
    current = state.utterance
    if current is None:
        return []
    if verdict is Verdict.YIELD or current.real:
        return yield_floor(state)
    return _go_on(state, current, now) if verdict is Verdict.GO_ON else []


def yield_floor(state: TurnState) -> list[TurnAction]:
    """The caller interrupts. The utterance goes on as any other."""
    state.playout.yield_floor()
    return settle(state)


def settle(state: TurnState) -> list[TurnAction]:
    """Do for a caller who has interrupted what can be done by now; also to be called when a clip has ended."""
    settled = state.playout.settle()
    if state.playout.yielding or settled:
        state.timers.cancel(Timer.DECISION)
        if state.utterance:
            state.utterance.real = True
        state.await_end()
    match settled:
        case Settled.STOP:
            return [StopPlayout()]
        case Settled.RELEASE:
            return [ResumePlayout(state.utterances, Words.SPEECH)]
        case None:
            return []


def _go_on(state: TurnState, current: Utterance, now: float) -> list[TurnAction]:
    """No interruption. A voice that is still on may yet become one: it goes on in the next utterance."""
    state.shut()
    actions: list[TurnAction] = [Discard(current.id, current.revision, whole=True)]
    if state.held:
        state.playout.held = False
        actions.append(ResumePlayout(current.id, current.words or Words.NONE))
    if current.voiced:
        state.open(now)
    state.await_input(now)
    return actions
