"""How well a judge of the voice fares on a corpus that it was not made with, and how often plain speech alarms it."""

import argparse
import asyncio
import json
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from agents.emotion.training.corpus import Corpus, corpus
from agents.emotion.training.errors import ExtraMissing, TrainingProblem
from agents.emotion.training.evaluating import Evaluation
from agents.emotion.training.extra import library
from agents.emotion.training.making import NEEDED, Order, make
from agents.emotion.training.measuring import Take, measured
from agents.emotion.training.report import READING, table
from agents.emotion.training.telephone import Condition
from agents.emotion.training.trying import Trained, trained_on, try_out
from agents.emotion.voice.default import DefaultJudge
from agents.emotion.voice.judge import VoiceJudge
from agents.emotion.voice.onnx_judge import OnnxJudge
from agents.tts.speaker import SpeechError
from ari_app.commands.progress import ProgressBar
from tests.bench import _plain_speech as plain
from tests.bench._machine_actors import ACTORS, Act, act_out, acts, sentences
from tests.bench.emotion_calls.voices import CallerVoices

EPILOG: Final = """
what happens
  1. Voices of machines act: each says each sentence angry, happy, neutral and sad. WAV files of 8 kHz with labels.csv, in a folder that
     goes away again (or stays, with --corpus).
  2. A model is trained on RAVDESS and one on these voices, as ./patchcord emotion train does; a quarter of the speakers is kept apart.
  3. Each of them and the judge that ships is measured on both corpora, as ./patchcord emotion eval does: clean and through G.711, with
     the speaker's own usual and without.
  4. Plain speech (read/, digits/, and those five in a row as numbers) is given to the judge that ships and to the one of RAVDESS: what
     they call aroused or angry there is a false alarm. With the usual learnt on the way, as in a call, and without.

what is not real
  The machines' feelings follow the same review of studies as the judge that ships: its figures there say that nothing is broken, not
  how good it is. What a model of RAVDESS makes of them, and the other way round, is the crossing. Read speech is not that of callers.

what is needed
  pip install '.[emotion]', and the offline voices (./patchcord up fetches them). RAVDESS and plain speech are looked for in --data; what
  is not there is left out, and said.

examples
  ./patchcord bench emotion_across --out across.json
  ./patchcord bench emotion_across --sentences 10 --corpus /tmp/clips
  ./patchcord emotion train --data /tmp/clips/machine_voices --out /tmp/machine.onnx
"""
DATA: Final = Path(__file__).resolve().parents[3] / "shared" / "data"
CONDITIONS: Final[tuple[Condition, ...]] = ("clean", "ulaw")
NAME: Final = "machine_voices"


