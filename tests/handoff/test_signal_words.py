"""Every signal that the parts of this program give has words; those of others still read as words."""

from typing import get_args

import pytest

from agents.emotion.behaviour import Deed
from agents.emotion.voice.features import NAMES
from handoff.rules.conditions import Counted
from handoff.signal_words import reason_in_words, signal_in_words

OURS = (
    *(f"voice.{name}" for name in (*NAMES, "arousal", "valence", "anger")),
    *(f"behaviour.{deed}" for deed in get_args(Deed)),
    *(f"events.{counted}" for counted in get_args(Counted)),
)


@pytest.mark.parametrize("signal", OURS)
def test_our_signals_have_words_of_their_own_in_both_languages(signal: str) -> None:
    english, spanish = signal_in_words(signal), signal_in_words(signal, "es")
    assert english != spanish
    assert ":" not in english, "that is how those are told that have none"
    assert "_" not in english + spanish


@pytest.mark.parametrize(
    ("signal", "words"),
    [
        ("emotion.frustrated", "frustrated"),
        ("emotion.frustrated.said", "frustrated in this turn"),
        ("emotion.valence", "valence"),
        ("fact.tier.known", "customer: tier known"),
        ("queue.vip-line.members_free", "queue: vip-line members free"),
        ("concern.refund_fraud", "concern: refund fraud"),
        ("hours.weekday", "weekday"),
        (".said", ": said"),
        ("", ""),
    ],
)
def test_others_read_as_words(signal: str, words: str) -> None:
    assert signal_in_words(signal) == words


def test_of_the_voice_it_is_said_which_way_it_is_off_the_usual() -> None:
    assert reason_in_words("voice.level_top", 71.0, 64.0) == "loudness above usual"
    assert reason_in_words("voice.pitch_median", 1.0, 3.0, "es") == "tono de la voz por debajo de lo habitual"
    assert reason_in_words("voice.pitch_median", 3.0, 3.0) == "pitch of the voice"
    assert reason_in_words("words.demand", 1.0, 0.0) == "words: demand"
