"""Clips named in a CSV file: the columns ``path``, ``label`` and ``speaker``, in any order, others ignored."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agents.emotion.training.errors import CorpusUnusable

LIST_NAME: Final = "labels.csv"
COLUMNS: Final = ("path", "label", "speaker")


@dataclass(frozen=True, slots=True)
class Listed:
    path: Path
    label: str
    speaker: str
    where: str
    """File and line, for messages."""


def listed(file: Path) -> list[Listed]:
    """Every row; paths are below the file's folder unless absolute. Raises CorpusUnusable naming the line."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, skipinitialspace=True)
            if missing := [column for column in COLUMNS if column not in (reader.fieldnames or ())]:
                raise CorpusUnusable(f"{file}: its first line has no column {', '.join(missing)}; it must name path,label,speaker")
            return [_row(file, reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CorpusUnusable(f"{file}: cannot be read ({error}); it must be CSV in UTF-8") from error


def _row(file: Path, line: int, row: dict[str, str | None]) -> Listed:
    where = f"{file}:{line}"
    path, label, speaker = ((row[column] or "").strip() for column in COLUMNS)
    if not (path and label and speaker):
        raise CorpusUnusable(f"{where}: path, label and speaker must all be given")
    return Listed(file.parent / path, label, speaker, where)
