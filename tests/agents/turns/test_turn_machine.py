"""Who has the turn, decision by decision; and what holds for any order of events."""

from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.line import DigitPressed, LineClosed, PlaybackFinished, PlaybackStarted, PlaybackStopped, VoicePaused, VoiceStarted
from agents.turns.events import (
    ClipQueued,
    Commit,
    CommitKeys,
    Discard,
    FloorGiven,
    NoInput,
    NothingSaid,
    StopPlayout,
    Tick,
    Transcribe,
    TurnAction,
    TurnEvent,
    Understood,
)
from agents.turns.knobs import TurnKnobs
from agents.turns.machine import TurnMachine

KNOBS = TurnKnobs()
ASK = FloorGiven(5, "0")


class Play:
    """A machine and its clock: ``until`` ticks at every deadline on the way, as a shell does."""

    def __init__(self, knobs: TurnKnobs = KNOBS) -> None:
        self.machine = TurnMachine(knobs)
        self.now = 0.0
        self.log: list[tuple[float, TurnAction]] = []

    def at(self, now: float, event: TurnEvent) -> list[TurnAction]:
        self.until(now)
        actions = self.machine.step(event, now)
        self.log += [(now, action) for action in actions]
        return actions

    def until(self, now: float) -> list[TurnAction]:
        before = len(self.log)
        while (due := self.machine.deadline) is not None and due <= now:
            self.now = max(self.now, due)
            self.log += [(self.now, action) for action in self.machine.step(Tick(), self.now)]
        self.now = now
        return [action for _, action in self.log[before:]]

    def says(self, start: float, end: float) -> list[TurnAction]:
        return [*self.at(start + 0.05, VoiceStarted(start, None)), *self.at(end + 0.1, VoicePaused(end))]


def test_a_turn_is_transcribed_at_the_pause_and_committed_after_the_silence() -> None:
    play = Play()
    assert play.says(1.0, 2.0) == [Transcribe(1, 1)]
    assert play.until(2.49) == []
    assert play.until(2.5) == [Commit(1, 1, 1.0, 2.0, cut=False)]
    assert play.log[-1][0] == pytest.approx(2.5)


def test_going_on_discards_the_early_transcript_and_keeps_the_turn() -> None:
    play = Play()
    play.says(1.0, 2.0)
    assert play.at(2.35, VoiceStarted(2.3, None)) == [Discard(1, 1, whole=False)]
    assert play.at(3.1, VoicePaused(3.0)) == [Transcribe(1, 2)]
    assert play.until(9) == [Commit(1, 2, 1.0, 3.0, cut=False)]


def test_a_half_said_number_waits_longer() -> None:
    play = Play()
    play.says(1.0, 2.0)
    play.at(2.2, Understood(1, 1, unfinished=True))
    assert play.until(2.89) == []
    assert play.until(2.9) == [Commit(1, 1, 1.0, 2.0, cut=False)]


def test_a_stale_transcript_changes_nothing() -> None:
    play = Play()
    play.says(1.0, 2.0)
    play.at(2.2, VoiceStarted(2.15, None))
    play.at(2.3, Understood(1, 1, unfinished=True))
    play.at(3.1, VoicePaused(3.0))
    assert play.until(3.5) == [Commit(1, 2, 1.0, 3.0, cut=False)]


def test_a_voice_that_began_before_the_deadline_wins_over_a_late_tick() -> None:
    play = Play()
    play.says(1.0, 2.0)
    assert play.machine.step(VoiceStarted(2.45, None), 2.55) == [Discard(1, 1, whole=False)]


def test_no_input_counts_from_the_end_of_the_playback() -> None:
    play = Play()
    play.at(0.0, ClipQueued("a", True))
    play.at(0.0, ASK)
    play.at(0.1, PlaybackStarted("a", 0.1))
    play.at(10.0, PlaybackFinished("a", 10.0))
    assert play.until(17.49) == []
    assert play.until(17.5) == [NoInput()]
    assert play.until(100) == []


def test_without_a_question_silence_is_no_failure() -> None:
    play = Play()
    play.at(0.0, ClipQueued("a", True))
    play.at(1.0, PlaybackFinished("a", 1.0))
    assert play.until(100) == []


def test_noise_leaves_the_wait_as_it_was_but_not_too_short() -> None:
    play = Play()
    play.at(0.0, ASK)
    play.says(2.0, 2.2)
    play.until(2.7)
    play.at(2.8, NothingSaid())
    assert play.until(7.49) == []
    assert play.until(7.5) == [NoInput()]
    late = Play()
    late.at(0.0, ASK)
    late.says(7.2, 7.3)
    late.until(7.8)
    late.at(7.9, NothingSaid())
    assert late.until(9.39) == []
    assert late.until(9.4) == [NoInput()]


