"""Labelled clips by the names of their files, by a pattern of one's own and by a list; every refusal says what to do."""

from pathlib import Path

import pytest

from agents.emotion.training.corpus import corpus
from agents.emotion.training.errors import CorpusUnusable, UnknownLabel
from agents.emotion.training.labels import emotion, parsed

PATTERN = r"(?P<speaker>[^/]+)/.*_(?P<label>[a-z]+)"


def touched(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def listed(folder: Path, text: str) -> Path:
    (folder / "labels.csv").write_text(text, "utf-8")
    return folder


def test_ravdess_by_its_names(tmp_path: Path) -> None:
    found = corpus(touched(tmp_path, "Actor_12/03-01-05-02-01-01-12.wav", "03-01-02-01-02-02-01.flac", "notes.txt"))
    assert (found.name, found.format, found.left_out) == ("ravdess", "ravdess", 0)
    assert "NC" in found.licence
    assert [(clip.path.name, clip.label, clip.speaker) for clip in found.clips] == [
        ("03-01-02-01-02-02-01.flac", "calm", "01"),
        ("03-01-05-02-01-01-12.wav", "angry", "12"),
    ]
    assert found.clips[1].who == "ravdess:12"


def test_songs_of_ravdess_are_left_out(tmp_path: Path) -> None:
    found = corpus(touched(tmp_path, "03-01-05-02-01-01-12.wav", "03-02-05-02-01-01-12.wav"))
    assert (len(found.clips), found.left_out) == (1, 1)


@pytest.mark.parametrize(
    ("code", "label"), [("ANG", "angry"), ("DIS", "disgusted"), ("FEA", "fearful"), ("HAP", "happy"), ("NEU", "neutral"), ("SAD", "sad")]
)
def test_crema_d_by_its_names(tmp_path: Path, code: str, label: str) -> None:
    found = corpus(touched(tmp_path, f"1001_IEO_{code}_HI.wav", f"1091_WSI_{code}_XX.wav", f"1040_ITH_{code}_X.wav"))
    assert found.name == "crema-d"
    assert [(clip.label, clip.speaker) for clip in found.clips] == [(label, "1001"), (label, "1040"), (label, "1091")]


def test_a_pattern_of_ones_own_reads_the_path_below_the_folder(tmp_path: Path) -> None:
    found = corpus(
        touched(tmp_path / "mine", "anna/call7_angry.wav", "ben/call1_w.flac", "ben/intro.wav"), pattern=PATTERN, labels={"w": "sad"}
    )
    assert (found.name, found.left_out) == ("mine", 1)
    assert [(clip.label, clip.speaker) for clip in found.clips] == [("angry", "anna"), ("sad", "ben")]


def test_a_list_is_found_by_itself(tmp_path: Path) -> None:
    folder = listed(tmp_path, "\ufeffspeaker, label, path, note\nanna, anger, a.wav, loud\nben, neutral, sub/b.wav,\n")
    found = corpus(folder)
    assert found.format == "csv"
    assert [(clip.path, clip.label, clip.speaker) for clip in found.clips] == [
        (folder / "a.wav", "angry", "anna"),
        (folder / "sub/b.wav", "neutral", "ben"),
    ]
    assert corpus(folder / "labels.csv", "csv").clips == found.clips


def test_labels_are_joined_and_left_out(tmp_path: Path) -> None:
    folder = touched(tmp_path, *(f"03-01-{code}-01-01-01-01.wav" for code in ("01", "02", "07")))
    found = corpus(folder, labels={"calm": "neutral", "07": "-"})
    assert found.counts() == {"neutral": 2}
    assert found.left_out == 1


@pytest.mark.parametrize(
    ("files", "arguments", "message"),
    [
        ((), {}, r"holds no WAV or FLAC file"),
        (("a.wav",), {}, r"names such as a\.wav are neither RAVDESS's nor CREMA-D's; say .* --pattern REGEX, or put a labels\.csv"),
        (("a.wav",), {"format_": "crema-d"}, r"no name fits crema-d, such as a\.wav; choose another --format"),
        (("a.wav",), {"format_": "pattern"}, r"--format pattern needs --pattern"),
        (("a.wav",), {"pattern": "(?P<label>"}, r"is not a regular expression"),
        (("a.wav",), {"pattern": "(?P<label>a)"}, r"has no group speaker; write such as"),
        (("a.wav",), {"pattern": "(?P<label>a)", "format_": "ravdess"}, r"--pattern goes with --format pattern, not with ravdess"),
        (("_angry.wav",), {"pattern": "(?P<speaker>[a-z]*)_(?P<label>[a-z]+)"}, r"_angry\.wav: --pattern finds no speaker"),
        (("a.wav",), {"format_": "csv"}, r"has no labels\.csv; it needs the columns path,label,speaker"),
    ],
)
def test_what_cannot_be_used_is_told(tmp_path: Path, files: tuple[str, ...], arguments: dict[str, str], message: str) -> None:
    with pytest.raises(CorpusUnusable, match=message):
        corpus(touched(tmp_path, *files), arguments.get("format_", "auto"), pattern=arguments.get("pattern", ""))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CorpusUnusable, match="nowhere: there is no such folder"):
        corpus(tmp_path / "nowhere")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(CorpusUnusable, match="is not a folder; a list of clips is read with --format csv"):
        corpus(touched(tmp_path, "a.wav") / "a.wav", "ravdess")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path,label\na.wav,angry\n", r"labels\.csv: its first line has no column speaker; it must name path,label,speaker"),
        ("path,label,speaker\na.wav,angry,anna\nb.wav,,ben\n", r"labels\.csv:3: path, label and speaker must all be given"),
        ("path,label,speaker\n", r"labels\.csv: lists no clip"),
    ],
)
def test_lists_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CorpusUnusable, match=message):
        corpus(listed(tmp_path, text))


def test_a_list_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_bytes("path,label,speaker\na.wav,angry,Zoë\n".encode("latin-1"))
    with pytest.raises(CorpusUnusable, match="it must be CSV in UTF-8"):
        corpus(tmp_path)


def test_unknown_labels_name_the_line_and_what_is_near(tmp_path: Path) -> None:
    with pytest.raises(
        UnknownLabel, match=r"labels\.csv:2: the label 'angri' is not known; did you mean angry\? say .* --label angri=EMOTION"
    ):
        corpus(listed(tmp_path, "path,label,speaker\na.wav,angri,anna\n"))


def test_a_label_leads_to_its_emotion_in_any_spelling() -> None:
    assert emotion(" Anger ", {}, "here") == "angry"
    assert emotion("W", {"W": "happiness"}, "here") == "happy"
    assert emotion("W", {"W": "-"}, "here") is None


@pytest.mark.parametrize("text", ["W", "=angry", "W="])
def test_what_is_no_label_for_an_emotion(text: str) -> None:
    with pytest.raises(ValueError, match="write LABEL=EMOTION"):
        parsed(text)


def test_labels_lead_to_emotions_only() -> None:
    assert parsed("a=b=angry") == ("a=b", "angry")
    with pytest.raises(ValueError, match="'furious' is not an emotion known here; choose of: angry"):
        parsed("W=furious")
