"""Pictures of evaluations: confusion matrices and ROC curves as PNG."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from agents.emotion.training.evaluating import Evaluation, Task
from agents.emotion.training.extra import library
from agents.emotion.training.figures import Ints, roc
from agents.emotion.training.labels import ANGRY
from agents.emotion.training.telephone import CONDITIONS

_DOTS: Final = 110
_TASKS: Final = (("arousal", "aroused against calm"), ("anger", "angry against everything else"))


def draw_confusion(evaluation: Evaluation, file: Path) -> None:
    """Rows are the truth; colours are shares of a row. Raises ExtraMissing, OSError."""
    parts: list[tuple[str, Sequence[str], Ints]] = [
        (f"arousal, UAR {evaluation.arousal.uar}", ("calm", "aroused"), evaluation.arousal.confusion),
        (f"anger, UAR {evaluation.anger.uar}", ("other", ANGRY), evaluation.anger.confusion),
    ]
    if evaluation.labels:
        parts.append((f"emotions, UAR {evaluation.labels.uar}", evaluation.labels.labels, evaluation.labels.confusion))
    figure = _figure(4.2 * len(parts), 5.0)
    for number, (title, names, counts) in enumerate(parts):
        _matrix(figure.add_subplot(1, len(parts), number + 1), title, names, counts)
    _saved(figure, f"{_heading(evaluation)}, {evaluation.condition}, baseline {evaluation.usual}", file)


def draw_roc(evaluations: Sequence[Evaluation], file: Path) -> None:
    """All conditions of one corpus: whole lines with the speaker's own baseline, dashed without. Raises ExtraMissing, OSError."""
    figure = _figure(10.0, 5.0)
    for number, (name, title) in enumerate(_TASKS):
        axes = figure.add_subplot(1, 2, number + 1)
        axes.plot([0, 1], [0, 1], color="0.8", linewidth=1)
        for one in evaluations:
            colour = f"C{CONDITIONS.index(one.condition)}"
            _curve(axes, getattr(one, name), f"{one.condition}, baseline {one.usual}", colour, dashed=one.usual == "none")
        axes.set(title=title, xlabel="false positive rate", ylabel="true positive rate", xlim=(0, 1), ylim=(0, 1.01), aspect="equal")
        if axes.get_legend_handles_labels()[0]:
            axes.legend(loc="lower right", fontsize=7)
    _saved(figure, _heading(evaluations[0]), file)


def _curve(axes: Any, task: Task, name: str, colour: str, *, dashed: bool) -> None:
    if not task.positive.any() or task.positive.all():
        return
    style = {"color": colour, "linestyle": "--" if dashed else "-", "linewidth": 1.4}
    axes.plot(*roc(task.positive, task.scores), label=f"{name}: AUC {task.auc.value:.3f}", **style)


def _matrix(axes: Any, title: str, names: Sequence[str], counts: Ints) -> None:
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, vmin=0, vmax=1, cmap="Blues")
    for (line, column), count in np.ndenumerate(counts):
        dark = shares[line, column] > 0.5
        axes.text(
            column, line, f"{count}\n{shares[line, column]:.0%}", ha="center", va="center", fontsize=8, color="white" if dark else "black"
        )
    axes.set_xticks(range(len(names)), names, rotation=35, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="judged", ylabel="so it is")
    axes.set_title(title, fontsize=9)


def _heading(evaluation: Evaluation) -> str:
    return f"{evaluation.judge} on {evaluation.corpus} ({evaluation.relation}): {evaluation.clips} clips, {evaluation.speakers} speakers"


def _figure(width: float, height: float) -> Any:
    # Without pyplot: no display is looked for and nothing global is kept.
    return library("matplotlib.figure").Figure(figsize=(width, height), layout="constrained")


def _saved(figure: Any, title: str, file: Path) -> None:
    figure.suptitle(title, fontsize=10)
    figure.savefig(file, dpi=_DOTS, metadata={"Software": None})
