"""What the file names of a corpus say: the label and the speaker.

RAVDESS: seven numbers of two digits: modality, channel (01 speech, 02 song), emotion, intensity, statement, repetition, actor
(Livingstone and Russo 2018). CREMA-D: ``1001_DFA_ANG_XX``: actor, sentence, emotion, level (Cao et al. 2014).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from agents.emotion.training.errors import CorpusUnusable

EXTENSIONS: Final = (".wav", ".flac")


@dataclass(frozen=True, slots=True)
class NamePattern:
    """How the names of a corpus are read. ``pattern`` has the groups ``label`` and ``speaker`` and must match the whole of the text."""

    name: str
    pattern: re.Pattern[str]
    labels: Mapping[str, str] = field(default_factory=dict)
    """Emotions that its labels stand for; a user's own come before them."""
    whole_path: bool = False
    """The text is the path below the folder, with ``/``; otherwise the file's name. Without the extension in both cases."""
    licence: str = ""
    """At the corpus's origin, for the model card; empty: unknown."""


RAVDESS: Final = NamePattern(
    "ravdess",
    re.compile(r"0[13]-(?P<channel>0[12])-(?P<label>0[1-8])-0[12]-0[12]-0[12]-(?P<speaker>\d\d)"),
    {
        "01": "neutral",
        "02": "calm",
        "03": "happy",
        "04": "sad",
        "05": "angry",
        "06": "fearful",
        "07": "disgusted",
        "08": "surprised",
    },
    licence="CC BY-NC-SA 4.0: not for commercial use",
)
CREMA_D: Final = NamePattern(
    "crema-d",
    re.compile(r"(?P<speaker>\d{4})_[A-Z]{3}_(?P<label>[A-Z]{3})_(?:XX|X|LO|MD|HI)"),
    {"ANG": "angry", "DIS": "disgusted", "FEA": "fearful", "HAP": "happy", "NEU": "neutral", "SAD": "sad"},
    licence="Open Database License 1.0; its contents under the Database Contents License 1.0",
)
KNOWN: Final = (RAVDESS, CREMA_D)


def own_pattern(text: str) -> NamePattern:
    """A user's pattern. Raises CorpusUnusable."""
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise CorpusUnusable(f"--pattern {text!r} is not a regular expression ({error})") from error
    if missing := {"label", "speaker"} - set(pattern.groupindex):
        raise CorpusUnusable(
            f"--pattern {text!r} has no group {' and no group '.join(sorted(missing))}; "
            r"write such as '(?P<speaker>[^/]+)/.*_(?P<label>[a-z]+)' for anna/call7_angry.wav"
        )
    return NamePattern("pattern", pattern, whole_path=True)
