"""``agent.run_wav``: a recording as the caller; its pauses make the turns, and both sides end up in one file."""

import wave
from pathlib import Path

import numpy as np
import pytest

from agents import Agent, Call, Outcome
from agents.audio import RATE, Pcm, silence
from agents.sdk.wav_call import wav_call
from agents.sdk.wav_sound import Stretch, WavUnusable, cut_at_pauses, read_wav, write_stereo
from tests.agents.mind_doubles import HonestSpeaker, HonestTranscriber, sound_of
from tests.agents.virtual_time import run_virtual, virtual_clock


def tone(seconds: float, level: int = 6000) -> Pcm:
    at = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * 220 * at)).astype(np.int16)


def saved(path: Path, pcm: Pcm, *, rate: int = RATE, channels: int = 1, width: int = 2) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(np.repeat(pcm, channels).astype("<i2").tobytes())
    return path


def test_a_recording_is_cut_at_its_pauses() -> None:
    noise = np.random.default_rng(1).normal(0, 20, 10 * RATE).astype(np.int16)
    pcm = np.concatenate([silence(1), tone(1.0), silence(0.3), tone(0.5), silence(1.2), tone(0.8), silence(0.9), tone(0.02), silence(1)])
    pieces = cut_at_pauses(pcm + noise[: len(pcm)])
    assert [round(len(piece) / RATE, 1) for piece in pieces] == [2.0, 1.0]


def test_silence_has_no_pieces() -> None:
    assert cut_at_pauses(silence(2)) == []
    assert cut_at_pauses(silence(0)) == []


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (16000, 2), (44100, 1)])
def test_any_rate_and_its_first_channel_are_read(tmp_path: Path, rate: int, channels: int) -> None:
    at = np.arange(rate) / rate
    pcm = read_wav(saved(tmp_path / "a.wav", (8000 * np.sin(2 * np.pi * 300 * at)).astype(np.int16), rate=rate, channels=channels))
    assert abs(len(pcm) - RATE) <= 2
    assert 7000 < np.abs(pcm).max() < 9000


def test_what_is_no_recording_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("hello")
    with pytest.raises(WavUnusable, match="give a PCM file of 16 bits"):
        read_wav(tmp_path / "text.wav")
    with pytest.raises(WavUnusable, match="cannot be read"):
        read_wav(tmp_path / "none.wav")
    with pytest.raises(WavUnusable, match="holds no sound"):
        read_wav(saved(tmp_path / "quiet.wav", silence(1)))
    with pytest.raises(WavUnusable, match="has 8 bits a sample"):
        read_wav(saved(tmp_path / "eight.wav", tone(1), width=1))


def test_both_sides_are_written_where_they_belong(tmp_path: Path) -> None:
    write_stereo(tmp_path / "out.wav", [Stretch(0.5, tone(0.5))], [Stretch(0.0, tone(0.25)), Stretch(1.0, tone(0.25))])
    with wave.open(str(tmp_path / "out.wav")) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, RATE, round(1.25 * RATE))
        sound = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
    assert not sound[: RATE // 2, 0].any()
    assert sound[RATE // 2 : RATE, 0].any()
    assert not sound[RATE // 4 : RATE, 1].any()


def test_a_recording_talks_to_an_agent(tmp_path: Path) -> None:
    agent, started, ended = Agent("desk"), list[str](), list[Outcome]()

    @agent.intent("opening_hours", phrases=["open"])
    def hours(call: Call, text: str) -> str:
        return f"From nine to five, as you asked {text}."

    agent.on("call_started")(lambda call: started.append(call.number))
    agent.on("call_ended")(lambda call, outcome: ended.append(outcome))
    speech = [silence(0.5), sound_of("when are you open", 1.2), silence(2), sound_of("goodbye", 0.8), silence(1)]
    path, out = saved(tmp_path / "caller.wav", np.concatenate(speech)), tmp_path / "call.wav"

    async def main() -> None:
        call = await wav_call(agent, path, out, transcriber=HonestTranscriber(), speaker=HonestSpeaker(), clock=virtual_clock)
        said = [(turn.who, turn.text) for turn in call.turns]
        assert ("caller", "when are you open") in said
        assert any(who == "agent" and "as you asked when are you open" in text for who, text in said)
        assert call.outcome.kind == "goodbye"

    run_virtual(main())
    assert started == ["wav"]
    assert [outcome.kind for outcome in ended] == ["goodbye"]
    with wave.open(str(out)) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
    assert sound[:, 0].any()
    assert sound[:, 1].any()


@pytest.mark.speech
def test_with_the_real_recogniser_and_voice(tmp_path: Path, runtime_dir: Path) -> None:
    """A voice says what the caller says; the recogniser hears it."""
    import asyncio

    from agents.sdk.offline_speech import offline_speech

    if not (runtime_dir / "root").is_dir():
        pytest.skip("the packages were never fetched: ./patchcord up does it")

    async def spoken() -> Pcm:
        async with offline_speech("rhvoice:slt") as speech:
            pieces = [silence(0.5)]
            for text in ("When are you open today?", "Goodbye."):
                pieces += [piece async for piece in speech.speaker.speak(text)]
                pieces.append(silence(1.5))
        return np.concatenate(pieces)

    agent = Agent("desk")
    agent.intent("opening_hours", phrases=["open"])(lambda call: "We are open from nine to five.")
    call = agent.run_wav(saved(tmp_path / "caller.wav", asyncio.run(spoken())), tmp_path / "call.wav")
    assert any("nine to five" in turn.text for turn in call.turns if turn.who == "agent")
    assert call.outcome.kind in ("goodbye", "caller_left")
