"""The caller speaks while the agent has something to say: who goes on, and who waits."""

import pytest

from agents.line import DigitPressed, LineClosed, PlaybackFinished, PlaybackPaused, PlaybackStopped, VoicePaused, VoiceStarted
from agents.turns.events import (
    ClipQueued,
    Commit,
    CommitKeys,
    Discard,
    FloorGiven,
    HoldPlayout,
    NoInput,
    PlaybackLeft,
    ResumePlayout,
    StopPlayout,
    Transcribe,
    TurnAction,
    Words,
)
from agents.turns.knobs import TurnKnobs, layered
from tests.agents.turns.play import ASK, Play

NOISES = (Words.NONE, Words.ECHO, Words.ACK)


def interrupted(start: float = 1.0, knobs: TurnKnobs | None = None, *, asked: bool = False, left_s: float = 3.0) -> Play:
    """The voice is on over a clip that may be interrupted."""
    play = Play(knobs or TurnKnobs())
    play.at(0.0, ClipQueued("a", True))
    if asked:
        play.at(0.0, ASK)
    play.at(start, PlaybackPaused("a", start, start))
    play.at(start + 0.1, PlaybackLeft(left_s))
    assert play.at(start + 0.1, VoiceStarted(start, "a")) == []
    assert play.machine.held
    return play


def only(actions: list[TurnAction]) -> list[TurnAction]:
    """Without the transcripts asked for."""
    return [action for action in actions if not isinstance(action, Transcribe)]


@pytest.mark.parametrize(
    ("words", "count", "min_words", "ends"),
    [
        (Words.STOP, 1, 1, [StopPlayout()]),
        (Words.STOP, 1, 3, [StopPlayout()]),
        (Words.SPEECH, 1, 1, [StopPlayout()]),
        (Words.SPEECH, 3, 3, [StopPlayout()]),
        (Words.SPEECH, 2, 3, [Discard(1, 2, whole=True), ResumePlayout(1, Words.SPEECH)]),
        *[(noise, 0, 1, [Discard(1, 2, whole=True), ResumePlayout(1, noise)]) for noise in NOISES],
    ],
)
def test_the_words_at_the_pause_decide(words: Words, count: int, min_words: int, ends: list[TurnAction]) -> None:
    play = interrupted(knobs=layered({"bargein": {"min_words": min_words}}))
    assert play.at(1.6, VoicePaused(1.5)) == [Transcribe(1, 2)]
    assert play.machine.held
    assert play.understood(1.7, words, count) == ends
    assert not play.machine.held


def test_an_interruption_goes_on_as_an_ordinary_turn() -> None:
    play = interrupted()
    play.at(1.6, VoicePaused(1.5))
    assert play.understood(1.7, Words.SPEECH, 2, wait_s=0.4) == [StopPlayout()]
    assert play.until(1.89) == []
    assert play.until(1.9) == [Commit(1, 2, 1.0, 1.5, cut=False)]


def test_a_decision_later_than_the_end_of_the_turn_ends_the_turn_at_once() -> None:
    play = interrupted()
    play.at(1.6, VoicePaused(1.5))
    assert play.understood(2.4, Words.SPEECH, 2, wait_s=0.4) == [StopPlayout(), Commit(1, 2, 1.0, 1.5, cut=False)]


def test_no_turn_ends_while_it_is_open_whether_it_is_one() -> None:
    play = interrupted(knobs=layered({"endpointing": {"max_delay_s": 0.3}}))
    play.at(1.6, VoicePaused(1.5))
    assert play.until(2.49) == []
    assert only(play.until(2.5)) == [StopPlayout(), Commit(1, 2, 1.0, 1.5, cut=False)]


@pytest.mark.parametrize(("length_s", "words"), [(0.39, None), (0.45, Words.ACK), (0.41, None)])
def test_without_a_transcript_the_length_decides(length_s: float, words: Words | None) -> None:
    play = interrupted()
    if words:
        play.understood(1.4, words)
    play.at(1.1 + length_s, VoicePaused(1.0 + length_s))
    went_on = length_s < 0.4 or words is Words.ACK
    assert only(play.until(1.99 + length_s)) == []
    [first, *_] = play.until(2.01 + length_s)
    assert isinstance(first, Discard if went_on else StopPlayout)
    assert not play.machine.held


