"""Clips become rows relative to a baseline that never hears what is tested; measuring is the same on one core and on several."""

from pathlib import Path

import numpy as np
import pytest

from agents.emotion.training.corpus import Clip, corpus
from agents.emotion.training.errors import ClipUnreadable
from agents.emotion.training.measuring import Measured, Take, measured
from agents.emotion.training.rows import ENROLLED, Rows, speakers, training_rows
from agents.emotion.voice.baseline import Baseline
from agents.emotion.voice.features import NAMES
from agents.emotion.voice.onnx_judge import row
from tests.agents.emotion.training.synthetic_voices import spoken, write_clip, write_named, write_ravdess

LABELS = ("angry", "neutral", "calm")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Clip, ...]:
    return corpus(write_ravdess(tmp_path_factory.mktemp("rows"), 3, LABELS, each=4)).clips


@pytest.fixture(scope="module")
def heard(clips: tuple[Clip, ...]) -> Measured:
    takes, _ = measured(clips, [Take("ulaw")])
    return takes[0]


def test_every_clip_is_measured_under_every_condition(clips: tuple[Clip, ...]) -> None:
    told: list[tuple[str, int, int]] = []
    takes, unreadable = measured(clips, [Take("clean"), Take("line", 1)], progress=lambda *done: told.append(done))
    assert [[clip.path for clip, _ in take.heard] for take in takes] == [[clip.path for clip in clips]] * 2
    assert unreadable == []
    assert told[0] == ("measuring clips", 0, 36)
    assert told[-1] == ("measuring clips", 36, 36)
    assert takes[0].heard[0][1] != takes[1].heard[0][1]


def test_several_processes_measure_the_same(clips: tuple[Clip, ...], heard: Measured) -> None:
    takes, _ = measured(clips, [Take("ulaw")], jobs=2)
    assert takes == [heard]


def test_clips_without_voice_are_counted(tmp_path: Path) -> None:
    folder = write_ravdess(tmp_path, 1, ("neutral",), each=1)
    write_clip(folder / "03-01-05-01-01-01-01.wav", spoken("actor 1", "angry", 1)[:2400])
    takes, _ = measured(corpus(folder).clips, [Take("clean")])
    assert (len(takes[0].heard), takes[0].too_short) == (1, 1)


@pytest.mark.parametrize("jobs", [1, 2])
def test_unreadable_clips_are_named_or_skipped(tmp_path: Path, jobs: int) -> None:
    folder = write_ravdess(tmp_path, 2, ("neutral",), each=1)
    for number in range(1, 8):
        (folder / f"03-01-05-01-01-01-{number:02}.wav").write_text("broken")
    clips = corpus(folder).clips
    with pytest.raises(ClipUnreadable) as error:
        measured(clips, [Take("clean")], jobs=jobs)
    lines = str(error.value).splitlines()
    assert lines[0].startswith(f"{folder}/03-01-05-01-01-01-01.wav: cannot be read")
    assert lines[5:] == ["and 2 more"]
    takes, unreadable = measured(clips, [Take("clean")], jobs=jobs, skip_unreadable=True)
    assert (len(takes[0].heard), len(unreadable)) == (2, 7)


def test_baselines_form_on_calm_clips_that_are_tested_nowhere(heard: Measured) -> None:
    found = speakers(heard, 0)
    assert [speaker.who for speaker in found] == ["ravdess:01", "ravdess:02", "ravdess:03"]
    for speaker in found:
        enrolled, others = ({clip.path for clip, _ in part} for part in (speaker.enrolled, speaker.others))
        assert len(enrolled) == 2 < ENROLLED
        assert {clip.label for clip, _ in speaker.enrolled} == {"neutral"}
        assert enrolled.isdisjoint(others)
        assert len(enrolled) + len(others) == 12
        assert {clip.speaker for clip, _ in (*speaker.enrolled, *speaker.others)} == {speaker.who.partition(":")[2]}
        assert speaker.baseline(0).heard == 0
        assert 0 < speaker.baseline(1).heard < speaker.baseline().heard


def test_the_seed_chooses_which_clips_are_enrolled(heard: Measured) -> None:
    chosen = {tuple(clip.path for speaker in speakers(heard, seed) for clip, _ in speaker.enrolled) for seed in range(4)}
    assert len(chosen) > 1
    assert speakers(heard, 1) == speakers(heard, 1)


def test_where_nobody_is_neutral_calm_clips_are_enrolled(tmp_path: Path) -> None:
    takes, _ = measured(corpus(write_ravdess(tmp_path, 1, ("angry", "calm"))).clips, [Take("clean")])
    (speaker,) = speakers(takes[0], 0)
    assert [clip.label for clip, _ in speaker.enrolled] == ["calm"]


def test_without_calm_clips_the_baseline_is_that_of_all_people(tmp_path: Path) -> None:
    takes, _ = measured(corpus(write_ravdess(tmp_path, 1, ("angry",))).clips, [Take("clean")])
    (speaker,) = speakers(takes[0], 0)
    assert speaker.enrolled == ()
    assert np.array_equal(speaker.baseline().mean, Baseline.start().mean)


def test_rows_are_of_every_stage_of_the_baseline(heard: Measured) -> None:
    rows = training_rows([heard], 0)
    assert rows.values.shape == (3 * (12 + 10 + 10), len(NAMES))
    assert rows.values.dtype == np.float32
    one = speakers(heard, 0)[0]
    first = one.enrolled[0][1]
    assert np.array_equal(rows.values[0], row(first, Baseline.start()))
    assert np.isfinite(rows.values).all()


def test_rows_of_some_speakers(heard: Measured) -> None:
    rows = training_rows([heard], 0)
    part = rows.of(frozenset({"ravdess:02"}))
    assert set(part.speakers) == {"ravdess:02"}
    assert len(part.labels) == len(part.values) == 32
    assert rows.of(frozenset()).labels == ()


def test_nothing_measured_gives_no_rows() -> None:
    rows = training_rows([], 0)
    assert isinstance(rows, Rows)
    assert rows.values.shape == (0, len(NAMES))


def test_one_corpus_of_several(tmp_path: Path, heard: Measured) -> None:
    own = corpus(write_named(tmp_path / "own", ["anna"], ["angry"]), pattern=r"(?P<speaker>[^/]+)/.*_(?P<label>[a-z]+)").clips
    takes, _ = measured(own, [Take("ulaw")])
    both = Measured(Take("ulaw"), (*heard.heard, *takes[0].heard), 0)
    assert both.of("own").heard == takes[0].heard
    assert both.of("ravdess").heard == heard.heard
