"""From plain settings to voices for every language."""

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from agents.tts.cache import CachedSpeaker
from agents.tts.config import CoquiConfig, FliteConfig, OpenAISpeakerConfig, PicoConfig, PiperConfig, RHVoiceConfig, SpeakerConfig
from agents.tts.factory import Places, open_chain, open_speakers
from agents.tts.gain import Gain
from agents.tts.iterating import drain
from agents.tts.languages import LanguageSpeakers
from agents.tts.speaker import SpeechError
from agents.tts.tone import ToneSpeaker
from tests.agents.stt.audio_server import audio_server


class Empty:
    """A program tree in which nothing lies."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def command(self, binary: str, *args: str) -> list[str]:
        return [str(self.path / binary), *args]


def places(tmp_path: Path) -> Places:
    return Places(Empty(tmp_path), tmp_path / "cache", tmp_path / "models", {})


def test_the_default_is_rhvoice_with_flite_behind_it() -> None:
    assert SpeakerConfig().chain == (RHVoiceConfig(voice="bdl"), FliteConfig(voice="rms"))


@pytest.mark.parametrize("written", ["piper:x.onnx,coqui:models/vits, openai:nova", ["piper:x.onnx", "coqui:models/vits", "openai:nova"]])
def test_short_and_long_forms_mean_the_same(written: object) -> None:
    config = SpeakerConfig.model_validate({"chain": written, "languages": {"es": "pico:es-ES"}})
    assert config.chain == (PiperConfig(voice="x.onnx"), CoquiConfig(model="models/vits"), OpenAISpeakerConfig(voice="nova"))
    assert config.languages == {"es": (PicoConfig(voice="es-ES"),)}
    assert SpeakerConfig.model_validate(config.model_dump(mode="json")) == config


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"chain": "espeak:en"}, r"there is no voice 'espeak:en'; known: rhvoice:bdl.*pico:es-ES, .*piper:NAME"),
        ({"chain": "rhvoice:lyubov"}, r"there is no voice 'rhvoice:lyubov'"),
        ({"chain": "piper"}, r"there is no voice 'piper'"),
        ({"chain": []}, r"at least 1"),
        ({"chain": [{"kind": "rhvoice", "voice": "lyubov"}]}, r"bdl\|slt"),
        ({"chain": [{"kind": "piper", "device": "tpu"}]}, r"device"),
        ({"languages": {"es": []}}, r"at least 1"),
        ({"voices": "flite:rms"}, r"voices"),
    ],
)
def test_what_cannot_be_meant_is_refused(written: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        SpeakerConfig.model_validate(written)


async def test_each_language_has_its_voice_and_the_others_the_default(tmp_path: Path) -> None:
    english, spanish = CachedSpeaker(ToneSpeaker(220), tmp_path / "en"), CachedSpeaker(ToneSpeaker(330), tmp_path / "es")
    speakers = LanguageSpeakers(english, {"es": spanish})
    assert speakers.for_language("es-MX") is spanish
    assert speakers.for_language("fr") is speakers.for_language("en") is english
    assert speakers.speaks("es-MX") and not speakers.speaks("fr")
    assert np.array_equal(await drain(speakers.speak("Hello.")), await drain(ToneSpeaker(220).speak("Hello.")))
    assert await speakers.prepare(["Hola."], "es") == 1
    assert await speakers.prepare(["Hello."]) == 1
    assert [len(list(folder.iterdir())) for folder in (tmp_path / "en", tmp_path / "es")] == [1, 1]
    await speakers.close()


async def test_an_unreachable_service_is_tried_again_later(tmp_path: Path) -> None:
    async with audio_server() as server, audio_server() as second:
        server.fault = "500"
        voices = (OpenAISpeakerConfig(url=server.url, voice="one"), OpenAISpeakerConfig(url=second.url, voice="two"))
        config = SpeakerConfig(chain=voices)
        chain = await open_chain(config.chain, config, places(tmp_path))
        assert chain.name == "openai:one > openai:two"
        asked = len(server.requests)
        await drain(chain.speak("Hello."))
        assert len(server.requests) == asked
        second.fault, server.fault = "500", ""
        assert len(await drain(chain.speak("Good morning.")))
        assert len(server.requests) == asked + 1
        await chain.close()


async def test_when_no_voice_starts_every_reason_is_given(tmp_path: Path) -> None:
    config = SpeakerConfig.model_validate({"chain": "openai:nova,rhvoice:bdl,pico:es-ES"})
    with pytest.raises(SpeechError, match=r"OPENAI_API_KEY is not set.*; rhvoice: .*; pico: "):
        await open_chain(config.chain, config, places(tmp_path))


async def test_a_language_without_a_voice_closes_what_was_opened(tmp_path: Path) -> None:
    async with audio_server() as server:
        config = SpeakerConfig(chain=(OpenAISpeakerConfig(url=server.url),), languages={"es": (PicoConfig(voice="es-ES"),)})
        with pytest.raises(SpeechError, match=r"^pico: "):
            await open_speakers(config, places(tmp_path))


def test_a_gain_is_learned_once_from_enough_speech() -> None:
    gain = Gain(None)
    tone = (3276.8 * 2**0.5 * np.sin(np.arange(32_000) * 0.1)).astype(np.int16)
    gain.learn(tone[:8000], 0.0)
    gain.learn(np.zeros(32_000, dtype=np.int16), 0.0)
    assert not gain.known
    gain.learn((tone * 0.5).astype(np.int16), 0.0)
    assert gain.db == pytest.approx(6.0, abs=0.1)
    gain.learn(tone, 0.0)
    assert gain.db == pytest.approx(6.0, abs=0.1)
    assert Gain(-3.0).db == -3.0
