"""What callers say that a person should deal with."""

from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agents.concerns.finding import ConcernFinder
from agents.concerns.language import LanguageError, language_of

HERE = Path(__file__).parent
NAMES = {"asks_person", "cancels", "legal_threat", "emergency", "vulnerable", "complaint", "press_threat", "fraud"}
LINES = [
    (path.stem.split("_")[1], frozenset(names.split()) - {"none"}, line)
    for path in sorted(HERE.glob("lines_*.yaml"))
    for names, lines in yaml.safe_load(path.read_text("utf-8")).items()
    for line in lines
]
ENGLISH = ConcernFinder()
SPANISH = ConcernFinder("es")


@pytest.mark.parametrize(("code", "names", "line"), LINES, ids=[line for _, _, line in LINES])
def test_a_line_tells_of_its_concerns(code: str, names: frozenset[str], line: str) -> None:
    found = (ENGLISH if code == "en" else SPANISH).find(line)
    assert {concern.name for concern in found if concern.confidence >= 0.7} == names


def test_the_lines_cover_every_concern_in_both_languages() -> None:
    for code in ("en", "es"):
        assert {name for held, names, _ in LINES for name in names if held == code} == NAMES


def test_words_of_ending_ones_life_are_the_most_certain() -> None:
    found = ENGLISH.find("I want to speak to someone, I want to end my life")
    assert (found[0].name, found[0].confidence, found[0].pattern) == ("vulnerable", 1.0, "vulnerable.life")
    assert {concern.name for concern in found} == {"vulnerable", "asks_person"}


def test_denied_words_of_suicide_are_still_told_with_less_confidence() -> None:
    assert [(c.name, c.confidence) for c in ENGLISH.find("I'm not suicidal")] == [("vulnerable", 0.6)]


@pytest.mark.parametrize("code", ["xx", "", "../en"])
def test_an_unknown_language_finds_nothing(code: str) -> None:
    assert ConcernFinder(code).find("I will sue you") == ()


def test_a_region_is_read_as_its_language() -> None:
    assert ConcernFinder("en-GB").find("I will sue you")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
@example("sue " * 4000)
@example("not " * 4000 + "sue")
@example("\x00\ud800")
def test_any_text_gives_known_names_once(text: str) -> None:
    for finder in (ENGLISH, SPANISH):
        found = finder.find(text)
        assert {concern.name for concern in found} <= NAMES
        assert len({concern.name for concern in found}) == len(found)
        assert all(0 < concern.confidence <= 1 for concern in found)


def test_no_text_no_concern() -> None:
    assert ENGLISH.find("") == ()


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "qq.yaml").write_text("negating: 'no'\nbetween: a\nconcerns: {fraud: {x: {confidence: 2, phrases: [a]}}}\n")
    with pytest.raises(LanguageError, match=r"qq\.yaml"):
        language_of("qq", tmp_path)
