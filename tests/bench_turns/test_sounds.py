"""The parts of the materials that need no voice: levels, edges, pauses, noises, hums, and that two makings are one."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.audio import Pcm
from ari_app.caller.echo_delay import unique_noise
from ari_app.caller.measures import Side
from ari_app.caller.packet_log import Sent
from ari_app.caller.rtp_frames import Playback, audio_frames
from ari_app.media.g711 import RATE
from tests.bench.turns import human_prompts, sounds_texts
from tests.bench.turns.human import ACTORS, DIGIT_SPEAKERS, People, cleaned
from tests.bench.turns.sound import sound
from tests.bench.turns.sounds import PITCHES_HZ, seeded
from tests.bench.turns.sounds_hums import HUMS, hummed
from tests.bench.turns.sounds_noises import MAKERS, made
from tests.bench.turns.sounds_pauses import gap_near, gaps, with_pauses
from tests.bench.turns.sounds_people import recorded
from tests.bench.turns.sounds_shaping import active_dbov, amplified, at_speech_level, loudest_dbov, speech_span, trimmed
from tests.bench.turns.voices import VOICES, Voices, cached, keep


def quiet(seconds: float) -> Pcm:
    return np.zeros(round(seconds * RATE), dtype=np.int16)


def voice(seconds: float, seed: int = 1) -> Pcm:
    return unique_noise(seconds, -20, seed)


def words(*lengths: float, gap: float = 0.05) -> Pcm:
    """Noise of these lengths with ``gap`` seconds of silence between."""
    parts = [part for index, length in enumerate(lengths) for part in (voice(length, index), quiet(gap))]
    return np.concatenate(parts[:-1])


@settings(max_examples=30, deadline=None)
@given(st.floats(-45, -10), st.floats(0.1, 0.5))
def test_the_level_counts_speech_and_not_its_pauses(dbov: float, pause: float) -> None:
    pcm = amplified(words(0.3, 0.4, gap=round(pause, 2)), dbov + 20)
    assert active_dbov(pcm) == pytest.approx(dbov, abs=0.7)
    assert active_dbov(at_speech_level(pcm)) == pytest.approx(-20, abs=0.7)


def test_silence_cannot_be_levelled() -> None:
    assert active_dbov(quiet(1)) == loudest_dbov(quiet(0)) == float("-inf")
    with pytest.raises(ValueError, match="silence"):
        at_speech_level(quiet(1))


def test_trimming_leaves_thirty_and_eighty_milliseconds() -> None:
    pcm = trimmed(np.concatenate((quiet(0.7), voice(0.5), quiet(0.9))), -50)
    loud = np.flatnonzero(np.abs(pcm) > 100)
    assert len(pcm) == pytest.approx((0.03 + 0.5 + 0.08) * RATE, abs=80)
    assert loud[0] == pytest.approx(0.03 * RATE, abs=45)
    assert len(trimmed(quiet(0.2), -50)) == 0.2 * RATE


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 400), st.floats(0.1, 0.6), st.integers(0, 800))
def test_onset_and_end_are_those_that_the_packets_show(before: int, length: float, after: int) -> None:
    pcm = np.concatenate((np.zeros(before, dtype=np.int16), voice(round(length, 3)), np.zeros(after, dtype=np.int16)))
    frames = audio_frames(pcm.tobytes(), "ulaw", 20, Playback())
    spurt = Side.of([Sent(20 * index, 20 * index, index, 0, 0, frame.payload, False) for index, frame in enumerate(frames)])
    loud = [at for at, level in spurt.frames if level > -45]
    onset, end = speech_span(pcm)
    assert (round(onset * 1000), round(end * 1000) - 20) == (loud[0], loud[-1])


def test_a_click_before_the_words_is_no_onset_and_alone_it_is_one() -> None:
    click = np.concatenate((voice(0.02), quiet(0.2)))
    assert list(speech_span(np.concatenate((click, voice(0.2), quiet(0.1))))) == pytest.approx([0.22, 0.42])
    assert list(speech_span(click)) == pytest.approx([0, 0.02])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.06, 0.4), min_size=2, max_size=5), st.sampled_from([0.2, 0.45, 0.7, 1.5]), st.integers(0, 9))
def test_pauses_are_as_long_as_told_and_really_silent(lengths: list[float], pause: float, seed: int) -> None:
    whole = words(*(round(length, 3) for length in lengths), gap=0.06)
    places = gaps(whole, 0.04)
    assert len(places) == len(lengths) - 1
    pcm, starts = with_pauses(whole, places, pause, seed)
    kept = len(whole) - sum(end - start for start, end in places)
    assert len(pcm) == kept + len(places) * round(pause * RATE)
    for start in starts:
        inside = pcm[round(start * RATE) : round((start + pause) * RATE)]
        assert loudest_dbov(inside, 0.02) < -55 + 3
        assert np.abs(pcm[round(start * RATE) - 400 : round(start * RATE) - 40]).max() > 1000
    again, _ = with_pauses(whole, places, pause, seed)
    assert (pcm == again).all()


def test_a_pause_clicks_on_neither_side() -> None:
    whole = np.full(8000, 9000, dtype=np.int16)
    pcm, (start,) = with_pauses(whole, [(4000, 4100)], 0.3, 1)
    assert np.abs(np.diff(pcm.astype(int))).max() < 9000 / 20
    assert start == 0.5


def test_the_gap_is_looked_for_near_the_place() -> None:
    pcm = np.concatenate((voice(0.5, 1), quiet(0.05), voice(0.5, 2), quiet(0.02), voice(0.15, 3), quiet(0.2), voice(0.5, 4)))
    near = gap_near(pcm, round(0.55 * RATE))
    assert near is not None
    assert near[0] == pytest.approx(0.5 * RATE, abs=40)
    assert gap_near(pcm, round(1.05 * RATE)) is None, "a longer one close by is more likely the right one"
    assert gap_near(pcm, round(0.8 * RATE)) is None, "where the voice goes on"
    assert gap_near(words(0.3, 0.3, gap=0.02), round(0.3 * RATE)) is None, "too short to lie between words for certain"
    assert gaps(np.concatenate((quiet(1), words(0.3, 0.3), quiet(1))), 0.2) == [], "the ends are no pauses"


@pytest.mark.parametrize("name", MAKERS)
def test_noises_have_one_level_differ_and_are_repeatable(name: str) -> None:
    several = [made(name, seed) for seed in range(4)]
    for pcm in several:
        assert loudest_dbov(pcm) == pytest.approx(-20, abs=3.0)  # a click's peaks are cut
        assert loudest_dbov(pcm) < -19.9
        assert 0 < len(pcm) / RATE < 3
        assert abs(int(pcm[0])) < 200
    assert len({pcm.tobytes() for pcm in several}) == 4
    assert (made(name, 2) == several[2]).all()


@pytest.mark.parametrize("name", HUMS)
def test_hums_have_their_pitch_and_no_consonants(name: str) -> None:
    pcm = hummed(name, 125.0, 7)
    assert active_dbov(pcm) == pytest.approx(-20, abs=0.5)
    spectrum = np.abs(np.fft.rfft(pcm)) ** 2
    hertz = np.fft.rfftfreq(len(pcm), 1 / RATE)
    assert spectrum[hertz > 1800].sum() < 0.1 * spectrum.sum()
    assert (spectrum[hertz > 450].sum() > 0.3 * spectrum.sum()) == (name == "uh-huh")
    last = pcm[-RATE // 8 : -RATE // 40].astype(float)
    match = np.correlate(last, last, "full")[len(last) - 1 :]
    period = int(np.argmax(match[40:110])) + 40
    assert RATE / period == pytest.approx(125 * HUMS[name].syllables[-1].end, rel=0.15)
    assert (hummed(name, 125.0, 7) == pcm).all()
    assert len(hummed(name, 125.0, 8)) != len(pcm)


def test_nothing_of_the_tuning_half_is_reported() -> None:
    for texts in (
        sounds_texts.SENTENCES,
        sounds_texts.PHRASES,
        sounds_texts.CLAUSES,
        sounds_texts.NUMBERS,
        sounds_texts.ADDRESSES,
        sounds_texts.INTERRUPTIONS,
    ):
        assert not set(texts["tune"]) & set(texts["report"])
        assert all(len(set(half)) == len(half) for half in texts.values())
    assert min(len(half) for half in sounds_texts.SENTENCES.values()) >= 60
    assert not {name.partition(":")[2] for name in VOICES["tune"]} & {name.partition(":")[2] for name in VOICES["report"]}
    assert not set(PITCHES_HZ["tune"]) & set(PITCHES_HZ["report"])
    assert not set(DIGIT_SPEAKERS["tune"]) & set(DIGIT_SPEAKERS["report"])
    assert not set(ACTORS["tune"]) & set(ACTORS["report"])
    halves = (human_prompts.SENTENCES, human_prompts.ANSWERS, human_prompts.INTERRUPTIONS, human_prompts.PAUSED)
    assert not {name for half in halves for name in half["tune"]} & {name for half in halves for name in half["report"]}


def test_every_pause_of_a_text_has_words_on_both_sides() -> None:
    marked = (sounds_texts.PHRASES, sounds_texts.CLAUSES, sounds_texts.NUMBERS, sounds_texts.ADDRESSES)
    for line in itertools.chain.from_iterable(half for texts in marked for half in texts.values()):
        assert line.count("|") >= 1
        assert all(part.strip() for part in line.split("|"))


def test_seeded_sounds_are_unique_and_the_halves_share_no_sample() -> None:
    halves = [[each for kind in ("noise", "backchannel") for each in seeded(purpose, kind)] for purpose in ("tune", "report")]
    for half in halves:
        assert len({each.name for each in half}) == len({each.pcm.tobytes() for each in half}) == len(half) > 150
    assert not {each.pcm.tobytes() for each in halves[0]} & {each.pcm.tobytes() for each in halves[1]}


async def test_a_voice_is_asked_once_and_then_read_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.bench.turns.voices.CACHE", tmp_path)
    monkeypatch.setattr(Voices, "_version", lambda self, voice: "flite 2.2")
    pcm = voice(0.4)
    keep(cached("flite 2.2|flite:rms|Yes."), pcm)
    async with Voices(tmp_path) as voices:
        assert (await voices.say("flite:rms", "Yes.") == pcm).all()
    assert cached("flite 2.2|flite:rms|Yes.").parent == tmp_path
    assert cached("a").name != cached("b").name


def test_a_smack_of_the_lips_is_cut_off_and_a_weak_consonant_is_not() -> None:
    smack, consonant = voice(0.01), amplified(voice(0.08), -27)
    pcm = trimmed(np.concatenate((smack, quiet(0.6), consonant, voice(0.5), quiet(0.6), smack)), -50)
    onset, end = speech_span(pcm)
    assert 0.08 <= onset <= 0.14
    assert len(pcm) / RATE - end <= 0.22
    assert np.abs(pcm[: round(onset * RATE)]).max() > 100


def test_a_noisy_recording_is_cut_to_its_speech() -> None:
    hiss = unique_noise(1.5, -55, 9)
    hiss[4000:8000] = voice(0.5)
    assert len(cleaned(hiss)) == pytest.approx((0.5 + 0.11) * RATE, abs=200)


@pytest.mark.data
def test_people_read_digits_with_pauses_where_the_sets_are(data_sets: Path) -> None:
    people = People(None, data_sets)
    numbers = list(recorded("report", "digits", people))
    assert len(numbers) == 48
    for each in numbers:
        assert each.human
        for pause in each.pauses:
            inside = each.pcm[round(pause.start_s * RATE) : round((pause.start_s + pause.length_s) * RATE)]
            assert loudest_dbov(inside, 0.02) < -45
    singles = list(recorded("tune", "digit", people))
    assert {single.voice.removeprefix("person:digits-") for single in singles} == set(DIGIT_SPEAKERS["tune"])
    assert [single.name for single in recorded("tune", "digit", people)] == [single.name for single in singles]


def test_a_sound_knows_its_length_and_whether_a_person_said_it() -> None:
    each = sound("a", "answer", "Yes.", np.concatenate((quiet(0.02), voice(0.3), quiet(0.08))), "person:allison", "asterisk-core-sounds-en")
    assert (each.human, each.length_s) == (True, 0.4)
    assert (each.onset_s, each.end_s) == (0.02, 0.32)
