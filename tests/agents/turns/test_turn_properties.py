"""What holds for any order of events, plausible or not."""

from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.line import (
    DigitPressed,
    PlaybackFinished,
    PlaybackPaused,
    PlaybackResumed,
    PlaybackStarted,
    PlaybackStopped,
    VoicePaused,
    VoiceStarted,
)
from agents.turns.events import (
    Backchannel,
    ClipQueued,
    Commit,
    CommitKeys,
    Discard,
    FloorGiven,
    HoldPlayout,
    NoInput,
    NothingSaid,
    PlaybackLeft,
    ResumePlayout,
    StopPlayout,
    Tick,
    Transcribe,
    TurnAction,
    TurnEvent,
    Understood,
    Words,
)
from agents.turns.knobs import layered
from tests.agents.turns.play import Play

KNOBS = layered({"listening": {"max_utterance_s": 10}, "speaking": {"backchannel": True, "backchannel_after_s": 2}})
KINDS = (
    *("voice", "pause", "words", "words", "digit", "queue", "protect", "start", "finish", "stopped"),
    *("paused", "resumed", "floor", "left", "nothing", "tick"),
)

Step: TypeAlias = tuple[float, str, str, Words]
"""Seconds since the one before, what happens, a key, the weight of a transcript."""

steps = st.lists(
    st.tuples(st.floats(0, 2), st.sampled_from(KINDS), st.sampled_from("0123456789*#A"), st.sampled_from(Words)),
    max_size=60,
)


def event_of(step: Step, now: float, play: Play, clip: str) -> TurnEvent:
    """Clips are reported in the order in which they were queued."""
    _, kind, digit, words = step
    first = next(iter(play.machine.clips), clip)
    current = play.machine.utterance
    match kind:
        case "voice":
            return VoiceStarted(now, first)
        case "pause":
            return VoicePaused(now)
        case "words":
            utterance, revision = (current.id, current.revision) if current else (1, 1)
            return Understood(utterance, revision, words, int(digit, 16) if digit.isalnum() else 0, now % 2)
        case "digit":
            return DigitPressed(now, digit)
        case "queue" | "protect":
            return ClipQueued(clip, kind == "queue")
        case "start":
            return PlaybackStarted(first, now)
        case "finish":
            return PlaybackFinished(first, now)
        case "stopped":
            return PlaybackStopped(first, now, 0.1)
        case "paused":
            return PlaybackPaused(first, now, 0.1)
        case "resumed":
            return PlaybackResumed(first, now)
        case "floor":
            return FloorGiven(5, "0", "12")
        case "left":
            return PlaybackLeft(now % 1.5)
        case "nothing":
            return NothingSaid()
        case _:
            return Tick()


class Watched(Play):
    """Looks at every single step: a decision, and the state before and after it."""

    def __init__(self) -> None:
        super().__init__(KNOBS)
        self.stopped_by: set[int] = set()
        """Utterances that stopped the agent."""
        self.taken_back: list[TurnAction] = []
        """What was decided against one of these later."""

    def at(self, now: float, event: TurnEvent) -> list[TurnAction]:
        self.until(now)
        return self._step(event, now)

    def until(self, now: float) -> list[TurnAction]:
        decided: list[TurnAction] = []
        while (due := self.machine.deadline) is not None and due <= now:
            self.now = max(self.now, due)
            decided += self._step(Tick(), self.now)
        self.now = now
        return decided

    def _step(self, event: TurnEvent, now: float) -> list[TurnAction]:
        machine = self.machine
        held, protected, voiced, current = machine.held, machine.protected, machine.voiced, machine.utterance
        actions = machine.step(event, now)
        self.log += [(now, action) for action in actions]
        ends = sum(isinstance(action, StopPlayout | ResumePlayout) for action in actions)
        if held and not machine.held:
            assert ends == 1, "a hold ended without a decision, or with two"
        if not isinstance(event, DigitPressed):
            self.taken_back += [a for a in actions if isinstance(a, Discard) and a.whole and a.utterance in self.stopped_by]
        if StopPlayout() in actions:
            self.stopped_by |= {current.id} if current else set()
            assert not machine.protected, "a protected sentence was stopped"
        if any(isinstance(action, ResumePlayout) for action in actions):
            assert held or isinstance(event, VoiceStarted), "what was not held was resumed"
        if protected and isinstance(event, VoiceStarted | DigitPressed | Understood) and machine.protected:
            assert StopPlayout() not in actions
        if any(isinstance(action, Commit) and not action.cut for action in actions):
            assert not voiced or isinstance(event, VoicePaused), "a turn was committed while the voice was on"
        if any(isinstance(action, Backchannel) for action in actions):
            assert not machine.clips, "the agent nods into its own words"
        return actions


def run(script: list[Step]) -> Watched:
    play, now = Watched(), 0.0
    for number, step in enumerate(script):
        now += step[0]
        play.at(now, event_of(step, now, play, f"c{number}"))
    return play


