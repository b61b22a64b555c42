"""Frustration is found in words, on lines that the patterns were made without."""

from typing import Final

from agents.emotion.words.reading import WordReader
from tests.agents.emotion.lines.lines import feelings
from tests.agents.emotion.lines.scores import score

FROM: Final = 0.5
LEAST_RECALL: Final = 0.90
LEAST_PRECISION: Final = 0.87
"""0.90 is wanted; what is reached, with its interval, prints ``./patchcord bench emotion_words``."""


def test_frustration_is_found_and_nothing_else_is_taken_for_it() -> None:
    reader = WordReader("en")

    def found(text: str) -> set[str]:
        return {"frustrated"} if reader.read(text).states.get("frustrated", 0.0) >= FROM else set()

    (frustrated,) = score(feelings(), ["frustrated"], found)
    assert frustrated.recall.value >= LEAST_RECALL, [line.text for line in frustrated.missed]
    assert frustrated.precision.value >= LEAST_PRECISION, [line.text for line in frustrated.wrongly]
