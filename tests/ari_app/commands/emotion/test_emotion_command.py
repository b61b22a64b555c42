"""``patchcord emotion …``: trains, measures and shows models, and says what is wrong with what it was given."""

import json
import sys
from pathlib import Path

import pytest

from ari_app.cli import main
from tests.agents.emotion.training.synthetic_voices import write_named, write_ravdess

PATTERN = r"(?P<speaker>[^/]+)/.*_(?P<label>[a-z]+)"


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    status = main(["emotion", *map(str, words)])
    shown = capsys.readouterr()
    return status, shown.out, shown.err


def usage(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """What is said to wrong words."""
    with pytest.raises(SystemExit) as ended:
        main(["emotion", *map(str, words)])
    assert ended.value.code == 2
    return capsys.readouterr().err


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_ravdess(tmp_path_factory.mktemp("clips"), 6, ("angry", "happy", "neutral", "sad"))


def test_from_clips_to_a_model_its_figures_and_its_card(capsys: pytest.CaptureFixture[str], clips: Path, tmp_path: Path) -> None:
    pytest.importorskip("skl2onnx")
    model = tmp_path / "models" / "mine"
    words = ("train", "--data", clips, "--out", model, "--lines", 0, "--jobs", 1, "--test-speakers", "05,ravdess:06")
    status, out, err = run(capsys, *words)
    assert (status, err.splitlines()[0]) == (0, f"{clips}: ravdess, 48 clips (12 angry, 12 happy, 12 neutral, 12 sad) of 6 speakers")
    assert [line for line in err.splitlines() if line.endswith("…")] == [
        *("measuring training clips …", "measuring test clips …", "choosing the strength …", "fitting the model …", "evaluating …"),
    ]
    assert f"emotion.model: {model.with_suffix('.onnx').resolve()}" in out
    assert "ravdess  within    ulaw       own" in out
    assert sorted(path.suffix for path in model.parent.glob("mine.*")) == [".json", ".md", ".onnx"]

    status, _, err = run(capsys, *words)
    assert (status, err.splitlines()[-1]) == (
        1,
        f"patchcord: {model}.onnx: is there already; choose another --out, or overwrite it with --replace",
    )

    status, out, _ = run(capsys, "show", "--model", f"{model}.onnx")
    assert status == 0
    assert out.startswith("# mine.onnx")
    status, out, _ = run(capsys, "show", "--model", f"{model}.onnx", "--json")
    assert json.loads(out)["labels"] == ["angry", "happy", "neutral", "sad"]

    figures = tmp_path / "figures"
    own = write_named(tmp_path / "own", ["anna", "ben"], ["angry", "neutral"])
    status, out, _ = run(
        *(capsys, "eval", "--model", f"{model}.onnx", "--data", clips, "--format", "ravdess", "--data", own, "--format", "pattern"),
        *("--pattern", PATTERN, "--telephone", "ulaw", "alaw", "--out", figures, "--jobs", 1),
    )
    assert status == 0
    assert "32 clips of speakers on whom it was trained are left out." in out
    kept = json.loads((figures / "figures.json").read_text("utf-8"))["evaluations"]
    assert [(one["corpus"], one["relation"], one["condition"], one["baseline"]) for one in kept] == [
        (corpus, relation, condition, usual)
        for corpus, relation in (("ravdess", "within"), ("own", "across"))
        for condition in ("ulaw", "alaw")
        for usual in ("own", "none")
    ]
    assert len(list(figures.glob("roc-*.png"))) == 2
    assert len(list(figures.glob("confusion-*.png"))) == 8


def test_the_default_is_measured_on_any_clips(capsys: pytest.CaptureFixture[str], clips: Path, tmp_path: Path) -> None:
    status, out, _ = run(capsys, "eval", "--data", clips, "--telephone", "clean", "--out", tmp_path, "--jobs", 1, "--json")
    assert status == 0
    found = json.loads(out)["evaluations"]
    assert [(one["judge"], one["condition"], one["baseline"]) for one in found] == [
        ("default", "clean", "own"),
        ("default", "clean", "none"),
    ]
    own = found[0]
    assert own["arousal"]["auc"]["value"] > 0.9
    assert own["labels"] is None
    assert own["clips"] == sum(map(sum, own["anger"]["confusion"]["rows"])) == 42
    assert own["emotions"]["angry"]["arousal"] > own["emotions"]["sad"]["arousal"]


def test_the_default_shows_its_numbers_and_sources(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "show")
    assert status == 0
    assert out.startswith("The model that ships:")
    status, printed, _ = run(capsys, "show", "--json")
    table = json.loads(printed)
    shown = " ".join(out.split())
    for key, citation in table["sources"].items():
        assert f"{key}: {citation}" in shown
    for name, entry in table["arousal"]["weights"].items():
        assert f"{name} {entry['value']:g}. {entry['why']} [{entry['source']}]" in shown


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    for words, expected in (
        ((), ("./patchcord emotion train --data clips/", "pip install '.[emotion]'", "Never for employees")),
        (("train",), ("03-01-05-02-01-01-12.wav", "labels.csv", "--test-speakers", "MODEL.md", "non-commercial")),
        (("eval",), ("--telephone", "'within' or 'across'", "figures.json")),
        (("show",), ("default|MODEL",)),
    ):
        with pytest.raises(SystemExit) as ended:
            main(["emotion", *words, "--help"])
        assert ended.value.code == 0
        text = capsys.readouterr().out
        for each in expected:
            assert each in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("train", "--data", "x", "--out", "m", "--label", "W"), "write LABEL=EMOTION, such as W=angry"),
        (("train", "--data", "x", "--out", "m", "--label", "W=furious"), "'furious' is not an emotion known here"),
        (("train", "--data", "x", "--out", "m", "--test-share", "2"), "'2' is no share; give a number between 0 and 1"),
        (("train", "--data", "x", "--out", "m", "--lines", "-1"), "'-1' is no whole number of 0 or more"),
        (("train", "--out", "m"), "the following arguments are required: --data"),
        (("eval", "--data", "x", "--out", "m", "--telephone", "g722"), "invalid choice: 'g722'"),
    ],
)
def test_wrong_words(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str) -> None:
    assert message in usage(capsys, *words)