def test_speech_over_the_agent_stops_everything_queued() -> None:
    play = Play()
    play.at(0.0, ClipQueued("a", True))
    play.at(0.0, ClipQueued("b", True))
    assert play.at(0.5, VoiceStarted(0.45, "a")) == [StopPlayout()]


def test_a_protected_sentence_is_not_stopped_and_the_words_are_answered_after_it() -> None:
    play = Play()
    play.at(0.0, ClipQueued("a", False))
    assert play.says(0.5, 1.0) == [Transcribe(1, 1)]
    assert play.until(3.9) == []
    assert play.at(4.0, PlaybackFinished("a", 4.0)) == [Commit(1, 1, 0.5, 1.0, cut=False)]


@pytest.mark.parametrize(
    ("pressed", "floor", "keys", "at"),
    [
        ("45678", FloorGiven(5, ""), "45678", 5.0),
        ("456#", FloorGiven(5, ""), "456", 4.0),
        ("456", FloorGiven(5, ""), "456", 7.0),
        ("0", FloorGiven(5, "0"), "0", 1.0),
        ("0", FloorGiven(5, ""), "0", 5.0),
        ("#", FloorGiven(5, ""), "", 1.0),
        ("45*678#", FloorGiven(5, ""), "678", 7.0),
        ("4A5B678", FloorGiven(5, ""), "45678", 7.0),
        ("10482", FloorGiven(5, "0", "12"), "10482", 5.0),
        ("1", FloorGiven(5, "0", "12"), "1", 2.2),
        ("1#", FloorGiven(5, "0", "12"), "1", 2.0),
        ("31", FloorGiven(5, "0", "12"), "31", 6.0),
        ("31", FloorGiven(5, "", "0", 2), "31", 3.2),
        ("31456", FloorGiven(5, "", "0", 2), "31456", 5.0),
    ],
)
def test_keys_end_by_length_hash_or_pause(pressed: str, floor: FloorGiven, keys: str, at: float) -> None:
    play = Play()
    play.at(0.0, floor)
    for second, digit in enumerate(pressed, 1):
        play.at(float(second), DigitPressed(float(second), digit))
    play.until(30)
    commits = [(now, action) for now, action in play.log if isinstance(action, CommitKeys)]
    [(when, commit)] = commits
    assert commit.keys == keys
    assert when == pytest.approx(at)


def test_a_menu_key_pressed_before_the_question_waits_no_longer_than_one_pressed_after_it() -> None:
    play = Play()
    play.at(1.0, DigitPressed(1.0, "2"))
    play.at(1.5, FloorGiven(5, "0", "12"))
    assert play.until(2.6) == []
    assert [type(action) for action in play.until(2.7)] == [CommitKeys]


def test_a_key_stops_the_agent_and_voids_what_the_tones_sounded_like() -> None:
    play = Play()
    play.at(0.0, ClipQueued("a", True))
    play.at(0.0, FloorGiven(5, ""))
    play.at(0.5, VoiceStarted(0.45, "a"))
    assert play.at(0.6, DigitPressed(0.6, "4")) == [StopPlayout(), Discard(1, 0, whole=True)]
    assert play.at(0.8, VoicePaused(0.7)) == []


def test_keys_during_a_protected_sentence_are_kept() -> None:
    play = Play()
    play.at(0.0, ClipQueued("a", False))
    for digit in "12#":
        assert play.at(1.0, DigitPressed(1.0, digit)) == []
    [commit] = play.at(3.0, PlaybackFinished("a", 3.0))
    assert isinstance(commit, CommitKeys)
    assert commit.keys == "12"


def test_keys_pressed_ahead_of_the_question_count_when_it_comes() -> None:
    play = Play()
    for second, digit in enumerate("45678", 1):
        assert play.at(second / 10, DigitPressed(second / 10, digit)) == []
    [commit] = play.at(1.0, FloorGiven(5, ""))
    assert isinstance(commit, CommitKeys)
    assert commit.keys == "45678"


def test_the_longest_turn_is_cut_and_the_voice_goes_on_in_the_next() -> None:
    play = Play()
    play.at(0.0, VoiceStarted(0.0, None))
    assert play.until(60.0) == [Commit(1, 1, 0.0, 60.0, cut=True)]
    assert play.at(61.1, VoicePaused(61.0)) == [Transcribe(2, 1)]
    assert play.until(70.0) == [Commit(2, 1, 60.0, 61.0, cut=False)]


def test_a_clip_whose_end_is_never_reported_does_not_hang_the_call() -> None:
    play = Play()
    play.at(0.0, ClipQueued("a", False))
    play.at(0.0, ASK)
    assert play.until(60 + 7.5) == [NoInput()]


