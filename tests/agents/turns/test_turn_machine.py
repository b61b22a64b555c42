"""Whose turn it is, decision by decision: voice, keys, waiting. Interruptions have their own file."""

import pytest

from agents.line import (
    DigitPressed,
    LineClosed,
    PlaybackFinished,
    PlaybackPaused,
    PlaybackResumed,
    PlaybackStarted,
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
    NoInput,
    NothingSaid,
    PlaybackLeft,
    StopPlayout,
    Transcribe,
    Understood,
    Words,
)
from agents.turns.knobs import TurnKnobs, layered
from tests.agents.turns.play import ASK, Play


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


@pytest.mark.parametrize(("wait_s", "ends"), [(0.2, 2.2), (0.35, 2.35), (0.5, 2.5), (1.6, 3.6)])
def test_the_words_say_how_long_to_wait(wait_s: float, ends: float) -> None:
    play = Play()
    play.says(1.0, 2.0)
    assert play.understood(2.15, Words.SPEECH, 3, wait_s) == []
    assert play.until(ends - 0.01) == []
    assert play.until(ends) == [Commit(1, 1, 1.0, 2.0, cut=False)]


def test_a_turn_whose_wait_is_over_when_its_words_come_ends_in_the_same_step() -> None:
    play = Play()
    play.says(1.0, 2.0)
    assert play.understood(2.3, Words.SPEECH, 3, 0.2) == [Commit(1, 1, 1.0, 2.0, cut=False)]


def test_a_stale_transcript_changes_nothing() -> None:
    play = Play()
    play.says(1.0, 2.0)
    play.at(2.2, VoiceStarted(2.15, None))
    play.at(2.3, Understood(1, 1, Words.SPEECH, 2, 1.6))
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
    assert play.until(60.0) == [Transcribe(1, 1, partial=True), Commit(1, 2, 0.0, 60.0, cut=True)]
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


def test_transcripts_follow_each_other_while_the_voice_is_on() -> None:
    play = Play(TurnKnobs())
    play.at(0.05, VoiceStarted(0.0, None))
    assert play.until(0.5) == [Transcribe(1, 1, partial=True)]
    assert play.until(2.0) == [], "one at a time"
    assert play.at(2.0, Understood(1, 1, Words.SPEECH, 3, 0.0)) == []
    assert play.until(2.5) == [Transcribe(1, 2, partial=True)]
    assert play.at(2.6, VoicePaused(2.5)) == [Transcribe(1, 3)]
    assert play.at(2.65, Understood(1, 2, Words.SPEECH, 3, 0.0)) == [], "given up for the one of the pause"
    assert play.understood(2.7, Words.SPEECH, 4, 0.2) == [Commit(1, 3, 0.0, 2.5, cut=False)]


def test_a_partial_transcript_ends_no_turn() -> None:
    play = Play(TurnKnobs())
    play.at(0.05, VoiceStarted(0.0, None))
    play.until(0.6)
    play.understood(0.6, Words.SPEECH, 9, wait_s=0.1)
    assert all(isinstance(action, Transcribe) for action in play.until(1.5))


def test_what_is_known_of_the_queue_lets_no_deadline_pass_ahead_of_the_voice() -> None:
    play = Play()
    play.says(1.0, 2.0)
    assert play.machine.step(PlaybackLeft(0.0), 2.55) == []
    assert play.machine.step(VoiceStarted(2.45, None), 2.55) == [Discard(1, 1, whole=False)]


def test_a_question_brings_its_own_knobs() -> None:
    play = Play()
    patient = layered({"endpointing": {"max_delay_s": 2.0}, "listening": {"partial_every_s": 5}})
    play.at(0.0, FloorGiven(5, "0", knobs=patient))
    play.says(1.0, 2.0)
    assert play.until(3.99) == []
    assert play.until(4.0) == [Commit(1, 1, 1.0, 2.0, cut=False)]
    play.at(4.1, ASK)
    assert play.machine.knobs is patient


def test_a_pause_of_the_playback_does_not_count_against_the_clip() -> None:
    play = Play()
    play.at(0.0, ClipQueued("a", True))
    play.at(0.0, ASK)
    play.at(50.0, PlaybackPaused("a", 50.0, 50.0))
    play.at(55.0, PlaybackResumed("a", 55.0))
    assert play.until(114.9) == []
    assert play.machine.clips
    assert play.until(115 + 7.5) == [NoInput()]


NODDING = layered({"speaking": {"backchannel": True}, "listening": {"partial_every_s": 5}})


@pytest.mark.parametrize(
    ("knobs", "length_s", "words", "wait_s", "nods"),
    [
        (NODDING, 6.0, Words.SPEECH, 1.6, True),
        (NODDING, 4.0, Words.SPEECH, 1.6, False),
        (NODDING, 6.0, Words.SPEECH, 0.3, False),
        (NODDING, 6.0, Words.NONE, 1.6, False),
        (TurnKnobs(), 6.0, Words.SPEECH, 1.6, False),
    ],
)
def test_the_agent_nods_in_a_pause_of_a_long_turn(knobs: TurnKnobs, length_s: float, words: Words, wait_s: float, nods: bool) -> None:
    play = Play(knobs)
    play.says(0.0, length_s)
    assert (play.understood(length_s + 0.15, words, 9, wait_s) == [Backchannel()]) is nods


def test_the_agent_nods_once_in_so_much_voice_and_never_into_its_own_words() -> None:
    play = Play(NODDING)
    play.says(0.0, 6.0)
    assert play.understood(6.15, Words.SPEECH, 9, 1.6) == [Backchannel()]
    play.says(7.0, 9.0)
    assert play.understood(9.15, Words.SPEECH, 12, 1.6) == []
    play.says(9.5, 13.0)
    assert play.understood(13.15, Words.SPEECH, 20, 1.6) == [Backchannel()]
    busy = Play(NODDING)
    busy.at(0.0, ClipQueued("legal", False))
    busy.says(0.0, 6.0)
    assert busy.understood(6.15, Words.SPEECH, 9, 1.6) == []
