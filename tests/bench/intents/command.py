"""Measures the intent model: CLINC150, BANKING77, few examples, and the same sentences after speech on a telephone.

Run with: ./patchcord bench intents [--no-speech]. Every model is trained as an agent's is, with the background sentences that ship, unless
the row says otherwise. acc: the best guess is right. oos@5%: share of out-of-scope sentences less sure than 95 % of the others. own: what
best() rejects by the model's own bound, of known intents and out of scope. ECE: expected calibration error. Training: wall and processor s.
"""

import argparse
import math
import random
import time
from collections.abc import Mapping, Sequence
from typing import Final

from agents.nlu.intents import IntentModel
from agents.stt.transcriber import TranscriptionError
from agents.tts.speaker import SpeechError
from tests.bench.intents.measures import Figures, figures, mean
from tests.bench.intents.sets import IntentSet, Labelled, NoData, banking77, by_intent, clinc150
from tests.bench.intents.spoken import VOICES, heard
from tests.bench.speech import say, wer

DRAWS: Final = 20
"""Agents of so few intents are drawn at random: one says little."""
SMALL: Final = ((10, 5), (10, 10), (10, 20), (12, 20), (30, 10))
"""Intents, and examples of each."""
_OUTSIDE: Final = ""
HEADER: Final = f"{'':44} {'n':>5} {'acc':>6} {'oos@5%':>7} {'own: in':>8} {'oos':>6} {'ECE':>6} {'p50':>6} {'p99 ms':>7}"


def share(part: float) -> str:
    return "-" if math.isnan(part) else f"{part:.1%}"


def row(label: str, count: int, found: Figures) -> None:
    say(
        f"{label:44} {count:5} {found.accuracy:6.1%} {share(found.recall):>7} {found.own_rejections:8.1%} {share(found.own_recall):>6} "
        f"{found.calibration_error:6.3f} {found.p50_ms:6.2f} {found.p99_ms:7.2f}"
    )


def trained(examples: Mapping[str, Sequence[str]], background: Sequence[str] | None = None) -> tuple[IntentModel, str]:
    """The model, and how long it took."""
    wall, processor = time.perf_counter(), time.process_time()
    model = IntentModel.train(examples, background=background)
    return model, f"trained in {time.perf_counter() - wall:.2f} s ({time.process_time() - processor:.2f})"


def large(data: IntentSet, label: str, background: Sequence[str] | None = None) -> IntentModel:
    model, took = trained(by_intent(data.train), background)
    row(f"{label}, {took}", len(data.test), figures(model, data.test, data.outside))
    return model


def small(data: IntentSet, intents: int, examples: int, seed: int) -> None:
    """Agents drawn from CLINC150; besides its out-of-scope sentences, those of intents that the agent does not have."""
    known, tests, found, others, times = by_intent(data.train), by_intent(data.test), [], [], []
    for draw in range(DRAWS):
        dice = random.Random(f"{seed} {draw}")
        names = dice.sample(sorted(known), intents)
        started = time.perf_counter()
        model = IntentModel.train({name: dice.sample(known[name], examples) for name in names})
        times.append(time.perf_counter() - started)
        asked = [Labelled(text, name) for name in names for text in tests[name]]
        foreign = dice.sample([sentence.text for sentence in data.test if sentence.intent not in names], 300)
        found.append(figures(model, asked, data.outside))
        others.append(figures(model, asked, foreign))
    label = f"{intents} intents of {examples}, {DRAWS} draws"
    row(f"{label}, median {sorted(times)[DRAWS // 2]:.2f} s", intents * 30, mean(found))
    row("  against sentences of other intents", intents * 30, mean(others))


def after_speech(data: IntentSet, model: IntentModel, count: int, seed: int, *, every_voice: bool) -> None:
    """The same sentences as they were written and as they were recognised."""
    dice = random.Random(seed)
    drawn = [*dice.sample(data.test, count), *(Labelled(text, _OUTSIDE) for text in dice.sample(data.outside, count // 4))]
    turns = [VOICES if every_voice else (VOICES[number % len(VOICES)],) for number in range(len(drawn))]
    spoken = [(voice, sentence) for sentence, voices in zip(drawn, turns, strict=True) for voice in voices]
    texts = heard([(voice, sentence.text) for voice, sentence in spoken])
    pairs = [(voice, sentence, Labelled(text, sentence.intent)) for (voice, sentence), text in zip(spoken, texts, strict=True)]
    for voices in (VOICES, *((voice,) for voice in VOICES)):
        mine = [(written, recognised) for voice, written, recognised in pairs if voice in voices]
        errors = wer((written.text, recognised.text) for written, recognised in mine)
        label = " ".join(voices) if len(voices) == 1 else "all voices"
        _split_row(f"{label}: as written", model, [written for written, _ in mine])
        _split_row(f"{label}: recognised, WER {errors:.1f} %", model, [recognised for _, recognised in mine])


def _split_row(label: str, model: IntentModel, sentences: Sequence[Labelled]) -> None:
    known = [sentence for sentence in sentences if sentence.intent != _OUTSIDE]
    row(label, len(known), figures(model, known, [sentence.text for sentence in sentences if sentence.intent == _OUTSIDE]))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("patchcord bench intents", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1, help="of what is drawn (default 1)")
    parser.add_argument("--sentences", type=int, default=510, help="spoken, and a quarter as many out of scope (default 510)")
    parser.add_argument("--every-voice", action="store_true", help=f"each of them by {', '.join(VOICES)}; else by one, in turn")
    parser.add_argument("--no-speech", action="store_true", help="written sentences only")
    wanted = parser.parse_args(arguments)
    try:
        clinc, banking = clinc150(), banking77()
    except NoData as error:
        say(f"intents: {error}")
        return 1
    say(HEADER)
    model = large(clinc, "CLINC150")
    large(clinc, "CLINC150 + its own", [*clinc.background])
    large(banking, "BANKING77")
    for intents, examples in SMALL:
        small(clinc, intents, examples, wanted.seed)
    if wanted.no_speech:
        return 0
    try:
        after_speech(clinc, model, wanted.sentences, wanted.seed, every_voice=wanted.every_voice)
    except (SpeechError, TranscriptionError) as error:
        say(f"intents: not measured after speech: {error}")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
