"""Evaluations as a table for the terminal and the model card, and as files in a folder."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from agents.emotion.training.errors import TrainingProblem
from agents.emotion.training.evaluating import Evaluation
from agents.emotion.training.plots import draw_confusion, draw_roc

HEAD: Final = ("corpus", "relation", "condition", "baseline", "clips", "speakers", "arousal AUC", "anger AUC", "anger UAR", "emotions UAR")
READING: Final = (
    "Values with 95 % intervals by a bootstrap over speakers. AUC: 0.5 is chance. UAR: mean recall of the classes; chance is one by "
    "their number. The clips on which the own baselines formed are left out everywhere."
)


def cells(evaluation: Evaluation) -> tuple[str, ...]:
    """In the order of HEAD."""
    named = str(evaluation.labels.uar) if evaluation.labels else "-"
    return (
        *(evaluation.corpus, evaluation.relation, evaluation.condition, evaluation.usual, str(evaluation.clips), str(evaluation.speakers)),
        *(str(evaluation.arousal.auc), str(evaluation.anger.auc), str(evaluation.anger.uar), named),
    )


def table(evaluations: Sequence[Evaluation]) -> str:
    """For the terminal."""
    rows = [HEAD, *(cells(one) for one in evaluations)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def markdown(evaluations: Sequence[Evaluation]) -> str:
    rows = [HEAD, ("---",) * len(HEAD), *(cells(one) for one in evaluations)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def write(evaluations: Sequence[Evaluation], folder: Path, stem: str = "") -> list[Path]:
    """JSON, ROC curves of each corpus, confusion matrices of each condition; ``stem`` begins their names.

    Raises TrainingProblem, ExtraMissing.
    """
    files: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for corpus in dict.fromkeys(one.corpus for one in evaluations):
            of = [one for one in evaluations if one.corpus == corpus]
            files.append(folder / f"{stem}roc-{_safe(corpus)}.png")
            draw_roc(of, files[-1])
            for one in of:
                files.append(folder / f"{stem}confusion-{_safe(corpus)}-{one.condition}-{one.usual}.png")
                draw_confusion(one, files[-1])
        files.append(folder / f"{stem}figures.json")
        files[-1].write_text(
            json.dumps({"reading": READING, "evaluations": [one.plain() for one in evaluations]}, indent=2) + "\n", "utf-8"
        )
    except OSError as error:
        raise TrainingProblem(f"{folder}: cannot be written ({error.strerror}); choose another --out") from error
    return files


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name) or "corpus"