@dataclass(frozen=True, slots=True)
class Model:
    judge: VoiceJudge
    trained: Trained = field(default_factory=Trained)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        "patchcord bench emotion_across", description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--data", type=Path, default=DATA, help="folder with emotion/ravdess, speech/read and speech/digits")
    made.add_argument(
        "--corpus", type=Path, help="folder to keep the machines' clips in, below machine_voices/ (default: one that goes away)"
    )
    made.add_argument("--sentences", type=int, default=40, help="that each voice says in each manner (default 40)")
    made.add_argument("--seed", type=int, default=0, help="of sentences, manners and splits (default 0)")
    made.add_argument("--jobs", type=int, default=1, help="processes that measure clips (default 1)")
    made.add_argument("--out", type=Path, help="JSON file for all figures")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status: 0 measured, 2 could not be measured."""
    options, bar = parser().parse_args(argv), ProgressBar()
    try:
        for name in NEEDED:
            library(name)
        with tempfile.TemporaryDirectory(prefix="patchcord-across-") as scratch:
            told = _measured(options, Path(scratch), bar)
    except (ExtraMissing, TrainingProblem, SpeechError, ValueError) as error:
        bar.close()
        sys.stderr.write(f"patchcord: {'skipped: ' if isinstance(error, ExtraMissing) else ''}{error}\n")
        return 2
    if options.out:
        options.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return 0


def _measured(options: argparse.Namespace, scratch: Path, bar: ProgressBar) -> dict[str, Any]:
    """Raises TrainingProblem, SpeechError, ValueError. Prints as it goes."""
    machines = _machines(options, scratch, bar)
    acted = [found for found in (_ravdess(options.data), machines) if found]
    models = {"default": Model(DefaultJudge())} | {one.name: _trained(one, options, scratch, bar) for one in acted}
    across: list[dict[str, Any]] = []
    for name, model in models.items():
        for one in acted:
            found = _tried(model, one, options, bar)
            _say(f"\n{name} on {one.name}\n{table(found)}")
            across += [{"model": name, **each.plain()} for each in found]
    _say(f"\n{READING}")
    alarms = _alarms([model for name, model in models.items() if name != NAME], options, scratch, bar)
    conditions = {"seed": options.seed, "sentences": options.sentences, "voices": list(ACTORS), "python": platform.python_version()}
    corpora = {one.name: {"clips": len(one.clips), "speakers": len(one.speakers()), "labels": one.counts()} for one in acted}
    return {
        "conditions": conditions,
        "corpora": corpora,
        "reading": READING,
        "across": across,
        "plain_speech": {"reading": plain.READING, "rows": alarms},
    }


def _machines(options: argparse.Namespace, scratch: Path, bar: ProgressBar) -> Corpus:
    folder = (options.corpus or scratch) / NAME
    asyncio.run(_acted(folder, acts(ACTORS, sentences(options.sentences, options.seed), options.seed), bar))
    return corpus(folder, "csv")


async def _acted(folder: Path, planned: Sequence[Act], bar: ProgressBar) -> None:
    async with CallerVoices() as voices:
        await act_out(folder, planned, voices, bar.show)
    bar.close()


def _ravdess(data: Path) -> Corpus | None:
    folder = data / "emotion" / "ravdess"
    if not folder.is_dir():
        _say(f"left out: RAVDESS is not in {folder}; name the folder above emotion/ravdess with --data")
        return None
    return corpus(folder, "ravdess")


def _trained(one: Corpus, options: argparse.Namespace, scratch: Path, bar: ProgressBar) -> Model:
    path = scratch / "models" / f"{one.name}.onnx"
    make(Order((one,), path, seed=options.seed, jobs=options.jobs), bar.show)
    bar.close()
    return Model(OnnxJudge(path), trained_on(path))


def _tried(model: Model, one: Corpus, options: argparse.Namespace, bar: ProgressBar) -> tuple[Evaluation, ...]:
    tried = try_out(model.judge, model.trained, [one], CONDITIONS, seed=options.seed, jobs=options.jobs, progress=bar.show)
    bar.close()
    return tried.evaluations


def _plain_corpora(data: Path, scratch: Path) -> Iterator[Corpus]:
    for name in plain.PATTERNS:
        folder = data / "speech" / name
        if not folder.is_dir():
            _say(f"left out: there is no plain speech in {folder}; name the folder above speech/{name} with --data")
            continue
        yield (found := plain.plain_corpus(folder))
        if name == "digits":
            (scratch / "numbers").mkdir()
            yield plain.numbers(found, scratch / "numbers")


def _alarms(models: Sequence[Model], options: argparse.Namespace, scratch: Path, bar: ProgressBar) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for one in _plain_corpora(options.data, scratch):
        heard, _ = measured(one.clips, [Take(each) for each in CONDITIONS], jobs=options.jobs, progress=bar.show)
        bar.close()
        if too_short := heard[0].too_short:
            _say(f"{one.clips[0].corpus}: {too_short} of {len(one.clips)} clips have less than a quarter of a second of voice: left out")
        rows += [row for model in models for take in heard for row in plain.alarmed(model.judge, one.clips[0].corpus, take)]
    if rows:
        _say(f"\n{plain.table(rows)}\n\n{plain.READING}")
    return rows


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
