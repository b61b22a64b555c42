"""What a person hears before a caller is called back lies in a file that Asterisk can play, for as long as the place is kept."""

import asyncio
import os
import time
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from agents.audio import RATE, Pcm
from agents.tts.speaker import SpeechError
from ari_app.calls.callback_briefs import CallbackBriefs


class Voice:
    name = "voice"

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken
        self.said: list[str] = []

    async def speak(self, text: str) -> AsyncIterator[Pcm]:
        self.said.append(text)
        for _ in range(2):
            if self.broken:
                raise SpeechError("the voice has gone")
            yield np.full(RATE // 2, 1000, dtype=np.int16)

    async def close(self) -> None: ...


def test_asterisk_gets_a_file_of_the_line_s_rate_that_only_the_owner_can_read(tmp_path: Path) -> None:
    voice = Voice()
    path = Path(
        asyncio.run(CallbackBriefs(tmp_path / "briefs", lambda language: voice).make("c1", "To call back, a caller.", "en")) + ".wav"
    )
    with wave.open(str(path)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate(), sound.getnframes()) == (1, 2, 8000, 8000)
        assert np.abs(np.frombuffer(sound.readframes(8000), "<i2")[1000:7000] - 1000).max() < 50
    assert voice.said == ["To call back, a caller."]
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_each_is_removed_with_its_place_and_old_ones_at_a_start(tmp_path: Path) -> None:
    briefs = CallbackBriefs(tmp_path, lambda language: Voice())
    for call_id in ("c1", "c2", "c3"):
        asyncio.run(briefs.make(call_id, "text", "en"))
    briefs.drop("c1")
    briefs.drop("unknown")
    os.utime(tmp_path / "c2.wav", (time.time() - 100, time.time() - 100))
    briefs.drop_older(60)
    assert [path.name for path in tmp_path.iterdir()] == ["c3.wav"]


@pytest.mark.parametrize("folder", ["a folder", "comma,colon"])
def test_a_path_that_the_dialplan_would_not_let_through_is_not_given_to_it(tmp_path: Path, folder: str) -> None:
    assert asyncio.run(CallbackBriefs(tmp_path / folder, lambda language: Voice()).make("c1", "text", "en")) == ""
    assert not (tmp_path / folder).exists()


def test_without_a_voice_or_a_disk_the_callback_goes_on_without_a_brief(tmp_path: Path) -> None:
    assert asyncio.run(CallbackBriefs(tmp_path, lambda language: Voice(broken=True)).make("c1", "text", "en")) == ""
    (tmp_path / "file").write_text("")
    assert asyncio.run(CallbackBriefs(tmp_path / "file", lambda language: Voice()).make("c1", "text", "en")) == ""
