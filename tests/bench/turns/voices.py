"""Voices of machines for the callers: synthesis once, then from files."""

import asyncio
import hashlib
import os
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Final

import numpy as np

from agents.audio import RATE as WIDE_RATE
from agents.audio import Pcm
from agents.tts.flite import FliteSpeaker
from agents.tts.iterating import drain
from agents.tts.rhvoice import RHVoiceSpeaker
from agents.tts.runtime import ProgramTree
from agents.tts.speaker import Speaker, SpeechError
from ari_app.caller.recording import write_wav
from ari_app.caller.script import read_wav, to_line_rate
from ari_app.pbx.errors import InstallError
from ari_app.pbx.packages import installed
from ari_app.pbx.runtime import RuntimeRoot
from tests.bench.turns.sounds_shaping import at_speech_level, trimmed
from tests.conftest import PROJECT

VOICES: Final = {
    "tune": ("rhvoice:alan", "flite:rms", "flite:kal16"),
    "report": ("rhvoice:slt", "rhvoice:clb", "flite:awb", "flite:slt"),
}
"""Never the agent's own (``rhvoice:bdl``). The two voices named slt are one person and stay on one side."""
CACHE: Final = PROJECT / ".patchcord" / "bench-sounds"
_QUIET_DBOV: Final = -52.0
_RECIPE: Final = "2"
"""Changed whenever the audio of the same text and voice becomes another."""


def runtime_folder() -> Path:
    return Path(os.environ.get("PATCHCORD_RUNTIME", PROJECT / ".patchcord" / "runtime")).resolve()


def cached(key: str) -> Path:
    """The file for what ``key`` describes in full."""
    return CACHE / f"{hashlib.sha256(f'{_RECIPE}|{key}'.encode()).hexdigest()[:24]}.wav"


def keep(path: Path, pcm: Pcm) -> None:
    """Whole or not at all, so that an interrupted run leaves nothing broken."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}.new")
    write_wav(fresh, pcm)
    fresh.replace(path)


class Voices:
    """``async with Voices() as voices: await voices.say("flite:rms", "Yes.")``. Opens a voice only for what no file holds yet."""

    def __init__(self, runtime: Path | None = None) -> None:
        self._runtime = runtime or runtime_folder()
        self._speakers: dict[str, Speaker] = {}
        self._open = AsyncExitStack()

    async def __aenter__(self) -> "Voices":
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._open.aclose()

    async def say(self, voice: str, text: str) -> Pcm:
        """At 8 kHz and SPEECH_DBOV, without the silence around it. ``rhvoice:clb@1.15`` speaks faster. Raises SpeechError."""
        path = cached(f"{self._version(voice)}|{voice}|{text}")
        if path.exists():
            return await asyncio.to_thread(read_wav, path)
        wide = await drain(self._speaker(voice).speak(text))
        pcm = trimmed(at_speech_level(to_line_rate(np.asarray(wide), WIDE_RATE)), _QUIET_DBOV)
        await asyncio.to_thread(keep, path, pcm)
        return pcm

    def _version(self, voice: str) -> str:
        packages = installed(self._runtime, ())
        if packages is None:
            raise SpeechError(f"no voices below {self._runtime}; run ./patchcord up once, or point PATCHCORD_RUNTIME at them")
        name = "rhvoice-english" if voice.startswith("rhvoice") else "flite"
        if name not in packages.versions:
            raise SpeechError(f"the packages below {self._runtime} hold no {name}, which the voice {voice} needs")
        return f"{name} {packages.versions[name]}"

    def _speaker(self, voice: str) -> Speaker:
        if voice not in self._speakers:
            try:
                tree: ProgramTree = RuntimeRoot(self._runtime / "root")
            except InstallError as error:
                raise SpeechError(str(error)) from error
            engine, _, rest = voice.partition(":")
            name, _, rate = rest.partition("@")
            speaker: Speaker = (
                RHVoiceSpeaker(tree, name, rate=float(rate or 1), helpers=1) if engine == "rhvoice" else FliteSpeaker(tree, name)
            )
            self._open.push_async_callback(speaker.close)
            self._speakers[voice] = speaker
        return self._speakers[voice]
