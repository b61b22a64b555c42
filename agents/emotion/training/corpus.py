"""The labelled clips of a folder: found by the names of the files or by a list. Nothing is read of the sound yet."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agents.emotion.training.errors import CorpusUnusable
from agents.emotion.training.labels import emotion
from agents.emotion.training.listing import LIST_NAME, listed
from agents.emotion.training.naming import EXTENSIONS, KNOWN, NamePattern, own_pattern

FORMATS: Final = ("auto", *(known.name for known in KNOWN), "pattern", "csv")


@dataclass(frozen=True, slots=True)
class Clip:
    path: Path
    label: str
    """One of ``labels.PLACES``."""
    speaker: str
    """Unique within its corpus."""
    corpus: str

    @property
    def who(self) -> str:
        """The speaker, unique over all corpora."""
        return f"{self.corpus}:{self.speaker}"


@dataclass(frozen=True, slots=True)
class Corpus:
    name: str
    """Of its format, or of its folder where the format says nothing."""
    format: str
    licence: str
    """Empty: unknown."""
    clips: tuple[Clip, ...]
    """In the order of their paths."""
    left_out: int = 0
    """Files with sound that are no clip: other names, or labels that were to be left out."""

    def speakers(self) -> list[str]:
        return sorted({clip.speaker for clip in self.clips})

    def counts(self) -> dict[str, int]:
        """Clips of each label."""
        return dict(sorted(Counter(clip.label for clip in self.clips).items()))


def corpus(place: Path, format_: str = "auto", *, pattern: str = "", labels: Mapping[str, str] | None = None) -> Corpus:
    """The clips of the folder (or list) ``place``. ``labels`` says what labels of the files stand for; ``-`` leaves clips out.

    Raises CorpusUnusable, UnknownLabel.
    """
    labels = labels or {}
    if not place.exists():
        raise CorpusUnusable(f"{place}: there is no such folder")
    if format_ == "csv" or (format_ == "auto" and _has_list(place) and not pattern):
        return _by_list(place, labels)
    if not place.is_dir():
        raise CorpusUnusable(f"{place}: is not a folder; a list of clips is read with --format csv")
    files = sorted(path for path in place.rglob("*") if path.suffix.lower() in EXTENSIONS and path.is_file())
    if not files:
        raise CorpusUnusable(f"{place}: holds no WAV or FLAC file, in no folder below it either")
    return _by_names(place, files, _naming(place, files, format_, pattern), labels)


def _has_list(place: Path) -> bool:
    return place.suffix.lower() == ".csv" or (place / LIST_NAME).is_file()


def _naming(place: Path, files: Sequence[Path], format_: str, pattern: str) -> NamePattern:
    if format_ == "pattern" or (format_ == "auto" and pattern):
        if not pattern:
            raise CorpusUnusable("--format pattern needs --pattern with the groups label and speaker")
        return own_pattern(pattern)
    if pattern:
        raise CorpusUnusable(f"--pattern goes with --format pattern, not with {format_}")
    if format_ != "auto":
        return next(known for known in KNOWN if known.name == format_)
    fitting = max(KNOWN, key=lambda known: sum(1 for path in files if known.pattern.fullmatch(path.stem)))
    if not any(fitting.pattern.fullmatch(path.stem) for path in files):
        raise CorpusUnusable(
            f"{place}: names such as {files[0].name} are neither RAVDESS's nor CREMA-D's; say where label and speaker stand with "
            f"--format pattern --pattern REGEX, or put a {LIST_NAME} with the columns path,label,speaker there"
        )
    return fitting


def _by_names(place: Path, files: Sequence[Path], naming: NamePattern, given: Mapping[str, str]) -> Corpus:
    name = place.resolve().name if naming.whole_path else naming.name
    labels = {**naming.labels, **given}
    clips: list[Clip] = []
    for path in files:
        text = path.relative_to(place).with_suffix("").as_posix() if naming.whole_path else path.stem
        found = naming.pattern.fullmatch(text)
        if found is None or found.groupdict().get("channel") == "02":
            continue
        if not found["speaker"]:
            raise CorpusUnusable(f"{path}: --pattern finds no speaker in its name; who speaks must be known to keep speakers apart")
        if label := emotion(found["label"] or "", labels, str(path)):
            clips.append(Clip(path, label, found["speaker"], name))
    if not clips:
        raise CorpusUnusable(f"{place}: no name fits {naming.name}, such as {files[0].relative_to(place)}; choose another --format")
    return Corpus(name, naming.name, naming.licence, tuple(clips), len(files) - len(clips))


def _by_list(place: Path, given: Mapping[str, str]) -> Corpus:
    file = place if place.is_file() else place / LIST_NAME
    if not file.is_file():
        raise CorpusUnusable(f"{place}: has no {LIST_NAME}; it needs the columns path,label,speaker")
    name = file.resolve().parent.name if file.name == LIST_NAME else file.stem
    rows = listed(file)
    found = [(row, emotion(row.label, given, row.where)) for row in rows]
    clips = tuple(sorted((Clip(row.path, label, row.speaker, name) for row, label in found if label), key=lambda clip: clip.path))
    if not clips:
        raise CorpusUnusable(f"{file}: lists no clip that is not left out")
    return Corpus(name, "csv", "", clips, len(rows) - len(clips))
