"""The labelled lines of callers beside this file. How their labels were given stands at the top of each TSV."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias, get_args

from agents.emotion.signs import State

FEELINGS: Final = Path(__file__).with_name("feelings.tsv")
CONCERNS: Final = Path(__file__).with_name("concerns.tsv")
STATES: Final[frozenset[str]] = frozenset(get_args(State))
CONCERN_NAMES: Final = frozenset(
    ("asks_person", "cancels", "legal_threat", "emergency", "vulnerable", "complaint", "press_threat", "fraud"),
)
_COLUMNS: Final = ("id", "language", "labels", "text")
Label: TypeAlias = str


@dataclass(frozen=True, slots=True)
class Line:
    id: str
    language: str
    labels: frozenset[Label]
    """Empty: neutral, or no concern."""
    text: str


def feelings() -> tuple[Line, ...]:
    """Labels are STATES. Raises ValueError for a broken file."""
    return _read(FEELINGS, STATES, "neutral")


def concerns() -> tuple[Line, ...]:
    """Labels are CONCERN_NAMES. Raises ValueError for a broken file."""
    return _read(CONCERNS, CONCERN_NAMES, "none")


def _read(path: Path, known: frozenset[Label], nothing: Label) -> tuple[Line, ...]:
    made = []
    for number, row in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not row or row.startswith(("#", "id\t")):
            continue
        cells = row.split("\t")
        if len(cells) != len(_COLUMNS):
            raise ValueError(f"{path.name}, line {number}: {len(cells)} columns instead of {len(_COLUMNS)}")
        key, language, named, text = cells
        labels = frozenset(named.split(","))
        if labels != {nothing} and (strange := labels - known):
            raise ValueError(f"{path.name}, line {number}: unknown label {min(strange)}; known: {', '.join(sorted(known))}, {nothing}")
        made.append(Line(key, language, labels & known, text))
    return tuple(made)
