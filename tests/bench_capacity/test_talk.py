"""Callers as arrays take turns as one caller does."""

import numpy as np
import pytest

from ari_app.media.g711 import FRAME
from tests.bench.capacity.talk import LOUD, PATIENCE_S, Talk, powers, sentences

MS = 1_000_000
CLIP = (3000 * np.sin(np.arange(1600) * 0.3)).astype(np.int16)  # 0.2 s: ten packets


class Line:
    """Time in packets for callers on ``slots``; ``hear`` is what the other side sounds like."""

    def __init__(self, talk: Talk, slots: list[int]) -> None:
        self.talk = talk
        self.slots = np.array(slots)
        self.now = 10_000 * MS
        for slot in slots:
            talk.join(slot, self.now)

    def step(self, packets: int, *, agent: bool) -> list[int]:
        """Which packets of the first slot had sound."""
        loud = []
        for number in range(packets):
            self.now += 20 * MS
            sent = self.talk.payloads(self.slots, self.now)
            if powers(sent)[0] > LOUD:
                loud.append(number)
            power = np.full(len(self.slots), 10 * LOUD if agent else 0.0, dtype=np.float32)
            self.talk.heard(self.slots, np.full(len(self.slots), self.now + 5 * MS), power)
        return loud


def talk(size: int = 4) -> Talk:
    return Talk(size, sentences([CLIP]))


def test_a_sentence_begins_and_ends_with_speech() -> None:
    (frames,) = sentences([np.concatenate([np.zeros(3200), CLIP, np.zeros(1000)]).astype(np.int16)])
    assert frames.shape == (10, FRAME)
    with pytest.raises(ValueError, match="no speech"):
        sentences([np.zeros(800, dtype=np.int16)])


def test_nothing_is_said_before_the_other_side_has_spoken_and_stopped() -> None:
    line = Line(talk(), [2])
    assert line.step(50, agent=False) == []
    assert line.step(100, agent=True) == []
    said = line.step(60, agent=False)
    assert len(said) == 10
    assert 29 <= said[0] <= 46  # 0.6 to 0.9 s


def test_the_gap_is_from_the_last_sound_sent_to_the_first_heard() -> None:
    line = Line(talk(), [0, 1])
    line.step(20, agent=True)
    while line.talk.said != 2 or line.talk.speaking():
        line.step(1, agent=False)
    assert line.talk.take_gaps_ms() == []
    line.step(14, agent=False)
    line.step(2, agent=True)
    assert line.talk.take_gaps_ms() == [], "two packets may be a click"
    line.step(2, agent=True)
    gaps = dict(line.talk.take_gaps_ms())
    assert set(gaps) == {0, 1}
    assert min(gaps.values()) == 14 * 20 + 20 + 5
    assert line.talk.take_gaps_ms() == []
    assert line.talk.unanswered == 0


def test_who_is_not_answered_tries_again_and_is_counted() -> None:
    line = Line(talk(), [3])
    line.step(int(PATIENCE_S * 50) + 30, agent=False)
    assert (line.talk.said, line.talk.unanswered) == (1, 0)
    line.step(int(PATIENCE_S * 50) + 20, agent=False)
    assert (line.talk.said, line.talk.unanswered) == (2, 1)


def test_an_agent_that_begins_while_the_caller_speaks_cuts_in_and_has_not_answered() -> None:
    line = Line(talk(), [0])
    line.step(10, agent=True)
    while not line.talk.speaking():
        line.step(1, agent=False)
    line.step(20, agent=True)
    assert line.talk.cut_ins == 1
    assert line.talk.take_gaps_ms() == []


def test_who_has_left_is_silent_and_deaf_and_a_newcomer_starts_anew() -> None:
    line = Line(talk(), [0])
    line.step(10, agent=True)
    line.talk.leave(0)
    assert line.step(120, agent=False) == []
    line.talk.join(0, line.now)
    assert line.talk.heard_at(0) == 0
    assert line.step(100, agent=False) == [], "the new call has not been greeted"


def test_several_packets_of_one_caller_at_once_count_one_by_one() -> None:
    made = talk()
    made.join(1, 0)
    made.heard(np.array([1, 1, 1, 2]), np.array([1, 2, 3, 1]) * 20 * MS, np.full(4, 10 * LOUD, dtype=np.float32))
    assert made.heard_at(1) == 60 * MS
    assert made.first_heard(1) == 20 * MS
    assert made.first_heard(2) is None, "one packet is a click"
