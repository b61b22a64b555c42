"""What the words of an utterance say: examples of each kind, look-alikes, and what must always hold."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agents.emotion.signs import STATES, State
from agents.emotion.words.language import LanguageError, language_of
from agents.emotion.words.reading import WordReader

ENGLISH = WordReader()
SPANISH = WordReader("es")


def level(state: State, text: str, reader: WordReader = ENGLISH) -> float:
    return reader.read(text).states.get(state, 0.0)


@pytest.mark.parametrize(
    "text",
    [
        "is the shop open again on Monday",
        "I'd like to cancel my appointment",
        "my lamp is broken",
        "the problem is with the switch",
        "no",
        "what",
        "could you repeat the number",
        "four four seven one nine",
        "twelve baker street",
        "I'm not angry",
        "no rush",
        "no problem",
        "it's not urgent",
        "the emergency light bulb is out",
        "sorry to bother you again",
        "I can't wait to see it",
    ],
)
def test_neutral_talk_is_no_state(text: str) -> None:
    states = ENGLISH.read(text).states
    assert all(states.get(state, 0.0) < 0.5 for state in STATES)


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ("frustrated", "I've been on hold for forty minutes"),
        ("frustrated", "this is the third time I've called"),
        ("frustrated", "great, just great"),
        ("frustrated", "thanks for nothing"),
        ("frustrated", "I'm not happy"),
        ("frustrated", "nobody helps me"),
        ("frustrated", "what the f*** is going on"),
        ("frustrated", "agent agent agent"),
        ("confused", "you lost me"),
        ("confused", "what do you mean"),
        ("confused", "which number"),
        ("urgent", "it has to be here before noon"),
        ("urgent", "I can't wait any longer"),
        ("satisfied", "thank you so much"),
        ("satisfied", "perfect"),
    ],
)
def test_what_is_said_is_heard(state: State, text: str) -> None:
    assert level(state, text) >= 0.5


def test_marks_and_case_say_nothing() -> None:
    assert ENGLISH.read("THIS IS RIDICULOUS!!!") == ENGLISH.read("this is ridiculous")


def test_a_word_of_degree_makes_it_stronger_or_weaker() -> None:
    slightly, plain, very = (level("frustrated", f"I am {word}annoyed") for word in ("slightly ", "", "very "))
    assert slightly < plain < very


def test_valence_and_arousal_follow() -> None:
    angry, glad, neutral = (ENGLISH.read(text) for text in ("this is outrageous", "wonderful thank you so much", "my name is Joan"))
    assert angry.valence < -0.4 < 0.4 < glad.valence
    assert angry.arousal > glad.arousal >= neutral.arousal == 0.5
    assert neutral.valence == 0.0


def test_a_denied_feeling_is_known_and_low() -> None:
    signs = ENGLISH.read("I'm not angry")
    assert signs.confidence > 0.3
    assert [reason.signal for reason in signs.reasons if reason.weight < 0] == ["words.not_feeling"]


def test_reasons_name_patterns_and_never_words() -> None:
    reasons = ENGLISH.read("this is absolutely ridiculous, nobody ever called me back").reasons
    assert {"words.awful", "words.nobody_helps"} <= {reason.signal for reason in reasons}
    assert len(reasons) <= 6
    assert [abs(reason.weight) for reason in reasons] == sorted((abs(reason.weight) for reason in reasons), reverse=True)


@pytest.mark.parametrize("text", ["", "   ", "...", "um uh", "?!"])
def test_no_words_no_confidence(text: str) -> None:
    signs = ENGLISH.read(text)
    assert (signs.confidence, signs.valence, signs.arousal, dict(signs.states), signs.reasons) == (0.0, 0.0, 0.5, {}, ())


@pytest.mark.parametrize("code", ["xx", "", "../en", "e n", "日本"])
def test_an_unknown_language_says_nothing(code: str) -> None:
    assert WordReader(code).read("this is ridiculous").confidence == 0.0


@pytest.mark.parametrize("code", ["en-GB", "EN", "en_US"])
def test_a_region_is_read_as_its_language(code: str) -> None:
    assert level("frustrated", "this is ridiculous", WordReader(code)) >= 0.5


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
@example("*" * 500)
@example("no " * 5000)
@example("i have been waiting " * 800)
@example("\x00\ud800")
@example("١٢٣ ²³ 9️⃣")
def test_any_text_gives_levels_in_range(text: str) -> None:
    for reader in (ENGLISH, SPANISH):
        signs = reader.read(text)
        assert 0 <= signs.confidence <= 1
        assert 0 <= signs.arousal <= 1
        assert -1 <= signs.valence <= 1
        assert all(0 <= value <= 1 for value in signs.states.values())


def words_of(code: str) -> set[str]:
    known = language_of(code)
    assert known is not None
    phrases = (phrase for pattern in known.lexicon.patterns for phrase in pattern.entry.phrases)
    return {word for phrase in phrases for word in phrase.replace("|", " ").replace("_", " ").split() if word.isalpha()}


WORDS = sorted(words_of("en") | words_of("es"))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_any_row_of_known_words_gives_levels_in_range(words: list[str]) -> None:
    for reader in (ENGLISH, SPANISH):
        signs = reader.read(" ".join(words))
        assert all(0 <= value <= 1 for value in (*signs.states.values(), signs.confidence, signs.arousal))
        assert -1 <= signs.valence <= 1


def test_a_broken_file_is_named_with_the_pattern(tmp_path: Path) -> None:
    (tmp_path / "qq").mkdir()
    (tmp_path / "qq" / "states.yaml").write_text("patterns:\n  odd:\n    phrases: ['say <nothing>']\n")
    with pytest.raises(LanguageError, match=r"states\.yaml: odd: there is no class <nothing>"):
        language_of("qq", tmp_path)


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "qq").mkdir()
    (tmp_path / "qq" / "states.yaml").write_text("patern: {}\n")
    with pytest.raises(LanguageError, match="patern"):
        language_of("qq", tmp_path)