@settings(max_examples=200, deadline=None)
@given(steps)
def test_every_utterance_ends_once(script: list[Step]) -> None:
    play = run(script)
    play.at(play.now, VoicePaused(play.now))
    play.until(play.now + 300)
    ended = [a.utterance for _, a in play.log if isinstance(a, Commit) or (isinstance(a, Discard) and a.whole)]
    assert sorted(ended) == list(range(1, len(ended) + 1)), "an utterance was opened and never closed, or closed twice"


@settings(max_examples=200, deadline=None)
@given(steps)
def test_the_agent_does_not_go_on_after_a_decision_to_stop(script: list[Step]) -> None:
    """An utterance that has stopped it neither resumes it nor is it thrown away, but for keys."""
    play = run(script)
    play.until(play.now + 300)
    assert not play.taken_back


@settings(max_examples=200, deadline=None)
@given(steps)
def test_every_hold_ends(script: list[Step]) -> None:
    """Within the time for words and for voice when nothing protected is in the way, however the caller and the recogniser behave."""
    play = run(script)
    knobs = KNOBS.bargein
    if play.machine.held and not play.machine.protected:
        assert play.until(play.now + knobs.min_voice_s + 2 * knobs.false_timeout_s)
        assert not play.machine.held
    play.until(play.now + 300)
    assert not play.machine.held


@settings(max_examples=200, deadline=None)
@given(steps)
def test_every_timer_fires_once_or_is_cancelled(script: list[Step]) -> None:
    timers = run(script).machine.timers
    assert timers.armed == timers.cancelled + timers.fired + len(timers.due)


@settings(max_examples=200, deadline=None)
@given(steps)
def test_no_state_is_without_an_exit(script: list[Step]) -> None:
    """From any state, silence alone leads to a decision when the caller has the floor, and to rest otherwise."""
    play = run(script)
    asked = play.machine.floor is not None
    begun = len(play.log)
    play.at(play.now, VoicePaused(play.now))
    play.until(play.now + 300)
    assert play.machine.deadline is None
    assert not play.machine.clips
    assert play.machine.utterance is None
    if asked:
        assert any(isinstance(action, Commit | CommitKeys | NoInput) for _, action in play.log[begun:])


@settings(max_examples=200, deadline=None)
@given(steps, st.sampled_from([None, *Words]), st.floats(0.05, 3), st.booleans())
def test_a_caller_who_speaks_is_answered_or_asked_again(script: list[Step], words: Words | None, length_s: float, queued: bool) -> None:
    """Whatever went before: a question, words over it or after it, and then silence."""
    play = run(script)
    play.at(play.now, VoicePaused(play.now))
    play.until(play.now + 300)
    if queued:
        play.at(play.now, ClipQueued("question", True))
    play.at(play.now, FloorGiven(5, "0"))
    begun, now = len(play.log), play.now + 0.5
    play.at(now, VoiceStarted(now - 0.1, "question" if queued else None))
    play.at(now + length_s, VoicePaused(now + length_s - 0.1))
    if words and play.machine.utterance:
        play.understood(now + length_s + 0.05, words, 2)
    play.until(play.now + 300)
    assert any(isinstance(action, Commit | CommitKeys | NoInput) for _, action in play.log[begun:])


@settings(max_examples=200, deadline=None)
@given(steps)
def test_keys_are_committed_as_pressed(script: list[Step]) -> None:
    play = run(script)
    play.until(play.now + 200)
    kept = iter("".join(digit for _, kind, digit, _ in script if kind == "digit" and digit.isdigit()))
    committed = "".join(action.keys for _, action in play.log if isinstance(action, CommitKeys))
    assert all(key in kept for key in committed), "keys appear that nobody pressed, or in another order"


@settings(max_examples=200, deadline=None)
@given(steps)
def test_revisions_count_up_and_a_commit_names_that_of_the_latest_pause(script: list[Step]) -> None:
    play = run(script)
    latest: dict[int, Transcribe] = {}
    for _, action in play.log:
        if isinstance(action, Transcribe):
            before = latest.get(action.utterance)
            assert action.revision == (before.revision if before else 0) + 1
            latest[action.utterance] = action
        if isinstance(action, Commit) and not action.cut:
            assert action.revision == latest[action.utterance].revision
            assert not latest[action.utterance].partial


@settings(max_examples=200, deadline=None)
@given(steps)
def test_one_partial_transcript_is_under_way_at_a_time(script: list[Step]) -> None:
    """The next one waits for the words of the one before, or for another spell of voice."""
    play, now = Watched(), 0.0
    asked: Transcribe | None = None
    for number, step in enumerate(script):
        now += step[0]
        begun = len(play.log)
        play.until(now)
        event = event_of(step, now, play, f"c{number}")
        for _, action in play.log[begun:]:
            asked = _follow(asked, action)
        if isinstance(event, Understood):
            asked = None
        for action in play.at(now, event):
            asked = _follow(asked, action)


def _follow(asked: Transcribe | None, action: TurnAction) -> Transcribe | None:
    if isinstance(action, Transcribe) and action.partial:
        assert asked is None or asked.utterance != action.utterance
        return action
    return None if isinstance(action, Transcribe | Discard | Commit | HoldPlayout) else asked
