"""False alarms on plain speech are counted as the product would raise them."""

from pathlib import Path

import numpy as np
import pytest

from agents.emotion.signs import VoiceSigns
from agents.emotion.training.corpus import Clip
from agents.emotion.training.measuring import Measured, Take
from agents.emotion.voice.baseline import Baseline
from agents.emotion.voice.features import VoiceFeatures, measure
from ari_app.caller.recording import write_wav
from ari_app.caller.script import read_wav
from tests.agents.emotion.voice.voice_material import spoken
from tests.bench._plain_speech import IN_A_NUMBER, alarmed, alarms, judged, numbers, plain_corpus, table


class Moody:
    """As angry and aroused as it was told; remembers how much of the caller it knew."""

    name = "moody"

    def __init__(self, level: float) -> None:
        self.level, self.known = level, list[float]()

    def judge(self, features: VoiceFeatures, baseline: Baseline) -> VoiceSigns:
        self.known.append(baseline.heard)
        return VoiceSigns(self.level, 0.0, self.level, 0.9, features.voiced_s)


def heard(clips: int, speakers: int = 2) -> Measured:
    features = measure(spoken())
    assert features is not None
    made = [Clip(Path(f"{number}.wav"), "neutral", f"s{number % speakers}", "plain") for number in range(clips)]
    return Measured(Take("ulaw"), tuple((clip, features) for clip in made), 0)


def digits(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        for speaker in ("ann", "bob"):
            write_wav(folder / f"{number % 10}_{speaker}_{number}.wav", np.full(800, number + 1, dtype=np.int16))
    return folder


def test_a_furious_judge_raises_every_alarm_and_a_calm_one_none() -> None:
    furious, calm = (alarmed(Moody(level), "plain", heard(6)) for level in (0.98, 0.1))
    assert [[share["raised"] for share in row["alarms"].values()] for row in furious] == [[6] * len(alarms())] * 2
    assert [[share["raised"] for share in row["alarms"].values()] for row in calm] == [[0] * len(alarms())] * 2


def test_none_of_few_is_not_said_to_be_never() -> None:
    share = alarmed(Moody(0.1), "plain", heard(6))[0]["alarms"]["anger 0.5"]
    assert share["value"] == share["low"] == 0
    assert share["high"] == pytest.approx(0.39, abs=0.01)


def test_live_learns_each_speaker_on_the_way_and_none_never_does() -> None:
    live, none = Moody(0.1), Moody(0.1)
    judged(live, heard(6), "live")
    judged(none, heard(6), "none")
    assert none.known == [0.0] * 6
    assert live.known[0] == live.known[3] == 0.0
    assert 0 < live.known[1] < live.known[2]


def test_speakers_are_read_from_the_names(tmp_path: Path) -> None:
    found = plain_corpus(digits(tmp_path / "digits", 3))
    assert (found.speakers(), found.counts()) == (["ann", "bob"], {"neutral": 6})
    (tmp_path / "read").mkdir()
    for name in ("sense_and_sensibility_01-0870", "sense_and_sensibility_01-0880", "jfk"):
        write_wav(tmp_path / "read" / f"{name}.wav", np.ones(800, dtype=np.int16))
    assert plain_corpus(tmp_path / "read").speakers() == ["jfk", "sense"]


def test_digits_become_numbers_of_one_speaker_the_same_each_time(tmp_path: Path) -> None:
    single = plain_corpus(digits(tmp_path / "digits", 2 * IN_A_NUMBER + 1))
    made = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        made.append(numbers(single, tmp_path / name))
    assert [(clip.path.name, clip.speaker) for clip in made[0].clips] == [
        (f"{who}_{number:03}.wav", who) for who in ("ann", "bob") for number in (0, 1)
    ]
    for one, other in zip(made[0].clips, made[1].clips, strict=True):
        assert one.path.read_bytes() == other.path.read_bytes()
    assert len(read_wav(made[0].clips[0].path)) == IN_A_NUMBER * 800 + (IN_A_NUMBER - 1) * 1200


def test_the_table_has_a_line_for_each_row() -> None:
    lines = table(alarmed(Moody(0.6), "plain", heard(4))).splitlines()
    assert [line.split()[:6] for line in lines[1:]] == [["moody", "plain", "ulaw", usual, "4", "2"] for usual in ("live", "none")]
