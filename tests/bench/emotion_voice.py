"""How well the shipped judge tells arousal and anger from the voice, and what that costs: acted clips of RAVDESS, for evaluation only.

    python -m tests.bench.emotion_voice [--data DIR] [--actors 5-12] [--quick] [--out FILE]

Arousal: angry and happy against neutral, calm and sad, as AUC. Anger: angry against the rest at 0.5, as UAR (mean of both recalls).
Intervals are 95 %, bootstrapped over speakers. Usuals: ``none``; ``own``, from two neutral clips of the speaker, which are not scored;
``live``, learnt on the way from all clips in random order, each judged before it is learnt, the first two not scored. Levels are of the
speaker's neutral speech before G.711, noise is pink and as far below that. Decoding FLAC needs the package ``av``.
"""

import argparse
import itertools
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

import numpy as np
import soxr
from numpy.typing import NDArray

from agents.audio import RATE, Pcm
from agents.emotion.signs import VoiceSigns
from agents.emotion.voice.baseline import Baseline
from agents.emotion.voice.default import DefaultJudge
from agents.emotion.voice.features import VoiceFeatures, measure
from ari_app.media.g711 import RATE as TELEPHONE_RATE
from ari_app.media.g711 import decode, encode

DATA: Final = Path(__file__).resolve().parents[3] / "shared" / "data" / "emotion" / "ravdess"
EMOTIONS: Final = {"01": "neutral", "02": "calm", "03": "happy", "04": "sad", "05": "angry"}
Usual: TypeAlias = Literal["none", "own", "live"]
Channel: TypeAlias = Callable[[NDArray[np.float64], float], Pcm]
RESAMPLES: Final = 1000


@dataclass(frozen=True)
class Clip:
    actor: int
    emotion: str
    strong: bool
    first_neutral: bool
    """One of the two from which the usual is formed: neutral, first repetition."""
    samples: NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    clip: Clip
    signs: VoiceSigns | None
    """None: too little voice."""


def clips(folder: Path, actors: Iterable[int]) -> list[Clip]:
    found = []
    for path in sorted(folder.glob("*.flac")):
        _, _, emotion, strength, _, repetition, actor = path.stem.split("-")
        if int(actor) in actors:
            first = emotion == "01" and repetition == "01"
            found.append(Clip(int(actor), EMOTIONS[emotion], strength == "02", first, samples_of(path)))
    return found


def samples_of(path: Path) -> NDArray[np.float64]:
    # Here, so that the measurements can be listed where it is not installed.
    import av

    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        frames = [part for frame in [*container.decode(audio=0), None] for part in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray().ravel() for frame in frames]).astype(np.float64)


def rounded(samples: NDArray[np.float64]) -> Pcm:
    out: Pcm = np.clip(np.rint(samples), -32768, 32767).astype(np.int16)
    return out


def telephone(samples: NDArray[np.float64]) -> Pcm:
    narrow = rounded(soxr.resample(samples, RATE, TELEPHONE_RATE))
    coded = np.frombuffer(decode(encode(narrow.tobytes(), "ulaw"), "ulaw"), dtype=np.int16)
    return rounded(soxr.resample(coded.astype(np.float64), TELEPHONE_RATE, RATE))