@pytest.mark.parametrize(
    ("partial", "count", "decided_at"),
    [
        (None, 0, 1.9),
        (Words.STOP, 1, 1.4),
        (Words.SPEECH, 4, 1.9),
        (Words.NONE, 0, 2.9),
        (Words.ACK, 0, 2.9),
        (Words.ECHO, 0, 2.9),
    ],
)
def test_a_voice_that_goes_on_interrupts_unless_its_words_so_far_say_otherwise(
    partial: Words | None, count: int, decided_at: float
) -> None:
    """The first partial transcript is of too little voice to be trusted, but for a command."""
    play = interrupted()
    assert play.until(1.35) == [Transcribe(1, 1, partial=True)]
    if partial:
        play.understood(1.4, partial, count)
    play.until(decided_at - 0.01)
    assert play.machine.held is (decided_at != 1.4)
    play.until(decided_at + 0.001)
    assert not play.machine.held
    resumed = [action for _, action in play.log if isinstance(action, ResumePlayout)]
    assert bool(resumed) is (partial in NOISES)


def test_a_later_partial_transcript_is_trusted() -> None:
    play = interrupted(knobs=layered({"bargein": {"min_voice_s": 3.0}}))
    play.until(1.35)
    assert play.understood(1.4, Words.ACK) == []
    assert play.until(1.9) == [Transcribe(1, 2, partial=True)]
    assert play.understood(2.0, Words.SPEECH, 2) == [StopPlayout()]


def test_a_backchannel_in_a_voice_that_goes_on_does_not_resume() -> None:
    play = interrupted()
    play.until(1.4)
    assert play.understood(1.45, Words.ACK) == []
    assert play.machine.held


def test_a_voice_that_was_no_interruption_and_still_goes_on_may_become_one() -> None:
    play = interrupted()
    play.until(1.4)
    play.understood(1.4, Words.NONE)
    decided = only(play.until(2.95))
    assert decided == [Discard(1, 2, whole=True), ResumePlayout(1, Words.NONE)]
    assert play.machine.voiced
    play.at(4.1, VoicePaused(4.0))
    assert play.understood(4.2, Words.SPEECH, 2) == [StopPlayout()]
    [commit] = only(play.until(5))
    assert isinstance(commit, Commit)
    assert (commit.utterance, commit.ended_at) == (2, 4.0)


def test_each_backchannel_in_a_row_is_survived() -> None:
    play = interrupted()
    for number in range(1, 5):
        start = float(number)
        if number > 1:
            play.at(start, PlaybackLeft(3.0))
            play.at(start + 0.1, VoiceStarted(start, "a"))
        play.at(start + 0.4, VoicePaused(start + 0.3))
        decided = play.understood(start + 0.5, Words.ACK)
        assert [type(action) for action in decided] == [Discard, ResumePlayout]
    assert StopPlayout() not in [action for _, action in play.log]


def test_a_voice_that_comes_back_before_the_words_keeps_the_line_held() -> None:
    play = interrupted()
    play.at(1.4, VoicePaused(1.3))
    assert play.at(1.6, VoiceStarted(1.5, "a")) == [Discard(1, 2, whole=False)]
    assert play.machine.held
    play.at(1.8, VoicePaused(1.7))
    assert play.machine.held
    assert play.understood(1.9, Words.SPEECH, 3) == [StopPlayout()]


@pytest.mark.parametrize(
    ("words", "asked", "left_s", "answers"),
    [
        (Words.ACK, True, 0.5, True),
        (Words.ACK, True, 1.5, False),
        (Words.ACK, False, 0.1, False),
        (Words.NONE, True, 0.1, False),
        (Words.ECHO, True, 0.1, False),
    ],
)
def test_a_yes_at_the_end_of_a_question_is_its_answer(words: Words, asked: bool, left_s: float, answers: bool) -> None:
    play = interrupted(asked=asked, left_s=left_s)
    play.at(1.4, VoicePaused(1.3))
    decided = play.understood(1.5, words, wait_s=0.5)
    assert (decided == [StopPlayout()]) is answers
    commits = [action for action in play.until(2.0) if isinstance(action, Commit)]
    assert bool(commits) is answers


def test_after_a_backchannel_the_question_still_waits_for_its_answer() -> None:
    play = interrupted(asked=True)
    play.at(1.4, VoicePaused(1.3))
    play.understood(1.5, Words.ACK)
    play.at(4.0, PlaybackFinished("a", 4.0))
    assert play.until(11.5) == [NoInput()]


# What must be heard to its end


