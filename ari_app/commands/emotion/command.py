"""``patchcord emotion …``: from the parsed words to training, evaluating and showing models."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from agents.emotion.training.corpus import Corpus, corpus
from agents.emotion.training.errors import CorpusUnusable, TrainingProblem
from agents.emotion.training.extra import library
from agents.emotion.training.making import Order, make
from agents.emotion.training.report import READING, table, write
from agents.emotion.training.telephone import Condition
from agents.emotion.training.trying import trained_on, try_out
from agents.emotion.voice.choosing import open_judge
from agents.emotion.voice.errors import ModelUnusable
from ari_app.commands.emotion.show import shown
from ari_app.commands.progress import ProgressBar


def emotion(options: argparse.Namespace) -> int:
    """Returns the exit status."""
    bar = ProgressBar()
    try:
        match options.emotion_action:
            case "train":
                return _train(options, bar)
            case "eval":
                return _evaluate(options, bar)
            case _:
                print(shown(_model(options.model), as_json=options.json))
                return 0
    except (TrainingProblem, ModelUnusable) as error:
        bar.close()
        sys.stderr.write(f"patchcord: {error}\n")
        return 1


def _train(options: argparse.Namespace, bar: ProgressBar) -> int:
    out: Path = options.out
    if out.suffix != ".onnx":
        out = out.with_name(f"{out.name}.onnx")
    order = Order(
        corpora=_corpora(options),
        out=out,
        kind=options.kind,
        lines=options.lines,
        seed=options.seed,
        test_share=options.test_share,
        test_speakers=options.test_speakers,
        jobs=_jobs(options.jobs),
        skip_unreadable=options.skip_unreadable,
        replace=options.replace,
    )
    made = make(order, bar.show)
    bar.close()
    _skipped(made.unreadable)
    print(f"{table(made.evaluations)}\n\n{READING}\n")
    print("\n".join(str(file) for file in made.files[:3]))
    print(f"and {len(made.files) - 3} pictures and figures beside them. To use it: emotion.model: {made.files[0].resolve()}")
    return 0


def _evaluate(options: argparse.Namespace, bar: ProgressBar) -> int:
    for name in ("soundfile", "matplotlib"):
        library(name)
    model = _model(options.model)
    judge = open_judge(str(model or ""))
    conditions: Sequence[Condition] = tuple(dict.fromkeys(options.telephone or ("clean", "ulaw", "alaw")))
    tried = try_out(
        judge,
        trained_on(model),
        _corpora(options),
        conditions,
        seed=options.seed,
        jobs=_jobs(options.jobs),
        skip_unreadable=options.skip_unreadable,
        progress=bar.show,
    )
    files = write(tried.evaluations, options.out)
    bar.close()
    _skipped(tried.unreadable)
    if options.json:
        print(files[-1].read_text("utf-8"), end="")
        return 0
    print(f"{judge.name}\n\n{table(tried.evaluations)}\n\n{READING}")
    if tried.left_out:
        print(f"{tried.left_out} clips of speakers on whom it was trained are left out.")
    if tried.too_short:
        print(f"{tried.too_short} clips have less than a quarter of a second of voice and are left out.")
    print(f"{len(files)} files in {options.out}")
    return 0


def _corpora(options: argparse.Namespace) -> list[Corpus]:
    places: list[Path] = options.data
    formats: list[str] = options.format or ["auto"]
    if len(formats) == 1:
        formats *= len(places)
    if len(formats) != len(places):
        raise CorpusUnusable(f"--format is given {len(formats)} times for {len(places)} --data; give it once, or once for each, in order")
    labels = dict(options.label)
    found = [
        corpus(place, format_, pattern=options.pattern if format_ in ("auto", "pattern") else "", labels=labels)
        for place, format_ in zip(places, formats, strict=True)
    ]
    for place, one in zip(places, found, strict=True):
        counts = ", ".join(f"{count} {label}" for label, count in one.counts().items())
        out = f"; {one.left_out} other files left out" if one.left_out else ""
        sys.stderr.write(f"{place}: {one.name}, {len(one.clips)} clips ({counts}) of {len(one.speakers())} speakers{out}\n")
    return found


def _model(given: str) -> Path | None:
    """None: the default."""
    return None if given == "default" else Path(given).expanduser()


def _jobs(given: int) -> int:
    return given or len(os.sched_getaffinity(0))


def _skipped(messages: Sequence[str]) -> None:
    for message in messages:
        sys.stderr.write(f"skipped: {message}\n")
