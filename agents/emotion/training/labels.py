"""Names of emotions in clips, and where each lies in arousal and valence.

The places follow the quadrants of the circumplex model of affect (Russell 1980); the values within a quadrant are a choice of this
project, not a measurement.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from agents.emotion.training.errors import UnknownLabel


@dataclass(frozen=True, slots=True)
class Place:
    arousal: float
    """0 to 1."""
    valence: float
    """-1 to 1."""
    aroused: bool | None
    """Side in figures of arousal; None: no side, left out of them."""


ANGRY: Final = "angry"
PLACES: Final[Mapping[str, Place]] = {
    ANGRY: Place(0.95, -0.8, aroused=True),
    "happy": Place(0.85, 0.8, aroused=True),
    "fearful": Place(0.85, -0.6, aroused=True),
    "surprised": Place(0.8, 0.2, aroused=True),
    "frustrated": Place(0.75, -0.6, aroused=True),
    "disgusted": Place(0.6, -0.6, aroused=None),
    "neutral": Place(0.3, 0.0, aroused=False),
    "calm": Place(0.2, 0.2, aroused=False),
    "bored": Place(0.15, -0.3, aroused=False),
    "sad": Place(0.15, -0.6, aroused=False),
}
USUAL: Final = ("neutral", "calm")
"""How somebody sounds who is moved by nothing. Baselines form on the first that a speaker has: acted calm is softer than neutral."""
_ALSO: Final = {
    "anger": "angry",
    "happiness": "happy",
    "joy": "happy",
    "fear": "fearful",
    "surprise": "surprised",
    "frustration": "frustrated",
    "disgust": "disgusted",
    "boredom": "bored",
    "sadness": "sad",
}


def emotion(label: str, given: Mapping[str, str], where: str) -> str | None:
    """The emotion that ``label`` stands for; None: to be left out. ``given`` may lead there in two steps: code, name, another name.

    Raises UnknownLabel naming ``where`` and what to do.
    """
    wanted = given.get(label, label).strip().lower()
    wanted = given.get(wanted, wanted)
    if wanted == "-":
        return None
    found = _ALSO.get(wanted, wanted)
    if found in PLACES:
        return found
    near = difflib.get_close_matches(wanted, [*PLACES, *_ALSO], n=1)
    hint = f"did you mean {_ALSO.get(near[0], near[0])}? " if near else ""
    raise UnknownLabel(
        f"{where}: the label {label!r} is not known; {hint}say what it stands for with --label {label}=EMOTION ({', '.join(PLACES)}), "
        f"or leave such clips out with --label {label}=-"
    )


def parsed(text: str) -> tuple[str, str]:
    """``LABEL=EMOTION`` as given by a user. Raises ValueError saying what is wrong."""
    label, equals, wanted = text.rpartition("=")
    if not (label and equals and wanted):
        raise ValueError(f"{text!r} names no emotion; write LABEL=EMOTION, such as W=angry, or LABEL=- to leave clips out")
    if wanted != "-" and _ALSO.get(wanted, wanted) not in PLACES:
        raise ValueError(f"{wanted!r} is not an emotion known here; choose of: {', '.join(PLACES)}")
    return label, wanted