def test_a_protected_sentence_is_not_held_and_the_words_are_answered_after_it() -> None:
    play = Play()
    play.speaks(0.0, "legal", interruptible=False)
    assert play.says(0.5, 1.0, "legal") == [Transcribe(1, 1)]
    assert not play.machine.held
    assert play.understood(1.2, Words.STOP, 1) == []
    assert play.until(3.9) == []
    assert play.at(4.0, PlaybackFinished("legal", 4.0)) == [Commit(1, 1, 0.5, 1.0, cut=False)]


def test_what_follows_a_protected_sentence_is_dropped_at_its_end() -> None:
    play = Play()
    play.speaks(0.0, "legal", interruptible=False)
    play.speaks(0.0, "question")
    play.says(0.5, 1.0, "legal")
    assert play.understood(1.2, Words.SPEECH, 3) == []
    assert play.machine.held
    assert play.until(3.9) == []
    assert play.at(4.0, PlaybackFinished("legal", 4.0)) == [StopPlayout(), Commit(1, 2, 0.5, 1.0, cut=False)]
    assert play.at(4.1, PlaybackStopped("question", 4.1, 0.0)) == []


def test_what_follows_a_protected_sentence_goes_on_after_a_backchannel() -> None:
    play = Play()
    play.speaks(0.0, "legal", interruptible=False)
    play.speaks(0.0, "question")
    assert play.at(0.55, VoiceStarted(0.5, "legal")) == [HoldPlayout()]
    play.at(1.1, VoicePaused(1.0))
    assert play.understood(1.2, Words.ACK) == [Discard(1, 2, whole=True), ResumePlayout(1, Words.ACK)]


def test_a_protected_sentence_behind_the_held_one_lets_both_be_heard_and_the_caller_answered() -> None:
    play = Play()
    play.speaks(0.0, "answer")
    play.speaks(0.0, "legal", interruptible=False)
    play.says(0.5, 1.0, "answer")
    assert play.understood(1.2, Words.SPEECH, 3) == [ResumePlayout(1, Words.SPEECH)]
    assert play.at(3.0, PlaybackFinished("answer", 3.0)) == []
    assert play.at(5.0, PlaybackFinished("legal", 5.0)) == [Commit(1, 2, 0.5, 1.0, cut=False)]


# What is queued meanwhile


def test_what_is_queued_while_the_caller_speaks_is_held_until_it_is_known_what_the_caller_says() -> None:
    play = Play()
    play.at(0.1, VoiceStarted(0.0, None))
    assert play.at(0.2, ClipQueued("a", True)) == [HoldPlayout()]
    assert play.at(0.2, ClipQueued("b", True)) == []
    play.at(0.5, VoicePaused(0.4))
    assert play.understood(0.6, Words.NONE) == [Discard(1, 1, whole=True), ResumePlayout(1, Words.NONE)]


def test_an_answer_to_a_caller_known_to_go_on_is_dropped_once_it_has_reached_the_line() -> None:
    play = Play(TurnKnobs())
    play.at(0.1, VoiceStarted(0.0, None))
    play.until(1.0)
    play.understood(1.0, Words.SPEECH, 2)
    play.until(1.5)
    play.understood(1.6, Words.SPEECH, 4)
    assert play.at(1.7, ClipQueued("a", True)) == [HoldPlayout()]
    assert play.until(1.7) == [StopPlayout()]


def test_a_protected_sentence_queued_meanwhile_is_not_held() -> None:
    play = Play()
    play.at(0.1, VoiceStarted(0.0, None))
    assert play.at(0.2, ClipQueued("a", False)) == []
    assert not play.machine.held


def test_a_clip_that_came_to_the_line_after_the_voice_is_held_by_word() -> None:
    play = Play()
    play.at(0.0, ClipQueued("a", True))
    assert play.at(0.1, VoiceStarted(0.0, None)) == [HoldPlayout()]


def test_clips_that_are_stopping_do_not_hold_the_line_again() -> None:
    play = interrupted()
    play.at(1.4, VoicePaused(1.3))
    play.understood(1.45, Words.SPEECH, 2)
    assert play.at(1.6, VoiceStarted(1.5, None)) == [Discard(1, 2, whole=False)]
    assert not play.machine.held
    assert list(play.machine.clips) == ["a"], "their ends have yet to be reported"


def test_a_pause_that_no_voice_explains_needs_no_decision() -> None:
    play = Play()
    play.at(0.0, ClipQueued("a", True))
    assert play.at(1.0, PlaybackPaused("a", 1.0, 1.0)) == []
    assert not play.machine.held


# Keys and the end


