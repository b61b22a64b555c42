"""MODEL.md: what the model was made of, how good it is, and what it must not be used for."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from agents.emotion.training.evaluating import Evaluation
from agents.emotion.training.report import READING, markdown

_PAGE: Final = """\
# {name}

Says from the sound of one utterance of a caller, against their own usual, how aroused they are and whether they are angry.
Made by `./patchcord emotion train`; switched on with the setting `emotion.model`. SHA-256 of the model: `{sha256}`.

## Use

- For callers, on their own leg only, announced to them, and only as one reason among others for offering them a person.
- **Not for employees**, nor in education: in the EU, inferring the feelings of people at work from their voice is prohibited
  (AI Act, article 5(1)(f)). Not to rank callers, and not for decisions about them.
- A single utterance is often judged wrong, see the figures: rules should ask for a level that lasts.

## Data

{corpora}

Trained on {trained} speakers, tested on {tested} others (seed {seed}). Every training clip was heard as recorded and over
{lines} telephone lines drawn for its speaker: 8 kHz G.711 of either law, active level -35 to -15 dBov, noise 15 to 45 dB below it,
up to 3 % lost packets, low cut at 30 to 300 Hz. A line is the same for all clips of a speaker, as in a call. Training clips
with less than a quarter of a second of voice, left out: {too_short}. Files that could not be read, skipped: {unreadable}.

**Licence.** {licence}

## Model

{kind} over {features} features in standard deviations from the caller's own usual; the strength of its penalty ({strength}) and the
thresholds were chosen between folds of the training speakers. Emotions: {labels}.
Arousal is the mean of the places of the emotions, weighted by their probabilities; the places are a choice, not a measurement
(see the JSON file). What is 0.5 in the product is {anger:.3f} (anger) and {arousal:.3f} (arousal) of the raw scores.

## Figures, on speakers it was not trained on

{table}

{reading}
Conditions: clean as recorded; ulaw and alaw 8 kHz G.711 and back; line as in training, other draws. Baseline own: formed on up to four
neutral clips of the speaker, at most half of them (calm ones where there are none); none: nothing heard of them yet.

{plots}

## Limits

{limits}
"""
_UNKNOWN: Final = "unknown to the program"
_LIMITS: Final = (
    "Acted emotion is clearer than that of real calls: expect less there; measure it with `./patchcord emotion eval` on calls of your own.",
    "Languages, accents, ages and voices that the data has not, are not tested.",
    "Intervals are of these speakers under these conditions; with fewer than twenty test speakers they are wide and themselves uncertain.",
    "Loudness counts relative to the caller's usual on the same line: a telephone that is moved during a call looks like a feeling.",
)


def card(
    name: str, made: Mapping[str, Any], evaluations: Sequence[Evaluation], too_short: int, unreadable: int, plots: Sequence[str]
) -> str:
    """``made`` as of export.description; ``too_short`` and ``unreadable`` count clips; ``plots`` are file names beside the page."""
    of = made["provenance"]
    return _PAGE.format(
        name=name,
        sha256=made["sha256"],
        corpora="\n".join(_corpus(corpus) for corpus in of["corpora"]),
        trained=len(of["trained_speakers"]),
        tested=len(of["tested_speakers"]),
        seed=of["seed"],
        lines=sum(1 for take in of["takes"] if take.startswith("line")),
        too_short=too_short,
        unreadable=unreadable,
        licence=_licence(of["corpora"]),
        kind={"logistic": "Logistic regression", "mlp": "A network with one hidden layer"}[of["kind"]],
        features=len(made["features"]),
        strength=of["strength"],
        labels=", ".join(made["labels"]),
        anger=made["thresholds"]["anger"],
        arousal=made["thresholds"]["arousal"],
        table=markdown(evaluations),
        reading=READING,
        plots="\n".join(f"![{plot}]({plot})" for plot in plots if plot.endswith(".png")),
        limits="\n".join(f"- {limit}" for limit in _LIMITS),
    )


def _corpus(corpus: Mapping[str, Any]) -> str:
    labels = ", ".join(f"{count} {label}" for label, count in corpus["labels"].items())
    return f"- {corpus['name']} ({corpus['format']}): {corpus['clips']} clips ({labels}); licence: {corpus['licence']}"


def _licence(corpora: Sequence[Mapping[str, Any]]) -> str:
    bound = [corpus for corpus in corpora if "not for commercial" in corpus["licence"]]
    unknown = [corpus["name"] for corpus in corpora if corpus["licence"] == _UNKNOWN]
    said = [f"{corpus['name']} is {corpus['licence']}. This model inherits that: do not use or ship it commercially." for corpus in bound]
    if unknown:
        said.append(f"Check that you may use {', '.join(unknown)} for this, and that the people recorded were asked.")
    return " ".join(said) or "See the licences of the data above: the model inherits their conditions."