def speech_level(samples: NDArray[np.float64]) -> float:
    """dBov of the loud half of 20 ms pieces."""
    power = np.square(samples[: len(samples) // 320 * 320].reshape(-1, 320)).mean(axis=1)
    return float(10 * np.log10(np.sort(power)[len(power) // 2 :].mean() / 32768**2 + 1e-12))


def pink(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(rng.standard_normal(count))
    sound = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), count)
    return np.asarray(sound / np.sqrt(np.square(sound).mean()))


def line(level: float | None = None, snr: float | None = None) -> Channel:
    """A telephone line; ``level`` of the speaker's neutral speech in dBov (None: as recorded), ``snr`` in dB below it."""
    rng = np.random.default_rng(5)

    def passed(samples: NDArray[np.float64], neutral_db: float) -> Pcm:
        if snr is not None:
            samples = samples + pink(len(samples), rng) * 32768 * 10 ** ((neutral_db - snr) / 20)
        return telephone(samples if level is None else np.clip(samples * 10 ** ((level - neutral_db) / 20), -32768, 32767))

    return passed


CHANNELS: Final[dict[str, Channel]] = {
    "clean": lambda samples, _: rounded(samples),
    "g711": line(),
    **{f"g711 {level} dBov": line(level) for level in (-15, -25, -35)},
    **{f"g711 -25 dBov snr {snr} dB": line(-25, snr) for snr in (20, 10)},
}


def judged(heard: Sequence[tuple[Clip, VoiceFeatures | None]], usual: Usual, rng: np.random.Generator) -> list[Judged]:
    """Of one speaker."""
    judge = DefaultJudge()
    if usual == "live":
        baseline, found = Baseline.start(), []
        for index in rng.permutation(len(heard)):
            clip, features = heard[index]
            found.append(Judged(clip, judge.judge(features, baseline) if features else None))
            baseline = baseline.with_(features) if features else baseline
        return found[2:]
    baseline = Baseline.start()
    for clip, features in heard:
        if usual == "own" and clip.first_neutral and features:
            baseline = baseline.with_(features)
    return [Judged(clip, judge.judge(features, baseline) if features else None) for clip, features in heard if not clip.first_neutral]


def auc(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """Chance that a positive one scores above a negative one; equal scores count half."""
    difference = scores[positive][:, None] - scores[~positive][None, :]
    return float((difference > 0).mean() + (difference == 0).mean() / 2)


def uar(said: NDArray[np.bool_], true: NDArray[np.bool_]) -> float:
    return float((said[true].mean() + (~said[~true]).mean()) / 2)


def interval(speakers: Sequence[Sequence[Judged]], figure: Callable[[Sequence[Judged]], float]) -> list[float]:
    rng = np.random.default_rng(7)
    drawn = [[one for pick in rng.integers(len(speakers), size=len(speakers)) for one in speakers[pick]] for _ in range(RESAMPLES)]
    return [round(float(edge), 3) for edge in np.percentile([figure(each) for each in drawn], (2.5, 97.5))]


def arousal_auc(rows: Sequence[Judged]) -> float:
    scores = np.array([row.signs.arousal if row.signs else 0.5 for row in rows])
    return auc(scores, np.array([row.clip.emotion in ("angry", "happy") for row in rows]))


def anger_uar(rows: Sequence[Judged]) -> float:
    return uar(
        np.array([bool(row.signs and row.signs.anger >= 0.5) for row in rows]), np.array([row.clip.emotion == "angry" for row in rows])
    )


def anger_auc(rows: Sequence[Judged]) -> float:
    return auc(np.array([row.signs.anger if row.signs else 0.0 for row in rows]), np.array([row.clip.emotion == "angry" for row in rows]))


def anger_against_joy(rows: Sequence[Judged]) -> float:
    return anger_auc([row for row in rows if row.clip.emotion in ("angry", "happy")])


def report(speakers: Sequence[Sequence[Judged]]) -> dict[str, Any]:
    rows = list(itertools.chain.from_iterable(speakers))
    figures = {"arousal_auc": arousal_auc, "anger_uar": anger_uar, "anger_auc": anger_auc, "anger_against_joy_auc": anger_against_joy}
    found: dict[str, Any] = {name: [round(figure(rows), 3), *interval(speakers, figure)] for name, figure in figures.items()}
    kinds = {(row.clip.emotion, row.clip.strong) for row in rows}
    for emotion, strong in sorted(kinds):
        signs = [row.signs for row in rows if row.signs and (row.clip.emotion, row.clip.strong) == (emotion, strong)]
        found[f"{emotion}{' strong' if strong else ''}"] = {
            "clips": len(signs),
            "called_angry": round(float(np.mean([one.anger >= 0.5 for one in signs])), 3),
            "arousal": round(statistics.median(one.arousal for one in signs), 3),
            "valence": round(statistics.median(one.valence for one in signs), 3),
        }
    confidences = [row.signs.confidence if row.signs else 0.0 for row in rows]
    return found | {
        "confidence_median": round(statistics.median(confidences), 3),
        "too_little_voice": sum(row.signs is None for row in rows),
    }


def cost(material: Sequence[Clip]) -> dict[str, float]:
    """ms of processor time for 3 s of speech: measuring, judging, learning."""
    judge, baseline, took = DefaultJudge(), Baseline.start(), []
    for clip in material[:60]:
        pcm = telephone(np.resize(clip.samples, 3 * RATE))
        begun = time.thread_time()
        features = measure(pcm)
        if features:
            judge.judge(features, baseline)
            baseline = baseline.with_(features)
        took.append((time.thread_time() - begun) * 1000)
    return {"median_ms": round(statistics.median(took), 1), "p95_ms": round(float(np.percentile(took, 95)), 1)}


def run(folder: Path, actors: range, channels: Iterable[str]) -> dict[str, Any]:
    material = clips(folder, actors)
    speakers = sorted({clip.actor for clip in material})
    neutral = {
        actor: statistics.mean(speech_level(c.samples) for c in material if c.actor == actor and c.first_neutral) for actor in speakers
    }
    rows: dict[str, Any] = {}
    for channel in channels:
        heard = [(clip, measure(CHANNELS[channel](clip.samples, neutral[clip.actor]))) for clip in material]
        for usual in get_args(Usual):
            rng = np.random.default_rng(3)
            rows[f"{channel}, usual {usual}"] = report(
                [judged([one for one in heard if one[0].actor == actor], usual, rng) for actor in speakers]
            )
    return {"clips": len(material), "speakers": len(speakers), "cores": os.cpu_count(), "cost_3s": cost(material), "rows": rows}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Arousal and anger from the voice, on acted clips.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--actors", default="1-24", help="first-last")
    parser.add_argument("--quick", action="store_true", help="clean and g711 only")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    if not any(options.data.glob("*.flac")):
        sys.exit(f"there are no clips in {options.data}: name a folder of RAVDESS's FLAC files with --data")
    first, last = (int(part) for part in options.actors.split("-"))
    found = run(options.data, range(first, last + 1), list(CHANNELS)[:2] if options.quick else CHANNELS)
    text = json.dumps(found, indent=1)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
