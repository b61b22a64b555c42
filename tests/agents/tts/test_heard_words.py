"""Which words count as heard, by told times and by estimated ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.conversation.heard import estimated, heard_words
from agents.conversation.prepared import Prepared
from agents.tts.tone import ToneSpeaker
from agents.tts.word_times import WordTime
from agents.turns.knobs import WaitLimits

TEXT = "Hello there, world."
TOLD = (WordTime(0, 5, 0.0, 0.3), WordTime(6, 12, 0.3, 0.6), WordTime(13, 19, 1.0, 1.6))


@pytest.mark.parametrize(
    ("heard_s", "expected"),
    [
        (0.0, ""),
        (0.09, ""),
        (0.11, "Hello"),
        (0.39, "Hello"),
        (0.41, "Hello there,"),
        (1.19, "Hello there,"),
        (1.21, "Hello there, world."),
        (1.7, "Hello there, world."),
        (9.0, "Hello there, world."),
    ],
)
def test_a_word_counts_when_a_third_of_it_was_played(heard_s: float, expected: str) -> None:
    assert heard_words(TEXT, TOLD, heard_s, 1.7) == expected


def test_words_not_yet_told_do_not_count() -> None:
    assert heard_words(TEXT, TOLD[:1], 0.5, 1.7) == "Hello"


@pytest.mark.parametrize("whole_s", [0.0, -1.0])
def test_nothing_is_heard_of_a_clip_without_length(whole_s: float) -> None:
    assert heard_words(TEXT, (), 1.0, whole_s) == ""


@given(st.text(max_size=100), st.floats(0, 20), st.floats(0, 20))
def test_what_was_heard_is_a_beginning(text: str, heard_s: float, whole_s: float) -> None:
    heard = heard_words(text, (), heard_s, whole_s)
    assert text.startswith(heard)
    assert heard == text or not heard or heard.split() == text.split()[: len(heard.split())]


@given(st.lists(st.sampled_from(["a", "order,", "42715", "—", "Yes.", "it's"]), min_size=1, max_size=20), st.floats(0.1, 60))
def test_estimated_words_are_in_order_and_inside(pieces: list[str], whole_s: float) -> None:
    text = "  ".join(pieces)
    words = estimated(text, whole_s)
    assert [text[word.start : word.end] for word in words] == text.split()
    edges = [edge for word in words for edge in (word.starts_s, word.ends_s)]
    assert edges == sorted(edges)
    assert edges[0] == 0
    assert edges[-1] <= whole_s


def test_digits_and_pauses_take_their_time() -> None:
    number, word = estimated("42715 words", 2.0)
    assert number.ends_s - number.starts_s > 2 * (word.ends_s - word.starts_s)
    before, after = estimated("Yes, please", 1.0)
    assert after.starts_s > before.ends_s


@given(st.floats(0.01, 3), st.floats(0.01, 3))
def test_more_time_never_means_fewer_words(one: float, other: float) -> None:
    short, long = sorted((one, other))
    assert heard_words(TEXT, TOLD, long, 1.7).startswith(heard_words(TEXT, TOLD, short, 1.7))


async def test_a_prepared_sentence_knows_its_words() -> None:
    prepared = Prepared(ToneSpeaker(), TEXT, WaitLimits(), lambda: 0.0)
    await prepared.first()
    async for _ in prepared.chunks():
        pass
    assert [TEXT[word.start : word.end] for word in prepared.words] == TEXT.split()
    assert prepared.words[-1].ends_s == pytest.approx(prepared.duration_s)
    await prepared.closed()
