"""The corpus that machines act: the same for the same seed, balanced, and read as what it was written as."""

from pathlib import Path

import numpy as np
import pytest

from agents.audio import Pcm
from agents.emotion.training.corpus import corpus
from agents.emotion.training.labels import PLACES
from ari_app.caller.script import read_wav
from tests.bench._machine_actors import ACTORS, LOUDEST_DBOV, MANNERS, act_out, acts, sentences
from tests.bench.turns.sounds_shaping import active_dbov

VOICES = ("flite:rms", "pico:en-GB")


class Hum:
    """Says everything as the same buzz."""

    async def say(self, voice: str, text: str) -> Pcm:
        del voice, text
        time = np.arange(12_000) / 8000
        buzz = sum(np.sin(2 * np.pi * 150 * each * time) / each for each in range(1, 12))
        return np.asarray(np.rint(3000 * buzz * (0.15 + np.sin(2 * np.pi * 2 * time) ** 2)), dtype=np.int16)


def test_a_seed_gives_the_same_plan_and_another_seed_another() -> None:
    one, again, other = (acts(VOICES, sentences(5, seed), seed) for seed in (3, 3, 4))
    assert one == again
    assert {act.how.level_dbov for act in one}.isdisjoint(act.how.level_dbov for act in other)


def test_a_clip_does_not_depend_on_how_many_others_there_are() -> None:
    said = sentences(6, 0)
    assert set(acts(VOICES[1:], said[:2], 0)) < set(acts(VOICES, said, 0))


def test_every_voice_says_every_sentence_in_every_manner() -> None:
    said = sentences(4, 0)
    planned = acts(VOICES, said, 0)
    assert {(act.voice, act.how.text, act.label) for act in planned} == {(v, s, label) for v in VOICES for s in said for label in MANNERS}
    assert len({act.path for act in planned}) == len(planned) == len(VOICES) * 4 * len(MANNERS)


@pytest.mark.parametrize("label", MANNERS)
def test_manners_stay_in_their_ranges(label: str) -> None:
    assert label in PLACES
    for act in acts(ACTORS, sentences(5, 1), 1):
        if act.label == label:
            assert MANNERS[label].semitones[0] <= act.how.semitones <= MANNERS[label].semitones[1]
            assert act.how.level_dbov <= LOUDEST_DBOV
            assert act.how.angry == (label == "angry")


def test_no_two_actors_are_one_person() -> None:
    assert len(ACTORS) == len(set(ACTORS)) == 9
    assert sum(voice.endswith(":slt") for voice in ACTORS) == 1


def test_sentences_differ_and_hold_no_gaps() -> None:
    said = sentences(40, 0)
    assert len(set(said)) == 40
    assert not any("{" in text for text in said)


@pytest.mark.parametrize("count", [0, 10_000])
def test_more_sentences_than_there_are_cannot_be_had(count: int) -> None:
    with pytest.raises(ValueError, match=f"sentences, not {count}"):
        sentences(count, 0)


async def test_what_is_written_is_read_as_a_corpus_and_sounds_as_planned(tmp_path: Path) -> None:
    planned, told = acts(VOICES, sentences(2, 0), 0), list[tuple[str, int, int]]()
    await act_out(tmp_path, planned, Hum(), lambda *done: told.append(done))
    found = corpus(tmp_path)
    assert found.format == "csv"
    assert found.counts() == {"angry": 4, "happy": 4, "neutral": 4, "sad": 4}
    assert found.speakers() == sorted(VOICES)
    assert {(clip.path, clip.label, clip.speaker) for clip in found.clips} == {(tmp_path / a.path, a.label, a.voice) for a in planned}
    for act in planned:
        assert active_dbov(read_wav(tmp_path / act.path)) == pytest.approx(act.how.level_dbov, abs=0.5)
    assert told[-1] == ("making clips", 16, 16)


async def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    planned = acts(VOICES, sentences(1, 7), 7)
    for name in ("one", "other"):
        await act_out(tmp_path / name, planned, Hum())
    for path in sorted((tmp_path / "one").rglob("*.*")):
        assert path.read_bytes() == (tmp_path / "other" / path.relative_to(tmp_path / "one")).read_bytes()