def test_a_key_stops_the_agent_at_once() -> None:
    play = Play()
    play.speaks(0.0)
    play.at(0.0, FloorGiven(1, ""))
    [stop, keys] = play.at(0.5, DigitPressed(0.5, "3"))
    assert stop == StopPlayout()
    assert isinstance(keys, CommitKeys)


def test_a_key_decides_for_a_held_line() -> None:
    play = interrupted()
    assert play.at(1.2, DigitPressed(1.2, "4")) == [StopPlayout(), Discard(1, 0, whole=True)]
    assert not play.machine.held


def test_a_key_during_a_protected_sentence_stops_what_follows_it() -> None:
    play = Play()
    play.speaks(0.0, "legal", interruptible=False)
    play.speaks(0.0, "question")
    assert play.at(0.5, DigitPressed(0.5, "4")) == []
    assert play.at(1.0, PlaybackFinished("legal", 1.0)) == [StopPlayout()]


def test_a_hang_up_ends_a_hold_without_a_decision() -> None:
    play = interrupted()
    assert play.at(1.2, LineClosed(1.2, "hangup")) == [Discard(1, 0, whole=True)]
    assert not play.machine.held
    assert play.machine.deadline is None


def test_a_turn_too_long_for_a_held_line_is_cut_and_interrupts() -> None:
    play = interrupted(knobs=layered({"bargein": {"min_voice_s": 5, "false_timeout_s": 5}, "listening": {"max_utterance_s": 5}}))
    play.until(1.4)
    play.understood(1.4, Words.ACK)
    assert only(play.until(6.0)) == [StopPlayout(), Commit(1, 3, 1.0, 6.0, cut=True)]
    assert play.machine.voiced


def test_a_turn_known_to_be_one_drops_an_answer_to_its_beginning_at_once() -> None:
    play = Play()
    play.says(0.0, 1.0)
    play.understood(1.1, Words.SPEECH, 3)
    play.at(1.3, VoiceStarted(1.25, None))
    assert play.at(1.4, ClipQueued("a", True)) == [HoldPlayout()]
    assert play.until(1.4) == [StopPlayout()], "long before the voice has lasted long enough to tell"


def test_a_turn_known_to_be_one_is_not_taken_back_by_a_later_transcript() -> None:
    play = Play(TurnKnobs())
    play.says(0.0, 0.4)
    play.understood(0.6, Words.SPEECH, 3, wait_s=1.0)
    play.at(0.9, VoiceStarted(0.8, None))
    play.until(1.35)
    play.understood(1.35, Words.NONE)
    play.at(1.4, ClipQueued("a", True))
    assert play.until(1.4) == [StopPlayout()]


def test_a_transcript_of_what_was_gone_on_with_decides_nothing() -> None:
    play = interrupted()
    play.at(1.4, VoicePaused(1.3))
    play.at(1.6, VoiceStarted(1.5, "a"))
    assert play.understood(1.62, Words.STOP, 1) == []
    assert play.machine.held


def test_the_wait_for_an_answer_goes_on_when_the_clip_has_ended_all_the_same() -> None:
    play = interrupted(asked=True)
    play.at(1.15, PlaybackFinished("a", 1.1))
    play.at(1.4, VoicePaused(1.3))
    assert [type(action) for action in play.understood(1.5, Words.ACK)] == [Discard, ResumePlayout]
    assert play.until(8.6) == [NoInput()]


def test_a_backchannel_to_what_is_queued_meanwhile_is_no_answer_to_it() -> None:
    play = Play()
    play.at(0.1, PlaybackLeft(0.0))
    play.at(0.1, VoiceStarted(0.0, None))
    play.at(0.2, ClipQueued("question", True))
    play.at(0.2, ASK)
    play.at(0.5, VoicePaused(0.4))
    assert [type(action) for action in play.understood(0.6, Words.ACK)] == [Discard, ResumePlayout]


def test_a_caller_who_has_interrupted_before_a_protected_sentence_is_not_asked_again() -> None:
    play = Play()
    play.speaks(0.0, "answer")
    play.speaks(0.0, "legal", interruptible=False)
    play.at(0.1, VoiceStarted(0.0, "answer"))
    play.until(0.9)
    assert play.log[-1][1] == ResumePlayout(1, Words.SPEECH)
    assert play.at(1.0, ClipQueued("more", True)) == []
    play.at(3.0, PlaybackFinished("answer", 3.0))
    assert play.at(5.0, PlaybackFinished("legal", 5.0)) == [StopPlayout()]