def test_what_cannot_be_done_is_one_line(capsys: pytest.CaptureFixture[str], clips: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert run(capsys, "eval", "--data", nowhere, "--out", tmp_path) == (1, "", f"patchcord: {nowhere}: there is no such folder\n")
    status, _, err = run(capsys, "show", "--model", nowhere)
    assert (status, "it belongs beside the .onnx file" in err) == (1, True)
    status, _, err = run(
        capsys, "eval", "--data", clips, "--data", clips, "--data", clips, "--format", "csv", "--format", "auto", "--out", tmp_path
    )
    assert (status, "--format is given 2 times for 3 --data; give it once, or once for each, in order" in err) == (1, True)
    few = write_named(tmp_path / "few", ["anna"], ["angry", "neutral"], each=1)
    status, _, err = run(capsys, "train", "--data", few, "--pattern", PATTERN, "--out", tmp_path / "m.onnx")
    assert (status, "1 speaker: at least 6 are needed" in err) == (1, True)


def test_unreadable_clips_end_it_unless_they_are_skipped(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    own = write_named(tmp_path / "own", ["anna", "ben"], ["angry", "neutral"])
    (own / "anna" / "9_angry.wav").write_text("broken")
    words = ("eval", "--data", own, "--pattern", PATTERN, "--telephone", "clean", "--out", tmp_path / "out", "--jobs", 1)
    status, _, err = run(capsys, *words)
    assert (status, "9_angry.wav: cannot be read" in err, "--skip-unreadable" in err) == (1, True, True)
    status, out, err = run(capsys, *words, "--skip-unreadable", "--json")
    assert (status, "skipped: " in err) == (0, True)
    assert [one["clips"] for one in json.loads(out)["evaluations"]] == [8 - 2, 8 - 2]


def test_without_the_extra_it_says_how_to_install_it(
    capsys: pytest.CaptureFixture[str], clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for words in (("eval", "--out", tmp_path / "figures"), ("train", "--out", tmp_path / "m.onnx")):
        status, _, err = run(capsys, *words, "--data", clips)
        assert (status, "need matplotlib" in err, "pip install '.[emotion]'" in err) == (1, True, True)
    assert run(capsys, "show")[0] == 0


@pytest.mark.data
def test_acted_emotions_where_the_set_is(capsys: pytest.CaptureFixture[str], data_sets: Path, tmp_path: Path) -> None:
    """Trained on four actors and tested on two others through G.711: the whole way on real voices, better than chance by far."""
    folder = data_sets / "emotion" / "ravdess"
    if not folder.is_dir():
        pytest.skip("the set of acted emotions is not here")
    part = tmp_path / "part"
    part.mkdir()
    for clip in folder.glob("03-01-*-0[12]-01-01-0[1-6].flac"):
        (part / clip.name).symlink_to(clip)
    status, _, _ = run(capsys, "train", "--data", part, "--out", tmp_path / "acted.onnx", "--lines", 1, "--test-speakers", "05,06")
    assert status == 0
    own = json.loads((tmp_path / "acted-figures.json").read_text("utf-8"))["evaluations"][2]
    assert (own["condition"], own["baseline"]) == ("ulaw", "own")
    assert own["arousal"]["auc"]["value"] > 0.75
