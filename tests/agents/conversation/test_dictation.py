"""What is written down of somebody whom nobody answers: every sample once, in pieces that a reader can use."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agents.audio import RATE, Pcm
from agents.conversation.dictation import END_S, LONGEST_S, Dictation, Spoken
from agents.line import LineClosed, LineEvent, VoiceAudio, VoicePaused, VoiceStarted


def sound(seconds: float, level: int = 1000) -> Pcm:
    return np.full(round(seconds * RATE), level, dtype=np.int16)


def said(at: float, seconds: float) -> list[LineEvent]:
    """A voice as the line reports it: in batches of a fifth of a second, then the pause."""
    batches = [VoiceAudio(at + index * 0.2, sound(0.2)) for index in range(round(seconds / 0.2))]
    return [VoiceStarted(at, None), *batches, VoicePaused(at + seconds)]


def told(dictation: Dictation, events: list[LineEvent]) -> list[Spoken]:
    found = [dictation.step(event, event.at) for event in events]
    return [spoken for spoken in found if spoken is not None]


def test_a_sentence_with_a_short_pause_is_one_piece() -> None:
    dictation = Dictation()
    assert told(dictation, [*said(1.0, 1.0), *said(2.0 + END_S / 2, 1.0)]) == []
    due = dictation.deadline
    assert due == 3.0 + END_S / 2 + END_S
    assert dictation.step(None, due - 0.01) is None
    spoken = dictation.step(None, due)
    assert spoken is not None
    assert (spoken.started_at, spoken.ended_at) == (1.0, 3.0 + END_S / 2)
    assert np.count_nonzero(spoken.pcm) == 2 * RATE
    assert dictation.deadline is None


def test_a_long_pause_divides_also_when_it_is_heard_of_late() -> None:
    """The events waited while an earlier piece was being recognised."""
    first, *_ = told(Dictation(), [*said(1.0, 1.0), *said(2.0 + END_S, 1.0)])
    assert (first.started_at, first.ended_at) == (1.0, 2.0)


def test_a_story_is_cut_in_the_middle_and_nothing_of_it_is_lost() -> None:
    dictation = Dictation()
    pieces = []
    for event in said(0.0, 2.4 * LONGEST_S)[:-1]:
        if (due := dictation.deadline) is not None and event.at >= due:
            pieces.append(dictation.step(None, due))
        pieces.append(dictation.step(event, event.at))
    pieces.append(dictation.step(LineClosed(2.4 * LONGEST_S, "hangup"), 2.4 * LONGEST_S))
    whole = [piece for piece in pieces if piece is not None]
    assert len(whole) == 3
    assert sum(len(piece.pcm) for piece in whole) == round(2.4 * LONGEST_S * RATE)


def test_a_line_on_which_nobody_spoke_has_nothing() -> None:
    assert told(Dictation(), [VoicePaused(1.0), LineClosed(2.0, "hangup")]) == []
    assert told(Dictation(), [VoiceStarted(1.0, None), LineClosed(2.0, "hangup")]) == []


@given(st.lists(st.tuples(st.floats(0.05, 3.0), st.integers(1, 40)), max_size=12))
def test_every_sample_is_in_exactly_one_piece(talk: list[tuple[float, int]]) -> None:
    """``talk``: silence, then a voice of so many batches, again and again."""
    dictation, at = Dictation(), 0.0
    events: list[LineEvent] = []
    for silence_s, batches in talk:
        events += said(at + silence_s, batches * 0.2)
        at += silence_s + batches * 0.2
    pieces = []
    for event in [*events, LineClosed(at + 1, "hangup")]:
        while (due := dictation.deadline) is not None and due <= event.at:
            pieces.append(dictation.step(None, due))
        pieces.append(dictation.step(event, event.at))
    heard = sum(int(np.count_nonzero(piece.pcm)) for piece in pieces if piece is not None)
    assert heard == sum(batches for _, batches in talk) * round(0.2 * RATE)
