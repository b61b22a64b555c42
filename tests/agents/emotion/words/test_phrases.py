"""The notation of phrases."""

import pytest

from agents.emotion.words.phrases import PhraseError, compile_phrase, word_classes
from agents.emotion.words.repeats import repeats
from agents.emotion.words.sentence import Wording, line_of

CLASSES = word_classes({"number": "two three #", "many": "<number> a_lot_of"})


@pytest.mark.parametrize(
    ("phrase", "said", "found"),
    [
        ("fed up", "i am fed up now", True),
        ("fed up", "fed upward", False),
        ("called|rang back?", "you rang", True),
        ("called ~ times", "called you three times", True),
        ("called ~ times", "called you and her three times", False),
        ("called ~5 times", "called you and her three times", True),
        ("<many> times", "a lot of times", True),
        ("<many> times", "17 times", True),
        ("<many> times", "some times", False),
        ("complain* about", "complaining about it", True),
        ("=which number", "which number", True),
        ("=which number", "which number is it", False),
        ("^so", "so what", True),
        ("^so what", "and so what", False),
        ("or not$", "are you coming or not", True),
        ("or not$", "or not today", False),
        ("#_rd time", "3 rd time", True),
    ],
)
def test_a_phrase_is_found_where_it_is_said(phrase: str, said: str, found: bool) -> None:
    compiled = compile_phrase(phrase, CLASSES)
    line = line_of(tuple(said.split()))
    assert (compiled.find(line.text) is not None) is found
    if found:
        assert not compiled.keys.isdisjoint(line.keys)


@pytest.mark.parametrize("phrase", ["", "~", "maybe?", "it's", "<none> there", "up* there", "what?!"])
def test_what_is_no_phrase_is_refused(phrase: str) -> None:
    with pytest.raises(PhraseError):
        compile_phrase(phrase, CLASSES)


@pytest.mark.parametrize(
    ("heard", "words"),
    [
        ("It hasn't, won't and can't!", "it has not will not and can not"),
        ("waitin", "waiting"),
        ("disgustin", "disgusting"),
        ("ridiculus", "ridiculous"),
        ("what the f***", "what the bleeped"),
        ("¿Qué año?", "que año"),
    ],
)
def test_a_line_has_plain_words(heard: str, words: str) -> None:
    wording = Wording({}, frozenset({"waiting", "ridiculous", "disgusting"}))
    assert " ".join(wording.line(heard).words) == words


@pytest.mark.parametrize("text", ["five five five five", "1 1 1 1", "very very very good", "no no", "hello hello hello", "a a a", ""])
def test_numbers_and_the_like_are_no_repeats(text: str) -> None:
    assert list(repeats(text.split())) == []


@pytest.mark.parametrize(
    ("text", "name"), [("agent agent agent", "same_word"), ("give me my money i said give me my money", "same_phrase")]
)
def test_repeats_are_told(text: str, name: str) -> None:
    assert [found for found, _ in repeats(text.split())] == [name]
