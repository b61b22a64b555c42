"""From corpora to a model with its card: measured, split by speaker, fitted, written, and evaluated as it was written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from agents.emotion.training.card import card
from agents.emotion.training.corpus import Clip, Corpus
from agents.emotion.training.errors import TrainingProblem
from agents.emotion.training.evaluating import USUALS, Evaluation, evaluated
from agents.emotion.training.export import as_onnx, description, provenance, written
from agents.emotion.training.extra import library
from agents.emotion.training.fitting import Kind, fit
from agents.emotion.training.measuring import Measured, Progress, Take, measured, unseen
from agents.emotion.training.report import write
from agents.emotion.training.rows import training_rows
from agents.emotion.training.splits import Split, split, split_by_names
from agents.emotion.training.telephone import CONDITIONS
from agents.emotion.voice.onnx_judge import OnnxJudge

NEEDED: Final = ("soundfile", "sklearn", "skl2onnx", "matplotlib")


@dataclass(frozen=True, slots=True)
class Order:
    corpora: Sequence[Corpus]
    out: Path
    """MODEL.onnx; the other files stand beside it."""
    kind: Kind = "logistic"
    lines: int = 3
    """Telephone lines drawn for each training speaker, besides the clip as recorded."""
    seed: int = 0
    test_share: float = 0.25
    test_speakers: tuple[str, ...] = ()
    """Test on exactly these; empty: a share of all, drawn by ``seed``."""
    jobs: int = 1
    skip_unreadable: bool = False
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    files: tuple[Path, ...]
    evaluations: tuple[Evaluation, ...]
    """On the speakers who were kept out of training."""
    description: dict[str, Any]
    unreadable: tuple[str, ...] = field(default=())
    """Messages on clips that were skipped."""


def make(order: Order, progress: Progress = unseen) -> Made:
    """Raises TrainingProblem of any kind."""
    for name in NEEDED:
        library(name)
    if order.out.exists() and not order.replace:
        raise TrainingProblem(f"{order.out}: is there already; choose another --out, or overwrite it with --replace")
    clips = [clip for corpus in order.corpora for clip in corpus.clips]
    parts = _parts(order, clips)
    training = (Take("clean"), *(Take("line", order.seed + 1 + number) for number in range(order.lines)))
    trained, skipped = measured(
        [clip for clip in clips if clip.who in parts.trained],
        training,
        jobs=order.jobs,
        progress=_named(progress, "measuring training clips"),
        skip_unreadable=order.skip_unreadable,
    )
    tested, also_skipped = measured(
        [clip for clip in clips if clip.who in parts.tested],
        [Take(condition, order.seed) for condition in CONDITIONS],
        jobs=order.jobs,
        progress=_named(progress, "measuring test clips"),
        skip_unreadable=order.skip_unreadable,
    )
    rows = training_rows(trained, order.seed)
    fitted = fit(rows, order.kind, order.seed, progress)
    onnx = as_onnx(fitted, rows)
    takes = [f"{take.condition} {take.seed}" if take.condition == "line" else take.condition for take in training]
    made = description(fitted, onnx, provenance(order.corpora, fitted, parts.trained, parts.tested, takes, order.seed))
    written(order.out, onnx, made)
    evaluations = _evaluated(OnnxJudge(order.out), order.corpora, tested, order.seed, progress)
    plots = write(evaluations, order.out.parent, f"{order.out.stem}-")
    page = order.out.with_suffix(".md")
    _write_page(
        page, card(order.out.name, made, evaluations, trained[0].too_short, len(skipped) + len(also_skipped), [each.name for each in plots])
    )
    files = (order.out, order.out.with_suffix(".json"), page, *plots)
    return Made(files, tuple(evaluations), made, (*skipped, *also_skipped))


def _parts(order: Order, clips: Sequence[Clip]) -> Split:
    who = {clip.who for clip in clips}
    if order.test_speakers:
        return split_by_names(who, order.test_speakers)
    return split(who, order.seed, order.test_share)


def _evaluated(judge: OnnxJudge, corpora: Sequence[Corpus], tested: Sequence[Measured], seed: int, progress: Progress) -> list[Evaluation]:
    found: list[Evaluation] = []
    names = dict.fromkeys(corpus.name for corpus in corpora)
    wanted = [(name, take, usual) for name in names for take in tested for usual in USUALS]
    for number, (name, take, usual) in enumerate(wanted):
        progress("evaluating", number, len(wanted))
        own = take.of(name)
        if own.heard:
            found.append(evaluated(judge, name, own, usual, relation="within", seed=seed))
    progress("evaluating", len(wanted), len(wanted))
    return found


def _named(progress: Progress, name: str) -> Progress:
    def show(stage: str, done: int, total: int) -> None:
        progress(name, done, total)

    return show


def _write_page(page: Path, text: str) -> None:
    try:
        page.write_text(text, "utf-8")
    except OSError as error:
        raise TrainingProblem(f"{page}: cannot be written ({error.strerror}); choose another --out") from error