def test_after_the_end_nothing_is_decided() -> None:
    play = Play()
    play.at(0.0, VoiceStarted(0.0, None))
    assert play.at(1.0, LineClosed(1.0, "hangup")) == [Discard(1, 0, whole=True)]
    assert play.machine.deadline is None
    assert play.at(2.0, VoiceStarted(2.0, None)) == []


Step: TypeAlias = tuple[float, str, str]

steps = st.lists(
    st.tuples(
        st.floats(0, 3),
        st.sampled_from(
            ["voice", "pause", "digit", "queue", "protect", "start", "finish", "stop", "floor", "nothing", "unfinished", "tick"]
        ),
        st.sampled_from("0123456789*#A"),
    ),
    max_size=60,
)


def event_of(kind: str, digit: str, now: float, play: Play, clip: str) -> TurnEvent:
    """Any event, plausible or not; clips are reported in the order in which they were queued."""
    first = next(iter(play.machine.clips), clip)
    current = play.machine.utterance
    match kind:
        case "voice":
            return VoiceStarted(now, first)
        case "pause":
            return VoicePaused(now)
        case "digit":
            return DigitPressed(now, digit)
        case "queue" | "protect":
            return ClipQueued(clip, kind == "queue")
        case "start":
            return PlaybackStarted(first, now)
        case "finish":
            return PlaybackFinished(first, now)
        case "stop":
            return PlaybackStopped(first, now, 0.1)
        case "floor":
            return FloorGiven(5, "0", "12")
        case "nothing":
            return NothingSaid()
        case "unfinished":
            return Understood(current.id if current else 1, current.revision if current else 1, unfinished=True)
        case _:
            return Tick()


def run(script: list[Step]) -> Play:
    play, now = Play(TurnKnobs(max_utterance_s=10)), 0.0
    for number, (wait, kind, digit) in enumerate(script):
        now += wait
        voiced = play.machine.voiced
        protected = play.machine.protected
        actions = play.until(now)
        for action in actions:
            if isinstance(action, Commit):
                assert action.cut or not voiced, "a turn was committed while the voice was on"
        event = event_of(kind, digit, now, play, f"c{number}")
        protected = play.machine.protected
        actions = play.at(now, event)
        if protected and kind in {"voice", "digit"}:
            assert StopPlayout() not in actions, "a protected sentence was stopped"
    return play


@settings(max_examples=300, deadline=None)
@given(steps)
def test_every_utterance_ends_once(script: list[Step]) -> None:
    play = run(script)
    play.until(play.now + 200)
    ended = [a.utterance for _, a in play.log if isinstance(a, Commit) or (isinstance(a, Discard) and a.whole)]
    assert len(ended) == len(set(ended))
    assert sorted(ended) == list(range(1, len(ended) + 1)), "an utterance was opened and never closed"


@settings(max_examples=300, deadline=None)
@given(steps)
def test_every_timer_fires_once_or_is_cancelled(script: list[Step]) -> None:
    timers = run(script).machine.timers
    assert timers.armed == timers.cancelled + timers.fired + len(timers.due)


@settings(max_examples=300, deadline=None)
@given(steps)
def test_no_state_is_without_an_exit(script: list[Step]) -> None:
    """From any state, silence alone leads to a decision when the caller has the floor, and to rest otherwise."""
    play = run(script)
    play.at(play.now, VoicePaused(play.now))
    asked = play.machine.floor is not None or play.machine.utterance is not None or bool(play.machine.keys)
    decided = play.until(play.now + 300)
    assert play.machine.deadline is None
    assert not play.machine.clips
    if asked:
        assert any(isinstance(action, Commit | CommitKeys | NoInput) for action in decided)


@settings(max_examples=300, deadline=None)
@given(steps)
def test_keys_are_committed_as_pressed(script: list[Step]) -> None:
    play = run(script)
    play.until(play.now + 200)
    pressed = "".join(digit for _, kind, digit in script if kind == "digit" and digit.isdigit())
    kept = iter(pressed)
    committed = "".join(action.keys for _, action in play.log if isinstance(action, CommitKeys))
    assert all(key in kept for key in committed), "keys appear that nobody pressed, or in another order"


@settings(max_examples=300, deadline=None)
@given(steps)
def test_a_commit_names_the_latest_revision(script: list[Step]) -> None:
    play = run(script)
    latest: dict[int, int] = {}
    for _, action in play.log:
        if isinstance(action, Transcribe):
            assert action.revision == latest.get(action.utterance, 0) + 1
            latest[action.utterance] = action.revision
        if isinstance(action, Commit) and not action.cut:
            assert action.revision == latest[action.utterance]
